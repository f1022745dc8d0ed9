/* SPDX-License-Identifier: MIT */
/* The reader believes nothing: version, shape, numbers and hashes are checked line by line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_heap.h"
#include "journal/entry.h"

static apl_alloc alloc;

/* A journal of two cases, mixed: lines of 0 head a, 1 head b, 2 a/1, 3 b/1, 4 a/2. */
enum { LINES = 5 };
static char lines[LINES][1024];

static void write_journal(void) {
	static const char *const ids[] = {"\"a\"", "\"b\""};
	static const struct {
		int which;
		uint64_t seq;
	} order[LINES] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}, {0, 2}};
	apl_hash128 prev[2];
	apl_instant_writer instants = {0};
	for (int i = 0; i < LINES; i++) {
		apl_buf out;
		apl_buf_init(&out, &alloc);
		const char *id = ids[order[i].which];
		if (order[i].seq == 0) {
			const apl_head head = {.case_json = id,
			    .case_json_size = 3,
			    .limits = "{}",
			    .limits_size = 2,
			    .params = "{}",
			    .params_size = 2,
			    .playbook = "p",
			    .playbook_hash = "h"};
			prev[order[i].which] = apl_head_write(&out, &head);
		} else {
			apl_entry_begin(&out, &instants, 0, id + 1, 1, true);
			apl_buf_text(&out, "{}");
			apl_entry_items(&out);
			size_t items = out.size;
			apl_buf_text(&out, "{\"do\":\"x\"}");
			apl_entry_end(&out, items, APL_ENTRY_EVENT, order[i].seq, (apl_hash128){0, 0}, prev[order[i].which]);
			prev[order[i].which] = apl_line_hash(out.bytes, out.size);
		}
		snprintf(lines[i], sizeof lines[i], "%.*s", (int)out.size - 1, out.bytes);
		apl_buf_dispose(&out);
	}
}

static int read_text(apl_journal_reader *reader, const char *line, aplomb_error *error) {
	apl_tape tape;
	apl_tape_init(&tape, &alloc);
	int code = apl_journal_read(reader, line, strlen(line), &tape, error);
	apl_tape_dispose(&tape);
	return code;
}

static void cases_may_be_mixed(void **state) {
	(void)state;
	apl_journal_reader *reader = apl_journal_reader_new(&alloc);
	for (int i = 0; i < LINES; i++) assert_int_equal(read_text(reader, lines[i], NULL), APLOMB_OK);
	apl_journal_reader_free(reader);
}

static const char *changed(int line, const char *from, const char *to) {
	static char text[2048];
	const char *at = strstr(lines[line], from);
	assert_non_null(at);
	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - lines[line]), lines[line], to, at + strlen(from));
	return text;
}

