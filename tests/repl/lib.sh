# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# For the tests of the REPL by scripts; what ../cli/lib.sh says holds here, too.
. "$(dirname "$0")/../cli/lib.sh"
late=playbooks/late-delivery

# play STATUS [OPTION…]: the commands are on standard input.
play() {
	cat >"$here/script"
	wanted=$1
	shift
	input=$here/script
	expect "$wanted" "$aplomb" repl "$late" "$@"
	input=/dev/null
}
