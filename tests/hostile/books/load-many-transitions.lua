-- SPDX-License-Identifier: MIT
-- Half a million transitions.
-- ends: refused limit-memory
local t = {}
for i = 1, 500000 do t[i] = on "go" { to = "a" } end --!
return playbook "p" { event "go" {}, state "a" (t) }
