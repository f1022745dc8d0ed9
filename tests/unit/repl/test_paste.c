/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <string.h>
#include <unistd.h>

#include "repl/paste.h"

/* What a terminal sends behind the mark that begins a paste. */
static void expect_paste(const char *bytes, size_t size, size_t most, const char *text, size_t dropped) {
	int ends[2];
	repl_keyboard keyboard;
	repl_paste paste;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, size), size);
	close(ends[1]);
	repl_keyboard_init(&keyboard, ends[0]);
	repl_paste_begin(&paste, most);
	assert_int_equal(repl_paste_read(&paste, &keyboard), 0);
	assert_int_equal(paste.is_too_long, text == NULL);
	if (text != NULL) assert_string_equal(paste.text.bytes, text);
	assert_int_equal(paste.dropped, dropped);
	assert_int_equal(repl_keyboard_byte(&keyboard, true), 'x'); /* what is typed behind it is not its */
	repl_paste_dispose(&paste);
	close(ends[0]);
}
#define EXPECT_PASTE(bytes, text, dropped) expect_paste(bytes "\033[201~x", sizeof(bytes "\033[201~x") - 1, 100, text, dropped)

static void newlines_of_every_kind_are_one(void **state) {
	(void)state;
	EXPECT_PASTE("a\rb\rc", "a\nb\nc", 0);
	EXPECT_PASTE("a\nb\n\nc", "a\nb\n\nc", 0);
	EXPECT_PASTE("a\r\nb\r\n\r\nc", "a\nb\n\nc", 0);
	EXPECT_PASTE("a\n\rb", "a\nb", 0); /* CR LF, as a line discipline set for editing gives it */
	EXPECT_PASTE("a\r\r", "a", 0);
	EXPECT_PASTE("", "", 0);
}

static void it_is_text_whatever_is_in_it(void **state) {
	(void)state;
	EXPECT_PASTE("\ta\t荷😀", "\ta\t荷😀", 0);
	EXPECT_PASTE("a\033[201b\033\033[20c", "a[201b[20c", 3);
	EXPECT_PASTE("a\0b\003\177\xC2\x9B", "ab", 4);
	EXPECT_PASTE("a\xFF\xE8\x8D"
	             "b",
	    "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
	    "b",
	    0);
	EXPECT_PASTE("a\033", "a", 1); /* the mark's own beginning, twice */
}

static void a_paste_beyond_the_bound_is_read_to_its_end(void **state) {
	(void)state;
	char bytes[207];
	memset(bytes, 'y', 200);
	memcpy(bytes + 200, "\033[201~x", 7);
	expect_paste(bytes, 207, 100, NULL, 0);
	bytes[199] = 'z';
	memmove(bytes + 100, bytes + 200, 7);
	memset(bytes, 'y', 100);
	char whole[101] = {0};
	memset(whole, 'y', 100);
	expect_paste(bytes, 107, 100, whole, 0);
}

static void an_end_that_never_comes_is_told(void **state) {
	(void)state;
	int ends[2];
	repl_keyboard keyboard;
	repl_paste paste;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "abc\033[20", 7), 7);
	close(ends[1]);
	repl_keyboard_init(&keyboard, ends[0]);
	repl_paste_begin(&paste, 100);
	assert_int_equal(repl_paste_read(&paste, &keyboard), REPL_KEY_END);
	repl_paste_dispose(&paste);
	close(ends[0]);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(newlines_of_every_kind_are_one),
	    cmocka_unit_test(it_is_text_whatever_is_in_it),
	    cmocka_unit_test(a_paste_beyond_the_bound_is_read_to_its_end),
	    cmocka_unit_test(an_end_that_never_comes_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
