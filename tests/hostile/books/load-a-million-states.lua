-- SPDX-License-Identifier: MIT
-- A million states.
-- ends: refused limit-memory
local t = {}
for i = 1, 1000000 do t[i] = state("s" .. i) {} end --!
return playbook "p" (t)
