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
out_has "$here/wrong.lua:4: error: "
out_has '[unknown-target]'
out_has '[unknown-event]'
out_has '[unknown-field]'
out_has '2 playbooks: 3 errors'
# In the order of the lines.
sed -n "s|^$here/wrong.lua:\([0-9]*\):.*|\1|p" "$here/out" >"$here/lines"
sort -n "$here/lines" | cmp -s - "$here/lines" || fail "findings are not in the order of the file"
grep -vE '^[^:]+:[0-9]+: (error|warning|note): .* \[[a-z-]+\]$' "$here/out" | grep -v '^2 playbooks' >"$here/other" && fail "a line of another form"

expect 2 "$aplomb" check --format json "$here/wrong.lua" "$upset"
out_has '"errors":3,"files":2,'
out_has '"slug":"unknown-target"'
out_has '"severity":"error"'

cat >"$here/warned.lua" <<-'END'
	return playbook "warned" { initial = "a", state "a" {}, state "never" {} }
END
expect 1 "$aplomb" check "$here/warned.lua"
out_has ':1: warning: '
out_has '1 playbook: 0 errors, 1 warning'

expect 66 "$aplomb" check "$here/nowhere.lua" "$here/wrong.lua"
err_has 'nowhere.lua: No such file or directory [file-unreadable]'
out_has '1 playbook: 3 errors'
expect 66 "$aplomb" check "$here"
err_has 'it is a folder'

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
