-- SPDX-License-Identifier: MIT
-- Every source file says its licence in its first line (its second, when the
-- first tells the system how to run it).

package.path = (arg[0]:match("^(.*)/") or ".") .. "/?.lua;" .. package.path
local tree = require "tree"

local COMMENT = { c = "/* ", h = "/* ", cc = "// ", cpp = "// ", lua = "-- ", cmake = "# ", sh = "# ", awk = "# ", sql = "-- ", mjs = "// ", js = "// ", py = "# " }

local looked = 0
for _, path in ipairs(tree.files()) do
	local text = tree.read(path)
	local first, second = text:match("^([^\n]*)\n?([^\n]*)")
	local is_script = first:match("^#!") ~= nil
	local name = path:match("[^/]+$")
	local comment = COMMENT[name:match("%.(%w+)$") or ""] or (name == "CMakeLists.txt" and "# ")
	-- Data is data, whatever it is called: what tests feed to the program is no source.
	local is_data = path:match("^tests/.*/data/") or path:match("^tests/fuzz/corpus") or first:match("^\27")
	if (comment or is_script) and not is_data then
		looked = looked + 1
		local line = is_script and second or first
		local expected = comment or line:match("^[#%-/]+ ") or "# "
		if line:sub(1, #expected) ~= expected or not line:find("SPDX-License-Identifier: MIT", 1, true) then
			tree.complain(path, is_script and 2 or 1, 'expected "%sSPDX-License-Identifier: MIT"', expected)
		end
	end
end

tree.finish("%d source files say their licence", looked)
