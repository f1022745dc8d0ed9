-- SPDX-License-Identifier: MIT
-- A state whose name is a megabyte long.
-- ends: refused bad-name|limit-text|limit-source|bad-id
return playbook "p" { state("@1000000{x}") {} } --!
