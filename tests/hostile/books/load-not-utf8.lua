-- SPDX-License-Identifier: MIT
-- A file with bytes that are no text.
-- ends: refused source-text
return playbook "p" { title = "@hex{c0af}", state "a" {} } --!
