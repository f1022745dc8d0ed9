-- SPDX-License-Identifier: MIT
-- A hundred thousand signs.
-- ends: refused limit-depth
return @100000{- } 1
