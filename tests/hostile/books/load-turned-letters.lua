-- SPDX-License-Identifier: MIT
-- A name that is shown the other way round.
-- ends: refused bad-id
return playbook "p" { state "a\u{202E}b" {} } --!
