-- SPDX-License-Identifier: MIT
-- A hundred thousand signs.
-- ends: refused lua-error
return @100000{- } 1
