/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"
#include "../test_heap.h"

#include <string.h>

#include "base/error.h"

typedef struct heard {
	char text[4096];
} heard;

static void hear(const aplomb_finding *finding, void *payload) {
	heard *h = payload;
	assert_int_equal(finding->size, sizeof *finding);
	char line[256];
	snprintf(line, sizeof line, "%d %s:%u:%u %s %s\n", (int)finding->severity, finding->file != NULL ? finding->file : "-", finding->line,
	    finding->column, finding->slug, finding->message);
	strcat(h->text, line);
}

static void findings_are_told_by_file_line_and_column_and_then_in_the_order_found(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_findings findings;
	apl_findings_init(&findings, &alloc);
	char file[] = "b.lua";
	apl_found(&findings, APLOMB_WARNING, "trap", (apl_place){file, 9, 1}, "state \"%s\" has no way out", "offered");
	apl_found(&findings, APLOMB_ERROR, "unknown-target", (apl_place){file, 3, 5}, "first of column 5");
	apl_found(&findings, APLOMB_NOTE, "note", (apl_place){file, 3, 1}, "column 1");
	apl_found(&findings, APLOMB_NOTE, "more", (apl_place){file, 3, 5}, "second of column 5");
	apl_found(&findings, APLOMB_NOTE, "more", (apl_place){file, 3, 5}, "second of column 5"); /* known already */
	apl_found(&findings, APLOMB_NOTE, "line", (apl_place){file, 3, 0}, "no column");
	apl_found(&findings, APLOMB_ERROR, "other", (apl_place){"a.lua", 70, 0}, "in a");
	apl_found(&findings, APLOMB_NOTE, "whole", APL_NOWHERE, "nowhere");
	strcpy(file, "z.lua"); /* texts are copied */
	heard h = {""};
	apl_findings_tell(&findings, hear, &h);
	assert_string_equal(h.text, "0 -:0:0 whole nowhere\n"
	                            "2 a.lua:70:0 other in a\n"
	                            "0 b.lua:3:0 line no column\n"
	                            "0 b.lua:3:1 note column 1\n"
	                            "2 b.lua:3:5 unknown-target first of column 5\n"
	                            "0 b.lua:3:5 more second of column 5\n"
	                            "1 b.lua:9:1 trap state \"offered\" has no way out\n");
	assert_int_equal(findings.count, 7);
	assert_int_equal(findings.errors, 2);
	aplomb_error error;
	assert_int_equal(apl_findings_verdict(&findings, &error), APLOMB_EPLAYBOOK);
	assert_string_equal(error.slug, "other");
	assert_string_equal(error.file, "a.lua");
	assert_int_equal(error.line, 70);
	apl_findings_dispose(&findings);
}

static void only_errors_refuse_a_playbook(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_findings findings;
	apl_findings_init(&findings, &alloc);
	assert_int_equal(apl_findings_verdict(&findings, NULL), APLOMB_OK);
	apl_found(&findings, APLOMB_WARNING, "trap", APL_NOWHERE, "x");
	apl_found(&findings, APLOMB_NOTE, "note", APL_NOWHERE, "x");
	assert_int_equal(apl_findings_verdict(&findings, NULL), APLOMB_OK);
	apl_findings_dispose(&findings);
}

static void long_messages_are_kept_whole(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_findings findings;
	apl_findings_init(&findings, &alloc);
	char text[2000];
	memset(text, 'm', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	apl_found(&findings, APLOMB_NOTE, "long", APL_NOWHERE, "<%s>", text);
	heard h = {""};
	/* hear() keeps 256 bytes of it; what matters is that nothing was lost on the way there. */
	apl_findings_tell(&findings, hear, &h);
	assert_int_equal(strlen(h.text), 255);
	apl_findings_dispose(&findings);
}

static void a_finding_lost_for_want_of_memory_counts_as_an_error(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	for (heap.fail_at = 1;; heap.fail_at++) {
		heap.calls = 0;
		apl_findings findings;
		apl_findings_init(&findings, &alloc);
		for (uint32_t i = 0; i < 20; i++) apl_found(&findings, APLOMB_NOTE, "note", (apl_place){"f", 20 - i, 1}, "number %u", i);
		bool lost = heap.calls >= heap.fail_at;
		assert_int_equal(findings.out_of_memory, lost);
		assert_int_equal(findings.errors, lost ? 1 : 0);
		aplomb_error error;
		assert_int_equal(apl_findings_verdict(&findings, &error), lost ? APLOMB_ENOMEM : APLOMB_OK);
		apl_findings_dispose(&findings);
		assert_int_equal(heap.blocks, 0);
		if (!lost) break;
	}
	assert_true(heap.fail_at > 20);
}

static void what_is_quoted_may_be_any_bytes_and_the_message_is_text(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_findings findings;
	apl_findings_init(&findings, &alloc);
	apl_found(&findings, APLOMB_ERROR, "slug", APL_NOWHERE, "near '%s', %.4s", "a\xff\xc3\xa9\xed\xa0\x80z", "abc\xc3\xa9");
	heard h = {""};
	apl_findings_tell(&findings, hear, &h);
	assert_string_equal(h.text, "2 -:0:0 slug near 'a?\xc3\xa9???z', abc?\n");
	apl_findings_dispose(&findings);
}

static void more_findings_than_anybody_reads_are_not_kept(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_findings findings;
	apl_findings_init(&findings, &alloc);
	for (uint32_t i = 1; i <= APL_MOST_FINDINGS + 10; i++) apl_found(&findings, APLOMB_NOTE, "slug", (apl_place){"f", i, 1}, "n");
	assert_int_equal(findings.count, APL_MOST_FINDINGS + 1); /* one says that there were more */
	assert_true(findings.is_cut);
	aplomb_error error;
	assert_int_equal(apl_findings_verdict(&findings, &error), APLOMB_OK);
	/* Errors have room of their own: a flood of notes hides none. */
	apl_found(&findings, APLOMB_ERROR, "wrong", (apl_place){"f", 1, 2}, "e");
	assert_int_equal(findings.count, APL_MOST_FINDINGS + 2);
	assert_int_equal(apl_findings_verdict(&findings, &error), APLOMB_EPLAYBOOK);
	assert_string_equal(error.slug, "wrong");
	apl_findings_dispose(&findings);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(findings_are_told_by_file_line_and_column_and_then_in_the_order_found),
	    cmocka_unit_test(only_errors_refuse_a_playbook),
	    cmocka_unit_test(long_messages_are_kept_whole),
	    cmocka_unit_test(more_findings_than_anybody_reads_are_not_kept),
	    cmocka_unit_test(what_is_quoted_may_be_any_bytes_and_the_message_is_text),
	    cmocka_unit_test(a_finding_lost_for_want_of_memory_counts_as_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
