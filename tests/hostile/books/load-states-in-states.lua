-- SPDX-License-Identifier: MIT
-- States in states in states.
-- ends: refused limit-depth
local s = state "a" {}
for _ = 1, 1000 do s = state "a" { s } end
return playbook "p" { s }
