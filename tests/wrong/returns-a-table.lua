-- SPDX-License-Identifier: MIT
return { state "s" {} }
