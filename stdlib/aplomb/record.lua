-- SPDX-License-Identifier: MIT
--
-- The record of a case: what the customer was concerned about, what was done,
-- how it came out. A case that closes waits until all three are written, whenever
-- that was, and reminds whoever has to; or until somebody says why not.

local record = {}

local PARTS = { "concerns", "steps", "outcome" }

local function written(part) return "record." .. part end

record.declares = group {
	event "record.concerns" { text = text { required = true, personal = true } },
	event "record.steps"    { text = text { required = true, personal = true } },
	event "record.outcome"  { outcome = text { required = true }, text = text { personal = true } },
	event "record.skip"     { reason = text { required = true } },
	effect "remind" { of = text { required = true } },
	counter "record.concerns" { of = "record.concerns" },
	counter "record.steps"    { of = "record.steps" },
	counter "record.outcome"  { of = "record.outcome" },
}

local function remind_of(part)
	return function(case) case:effect("remind", { of = part }) end
end

-- A region: one part of the record, missing or written.
local function region(part, remind)
	local counted = written(part)
	return state(part) {
		state "missing" {
			always { to = "written", when = "count('" .. counted .. "') > 0", because = "it was written before" },
			on(counted) { to = "written" },
			after(remind) { to = "missing", act = remind_of(part), because = "it is still missing" },
		},
		final "written" {},
	}
end

record.close = define "record.close" {
	sentence = "Ends where it stands, as soon as the record is complete.",
	named = true,
	fields = {
		remind = { "span", default = "1d", sentence = "How often somebody is reminded of what is missing." },
	},
	make = function(id, fields)
		local ended = id .. "-recorded"
		local nodes = {
			on("done.state." .. id) { to = ended },
			on "record.skip" { to = ended, because = "the record was skipped, for the reason in the event" },
		}
		for _, part in ipairs(PARTS) do table.insert(nodes, region(part, fields.remind)) end
		return group { record.declares, parallel(id)(nodes), final(ended) {} }
	end,
}

return record
