-- SPDX-License-Identifier: MIT
-- A state whose name has a letter of another script.
-- ends: refused bad-id
return playbook "p" { state "р" {} } --!
