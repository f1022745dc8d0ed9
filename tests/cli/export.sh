#!/bin/sh
# SPDX-License-Identifier: MIT
# `aplomb export`: documents that do the same, and what does not fit.
. "$(dirname "$0")/lib.sh"

cat >"$here/desk.lua" <<'LUA'
local step = 2
local function more(n) return n + step end

return playbook "desk" {
	title = "The <desk> & who waits",
	data = { visits = integer { default = 0, max = 9 }, mood = number {}, value = money { default = "5.00 EUR" } },
	params = { patience = span { default = "90s" } },
	event "customer.message" { tone = number {}, rude = boolean { default = false } },
	event "agent.message" {},
	effect "say" { text = text { required = true } },
	entry "data.visits = 1",
	parallel "work" {
		on "done.state.talk" { to = "over" },
		state "talk" {
			state "waiting" {
				on "customer.message" { to = "talking", when = "not (event.tone < -0.5) and not event.rude", because = "they wrote" },
				after(from "params.patience") { since = "customer.message", act = function(case) case:effect("say", { text = "Still there?" }) end },
			},
			state "talking" {
				entry(function(case)
					case.data.visits = more(case.data.visits)
					if case.data.visits > 3 then case:effect("say", { text = "You again." }, { because = "they came back" }) end
				end),
				every "2h" { { when = "data.value <= '20.00 EUR'", act = "data.value = data.value * 2" }, { to = "closed" } },
				on "agent.message" { to = "waiting" },
			},
			final "closed" {},
		},
		state "mood" { state "calm" { on "customer.message" { act = "data.mood = event.tone" } } },
	},
	final "over" { outcome = "we are done" },
}
LUA
printf '%s\n' '{"at":"2026-03-02T09:00:00Z","case":"c","event":"customer.message","data":{"tone":0.5}}' \
	'{"at":"2026-03-02T09:01:00Z","case":"c","event":"agent.message"}' \
	'{"at":"2026-03-02T09:01:30Z","case":"c","event":"customer.message","data":{"tone":-1}}' \
	'{"at":"2026-03-02T09:10:00Z","case":"c","event":"customer.message","data":{"tone":0,"rude":true}}' \
	'{"at":"2026-03-02T09:20:00Z","case":"c","event":"customer.message","data":{"tone":0}}' >"$here/events.jsonl"
sed 's/"data":\({[^}]*}\)/"data":{"data":\1}/' "$here/events.jsonl" >"$here/wrapped.jsonl"

# What happened, without what the two call differently: when, and what was asked of the world.
told() {
	grep -o '"at":"[^"]*"\|"text":"[^"]*"\|"because":"[^"]*"\|"outcome":"[^"]*"' "$1"
}
expect 0 "$aplomb" export "$here/desk.lua" -o "$here/desk.scxml"
out_is_empty
err_has '[export-order]'
[ "$(grep -c . "$here/err")" = 1 ] || fail "more than one warning"
if command -v xmllint >/dev/null 2>&1; then expect 0 xmllint --noout "$here/desk.scxml"; fi
expect 0 "$aplomb" check "$here/desk.scxml"
out_has '0 errors, 0 warnings'
expect 0 "$aplomb" run "$here/desk.lua" --events "$here/events.jsonl" --until 2026-03-03T09:00:00Z --journal "$here/one" --summary none
expect 0 "$aplomb" run "$here/desk.scxml" --events "$here/wrapped.jsonl" --until 2026-03-03T09:00:00Z --journal "$here/two" --summary none
told "$here/one" >"$here/one.told"
told "$here/two" >"$here/two.told"
grep -q 'You again' "$here/one.told" || fail "nothing was told"
grep -q 'we are done' "$here/one.told" || fail "it did not end"
diff "$here/one.told" "$here/two.told" >&2 || fail "what came back does something else"

