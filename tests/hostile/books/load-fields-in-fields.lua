-- SPDX-License-Identifier: MIT
-- Fields in fields in fields.
-- ends: refused limit-depth
local f = fields { a = text {} }
for _ = 1, 100 do f = fields { a = f } end
return playbook "p" { data = { f = f }, state "a" {} }
