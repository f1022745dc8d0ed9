#!/bin/sh
# SPDX-License-Identifier: MIT
# The commands of play, by a script: what is said after each, and how a script ends.
. "$(dirname "$0")/lib.sh"

# open, say, agent, do, show, timers, data, next, wait, wait until, timeline, quit: a conversation, word for word.
expect 0 "$aplomb" repl "$late" --script tests/repl/play.aplomb
out_is <tests/repl/play.expected
err_is_empty
out_is_within 80
# A pipe says the same as a script.
cp "$here/out" "$here/told"
input=tests/repl/play.aplomb
expect 0 "$aplomb" repl "$late"
cmp -s "$here/out" "$here/told" || fail "a pipe and a script differ"
input=/dev/null

# The first command that fails ends a script, unless it is to go on.
play 65 <<'END'
sya hello
help
END
out_is <<'END'
aplomb> sya hello
There is no command "sya"; did you mean "say"? `help` lists them all.

END
play 1 --keep-going <<'END'
sya hello
quit
END
out_has 'aplomb> quit'

# What is typed wrongly says what was expected; nothing happens.
play 1 --keep-going <<'END'
do
do agent.cause { cause = }
do agent.cause { cause = "product" } by
open { order = "A-1" } parmas {}
say
say "Where?" tone=
wait
wait soon
wait until yesterday
next
show
END
out_has 'do: which event? It is written so: do EVENT { field = value }'
out_has 'do: expected a value before `}`.'
out_has 'behind the event stand a table, and `by` with who does it'
out_has '"parmas" is not understood'
out_has 'say: what is said?'
out_has 'wait: how long?'
out_has 'wait until: '
out_has 'Nothing is due: no timer is armed.'
out_has 'There is no case yet.'
out_lacks 'now '

# A case opens with its first event when its data need nothing; otherwise it says what is missing.
play 65 <<'END'
say Where is it?
END
out_has 'order'
out_has '[missing-field]'

# What does not fit is refused with what would have fitted, and is nothing that happened to the case.
play 1 --keep-going <<'END'
open { order = "A-1" }
do agent.summary { txt = "Late." }
do customer.message { tone = 3 }
do agnt.summary
do nonsense
show me
timers now
open { order = "A-2" }
open { oder = "A-2" } as other
timeline
END
out_has 'unknown field "txt"; did you mean "text"?'
out_has 'agent.summary carries'
out_has '  tone     number from -1.0 to 1.0'
out_has '"agent.summary"? [unknown-event]'
out_has 'What can happen to its cases is customer.message,'
out_has 'A case is open already: case-1.'
out_has 'show: takes nothing; `= me` asks the case'
out_has 'timers: takes nothing and shows all of them'
out_lacks 'refused:'

# new puts the case away; counters count; timeline tells the newest entries only.
play 0 <<'END'
open { order = "A-1" }
say "You thieves!" abusive
counters
timeline 1
new
open { order = "A-2" } as order-2
data
counters
END
out_has '  abuse  1'
out_has '11 more count nothing now.'
out_has 'All 12 of them count nothing now.'
out_has "It is Monday 2 March 2026, nine o'clock, and no case is open."
out_has 'order-2  playbook late-delivery 3'
out_has '  order  "A-2"'
[ "$(grep -c 'You thieves' "$here/out")" -eq 3 ] || fail "timeline 1 tells another number of entries"

# help lists every command under its heading, and says more of one.
play 0 <<'END'
help
help say
help wait until
help customer.picks
help suggest
help after
help ladder
END
out_has 'Play'
out_has 'The session'
out_has 'say "You thieves!" tone=-0.9 abusive'
out_has '  option  text; it must be given'
out_has 'An effect: something that this playbook wants done in the world.'
out_has 'What happens when the state has lasted so long.'
out_has 'boundary.ladder'
out_is_within 80

# What cannot begin says why.
expect 66 "$aplomb" repl "$late" --script there-is-none
err_has 'cannot read the script there-is-none'
expect 66 "$aplomb" repl there-is-none.lua
expect 64 "$aplomb" repl "$late" --case x
err_has 'give --journal as well'
printf 'return playbook "x" { initial = "nowhere", state "here" {} }\n' >"$here/wrong.lua"
expect 2 "$aplomb" repl "$here/wrong.lua"
err_has 'wrong.lua:1'
out_is_empty
done_testing
