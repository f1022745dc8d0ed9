#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs an incident log through playbooks/it-incident and compares what its
# journal says with what oracle.sql computes from the CSV alone: the same cases,
# the same number of times, at the same instants.
#
#   APLOMB_COMMAND=build/release/aplomb tests/incidents/compare.sh [FILE.csv | FILE.csv.xz]
#
# Without a file it takes the real log from $APLOMB_DATA or ../shared/data, and
# where neither is there it skips (status 77). It runs in the project's root.
set -eu

command=${APLOMB_COMMAND:?set it to the aplomb command}
playbook=playbooks/it-incident

if [ $# -gt 0 ]; then
	log=$1
else
	log=${APLOMB_DATA:-../shared/data}/servicenow-incidents/incidents-before-2016-05-01.csv.xz
	if [ ! -r "$log" ]; then
		echo "skipped: $log is not here; set APLOMB_DATA to the folder that holds servicenow-incidents"
		exit 77
	fi
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

case $log in
*.xz) xz -dc "$log" >"$folder/log.csv" ;;
*) cp "$log" "$folder/log.csv" ;;
esac

lua5.4 "$playbook/convert.lua" "$folder/log.csv" >"$folder/events.jsonl"

# Status 1 says that there is something to look at: cases that are still open
# have timers, and what is written about an incident that was filed is refused.
status=0
"$command" run "$playbook/playbook.lua" --events "$folder/events.jsonl" --journal "$folder/journal.jsonl" >"$folder/summary" 2>&1 || status=$?
cat "$folder/summary"
if [ "$status" -gt 1 ]; then
	echo "aplomb run ended with status $status" >&2
	exit 1
fi

lua5.4 tests/incidents/facts.lua <"$folder/journal.jsonl" >"$folder/facts"
sqlite3 -batch :memory: ".import --csv '$folder/log.csv' log" ".read tests/incidents/oracle.sql" >"$folder/oracle"

echo
if [ -n "${APLOMB_FACTS:-}" ] && ! diff "$APLOMB_FACTS" "$folder/oracle"; then
	echo "the independent computation differs from $APLOMB_FACTS, which was checked by hand" >&2
	exit 1
fi
echo "the journal holds:"
lua5.4 tests/incidents/facts.lua --shape <"$folder/journal.jsonl" | sed 's/^/    /'
if lua5.4 tests/incidents/facts.lua --shape <"$folder/journal.jsonl" | grep -qE '^(finding|faulted) '; then
	echo "no handler of the playbook should fail, and no case break a limit" >&2
	exit 1
fi
echo
lua5.4 tests/incidents/table.lua "$folder/facts" "$folder/oracle"
