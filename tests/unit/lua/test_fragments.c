/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "book.h"

/* A fragment as a module has it: it asks, and ends in one of two ways. */
#define ASKING                                                                                                                             \
	"local M = {}\nfunction M.ask(id, done)\n\treturn state(id) { done = done, event(id .. '.asked') {},\n\t\tstate 'asking' { on 'yes' "  \
	"{ to = "                                                                                                                              \
	"'agreed' }, on 'no' { to = 'refused' } },\n\t\tfinal 'agreed' {}, final 'refused' {} }\nend\nreturn M"

static const book_file asking[] = {{"asking.lua", ASKING}, {0}};

#define BOOK(children)                                                                                                                     \
	"local ask = require('asking').ask\nreturn playbook 'p' { event 'yes' {}, event 'no' {}, event 'go' {},\n" children " }"

/* ---- done ---------------------------------------------------------------------------------- */

static void each_final_leads_where_done_says(void **state) {
	(void)state;
	static const char source[] =
	    BOOK("ask('first', { agreed = 'second', refused = 'first' }), ask('second', { agreed = 'over', refused = 'first' }), "
	         "state 'over' {}");
	assert_string_equal(findings_among(source, asking), "");
	book b = {.files = asking};
	book_open(&b, source, NULL);
	say(&b, "no", NULL);
	assert_string_equal(states_of(&b), "first.asking");
	say(&b, "yes", NULL);
	assert_string_equal(states_of(&b), "second.asking");
	assert_text_has(line_of(&b), "'do':'transition','from':'first','on':'done.state.first','place':'asking.lua:3','to':['second']");
	say(&b, "no", NULL);
	assert_string_equal(states_of(&b), "first.asking");
	say(&b, "yes", NULL);
	say(&b, "yes", NULL);
	assert_string_equal(states_of(&b), "over");
	book_close(&b);
}

static void what_a_fragment_holds_does_not_catch_its_ways_out(void **state) {
	(void)state;
	/* The fragment has a state "asking" itself; the caller means its own. The caller's "agreed" is further out than the fragment's. */
	static const char source[] =
	    BOOK("state 'talk' { ask('ask', { agreed = 'asking', refused = 'agreed' }), state 'asking' {} }, state 'agreed' {}");
	assert_string_equal(findings_among(source, asking), "");
	book b = {.files = asking};
	book_open(&b, source, NULL);
	say(&b, "yes", NULL);
	assert_string_equal(states_of(&b), "talk.asking");
	book_close(&b);
	memset(&b, 0, sizeof b);
	b.files = asking;
	book_open(&b, source, NULL);
	say(&b, "no", NULL);
	assert_string_equal(states_of(&b), "agreed");
	book_close(&b);
}

static void one_fragment_in_two_regions_ends_each_for_itself(void **state) {
	(void)state;
	static const char source[] =
	    BOOK("parallel 'both' { state 'a' { ask('q', { agreed = 'rest', refused = 'rest' }), state 'rest' {} },\n"
	         "  state 'b' { state 'before' { on 'go' { to = 'q' } }, ask('q', { agreed = 'rest', refused = 'rest' }), state 'rest' {} } }");
	assert_string_equal(findings_among(source, asking), "");
	book b = {.files = asking};
	book_open(&b, source, NULL);
	say(&b, "yes", NULL);
	assert_string_equal(states_of(&b), "both.a.rest both.b.before");
	say(&b, "go", NULL);
	assert_string_equal(states_of(&b), "both.a.rest both.b.q.asking");
	say(&b, "no", NULL);
	assert_string_equal(states_of(&b), "both.a.rest both.b.rest");
	book_close(&b);
}

static void a_way_out_may_enter_several_regions(void **state) {
	(void)state;
	static const char source[] = BOOK("ask('ask', { agreed = { 'l.two', 'r.two' }, refused = 'ask' }), parallel 'lr' { \n"
	                                  "state 'l' { state 'one' {}, state 'two' {} }, state 'r' { state 'one' {}, state 'two' {} } }");
	/* Both are inside of lr, which is beside. */
	assert_text_has(findings_among(source, asking), "unknown-target");
	static const char right[] = BOOK("ask('ask', { agreed = { 'lr.l.two', 'lr.r.two' }, refused = 'ask' }), parallel 'lr' {\n"
	                                 "state 'l' { state 'one' {}, state 'two' {} }, state 'r' { state 'one' {}, state 'two' {} } }");
	book b = {.files = asking};
	book_open(&b, right, NULL);
	say(&b, "yes", NULL);
	assert_string_equal(states_of(&b), "lr.l.two lr.r.two");
	book_close(&b);
}

