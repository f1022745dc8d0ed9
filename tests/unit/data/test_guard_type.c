/* SPDX-License-Identifier: MIT */
/* Texts whose names or types are wrong, and what is said about each, to the letter. */

#include <string.h>

#include "../test_cmocka.h"
#include "guard_stage.h"

typedef struct wrong_case {
	apl_guard_form form;
	const char *events; /* that may be there, as letters: "g" go, "s" stop; NULL: all */
	const char *text;
	const char *said; /* every finding, each on a line */
} wrong_case;

static const wrong_case wrong_texts[] = {
    {APL_GUARD_TRUTH, NULL, "data.valeu > 1",
        "unknown-field: when: data has no field \"valeu\"; did you mean \"value\"? (character 1 of \"data.valeu > 1\")"},
    {APL_GUARD_TRUTH, NULL, "data.m > 1 and data.adress.city == 'x'",
        "unknown-field: when: data has no field \"adress\"; did you mean \"address\"? (character 16 of \"data.m > 1 and data.adress.city "
        "== 'x'\")"},
    {APL_GUARD_TRUTH, NULL, "data.address.ctiy == 'x'",
        "unknown-field: when: data.address has no field \"ctiy\"; did you mean \"city\"? (character 1 of \"data.address.ctiy == 'x'\")"},
    {APL_GUARD_TRUTH, NULL, "data.m.x == 1",
        "unknown-field: when: data.m is an integer, which has no fields (character 1 of \"data.m.x == 1\")"},
    {APL_GUARD_TRUTH, NULL, "data.tags.first == 1",
        "unknown-field: when: data.tags is a list, which has no fields (character 1 of \"data.tags.first == 1\")"},
    {APL_GUARD_TRUTH, NULL, "params.limt == 1",
        "unknown-field: when: params has no field \"limt\"; did you mean \"limit\"? (character 1 of \"params.limt == 1\")"},
    {APL_GUARD_TRUTH, NULL, "data == 1",
        "unknown-field: when: data is not a value; name one of its fields, as data.x (character 1 of \"data == 1\")"},
    {APL_GUARD_TRUTH, NULL, "event == 1",
        "unknown-field: when: event is not a value; name one of its fields, as event.x (character 1 of \"event == 1\")"},
    {APL_GUARD_TRUTH, NULL, "patience > 1",
        "unknown-name: when: a text does not know \"patience\"; did you mean data.patience? (character 1 of \"patience > 1\")"},
    {APL_GUARD_TRUTH, NULL, "dta.m > 1",
        "unknown-name: when: a text does not know \"dta\"; did you mean \"data\"? (character 1 of \"dta.m > 1\")"},
    {APL_GUARD_TRUTH, NULL, "whatever",
        "unknown-name: when: a text does not know \"whatever\"; a path begins with data., params., event. or case. (character 1 of "
        "\"whatever\")"},
    {APL_GUARD_TRUTH, NULL, "case.data.m > 1",
        "unknown-field: when: in a text it is data.m, without \"case.\" (character 1 of \"case.data.m > 1\")"},
    {APL_GUARD_TRUTH, NULL, "case.naw > 1",
        "unknown-field: when: case has no \"naw\" that a text can ask for; did you mean \"now\"? (character 1 of \"case.naw > 1\")"},
    {APL_GUARD_TRUTH, NULL, "case.history == 1",
        "unknown-field: when: case has no \"history\" that a text can ask for; there are case.id, case.subject, case.locale, case.now and "
        "case.opened_at (character 1 of \"case.history == 1\")"},
    {APL_GUARD_TRUTH, "g", "event.tonne > 1",
        "unknown-field: when: event \"go\" has no field \"tonne\"; did you mean \"tone\"? (character 1 of \"event.tonne > 1\")"},
    {APL_GUARD_TRUTH, "g", "event.by2 > 1",
        "unknown-field: when: event \"go\" has no field \"by2\"; did you mean \"by\"? (character 1 of \"event.by2 > 1\")"},
    {APL_GUARD_TRUTH, "gs", "event.tonne > 1",
        "unknown-field: when: none of the events that are listened to here has a field \"tonne\"; did you mean \"tone\"? (character 1 of "
        "\"event.tonne > 1\")"},
    {APL_GUARD_TRUTH, NULL, "event.nothing > 1",
        "unknown-field: when: no event of the playbook has a field \"nothing\" (character 1 of \"event.nothing > 1\")"},
    {APL_GUARD_TRUTH, "", "event.tone > 1",
        "unknown-field: when: no declared event is listened to here, with a field \"tone\" (character 1 of \"event.tone > 1\")"},
    {APL_GUARD_TRUTH, "gs", "event.mix == 1",
        "event-types: when: event.mix is an integer in event \"go\" and text in event \"stop\"; let the transition listen to one of them "
        "(character 1 of \"event.mix == 1\")"},
    {APL_GUARD_TRUTH, NULL, "event.name == 3",
        "event-types: when: event.name is an integer in event \"other\" and text of every other event; let the transition listen to one of "
        "them (character 1 of \"event.name == 3\")"},
    {APL_GUARD_TRUTH, "g", "event.reason == 1",
        "unknown-field: when: event \"go\" has no field \"reason\" (character 1 of \"event.reason == 1\")"},
    {APL_GUARD_TRUTH, "g", "event.place.citty == 'x'",
        "unknown-field: when: event.place has no field \"citty\"; did you mean \"city\"? (character 1 of \"event.place.citty == 'x'\")"},
    {APL_GUARD_TRUTH, NULL, "is_in('dome')",
        "unknown-state: when: there is no state \"dome\"; did you mean \"done\"? (character 1 of \"is_in('dome')\")"},
    {APL_GUARD_TRUTH, NULL, "count('abuses') > 1",
        "unknown-counter: when: there is no counter \"abuses\"; did you mean \"abuse\"? (character 1 of \"count('abuses') > 1\")"},
    {APL_GUARD_TRUTH, NULL, "nobody_on_duty('suport')",
        "unknown-rota: when: there is no rota \"suport\"; did you mean \"support\"? (character 1 of \"nobody_on_duty('suport')\")"},
    {APL_GUARD_TRUTH, NULL, "is_breached('resolv')",
        "unknown-clock: when: there is no clock \"resolv\"; did you mean \"resolve\"? (character 1 of \"is_breached('resolv')\")"},
    {APL_GUARD_TRUTH, NULL, "left('resolve') < 3",
        "wrong-type: when: left('resolve') is a span and 3 is an integer; < compares like with like; write the span as text, as in \"90s\" "
        "(character 1 of \"left('resolve') < 3\")"},
    {APL_GUARD_TRUTH, NULL, "time_in('nowhere') > '1h'",
        "unknown-state: when: there is no state \"nowhere\" (character 1 of \"time_in('nowhere') > '1h'\")"},
    {APL_GUARD_TRUTH, NULL, "data.m",
        "wrong-type: when: something that is true or false was expected, but data.m is an integer; did you mean has(data.m)? (character 1 "
        "of \"data.m\")"},
    {APL_GUARD_TRUTH, NULL, "data.m + 1",
        "wrong-type: when: something that is true or false was expected, but data.m + 1 is an integer (character 1 of \"data.m + 1\")"},
    {APL_GUARD_TRUTH, NULL, "'text'",
        "wrong-type: when: something that is true or false was expected, but 'text' is text (character 1 of \"'text'\")"},
    {APL_GUARD_TRUTH, NULL, "nil",
        "wrong-type: when: something that is true or false was expected, but nil is nothing (character 1 of \"nil\")"},
    {APL_GUARD_TRUTH, NULL, "not data.m",
        "wrong-type: when: data.m is an integer, and \"not\" is about what is true or false; did you mean has(data.m)? (character 5 of "
        "\"not data.m\")"},
    {APL_GUARD_TRUTH, NULL, "data.b and data.m",
        "wrong-type: when: data.m is an integer, and \"and\" is about what is true or false; did you mean has(data.m)? (character 12 of "
        "\"data.b and data.m\")"},
    {APL_GUARD_TRUTH, NULL, "data.t or data.b",
        "wrong-type: when: data.t is text, and \"or\" is about what is true or false; did you mean has(data.t)? (character 1 of \"data.t "
        "or data.b\")"},
    {APL_GUARD_TRUTH, NULL, "data.m + 1 or data.b",
        "wrong-type: when: data.m + 1 is an integer, and \"or\" is about what is true or false (character 1 of \"data.m + 1 or data.b\")"},
    {APL_GUARD_TRUTH, NULL, "data.m == 'x'",
        "wrong-type: when: data.m is an integer and 'x' is text; == compares like with like (character 1 of \"data.m == 'x'\")"},
    {APL_GUARD_TRUTH, NULL, "data.t == 5",
        "wrong-type: when: data.t is text and 5 is an integer; == compares like with like (character 1 of \"data.t == 5\")"},
    {APL_GUARD_TRUTH, NULL, "data.m < data.t",
        "wrong-type: when: data.m is an integer and data.t is text; < compares like with like (character 1 of \"data.m < data.t\")"},
    {APL_GUARD_TRUTH, NULL, "data.b < true",
        "wrong-type: when: true and false have no order, so < cannot compare them (character 1 of \"data.b < true\")"},
    {APL_GUARD_TRUTH, NULL, "data.b == 1",
        "wrong-type: when: data.b is a boolean and 1 is an integer; == compares like with like (character 1 of \"data.b == 1\")"},
    {APL_GUARD_TRUTH, NULL, "data.mood < 'calm'",
        "wrong-type: when: the choices of a one_of have no order, so < cannot compare data.mood; there are == and ~= (character 1 of "
        "\"data.mood < 'calm'\")"},
    {APL_GUARD_TRUTH, NULL, "'calm' <= data.mood",
        "wrong-type: when: the choices of a one_of have no order, so <= cannot compare data.mood; there are == and ~= (character 1 of "
        "\"'calm' <= data.mood\")"},
    {APL_GUARD_TRUTH, NULL, "data.wait < 90",
        "wrong-type: when: data.wait is a span and 90 is an integer; < compares like with like; write the span as text, as in \"90s\" "
        "(character 1 of \"data.wait < 90\")"},
    {APL_GUARD_TRUTH, NULL, "5 > data.wait",
        "wrong-type: when: 5 is an integer and data.wait is a span; > compares like with like; write the span as text, as in \"90s\" "
        "(character 1 of \"5 > data.wait\")"},
    {APL_GUARD_TRUTH, NULL, "data.value > 40",
        "wrong-type: when: data.value is money and 40 is an integer; > compares like with like; write the amount as text, as in \"40.00 "
        "GBP\" (character 1 of \"data.value > 40\")"},
    {APL_GUARD_TRUTH, NULL, "data.value == 0.5",
        "wrong-type: when: data.value is money and 0.5 is a number; == compares like with like; write the amount as text, as in \"40.00 "
        "GBP\" (character 1 of \"data.value == 0.5\")"},
    {APL_GUARD_TRUTH, NULL, "data.at > 5",
        "wrong-type: when: data.at is an instant and 5 is an integer; > compares like with like (character 1 of \"data.at > 5\")"},
    {APL_GUARD_TRUTH, NULL, "data.at == data.wait",
        "wrong-type: when: data.at is an instant and data.wait is a span; == compares like with like (character 1 of \"data.at == "
        "data.wait\")"},
    {APL_GUARD_TRUTH, NULL, "data.tags == data.said",
        "wrong-type: when: data.tags is a list, which is not compared; there are len(…) and contains(…) (character 1 of \"data.tags == "
        "data.said\")"},
    {APL_GUARD_TRUTH, NULL, "data.notes == 'x'",
        "wrong-type: when: data.notes is of any type, which is not compared; has(…) asks whether it is there, and a function can do more "
        "(character 1 of \"data.notes == 'x'\")"},
    {APL_GUARD_TRUTH, NULL, "data.address == 1",
        "wrong-type: when: data.address is a group of fields, which is not compared; name one of them (character 1 of \"data.address == "
        "1\")"},
    {APL_GUARD_TRUTH, NULL, "data.wait < '2 hours'",
        "span: when: \"2 hours\" is no span such as \"1h30m\": there are no spaces within a span; write \"2h\" (character 13 of "
        "\"data.wait < '2 hours'\")"},
    {APL_GUARD_TRUTH, NULL, "data.wait < '-1h'",
        "span: when: \"-1h\" is no span such as \"1h30m\": a span is not negative (character 13 of \"data.wait < '-1h'\")"},
    {APL_GUARD_TRUTH, NULL, "data.value < '12 XYZ'",
        "money: when: \"12 XYZ\" is no amount such as \"40.00 GBP\": there is no currency \"XYZ\" (character 14 of \"data.value < '12 "
        "XYZ'\")"},
    {APL_GUARD_TRUTH, NULL, "data.value < '12.5 GBP'",
        "money: when: \"12.5 GBP\" is no amount such as \"40.00 GBP\": GBP has 2 digits behind the point (character 14 of \"data.value < "
        "'12.5 GBP'\")"},
    {APL_GUARD_TRUTH, NULL, "data.at < 'yesterday'",
        "instant: when: \"yesterday\" is no instant such as \"2026-11-23T13:06:00Z\": it begins with the four digits of the year "
        "(character 11 of \"data.at < 'yesterday'\")"},
    {APL_GUARD_TRUTH, NULL, "data.cause == 'strss'",
        "not-a-choice: when: data.cause: expected one of \"stress\", \"product\", \"bad-day\", found \"strss\"; did you mean \"stress\"? "
        "(character 15 of \"data.cause == 'strss'\")"},
    {APL_GUARD_TRUTH, NULL, "'product' ~= data.mood",
        "not-a-choice: when: data.mood: expected one of \"calm\", \"angry\", \"stress\", found \"product\" (character 1 of \"'product' ~= "
        "data.mood\")"},
    {APL_GUARD_TRUTH, "g", "event.cause == 'angry'",
        "not-a-choice: when: event.cause: expected one of \"stress\", \"product\", found \"angry\" (character 16 of \"event.cause == "
        "'angry'\")"},
    {APL_GUARD_TRUTH, "gs", "event.cause == 'nope'",
        "not-a-choice: when: event.cause: expected one of \"stress\", \"product\", found \"nope\" (character 16 of \"event.cause == "
        "'nope'\")"},
    {APL_GUARD_TRUTH, NULL, "data.wait < '3 business weeks'",
        "business-span: when: \"3 business weeks\" is no span such as \"1h30m\": business time is a number, \"business\" and minutes, "
        "hours or days, such as \"2 business hours\" (character 13 of \"data.wait < '3 business weeks'\")"},
    {APL_GUARD_TRUTH, NULL, "data.t + 1 > 0",
        "wrong-type: when: data.t is text and 1 is an integer; that cannot be added; text is no number (character 1 of \"data.t + 1 > "
        "0\")"},
    {APL_GUARD_TRUTH, NULL, "data.b + 1 > 0",
        "wrong-type: when: data.b is a boolean and 1 is an integer; that cannot be added (character 1 of \"data.b + 1 > 0\")"},
    {APL_GUARD_TRUTH, NULL, "data.value / 2 > '1 GBP'",
        "wrong-type: when: data.value is money and 2 is an integer; that cannot be divided; money is not divided, for a penny would be "
        "lost (character 1 of \"data.value / 2 > '1 GBP'\")"},
    {APL_GUARD_TRUTH, NULL, "data.value * 0.5 > '1 GBP'",
        "wrong-type: when: data.value is money and 0.5 is a number; that cannot be multiplied; money is multiplied by integers only "
        "(character 1 of \"data.value * 0.5 > '1 GBP'\")"},
    {APL_GUARD_TRUTH, NULL, "data.value * data.value > '1 GBP'",
        "wrong-type: when: data.value is money and data.value is money; that cannot be multiplied (character 1 of \"data.value * "
        "data.value > '1 GBP'\")"},
    {APL_GUARD_TRUTH, NULL, "data.wait / 2 > '1h'",
        "wrong-type: when: data.wait is a span and 2 is an integer; that cannot be divided; write // for whole microseconds or whole times "
        "(character 1 of \"data.wait / 2 > '1h'\")"},
    {APL_GUARD_TRUTH, NULL, "data.at + data.at > '1h'",
        "wrong-type: when: data.at is an instant and data.at is an instant; that cannot be added (character 1 of \"data.at + data.at > "
        "'1h'\")"},
    {APL_GUARD_TRUTH, NULL, "data.wait - data.at > '1h'",
        "wrong-type: when: data.wait is a span and data.at is an instant; that cannot be subtracted (character 1 of \"data.wait - data.at "
        "> '1h'\")"},
    {APL_GUARD_TRUTH, NULL, "data.wait + 5 > '1h'",
        "wrong-type: when: data.wait is a span and 5 is an integer; that cannot be added (character 1 of \"data.wait + 5 > '1h'\")"},
    {APL_GUARD_TRUTH, NULL, "data.value + '1h' > '1 GBP'",
        "money: when: \"1h\" is no amount such as \"40.00 GBP\": an amount, a space and the currency's three letters were expected "
        "(character 14 of \"data.value + '1h' > '1 GBP'\")"},
    {APL_GUARD_TRUTH, NULL, "-data.at > 0",
        "wrong-type: when: data.at is an instant, which has no minus (character 1 of \"-data.at > 0\")"},
    {APL_GUARD_TRUTH, NULL, "-data.t > 0", "wrong-type: when: data.t is text, which has no minus (character 1 of \"-data.t > 0\")"},
    {APL_GUARD_TRUTH, NULL, "-nil > 0", "wrong-type: when: nil is nothing, which has no minus (character 1 of \"-nil > 0\")"},
    {APL_GUARD_TRUTH, NULL, "data.m + nil > 0",
        "wrong-type: when: data.m is an integer and nil is nothing; that cannot be added (character 1 of \"data.m + nil > 0\")"},
    {APL_GUARD_TRUTH, NULL, "data.m < nil",
        "wrong-type: when: nil stands only beside a path and == or ~=: data.x == nil asks whether data.x is missing (character 1 of "
        "\"data.m < nil\")"},
    {APL_GUARD_TRUTH, NULL, "nil == nil",
        "wrong-type: when: nil stands only beside a path and == or ~=: data.x == nil asks whether data.x is missing (character 1 of \"nil "
        "== nil\")"},
    {APL_GUARD_TRUTH, NULL, "data.m + 1 == nil",
        "wrong-type: when: nil stands only beside a path and == or ~=: data.x == nil asks whether data.x is missing (character 1 of "
        "\"data.m + 1 == nil\")"},
    {APL_GUARD_TRUTH, NULL, "len(data.m) > 1",
        "wrong-type: when: data.m is an integer; only text and lists have a length (character 5 of \"len(data.m) > 1\")"},
    {APL_GUARD_TRUTH, NULL, "#data.b > 1",
        "wrong-type: when: data.b is a boolean; only text and lists have a length (character 2 of \"#data.b > 1\")"},
    {APL_GUARD_TRUTH, NULL, "has(5)", "wrong-type: when: has(…) takes a path such as data.x, found 5 (character 5 of \"has(5)\")"},
    {APL_GUARD_TRUTH, NULL, "has(data.m + 1)",
        "wrong-type: when: has(…) takes a path such as data.x, found data.m + 1 (character 5 of \"has(data.m + 1)\")"},
    {APL_GUARD_TRUTH, NULL, "contains(data.m, 1)",
        "wrong-type: when: data.m is an integer; only a list or a text contains something (character 10 of \"contains(data.m, 1)\")"},
    {APL_GUARD_TRUTH, NULL, "contains(data.t, 1)",
        "wrong-type: when: 1 is an integer; a text contains only text (character 18 of \"contains(data.t, 1)\")"},
    {APL_GUARD_TRUTH, NULL, "contains(data.tags, 1)",
        "wrong-type: when: 1 is an integer, and the items of data.tags are text (character 21 of \"contains(data.tags, 1)\")"},
    {APL_GUARD_TRUTH, NULL, "contains(data.sums, '5')",
        "money: when: \"5\" is no amount such as \"40.00 GBP\": an amount, a space and the currency's three letters were expected "
        "(character 21 of \"contains(data.sums, '5')\")"},
    {APL_GUARD_TRUTH, NULL, "contains(data.kinds, 'z')",
        "not-a-choice: when: the items of data.kinds: expected one of \"x\", \"y\", found \"z\" (character 22 of \"contains(data.kinds, "
        "'z')\")"},
    {APL_GUARD_TRUTH, NULL, "contains(data.rows, 1)",
        "wrong-type: when: 1 is an integer, and the items of data.rows are a group of fields (character 21 of \"contains(data.rows, 1)\")"},
    {APL_GUARD_TRUTH, NULL, "contains(data.mixed, data.value)",
        "wrong-type: when: data.value is money, and the items of data.mixed are not declared; only text, numbers and booleans are compared "
        "with such (character 22 of \"contains(data.mixed, data.value)\")"},
    {APL_GUARD_TRUTH, NULL, "contains(data.tags, nil)",
        "wrong-type: when: nil is nothing, and the items of data.tags are text (character 21 of \"contains(data.tags, nil)\")"},
    {APL_GUARD_TRUTH, NULL, "1 // 0 == 1", "guard-division: when: 1 // 0 divides by zero (character 1 of \"1 // 0 == 1\")"},
    {APL_GUARD_TRUTH, NULL, "data.m > 9223372036854775807 + 1",
        "guard-overflow: when: 9223372036854775807 + 1 is more than there is room for (character 10 of \"data.m > 9223372036854775807 + "
        "1\")"},
    {APL_GUARD_TRUTH, NULL, "data.m > 1 and 5 % 0 == 1 and data.nope",
        "unknown-field: when: data has no field \"nope\" (character 31 of \"data.m > 1 and 5 % 0 == 1 and data.nope\")\nguard-division: "
        "when: 5 % 0 divides by zero (character 16 of \"data.m > 1 and 5 % 0 == 1 and data.nope\")"},
    {APL_GUARD_ACTIONS, NULL, "params.most = 1",
        "locked: when: params.most cannot be changed; only data can (character 1 of \"params.most = 1\")"},
    {APL_GUARD_ACTIONS, "g", "event.text = 'x'",
        "locked: when: event.text cannot be changed; only data can (character 1 of \"event.text = 'x'\")"},
    {APL_GUARD_ACTIONS, NULL, "case.id = 1", "locked: when: case.id cannot be changed; only data can (character 1 of \"case.id = 1\")"},
    {APL_GUARD_ACTIONS, NULL, "data.nope = 1", "unknown-field: when: data has no field \"nope\" (character 1 of \"data.nope = 1\")"},
    {APL_GUARD_ACTIONS, NULL, "data.m = 'x'", "wrong-type: when: data.m is an integer, and 'x' is text (character 10 of \"data.m = 'x'\")"},
    {APL_GUARD_ACTIONS, NULL, "data.m = 2.0",
        "wrong-type: when: data.m is an integer, and 2.0 is a number (character 10 of \"data.m = 2.0\")"},
    {APL_GUARD_ACTIONS, NULL, "data.m = data.y",
        "wrong-type: when: data.m is an integer, and data.y is a number (character 10 of \"data.m = data.y\")"},
    {APL_GUARD_ACTIONS, NULL, "data.low = 10",
        "out-of-bounds: when: data.low: expected 0 to 9, found 10 (character 12 of \"data.low = 10\")"},
    {APL_GUARD_ACTIONS, NULL, "data.short = 'too long'",
        "out-of-bounds: when: data.short: expected at most 5 characters, found 8 (character 14 of \"data.short = 'too long'\")"},
    {APL_GUARD_ACTIONS, NULL, "data.capped = '30.00 GBP'",
        "out-of-bounds: when: data.capped: expected at most 20.00 GBP, found 30.00 GBP (character 15 of \"data.capped = '30.00 GBP'\")"},
    {APL_GUARD_ACTIONS, NULL, "data.capped = '3.00 EUR'",
        "out-of-bounds: when: data.capped: expected at most 20.00 GBP, found 3.00 EUR (character 15 of \"data.capped = '3.00 EUR'\")"},
    {APL_GUARD_ACTIONS, NULL, "data.cause = 'strss'",
        "not-a-choice: when: data.cause: expected one of \"stress\", \"product\", \"bad-day\", found \"strss\"; did you mean \"stress\"? "
        "(character 14 of \"data.cause = 'strss'\")"},
    {APL_GUARD_ACTIONS, NULL, "data.wait = '2 hours'",
        "span: when: \"2 hours\" is no span such as \"1h30m\": there are no spaces within a span; write \"2h\" (character 13 of "
        "\"data.wait = '2 hours'\")"},
    {APL_GUARD_ACTIONS, NULL, "data.wait = 5",
        "wrong-type: when: data.wait is a span, and 5 is an integer; write the span as text, as in \"90s\" (character 13 of \"data.wait = "
        "5\")"},
    {APL_GUARD_ACTIONS, NULL, "data.order = nil",
        "missing-field: when: data.order: required, so it cannot be cleared (character 14 of \"data.order = nil\")"},
    {APL_GUARD_ACTIONS, NULL, "data.address = nil",
        "wrong-type: when: data.address is a group of fields; assign one of them, as data.address.x (character 1 of \"data.address = "
        "nil\")"},
    {APL_GUARD_ACTIONS, NULL, "data.address = 'x'",
        "wrong-type: when: data.address is a group of fields; assign one of them, as data.address.x (character 1 of \"data.address = "
        "'x'\")"},
    {APL_GUARD_ACTIONS, NULL, "data.tags = 'x'",
        "wrong-type: when: data.tags is a list, and 'x' is text (character 13 of \"data.tags = 'x'\")"},
    {APL_GUARD_ACTIONS, NULL, "data.t = data.m",
        "wrong-type: when: data.t is text, and data.m is an integer (character 10 of \"data.t = data.m\")"},
    {APL_GUARD_ACTIONS, NULL, "data.b = data.m",
        "wrong-type: when: data.b is a boolean, and data.m is an integer (character 10 of \"data.b = data.m\")"},
    {APL_GUARD_ACTIONS, NULL, "data.notes = data.address",
        "wrong-type: when: data.notes is of any type, and data.address is a group of fields (character 14 of \"data.notes = "
        "data.address\")"},
    {APL_GUARD_ACTIONS, NULL, "data.m = 1; data.n = data.nope; data.low = 12",
        "unknown-field: when: data has no field \"nope\" (character 22 of \"data.m = 1; data.n = data.nope; data.low = "
        "12\")\nout-of-bounds: when: data.low: expected 0 to 9, found 12 (character 44 of \"data.m = 1; data.n = data.nope; data.low = "
        "12\")"},
    {APL_GUARD_ACTIONS, NULL, "data.low = 5 + 5",
        "out-of-bounds: when: data.low: expected 0 to 9, found 10 (character 12 of \"data.low = 5 + 5\")"},
    {APL_GUARD_ACTIONS, NULL, "data.low = -1",
        "out-of-bounds: when: data.low: expected 0 to 9, found -1 (character 12 of \"data.low = -1\")"},
    {APL_GUARD_VALUE, NULL, "data.address",
        "wrong-type: when: a single value was expected, but data.address is a group of fields (character 1 of \"data.address\")"},
    {APL_GUARD_VALUE, NULL, "data.tags",
        "wrong-type: when: a single value was expected, but data.tags is a list (character 1 of \"data.tags\")"},
    {APL_GUARD_VALUE, NULL, "nil", "wrong-type: when: a single value was expected, but nil is nothing (character 1 of \"nil\")"},
};

