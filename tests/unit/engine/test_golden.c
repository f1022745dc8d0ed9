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

/* A file of lines as it was written once; the caller frees [*bytes]. */
static size_t read_file(const char *path, char **bytes) {
	FILE *in = fopen(path, "rb");
	if (in == NULL) fail_msg("%s cannot be read: run the tests in the project's folder", path);
	assert_int_equal(fseek(in, 0, SEEK_END), 0);
	size_t size = (size_t)ftell(in);
	rewind(in);
	*bytes = malloc(size + 1);
	assert_int_equal(fread(*bytes, 1, size, in), size);
	(*bytes)[size] = '\0';
	fclose(in);
	return size;
}

/* Heads had no member "personal" once: nothing about them is lost or refused. */
static void journals_and_snapshots_from_before_are_read(void **state_) {
	(void)state_;
	world w = {0};
	char *bytes;
	assert_true(world_open(&w, &desk, NULL));
	apl_alloc system = apl_alloc_system();
	apl_journal_reader *reader = apl_journal_reader_new(&system);
	apl_tape tape;
	apl_tape_init(&tape, &system);
	uint32_t heads = 0, lines = 0;
	size_t whole = read_file("tests/journals/desk.unmarked.jsonl", &bytes);
	for (const char *at = bytes; at < bytes + whole; lines++) {
		size_t size = (size_t)(strchr(at, '\n') - at);
		aplomb_error error;
		if (apl_journal_read(reader, at, size, &tape, &error)) fail_msg("line %u: %s: %s", lines, error.slug, error.message);
		heads += apl_tape_find(&tape, 0, "aplomb", 6) != 0;
		assert_int_equal(apl_tape_find(&tape, 0, "personal", 8), 0);
		at += size + 1;
	}
	assert_true(heads > 1 && lines > heads);
	free(bytes);
	uint32_t restored = 0;
	whole = read_file("tests/journals/desk.unmarked.snapshots.jsonl", &bytes);
	for (const char *at = bytes; at < bytes + whole; restored++) {
		size_t size = (size_t)(strchr(at, '\n') - at);
		aplomb_error error;
		if (apl_engine_restore(w.engine, at, size, &error)) fail_msg("snapshot %u: %s: %s", restored, error.slug, error.message);
		at += size + 1;
	}
	assert_int_equal(restored, heads);
	free(bytes);
	apl_tape_dispose(&tape);
	apl_journal_reader_free(reader);
	world_end(&w);
}

/* What is marked stands in every head, by paths, in the order of names. */
static void a_head_says_what_is_personal(void **state_) {
	(void)state_;
	world w = {0};
	assert_true(world_open(&w, &desk, NULL));
	happen(&w, "c1", "pause", 0, NULL);
	assert_text_has(w.lines.bytes,
	    ",\"personal\":{\"data\":[\"last\"],\"events\":{\"customer.message\":[\"text\"],\"say\":[\"text\"]}},\"playbook\":{");
	world_end(&w);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_things_give_the_same_bytes),
	    cmocka_unit_test(journals_and_snapshots_from_before_are_read),
	    cmocka_unit_test(a_head_says_what_is_personal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
