#!/bin/sh
# SPDX-License-Identifier: MIT
# Does what cases want done, for `aplomb run --effects "examples/effects.sh FOLDER"`: a line
# on standard input is an effect, a line on standard output says what came of it.
#
# An effect may come twice, always with the same key. So what was done is written
# down before that is said, and what stands there is not done again.
set -eu
folder=$1
mkdir -p "$folder"
touch "$folder/done"

# The members of a line stand in the order of their names, so "key" and "kind" are neighbours.
while IFS= read -r line; do
	key=$(printf '%s\n' "$line" | sed 's/.*,"key":"\([^"]*\)","kind":.*/\1/')
	kind=$(printf '%s\n' "$line" | sed 's/.*,"kind":"\([^"]*\)".*/\1/')
	if ! grep -qxF -- "$key" "$folder/done"; then
		case $kind in
		suggest | notify) printf '%s\n' "$line" >>"$folder/outgoing" ;;
		*)
			printf '{"key":"%s","outcome":"failed","message":"nobody here knows how to %s"}\n' "$key" "$kind"
			continue
			;;
		esac
		printf '%s\n' "$key" >>"$folder/done"
	fi
	printf '{"key":"%s","outcome":"done"}\n' "$key"
done
