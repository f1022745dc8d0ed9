-- SPDX-License-Identifier: MIT
local root = math.sqrt(2)
return playbook "p" { state "s" {} }
