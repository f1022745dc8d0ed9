-- SPDX-License-Identifier: MIT
function act(case) end
return playbook "p" { state "s" { entry(act) } }
