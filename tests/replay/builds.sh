#!/bin/sh
# SPDX-License-Identifier: MIT
# The same bytes from every build. The first command writes the journals of
# late deliveries and of incidents; every command verifies them, each time in a
# process of its own, with its own addresses and its own seed of Lua's hashes;
# and every other command writes the same journals, byte for byte.
#
#   tests/replay/builds.sh COMMAND [COMMAND…]
#
# In the project's root. APLOMB_INCIDENTS names a log of incidents (.csv or
# .csv.xz), otherwise it is tests/incidents/sample.csv; APLOMB_DELIVERIES says
# how many deliveries (40), APLOMB_TIMES how often each verifies (2).
set -eu

log=${APLOMB_INCIDENTS:-tests/incidents/sample.csv}
times=${APLOMB_TIMES:-2}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

lua5.4 tests/replay/late_delivery.lua "${APLOMB_DELIVERIES:-40}" >"$folder/late-delivery.jsonl"
case $log in
*.xz) xz -dc "$log" >"$folder/log.csv" ;;
*) cp "$log" "$folder/log.csv" ;;
esac
lua5.4 playbooks/it-incident/convert.lua "$folder/log.csv" >"$folder/it-incident.jsonl"

# Refused events and open timers are nothing to look at here: status 1 is fine.
write() { # command, story, journal
	status=0
	"$1" run "playbooks/$2/playbook.lua" --events "$folder/$2.jsonl" --journal "$3" --overwrite --summary none --log off >"$folder/said" 2>&1 || status=$?
	[ "$status" -le 1 ] && return 0
	cat "$folder/said" >&2
	echo "$1 ended with status $status while writing the journal of $2" >&2
	return 1
}

verify() { # command, story, how
	${3:-} "$1" replay "$folder/$2.journal" --verify --playbook "playbooks/$2" >"$folder/said" 2>&1 && return 0
	cat "$folder/said" >&2
	echo "$1 does not give the journal of $2 again" >&2
	failed=$((failed + 1))
	return 0
}

# Once without random addresses, where that can be asked for.
fixed=
setarch -R true 2>/dev/null && fixed='setarch -R'

for story in late-delivery it-incident; do
	journal=$folder/$story.journal
	write "$1" "$story" "$journal" || exit 1
	printf '%s: %s lines, written by %s\n' "$story" "$(wc -l <"$journal" | tr -d ' ')" "$1"
	for command; do
		n=0
		while [ "$n" -lt "$times" ]; do
			verify "$command" "$story"
			n=$((n + 1))
		done
		[ -z "$fixed" ] || verify "$command" "$story" "$fixed"
		took=$(sed -n 's/^in //p' "$folder/said")
		if [ "$command" != "$1" ]; then
			write "$command" "$story" "$folder/other" || exit 1
			if ! cmp "$journal" "$folder/other"; then
				echo "$command writes another journal of $story than $1" >&2
				failed=$((failed + 1))
			fi
		fi
		printf '  %-40s %d times the same%s, %s\n' "$command" "$times" "${fixed:+, and once without random addresses}" "$took"
	done
done
exit "$([ "$failed" -eq 0 ] && echo 0 || echo 1)"
