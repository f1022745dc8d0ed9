#!/bin/sh
# SPDX-License-Identifier: MIT
# Help, versions, and command lines that are wrong.
. "$(dirname "$0")/lib.sh"

expect 0 "$aplomb" help
out_has 'check'
out_has 'journal'
out_has 'playbook state parallel'
out_is_within 80
err_is_empty
cp "$here/out" "$here/help"
expect 0 "$aplomb" --help
cmp -s "$here/out" "$here/help" || fail "--help and help differ"

expect 0 "$aplomb" --version
grep -qE '^aplomb [0-9]+\.[0-9]+\.[0-9]+$' "$here/out" || fail "no version"

for verb in check test run repl params journal replay draw import export explain words; do
	expect 0 "$aplomb" help "$verb"
	out_has "aplomb $verb"
	out_is_within 80
	cp "$here/out" "$here/help"
	expect 0 "$aplomb" "$verb" --help
	cmp -s "$here/out" "$here/help" || fail "$verb --help and help $verb differ"
done

# The table of statuses, and its place in docs/cli.md.
expect 0 "$aplomb" help status
out_is_within 80
grep -oE '^ +[0-9]+ ' "$here/out" | tr -d ' ' >"$here/numbers"
grep -oE '^\| [0-9]+ \|' docs/cli.md | tr -d '| ' | diff "$here/numbers" - >&2 || fail "docs/cli.md has other statuses"

# Every option has its place in docs/cli.md, and none else is there.
for verb in check test run repl params calendar who journal replay why draw words; do
	"$aplomb" "$verb" --help
done | sed -n 's/^  --\([a-z-]*\).*/--\1/p' >"$here/some"
for act in 'calendar impact' 'case list' 'case show' 'case journal' 'case due' 'case stuck' 'case resume' 'store stats' 'store verify' 'store restore'; do
	# shellcheck disable=SC2086 # a verb and its act
	"$aplomb" $act --help
done | sed -n 's/^  --\([a-z-]*\).*/--\1/p' | cat "$here/some" - | LC_ALL=C sort -u | grep -v -e '--limit-' >"$here/options"
grep -oE '^\| `--[a-z-]+' docs/cli.md | tr -d '| `' | grep -v -e '--limit-' -e --color -e --help -e --version | LC_ALL=C sort -u |
	diff "$here/options" - >&2 || fail "docs/cli.md has other options"

expect 64 "$aplomb"
err_has 'what is to be done?'
out_is_empty
expect 64 "$aplomb" rnu
err_has 'there is no verb "rnu"; did you mean "run"?'
expect 64 "$aplomb" something-else
err_has 'there is no verb "something-else"'
expect 64 "$aplomb" --drain run
err_has '"--drain" stands where a verb belongs'
expect 64 "$aplomb" help jurnal
err_has 'did you mean "journal"?'
expect 64 "$aplomb" run --evnets x "$upset"
err_has 'there is no option "--evnets"; did you mean "--events"?'
expect 64 "$aplomb" run "$upset"
err_has 'which events? give --events FILE, or --events - for standard input'
expect 64 "$aplomb" run
err_has 'something is missing'
expect 64 "$aplomb" run "$upset" other.lua --events -
err_has '"other.lua" is too much'
expect 64 "$aplomb" run "$upset" --events - --case x
err_has 'give --transcript as well'
expect 64 "$aplomb" run "$upset" --events - --transcript --journal -
err_has 'both want standard output'
expect 64 "$aplomb" check
err_has 'which playbook?'
expect 64 "$aplomb" check --color=pink
err_has '--color is one of: auto always never; "pink" was given'
expect 64 "$aplomb" check --color
expect 64 "$aplomb" explain a b

expect 0 "$aplomb" explain
out_has 'unknown-target'
out_is_within 80
expect 0 "$aplomb" explain unknown-target
out_has 'A target is looked up like a variable'
out_is_within 80
expect 64 "$aplomb" explain unknown-targe
err_has 'there is no slug "unknown-targe"; did you mean "unknown-target"?'
expect 0 "$aplomb" check --explain unknown-target
out_has 'A target is looked up like a variable'

done_testing
