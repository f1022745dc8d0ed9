#!/bin/sh
# SPDX-License-Identifier: MIT
# Modules beside a playbook and in roots: where they are found, and where not.
. "$(dirname "$0")/lib.sh"

mkdir -p "$here/book/shop" "$here/one/shop" "$here/two/shop" "$here/two/far"
cat >"$here/book/p.lua" <<-'END'
	local refunds = require "shop.refunds"
	local tax = require "far.tax"
	return playbook "p" { event "go" {}, refunds.wait(tax.span), final "over" {} }
END
wait='return { wait = function(span) return state "%s" { on "go" { act = function() error "no" end }, after(span) { to = "over" } } end }'
# shellcheck disable=SC2059
printf "$wait" beside >"$here/book/shop/refunds.lua"
# shellcheck disable=SC2059
printf "$wait" root-one >"$here/one/shop/refunds.lua"
echo 'return { span = "1h" }' >"$here/two/far/tax.lua"

# What is not beside the playbook and in no root is not found, though it be in the current folder.
expect 2 "$aplomb" check "$here/book/p.lua"
out_has "$here/book/p.lua:2:13: error: there is no module \"far.tax\""
(cd "$here/two" && "$aplomb" check "$here/book/p.lua") >"$here/out" 2>&1
out_has "there is no module \"far.tax\""

expect 0 "$aplomb" check --root "$here/one" --root "$here/two" "$here/book/p.lua"
expect 0 "$aplomb" check --root="$here/two/" "$here/book/p.lua"
expect 66 "$aplomb" check "$here/book/nothing.lua"

# Beside goes before roots; the journal names files without folders.
printf '{"case":"c","event":"go","at":"2026-03-02T09:00:00Z"}\n' >"$here/events"
expect 1 "$aplomb" run "$here/book/p.lua" --root "$here/one" --root "$here/two" -e "$here/events" -j - --drain --summary none
out_has '"active":["beside"]'
out_has '"file":"shop/refunds.lua","line":1'
out_has '"place":"shop/refunds.lua:1"'
out_lacks "$here"

# A root's own first, then the next one's; the same files in another folder are the same version.
sed -n 's/.*"hash":"\([0-9a-f]*\)".*/\1/p' "$here/out" >"$here/hash"
cp -r "$here/book" "$here/moved"
mkdir -p "$here/moved/far"
cp "$here/two/far/tax.lua" "$here/moved/far/"
expect 1 "$aplomb" run "$here/moved/p.lua" -e "$here/events" -j - --summary none
out_has "\"hash\":\"$(cat "$here/hash")\""
rm "$here/book/shop/refunds.lua"
expect 1 "$aplomb" run "$here/book/p.lua" --root "$here/one" --root "$here/two" -e "$here/events" -j - --summary none
out_has '"active":["root-one"]'
out_lacks "\"hash\":\"$(cat "$here/hash")\""

# A module that cannot be read, one that is too large, a folder of its name.
mkdir "$here/moved/dir.lua"
echo 'require "dir"' >"$here/moved/q.lua"
expect 2 "$aplomb" check "$here/moved/q.lua"
out_has 'there is no module "dir"'
head -c 4194305 /dev/zero | tr '\0' '\n' >"$here/moved/large.lua"
echo 'require "large"' >"$here/moved/q.lua"
expect 2 "$aplomb" check "$here/moved/q.lua"
out_has 'larger than 4 MiB [file-too-large]'

expect 64 "$aplomb" check --root
err_has '--root needs a value: DIR'

done_testing
