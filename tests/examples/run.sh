#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs an example and compares all that it prints.
#
#   run.sh EXPECTED INPUT COMMAND…     INPUT may be -, for none
set -eu
expected=$1 input=$2
shift 2
[ "$input" = - ] && input=/dev/null
status=0
printed=$("$@" <"$input" 2>&1) || status=$?
if [ "$printed" != "$(cat "$expected")" ] || [ "$status" -ne 0 ]; then
	echo "ended with status $status; printed (+) and expected (-):" >&2
	printf '%s\n' "$printed" | diff -u "$expected" - >&2
	exit 1
fi
