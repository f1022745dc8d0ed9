/* SPDX-License-Identifier: MIT */
/* Copies of every short length: each byte arrives, none beside it is touched, and what is said of the bytes is true. */
#include "../test_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "base/copy.h"
#include "base/text.h"
#include "base/words.h"

enum { LONGEST = 300, AROUND = 16 };

static void fill(char *bytes, size_t size) {
	for (size_t i = 0; i < size; i++) bytes[i] = (char)('A' + (i * 7 + size) % 50);
}

static void every_length_arrives_and_nothing_beside_it(void **state) {
	(void)state;
	for (size_t size = 0; size <= LONGEST; size++) {
		/* Of its own block each, so that a sanitizer sees a byte too many. */
		char *from = malloc(size + 1), to[LONGEST + 2 * AROUND];
		fill(from, size);
		memset(to, '.', sizeof to);
		apl_copy_short(to + AROUND, from, size);
		assert_memory_equal(to + AROUND, from, size);
		for (size_t i = 0; i < AROUND; i++) assert_true(to[i] == '.' && to[AROUND + size + i] == '.');
		free(from);
	}
}

static void whole_blocks_reach_at_most_one_block_beyond(void **state) {
	(void)state;
	for (size_t size = 0; size <= LONGEST; size++) {
		char *from = malloc(size + APL_BLOCK), *to = malloc(size + APL_BLOCK);
		fill(from, size + APL_BLOCK);
		apl_copy_blocks(to, from, size);
		assert_memory_equal(to, from, size);
		free(from);
		free(to);
	}
}

static void one_byte_that_is_not_ascii_is_found_anywhere(void **state) {
	(void)state;
	char to[LONGEST];
	for (size_t size = 0; size <= 80; size++) {
		char *from = malloc(size + 1);
		fill(from, size);
		assert_true(apl_copy_ascii(to, from, size));
		assert_memory_equal(to, from, size);
		for (size_t i = 0; i < size; i++) {
			char kept = from[i];
			from[i] = (char)0xC3;
			assert_false(apl_copy_ascii(to, from, size));
			from[i] = kept;
		}
		free(from);
	}
}

static void words_are_copied_whatever_their_number(void **state) {
	(void)state;
	for (size_t count = 0; count < 40; count++) {
		uint64_t from[41], to[41];
		for (size_t i = 0; i < 41; i++) from[i] = i * UINT64_C(0x9E3779B97F4A7C15), to[i] = 1;
		apl_copy_words(to, from, count);
		assert_memory_equal(to, from, count * sizeof *to);
		assert_true(to[count] == 1);
	}
}

static void texts_in_an_arena_are_what_they_were_made_of(void **state) {
	(void)state;
	apl_alloc alloc = apl_alloc_system();
	apl_arena arena;
	apl_arena_init(&arena, &alloc);
	for (size_t size = 0; size <= LONGEST; size++) {
		char *from = malloc(size + 1);
		fill(from, size);
		const apl_text *text = apl_text_in(&arena, from, size), *same = apl_text_in_ascii(&arena, from, size);
		assert_true(text->size == size && text->refs == 0 && text->bytes[size] == '\0');
		assert_memory_equal(text->bytes, from, size);
		assert_memory_equal(same->bytes, from, size);
		if (size > 0) {
			from[size - 1] = (char)0x80;
			assert_null(apl_text_in_ascii(&arena, from, size));
		}
		/* So many may be read, whatever they are. */
		char beyond[APL_TEXT_READABLE];
		memcpy(beyond, text->bytes, sizeof beyond);
		free(from);
	}
	apl_arena_dispose(&arena);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_length_arrives_and_nothing_beside_it),
	    cmocka_unit_test(whole_blocks_reach_at_most_one_block_beyond),
	    cmocka_unit_test(one_byte_that_is_not_ascii_is_found_anywhere),
	    cmocka_unit_test(words_are_copied_whatever_their_number),
	    cmocka_unit_test(texts_in_an_arena_are_what_they_were_made_of),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
