-- SPDX-License-Identifier: MIT
-- Two states, a guard and an assignment, imported from SCXML, beside Qt SCXML's compiled C++ model of the same chart: in turns in one run, by
-- batches of the same size, with the ratio of events a second.
--
--   lua5.4 bench/scxml.lua BENCH_SCXML FOLDER [ROUNDS] [EVENTS]
--
-- FOLDER is where the program with Qt is built. Without Qt our own figures are printed, and why there is nothing to compare them with.

local program, folder = arg[1], arg[2]
local rounds = tonumber(arg[3]) or 5
local events = tonumber(arg[4]) or 1000000
local here = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = here .. "/?.lua;" .. package.path
local measure = require "measure"
local quoted, median = measure.quoted, measure.median
local BAR = 4.0
local BATCHES = { 256, 1 }

local build = assert(io.popen(("%s/scxml/build-qt %s 2>&1"):format(quoted(here), quoted(folder))))
local said = build:read("a")
local has_qt, _, status = build:close()
if not has_qt then
  if status ~= 77 then io.stderr:write(said) end
  print("Qt SCXML left out: " .. (status == 77 and said:gsub("%s+$", "") or "it could not be built"))
end

local figures, order = {}, {}
local function take(command)
  local pipe = assert(io.popen(command))
  for line in pipe:lines() do
    local peer, ns = line:match("^RESULT peer=(%S+).*ns_per_event=([%d.]+)")
    if peer then
      if not figures[peer] then
        figures[peer] = {}
        order[#order + 1] = peer
      end
      table.insert(figures[peer], tonumber(ns))
      local hits = line:match("hits=(%d+)")
      assert(not hits or tonumber(hits) == events, "the peer counted " .. tostring(hits))
    end
  end
  assert(pipe:close(), command .. " failed")
end

for _ = 1, rounds do
  for _, batch in ipairs(BATCHES) do
    if has_qt then take(("%s/bench_pingpong_qt %d %d"):format(quoted(folder), events, batch)) end
    take(("%s plain %d %d"):format(quoted(program), events, batch))
  end
  for _, mode in ipairs { "journal", "lua", "table" } do take(("%s %s %d %d"):format(quoted(program), mode, events, BATCHES[1])) end
end

print(("%-28s %10s %12s %8s %8s"):format("ping-pong from SCXML", "ns/event", "events/s", "to Qt", "bar"))
for _, peer in ipairs(order) do
  local ns = median(figures[peer])
  local qt = figures["qt-scxml-" .. (peer:match("%d+$") or "")]
  local ratio = qt and not peer:find("^qt") and median(qt) / ns
  local bar = peer:find("^aplomb%-scxml%-plain")
  print(("%-28s %10.1f %12.0f %8s %8s %s"):format(peer, ns, 1e9 / ns, ratio and ("%.2f"):format(ratio) or "-", bar and ("%.1f"):format(BAR) or "",
    bar and ratio and (ratio >= BAR and "reached" or "MISSED") or ""))
end
print("ratio: events a second, ours to Qt's, both with as many events queued before each turn")
