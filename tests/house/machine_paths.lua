-- SPDX-License-Identifier: MIT
-- No file names a place that exists on one machine only: whoever clones the
-- project has other folders. Paths in examples are made up and begin elsewhere.

package.path = (arg[0]:match("^(.*)/") or ".") .. "/?.lua;" .. package.path
local tree = require "tree"

local PLACES = { "work", "root", "tmp", "mnt", "home/%w+" }

local looked = 0
for _, path in ipairs(tree.files()) do
	if not tree.read(path):find("\0", 1, true) then
		looked = looked + 1
		for number, line in tree.lines(path) do
			for _, place in ipairs(PLACES) do
				-- A letter before the slash makes it part of a longer path or of an address.
				for before, found in (" " .. line):gmatch("(.)(/" .. place .. "/[%w_./-]+)") do
					-- A pattern of mkstemp is no place yet.
					if not before:match("[%w_.~}-]") and not found:match("XXXXXX$") then tree.complain(path, number, "names %s, which is a place of one machine", found) end
				end
			end
		end
	end
end

tree.finish("%d files name no place of one machine", looked)
