#!/bin/sh
# SPDX-License-Identifier: MIT
# `aplomb run --effects`: what a program is handed, what is made of what it says, and of each way in which it does not do its part.
. "$(dirname "$0")/lib.sh"

cat >"$here/shop.lua" <<-'END'
	return playbook "shop" {
	  data = { receipt = text {}, slug = text {} },
	  event "order" {}, event "letters" {}, event "ask" {},
	  event "done.effect.charge" { receipt = text { required = true } }, event "done.effect.mail" {}, event "done.ask.look-up" { there = boolean {} },
	  effect "charge" { amount = integer {}, once = true }, effect "mail" { n = integer {} }, effect "look-up" {},
	  state "idle" {
	    on "order" { to = "charging", act = function(case) case:effect("charge", { amount = 40 }, { because = 'they said "yes"' }) end },
	    on "letters" { to = "mailing", act = function(case) for i = 1, 100 do case:effect("mail", { n = i }) end end },
	    on "ask" { to = "asking", act = function(case) case:ask("look-up", { timeout = "1m" }) end },
	  },
	  state "charging" {
	    on "done.effect.charge" { to = "paid", act = "data.receipt = event.receipt" },
	    on "error.effect.charge" { to = "doubtful", act = "data.slug = event.slug" },
	  },
	  state "mailing" { on "error.effect.mail" { to = "unmailed", act = "data.slug = event.slug" } },
	  state "asking" { on "done.ask.look-up" { to = "paid" }, on "error.ask.look-up" { to = "unmailed" } },
	  state "doubtful" {}, state "paid" {}, state "unmailed" {},
	}
END
event() { printf '{"case":"c1","event":"%s","at":"2026-03-31T09:00:00Z"}\n' "$1"; }
event order >"$here/order"
event letters >"$here/letters"
event ask >"$here/ask"
# A program that notes what it is handed and then does what its argument says with the key.
program() {
	{
		printf '#!/bin/sh\nwhile IFS= read -r line; do\nprintf "%%s\\n" "$line" >>"%s/handed"\n' "$here"
		printf 'key=$(printf "%%s\\n" "$line" | sed '\''s/.*,"key":"\\([^"]*\\)".*/\\1/'\'')\n'
		cat
		printf 'done\n'
	} >"$here/program"
	rm -f "$here/handed" "$here/journal"
}
run() { # status, events, options…
	wanted_=$1 events_=$2
	shift 2
	expect "$wanted_" "$aplomb" run "$here/shop.lua" --events "$here/$events_" --effects "sh '$here/program'" --journal "$here/journal" --overwrite --summary json "$@"
}
journal_has() { grep -qF -- "$1" "$here/journal" || { cp "$here/journal" "$here/out"; fail "the journal lacks: $1"; }; }
journal_lacks() { ! grep -qF -- "$1" "$here/journal" || { cp "$here/journal" "$here/out"; fail "the journal has: $1"; }; }
handed() { # how often
	[ "$(wc -l <"$here/handed")" -eq "$1" ] || fail "$(wc -l <"$here/handed") effects were handed out, expected $1"
}

# ---- it does its part -------------------------------------------------------
program <<-'END'
	printf '{"data":{"receipt":"R-1"},"key":"%s","outcome":"done"}\n' "$key"
END
run 0 order
cp "$here/handed" "$here/out"
out_is <<-'END'
	{"at":"2026-03-31T09:00:00Z","attempt":1,"because":"they said \"yes\"","case":"c1","data":{"amount":40},"item":2,"key":"c1/2/2","kind":"charge","once":true,"seq":2,"v":1}
END
journal_has '"cause":{"by":"effect:charge","data":{"receipt":"R-1"},"event":"done.effect.charge","id":"c1/2/2"}'
expect 0 "$aplomb" replay "$here/journal" --playbook "$here/shop.lua" --verify

program <<-'END'
	printf '{"key":"%s","outcome":"failed","message":"no funds","slug":"no-funds"}\n' "$key"
END
run 0 order
journal_has '"data":{"message":"no funds","slug":"no-funds"},"event":"error.effect.charge"'
program <<-'END'
	printf '{"key":"%s","outcome":"unknown"}\n' "$key"
END
run 1 order
journal_has '"slug":"effect-unknown"'
out_has '"undelivered":1'
program <<-'END'
	printf '{"data":{"there":true},"key":"%s","outcome":"done"}\n' "$key"
END
run 0 ask
grep -qF '"answer_by":"2026-03-31T09:01:00Z","ask":"look-up","at":' "$here/handed" || fail 'a question is not handed out as one'
journal_has '"event":"done.ask.look-up"'

# More than it may have at a time: it is waited for, and nothing is lost.
program <<-'END'
	printf '{"key":"%s","outcome":"done"}\n' "$key"
