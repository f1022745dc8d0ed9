-- SPDX-License-Identifier: MIT
-- A transition with a hundred thousand targets.
-- ends: refused target-not-legal
local t = {}
for i = 1, 100000 do t[i] = "a" end
return playbook "p" { event "go" {}, state "a" { on "go" { to = t } } }
