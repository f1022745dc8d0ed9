#!/bin/sh
# SPDX-License-Identifier: MIT
# Lua at the prompt: what is asked, what is kept, what is tried on a copy, and what is wrong with it.
. "$(dirname "$0")/../cli/lib.sh"

# What was printed has these lines, one behind the other.
has() {
	case $(cat "$here/out") in
	*"$1"*) ;;
	*) fail "standard output lacks: $1" ;;
	esac
}

mkdir -p "$here/shop"
cat >"$here/shop/limits.lua" <<'END'
return { most = 7, twice = function(n) return n * 2 end }
END
cat >"$here/playbook.lua" <<'END'
local limits = require "shop.limits"
return playbook "queue" {
	params = { patience = span { default = "10m" }, refund_limit = money { default = "40.00 GBP" } },
	data = { messages = integer { default = 0, max = 100 }, value = money {}, note = text {}, items = list { of = text {} } },
	event "customer.message" { text = text {} },
	event "agent.message" { text = text {} },
	effect "suggest" { text = text {} },
	initial = "waiting",
	state "waiting" {
		on "customer.message" { act = "data.messages = data.messages + 1" },
		on "agent.message" {},
		after(from "params.patience") { to = "overdue" },
		always { to = "overdue", when = function(case) return case.data.messages > 10 * limits.most end },
	},
	state "overdue" { on "customer.message" {} },
}
END

# lua STATUS [OPTION…]: the commands are on standard input, behind an opening.
lua() {
	{ echo 'open { value = "30.00 GBP", items = { "a", "b" } }'; cat; } >"$here/script"
	wanted=$1
	shift
	input=$here/script
	expect "$wanted" "$aplomb" repl "$here/playbook.lua" "$@"
	sed '1,/^$/d' "$here/out" >"$here/told" # without the opening
	cp "$here/told" "$here/out"
	input=/dev/null
}

# What is asked is answered, and nothing happens.
lua 0 <<'END'
data.value <= params.refund_limit
data.value
params.patience * 2
data.note
data.note == "x"
data.note or "none"
nil
false
= data
{ items = data.items, most = limits.most }
event.text
say Where is it?
event.text
event.name .. " by " .. event.by
require("shop.limits").twice(21)
case:is_in("waiting") and not is_in("overdue")
now
(function()
  local sum = 0
  for i = 1, 4 do
    sum = sum + i
  end
  return sum
end)()
END
out_is <<'END'
aplomb> data.value <= params.refund_limit
true

aplomb> data.value
30.00 GBP

aplomb> params.patience * 2
20m

aplomb> data.note
missing

aplomb> data.note == "x"
unknown

aplomb> data.note or "none"
"none"

aplomb> nil
nil

aplomb> false
false

aplomb> = data
{ items = { "a", "b" }, messages = 0, value = "30.00 GBP" }

aplomb> { items = data.items, most = limits.most }
{ items = { "a", "b" }, most = 7 }

aplomb> event.text
missing

aplomb> say Where is it?
09:00:00  customer   “Where is it?”
          now        waiting
          due        09:10:00, in 10m: waiting

aplomb> event.text
"Where is it?"

aplomb> event.name .. " by " .. event.by
"customer.message by customer"

aplomb> require("shop.limits").twice(21)
42

aplomb> case:is_in("waiting") and not is_in("overdue")
true

aplomb> now
2026-03-02T09:00:00Z

aplomb> (function()
      >   local sum = 0
      >   for i = 1, 4 do
      >     sum = sum + i
      >   end
      >   return sum
      > end)()
10

END

# A value is kept under a name; what is tried with it is a copy, and its entry holds the value.
lua 0 <<'END'
n = limits.most * 2
half = data.value
n
half + "2.00 GBP"
n = n + 1
data.messages = n
= data.messages
case:effect("suggest", { text = "Hello" })
for i = 1, 3 do
  data.messages = data.messages + i
end
say Hello?
= data.messages
branches
switch main
= data.messages
n
data.messages = 71
timeline
END
has 'n = 14
'
has 'aplomb> half + "2.00 GBP"
32.00 GBP
'
has 'Tried on a copy: behind entry 1 the story goes on as "tried-1", and "main" stays'
has '09:00:00  tried      local n = 15; data.messages = n'
has '          wants      suggest “Hello”'
has 'aplomb> = data.messages
15
'
has 'aplomb> = data.messages
22
'
has 'aplomb> = data.messages
0
'
has '           tried-1   entries 2 to 5, behind entry 1 of main; here, at entry 5'
has 'behind entry 1 the story goes on as "tried-2"'
# Eventless transitions follow.
has 'moves      waiting → overdue'

# What is wrong has its place, and a way out; nothing happens.
lua 1 --keep-going <<'END'
data.vlaue
= data.messages + * 2
data.messages = * 2
data.messages = 'many'
data.messages = 500
if true then
  local b = 1 +* 2
; do local messages = data.messages + end
error("mine")
(function() while true do end end)()
string.rep("x", 1e9)
limits.most = 8
= case:effect("suggest", {})
data.note = event.text
f = function() end
gone = data.note
data = 5
case = 5
sya hello
nxt
= timeline
branches
END
has 'data has no field "vlaue"; did you mean "value"? [unknown-field]'
has "    data.messages + * 2
                    ^
unexpected symbol near '*' [lua-syntax]"
has '    data.messages = * 2
                    ^
unexpected symbol near'
has "data.messages: expected an integer, found the text \"many\" [wrong-type]"
has 'data.messages: expected at most 100, found 500 [out-of-bounds]'
has '      local b = 1 +* 2
                   ^'
has "    ; do local messages = data.messages + end
                                          ^
unexpected symbol near 'end' [lua-syntax]"
has 'mine [lua-error]'
has 'more than 1000000 instructions in one step [limit-instructions]'
has 'string.rep: the text would have more than 1048576 bytes [out-of-bounds]'
has 'module shop.limits cannot be changed [locked]'
has 'an expression may look but not touch: case:effect is to be called in a'
has 'a statement is a step of its own, without an event; write what it is to have'
has 'This cannot be kept, for it cannot be written down: a function'
has 'There is no value to keep: missing.'
has '"case" means something already; keep the value under another name.'
has 'There is no command "sya"; did you mean "say"?'
has 'There is no command "nxt"; did you mean "next"?'
has '"timeline" is no name here'
has '          main       entries 1 to 1; here, at entry 1'

# Without a case there is nothing to ask.
printf '1 + 1\n' >"$here/script"
expect 65 "$aplomb" repl "$here/playbook.lua" --script "$here/script"
has 'There is no case yet.'
# Held against the branch it came from, a statement is told as what it is.
lua 0 <<'END'
data.messages = 5
diff main
END
has 'tried data.messages = 5'
done_testing