static void damage_is_named(void **state) {
	(void)state;
	static const struct {
		int line; /* changed; those before it are read as they are */
		const char *from, *to;
		int code;
		const char *slug;
	} damages[] = {
	    {2, "\"do\":\"x\"", "\"do\":7", APLOMB_EDAMAGED, "journal-shape"},
	    {2, "{\"do\":\"x\"}", "3", APLOMB_EDAMAGED, "journal-shape"},
	    {2, "\"items\":[", "\"itens\":[", APLOMB_EDAMAGED, "journal-shape"},
	    {2, "\"kind\":\"event\"", "\"kind\":\"party\"", APLOMB_EDAMAGED, "journal-shape"},
	    {2, "\"digest\":\"0", "\"digest\":\"g", APLOMB_EDAMAGED, "journal-shape"},
	    {2, "\"prev\":\"", "\"prev\":\"0", APLOMB_EDAMAGED, "journal-shape"},
	    {2, "\"cause\":{}", "\"cause\":[]", APLOMB_EDAMAGED, "journal-shape"},
	    {2, "\"at\":\"1970", "\"at\":\"x970", APLOMB_EDAMAGED, "journal-shape"},
	    {2, "\"seq\":1", "\"seq\":0", APLOMB_EDAMAGED, "journal-shape"},
	    {2, "\"seq\":1", "\"seq\":-1", APLOMB_EDAMAGED, "journal-shape"},
	    {2, "\"case\":\"a\"", "\"case\":\"\"", APLOMB_EDAMAGED, "journal-shape"},
	    {2, "\"v\":1}", "\"v\":\"1\"}", APLOMB_EDAMAGED, "journal-shape"},
	    {0, "\"aplomb\":\"journal\"", "\"aplomb\":\"snapshot\"", APLOMB_EDAMAGED, "journal-shape"},
	    {0, "\"seq\":0", "\"seq\":1", APLOMB_EDAMAGED, "journal-shape"},
	    {0, "\"playbook\":{", "\"playbok\":{", APLOMB_EDAMAGED, "journal-shape"},
	    {0, "\"limits\":{}", "\"limits\":1", APLOMB_EDAMAGED, "journal-shape"},
	    {0, "\"seed\":0", "\"seed\":null", APLOMB_EDAMAGED, "journal-shape"},
	    {2, "\"v\":1}", "\"v\":2}", APLOMB_EVERSION, "journal-version"},
	    {2, "{\"at\"", "\"at\"", APLOMB_EJSON, "json-syntax"},
	    {2, "\"seq\":1", "\"seq\":2", APLOMB_EDAMAGED, "journal-seq"},
	    {4, "\"seq\":2", "\"seq\":1", APLOMB_EDAMAGED, "journal-seq"},
	    {2, "\"case\":\"a\"", "\"case\":\"c\"", APLOMB_EDAMAGED, "journal-headless"},
	    {2, "\"case\":\"a\"", "\"case\":\"b\"", APLOMB_EDAMAGED, "journal-chain"},
	};
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		apl_journal_reader *reader = apl_journal_reader_new(&alloc);
		for (int line = 0; line < damages[i].line; line++) assert_int_equal(read_text(reader, lines[line], NULL), APLOMB_OK);
		aplomb_error error;
		int code = read_text(reader, changed(damages[i].line, damages[i].from, damages[i].to), &error);
		if (code != damages[i].code || strcmp(error.slug, damages[i].slug) != 0) fail_msg("%zu: %s: %s", i, error.slug, error.message);
		apl_journal_reader_free(reader);
	}
}

static void a_changed_line_is_met_by_the_next_one_and_reading_goes_on(void **state) {
	(void)state;
	apl_journal_reader *reader = apl_journal_reader_new(&alloc);
	aplomb_error error;
	assert_int_equal(read_text(reader, lines[0], NULL), APLOMB_OK);
	assert_int_equal(read_text(reader, changed(2, "\"do\":\"x\"", "\"do\":\"y\""), &error), APLOMB_OK);
	assert_int_equal(read_text(reader, lines[4], &error), APLOMB_EDAMAGED);
	assert_string_equal(error.slug, "journal-chain");
	assert_int_equal(read_text(reader, lines[1], NULL), APLOMB_OK);
	assert_int_equal(read_text(reader, lines[0], &error), APLOMB_EDAMAGED); /* a second head */
	assert_string_equal(error.slug, "journal-seq");
	apl_journal_reader_free(reader);
}

static void without_memory_nothing_leaks(void **state) {
	(void)state;
	for (uint64_t fail_at = 1;; fail_at++) {
		test_heap heap = {.fail_at = fail_at};
		apl_alloc failing = test_heap_allocator(&heap);
		apl_journal_reader *reader = apl_journal_reader_new(&failing);
		bool good = reader != NULL;
		apl_tape tape;
		apl_tape_init(&tape, &failing);
		for (int i = 0; i < LINES && good; i++) {
			int code = apl_journal_read(reader, lines[i], strlen(lines[i]), &tape, NULL);
			assert_true(code == APLOMB_OK || code == APLOMB_ENOMEM);
			good = code == APLOMB_OK;
		}
		apl_tape_dispose(&tape);
		apl_journal_reader_free(reader);
		assert_int_equal(heap.blocks, 0);
		if (good) break;
	}
}

int main(void) {
	alloc = apl_alloc_system();
	write_journal();
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cases_may_be_mixed),
	    cmocka_unit_test(damage_is_named),
	    cmocka_unit_test(a_changed_line_is_met_by_the_next_one_and_reading_goes_on),
	    cmocka_unit_test(without_memory_nothing_leaks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
