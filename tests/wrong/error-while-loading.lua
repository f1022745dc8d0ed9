-- SPDX-License-Identifier: MIT
local t = nil
return playbook "p" { state(t.name) {} }
