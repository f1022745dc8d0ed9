-- SPDX-License-Identifier: MIT
local area = 3.14 * 2 ^ 2 -- not here: ^
local text = "x^y" .. [[ ^ ]] .. '\'^' --[==[ ^ ]==]
return playbook "p" { state "s" { entry(function(case) return 2^case.now end) } }