END
run 0 letters
handed 100
out_has '"undelivered":0'
# It reads all before it answers anything: it gets no more than it may have, and is given up in the end.
program <<-'END'
END
printf 'cat >"%s/handed"\n' "$here" >"$here/program"
run 69 letters --effects-wait 3
handed 64
err_has 'the program of --effects said nothing for 3 seconds, and did not say what came of c1/2/2 and of others'
out_has '"stopped":"the program of --effects did not do its part"'
out_has '"undelivered":100'

# What is refused comes again, in the time of the events, and not for ever.
program <<-'END'
	[ "$(wc -l <"HERE/handed")" -lt 3 ] && outcome=refused || outcome=failed
	printf '{"key":"%s","outcome":"%s"}\n' "$key" "$outcome"
END
sed -i.bak "s|HERE|$here|" "$here/program"
run 1 order
handed 1
rm "$here/handed"
run 0 order --drain
handed 3
program <<-'END'
	printf '{"key":"%s","outcome":"refused"}\n' "$key"
END
run 1 order --drain
handed 17
out_has '"stopped":"draining stopped: the program of --effects refuses an effect again and again"'

# ---- it does not --------------------------------------------------------------
# Garbage, lines that say nothing, keys it does not have, and an answer given twice: told, passed over, and the rest counts.
program <<-'END'
	printf 'hello\n{"key":7}\n{"key":"%s","outcome":"perhaps"}\n{"key":"c9/1/1","outcome":"done"}\n' "$key"
	printf '{"data":{"receipt":"R-2"},"key":"%s","outcome":"done"}\n{"key":"%s","outcome":"failed"}\n' "$key" "$key"
END
run 1 order
err_has '--effects:1: '
err_has '--effects:2: expected {"key":"…","outcome":"done", "failed", "unknown" or "refused"} [effect-line]'
err_has '--effects:3: expected'
err_has '--effects:4: the program does not have effect c9/1/1: it said what came of it before, or never got it [effect-not-waiting]'
err_has '--effects:6: the program does not have effect c1/2/2: it said'
journal_has '"data":{"receipt":"R-2"}'
journal_lacks 'error.effect'

# What it says does not fit: the case is told that much.
program <<-'END'
	printf '{"data":{"reciept":"R-2"},"key":"%s","outcome":"done"}\n' "$key"
END
run 1 order
err_has '--effects:1: '
err_has '"reciept"'
journal_has '"slug":"effect-unfit"'

# It dies with an effect that must not be done twice: the case is told, and it is not handed out again.
program <<-'END'
	exit 7
END
run 69 order
err_has 'the program of --effects ended with status 7, and did not say what came of c1/2/2'
journal_has '"event":"error.effect.charge","id":"c1/2/2/unknown"'
handed 1
program <<-'END'
	kill -9 $$
END
run 69 order
grep -qE 'the program of --effects (was ended by signal 9|ended with status 137), and did not say' "$here/err" || fail 'its death is not told'

# It hangs.
program <<-'END'
	exec sleep 100
END
run 69 order --effects-wait 1
err_has 'the program of --effects said nothing for 1 seconds, and did not say what came of c1/2/2'
journal_has '"slug":"effect-unknown"'

# It closes its input, or is not there at all.
printf 'exec <&-; sleep 5\n' >"$here/program"
run 69 order --effects-wait 1
err_has 'the program of --effects '
journal_has '"slug":"effect-unknown"'
expect 69 "$aplomb" run "$here/shop.lua" --events "$here/order" --effects "$here/nothing-there" --summary none
err_has 'the program of --effects ended with status 127'

# It does its part and ends badly.
program <<-'END'
	printf '{"data":{"receipt":"R-1"},"key":"%s","outcome":"done"}\n' "$key"
END
printf 'exit 3\n' >>"$here/program"
run 69 order
err_has 'the program of --effects ended with status 3'
journal_has '"data":{"receipt":"R-1"}'

# ---- the example -----------------------------------------------------------------
printf '{"case":"c%d","event":"customer.message","at":"2026-03-31T09:00:00Z","data":{"text":"Hello"}}\n' 1 2 >"$here/late"
for _ in 1 2; do
	expect 0 "$aplomb" run examples/late.lua --events "$here/late" --drain --effects "examples/effects.sh '$here/post'" --summary json
	out_has '"undelivered":0'
done
# The second run wants the same again, under the same keys: it is done once.
cp "$here/post/done" "$here/out"
out_is <<-'END'
	c1/2/2
	c2/2/2
	c1/3/2
	c2/3/2
END
[ "$(wc -l <"$here/post/outgoing")" -eq 4 ] || fail 'something was done twice'
done_testing
