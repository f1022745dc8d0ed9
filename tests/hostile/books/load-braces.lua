-- SPDX-License-Identifier: MIT
-- Two hundred thousand braces.
-- ends: refused limit-depth
return @200000{{} @200000<}>
