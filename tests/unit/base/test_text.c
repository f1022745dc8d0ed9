/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"
#include "../test_heap.h"

#include <string.h>

#include "base/text.h"

static void a_text_is_shared_and_freed_with_its_last_reference(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_text *text = apl_text_new(&alloc, "late\0ly", 7);
	assert_int_equal(text->size, 7);
	assert_memory_equal(text->bytes, "late\0ly", 8);
	assert_ptr_equal(apl_text_keep(&alloc, text), text);
	apl_text_drop(&alloc, text);
	assert_int_equal(heap.blocks, 1);
	apl_text_drop(&alloc, text);
	assert_int_equal(heap.blocks, 0);
	apl_text_drop(&alloc, NULL);
}

static void keeping_a_text_of_an_arena_makes_an_owned_copy(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_arena arena;
	apl_arena_init(&arena, &alloc);
	apl_text *text = apl_text_in(&arena, "here", 4);
	assert_int_equal(text->refs, 0);
	apl_text_drop(&alloc, text);
	apl_text *kept = apl_text_keep(&alloc, text);
	assert_ptr_not_equal(kept, text);
	apl_arena_dispose(&arena);
	assert_string_equal(kept->bytes, "here");
	apl_text_drop(&alloc, kept);
	assert_int_equal(heap.blocks, 0);
}

static void there_is_no_text_without_memory_or_above_four_gib(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_arena arena;
	apl_arena_init(&arena, &alloc);
	assert_null(apl_text_new(&alloc, "x", UINT32_MAX));
	assert_null(apl_text_new(&alloc, "x", SIZE_MAX));
	assert_null(apl_text_in(&arena, "x", SIZE_MAX));
	heap.fail_at = heap.calls + 1;
	assert_null(apl_text_new(&alloc, "x", 1));
	heap.fail_at = heap.calls + 1;
	assert_null(apl_text_in(&arena, "x", 1));
	heap.fail_at = 0;
	apl_text *text = apl_text_in(&arena, "", 0);
	heap.fail_at = heap.calls + 1;
	assert_null(apl_text_keep(&alloc, text));
	apl_arena_dispose(&arena);
	assert_int_equal(heap.blocks, 0);
}

/* RFC 3629's definition by code points: which bytes are the encoding of one. */
static size_t encode(uint32_t character, unsigned char *out) {
	if (character < 0x80) {
		out[0] = (unsigned char)character;
		return 1;
	}
	size_t size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
	for (size_t i = size - 1; i > 0; i--, character >>= 6) out[i] = (unsigned char)(0x80 | (character & 0x3F));
	out[0] = (unsigned char)(lead[size] | character);
	return size;
}

/* Exactly as many bytes on the heap, so that a byte read too far is seen. */
static size_t valid_of_copy(const void *bytes, size_t size) {
	char *copy = malloc(size > 0 ? size : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, size);
	size_t valid = apl_utf8_valid(copy, size);
	free(copy);
	return valid;
}

static void every_character_is_valid_and_no_surrogate_is(void **state) {
	(void)state;
	for (uint32_t character = 0; character <= 0x10FFFF; character++) {
		unsigned char bytes[4];
		size_t size = encode(character, bytes);
		bool is_surrogate = character >= 0xD800 && character <= 0xDFFF;
		assert_int_equal(apl_utf8_valid((char *)bytes, size), is_surrogate ? 0 : size);
		if (character % 101 != 0 || is_surrogate) continue;
		for (size_t cut = 1; cut < size; cut++) assert_int_equal(valid_of_copy(bytes, cut), 0);
	}
}

/* All sequences of two and three bytes, and of four with the last one in range: valid if and only if some character is written so. */
static void nothing_else_is_valid(void **state) {
	(void)state;
	static bool is_encoding[0x1000000]; /* three bytes as a number */
	static bool starts_encoding[0x1000000];
	for (uint32_t character = 0x800; character <= 0x10FFFF; character++) {
		if (character >= 0xD800 && character <= 0xDFFF) continue;
		unsigned char bytes[4];
		size_t size = encode(character, bytes);
		uint32_t three = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
		(size == 3 ? is_encoding : starts_encoding)[three] = true;
	}
	for (uint32_t three = 0x800000; three < 0x1000000; three++) {
		char bytes[4] = {(char)(three >> 16), (char)(three >> 8), (char)three, (char)0x80};
		unsigned char second = (unsigned char)bytes[1];
		unsigned char first = (unsigned char)bytes[0];
		bool is_two = first >= 0xC2 && first <= 0xDF && second >= 0x80 && second <= 0xBF;
		size_t valid = apl_utf8_valid(bytes, 4);
		if (is_two)
			assert_true(valid >= 2);
		else if (is_encoding[three])
			assert_int_equal(valid, 3);
		else
			assert_int_equal(valid, starts_encoding[three] ? 4 : 0);
	}
}

static void the_valid_start_is_found_wherever_the_bad_byte_is(void **state) {
	(void)state;
	for (size_t size = 0; size < 40; size++) {
		char text[40];
		memset(text, 'a', sizeof text);
		assert_int_equal(valid_of_copy(text, size), size);
		for (size_t bad = 0; bad < size; bad++) {
			text[bad] = (char)0xFF;
			assert_int_equal(valid_of_copy(text, size), bad);
			text[bad] = (char)0xC3; /* the first half of a character */
			assert_int_equal(valid_of_copy(text, size), bad);
			text[bad] = 'a';
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_text_is_shared_and_freed_with_its_last_reference),
	    cmocka_unit_test(keeping_a_text_of_an_arena_makes_an_owned_copy),
	    cmocka_unit_test(there_is_no_text_without_memory_or_above_four_gib),
	    cmocka_unit_test(every_character_is_valid_and_no_surrogate_is),
	    cmocka_unit_test(nothing_else_is_valid),
	    cmocka_unit_test(the_valid_start_is_found_wherever_the_bad_byte_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
