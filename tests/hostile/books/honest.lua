-- SPDX-License-Identifier: MIT
-- What an honest case does, in every playbook of this folder: it uses much of what a hostile one might spoil (the libraries, the methods of
-- texts, the random numbers, a table of the module, timers, counters, effects), so that it shows in the journal if one did.
local honest = {}

honest.weights = { a = 3, b = 1, c = 2 }

honest.declares = group {
	event "ok" { n = integer {}, text = text {} },
	effect "tell" { text = text {}, sum = integer {} },
	counter "oks" { of = "ok", window = "2h" },
}

function honest.data()
	return {
		n = integer { default = 0 },
		said = text {},
		l = list {},
		x = any {},
		evil = boolean { default = false },
	}
end

local function work(case, event)
	local d = case.data
	d.n = d.n + (event.n or 1) + math.random(100)
	local words, sum = {}, 0
	for word in (event.text or "the parcel is late"):gmatch "%a+" do table.insert(words, word:upper()) end
	table.sort(words, function(a, b) return #a ~= #b and #a < #b or a < b end)
	for _, weight in pairs(honest.weights) do sum = sum + weight end
	d.said = table.concat(words, " "):gsub("E", "e")
	d.l = { #words, sum, utf8.len("häuser"), select("#", table.unpack(words)), string.format("%05.1f|%-4s|", 2.25, "x"), ("ab"):rep(3, "-") }
	d.x = { count = case:count "oks", now = case.now, nested = { type(d), tostring(1.0), math.type(3), next({}) == nil } }
	case:effect("tell", { text = d.said, sum = sum }, { because = "it was asked for" })
	case:log("info", "worked", { n = d.n })
end

function honest.work()
	return group {
		on "ok" { act = work },
		every "1h" { act = { "data.n = data.n + 1", function(case) case:effect("tell", { text = "an hour", sum = case.data.n }) end } },
	}
end

return honest
