-- SPDX-License-Identifier: MIT
-- The desk that the fuzzers play: as much of the language as fits, with small bounds.
local function say(case, event)
	case:effect("say", { text = (event.text or "nothing"):upper() }, { because = "asked" })
end

local function take_over(case, event)
	local d = case.data
	d.n, d.who, d.x, d.l, d.at, d.wait, d.value, d.b, d.f, d.rows =
		event.n, event.who, event.x, event.l, event.at, event.wait, event.value, event.b, event.f, event.rows
	if event.cause then d.cause = event.cause end
	if event.address then d.address.city, d.address.zip = event.address.city, event.address.zip end
end

local function move_clocks(case, event)
	if event.by then case:clock("mind"):move({ by = event.by }, "more was asked") end
	if event.again then case:clock("reply"):restart("asked again") end
end

return playbook "desk" {
	title = "The desk", version = "1",
	params = {
		patience = span { default = "2h" }, limit = money { default = "40.00 GBP" },
		names = list { of = text {}, default = { "Ada" } },
	},
	data = {
		n = integer { default = 0, min = -1000, max = 1000 }, f = number {}, b = boolean {},
		who = text { personal = true, max = 40 }, cause = one_of { "stress", "product", default = "stress" },
		value = money {}, at = instant {}, wait = span { default = "30m" }, x = any {}, l = list { of = integer {}, max = 8 },
		rows = list { of = fields { a = text {}, b = number {} } }, address = fields { city = text { default = "Oslo" }, zip = text {} },
	},

	event "go" {}, event "stop" {}, event "later" { n = integer {} }, event "loop" {}, event "wrong" {}, event "pause" {},
	event "message" {
		text = text { required = true, personal = true }, tone = number { min = -1, max = 1 }, tags = list { of = text {} }, value = money {},
	},
	event "set" {
		n = integer {}, who = text {}, x = any {}, l = list { of = integer {} }, at = instant {}, wait = span {},
		cause = one_of { "stress", "product" }, value = money {}, b = boolean {}, f = number {},
		rows = list { of = fields { a = text {}, b = number {} } }, address = fields { city = text {}, zip = text {} },
	},
	event "more" { by = span {}, again = boolean {} },
	effect "say" { text = text {} }, effect "look" { what = text {} }, event "done.ask.look" { found = boolean {} },
	counter "messages" { of = "message", window = "1h" }, counter "angry" { of = "message", when = "event.tone < 0" },
	counter "felt" { of = { "message", "go" }, window = function(case) return case.data.n > 0 and case.data.wait or "20m" end },

	calendar "office" {
		zone = "Europe/London", week = { ["mon-fri"] = "09:00-12:30 13:30-17:00" }, holidays = { ["2026-01-02"] = "none" },
	},
	clock "reply" { target = "2 business hours", calendar = "office", runs_in = { "work.talk" }, warn_at = { 0.5, 0.9 } },
	clock "mind" { target = from "data.wait", runs_in = { "work.mood.upset", "work.talk.busy" }, warn_at = { 0.8, "10m" } },
	clock "asks" {
		target = "3h", runs_in = { "work.talk.open", "work.talk.deep" },
		warn_at = { from "data.wait", function(case) return case.data.b and 0.75 or "5m" end, from "data.wait // 3" },
	},

	parallel "work" {
		on "stop" { to = "over" },
		on "loop" { act = function() while true do end end },
		on "done.state.talk" { to = "over" },
		on "wrong" { act = { "data.n = 1", function(case) case.data.n = "x" end } },
		on "error.*" { act = "data.b = true" },
		on "set" { act = take_over },
		on "more" { act = move_clocks },
		on "clock.reply.breached" { act = "data.b = true" },
		on "clock.asks.warning" { when = "count('felt') > 2", act = "data.n = count('felt')" },
		on "clock.mind.warning" { when = "data.n > 0", act = "data.n = 0" },
		state "talk" {
			initial = "open",
			state "open" {
				entry(function(case) case:log("info", "opened", { n = case.data.n }) end),
				on "go" { to = "busy", when = "data.n >= 0" },
				on "message" { { when = 'event.tone < -0.5 and count("angry") > 1', to = "busy" }, { act = say } },
				on "done.ask.look" { act = "data.b = event.found" },
				after(from "params.patience") { since = "message", to = "busy", because = "silence" },
			},
			state "busy" {
				on "message" { defer = true },
				on "go" { to = "deep.one" },
				every(from "data.wait") { act = "data.n = data.n + 1" },
				on "later" { to = "open", act = "data.n = event.n" },
				entry(function(case)
					case:send { event = "later", after = "45m", id = "wake", data = { n = math.random(9) } }
					case:ask("look", { what = "x", timeout = "10m" })
				end),
				exit(function(case) case:cancel "wake" end),
			},
			state "deep" {
				state "one" { on "go" { to = "two" }, at(from "data.at") { to = "three" } },
				state "two" { on "go" { to = "three" }, always { when = "data.n > 500", to = "three" } },
				final "three" {},
				history "back" { default = "one", deep = true },
				on "done.state.deep" { to = "open" },
				on "pause" { to = "paused" },
			},
			state "paused" {
				on "go" { to = "deep.back" },
				on "later" { to = "ended" },
				entry(function(case)
					case:send { event = "later" }
					case:send { event = "go", to = "other" }
				end),
			},
			final "ended" {},
		},
		state "mood" {
			state "calm" { on "message" { when = function(_, event) return (event.tone or 0) < 0 end, to = "upset" } },
			state "upset" {
				after "10m" { since = "message", to = "calm" },
				on "go" { act = function(case) case:raise("later", { n = 7 }) end },
			},
		},
	},
	final "over" { outcome = "over" },
}
