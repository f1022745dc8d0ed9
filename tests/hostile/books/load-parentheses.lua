-- SPDX-License-Identifier: MIT
-- Two hundred thousand parentheses.
-- ends: refused limit-depth
return @200000{(} 1 @200000{)}
