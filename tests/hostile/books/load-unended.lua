-- SPDX-License-Identifier: MIT
-- A long bracket that does not end.
-- ends: refused lua-syntax
return [==[ @100000{]=}
