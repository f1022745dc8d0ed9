-- SPDX-License-Identifier: MIT
-- Runs the reference chart side by side in one run, in turns, and prints ratios to the hand-written Lua machine.
--
--   lua5.4 bench/compare.lua BENCH_REFERENCE [ROUNDS] [EVENTS]
--
-- The peers live outside the project: $APLOMB_BENCH, or ../shared/bench beside it. Without them our own figures are
-- printed, and that there is nothing to compare them with. XState joins when npm is there and can install it.

local program = arg[1] or "build/release/bench/bench_reference"
local rounds = tonumber(arg[2]) or 5
local events = tonumber(arg[3]) or 1000000
local here = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = here .. "/?.lua;" .. package.path
local measure = require "measure"
local quoted, median = measure.quoted, measure.median
local peers = os.getenv("APLOMB_BENCH") or here .. "/../../shared/bench"

local bars = { plain = 0.65, text = 0.20, journal = 0.90, json = 1.20 }
local order = { "lua54-hand", "aplomb-plain", "aplomb-text", "aplomb-posted", "aplomb-journal", "aplomb-json", "aplomb-kept", "aplomb-cases", "xstate-actor-mutate", "xstate-actor-assign" }

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

local figures, checks = {}, {}
local function take(command)
  local pipe = assert(io.popen(command))
  for line in pipe:lines() do
    local peer = line:match("^RESULT peer=(%S+)")
    if peer then
      local seen = figures[peer] or { ns = {}, gen = {} }
      figures[peer] = seen
      seen.ns[#seen.ns + 1] = tonumber(line:match("ns_per_event=([%d.]+)"))
      seen.gen[#seen.gen + 1] = tonumber(line:match("gen_ns=([%d.]+)"))
      seen.json = line:match("json_bytes=([%d.]+)")
      seen.last = peer
    elseif line:match("^CHECK") then
      checks[#checks + 1] = line
    else
      print(line)
    end
  end
  return pipe:close()
end

local fsm = peers .. "/lua/fsm.lua"
local xstate
if exists(peers .. "/xstate/bench.mjs") and os.execute("command -v npm >/dev/null 2>&1") then
  local pipe = assert(io.popen("mktemp -d"))
  xstate = pipe:read("l")
  pipe:close()
  os.execute(("cp %s/xstate/* %s && cd %s && npm install --silent --no-audit --no-fund >/dev/null 2>&1"):format(quoted(peers), quoted(xstate), quoted(xstate)))
  if not exists(xstate .. "/node_modules/xstate/package.json") then
    print("XState could not be installed through npm: left out")
    os.execute("rm -rf " .. quoted(xstate))
    xstate = nil
  end
else
  print("XState left out: no npm, or no folder of peers")
end

for round = 1, rounds do
  io.stderr:write(("round %d of %d\n"):format(round, rounds))
  if exists(fsm) then take(("lua5.4 %s %d lua54-hand"):format(quoted(fsm), events)) end
  for _, mode in ipairs { "plain", "text", "posted", "journal", "json", "kept" } do take(("%s %s %d"):format(quoted(program), mode, events)) end
  if xstate then
    for _, style in ipairs { "actor-mutate", "actor-assign" } do
      take(("cd %s && node bench.mjs %d %s"):format(quoted(xstate), events, style))
    end
  end
end
local expected = checks[1]
for _, line in ipairs(checks) do
  if line ~= expected then
    print("the checksums differ:\n  " .. expected .. "\n  " .. line)
    os.exit(1)
  end
end
checks = {}
for _ = 1, math.min(rounds, 3) do take(("%s cases %d"):format(quoted(program), events)) end
take(quoted(program) .. " idle 100000")
if xstate then os.execute("rm -rf " .. quoted(xstate)) end

local base = figures["lua54-hand"] and median(figures["lua54-hand"].ns)
print()
print(("%-22s %10s %12s %8s %8s %s"):format("reference chart", "ns/event", "events/s", "ratio", "bar", ""))
for _, peer in ipairs(order) do
  local seen = figures[peer]
  if seen then
    local ns = median(seen.ns)
    local bar = bars[peer:match("^aplomb%-(.*)$") or ""]
    local ratio = base and ns / base
    print(("%-22s %10.1f %12.0f %8s %8s %s"):format(peer, ns, 1e9 / ns, ratio and ("%.2f"):format(ratio) or "-", bar and ("%.2f"):format(bar) or "",
      bar and ratio and (ratio <= bar and "reached" or "MISSED") or seen.json and seen.json .. " bytes of JSON" or ""))
  end
end
print(("\nchecksum, the same for all: %s"):format((expected or "none"):gsub("^CHECK ", "")))
if not base then print("no ratio: the hand-written Lua machine (" .. fsm .. ") is not there") end
