-- SPDX-License-Identifier: MIT
-- More local variables than a function may have.
-- ends: refused lua-syntax
@300{local x = 1 } --!