# What was exported, imported and exported again is the same document.
expect 0 "$aplomb" export "$here/desk.scxml" -o "$here/again.scxml"
expect 0 "$aplomb" export "$here/again.scxml" -o "$here/third.scxml"
cmp -s "$here/again.scxml" "$here/third.scxml" || fail "another document the third time"

# Nothing is overwritten by itself.
expect 73 "$aplomb" export "$here/desk.lua" -o "$here/desk.scxml"
err_has 'give --overwrite'
expect 0 "$aplomb" export "$here/desk.lua" -o "$here/desk.scxml" --overwrite
expect 66 "$aplomb" export "$here/nowhere.lua"
expect 64 "$aplomb" export

# What does not fit is told, each with its line, and nothing is written.
cat >"$here/unfit.lua" <<'LUA'
local words = { "a" }
return playbook "unfit" {
	data = { n = integer { default = 0 }, at = instant {}, list = list { of = text { max = 3 } }, m = money {} },
	event "go" { who = text {}, list = list { of = text {} } }, event "stop" {}, event "done.ask.look" {},
	effect "look" {}, calendar "support" { zone = "UTC", week = { mon = "09:00-17:00" } },
	counter "goes" { of = "go" },
	state "s" {
		at(from "data.at") { to = "t" },
		after "2 business hours" { to = "t" },
		on "go" { when = "case.now > '2026-01-01T00:00:00Z'" , act = "data.n = 1" },
		on "go" { when = "count('goes') > 2", act = "data.n = 1" },
		on "go" { when = "event.by == 'a'", act = "data.list = event.list" },
		on "go" { act = function(case) case:ask("look", { timeout = "5s" }) end },
		on "go" { act = function(case) case:send { event = "go", to = "c-2" } end },
		on "go" { act = function(case) for _ = 1, 3 do case:raise("stop") end end },
		on "go" { act = function(case) case.data.n = #words end },
		on "go" { act = function(case) case.data.m = "5.00 EUR" end },
		on "stop" { defer = true },
		on "done.ask.look" { to = "t" },
		on "error.ask.look" { to = "t" },
		state "inner" { after "5m" { since = "go", to = "u" }, after "1h" { to = "u" } },
		state "u" {},
	},
	final "t" {},
}
LUA
# What has no counterpart, and without which the chart does the same, is left out and told.
cat >"$here/left-out.lua" <<'LUA'
return playbook "left-out" {
	event "go" {}, event "later" {},
	effect "pay" { once = true },
	event "done.effect.pay" {},
	state "s" {
		after "5m" { overdue = "skip", to = "t" },
		on "go" { act = function(case) case:send { event = "later", after = "1h", overdue = "skip" } end },
		on "error.effect.pay" { to = "t" },
	},
	final "t" {},
}
LUA
expect 0 "$aplomb" export "$here/left-out.lua" -o "$here/left-out.scxml"
err_has 'left-out.lua:6:3: warning: after: overdue = "skip" is left out: SCXML knows no downtime, and what is due fires [export-left-out]'
err_has 'warning: overdue of what is sent is left out: SCXML knows no downtime, and what is due comes [export-left-out]'
err_has 'left-out.lua:3:2: warning: effect "pay": once is left out: a <send> does not say whether it may be done twice [export-left-out]'

expect 2 "$aplomb" export "$here/unfit.lua" -o "$here/unfit.scxml"
[ ! -e "$here/unfit.scxml" ] || fail "a document was written though not all fits"
for what in '8:3: error: at waits for an instant' '9:3: error: after counts business time' '10:21: error: on "go": when: case.now is not known' \
	'11:21: error: on "go": when: a counter is asked' '12:21: error: on "go": when: event.by is not known' '12:58: error: on "go": act: data.list checks each of its items' \
	'[export-ask]' '[export-target]' 'a loop cannot send' 'words is a table from outside' '[export-type]' 'calendar "support" is left out' '18:3: error: an event that is kept for later' '[export-since]'; do
	err_has "$what"
done
done_testing
