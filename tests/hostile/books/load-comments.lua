-- SPDX-License-Identifier: MIT
-- A megabyte of comments, and no playbook.
-- ends: refused not-a-playbook
@40000<--[==[ nothing ]==] >
return nil
