-- SPDX-License-Identifier: MIT
-- A hundred thousand texts in one expression.
-- ends: refused limit-depth
return "a" @100000{.. "a" }
