-- SPDX-License-Identifier: MIT
-- A name that C would cut.
-- ends: refused bad-text
return playbook "p" { state "a\0b" {} } --!
