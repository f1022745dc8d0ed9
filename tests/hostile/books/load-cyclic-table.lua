-- SPDX-License-Identifier: MIT
-- A title that is a table that holds itself.
-- ends: refused wrong-kind
local t = {}
t.t = t
return playbook "p" { title = t, state "a" {} } --!
