-- SPDX-License-Identifier: MIT
-- Data of ten thousand fields.
-- ends: refused limit-fields
local t = {}
for i = 1, 10000 do t["f" .. i] = integer {} end
return playbook "p" { data = t, state "a" {} }
