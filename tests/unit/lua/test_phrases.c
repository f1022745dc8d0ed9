/* SPDX-License-Identifier: MIT */
/* Phrases: which text a case gets, what fills it, and what a catalogue may not hold. */

#include <stdio.h>
#include <string.h>

#include "book.h"

/* ---- saying ------------------------------------------------------------------- */

static const book_file shop[] = {
    {"phrases.lua", "return { fallback = 'en',\n"
                    "en = { late = { 'Order {data.order} of {subject|you} is late.', tags = { 'late', 'sorry' }, tone = 'warm' },\n"
                    "  offer = 'You get {amount}, {name|friend}.', wait = { 'In {params.wait}.', tags = { 'promise' } },\n"
                    "  both = '{first} And: {second}', price = { '{data.value|nothing}', tags = { 'price' }, concedes = false } },\n"
                    "de = { late = 'Bestellung {data.order} ist verspätet.', offer = '{name|Freund}, Sie bekommen {amount}.' },\n"
                    "['de-AT'] = { late = 'Grüß Gott! {data.order} kommt später.' } }"},
    {"policy.lua", "return { phrases = { en = { wait = 'Soon: {params.wait}.' }, fr = { late = 'En retard : {data.order}' } } }"},
    {NULL, NULL}};

static const char shop_source[] =
    "local words = { late = phrase 'late', offer = phrase 'offer' { amount = from 'params.limit', name = from 'data.name' },\n"
    "  both = phrase 'both' { first = phrase 'offer' { amount = 12 }, second = phrase 'wait' } }\n"
    "return playbook 'p' { params = { limit = money { default = '40.00 GBP' }, wait = span { default = '2h30m' } },\n"
    "data = { order = text { required = true }, name = text {}, value = money {}, said = text {}, all = list { of = text {} } },\n"
    "event 'late' {}, event 'offer' {}, event 'both' {}, event 'handler' {}, event 'find' {},\n"
    "effect 'say' { text = text { personal = true }, more = any {} },\n"
    "state 's' {\n"
    "on 'late' { act = function(case) case:effect('say', { text = words.late, more = { words.late } }) end },\n"
    "on 'offer' { act = function(case) case:effect('say', { text = words.offer }) case.data.name = 'Ada' "
    "case:effect('say', { text = words.offer }) end },\n"
    "on 'both' { act = function(case) case.data.said = words.both end },\n"
    "on 'handler' { act = function(case) case.data.said = case:phrase('offer', { amount = case.params.limit * 2, name = 'Bea' })\n"
    "  case:effect('say', { text = case:phrase('price'), more = { case:value(words.late), case:phrase('late') } }) end },\n"
    "on 'find' { act = function(case) case.data.all = case:phrases { tag = 'late' }\n"
    "  case:effect('say', { more = { case:phrases { tag = 'ask', open = true }, case:phrases { tag = 'sorry', tone = 'warm' }, "
    "case:phrases { tone = 'cold' },\n"
    "  case:phrases { tag = 'price', concedes = false } } }) end } } }";

static void open_shop(book *b) {
	b->files = shop;
	book_open(b, shop_source, NULL);
}

static const char *late_in(const char *locale) {
	static char said[4096];
	char open[256];
	book b = {0};
	open_shop(&b);
	snprintf(open, sizeof open, "{'data':{'order':'A1'}%s%s%s}", locale != NULL ? ",'locale':'" : "", locale != NULL ? locale : "",
	    locale != NULL ? "'" : "");
	assert_int_equal(say_opening(&b, "late", NULL, open), APLOMB_OK);
	assert_string_equal(mistake_of(&b), "");
	const char *text = strstr(line_of(&b), "'text':'");
	assert_non_null(text);
	snprintf(said, sizeof said, "%.*s", (int)strcspn(text + 8, "'"), text + 8);
	book_close(&b);
	return said;
}

