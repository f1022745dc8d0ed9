#!/bin/sh
# SPDX-License-Identifier: MIT
# `aplomb import`, and the verbs that take a document of SCXML as it is.
. "$(dirname "$0")/lib.sh"

cat >"$here/light.scxml" <<'SCXML'
<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="lua" name="light">
  <datamodel><data id="times" expr="0"/></datamodel>
  <state id="Red">
    <onentry><send event="turn" delay="30s"/></onentry>
    <transition event="turn" cond="times == 2" target="off"/>
    <transition event="turn" target="Green"><assign location="times" expr="times + 1"/></transition>
  </state>
  <state id="Green"><onentry><send event="turn" delay="1.5m"/></onentry><transition event="turn" target="Red"/></state>
  <final id="off"/>
</scxml>
SCXML

# What comes out is a playbook that check accepts, and that does the same.
expect 0 "$aplomb" import "$here/light.scxml" -o "$here/light.lua"
out_is_empty
err_is_empty
expect 0 "$aplomb" check "$here/light.lua"
expect 0 "$aplomb" check "$here/light.scxml"
expect 0 "$aplomb" run "$here/light.scxml" --journal "$here/scxml.journal"
out_has '      off                                1'
out_has ', 4m 30s'
expect 0 "$aplomb" run "$here/light.lua" --journal "$here/lua.journal" --summary none
# Of the lines of the document or of its own; apart from those the same.
grep -q '"place":"light.scxml:6"' "$here/scxml.journal" || fail "no line of the document in the journal"
grep -q '"place":"light.lua:' "$here/lua.journal" || fail "no line of the playbook in the journal"
for way in scxml lua; do
	sed 's/"hash":"[0-9a-f]*"//; s/"prev":"[0-9a-f]*"//; s/"place":"[^"]*"//g' "$here/$way.journal" >"$here/$way.rest"
done
cmp -s "$here/scxml.rest" "$here/lua.rest" || fail "another journal by way of a file"
expect 0 "$aplomb" draw "$here/light.scxml"
out_has 'Green'
expect 0 "$aplomb" import "$here/light.scxml"
cmp -s "$here/out" "$here/light.lua" || fail "another playbook on standard output"

# Nothing is overwritten by itself; nothing is written when something is wrong.
expect 73 "$aplomb" import "$here/light.scxml" -o "$here/light.lua"
err_has 'give --overwrite'
expect 0 "$aplomb" import "$here/light.scxml" -o "$here/light.lua" --overwrite
sed 's/<final id="off"\/>/<final id="off"\/><state id="s"><invoke type="scxml" src="x"\/><transition event="x" target="of"\/><\/state>/' \
	"$here/light.scxml" >"$here/wrong.scxml"
expect 2 "$aplomb" import "$here/wrong.scxml" -o "$here/wrong.lua"
[ ! -e "$here/wrong.lua" ] || fail "a playbook was written though the document is wrong"
err_has "$here/wrong.scxml:9:34: error: <invoke> is not carried over yet"
err_has 'no state has the id "of"; did you mean "off"? [scxml-value]'
expect 2 "$aplomb" check "$here/wrong.scxml"
out_has '[scxml-invoke]'
expect 2 "$aplomb" run "$here/wrong.scxml"
printf '<scxml><state id="s"></scxml>' >"$here/broken.scxml"
expect 2 "$aplomb" import "$here/broken.scxml"
err_has "$here/broken.scxml:1:24: error: this is no XML: mismatched tag [scxml-xml]"
expect 66 "$aplomb" import "$here/nowhere.scxml"
expect 64 "$aplomb" import

# An event from outside; one that the document does not name is refused with the nearest.
printf '%s\n' '{"case":"c","event":"turn","data":{"data":{"by":"hand"}}}' '{"case":"c","event":"turm"}' >"$here/events.jsonl"
expect 1 "$aplomb" run "$here/light.scxml" --events "$here/events.jsonl"
err_has 'did you mean "turn"?'
# A playbook that was written as one still asks for its events.
expect 64 "$aplomb" run examples/late.lua
err_has 'which events?'
done_testing
