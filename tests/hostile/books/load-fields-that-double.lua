-- SPDX-License-Identifier: MIT
-- Fields that hold the same fields twice, thirty times over.
-- ends: refused limit-fields
local f = fields { a = text {} }
for _ = 1, 30 do f = fields { a = f, b = f } end
return playbook "p" { data = { f = f }, state "a" {} }