static void a_locale_stands_before_its_language_and_that_before_the_fallback(void **state) {
	(void)state;
	static const struct {
		const char *locale, *said;
	} cases[] = {{NULL, "Order A1 of you is late."}, {"en", "Order A1 of you is late."}, {"en-GB", "Order A1 of you is late."},
	    {"de", "Bestellung A1 ist verspätet."}, {"de-CH", "Bestellung A1 ist verspätet."}, {"de-AT", "Grüß Gott! A1 kommt später."},
	    {"de_AT.UTF-8", "Grüß Gott! A1 kommt später."}, {"DE-at", "Grüß Gott! A1 kommt später."},
	    {"de-AT-1996", "Grüß Gott! A1 kommt später."}, {"fr-CA", "En retard : A1"}, {"d", "Order A1 of you is late."},
	    {"deutsch", "Order A1 of you is late."}, {"-", "Order A1 of you is late."}, {"it", "Order A1 of you is late."}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) assert_string_equal(late_in(cases[i].locale), cases[i].said);
}

static void phrases_become_texts_where_texts_are_needed(void **state) {
	(void)state;
	book b = {0};
	open_shop(&b);
	say_opening(&b, "late", NULL, "{'data':{'order':'A1'}}");
	assert_text_has(line_of(&b), "'data':{'more':['Order A1 of you is late.'],'text':'Order A1 of you is late.'}");
	say(&b, "offer", NULL);
	assert_text_has(line_of(&b), "'data':{'text':'You get 40.00 GBP, friend.'}");
	assert_text_has(line_of(&b), "'data':{'text':'You get 40.00 GBP, Ada.'}");
	say(&b, "both", NULL);
	assert_text_has(data_of(&b), "'said':'You get 12, friend. And: Soon: 2 h 30 min.'");
	say(&b, "handler", NULL);
	assert_text_has(data_of(&b), "'said':'You get 80.00 GBP, Bea.'");
	assert_text_has(line_of(&b), "'data':{'more':['Order A1 of you is late.','Order A1 of you is late.'],'text':'nothing'}");
	book_close(&b);
}

static void phrases_are_found_by_tags_and_attributes(void **state) {
	(void)state;
	book b = {0};
	open_shop(&b);
	say_opening(&b, "find", NULL, "{'data':{'order':'A1'}}");
	assert_string_equal(mistake_of(&b), "");
	assert_text_has(data_of(&b), "'all':['late']");
	assert_text_has(line_of(&b), "'more':[[],['late'],[],['price']]");
	book_close(&b);
}

static void what_cannot_be_said_is_a_mistake(void **state) {
	(void)state;
	static const struct {
		const char *body, *mistake;
	} cases[] = {
	    {"case:phrase('lat')", "unknown-phrase: there is no phrase \"lat\"; did you mean \"late\"?"},
	    {"case:phrase('offer')", "missing-field: phrase \"offer\" (en): {amount} is missing; write {amount|…} with what is said then"},
	    {"case:phrase('offer', { amount = true })", "wrong-type: phrase \"offer\": the argument amount is a boolean, which has no form"},
	    {"case:phrase('offer', { amount = {} })", "wrong-type: phrase \"offer\": the argument amount is a table, which has no form"},
	    {"case:phrase('offer', { amount = '\\xff' })", "wrong-text: phrase \"offer\": the argument amount is not valid UTF-8"},
	    {"case:phrase('offer', 12)", "wrong-type: case:phrase: the arguments are a table of names and values, found an integer"},
	    {"case:phrase(12)", "wrong-type: case:phrase: the id must be text, found an integer"},
	    {"case:phrases('apology')", "wrong-type: case:phrases is asked with a table: case:phrases { tag = \"apology\" }, found text"},
	    {"case:phrases { 'apology' }", "wrong-type: case:phrases is asked by name: case:phrases { tag = \"apology\" }"},
	    {"case.data.n = late", "wrong-type: data.n: expected an integer, found the text \"It is late.\""},
	    {"case.data.short = late", "out-of-bounds: data.short: expected at most 3 characters, found 11"},
	    {"case.data.o = nil case:phrase('order')", "missing-field: phrase \"order\" (en): {data.o} is missing; write {data.o|…}"},
	    {"case:phrase('turn', { a = turn })", "limit-depth: phrase \"turn\": phrases are arguments of phrases more than 8 deep here"},
	};
	static const book_file files[] = {
	    {"phrases.lua", "return { en = { late = 'It is late.', offer = 'You get {amount}.', order = '{data.o}', turn = '{a|}' } }"},
	    {NULL, NULL}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char source[1024];
		snprintf(source, sizeof source,
		    "local late = phrase 'late' local arguments = {} local turn = phrase 'turn' (arguments) arguments.a = turn\n"
		    "return playbook 'p' { data = { n = integer {}, short = text { max = 3 }, o = text { default = 'x' } }, event 'go' {},\n"
		    "state 's' { on 'go' { act = function(case) %s end } } }",
		    cases[i].body);
		book b = {.files = files};
		book_open(&b, source, NULL);
		say(&b, "go", NULL);
		assert_text_has(mistake_of(&b), cases[i].mistake);
		book_close(&b);
	}
}

