-- SPDX-License-Identifier: MIT
-- An else behind an else behind an else.
-- ends: refused lua-error
local x = 1 @50000{if x then else }
