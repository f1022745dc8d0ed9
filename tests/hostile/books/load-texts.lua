-- SPDX-License-Identifier: MIT
-- The file fills memory with texts.
-- ends: refused limit-memory|limit-instructions
local t = {}
for i = 1, 1e9 do t[i] = ("x"):rep(60000) end --!
