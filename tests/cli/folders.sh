#!/bin/sh
# SPDX-License-Identifier: MIT
# What may lie beside a playbook that means harm: each ends within seconds, with a finding, and nothing outside of the folder is read.
. "$(dirname "$0")/lib.sh"
check() {
	expect 2 timeout 20 "$aplomb" check "$here/book/p.lua"
	out_has "$1"
	rm -rf "$here/book"
	mkdir "$here/book"
}
mkdir "$here/book"
playbook='return playbook "p" { state "s" {} }'
one() { echo "require \"$1\" $playbook" >"$here/book/p.lua"; }

# What is no file: nobody waits for it.
for name in m policy phrases; do
	for kind in pipe device loop terminal; do
		case $name in m) one m ;; *) echo "$playbook" >"$here/book/p.lua" ;; esac
		case $kind in
		pipe) mkfifo "$here/book/$name.lua" ;;
		device) ln -s /dev/zero "$here/book/$name.lua" ;;
		loop) ln -s "$name.lua" "$here/book/$name.lua" ;;
		terminal) ln -s /dev/tty "$here/book/$name.lua" ;;
		esac
		check "[file-unreadable]"
	done
done
echo 'return playbook "p" { state "s" { invoke "other" {} } }' >"$here/book/p.lua"
mkfifo "$here/book/other.lua"
expect 66 timeout 20 "$aplomb" check "$here/book/p.lua"
err_has "[file-unreadable]"
rm "$here/book/other.lua"
mkdir "$here/book/m.lua"
one m
check "[unknown-module]"

# Out of the folder leads no name.
echo 'error "it was read"' >"$here/secret.lua"
for name in ../secret "$here/secret" ..secret a..b ./secret a/../../secret SECRET 'a\0b' ''; do
	one "$name"
	check "[bad-module-name]"
	out_lacks "it was read"
done
echo 'return playbook "p" { state "s" { invoke "../secret" {} } }' >"$here/book/p.lua"
timeout 20 "$aplomb" check "$here/book/p.lua" >"$here/out" 2>&1
out_lacks "it was read"

# A thousand files; ten thousand in a row; three in a ring; a folder of folders of itself.
i=0
while [ $i -lt 1000 ]; do
	echo 'return {}' >"$here/book/m$i.lua"
	i=$((i + 1))
done
echo "for i = 0, 999 do require('m' .. i) end $playbook" >"$here/book/p.lua"
check "[limit-modules]"
awk -v folder="$here/book" 'BEGIN { for (i = 1; i <= 10000; i++) { name = folder "/m" i ".lua"; print "require \"m" (i + 1) "\" return {}" >name; close(name) } }'
one m1
check "[limit-modules]"
for pair in a:b b:c c:a; do echo "require '${pair#*:}' return {}" >"$here/book/${pair%:*}.lua"; done
one a
check "[module-cycle]"
ln -s . "$here/book/deeper"
one deeper.deeper.deeper.nothing
check "[unknown-module]"

# Catalogues: too many texts, thousands of locales, one that is a megabyte long, one that says itself.
phrases() {
	echo "$playbook" >"$here/book/p.lua"
	cat >"$here/book/phrases.lua"
}
awk 'BEGIN { print "return { en = {"; for (i = 0; i < 110000; i++) print "a" i " = \"x\","; print "} }" }' | phrases
check "error: "
awk 'BEGIN { print "return {"; for (i = 0; i < 30000; i++) print "[\"en-x" i "\"] = { [\"a.b\"] = \"x\" },"; print "}" }' | phrases
expect 2 timeout 20 "$aplomb" check "$here/book/p.lua"
echo 'return { en = { ["a.b"] = "{a.b}{{{a.b" } }' | phrases
check "[phrase-placeholder]"
done_testing
