#!/bin/sh
# SPDX-License-Identifier: MIT
# The transcript, and the same from a journal.
. "$(dirname "$0")/lib.sh"

for conversation in late_parcel insults we_went_silent; do
	events=examples/conversations/$conversation.jsonl
	expect 0 "$aplomb" run "$upset" --events "$events" --transcript --drain --journal "$here/$conversation"
	err_is_empty
	out_is_within 80
	cp "$here/out" "$here/transcript"
	expect 0 "$aplomb" journal "$here/$conversation"
	cmp -s "$here/out" "$here/transcript" || fail "journal and transcript of $conversation differ"
	diff -u "tests/cli/$conversation.expected" "$here/out" >&2 || fail "$conversation is told otherwise"
	for width in 40 60 100; do
		COLUMNS=$width expect 0 "$aplomb" journal "$here/$conversation"
		out_is_within $width
	done
done

# Nobody's words reach the terminal's controls.
cat >"$here/nasty" <<-'END'
	{"case":"c\u001b[2J","event":"customer.message","by":"customer\u001b]0;x\u0007","at":"2026-03-31T09:00:00Z","data":{"text":"a\u001b[31mb\u202ec\nnext line"},"open":{"data":{"order":"\u0007"}}}
END
expect 0 "$aplomb" run "$upset" --events "$here/nasty" --transcript
LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$here/out" && fail "a control character came through"
LC_ALL=C grep -q "$(printf '\342\200\256')" "$here/out" && fail "a directional override came through"
out_has 'next line'

# Colours: when asked for, and never otherwise where there is no terminal.
expect 0 "$aplomb" run "$upset" --events examples/conversations/insults.jsonl --transcript --color always
grep -q "$(printf '\033')" "$here/out" || fail "no colour although it was asked for"
expect 0 "$aplomb" run "$upset" --events examples/conversations/insults.jsonl --transcript
grep -q "$(printf '\033')" "$here/out" && fail "colour without a terminal"

# One case of two.
cat examples/conversations/insults.jsonl examples/conversations/late_parcel.jsonl >"$here/two"
expect 0 "$aplomb" run "$upset" --events "$here/two" --transcript --case order-1042 --drain
out_lacks 'order-2077'
out_has 'She loves it'
expect 0 "$aplomb" run "$upset" --events "$here/two" --transcript --case order-9
err_has 'no event opened a case "order-9"'
expect 0 "$aplomb" run "$upset" --events "$here/two" --transcript --summary text
out_has 'order-2077'
out_has 'What cases wanted done'
expect 0 "$aplomb" run "$upset" --events "$here/two" --transcript --places
out_has 'upset_customer.lua:'

# With a terminal, if there is a way to make one: colours, unless NO_COLOR or TERM=dumb.
if command -v script >/dev/null 2>&1 && script -qec true /dev/null >/dev/null 2>&1; then
	on_terminal() { TERM=$1 script -qec "'$aplomb' check $upset" /dev/null </dev/null; }
	on_terminal xterm | grep -q "$(printf '\033')" || fail "no colour on a terminal"
	NO_COLOR=1 on_terminal xterm | grep -q "$(printf '\033')" && fail "colour in spite of NO_COLOR"
	on_terminal dumb | grep -q "$(printf '\033')" && fail "colour on a dumb terminal"
fi

done_testing
