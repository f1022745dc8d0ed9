#!/bin/sh
# SPDX-License-Identifier: MIT
# Compiles the task graphs of the STAR dialogues into playbooks, runs every
# complete dialogue of a single task through the playbook of its task, and
# compares what the journals say with what oracle.sql computes from the JSON
# alone: dialogue by dialogue, to the last step.
#
#   APLOMB_COMMAND=build/release/aplomb tests/service-desk/compare.sh [FOLDER]
#
# FOLDER holds tasks/*.json and dialogues.jsonl, as it is or as .xz. Without it
# the real ones are taken from $APLOMB_DATA or ../shared/data, and where neither
# is there it skips (status 77). It runs in the project's root.
set -eu

command=${APLOMB_COMMAND:?set it to the aplomb command}
here=tests/service-desk

if [ $# -gt 0 ]; then
	data=$1
else
	data=${APLOMB_DATA:-../shared/data}/star
	if [ ! -r "$data/dialogues.jsonl.xz" ]; then
		echo "skipped: $data/dialogues.jsonl.xz is not here; set APLOMB_DATA to the folder that holds star"
		exit 77
	fi
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

if [ -r "$data/dialogues.jsonl" ]; then
	cp "$data/dialogues.jsonl" "$folder/dialogues"
else
	xz -dc "$data/dialogues.jsonl.xz" >"$folder/dialogues"
fi

# ---- the journals' way -------------------------------------------------------

lua5.4 $here/convert.lua "$data/tasks" "$folder" <"$folder/dialogues" >"$folder/tasks"
mkdir "$folder/journals"
while read -r task dialogues; do
	lua5.4 $here/compile.lua "$data/tasks/$task.json" >"$folder/$task.lua"
	"$command" check "$folder/$task.lua" --root playbooks/service-desk >"$folder/said" || { cat "$folder/said" >&2; exit 1; }
	"$command" run "$folder/$task.lua" --root playbooks/service-desk --events "$folder/$task.jsonl" --journal "$folder/journals/$task" --summary none ||
		{ echo "aplomb run ended with status $? for the $dialogues dialogues of $task" >&2; exit 1; }
done <"$folder/tasks"
cat "$folder"/journals/* | lua5.4 $here/facts.lua >"$folder/facts"

# ---- the independent way ---------------------------------------------------------

# The shell takes a file of lines as a table of one column when no column ends.
{
	echo "create table tasks (name text, file text); create table dialogues (line text);"
	printf '.mode ascii\n.separator "\\037" "\\n"\n.import "%s" dialogues\n' "$folder/dialogues"
	for file in "$data"/tasks/*.json; do
		name=$(basename "$file" .json)
		case $name in
		*.responses) ;;
		*) printf "insert into tasks values ('%s', readfile('%s'));\n" "$name" "$file" ;;
		esac
	done
	echo "update tasks set file = cast(file as text);"
	echo ".read $here/oracle.sql"
} | sqlite3 -batch :memory: >"$folder/oracle"

if [ -n "${APLOMB_FACTS:-}" ] && ! diff "$APLOMB_FACTS" "$folder/oracle"; then
	echo "the independent computation differs from $APLOMB_FACTS, which was checked by hand" >&2
	exit 1
fi
lua5.4 $here/table.lua "$folder/facts" "$folder/oracle"
