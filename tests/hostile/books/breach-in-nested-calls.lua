-- SPDX-License-Identifier: MIT
-- The breach lies under a replacement under a comparator under an iterator.
-- ends: faulted limit-instructions
local honest = require "honest"
return playbook "breach-in-nested-calls" {
	uses = { honest },
	data = honest.data(),
	event "go" {},
	state "work" {
		honest.work(),
		on "go" { act = function(case)
			for _ in ("x"):gmatch "x" do
				table.sort({ 1, 2 }, function() return ("x"):gsub("x", function() while true do end end) end) --!
			end
		end },
	},
}
