-- SPDX-License-Identifier: MIT
-- The file fills memory with tables.
-- ends: refused limit-memory
local t = {}
for i = 1, 1e9 do t[i] = {} end --!
