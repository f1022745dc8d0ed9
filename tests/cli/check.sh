#!/bin/sh
# SPDX-License-Identifier: MIT
# `aplomb check`: findings of all files, statuses by severity.
. "$(dirname "$0")/lib.sh"

expect 0 "$aplomb" check "$upset" examples/late.lua
out_is <<-END
	2 playbooks: 0 errors, 0 warnings
END
err_is_empty

cat >"$here/wrong.lua" <<-'END'
	return playbook "wrong" {
	  initial = "a",
	  event "go" {},
	  state "a" { on "go" { to = "bb" } },
	  state "b" { on "gone" { to = "a" }, colour = "red" },
	}
END
expect 2 "$aplomb" check "$here/wrong.lua" "$upset"
out_has "$here/wrong.lua:4:30: error: "
out_has '[unknown-target]'
out_has '[unknown-event]'
out_has '[unknown-field]'
out_has '2 playbooks: 3 errors'
# In the order of the lines.
sed -n "s|^$here/wrong.lua:\([0-9]*\):\([0-9]*\):.*|\1 \2|p" "$here/out" >"$here/lines"
sort -n -k 1,1 -k 2,2 "$here/lines" | cmp -s - "$here/lines" || fail "findings are not in the order of the file"
grep -vE '^[^:]+:[0-9]+(:[0-9]+): (error|warning|note): .* \[[a-z-]+\]$' "$here/out" | grep -vE '^2 playbooks|^ *[0-9]* \| ' >"$here/other" &&
	fail "a line of another form"

# A JSON map a finding, and nothing else.
expect 2 "$aplomb" check --format json "$here/wrong.lua" "$upset"
[ "$(wc -l <"$here/out")" -eq 3 ] || fail "not a line a finding"
grep -vE '^\{"column":[0-9]+,"explain":".+","file":".+","line":[0-9]+,"message":".+","severity":"error","slug":"[a-z-]+"\}$' "$here/out" &&
	fail "a line of another form"
out_has '"slug":"unknown-target"'
out_has '{"column":30,"explain":'
out_has '"explain":"A transition, an `initial` or a history default leads to'
expect 0 "$aplomb" check --format json "$upset"
out_is_empty

cat >"$here/warned.lua" <<-'END'
	return playbook "warned" { event "go" {}, initial = "a", state "a" { on "go" {} }, state "never" {} }
END
expect 1 "$aplomb" check "$here/warned.lua"
out_has ':1:84: warning: '
out_lacks ' note: '
out_has '1 playbook: 0 errors, 1 warning, 1 note'
expect 1 "$aplomb" check --notes "$here/warned.lua"
out_has ' note: playbook "warned": it has no final'
out_has '1 playbook: 0 errors, 1 warning, 1 note'

# What is legal, and still not meant.
cat >"$here/stuck.lua" <<-'END'
	return playbook "stuck" {
	  event "go" {}, event "back" {},
	  state "a" { on "go" { to = "b" }, on "back" { to = "over" } },
	  state "b" { on "back" { to = "c" }, on "back" { to = "a" } },
	  state "c" { after "1h" { to = "d" } },
	  state "d" {},
	  final "over" {},
	}
END
expect 1 "$aplomb" check "$here/stuck.lua"
out_has '[dead-end]'
out_has '[waits-without-clock]'
out_has '[guard-shadowed]'
out_has '0 errors, 3 warnings'
# Running it says nothing of that.
echo '{"case":"x","event":"go"}' >"$here/go.jsonl"
expect 0 "$aplomb" run "$here/stuck.lua" --events "$here/go.jsonl" --summary none
err_is_empty

# A folder stands for the playbook in it.
mkdir "$here/folder"
cp "$here/stuck.lua" "$here/folder/playbook.lua"
expect 1 "$aplomb" check "$here/folder/"
out_has "$here/folder/playbook.lua:4"

expect 66 "$aplomb" check "$here/nowhere.lua" "$here/wrong.lua"
err_has 'nowhere.lua: No such file or directory [file-unreadable]'
out_has '1 playbook: 3 errors'
expect 66 "$aplomb" check "$here"
err_has "$here/playbook.lua: No such file or directory"

printf '\033LuaS' >"$here/binary.lua"
expect 2 "$aplomb" check "$here/binary.lua"
out_has '[bytecode]'
printf 'return playbook "x" {\n' >"$here/open.lua"
expect 2 "$aplomb" check "$here/open.lua"
out_has '[lua-syntax]'
: >"$here/empty.lua"
expect 2 "$aplomb" check "$here/empty.lua"
out_has '[not-a-playbook]'

# Every slug that was told can be explained.
cat "$here/out" >"$here/all"
"$aplomb" check "$here/wrong.lua" "$here/warned.lua" "$here/open.lua" >>"$here/all" 2>&1
sed -n 's/.*\[\([a-z-]*\)\]$/\1/p' "$here/all" | sort -u >"$here/slugs"
while read -r slug; do
	expect 0 "$aplomb" explain "$slug"
done <"$here/slugs"

done_testing
