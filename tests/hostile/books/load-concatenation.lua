-- SPDX-License-Identifier: MIT
-- A hundred thousand texts in one expression.
-- ends: refused lua-error
return "a" @100000{.. "a" }