static void what_does_not_fit_is_told_to_the_letter(void **state) {
	(void)state;
	stage s;
	stage_open(&s);
	size_t wrong = 0;
	for (size_t i = 0; i < sizeof wrong_texts / sizeof *wrong_texts; i++) {
		const wrong_case *c = &wrong_texts[i];
		stage_listen(&s, c->events);
		apl_guard *guard = stage_guard(&s, c->form, c->text, APL_GUARD_ANY_SCALAR);
		if (guard == NULL && strcmp(s.said, c->said) == 0) continue;
		print_error("%s\nsays     %s\nexpected %s\n", c->text, guard != NULL ? "nothing" : s.said, c->said);
		wrong++;
	}
	stage_close(&s);
	assert_int_equal(wrong, 0);
}

static void what_has_no_schema_or_no_chart_is_not_judged(void **state) {
	(void)state;
	static const char *const texts[] = {"data.nope > 1", "params.nope > 1 and data.x2 == 'y'", "is_in('nowhere')", "count('nothing') > 1",
	    "time_in('nowhere') > '1h' and data.m > 1"};
	stage s;
	stage_open(&s);
	s.scope.state = s.scope.counter = s.scope.clock = NULL;
	s.scope.data = s.scope.params = NULL;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		stage_guard(&s, APL_GUARD_TRUTH, texts[i], APL_GUARD_ANY_SCALAR);
		assert_string_equal(s.said, "");
	}
	s.scope.lacks_events = true;
	stage_guard(&s, APL_GUARD_TRUTH, "event.nope > 1", APL_GUARD_ANY_SCALAR);
	assert_string_equal(s.said, "");
	stage_close(&s);
}

