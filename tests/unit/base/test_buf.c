/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"
#include "../test_heap.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"

static void appends_stand_one_after_another(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_buf buf;
	apl_buf_init(&buf, &alloc);
	assert_non_null(buf.bytes);
	apl_buf_add(&buf, "", 0);
	assert_int_equal(heap.calls, 0);
	assert_string_equal(apl_buf_terminate(&buf), "");
	apl_buf_text(&buf, "case ");
	apl_buf_integer(&buf, 17);
	apl_buf_byte(&buf, ':');
	APL_BUF_LITERAL(&buf, " open");
	apl_buf_format(&buf, ", %d of %s", 3, "five");
	assert_string_equal(apl_buf_terminate(&buf), "case 17: open, 3 of five");
	assert_int_equal(buf.size, strlen("case 17: open, 3 of five"));
	apl_buf_clear(&buf);
	assert_int_equal(buf.size, 0);
	for (int i = 0; i < 10000; i++) apl_buf_byte(&buf, (char)('a' + i % 26));
	assert_int_equal(buf.size, 10000);
	for (size_t i = 0; i < 10000; i++) assert_int_equal(buf.bytes[i], 'a' + (int)(i % 26));
	apl_buf_dispose(&buf);
	assert_int_equal(heap.blocks, 0);
	apl_buf_dispose(&buf);
}

static void integers_are_written_as_printf_would(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_buf buf;
	apl_buf_init(&buf, &alloc);
	for (int sign = 0; sign < 2; sign++) {
		for (unsigned shift = 0; shift < 64; shift++) {
			for (int near = -2; near <= 2; near++) {
				uint64_t bits = ((uint64_t)1 << shift) + (uint64_t)near;
				int64_t value = (int64_t)(sign ? 0 - bits : bits);
				char expected[32];
				snprintf(expected, sizeof expected, "%" PRId64, value);
				apl_buf_clear(&buf);
				apl_buf_integer(&buf, value);
				assert_string_equal(apl_buf_terminate(&buf), expected);
			}
		}
	}
	int64_t power = 1;
	for (int digits = 1; digits < 19; digits++, power *= 10) {
		for (int near = -1; near <= 1; near++) {
			char expected[32];
			snprintf(expected, sizeof expected, "%" PRId64, power + near);
			apl_buf_clear(&buf);
			apl_buf_integer(&buf, power + near);
			assert_string_equal(apl_buf_terminate(&buf), expected);
		}
	}
	apl_buf_dispose(&buf);
}

static void formatting_is_not_cut(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	for (size_t size = 0; size < 400; size += 1) {
		char text[401];
		memset(text, 'x', size);
		text[size] = '\0';
		apl_buf buf;
		apl_buf_init(&buf, &alloc);
		apl_buf_format(&buf, "<%s>", text);
		assert_int_equal(buf.size, size + 2);
		assert_int_equal(buf.bytes[0], '<');
		assert_int_equal(buf.bytes[size + 1], '>');
		apl_buf_dispose(&buf);
	}
}

static void an_append_without_memory_fails_the_buffer_and_leaves_it(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_buf buf;
	apl_buf_init(&buf, &alloc);
	apl_buf_text(&buf, "before");
	char large[4096] = {0};
	heap.fail_at = heap.calls + 1;
	apl_buf_add(&buf, large, sizeof large);
	assert_true(buf.failed);
	assert_int_equal(buf.size, 6);
	assert_memory_equal(buf.bytes, "before", 6);
	apl_buf_text(&buf, "later");
	apl_buf_integer(&buf, 5);
	apl_buf_format(&buf, "%s", "later");
	assert_int_equal(buf.size, 6);
	assert_string_equal(apl_buf_terminate(&buf), "");
	apl_buf_clear(&buf);
	assert_false(buf.failed);
	apl_buf_text(&buf, "again");
	assert_string_equal(apl_buf_terminate(&buf), "again");
	assert_null(apl_buf_reserve(&buf, SIZE_MAX));
	assert_true(buf.failed);
	apl_buf_dispose(&buf);
	assert_int_equal(heap.blocks, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(appends_stand_one_after_another),
	    cmocka_unit_test(integers_are_written_as_printf_would),
	    cmocka_unit_test(formatting_is_not_cut),
	    cmocka_unit_test(an_append_without_memory_fails_the_buffer_and_leaves_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
