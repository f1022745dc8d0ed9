-- SPDX-License-Identifier: MIT
-- Two hundred thousand braces.
-- ends: refused lua-error
return @200000{{} @200000<}>