static void business_time_stands_beside_business_time_only(void **state) {
	(void)state;
	stage s;
	stage_open(&s);
	assert_non_null(stage_guard(&s, APL_GUARD_TRUTH, "data.wait > '2 business hours'", APL_GUARD_ANY_SCALAR));
	assert_string_equal(s.said, "");
	assert_null(stage_guard(&s, APL_GUARD_TRUTH, "data.wait + '2 business hours' > '1h'", APL_GUARD_ANY_SCALAR));
	assert_string_equal(s.said, "mixed-time: when: \"2 business hours\" is business time, and what stands beside it is the clock's; only a "
	                            "calendar could tell what "
	                            "that comes to (character 13 of \"data.wait + '2 business hours' > '1h'\")");
	stage_close(&s);
}

/* ---- values ------------------------------------------------------------------------------ */

static void a_value_has_the_type_that_is_wanted(void **state) {
	(void)state;
	static const struct {
		const char *text;
		int wanted;
		const char *shown; /* what comes out, or the finding */
	} cases[] = {
	    {"data.price * 2", APL_TYPE_MONEY, "25.00 GBP"},
	    {"'3.00 EUR'", APL_TYPE_MONEY, "3.00 EUR"},
	    {"data.value", APL_TYPE_MONEY, "missing"},
	    {"data.patience * 2", APL_TYPE_SPAN, "20m"},
	    {"'90m'", APL_TYPE_SPAN, "1h30m"},
	    {"data.days", APL_TYPE_SPAN, "2 business days"},
	    {"case.now + data.patience", APL_TYPE_INSTANT, "2026-11-23T13:10:00Z"},
	    {"data.m", APL_TYPE_NUMBER, "7.0"},
	    {"data.m + 1", APL_TYPE_INTEGER, "8"},
	    {"data.mood", APL_TYPE_TEXT, "\"calm\""},
	    {"data.hello", APL_TYPE_TEXT, "\"h\xc3\xa9llo\""},
	    {"data.m > 3", APL_TYPE_BOOLEAN, "true"},
	    {"data.n > 3", APL_TYPE_BOOLEAN, "unknown"},
	    {"data.y / 2", APL_GUARD_ANY_SCALAR, "1.25"},
	    {"'text'", APL_GUARD_ANY_SCALAR, "\"text\""},
	    {"data.since", APL_GUARD_ANY_SCALAR, "2026-11-23T12:00:00Z"},
	    {"data.m", APL_TYPE_MONEY, "wrong-type: when: money was expected, but data.m is an integer (character 1 of \"data.m\")"},
	    {"'x'", APL_TYPE_SPAN,
	        "span: when: \"x\" is no span such as \"1h30m\": a number and its unit were expected, such as \"90s\" (character 1 of "
	        "\"'x'\")"},
	    {"data.y", APL_TYPE_INTEGER, "wrong-type: when: an integer was expected, but data.y is a number (character 1 of \"data.y\")"},
	};
	stage s;
	stage_open(&s);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		apl_alloc system = apl_alloc_system();
		apl_buf out;
		apl_buf_init(&out, &system);
		apl_guard *guard = stage_guard(&s, APL_GUARD_VALUE, cases[i].text, cases[i].wanted);
		apl_guard_trouble trouble = {0};
		apl_guard_value value;
		if (guard != NULL) {
			assert_true(apl_guard_evaluate(guard, &s.situation, &value, &trouble));
			assert_int_equal(value.type == APL_TYPE_ONE_OF ? APL_TYPE_TEXT : value.type,
			    apl_guard_type_of(guard) == APL_TYPE_ONE_OF ? APL_TYPE_TEXT : apl_guard_type_of(guard));
			apl_guard_show(&out, &value);
		} else {
			apl_buf_text(&out, s.said);
		}
		assert_string_equal(apl_buf_terminate(&out), cases[i].shown);
		apl_buf_dispose(&out);
	}
	stage_close(&s);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_does_not_fit_is_told_to_the_letter),
	    cmocka_unit_test(what_has_no_schema_or_no_chart_is_not_judged),
	    cmocka_unit_test(business_time_stands_beside_business_time_only),
	    cmocka_unit_test(a_value_has_the_type_that_is_wanted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
