-- SPDX-License-Identifier: MIT
-- How fast `aplomb replay --verify` goes through a journal, beside the `aplomb run` that wrote it: processor time of both processes, in turns in
-- one run, with reading the files and loading the playbook.
--
--   lua5.4 bench/replay.lua APLOMB SCRATCH [ROUNDS] [INCIDENTS]
--
-- Late-delivery is run with LATE_CASES cases of eight events each, what happens to Ada in playbooks/late-delivery/README.md. INCIDENTS is the file of
-- events of the real incidents; without it they are left out.

local program, scratch = arg[1], arg[2]
local rounds = tonumber(arg[3]) or 5
local incidents = arg[4]
local here = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = here .. "/?.lua;" .. package.path
local measure = require "measure"
local quoted, median = measure.quoted, measure.median
local BAR, LATE_CASES = 0.5, 4000

local ADA = {
  [["event":"customer.message","by":"customer","data":{"text":"My parcel is three days late!","tone":-0.5}]],
  [["event":"customer.message","by":"customer","data":{"text":"You are useless.","tone":-0.9,"abusive":true}]],
  [["event":"customer.done","by":"customer"]],
  [["event":"agent.summary","by":"agent:17","data":{"text":"It was promised for Friday, and you stayed at home for it."}]],
  [["event":"customer.confirms","by":"customer"]],
  [["event":"agent.offers","by":"agent:17"]],
  [["event":"customer.picks","by":"customer","data":{"option":"refund"}]],
  [["event":"record.concerns","by":"agent:17","data":{"text":"stayed at home for nothing"}]],
}

local function write_late(path)
  local file = assert(io.open(path, "w"))
  for number = 1, LATE_CASES do
    for minute, event in ipairs(ADA) do
      local at = os.date("!%Y-%m-%dT%H:%M:%SZ", 1772442000 + number * 600 + minute * 60)
      local open = minute == 1 and (',"open":{"data":{"order":"A-%d","value":"20.00 GBP"}}'):format(number) or ""
      file:write(('{"case":"A-%d","at":"%s",%s%s}\n'):format(number, at, event, open))
    end
  end
  file:close()
end

-- Seconds of the processor that the command took, and what it said.
local function take(command)
  local pipe = assert(io.popen(("sh -c %s"):format(quoted(command .. "; echo status $?; times"))))
  local said = pipe:read("a")
  pipe:close()
  local user_minutes, user, system_minutes, system = said:match("(%d+)m([%d.]+)s (%d+)m([%d.]+)s%s*$")
  return tonumber(user_minutes) * 60 + tonumber(user) + tonumber(system_minutes) * 60 + tonumber(system), tonumber(said:match("status (%d+)")), said
end

local late = scratch .. "/late.jsonl"
write_late(late)
local subjects = { { "late-delivery", late } }
if incidents then table.insert(subjects, 1, { "it-incident", incidents }) end

print(("%-16s %10s %10s %10s %8s %8s"):format("replay --verify", "lines", "run, s", "replay, s", "speed", "bar"))
for _, subject in ipairs(subjects) do
  local name, events = subject[1], subject[2]
  local playbook = ("%s/../playbooks/%s/playbook.lua"):format(here, name)
  local journal = scratch .. "/replayed.jsonl"
  local runs, replays, lines = {}, {}, nil
  for _ = 1, rounds do
    os.remove(journal)
    local seconds, status, said = take(("%s run %s --events %s --journal %s 2>&1"):format(quoted(program), quoted(playbook), quoted(events), quoted(journal)))
    assert(status == 0 or status == 1, said) -- 1: there is something to look at
    runs[#runs + 1] = seconds
    seconds, status, said = take(("%s replay %s --verify --playbook %s 2>&1"):format(quoted(program), quoted(journal), quoted(playbook)))
    assert(status == 0, said)
    replays[#replays + 1] = seconds
    lines = said:match("([%d,]+) lines") or "?"
  end
  local run, replay = median(runs), median(replays)
  print(("%-16s %10s %10.2f %10.2f %8.2f %8.2f %s"):format(name, lines, run, replay, run / replay, BAR, run / replay >= BAR and "reached" or "MISSED"))
  os.remove(journal)
end
print("speed: of the replay, the run that wrote the journal being 1")
