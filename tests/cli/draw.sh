#!/bin/sh
# SPDX-License-Identifier: MIT
# `aplomb draw`: each form of one playbook against what was looked at and found good (written anew with
# APLOMB_WRITE_EXPECTED=1), the trail of a case, and what does not work.
. "$(dirname "$0")/lib.sh"
LC_ALL=C.UTF-8
export LC_ALL
late=examples/late.lua
folder=$(dirname "$0")/drawings

# is_expected NAME: what was printed is what stands there.
is_expected() {
	[ -z "${APLOMB_WRITE_EXPECTED-}" ] || cp "$here/out" "$folder/$1"
	out_is <"$folder/$1"
}

for form in text mermaid dot scxml; do
	expect 0 "$aplomb" draw "$late" --as $form
	err_is_empty
	is_expected late.$form
done
# Timers are those of `after`, `every` and `at`; clocks have names, and run in states.
cat >"$here/clocks.lua" <<'LUA'
return playbook "clocks" {
	event "go" {},
	clock "resolve" { target = "8h", runs_in = { "ours" }, warn_at = 0.8 },
	state "ours" { after "1h" { to = "theirs" }, every "10m" {} },
	state "theirs" { on "go" { to = "ours" } },
}
LUA
expect 0 "$aplomb" draw "$here/clocks.lua"
out_has 'clocks: 2 states, 2 timers, 1 clock'
out_has 'runs: clock resolve'
for form in mermaid dot; do
	expect 0 "$aplomb" draw "$here/clocks.lua" --as $form
	out_has 'clock resolve'
done
expect 0 "$aplomb" draw "$upset"
out_is_within 80
is_expected upset.text
expect 0 "$aplomb" draw playbooks/it-incident --width 60
out_is_within 60
expect 0 "$aplomb" draw "$upset" --ascii
LC_ALL=C grep -q '[^ -~]' "$here/out" && fail "something beyond ASCII"
is_expected upset.ascii
LC_ALL=C expect 0 "$aplomb" draw "$late"
LC_ALL=C grep -q '[^ -~]' "$here/out" && fail "something beyond ASCII where the locale has none"
expect 0 "$aplomb" draw "$late" --color always
out_has "$(printf '\033[1m')"

# Into a file.
expect 0 "$aplomb" draw "$late" --as dot -o "$here/late.dot"
out_is_empty
cmp -s "$here/late.dot" "$folder/late.dot" || fail "another drawing in a file"
expect 73 "$aplomb" draw "$late" -o "$here/nowhere/late"

# Where a case has been: finished, in the midst, and in several languages.
expect 0 "$aplomb" run "$upset" --events examples/conversations/late_parcel.jsonl --drain --journal "$here/parcel.journal" --summary none
for form in text mermaid dot; do
	expect 0 "$aplomb" draw "$upset" --case "$here/parcel.journal" --as $form
	err_is_empty
	is_expected parcel.$form
done
sed 5q examples/conversations/late_parcel.jsonl >"$here/begun.jsonl"
"$aplomb" run "$upset" --events "$here/begun.jsonl" --journal "$here/begun.journal" --summary none >"$here/out" 2>"$here/err"
expect 0 "$aplomb" draw "$upset" --case "$here/begun.journal"
out_has '◀ now'
out_lacks 'ended here'

# Several cases in one journal; none; one that is not there.
sed 's/"case": "order-1042"/"case": "order-9"/' examples/conversations/late_parcel.jsonl >>"$here/begun.jsonl"
"$aplomb" run "$upset" --events "$here/begun.jsonl" --journal "$here/two.journal" --summary none >"$here/out" 2>"$here/err"
expect 0 "$aplomb" draw "$upset" --case "$here/two.journal"
err_has 'several cases; this is "order-1042", and --case-id chooses another'
expect 0 "$aplomb" draw "$upset" --case "$here/two.journal" --case-id order-9
out_has 'case order-9: '
err_is_empty
expect 66 "$aplomb" draw "$upset" --case "$here/two.journal" --case-id order-8
err_has 'holds no case "order-8"'
expect 66 "$aplomb" draw "$upset" --case "$here/nothing.journal"

# Another version of the playbook: what fits is shown.
sed 's/to = "confirming", because = "the agent said/to = "choosing", because = "the agent said/' "$upset" >"$here/other.lua"
expect 1 "$aplomb" draw "$here/other.lua" --case "$here/parcel.journal"
err_has '1 of its transitions is not in this playbook, which is another version'
out_has '● customer.confirms'

expect 64 "$aplomb" draw
expect 64 "$aplomb" draw "$late" --as picture
expect 64 "$aplomb" draw "$late" --width 12
expect 64 "$aplomb" draw "$late" --case-id x
expect 64 "$aplomb" draw "$late" --as scxml --case "$here/parcel.journal"
expect 66 "$aplomb" draw "$here/nowhere.lua"
printf 'return playbook "x" { state "a" { on "go" {} } }' >"$here/wrong.lua"
expect 2 "$aplomb" draw "$here/wrong.lua"
err_has '[unknown-event]'
out_is_empty

# Nothing of the playbook can break out of the language it is drawn in.
cat >"$here/hostile.lua" <<-'END'
	return playbook "hostile" {
	  title = "--> <b>&\" \27[31m \u{202e}red\n#;",
	  data = { x = text {} }, event "a" {},
	  state "one" { rests = "]]> -- <x> \" '",
	    on "a" { when = function(case) return case.data.x == "\"<&>{}[]|`\\;#:%%" end, to = "end", because = "<i>\"--> ;#" },
	  },
	  final "end" { outcome = "x -- \"<y>" },
	}
END
for form in text mermaid dot scxml; do
	expect 0 "$aplomb" draw "$here/hostile.lua" --as $form
	is_expected hostile.$form
	LC_ALL=C grep -q "$(printf '\033')" "$here/out" && fail "a control character"
done
cp "$here/out" "$here/hostile.scxml"
if command -v xmllint >/dev/null 2>&1; then expect 0 xmllint --noout "$here/hostile.scxml"; fi

# SVG is Graphviz's work.
mkdir "$here/bin"
expect 69 env PATH="$here/bin" "$aplomb" draw "$late" --as svg
err_has 'its program dot is not in PATH'
out_is_empty
if command -v dot >/dev/null 2>&1; then
	for playbook in "$late" "$upset" playbooks/it-incident "$here/hostile.lua"; do
		expect 0 "$aplomb" draw "$playbook" --as svg
		err_is_empty
		out_has '</svg>'
	done
	expect 0 "$aplomb" draw "$upset" --as svg --case "$here/parcel.journal"
	out_has '#1f7a3a'
fi

done_testing
