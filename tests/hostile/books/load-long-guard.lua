-- SPDX-License-Identifier: MIT
-- A guard of a hundred thousand bytes.
-- ends: refused limit-guard
return playbook "p" { data = { n = integer {} }, state "a" { always { when = "@20000{data.n > 1 and }true", to = "a" } } } --!
