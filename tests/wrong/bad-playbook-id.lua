-- SPDX-License-Identifier: MIT
return playbook "My Playbook" { state "s" {} }
