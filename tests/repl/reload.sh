#!/bin/sh
# SPDX-License-Identifier: MIT
# edit and reload: the case so far is played on the new version, and the first difference is shown.
. "$(dirname "$0")/../cli/lib.sh"

# What was printed has these lines, one behind the other.
has() {
	case $(cat "$here/out") in
	*"$1"*) ;;
	*) fail "standard output lacks: $1" ;;
	esac
}

write() {
	cat >"$here/playbook.lua" <<'END'
return playbook "queue" {
	version = "1",
	data = { messages = integer { default = 0 }, note = text {} },
	event "customer.message" { text = text {} },
	event "agent.message" { text = text {} },
	effect "suggest" { text = text {} },
	initial = "work",
	state "work" {
		initial = "waiting",
		state "waiting" {
			on "customer.message" { to = "answering", act = "data.messages = data.messages + 1" },
			after "10m" { to = "overdue" },
		},
		state "answering" {
			entry(function(case)
				case:effect("suggest", { text = "One moment." })
			end),
			on "agent.message" { to = "waiting" },
			after "5m" { to = "overdue" },
		},
		state "overdue" { on "customer.message" { to = "answering" } },
	},
}
END
}

# An editor that notes what it was given, and changes a word.
cat >"$here/editor" <<'END'
#!/bin/sh
echo "$@" >>"$NOTED"
for file; do :; done
[ -z "$CHANGE" ] || sed -i "$CHANGE" "$file"
exit "${FAILS:-0}"
END
chmod +x "$here/editor"
cp "$here/editor" "$here/vi"
NOTED=$here/noted EDITOR=$here/editor
export NOTED EDITOR
unset VISUAL

# after CHANGE STATUS: the commands on standard input, with that change by the editor.
after() {
	cat >"$here/script"
	CHANGE=$1
	export CHANGE
	rm -f "$NOTED"
	input=/dev/null
	expect "$2" "$aplomb" repl "$here" --keep-going --script "$here/script"
}

# The first entry that differs, on a branch of its own; the old version stays reachable.
write
after 's/One moment/Let me see/' 0 <<'END'
open
say Where is it?
agent It is on its way.
data.note = "tried"
wait 10m
edit
branches
say Hello?
switch tried-1
back 3
edit
END
has 'Loaded queue 1, '
has 'The first difference is in entry 2, at 2026-03-02T09:00:00Z (event
customer.message):
          was        effect suggest {"text":"One moment."} (playbook.lua:11)
          is         effect suggest {"text":"Let me see."} (playbook.lua:11)'
has 'The session goes on with the new version on the branch "reload-1"; `switch
tried-1` goes back to the old one.'
has '          reload-1   entries 1 to 5; here, at entry 5'
has '          wants      suggest “Let me see.”'
# The old version is played on the old branch; loading again plays that one on what is there now.
has '          entry      2 of 5 on tried-1'
has '          wants      suggest “One moment.”'
has 'the branch "reload-2"'

# Another time of a timer: the entry that it causes comes later, and what was waited for has not happened.
write
after 's/after "5m"/after "7m"/' 0 <<'END'
open
say Where is it?
wait 6m
edit
timers
END
has '          was        arm after.work.answering.1 due 2026-03-02T09:05:00Z'
has '          is         arm after.work.answering.1 due 2026-03-02T09:07:00Z'
has '          now        work.answering'
has '09:07:00, in 1m'

# An event that the new version refuses.
write
after '/on "agent.message"/d; s/event "agent.message" { text = text {} },//' 0 <<'END'
open
say Where is it?
agent It is on its way.
edit
END
has 'The first difference is in entry 3'
has '          was        event agent.message, 2026-03-02T09:00:00Z'
has '          is         refused agent.message: event "agent.message" is not
                     declared by playbook "queue",'

# Nothing that is noticed: all entries come out as they were. Nothing at all: it says so.
write
after 's/version = "1"/version = "2"/' 0 <<'END'
open
say Where is it?
edit
reload
END
has 'Loaded queue 2, '
has 'All 2 entries come out as they were.'
has 'Nothing has changed: the files are those of the version that is played.'

# Errors: findings are shown, and the version of before goes on.
write
after 's/to = "answering"/to = "answring"/' 1 <<'END'
open
say Where is it?
edit
agent It is on its way.
END
err_has 'playbook.lua:11'
err_has 'did you mean "answering"?'
has 'The playbook has errors; the session goes on with the version of before.'
has '          moves      answering → waiting'

# The opening does not fit any more: the session stays with the version of before, where it was.
write
after 's/messages = integer { default = 0 }/messages = text {}/; s/act = "[^"]*"//' 1 <<'END'
open
say Where is it?
edit
show
END
has 'The case cannot be played on the new version: '
has '          now        work.answering'

# Which editor, which file, which line.
write
after '' 0 <<'END'
open
say Where is it?
edit
END
grep -qx "$here/playbook.lua" "$NOTED" || fail "the editor was given $(cat "$NOTED")"
EDITOR="$here/vi -x" after '' 0 <<'END'
open
say Where is it?
edit
END
grep -qx -- "-x +14 $here/playbook.lua" "$NOTED" || fail "vi was given $(cat "$NOTED")"
VISUAL="$here/vi" after '' 0 <<'END'
edit
edit policy.lua
END
{ echo "$here/playbook.lua"; echo policy.lua; } | cmp -s - "$NOTED" || fail "vi was given $(cat "$NOTED")"
FAILS=3
export FAILS
after '' 1 <<'END'
edit
END
has 'did not end well, so nothing was loaded'
done_testing
