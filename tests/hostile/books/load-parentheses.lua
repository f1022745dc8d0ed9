-- SPDX-License-Identifier: MIT
-- Two hundred thousand parentheses.
-- ends: refused lua-error
return @200000{(} 1 @200000{)}
