-- SPDX-License-Identifier: MIT
-- The file itself loops.
-- ends: refused limit-instructions
while true do end --!
