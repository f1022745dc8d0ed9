-- SPDX-License-Identifier: MIT
-- Ten thousand events.
-- ends: refused limit-declarations
local t = { state "a" {} }
for i = 1, 10000 do t[i + 1] = event("e" .. i) {} end
return playbook "p" (t)