typedef struct wrong_case {
	const char *source, *found;
} wrong_case;

static void check_wrong(const wrong_case *cases, size_t count, const book_file *files) {
	int wrong = 0;
	for (size_t i = 0; i < count; i++) {
		const char *found = findings_among(cases[i].source, files);
		if (strcmp(found, cases[i].found) == 0) continue;
		print_error("--- %s\n--- expected\n%s--- found\n%s", cases[i].source, cases[i].found, found);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}
#define CHECK_WRONG(cases, files) check_wrong((cases), sizeof(cases) / sizeof *(cases), (files))

static void done_is_whole_and_names_nothing_else(void **state) {
	(void)state;
	static const wrong_case cases[] = {
	    {BOOK("ask('first', { agreed = 'over' }), state 'over' {}"), "folder/asking.lua:3 outcome-not-mapped: state \"first\" can end in "
	                                                                 "\"refused\", and done does not say where that leads; add refused "
	                                                                 "= \"…\"\n"},
	    {BOOK("ask('first', { agreed = 'over', refused = 'over', refsued = 'over' }), state 'over' {}"),
	        "folder/asking.lua:3 unknown-outcome: state \"first\": done names \"refsued\", which is no final of it; did you mean "
	        "\"refused\"?\n"},
	    {BOOK("ask('first', { agreed = 'ovre', refused = 'asking' }), state 'over' {}"),
	        "folder/asking.lua:3 unknown-target: state \"first\": target \"ovre\" does not exist; did you mean \"over\"?\n"
	        "folder/asking.lua:3 unknown-target: state \"first\": target \"asking\" is not in reach; there is \"first.asking\"\n"},
	    {BOOK("state 's' { done = { agreed = 'over' } }, state 'over' {}"),
	        "3 unknown-outcome: state \"s\": done names \"agreed\", but there is no final in it\n"},
	    {BOOK("state 's' { done = { 'over' }, final 'x' {} }"),
	        "3 wrong-kind: state \"s\": done must be a table such as { accepted = \"resolved\" }, found a table\n"},
	    {BOOK("state 's' { done = { x = 5 }, final 'x' {} }"),
	        "3 wrong-kind: state \"s\": done must be a table such as { accepted = \"resolved\" }, found a table\n"},
	    {BOOK("state 's' { done = { x = 'two words' }, final 'x' {} }"),
	        "3 bad-text: state \"s\": done.x \"two words\" has a space in it; several names are a list: { \"a\", \"b\" }\n"},
	    {BOOK("parallel 'both' { ask('q', { agreed = 'out', refused = 'q' }), state 'b' {} }, state 'out' {}"),
	        "folder/asking.lua:3 cross-region-target: state \"both.q\": target \"out\" is reached only by leaving all regions of \"both\"; "
	        "carry the "
	        "transition on \"both\", or let the regions speak through events\n"
	        "folder/asking.lua:3 cross-region-target: state \"both.q\": target \"both.q\" is reached only by leaving all regions of "
	        "\"both\"; carry "
	        "the transition on \"both\", or let the regions speak through events\n"},
	    /* Without done a fragment is free, and its end is an event as ever. */
	    {BOOK("state 'talk' { on 'done.state.ask' { to = 'over' }, ask('ask') }, state 'over' {}"), ""},
	};
	CHECK_WRONG(cases, asking);
}

/* ---- declarations ---------------------------------------------------------------------------- */

static void a_fragment_declares_what_it_raises(void **state) {
	(void)state;
	static const char source[] =
	    BOOK("ask('first', { agreed = 'second', refused = 'first' }), state 'second' { on 'first.asked' { to = 'third' } },\n"
	         "state 'third' { group { event 'deep' { n = integer {} }, effect 'tell' {} }, on 'deep' { act = function(case, event) "
	         "case:effect('tell') end } }");
	assert_string_equal(findings_among(source, asking), "");
	book b = {.files = asking};
	book_open(&b, source, NULL);
	say(&b, "yes", NULL);
	say(&b, "first.asked", NULL);
	assert_string_equal(states_of(&b), "third");
	assert_int_equal(say(&b, "deep", "{'n':1}"), APLOMB_OK);
	assert_text_has(line_of(&b), "'do':'effect'");
	book_close(&b);
}

static void one_declaration_may_be_met_twice_and_two_may_not(void **state) {
	(void)state;
	static const book_file files[] = {
	    {"shared.lua", "local M = {}\nfunction M.s(id, t) return state(id) { event 'shared' { n = t } , effect 'told' {} } end\nreturn M"},
	    {"words.lua",
	        "local declares = group { event 'said' { text = text { min = 1, max = 9, default = 'x' }, tone = number { min = -1 }, who = "
	        "one_of { 'a', 'b' } }, group { effect 'say' { sum = money { max = '4.00 GBP' } } } }\nreturn { declares = declares }"},
	    {"more.lua", "return { declares = group { (require 'words').declares,\nevent 'more' {}, counter 'said-often' { of = 'said', window "
	                 "= '1h' } } }"},
	    {"other.lua", "return { declares = event 'said' {} }"}, {"none.lua", "return {}"},
	    {"odd.lua", "return { declares = group { event 'odd' {}, state 's' {}, 5, event 'half' } }"}, {0}};
#define SHARED(children) "local s = require('shared').s\nreturn playbook 'p' {\n" children " }"
	static const wrong_case cases[] = {
	    {SHARED("state 'x' { s('a', integer {}), s('b', integer {}) , initial = 'a', on 'shared' { to = 'b' } }"), ""},
	    {SHARED("state 'x' { s('a', integer {}), s('b', number {}) , initial = 'a', on 'shared' { to = 'b' } }"),
	        "folder/shared.lua:2 duplicate-event: event \"shared\" is declared already, in line 2\n"},
	    {SHARED("event 'shared' {}, s('a', integer {})"),
	        "folder/shared.lua:2 duplicate-event: event \"shared\" is declared already, in book.lua:3\n"},
	    {"return playbook 'p' { uses = { require 'words', require 'more', require 'words', require 'more' }, state 's' { on { 'said', "
	     "'more' } { when = "
	     "function(case) return case:count('said-often') > 1 end } } }",
	        ""},
	    {"return playbook 'p' { uses = { require 'more' }, counter 'said-often' { of = 'said' }, state 's' { on 'said' {} } }",
	        "1 duplicate-counter: counter \"said-often\" is declared already, in folder/more.lua:2\n"},
	    {"return playbook 'p' { uses = { require 'words', require 'other' }, state 's' { on 'said' {} } }",
	        "folder/other.lua:1 duplicate-event: event \"said\" is declared already, in folder/words.lua:1\n"},
	    {"return playbook 'p' { uses = { require 'words' }, effect 'say' {}, state 's' { on 'said' {} } }",
	        "1 duplicate-effect: effect \"say\" is declared already, in folder/words.lua:1\n"},
	    {"return playbook 'p' {\nuses = { require 'none' }, state 's' {} }",
	        "2 bad-declares: playbook \"p\" uses none, which declares nothing: it has no declares = group { event …, effect … }\n"},
	    {"return playbook 'p' { uses = require 'words', state 's' {} }",
	        "1 wrong-kind: playbook \"p\": uses must be a list of modules, as require gives them, found a table\n"},
	    {"return playbook 'p' { uses = { 'words' }, state 's' {} }",
	        "1 wrong-kind: playbook \"p\": uses must be a list of modules, as require gives them, found a table\n"},
	    {"return playbook 'p' { uses = { require 'odd' }, state 's' { on 'odd' {} } }",
	        "folder/odd.lua:1 bad-declares: odd.declares holds state \"s\"; only events, effects and counters are declared for others\n"
	        "folder/odd.lua:1 bad-declares: odd.declares: item 3 is an integer, not an event, an effect or a counter\n"
	        "folder/odd.lua:1 word-call: event \"half\" has no table; write event \"name\" { field = type, … }\n"},
	};
	CHECK_WRONG(cases, files);
}

/* ---- words of modules ---------------------------------------------------------------------------- */

/* A menu whose options are given to it, an action, a word that counts, and one that is only a value. */
static const char shop[] =
    "local M = {}\n"
    "M.option = define 'shop.option' { sentence = 'One thing.', named = true, fields = {\n"
    "  title = { 'text', required = true, sentence = 'What it is called.' },\n"
    "  price = { 'number', 'from', default = 1, sentence = 'What it costs.' },\n"
    "  when = { 'guard', sentence = 'Whether.' } } }\n"
    "M.menu = define 'shop.menu' { sentence = 'Things.', named = true, items = 'shop.option',\n"
    "  form = 'shop.menu \"id\" { option, … }',\n"
    "  fields = { done = { 'outcomes', required = true, sentence = 'Where it leads.' } },\n"
    "  make = function(id, fields, items)\n"
    "    if #items == 0 then return nil, 'there is nothing on it' end\n"
    "    local titles = {}\n"
    "    for i, option in ipairs(items) do titles[i] = option.id .. ':' .. option.title .. ':' .. (type(option.price) "
    "== 'number' and option.price or described(option.price).name) end\n"
    "    return state(id) { done = fields.done, event(id .. '.picked') {},\n"
    "      state 'open' { entry(M.tell(table.concat(titles, ' '))), on(id .. '.picked') { to = 'picked' }, after '1h' { to = "
    "'left' } },\n"
    "      final 'picked' {}, final 'left' {} }\n"
    "  end }\n"
    "M.tell = define 'shop.tell' { sentence = 'Tells.', named = true, asks = 'tell',\n"
    "  make = function(text) return function(case) case:effect('tell', { text = text }) end end }\n"
    "M.strikes = define 'shop.strikes' { sentence = 'Counts.', fields = { counts = { 'counter', required = true, sentence = "
    "'What.' }, within = { 'span', sentence = 'How long.' } },\n"
    "  make = function(_, fields)\n"
    "    local of = described(fields.counts)\n"
    "    return group { fields.counts, state(of.name) { on(of.fields.of) { when = of.fields.when, act = M.tell 'strike' } } }\n"
    "  end }\n"
    "M.broken = define 'shop.broken' { sentence = 'Breaks.', make = function() local x = nil return x.y end }\n"
    "M.half = define 'shop.half' { sentence = 'Half.', make = function() return state 'half' end }\n"
    "M.nothing = define 'shop.nothing' { sentence = 'Nothing.', make = function() end }\n"
    "M.declares = effect 'tell' { text = text {} }\n"
    "return M\n";
static const book_file shop_files[] = {{"shop.lua", shop}, {0}};

#define SHOP_FIRST "local shop = require 'shop'\nreturn playbook 'p' { uses = { shop }, event 'go' { n = integer {} },"
#define SHOP(children) SHOP_FIRST "\n" children " }"

static void a_word_of_a_module_makes_nodes_and_actions_and_values(void **state) {
	(void)state;
	static const char source[] = SHOP(
	    "params = { price = integer { default = 5 } },\nparallel 'all' { state 'talk' {\n"
	    "shop.menu 'first' {\n  shop.option 'a' { title = 'Apple' },\n  shop.option 'b' { title = 'Pear', price = from 'params.price' },\n"
	    "  done = { picked = 'over', left = 'first' } },\nstate 'over' { entry(shop.tell 'over') } },\n"
	    "state 'counting' { shop.strikes { counts = counter 'bad' { of = 'go', when = function(case, event) return event.n == 1 end }, "
	    "within = '2h' } } }");
	assert_string_equal(findings_among(source, shop_files), "");
	book b = {.files = shop_files};
	book_open(&b, source, NULL);
	say(&b, "go", "{'n':1}");
	assert_text_has(apl_buf_terminate(&b.lines), "{\"text\":\"a:Apple:1 b:Pear:params.price\"}");
	assert_text_has(line_of(&b), "'text':'strike'");
	assert_string_equal(states_of(&b), "all.talk.first.open all.counting.bad");
	say(&b, "first.picked", NULL);
	assert_text_has(line_of(&b), "'text':'over'");
	/* The menu stands where its word was called. */
	assert_text_has(line_of(&b), "'on':'done.state.first','place':'book.lua:5'");
	assert_text_has(line_of(&b), "'on':'first.picked','place':'shop.lua:14'");
	book_close(&b);
}

#define WRONG_SHOP(children) SHOP_FIRST "state 'z' {},\n" children " }"

static void calls_of_a_modules_words_are_checked_as_the_cores_are(void **state) {
	(void)state;
	static const wrong_case cases[] = {
	    {WRONG_SHOP("shop.menu 'm' { shop.option 'a' { titel = 'x' }, done = { picked = 'm', left = 'm' } }"),
	        "3 missing-field: shop.option \"a\" needs the field \"title\": What it is called.\n"
	        "3 unknown-field: shop.option \"a\" has no field \"titel\"; did you mean \"title\"?\n"},
	    {WRONG_SHOP("shop.menu 'm' {\nshop.option 'a' { title = 5, price = 'dear', when = {} },\ndone = { picked = 'm', left = 'm' } }"),
	        "4 wrong-kind: shop.option \"a\": title must be text, found an integer\n"
	        "4 wrong-kind: shop.option \"a\": price must be a number or from \"params.x\", found text\n"
	        "4 wrong-kind: shop.option \"a\": when must be text or a function of the playbook, found a table\n"},
	    {WRONG_SHOP("shop.menu 'm' { state 'x' {}, 5, done = { picked = 'm', left = 'm' } }"),
	        "3 wrong-kind: shop.menu \"m\": item 1 must be shop.option \"id\" { … }, found state \"id\" { … }\n"
	        "3 wrong-kind: shop.menu \"m\": item 2 must be shop.option \"id\" { … }, found an integer\n"},
	    {WRONG_SHOP("shop.menu 'm' { shop.option 'a', done = { picked = 'm', left = 'm' } }"),
	        "3 wrong-kind: shop.menu \"m\": item 1 must be shop.option \"id\" { … }, found shop.option \"a\" without its table\n"},
	    {WRONG_SHOP("shop.menu 'm' { done = { picked = 'm', left = 'm' } }"),
	        "3 module-refuses: shop.menu \"m\": there is nothing on it\n"},
	    {SHOP("shop.menu 'm' { shop.option 'a' { title = 'x' }, done = { picked = 'm' } }"),
	        "3 outcome-not-mapped: state \"m\" can end in \"left\", and done does not say where that leads; add left = \"…\"\n"},
	    {WRONG_SHOP("shop.menu 'm' { shop.option 'a' { title = 'x' }, done = { picked = 'mm', left = 'm' } }"),
	        "3 unknown-target: state \"m\": target \"mm\" does not exist; did you mean \"m\"?\n"},
	    {WRONG_SHOP("shop.menu { done = {} }"),
	        "3 word-call: shop.menu is written shop.menu \"id\" { option, … }; it was called with a table\n"},
	    {WRONG_SHOP("shop.menu()"), "3 word-call: shop.menu is written shop.menu \"id\" { option, … }; it was called with nothing\n"},
	    {WRONG_SHOP("shop.menu 'm' 'n'"),
	        "3 word-call: shop.menu \"m\" is written shop.menu \"id\" { option, … }; behind the name stands text\n"},
	    {WRONG_SHOP("shop.option 'o' { title = 'x' } {}"),
	        "3 word-call: shop.option \"o\" is complete, but a table follows it; is a comma missing?\n"},
	    {WRONG_SHOP("shop.strikes 's' {}"), "3 word-call: shop.strikes is written shop.strikes { … }; it was called with text\n"},
	    {WRONG_SHOP("shop.strikes { shop.tell 'x', counts = counter 'c' { of = 'go' }, within = '2 parsecs' }"),
	        "3 unexpected-item: shop.strikes takes named fields only, found a function without a name\n"
	        "3 span: shop.strikes: within: \"2 parsecs\" is no span such as \"1h30m\": there are no spaces within a span; write \"2h\"\n"},
	    {WRONG_SHOP("shop.option 'a' { title = 'x' }, shop.menu 'm', shop.menu"),
	        "3 wrong-child: playbook \"p\": child 3 is shop.option \"a\", a value for another word of its module\n"
	        "3 wrong-child: playbook \"p\": child 4 is shop.menu \"m\" without its table\n"
	        "3 word-call: playbook \"p\": child 5 is the word shop.menu without its table; write shop.menu \"id\" { option, … }\n"},
	    {SHOP("state 's' { entry(shop.option 'a' { title = 'x' }), on 'go' { act = shop.option 'b' { title = 'y' } } }"),
	        "3 wrong-kind: entry: action 1 must be text or a function of the playbook, found shop.option \"a\"\n"
	        "3 wrong-kind: on \"go\": act must be text or a function of the playbook or a list of such, found shop.option \"b\"\n"},
	    {SHOP("state 's' { entry(shop.tell { }), on 'go' { act = shop.tell { } } }"),
	        "3 word-call: shop.tell is written shop.tell \"id\"; it was called with a table\n"
	        "3 word-call: shop.tell is written shop.tell \"id\"; it was called with a table\n"},
	    {SHOP("state 's' {},\nshop.half {},\nshop.nothing {}"),
	        "4 bad-maker: shop.half: its module made state \"half\" without its table\n"
	        "5 bad-maker: shop.nothing: its module's function, in folder/shop.lua:26, returned nothing\n"},
	    {"local shop = require 'shop'\nreturn playbook 'p' { event 'go' {},\nstate 's' { on 'go' { act = shop.tell 'x' } } }",
	        "3 unknown-effect: shop.tell asks for the effect \"tell\", which is not declared; name its module in uses = { … }\n"},
	    {SHOP("state 's' {},\nshop.broken {}"), "4 module-failed: shop.broken is made here, and its module has a mistake\n"
	                                            "folder/shop.lua:24 lua-error: attempt to index a nil value (local 'x')\n"},
	    {SHOP("state 's' { on 'go' { when = shop.menu 'x' { shop.option 'a' { title = 'y' }, done = { picked = 'm', left = 'm' } } } }"),
	        "3 wrong-kind: on \"go\": when must be text or a function of the playbook, found state \"id\" { … }\n"},
	    {WRONG_SHOP("state 's' { on 'go' { act = function() shop.tell 'x' end } },\nstate(shop.option 'a' { title = 'x' }.title) {}"),
	        "4 word-value: shop.option \"a\" is a value to be put into a table; it cannot be looked into or changed\n"},
	};
	CHECK_WRONG(cases, shop_files);
}

/* A module that asks a condition itself. */
static const book_file asking_files[] = {
    {"ask.lua", "local M = {}\nM.when = define 'ask.when' { sentence = 'Tells.', fields = { when = { 'condition', required = true, "
                "sentence = 'What.' } },\n"
                "  make = function(_, fields)\n"
                "    local holds, told = fields.when, described(fields.when)\n"
                "    return function(case, event)\n"
                "      table.insert(case.data.said, 'x')\n"
                "      local answer = holds(case, event)\n"
                "      case.data.answer = (told and told.name or 'function') .. ': ' .. tostring(answer)\n"
                "    end\n  end }\nreturn M"},
    {0}};
#define ASKING_BOOK(condition)                                                                                                             \
	"local ask = require 'ask'\nreturn playbook 'p' { data = { n = integer {}, answer = text {}, said = list { default = {} } }, event "   \
	"'go' { "                                                                                                                              \
	"n = integer {} },\nstate 's' { on 'go' { act = ask.when { when = " condition " } } } }"

static const char *answer_to(const char *source, const char *data) {
	static char answer[256];
	book b = {.files = asking_files};
	book_open(&b, source, NULL);
	say(&b, "go", data);
	snprintf(answer, sizeof answer, "%s%s", mistake_of(&b), strstr(data_of(&b), "'answer'") != NULL ? data_of(&b) : "");
	book_close(&b);
	return answer;
}

static void a_condition_is_a_function_to_its_module_whatever_it_was_written_as(void **state) {
	(void)state;
	assert_string_equal(answer_to(ASKING_BOOK("'event.n > 1'"), "{'n':2}"), "{'answer':'event.n > 1: true','said':['x']}");
	assert_string_equal(answer_to(ASKING_BOOK("'event.n > 1'"), "{'n':1}"), "{'answer':'event.n > 1: false','said':['x']}");
	assert_string_equal(answer_to(ASKING_BOOK("'event.n > 1'"), NULL), "{'answer':'event.n > 1: nil','said':['x']}");
	assert_string_equal(
	    answer_to(ASKING_BOOK("function(case, event) return event.n > 1 end"), "{'n':2}"), "{'answer':'function: true','said':['x']}");
	/* What the handler did to a table before it asked is seen. */
	assert_string_equal(answer_to(ASKING_BOOK("'len(data.said) == 1'"), NULL), "{'answer':'len(data.said) == 1: true','said':['x']}");
	/* A mistake while it is asked is told where the condition stands. */
	assert_text_has(answer_to(ASKING_BOOK("\n'1 // event.n > 1'"), "{'n':0}"), "4 guard-division: ");
	assert_text_has(findings_among(ASKING_BOOK("\n'event.m > 1'"), asking_files), "4 unknown-field: ask.when: when: event ");
	assert_text_has(findings_among(ASKING_BOOK("\n'event.n >'"), asking_files), "4 guard-syntax: ask.when: when: ");
}

static void definitions_are_checked_too(void **state) {
	(void)state;
	static const wrong_case cases[] = {
	    {"\ndefine 'menu' { sentence = 's' }",
	        "2 bad-define: define \"menu\": a word of a module is called by the module's name, a dot and its own: \"solutions.menu\"\n"},
	    {"\ndefine 'a.b' {}", "2 missing-field: define \"a.b\" needs the field \"sentence\": What it is for, in a sentence.\n"},
	    {"\ndefine 'a.b' { sentence = 's', maker = 5, fields = { x = { 'txt', sentence = 's' }, y = { 'text' }, z = 'text', [1] = {}, w = "
	     "{ "
	     "sentence = "
	     "'s' }, v = { 5, sentence = 's', requierd = true } }, items = { 'shop' } }",
	        "2 unknown-field: define \"a.b\" has no field \"maker\"; did you mean \"make\"?\n"
	        "2 bad-define: define \"a.b\": fields are named: fields = { title = { \"text\", sentence = \"…\" } }\n"
	        "2 bad-define: define \"a.b\": field \"x\": there is no kind \"txt\"; did you mean \"text\"?\n"
	        "2 bad-define: define \"a.b\": field \"y\" needs a sentence that says what it is for\n"
	        "2 bad-define: define \"a.b\": field \"z\" is a table such as { \"text\", sentence = \"…\" }, found text\n"
	        "2 bad-define: define \"a.b\": field \"w\" names no kind, such as { \"text\" }\n"
	        "2 bad-define: define \"a.b\": field \"v\": a kind is the text that names it, found an integer\n"
	        "2 bad-define: define \"a.b\": field \"v\" has \"requierd\", which is not known here; did you mean \"required\"?\n"
	        "2 bad-define: define \"a.b\": items: there is no kind \"shop\"\n"},
	};
	int wrong = 0;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char expected[4096];
		snprintf(expected, sizeof expected,
		    "1 not-a-playbook: the file must return a playbook: return playbook \"id\" { … }; it returned nothing\n%s", cases[i].found);
		const char *found = findings_of(cases[i].source);
		if (strcmp(found, expected) == 0) continue;
		print_error("--- %s\n--- expected\n%s--- found\n%s", cases[i].source, expected, found);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void words_of_modules_are_for_loading(void **state) {
	(void)state;
	book b = {.files = shop_files};
	book_open(&b, SHOP("state 's' { on 'go' { act = function() shop.tell 'x' end } }"), NULL);
	say(&b, "go", NULL);
	assert_string_equal(mistake_of(&b),
	    "3 outside-load: shop.tell says what the playbook is, once, while it is loaded; a function that runs later cannot use it");
	book_close(&b);
}

static void loading_fails_whole_at_every_request(void **state) {
	(void)state;
	static const char source[] =
	    SHOP("state 'talk' { shop.menu 'first' { shop.option 'a' { title = 'Apple' }, done = { picked = 'over', left = "
	         "'first' } }, state 'over' { entry(shop.tell 'over') } }");
	for (uint64_t n = 1;; n++) {
		book b = {.files = shop_files, .heap = {.fail_at = n}};
		int code = book_try(&b, source, NULL);
		uint64_t calls = b.heap.calls;
		assert_true(code == APLOMB_OK || code == APLOMB_ENOMEM);
		book_close(&b);
		if (code == APLOMB_OK && calls < n) break;
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_final_leads_where_done_says),
	    cmocka_unit_test(what_a_fragment_holds_does_not_catch_its_ways_out),
	    cmocka_unit_test(one_fragment_in_two_regions_ends_each_for_itself),
	    cmocka_unit_test(a_way_out_may_enter_several_regions),
	    cmocka_unit_test(done_is_whole_and_names_nothing_else),
	    cmocka_unit_test(a_fragment_declares_what_it_raises),
	    cmocka_unit_test(one_declaration_may_be_met_twice_and_two_may_not),
	    cmocka_unit_test(a_word_of_a_module_makes_nodes_and_actions_and_values),
	    cmocka_unit_test(calls_of_a_modules_words_are_checked_as_the_cores_are),
	    cmocka_unit_test(a_condition_is_a_function_to_its_module_whatever_it_was_written_as),
	    cmocka_unit_test(definitions_are_checked_too),
	    cmocka_unit_test(words_of_modules_are_for_loading),
	    cmocka_unit_test(loading_fails_whole_at_every_request),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
