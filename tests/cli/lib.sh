# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# For the tests of the command. Each script is run in the project's root with
# the command as its first argument, in an empty folder of its own ($here).
set -u
aplomb=$1
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
unset COLUMNS NO_COLOR
failed=0

# expect STATUS COMMAND… : runs it; what it prints goes to $here/out and $here/err.
# (Not every test is about input: there is none, unless $input names a file.)
input=/dev/null
expect() {
	wanted=$1
	shift
	shown=$*
	status=0
	"$@" <"$input" >"$here/out" 2>"$here/err" || status=$?
	[ "$status" -eq "$wanted" ] && return 0
	fail "ended with status $status, expected $wanted"
}
fail() {
	failed=$((failed + 1))
	{
		printf '%s: %s\n$ %s\n' "$0" "$1" "$shown"
		sed 's/^/out: /' "$here/out" | head -40
		sed 's/^/err: /' "$here/err" | head -40
	} >&2
}
# What was printed has this in it.
out_has() { grep -qF -- "$1" "$here/out" || fail "standard output lacks: $1"; }
err_has() { grep -qF -- "$1" "$here/err" || fail "standard error lacks: $1"; }
out_lacks() { ! grep -qF -- "$1" "$here/out" || fail "standard output has: $1"; }
out_is_empty() { [ ! -s "$here/out" ] || fail "standard output is not empty"; }
err_is_empty() { [ ! -s "$here/err" ] || fail "standard error is not empty"; }
# All of it, given on standard input.
out_is() { diff -u - "$here/out" >"$here/diff" || { cat "$here/diff" >&2; fail "standard output is another"; }; }
err_is() { diff -u - "$here/err" >"$here/diff" || { cat "$here/diff" >&2; fail "standard error is another"; }; }
# No line wider than this many columns; wc counts them where it is GNU's.
out_is_within() {
	wide=$(LC_ALL=C.UTF-8 wc -L <"$here/out" 2>/dev/null) || return 0
	[ "$wide" -le "$1" ] || fail "a line is $wide columns wide"
}
done_testing() { exit "$([ "$failed" -eq 0 ] && echo 0 || echo 1)"; }

upset=examples/conversations/upset_customer.lua
