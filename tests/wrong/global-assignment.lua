-- SPDX-License-Identifier: MIT
count = 0
return playbook "p" { state "s" {} }
