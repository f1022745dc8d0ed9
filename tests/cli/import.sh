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
out_has 'ended in off'
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
err_has "$here/wrong.scxml:9:34: error: <invoke>: src \"x\" is no document that stands beside this one [scxml-source]"
err_has 'no state has the id "of"; did you mean "off"? [scxml-value]'
expect 2 "$aplomb" check "$here/wrong.scxml"
out_has '[scxml-source]'
expect 2 "$aplomb" run "$here/wrong.scxml"
printf '<scxml><state id="s"></scxml>' >"$here/broken.scxml"
expect 2 "$aplomb" import "$here/broken.scxml"
err_has "$here/broken.scxml:1:24: error: this is no XML: mismatched tag [scxml-xml]"
expect 66 "$aplomb" import "$here/nowhere.scxml"
expect 64 "$aplomb" import

# What it invokes comes along: each becomes a file of its own beside the first, which finds them there.
mkdir "$here/family" "$here/written"
cat >"$here/family/order.scxml" <<'SCXML'
<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="lua">
  <state id="Paying">
    <invoke id="pay" src="parts/pay.scxml"><param name="amount" expr="5"/></invoke>
    <invoke id="ship"><content><scxml name="Ship"><state id="s"><transition event="*" target="end"/></state><final id="end"/></scxml></content></invoke>
    <transition event="done.invoke.pay" cond="_event.data == 6" target="paid"/>
  </state>
  <final id="paid"/>
</scxml>
SCXML
mkdir "$here/family/parts"
cat >"$here/family/parts/pay.scxml" <<'SCXML'
<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="lua">
  <datamodel><data id="amount" expr="0"/></datamodel>
  <state id="s"><onentry><assign location="no.such.place" expr="1"/></onentry><transition target="end"/></state>
  <final id="end"><donedata><content expr="amount + 1"/></donedata></final>
</scxml>
SCXML
expect 1 "$aplomb" run "$here/family/order.scxml" --journal "$here/family.journal"
out_has 'ended in paid'
grep -q '"file":"pay.scxml","line":3' "$here/family.journal" || fail "no line of the other document in the journal"
expect 64 "$aplomb" import "$here/family/order.scxml"
err_has 'say where with -o FILE'
expect 0 "$aplomb" import "$here/family/order.scxml" -o "$here/written/all.lua"
out_has "$here/written/order-pay.lua, which it invokes"
out_has "$here/written/order-ship.lua, which it invokes"
expect 1 "$aplomb" run "$here/written/all.lua" --journal - --summary none
[ "$(grep -c '"kind":"opened"' "$here/out")" = 3 ] || fail "the written playbooks did not open three cases"
grep -q '"outcome":"paid"' "$here/out" || fail "the written playbooks do something else"
expect 73 "$aplomb" import "$here/family/order.scxml" -o "$here/written/other.lua"
err_has 'order-pay.lua holds something already'
[ ! -e "$here/written/other.lua" ] || fail "one was written though another could not be"

# An event from outside; one that the document does not name is refused with the nearest.
printf '%s\n' '{"case":"c","event":"turn","data":{"data":{"by":"hand"}}}' '{"case":"c","event":"turm"}' >"$here/events.jsonl"
expect 1 "$aplomb" run "$here/light.scxml" --events "$here/events.jsonl"
err_has 'did you mean "turn"?'
# A playbook that was written as one still asks for its events.
expect 64 "$aplomb" run examples/late.lua
err_has 'which events?'
done_testing
