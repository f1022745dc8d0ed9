/* SPDX-License-Identifier: MIT */
/* What a head says of personal values, for every place where a playbook may mark them. */
#include <string.h>

#include "../test_cmocka.h"
#include "engine/inside.h"
#include "world.h"

typedef struct marked {
	const char *data, *params, *event, *effect; /* schemas as the test world writes them */
	const char *said;                           /* between "params" and "playbook" */
} marked;

static bool build_one(apl_builder *b) {
	return state(b, "root") && leaf(b, "only") && apl_build_end(b);
}

static void what_is_marked_is_named_by_its_path(void **state_) {
	(void)state_;
	static const marked all[] = {
	    {"{}", "{}", "{'a':{'type':'text'}}", "{'a':{'type':'text'}}", ""},
	    {"{'b':{'type':'text','personal':true},'a':{'type':'integer','personal':true}}", "{}", "{}", "{}",
	        ",\"personal\":{\"data\":[\"a\",\"b\"]}"},
	    {"{}", "{'who':{'type':'text','personal':true}}", "{}", "{}", ",\"personal\":{\"params\":[\"who\"]}"},
	    {"{}", "{}", "{'t':{'type':'text','personal':true}}", "{'u':{'type':'text','personal':true}}",
	        ",\"personal\":{\"effects\":{\"do\":[\"u\"]},\"events\":{\"go\":[\"t\"],\"zoom\":[\"t\"]}}"},
	    /* All of it, one within it, and by what a list holds. */
	    {"{'home':{'type':'fields','personal':true,'members':{'city':{'type':'text'}}},"
	     "'work':{'type':'fields','members':{'mail':{'type':'text','personal':true},'desk':{'type':'integer'}}},"
	     "'notes':{'type':'list','items':{'type':'text','personal':true}}}",
	        "{}", "{}", "{}", ",\"personal\":{\"data\":[\"home\",\"notes\",\"work.mail\"]}"},
	};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		/* In the order of names, whatever the order of declaration. */
		const test_event events[] = {{"zoom", all[i].event}, {"go", all[i].event}, {"none", NULL}};
		const test_event effects[] = {{"do", all[i].effect}};
		const test_program spec = {.id = "marked",
		    .source = "marked",
		    .data = all[i].data,
		    .params = all[i].params,
		    .events = events,
		    .n_events = 3,
		    .effects = effects,
		    .n_effects = 1,
		    .build = build_one};
		world w = {0};
		assert_true(world_open(&w, &spec, NULL));
		apl_buf said;
		apl_buf_init(&said, &w.alloc);
		apl_personal_write(&said, w.engine->programs->program);
		assert_string_equal(apl_buf_terminate(&said), all[i].said);
		apl_buf_dispose(&said);
		world_end(&w);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_marked_is_named_by_its_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
