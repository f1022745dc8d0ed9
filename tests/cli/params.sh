#!/bin/sh
# SPDX-License-Identifier: MIT
# `aplomb params`, and --policy and --params wherever a playbook is loaded.
. "$(dirname "$0")/lib.sh"

cat >"$here/playbook.lua" <<-'END'
	return playbook "shop" {
	  title = "A shop", version = "7",
	  calendar "desk" { zone = "UTC", week = { ["mon-fri"] = "09:00-17:00" } },
	  params = {
	    refund_limit = money { default = "40.00 GBP", max = "200.00 GBP", meaning = "What may be refunded without asking anybody, in one case; more than that is for a supervisor to decide." },
	    warnings = integer { default = 2, min = 2, max = 3 },
	    answer_in = span { default = "15 business minutes" },
	    tone = one_of { "warm", "plain", default = "plain" },
	    desk = fields { lead = text { required = true, max = 40 }, note = text {} },
	  },
	  event "go" {},
	  effect "say" { limit = money {}, text = text {} },
	  state "s" { on "go" { to = "over", act = function(case)
	    case:effect("say", { limit = case.params.refund_limit, text = case:phrase("hello") })
	  end } },
	  final "over" {},
	}
END
cat >"$here/phrases.lua" <<-'END'
	return { en = { hello = "Hello." }, de = { hello = "Guten Tag." } }
