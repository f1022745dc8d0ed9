-- SPDX-License-Identifier: MIT
-- Functions in functions.
-- ends: refused limit-depth
return @20000{function() return } 1 @20000{end }
