#!/bin/sh
# SPDX-License-Identifier: MIT
# What is generated from the register of words is as the register has it, and
# every word has an example.
#
#   generated.sh COMMAND        in the project's root
set -u
aplomb=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

same() {
	[ -r "$1" ] || { echo "$1 is not there: scripts/words writes it" >&2; failed=1; return 0; }
	diff -u "$1" "$2" >"$scratch/diff" && return 0
	head -40 "$scratch/diff" >&2
	echo "$1 is not what the register of words says: scripts/words writes it anew" >&2
	failed=1
}

for what in page stubs luacheckrc; do "$aplomb" words --as $what >"$scratch/$what" || failed=1; done
same docs/words.md "$scratch/page"
same stdlib/meta/aplomb.lua "$scratch/stubs"
# Below the generated head stands what is this project's own.
sed '/^-- Below this line/,$d' .luacheckrc >"$scratch/head"
same "$scratch/head" "$scratch/luacheckrc"

# Each module of the library that defines words has its file, and there is none besides.
for module in $("$aplomb" words --as json | sed -n 's/.*"kind":"module","module":"\([a-z0-9_.-]*\)".*/\1/p' | sort -u); do
	file=stdlib/meta/$(echo "$module" | tr . /).lua
	"$aplomb" words --as stubs --module "$module" >"$scratch/module" || failed=1
	same "$file" "$scratch/module"
	echo "$file"
done >"$scratch/modules"
find stdlib/meta -mindepth 2 -name '*.lua' | LC_ALL=C sort >"$scratch/there"
LC_ALL=C sort "$scratch/modules" | diff - "$scratch/there" >&2 || {
	echo "stdlib/meta has other modules than the library: scripts/words writes them anew" >&2
	failed=1
}

if grep -n '^No example yet' docs/words.md >&2; then
	echo "docs/words.md: these words have no example: write a \`\`\`lua playbook block in its place" >&2
	failed=1
fi
exit $failed
