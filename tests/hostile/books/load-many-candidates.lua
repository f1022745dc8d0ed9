-- SPDX-License-Identifier: MIT
-- An event with a hundred thousand candidates.
-- ends: refused limit-candidates
local t = {}
for i = 1, 100000 do t[i] = { to = "a" } end
return playbook "p" { event "go" {}, state "a" { on "go" (t) } }
