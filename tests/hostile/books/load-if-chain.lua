-- SPDX-License-Identifier: MIT
-- An else behind an else behind an else.
-- ends: refused limit-depth
local x = 1 @50000{if x then else }