static void a_phrase_has_no_value_while_it_is_loaded(void **state) {
	(void)state;
	static const book_file files[] = {{"phrases.lua", "return { en = { late = 'It is late.' } }"}, {NULL, NULL}};
	assert_text_has(findings_among("local p = phrase 'late'\nlocal s = 'x' .. p\nreturn playbook 'p' { state 's' {} }", files),
	    "2 lua-error: attempt to concatenate a part value (local 'p')");
}

/* ---- the word ------------------------------------------------------------------------ */

static void the_word_is_checked_where_it_stands(void **state) {
	(void)state;
	static const book_file files[] = {
	    {"phrases.lua", "return { en = { offer = 'You get {amount}.', free = 'For {who|you}.', plain = 'Hello.' } }"}, {NULL, NULL}};
	static const struct {
		const char *word, *found;
	} cases[] = {
	    {"phrase 'plain'", ""},
	    {"phrase 'offer' { amount = 12 }", ""},
	    {"phrase 'offer' { amount = from 'data.sure' }", ""},
	    {"phrase 'free' { who = from 'data.maybe' }", ""},
	    {"phrase 'free'", ""},
	    {"phrase('offer', { amount = 'x' })", ""},
	    {"phrase 'ofer'", "1 unknown-phrase: there is no phrase \"ofer\"; did you mean \"offer\"?\n"},
	    {"phrase 'offer'", "1 phrase-argument: phrase \"offer\" (en) needs the argument amount, for it has {amount} in it\n"},
	    {"phrase 'offer' {}", "1 phrase-argument: phrase \"offer\" (en) needs the argument amount, for it has {amount} in it\n"},
	    {"phrase 'offer' { amuont = 12, amount = 1 }",
	        "1 phrase-argument: phrase \"offer\" has no placeholder {amuont}; did you mean \"amount\"?\n"},
	    {"phrase 'plain' { 'x' }", "1 phrase-argument: phrase \"plain\": arguments have names: phrase \"plain\" { amount = … }\n"},
	    {"phrase 'offer' { amount = from 'data.maybe' }", "1 phrase-may-lack: phrase \"offer\" (en): the argument amount comes from what "
	                                                      "may be missing, and {amount} has no alternative\n"},
	    {"phrase 'offer' { amount = from 'data.flag' }",
	        "1 phrase-argument: phrase \"offer\": an argument is boolean, which has no form for people\n"},
	    {"phrase 'offer' { amount = true }",
	        "1 phrase-argument: phrase \"offer\": an argument is text, a number, money, from \"…\" or phrase \"…\"; found a boolean\n"},
	    {"phrase 'offer' { amount = phrase 'nothing' }", "1 unknown-phrase: there is no phrase \"nothing\"\n"},
	    {"phrase 'plain' 'x'", "1 word-call: phrase \"plain\" is complete, but text follows it; is a comma missing?\n"},
	    {"phrase 'plain' {} {}", "1 word-call: phrase \"plain\" is complete, but a table follows it; is a comma missing?\n"},
	    {"phrase 'free' { who = phrase 'plain' {} {} }",
	        "1 word-call: phrase \"plain\" is complete, but a table follows it; is a comma missing?\n"},
	    {"phrase 'offer' { amount = from 'data.sure' {} }",
	        "1 word-call: from \"data.sure\" is complete, but a table follows it; is a comma missing?\n"},
	    {"phrase(12)", "1 word-call: phrase is written phrase \"id\"; it was called with an integer\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char source[1024];
		snprintf(source, sizeof source,
		    "local p = %s\nlocal used = { 'offer', 'free', 'plain' }\nreturn playbook 'p' { data = { sure = text { required = true }, "
		    "maybe = "
		    "text {}, flag = boolean { default = true } }, state 's' {} }",
		    cases[i].word);
		assert_string_equal(findings_among(source, files), cases[i].found);
	}
	assert_string_equal(
	    findings_of("local p = phrase 'late' return playbook 'p' { state 's' {} }"), "1 unknown-phrase: there is no phrase \"late\"\n");
}

/* ---- catalogues ------------------------------------------------------------------------- */

static void what_a_catalogue_may_not_hold_is_told_by_its_place(void **state) {
	(void)state;
	static const struct {
		const char *phrases, *found;
	} cases[] = {
	    {"return {\n en = {\n late = 'Order {data.ordr}' } }",
	        "folder/phrases.lua:3 unknown-field: phrase \"late\" (en): {data.ordr}: there is no such field; did you mean \"order\"?\n"},
	    {"return { en = {\n late = { 'Dear {data.name}',\n tags = { 'x' } } } }",
	        "folder/phrases.lua:2 phrase-may-lack: phrase \"late\" (en): {data.name} may be missing, so the phrase must say what is said "
	        "then: "
	        "{data.name|…}\n"},
	    {"return { en = { late = 12 } }", "folder/phrases.lua:1 phrase-shape: phrase \"late\" is a text, or a table that begins with one: "
	                                      "{ \"…\", tags = { … } }; found an "
	                                      "integer\n"},
	    {"return { en = { late = { tags = { 'x' } } } }",
	        "folder/phrases.lua:1 phrase-shape: phrase \"late\" is a text, or a table that begins with one: { \"…\", tags = { … } }; found "
	        "nothing\n"},
	    {"return { en = { late = '' } }", "folder/phrases.lua:1 phrase-shape: phrase \"late\" says nothing\n"},
	    {"return { en = { late = { 'x', 'y' } } }",
	        "folder/phrases.lua:1 phrase-shape: phrase \"late\" has one text in each locale, and attributes by name\n"},
	    {"return { en = { late = { 'x', tags = 'y' } } }",
	        "folder/phrases.lua:1 phrase-shape: phrase \"late\": tags is a list of texts: tags = { \"apology\" }\n"},
	    {"return { en = { late = { 'x', tags = { 1 } } } }",
	        "folder/phrases.lua:1 phrase-shape: phrase \"late\": tags is a list of texts: tags = { \"apology\" }\n"},
	    {"return { en = { late = { 'x', tone = {} } } }",
	        "folder/phrases.lua:1 phrase-shape: phrase \"late\": tone is one text, number or boolean\n"},
	    {"return { en = { ['So late'] = 'x' } }", "folder/phrases.lua:1 phrase-shape: \"So late\" is no phrase's id: that is made of small "
	                                              "letters, digits, \"-\" and \"_\", with dots between its parts\n"},
	    {"return { english = { late = 'x' } }", "folder/phrases.lua:1 bad-locale: \"english\" is no locale such as \"en\" or \"de-AT\"\n"},
	    {"return { en = 'late' }", "folder/phrases.lua:1 phrase-shape: the phrases of a locale are a table: en = { [\"greeting\"] = \"…\" "
	                               "}; found text\n"},
	    {"return { en = { 'late' } }", "folder/phrases.lua:1 values-only: en: everything in here has a name; [1] is none\n"},
	    {"return { fallback = 'fr', en = { late = 'x' } }",
	        "folder/phrases.lua:1 bad-locale: the fallback is \"fr\", but nothing is said in it\n"},
	    {"return { fallback = 12, en = { late = 'x' } }",
	        "folder/phrases.lua:1 bad-locale: fallback is a locale such as \"en\" or \"de-AT\"\n"},
	    {"return { en = { late = { 'x', tags = { 'a' } } },\nde = { late = { 'y', tags = { 'b' } } } }",
	        "folder/phrases.lua:1 phrase-attributes: phrase \"late\" has other tags or attributes in en than in de; they belong to the "
	        "phrase, "
	        "so one locale is enough\n"},
	    {"return {\n en = { late = 'x', late = 'y' } }", "folder/phrases.lua:2 duplicate-key: "},
	    {"return { en = { late = function() end } }",
	        "folder/phrases.lua:1 values-only: en.late is a function; this file holds values only\n"},
	    {"return {\n en = { late = string.rep('x', 2) } }",
	        "folder/phrases.lua:2 values-only: \"string\" means nothing here: phrases.lua holds values only, no words and no functions\n"},
	    {"return {\n en = { late = ('x'):rep(2) } }", "folder/phrases.lua:2 lua-error: attempt to index a string value (constant 'x')\n"},
	    {"return 12", "folder/phrases.lua:1 values-only: phrases.lua returns a table of values: return { … }; it returned an integer\n"},
	    {"return {\n en = {", "folder/phrases.lua:2 lua-syntax: unexpected symbol near <eof>\n"},
	    {"while true do end", "limit-instructions"},
	    {"return { en = { late = 'x' }, de = { late = 'y', never = 'z' } }",
	        "folder/phrases.lua:1 (note) phrase-unused: phrase \"never\" is said nowhere\n"},
	    {"return { en = { late = 'x', l2 = { 'x', tags = { 'a' } } }, de = { late = 'y' } }",
	        "folder/phrases.lua:1 (note) phrase-not-translated: phrase \"l2\" is not said in de\n"},
	    {"return { fallback = 'en', en = { x = { 'x', tags = { 'a' } } }, de = { late = 'y', x = 'x' } }",
	        "folder/phrases.lua:1 (warning) phrase-not-translated: phrase \"late\" is not said in en, the fallback: a case of another "
	        "locale "
	        "would hear it in de\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const book_file files[] = {{"phrases.lua", cases[i].phrases}, {NULL, NULL}};
		assert_text_has(
		    findings_among("local p = 'late' return playbook 'p' { data = { order = text { required = true }, name = text {} }, "
		                   "state 's' {} }",
		        files),
		    cases[i].found);
	}
}

static void a_policys_phrase_stands_before_the_playbooks_and_keeps_its_tags(void **state) {
	(void)state;
	static const book_file files[] = {
	    {"phrases.lua", "return { en = { late = { 'It is late.', tags = { 'own' } }, other = { 'X', tags = { 'own' } } } }"},
	    {"policy.lua", "return { phrases = { en = { late = 'So sorry.', other = { 'Y', tags = { 'none' } } } } }"}, {NULL, NULL}};
	book b = {.files = files};
	book_open(&b,
	    "local p = { phrase 'late', phrase 'other' } return playbook 'p' { data = { a = any {} }, event 'go' {}, state 's' { on 'go' { act "
	    "= "
	    "function(case) case.data.a = { case:phrase('late'), case:phrase('other'), case:phrases { tag = 'own' } } end } } }",
	    NULL);
	say(&b, "go", NULL);
	assert_string_equal(data_of(&b), "{'a':['So sorry.','Y',['late']]}");
	book_close(&b);
}

static void what_is_personal_goes_to_personal_fields_only(void **state) {
	(void)state;
	static const book_file files[] = {
	    {"phrases.lua", "return { en = { dear = 'Dear {data.name|you}', hello = 'Hello, {subject|you}', plain = 'Hello, {who|you}' } }"},
	    {NULL, NULL}};
	static const char source[] =
	    "local p = { dear = phrase 'dear', hello = phrase 'hello', who = phrase 'plain' { who = from 'data.name' },\n"
	    "  deep = phrase 'plain' { who = phrase 'dear' }, plain = phrase 'plain' { who = 'all' } }\n"
	    "return playbook 'p' { data = { name = text { personal = true }, open = text {} },\n"
	    "event 'go' { what = text {} }, event 'keep' { what = text {} }, effect 'say' { kept = text { personal = true }, open = text {} "
	    "},\n"
	    "state 's' { on 'go' { act = function(case, event) case:effect('say', { open = p[event.what] }) end },\n"
	    "on 'keep' { act = function(case, event) case:effect('say', { kept = p[event.what] }) end } } }";
	book b = {.files = files};
	book_open(&b, source, NULL);
	static const char *const personal[] = {"dear", "hello", "who", "deep"};
	for (size_t i = 0; i < 4; i++) {
		char data[64];
		snprintf(data, sizeof data, "{'what':'%s'}", personal[i]);
		say(&b, "keep", data);
		assert_string_equal(mistake_of(&b), "");
		say(&b, "go", data);
		assert_text_has(mistake_of(&b), "phrase-personal: effect \"say\".open: phrase \"");
	}
	say(&b, "go", "{'what':'plain'}");
	assert_text_has(line_of(&b), "'data':{'open':'Hello, all'}");
	book_close(&b);
	assert_string_equal(findings_among("local p = phrase 'hello'\nlocal q = 'dear' .. 'plain' local r = { 'dear', 'plain' }\n"
	                                   "return playbook 'p' { data = { name = text {} }, effect 'say' { text = text {} }, state 's' {} }",
	                        files),
	    "1 (warning) phrase-personal: phrase \"hello\" says something personal, but no field of an effect, or of data, is marked personal "
	    "= "
	    "true to take it\n");
}

static void an_override_of_nothing_is_a_slip(void **state) {
	(void)state;
	static const book_file files[] = {{"phrases.lua", "return { en = { ['apology.late'] = 'It is late.' } }"},
	    {"policy.lua", "return { phrases = { en = {\n ['apology.lat'] = 'So sorry.' } } }"}, {NULL, NULL}};
	assert_string_equal(findings_among("local p = phrase 'apology.late' return playbook 'p' { state 's' {} }", files),
	    "folder/policy.lua:2 (warning) phrase-unused: phrase \"apology.lat\" is said nowhere; did you mean \"apology.late\"?\n");
}

static void the_files_are_part_of_the_version_and_of_its_bundle(void **state) {
	(void)state;
	static const char source[] =
	    "local p = phrase 'late' return playbook 'p' { data = { t = text {} }, event 'go' {}, state 's' { on 'go' { "
	    "act = function(case) case.data.t = p end } } }";
	static const book_file one[] = {{"phrases.lua", "return { en = { late = 'It is late.' } }"}, {NULL, NULL}};
	static const book_file other[] = {{"phrases.lua", "return { en = { late = 'It is so late.' } }"}, {NULL, NULL}};
	char hashes[2][APL_SHA256_HEX + 1], bundle[32768];
	for (int i = 0; i < 2; i++) {
		book b = {.files = i == 0 ? one : other};
		book_open(&b, source, NULL);
		memcpy(hashes[i], b.program->hash, sizeof hashes[i]);
		snprintf(bundle, sizeof bundle, "%s", b.program->source);
		book_close(&b);
	}
	assert_string_not_equal(hashes[0], hashes[1]);
	book b = {0};
	book_open(&b, bundle, NULL);
	assert_string_equal(b.program->hash, hashes[1]);
	say(&b, "go", NULL);
	assert_string_equal(data_of(&b), "{'t':'It is so late.'}");
	book_close(&b);
}

static void without_memory_nothing_is_left(void **state) {
	(void)state;
	int code = APLOMB_ENOMEM;
	for (uint64_t n = 1; code != APLOMB_OK; n += n < 400 ? 7 : 131) {
		book b = {.files = shop};
		b.heap.fail_at = n;
		code = book_try(&b, shop_source, NULL);
		assert_true(code == APLOMB_OK || code == APLOMB_ENOMEM);
		b.heap.fail_at = 0;
		book_close(&b);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_locale_stands_before_its_language_and_that_before_the_fallback),
	    cmocka_unit_test(phrases_become_texts_where_texts_are_needed),
	    cmocka_unit_test(phrases_are_found_by_tags_and_attributes),
	    cmocka_unit_test(what_cannot_be_said_is_a_mistake),
	    cmocka_unit_test(a_phrase_has_no_value_while_it_is_loaded),
	    cmocka_unit_test(the_word_is_checked_where_it_stands),
	    cmocka_unit_test(what_a_catalogue_may_not_hold_is_told_by_its_place),
	    cmocka_unit_test(a_policys_phrase_stands_before_the_playbooks_and_keeps_its_tags),
	    cmocka_unit_test(what_is_personal_goes_to_personal_fields_only),
	    cmocka_unit_test(an_override_of_nothing_is_a_slip),
	    cmocka_unit_test(the_files_are_part_of_the_version_and_of_its_bundle),
	    cmocka_unit_test(without_memory_nothing_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
