-- SPDX-License-Identifier: MIT
-- The file searches where everything nearly matches.
-- ends: refused limit-instructions
for _ = 1, 100000 do (("a"):rep(60000)):find(("a"):rep(30000) .. "b", 1, true) end --!
