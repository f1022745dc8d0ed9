-- SPDX-License-Identifier: MIT
-- Functions in functions.
-- ends: refused lua-error
return @20000{function() return } 1 @20000{end }
