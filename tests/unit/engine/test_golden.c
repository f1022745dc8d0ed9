/* SPDX-License-Identifier: MIT */
/*
 * A scenario's journal and snapshots, byte for byte what they were when the
 * files in tests/journals were written: in any process, by any compiler. With
 * APLOMB_WRITE_JOURNALS in the environment they are written anew; then look at
 * the difference before you keep it, for old journals must stay readable.
 */
#include <stdlib.h>
#include <string.h>

#include "../test_cmocka.h"
#include "engine/inside.h"
#include "scenario.h"

static void compare(const char *path, const apl_buf *bytes) {
	if (getenv("APLOMB_WRITE_JOURNALS") != NULL) {
		FILE *out = fopen(path, "wb");
		assert_non_null(out);
		assert_int_equal(fwrite(bytes->bytes, 1, bytes->size, out), bytes->size);
		fclose(out);
		return;
	}
	FILE *in = fopen(path, "rb");
	if (in == NULL) fail_msg("%s cannot be read: run the tests in the project's folder", path);
	char *was = malloc(bytes->size + 1);
	size_t size = fread(was, 1, bytes->size + 1, in);
	fclose(in);
	size_t at = 0;
	uint32_t line = 1;
	while (at < size && at < bytes->size && was[at] == bytes->bytes[at]) line += was[at++] == '\n';
	if (at < size || at < bytes->size) fail_msg("%s: line %u is another one, from byte %u of the file on", path, line, (unsigned)at);
	free(was);
}

static void the_same_things_give_the_same_bytes(void **state_) {
	(void)state_;
	world w = {0};
	const world_options options = {.log_level = APLOMB_LOG_ERROR};
	assert_true(world_open(&w, &desk, &options));
	scenario s = {.random = 2026};
	for (int round = 0; round < 60; round++) {
		for (int i = 0; i < 5; i++) act(&w, &s);
		pump(&w);
	}
	assert_journal(&w);
	compare("tests/journals/desk.jsonl", &w.lines);
	apl_alloc system = apl_alloc_system();
	apl_buf snapshots;
	apl_buf_init(&snapshots, &system);
	for (apl_case *c = w.engine->first_case; c != NULL; c = c->next) {
		apl_buf_text(&snapshots, snapshot_of(&w, apl_case_id(c), false));
		apl_buf_byte(&snapshots, '\n');
	}
	compare("tests/journals/desk.snapshots.jsonl", &snapshots);
	apl_buf_dispose(&snapshots);
	world_end(&w);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_things_give_the_same_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
