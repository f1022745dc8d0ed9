#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs an incident log through playbooks/it-incident/hours.lua and compares what its clocks did with what hours.py computes from the CSV alone:
# each warning and each breach at its instant, and what each clock counted.
#
#   APLOMB_COMMAND=build/release/aplomb tests/incidents/hours.sh [FILE.csv | FILE.csv.xz]
#
# Without a file it takes the real log from $APLOMB_DATA or ../shared/data, and
# where neither is there it skips (status 77). It runs in the project's root.
set -eu

command=${APLOMB_COMMAND:?set it to the aplomb command}
log=${1:-${APLOMB_DATA:-../shared/data}/servicenow-incidents/incidents-before-2016-05-01.csv.xz}
if [ ! -r "$log" ]; then
	echo "skipped: $log is not here; set APLOMB_DATA to the folder that holds servicenow-incidents"
	exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
case $log in
*.xz) xz -dc "$log" >"$folder/log.csv" ;;
*) cp "$log" "$folder/log.csv" ;;
esac

lua5.4 playbooks/it-incident/convert.lua "$folder/log.csv" >"$folder/events.jsonl"
# No case is ever closed, so some of the clocks still run in the end: that is status 0, and nothing may be refused.
"$command" run playbooks/it-incident/hours.lua --events "$folder/events.jsonl" --journal "$folder/journal.jsonl" --summary none
lua5.4 tests/incidents/hours_facts.lua <"$folder/journal.jsonl" >"$folder/facts"
python3 tests/incidents/hours.py "$folder/log.csv" >"$folder/oracle"
lua5.4 tests/incidents/hours_facts.lua --totals <"$folder/journal.jsonl"
if ! diff "$folder/oracle" "$folder/facts" >"$folder/differences"; then
	head -40 "$folder/differences"
	echo "the journal (>) and the independent computation (<) differ" >&2
	exit 1
fi
echo "the same in all $(wc -l <"$folder/facts") lines"
