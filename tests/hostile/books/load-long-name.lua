-- SPDX-License-Identifier: MIT
-- A name of a hundred thousand letters.
-- ends: refused bad-id
return playbook "p" { state "@100000{a}" {} } --!
