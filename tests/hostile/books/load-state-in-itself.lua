-- SPDX-License-Identifier: MIT
-- A state that is its own child.
-- ends: refused limit-depth
local t = {}
local s = state "a" (t)
t[1] = s
return playbook "p" { s }
