-- SPDX-License-Identifier: MIT
-- What the scripts here share: a word for the shell, and the middle of several runs.

local measure = {}

function measure.quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

function measure.median(list)
  table.sort(list)
  local middle = #list // 2
  return #list % 2 == 1 and list[middle + 1] or (list[middle] + list[middle + 1]) / 2
end

return measure
