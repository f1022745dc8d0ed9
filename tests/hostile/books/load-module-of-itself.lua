-- SPDX-License-Identifier: MIT
-- The file requires itself.
-- ends: refused module-cycle
require "load-module-of-itself" --!
return playbook "p" { state "a" {} }
