#!/bin/sh
# SPDX-License-Identifier: MIT
# Travelling in time: what is said on arrival, what forks, what is kept; and that a recorded journal is only read.
. "$(dirname "$0")/lib.sh"

# back, forward, goto, undo, redo, mark, marks, branch, branches, switch, diff: word for word.
expect 0 "$aplomb" repl "$late" --script tests/repl/travel.aplomb
out_is <tests/repl/travel.expected
err_is_empty
out_is_within 80

# What cannot be says why, and names what is near; the case stays where it is.
play 1 --keep-going <<'END'
back
goto 1
undo
open { order = "A-1" }
back
forward
back soon
undo
redo
goto
goto 7
goto strat
mark
mark two words
mark 7
mark start
mark here
branch here
branch main
switch mian
switch nowhere
diff main
diff nowhere
marks all
branches all
undo twice
END
out_has 'There is no case yet.'
out_has 'back: this is the beginning; there is nothing before entry 1.'
out_has 'forward: this is the end of main'
out_has 'back: how many entries?'
out_has 'undo: there is no command before this that moved the case.'
out_has 'redo: nothing was undone.'
out_has 'goto: where? An entry'
out_has 'goto: main has the entries 1 to 1, and no entry 7.'
out_has 'there is no mark "strat"; did you mean "start"?'
out_has 'mark: by which name?'
out_has 'mark: `goto 7` means something already'
out_has 'mark: `goto start` means something already'
out_has 'branch: `goto here` means something already'
out_has 'branch: there is a branch "main" already'
out_has 'switch: there is no branch "mian"; did you mean "main"?'
out_has 'switch: there is no branch "nowhere"'
out_has 'diff: the case stands on main; name another branch.'
out_has 'diff: there is no branch "nowhere"'
out_has 'undo: takes back one command'

# A wait in which nothing happens is undone, too.
play 0 <<'END'
open { order = "A-1" }
wait 1m
undo
wait 2m
END
out_has '09:02:00  now'
out_lacks '09:03:00'

# until and back-until look for the moment: among the entries ahead, in what is due, and back.
play 1 --keep-going <<'END'
open { order = "A-1" }
until is_in "work.supervisor.step-2"
back-until is_in "work.conversation.waiting"
until is_in "work.conversation.waiting"
say "You thieves!" tone=-0.9 abusive
wait 5m
back-until event.abusive
back-until true
back-until false
until data.nowhere == 1
until data.order == "B-2"
until 1 +
until
goto end
END
out_has 'entry      5 of 5 on main'
out_has 'entry      2 of 5 on main'
out_has 'It is true here already.'
out_has 'entry      3 of 3 on future-2'
out_has 'entry      1 of 3 on future-2'
out_has 'back-until: it was not true at any entry up to here.'
out_has 'until: data has no field "nowhere"'
out_has 'until: it does not become true by itself, in the next 1,000 timers.'
out_has '[lua-syntax]'
out_has 'until: what is to be true?'
# What was played in vain is as if it had not been.
[ "$(grep -c 'entry      3 of 3 on future-2' "$here/out")" -eq 2 ] || fail "the end is another one than before"

# A recorded journal begins at its end, is travelled in, and is only read.
# (One of its events comes when its case is closed already.)
expect 1 "$aplomb" run playbooks/it-incident/playbook.lua --events tests/incidents/sample.events.jsonl --journal "$here/incidents" --drain --summary none
cp "$here/incidents" "$here/kept"
chmod a-w "$here/incidents"
cat >"$here/script" <<'END'
goto 3
next
back
do incident.updated { group = "Network", priority = "critical", reassignments = 2, reopenings = 0, state = "active" } by agent:5
branches
diff recorded
switch recorded
wait 1d
END
input=$here/script
expect 0 "$aplomb" repl playbooks/it-incident/playbook.lua --journal "$here/incidents" --case INC1
input=/dev/null
out_has 'case INC1, 15 entries.'
out_has 'entry      3 of 15 on recorded'
out_has '"future-2"'
out_has '12 entries ahead'
out_has 'it is only read'
cmp "$here/incidents" "$here/kept" || fail "the recorded journal was changed"

# With another version the story is that version's, and the first difference is named.
sed 's/because = "this is the first that its record says"/because = "its record begins"/' playbooks/it-incident/playbook.lua >"$here/other.lua"
cmp -s playbooks/it-incident/playbook.lua "$here/other.lua" && fail "nothing was changed in the playbook"
expect 0 "$aplomb" repl "$here/other.lua" --journal "$here/incidents"
out_has 'otherwise is 2 (its items); there are 13.'

# What is no journal of this playbook does not begin.
expect 2 "$aplomb" repl playbooks/it-incident/playbook.lua --journal "$here/incidents" --case nobody
err_has 'holds no case "nobody"'
expect 2 "$aplomb" repl "$late" --journal "$here/incidents"
err_has 'entry 0'
expect 66 "$aplomb" repl "$late" --journal "$here/there-is-none"
err_has 'cannot read'
head -n 3 "$here/incidents" | tail -n 2 >"$here/headless"
expect 2 "$aplomb" repl playbooks/it-incident/playbook.lua --journal "$here/headless"
err_has '[journal-headless]'
: >"$here/empty"
expect 2 "$aplomb" repl "$late" --journal "$here/empty"
err_has 'holds no case'
done_testing
