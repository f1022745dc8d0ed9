-- SPDX-License-Identifier: MIT
-- A guard of a thousand parentheses.
-- ends: refused limit-guard
return playbook "p" { data = { n = integer {} }, state "a" { always { when = "@1000{(}true@1000{)}", to = "a" } } } --!
