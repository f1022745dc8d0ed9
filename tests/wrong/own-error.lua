-- SPDX-License-Identifier: MIT
local function check(x)
	if x > 3 then error("too many: " .. x) end
end
check(4)
return playbook "p" { state "s" {} }
