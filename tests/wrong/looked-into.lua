-- SPDX-License-Identifier: MIT
local s = state "s" {}
s.initial = "t"
return playbook "p" { s }
