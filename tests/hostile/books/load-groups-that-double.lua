-- SPDX-License-Identifier: MIT
-- A group that holds the same group twice, sixty times over.
-- ends: refused limit-states
local g = group { state "a" {} }
for _ = 1, 60 do g = group { g, g } end
return playbook "p" { g }
