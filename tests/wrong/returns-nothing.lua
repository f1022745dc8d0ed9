-- SPDX-License-Identifier: MIT
local p = playbook "p" { state "s" {} }
