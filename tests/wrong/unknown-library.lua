-- SPDX-License-Identifier: MIT
local when = os.time()
return playbook "p" { state "s" {} }
