/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "book.h"

static void take_finding(const aplomb_finding *finding, void *payload) {
	static const char *const words[] = {"note ", "", "error "};
	apl_buf_format(payload, "%u:%u %s%s: %s\n", (unsigned)finding->line, (unsigned)finding->column, words[finding->severity], finding->slug,
	    finding->message);
}

static const char *declarations_of(const char *more) {
	static char told[2048];
	char source[2048];
	snprintf(source, sizeof source,
	    "return playbook 'p' { data = { n = integer { default = 0 } },\n%s\nstate 's' { on 'go' { to = 'over' } }, event 'go' {}, final "
	    "'over' {} }",
	    more);
	apl_alloc system = apl_alloc_system();
	apl_findings findings;
	apl_findings_init(&findings, &system);
	apl_lua_options options = {.path = "book.lua", .source = source, .source_size = strlen(source), .examine = true};
	apl_program *program = NULL;
	aplomb_error error = {0};
	apl_buf text;
	apl_buf_init(&text, &system);
	assert_int_equal(apl_lua_load(&program, &system, &options, &findings, &error), APLOMB_OK);
	program->ops->free(program->self);
	apl_findings_tell(&findings, take_finding, &text);
	apl_findings_dispose(&findings);
	snprintf(told, sizeof told, "%s", apl_buf_terminate(&text));
	apl_buf_dispose(&text);
	return told;
}

static void what_is_declared_and_never_named_is_a_note(void **state) {
	(void)state;
	assert_text_has(
	    declarations_of("effect 'remind' {},"), " note unused-effect: effect \"remind\" is declared, and nothing asks for it\n");
	assert_text_has(
	    declarations_of("event 'chat.began' {},"), " note unused-event: event \"chat.began\" is declared, and no state takes it\n");
	assert_null(
	    strstr(declarations_of("effect 'remind' {}, state 'x' { entry(function(case) case:effect('remind') end), on 'go' { to = 's' } },"),
	        "unused"));
	/* A wider descriptor takes it; a text that holds the name may use it. */
	assert_null(strstr(declarations_of("event 'chat.began' {}, state 'x' { on 'chat' { to = 's' } },"), "unused"));
	assert_null(strstr(declarations_of("event 'chat.began' {}, state 'x' { on '*' { to = 's' } },"), "unused"));
	assert_null(strstr(
	    declarations_of("effect 'remind' {}, state 'x' { on 'go' { to = 's', act = function(case) case.data.n = #'remind them' end } },"),
	    "unused"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_declared_and_never_named_is_a_note),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
