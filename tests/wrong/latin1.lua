-- SPDX-License-Identifier: MIT
-- café
return playbook "p" { state "s" {} }
