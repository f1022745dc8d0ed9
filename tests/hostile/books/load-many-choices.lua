-- SPDX-License-Identifier: MIT
-- One of a hundred thousand.
-- ends: refused limit-declarations
local t = {}
for i = 1, 100000 do t[i] = "c" .. i end
return playbook "p" { data = { c = one_of(t) }, state "a" {} }
