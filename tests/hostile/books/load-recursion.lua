-- SPDX-License-Identifier: MIT
-- The file calls itself without end, where no stack is needed.
-- ends: refused limit-instructions
local function f() return f() end --!
f()
