-- SPDX-License-Identifier: MIT
-- A name with a letter that nobody sees.
-- ends: refused bad-id
return playbook "p" { state "a\u{200B}b" {} } --!
