/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "book.h"

#define BOOK(body) "local m = require 'm'\nreturn playbook 'p' { event 'go' {}, state 's' {" body "} }"

/* ---- what is found ---------------------------------------------------------------------- */

static void a_module_runs_once_in_the_same_sandbox_and_has_the_words(void **state) {
	(void)state;
	static const book_file files[] = {{"m.lua", "local n = require 'deep.n'\nlocal M = { times = n.times }\n"
	                                            "function M.waiting(id) return state(id) { after '1h' { to = n.over } } end\nreturn M"},
	    {"deep/n.lua", "local times = 0\ntimes = times + 1\nreturn { times = times, over = 'over' }"}, {0}};
	static const char source[] = "local m, n, again = require 'm', require 'deep.n', require 'deep.n'\n"
	                             "assert(n == again and n.times == 1 and m.times == 1)\n"
	                             "return playbook 'p' { event 'go' {}, m.waiting 'w', final 'over' {} }";
	assert_string_equal(findings_among(source, files), "");
	book b = {.files = files};
	book_open(&b, source, NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_string_equal(states_of(&b), "w");
	wait_for(&b, INT64_C(3600000000));
	/* A transition's place names the module's file, without the folder it was read from. */
	assert_text_has(line_of(&b), "'place':'m.lua:3'");
	book_close(&b);
}

typedef struct wrong_case {
	const char *source;
	book_file files[4];
	const char *found;
} wrong_case;

static void what_is_wrong_is_told_where_it_is_and_where_it_was_required(void **state) {
	(void)state;
	static const wrong_case cases[] = {
	    {"\nrequire 'tlak'", {{"talk.lua", "return {}"}, {"x/y.lua", ""}},
	        "2 unknown-module: there is no module \"tlak\": no file tlak.lua beside the playbook or in a module root; did you mean "
	        "\"talk\"?\n"},
	    {"require 'x.z'", {{"x/y.lua", ""}},
	        "1 unknown-module: there is no module \"x.z\": no file x/z.lua beside the playbook or in a module root; did you mean "
	        "\"x.y\"?\n"},
	    {"require 'aplomb.nothing-like-it'", {{0}},
	        "1 unknown-module: there is no module \"aplomb.nothing-like-it\" in Aplomb's library\n"},
	    {"require '../secret'", {{0}},
	        "1 bad-module-name: \"../secret\" is no module's name: that is made of small letters, digits, \"-\" and \"_\", with dots where "
	        "the file has a folder\n"},
	    {"require 'm.'", {{0}},
	        "1 bad-module-name: \"m.\" is no module's name: that is made of small letters, digits, \"-\" and \"_\", with dots where "
	        "the file has a folder\n"},
	    {"require(5)", {{0}}, "1 word-call: require is written require \"name\"; it was called with an integer\n"},
	    {"require('m', 'n')", {{0}}, "1 word-call: require is written require \"name\"; it was called with more than one value\n"},
	    {"\n\nrequire 'm'", {{"m.lua", "local M = {}\nfunction M.x(a return M"}},
	        "3 module-failed: this module cannot be loaded; what is wrong stands in folder/m.lua\n"
	        "folder/m.lua:2 lua-syntax: ')' expected near 'return'\n"},
	    {"require 'm'", {{"m.lua", "local M = {}"}},
	        "1 module-failed: this module cannot be loaded; what is wrong stands in folder/m.lua\n"
	        "folder/m.lua:1 module-returns: a module returns a table of what it offers; this one returned nothing: end it with \"return\" "
	        "and the table's name\n"},
	    {"require 'm'", {{"m.lua", "return require 'n'"}, {"n.lua", "return {}"}},
	        "1 module-failed: this module cannot be loaded; what is wrong stands in folder/m.lua\n"
	        "folder/m.lua:1 module-returns: a module returns a table of what it offers; this one returned another module: end it with "
	        "\"return\" and the table's name\n"},
	    {"require 'm'", {{"m.lua", "return { x = nothing }"}},
	        "1 module-failed: this module cannot be loaded; what is wrong stands in folder/m.lua\n"
	        "folder/m.lua:1 unknown-name: \"nothing\" is no word, no library and no local variable here\n"},
	    {"require 'm'", {{"m.lua", "\nreturn require 'n'"}, {"n.lua", "\n\nerror 'no'"}},
	        "1 module-failed: this module cannot be loaded; what is wrong stands in folder/m.lua\n"
	        "folder/m.lua:2 module-failed: this module cannot be loaded; what is wrong stands in folder/n.lua\n"
	        "folder/n.lua:3 lua-error: no\n"},
	    {"require 'm'", {{"m.lua", "return { n = require 'n' }"}, {"n.lua", "\nreturn { m = require 'm' }"}},
	        "1 module-failed: this module cannot be loaded; what is wrong stands in folder/m.lua\n"
	        "folder/m.lua:1 module-failed: this module cannot be loaded; what is wrong stands in folder/n.lua\n"
	        "folder/n.lua:2 module-cycle: a module cannot require itself on a way around: m.lua, which requires n.lua, which requires "
	        "m.lua; what both need belongs into a third one\n"},
	    {"require 'm'", {{"m.lua", "return { n = require 'book' }"}},
	        "1 module-failed: this module cannot be loaded; what is wrong stands in folder/m.lua\n"
	        "folder/m.lua:1 module-cycle: \"book\" is the playbook itself, which requires this module; what both need belongs into a "
	        "module "
	        "of its own\n"},
	    {"require 'm'", {{"m.lua", NULL}}, "1 file-unreadable: cannot read m.lua: the disk is gone\n"},
	    {"require 'm'", {{"m.lua", "return { x = 2^3 }"}},
	        "1 not-a-playbook: the file must return a playbook: return playbook \"id\" { … }; it returned nothing\n"
	        "folder/m.lua:1 bad-operator: the operator ^ gives other last digits on other machines, so no replay could repeat it; multiply "
	        "instead\n"},
	    {"require 'm'", {{"m.lua", "\033Lua"}},
	        "1 module-failed: this module cannot be loaded; what is wrong stands in folder/m.lua\n"
	        "folder/m.lua:1 bytecode: this is compiled Lua; a playbook is loaded from its text only\n"},
	    {"local m = require 'm'\nreturn playbook 'p' { m.waitin }", {{"m.lua", "return { waiting = 1, other = 2 }"}},
	        "2 unknown-name: module m has no member \"waitin\"; did you mean \"waiting\"?\n"},
	    {"local m = require 'm'\n\nm.f()", {{"m.lua", "return { f = function()\nlocal t = nil\nreturn t.x end }"}},
	        "3 module-failed: a function of a module is called here, and fails in folder/m.lua\n"
	        "folder/m.lua:3 lua-error: attempt to index a nil value (local 't')\n"},
	    {"local m = require 'm'\nm.x = 1", {{"m.lua", "return {}"}}, "2 locked: module m cannot be changed\n"},
	    /* A word called in a module is wrong there. */
	    {"local m = require 'm'\nreturn playbook 'p' { event 'go' {},\nm.s() }",
	        {{"m.lua", "return { s = function()\nreturn state 's' {\non 'goo' { to = 'x' } } end }"}},
	        "folder/m.lua:3 unknown-event: state \"s\": event \"goo\" is not declared; did you mean \"go\"?\n"
	        "folder/m.lua:3 unknown-target: state \"s\": target \"x\" does not exist\n"},
	    {"local m = require 'm'\nreturn playbook 'p' { data = { a = m.t, b = text { mx = 1 } }, m.e, event 'e' {}, state 's' {} }",
	        {{"m.lua", "return { t = text { mn = 1 },\ne = event 'e' { x = text } }"}},
	        "2 unknown-field: text \"b\" has no field \"mx\"; did you mean \"max\"?\n"
	        "2 duplicate-event: event \"e\" is declared already, in folder/m.lua:2\n"
	        "folder/m.lua:1 unknown-field: text \"a\" has no field \"mn\"; did you mean \"min\"?\n"
	        "folder/m.lua:2 wrong-kind: event \"e\": x must be a type, such as text {}, found the word text without its table; write text "
	        "{}\n"},
	};
	int wrong = 0;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *found = findings_among(cases[i].source, cases[i].files);
		if (strcmp(found, cases[i].found) == 0) continue;
		print_error("--- %s\n--- expected\n%s--- found\n%s", cases[i].source, cases[i].found, found);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void require_is_for_loading(void **state) {
	(void)state;
	static const book_file files[] = {{"m.lua", "return {}"}, {0}};
	book b = {.files = files};
	book_open(&b, BOOK("on 'go' { act = function() require 'm' end }"), NULL);
	say(&b, "go", NULL);
	assert_string_equal(
	    mistake_of(&b), "2 outside-load: modules are loaded with the playbook; a function that runs later cannot require one");
	book_close(&b);
}

static void an_error_at_run_time_names_the_modules_file(void **state) {
	(void)state;
	static const book_file files[] = {{"x/m.lua", "local M = {}\nfunction M.act(case)\n\tlocal t = nil\n\tt.x = 1\nend\n"
	                                              "function M.refused(case) case:raise('nothing') end\nreturn M"},
	    {0}};
	book b = {.files = files};
	book_open(&b,
	    "local m = require 'x.m'\nreturn playbook 'p' { event 'go' {}, event 'no' {}, state 's' { on 'go' { act = m.act }, on 'no' "
	    "{ act = m.refused } } }",
	    NULL);
	say(&b, "go", NULL);
	assert_text_has(line_of(&b), "'file':'x/m.lua','line':4");
	say(&b, "no", NULL);
	assert_text_has(line_of(&b), "'file':'x/m.lua','line':6");
	book_close(&b);
}

static void files_are_bounded(void **state) {
	(void)state;
	enum { MANY = 300 };
	static book_file files[MANY + 1];
	static char names[MANY][16], texts[MANY][64];
	for (int i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof names[i], "m%d.lua", i);
		snprintf(texts[i], sizeof texts[i], "return { next = require 'm%d' }", i + 1);
		files[i] = (book_file){names[i], texts[i]};
	}
	assert_text_has(findings_among("require 'm0'", files), "limit-modules: modules require one another more than 40 deep here\n");
	for (int i = 0; i < MANY; i++) snprintf(texts[i], sizeof texts[i], "return {}");
	assert_string_equal(findings_among("for i = 0, 299 do require('m' .. i) end", files),
	    "1 limit-modules: a playbook consists of at most 256 files; \"m255.lua\" would be one more\n");
}

/* ---- bundles ------------------------------------------------------------------------------- */

static void a_bundle_alone_is_the_same_playbook(void **state) {
	(void)state;
	static const book_file files[] = {
	    {"z.lua", "return { t = \"\\\"quoted\\\"\\n\", u = 'ä' }"}, {"a/b.lua", "return require 'z'.t and {}"}, {0}};
	static const char source[] = "local b, z = require 'a.b', require 'z'\nreturn playbook 'p' { state 's' {} }";
	book b = {.files = files};
	book_open(&b, source, NULL);
	static const char expected[] =
	    "{\"aplomb\":\"playbook\",\"files\":[{\"name\":\"book.lua\",\"text\":\"local b, z = require 'a.b', require 'z'\\nreturn "
	    "playbook 'p' { state 's' {} }\"},{\"name\":\"a/b.lua\",\"text\":\"return require 'z'.t and "
	    "{}\"},{\"name\":\"z.lua\",\"text\":\"return { t = \\\"\\\\\\\"quoted\\\\\\\"\\\\n\\\", u = 'ä' }\"}],\"v\":1}";
	assert_string_equal(b.program->source, expected);
	book again = {0};
	book_open(&again, b.program->source, NULL);
	assert_string_equal(again.program->source, expected);
	assert_string_equal(again.program->hash, b.program->hash);
	book_close(&again);
	book_close(&b);
}

static void a_bundle_brings_all_its_files_along(void **state) {
	(void)state;
	static const book_file files[] = {{"m.lua", "return {}"}, {0}};
	assert_text_has(findings_among("{\"aplomb\":\"playbook\",\"files\":[{\"name\":\"p.lua\",\"text\":\"require 'm'\"}],\"v\":1}", files),
	    "p.lua:1 unknown-module: there is no module \"m\"");
}

static void bundles_that_are_none_are_refused(void **state) {
	(void)state;
	static const struct {
		const char *source, *found;
	} cases[] = {
	    {"{", "1 bundle-shape: this begins like a bundle of a playbook's files, but is not JSON: "},
	    {"{ state = 1 }", "1 bundle-shape: "},
	    {"{\"v\":2}",
	        "1 bundle-version: this begins like a bundle of a playbook's files, but its version \"v\" is not 1, the only one known here\n"},
	    {"{\"v\":1}", "1 bundle-shape: this begins like a bundle of a playbook's files, but \"aplomb\" is not \"playbook\"\n"},
	    {"{\"aplomb\":\"playbook\",\"files\":[],\"v\":1}", "but there are no \"files\" in it\n"},
	    {"{\"aplomb\":\"playbook\",\"files\":[{\"name\":\"x\"}],\"v\":1}", "but a file in it lacks \"name\" or \"text\"\n"},
	    {"{\"aplomb\":\"playbook\",\"files\":[{\"name\":\"../x\",\"text\":\"\"}],\"v\":1}", "but a file in it has a name that is none\n"},
	    {"{\"aplomb\":\"playbook\",\"files\":[{\"name\":\"a//b\",\"text\":\"\"}],\"v\":1}", "but a file in it has a name that is none\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_text_has(findings_of(cases[i].source), cases[i].found);
}

static void loading_fails_whole_at_every_request(void **state) {
	(void)state;
	static const book_file files[] = {
	    {"m.lua", "local n = require 'n'\nreturn { s = function(id) return state(id) { on 'go' {} } end }"}, {"n.lua", "return {}"}, {0}};
	static const char source[] = "local m = require 'm'\nreturn playbook 'p' { event 'go' {}, m.s 'a' }";
	for (uint64_t n = 1;; n++) {
		book b = {.files = files, .heap = {.fail_at = n}};
		int code = book_try(&b, source, NULL);
		uint64_t calls = b.heap.calls;
		assert_true(code == APLOMB_OK || code == APLOMB_ENOMEM);
		book_close(&b);
		if (code == APLOMB_OK && calls < n) break;
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_module_runs_once_in_the_same_sandbox_and_has_the_words),
	    cmocka_unit_test(what_is_wrong_is_told_where_it_is_and_where_it_was_required),
	    cmocka_unit_test(require_is_for_loading),
	    cmocka_unit_test(an_error_at_run_time_names_the_modules_file),
	    cmocka_unit_test(files_are_bounded),
	    cmocka_unit_test(a_bundle_alone_is_the_same_playbook),
	    cmocka_unit_test(a_bundle_brings_all_its_files_along),
	    cmocka_unit_test(bundles_that_are_none_are_refused),
	    cmocka_unit_test(loading_fails_whole_at_every_request),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