END
cd "$here" || exit 1
case $aplomb in /*) ;; *) aplomb=$OLDPWD/$aplomb ;; esac

expect 0 "$aplomb" params playbook.lua
out_is <<-END
	A shop (shop, version 7)

	refund_limit  40.00 GBP
	    What may be refunded without asking anybody, in one case; more than that is
	    for a supervisor to decide.
	    money, at most 200.00 GBP
	    the default, in playbook.lua:5

	warnings  2
	    integer, 2 to 3
	    the default, in playbook.lua:6

	answer_in  15 business minutes
	    span
	    the default, in playbook.lua:7

	tone  plain
	    one of warm, plain
	    the default, in playbook.lua:8

	desk.lead  not set
	    text, at most 40 characters
	    must be given when a case opens

	desk.note  not set
	    text
	    may be given when a case opens
END
out_is_within 80
err_is_empty

# What is given stands before the policy, and that before the default.
cat >policy.lua <<-'END'
	return {
	  params = { refund_limit = "60.00 GBP", warnings = 3 },
	  phrases = { en = { hello = "Good day." } },
	}
END
printf '{"warnings":2,"desk":{"lead":"Ada"}}' >given.json
expect 0 "$aplomb" params playbook.lua --params given.json
out_has 'refund_limit  60.00 GBP'
out_has '    set in policy.lua:2 in place of 40.00 GBP'
out_has '    set in given.json in place of 2'
out_has 'desk.lead  Ada'
expect 0 "$aplomb" params playbook.lua --params '{"tone":"warm"}' --format json
out_has '{"path":"refund_limit","type":"money","meaning":"What may be refunded without asking anybody, in one case; more than that is for a supervisor to decide.","value":"60.00 GBP","default":"40.00 GBP","from":"policy","file":"policy.lua","line":2,"column":14,"min":null,"max":"200.00 GBP","choices":[],"required":false,"personal":false}'
out_has '{"path":"tone","type":"one_of","meaning":null,"value":"warm","default":"plain","from":"given","file":"--params","line":1,"column":0,"min":null,"max":null,"choices":["warm","plain"],"required":false,"personal":false}'
out_has '{"path":"desk.lead","type":"text","meaning":null,"value":null,"default":null,"from":"nobody","file":"playbook.lua","line":9,'

# Another policy in place of the one beside the playbook.
printf 'return { params = { refund_limit = "80.00 GBP" } }\n' >winter.lua
expect 0 "$aplomb" params playbook.lua --policy winter.lua
out_has 'refund_limit  80.00 GBP'
out_has '    set in winter.lua:1 in place of 40.00 GBP'
out_has 'warnings  2'

# What does not fit, and what is not there.
printf 'return {\n  params = {\n    warnings = 9,\n    refund_limt = "1.00 GBP",\n  },\n}\n' >wrong.lua
expect 2 "$aplomb" params playbook.lua --policy wrong.lua
err_has 'wrong.lua:3:5: error: params.warnings: expected 2 to 3, found 9 [policy-value]'
err_has 'wrong.lua:4:5: error: params.refund_limt: the playbook has no such parameter; did you mean "refund_limit"? [unknown-param]'
out_is_empty
expect 2 "$aplomb" check playbook.lua --policy wrong.lua
out_has '1 playbook: 2 errors'
expect 2 "$aplomb" check playbook.lua --params '{"warnings":'
out_has '--params:1:13: error: these params are no JSON map'
expect 66 "$aplomb" params playbook.lua --policy nowhere.lua
err_has 'cannot read the policy nowhere.lua: No such file or directory [file-unreadable]'
expect 66 "$aplomb" params playbook.lua --params nowhere.json
err_has 'aplomb params: cannot read the params nowhere.json: No such file or directory'
expect 66 "$aplomb" params nowhere
expect 64 "$aplomb" params

# A run is told the same, and the head of the journal says what was in force.
printf '%s\n' '{"case":"c1","event":"go","at":"2026-01-01T10:00:00Z"}' \
	'{"case":"c2","event":"go","at":"2026-01-01T10:00:01Z","open":{"params":{"refund_limit":"5.00 GBP"},"locale":"de-AT"}}' >events.jsonl
expect 0 "$aplomb" run playbook.lua --events events.jsonl --params given.json --journal - --summary none
out_has '"params":{"answer_in":"15 business minutes","desk":{"lead":"Ada"},"refund_limit":"60.00 GBP","tone":"plain","warnings":2}'
out_has '"data":{"limit":"60.00 GBP","text":"Good day."}'
out_has '"data":{"limit":"5.00 GBP","text":"Guten Tag."}'
err_is_empty

# Tests are played with what is to be set, and a case is lit in the version it was recorded with.
cat >playbook_test.lua <<'END'
return tests "playbook.lua" {
	test "what is said, and for how much" (function(case)
		case:open {}
		case:event "go"
		case:expect { effects = { { "say", limit = "70.00 GBP" } } }
	end),
}
END
expect 2 "$aplomb" test playbook_test.lua
expect 0 "$aplomb" test playbook_test.lua --params '{"refund_limit":"70.00 GBP"}'
printf 'return { params = { refund_limit = "70.00 GBP" } }\n' >seventy.lua
expect 0 "$aplomb" test playbook_test.lua --policy seventy.lua
expect 2 "$aplomb" test playbook_test.lua --policy wrong.lua
out_has 'wrong.lua:3:5: error: params.warnings: expected 2 to 3, found 9 [policy-value]'
expect 66 "$aplomb" test playbook_test.lua --params nowhere.json
err_has 'aplomb test: cannot read the params nowhere.json: No such file or directory'
expect 2 "$aplomb" test playbook_test.lua --policy nowhere.lua
out_has 'cannot read the policy nowhere.lua: No such file or directory'
expect 0 "$aplomb" run playbook.lua --events events.jsonl --policy seventy.lua --journal seventy.journal --summary none
expect 0 "$aplomb" draw playbook.lua --policy seventy.lua --case seventy.journal --case-id c1
out_has 'case c1: '
err_is_empty
expect 2 "$aplomb" draw playbook.lua --policy wrong.lua
err_has 'wrong.lua:3:5: error: params.warnings: expected 2 to 3, found 9 [policy-value]'
expect 66 "$aplomb" draw playbook.lua --params nowhere.json
err_has 'aplomb draw: cannot read the params nowhere.json: No such file or directory'

printf 'return playbook "bare" { state "s" { rests = "it is a test" } }\n' >bare.lua
rm policy.lua phrases.lua
expect 0 "$aplomb" params bare.lua
out_is <<-END
	bare

	It has no parameters.
END

done_testing
