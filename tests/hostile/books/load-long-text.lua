-- SPDX-License-Identifier: MIT
-- A constant that is longer than a file may be.
-- ends: refused limit-source
return "@1100000{x}"
