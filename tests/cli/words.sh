#!/bin/sh
# SPDX-License-Identifier: MIT
# The words of the language: listed, explained one by one, in the forms that editors take.
. "$(dirname "$0")/lib.sh"

expect 0 "$aplomb" words
out_has 'playbook state parallel'
out_has 'case:effect'
out_has 'string.format'
out_is_within 80
err_is_empty

expect 0 "$aplomb" words --as json
grep -c '^{"name":' "$here/out" >"$here/count"
[ "$(cat "$here/count")" -gt 80 ] || fail "only $(cat "$here/count") words"
out_has '{"name":"counter","kind":"declaration"'
out_has '{"name":"window","takes":"text from","required":false'

for as in page stubs luacheckrc; do
	expect 0 "$aplomb" words --as $as
	err_is_empty
	# Nothing goes through for this machine only: width and colour change nothing.
	cp "$here/out" "$here/first"
	expect 0 env COLUMNS=40 "$aplomb" words --as $as --color always
	cmp -s "$here/out" "$here/first" || fail "$as depends on the terminal"
done

expect 64 "$aplomb" words --as stub
err_has 'did you mean "stubs"?'
expect 64 "$aplomb" words state
err_has '"state" is too much'

# Each word's help: its form, its fields, a whole playbook, in 80 columns.
for word in $("$aplomb" words --as json | sed -n 's/^{"name":"\([a-z_]*\)","kind":"\(chart\|declaration\|type\|value\)".*/\1/p'); do
	expect 0 "$aplomb" help "$word"
	out_has 'Example'
	out_has "$word"
	out_is_within 80
	err_is_empty
	sed -n '/^Example/,$p' "$here/out" | tail -n +2 >"$here/example.lua"
	expect 0 "$aplomb" check "$here/example.lua"
done

expect 0 "$aplomb" help counter
out_is <<'END'
counter "id" { of = "event" }
  How often something happened lately.

  stands in   playbook, state, parallel

Fields
  of          The events it counts.
              text or a list of texts; it must be given
  when        Counts only those for which this is true.
              text or a function
  window      Forgets what is older than this span.
              text or from "params.x"

Example
  return playbook "respect" {
    event "customer.message" { abusive = boolean { default = false } },
    counter "abuse" {
      of = "customer.message",
      when = function(case, event) return event.abusive end,
      window = "30m",
    },
    state "talking" {
      on "customer.message" {
        when = function(case) return case:count("abuse") >= 3 end,
        to = "with-lead",
      },
      after "1d" { to = "over" },
    },
    final "with-lead" {},
    final "over" {},
  }
END
expect 0 "$aplomb" help case:effect
out_has 'Asks the world for something.'
expect 0 "$aplomb" help string.format
out_has "Of Lua's own library"
expect 0 "$aplomb" help unknown-target
out_has 'A target is looked up like a variable'
expect 64 "$aplomb" help aftr
err_has 'there is no verb, word or slug "aftr"; did you mean "after"?'
expect 64 "$aplomb" help case.efect
err_has 'did you mean "case:effect"?'
expect 64 "$aplomb" help something-else-altogether
err_has '`aplomb help` lists what there is'

done_testing
