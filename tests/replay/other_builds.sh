#!/bin/sh
# SPDX-License-Identifier: MIT
# builds.sh with this build's command and those of the other presets, as far as
# they are built. One that is older than a source may rightly write other bytes.
#
#   tests/replay/other_builds.sh COMMAND
set -eu
case $1 in
/*) mine=$1 ;;
*) mine=$PWD/$1 ;;
esac
for other in build/*/aplomb; do
	if [ ! -x "$other" ] || [ "$PWD/$other" = "$mine" ]; then continue; fi
	if [ -n "$(find runtime stdlib playbooks -type f -newer "$other" | head -1)" ]; then
		echo "$other is older than its sources: left out"
		continue
	fi
	set -- "$@" "$other"
done
exec tests/replay/builds.sh "$@"
