/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "tell/tell.h"

typedef struct sheet {
	tell_screen screen;
	char *text;
	size_t size;
} sheet;

static void begin(sheet *s, int width, bool has_colour) {
	FILE *file = open_memstream(&s->text, &s->size);
	assert_non_null(file);
	s->screen = (tell_screen){file, width, false, has_colour};
}

static const char *end(sheet *s) {
	fclose(s->screen.file);
	return s->text;
}

static void what_could_harm_a_terminal_is_replaced(void **state) {
	(void)state;
	static const struct {
		const char *text, *shown;
	} cases[] = {
	    {"plain", "plain"}, {"\x1b[2J\x07", "\xEF\xBF\xBD[2J\xEF\xBF\xBD"}, {"a\nb\tc\rd", "a b c d"},
	    {"\xC2\x9B"
	     "31m",
	        "\xEF\xBF\xBD"
	        "31m"}, /* CSI as one character */
	    {"\xE2\x80\xAE"
	     "txt.exe",
	        "\xEF\xBF\xBDtxt.exe"},                                                                 /* right-to-left override */
	    {"\xC3\xA9\xE2\x82\xAC", "\xC3\xA9\xE2\x82\xAC"}, {"\xFF\xC3", "\xEF\xBF\xBD\xEF\xBF\xBD"}, /* no UTF-8 */
	    {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},                                   /* a surrogate */
	    {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},                                                   /* overlong */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sheet s;
		begin(&s, 80, false);
		tell_put_text(&s.screen, cases[i].text, strlen(cases[i].text), -1);
		assert_string_equal(end(&s), cases[i].shown);
		free(s.text);
	}
}

static void columns_are_counted_as_a_terminal_does(void **state) {
	(void)state;
	assert_int_equal(tell_width("abc", 3), 3);
	assert_int_equal(tell_width("e\xCC\x81", 3), 1);                /* e and a combining accent */
	assert_int_equal(tell_width("\xE6\x97\xA5\xE6\x9C\xAC", 6), 4); /* two wide characters */
	assert_int_equal(tell_width("\xF0\x9F\x98\x80", 4), 2);
	assert_int_equal(tell_width("\xE2\x80\x9C", 3), 1);
}

static void text_is_cut_and_filled_to_its_columns(void **state) {
	(void)state;
	static const struct {
		const char *text;
		int columns;
		const char *shown;
	} cases[] = {{"abc", 5, "abc  "}, {"abcdef", 4, "abc\xE2\x80\xA6"}, {"abcd", 4, "abcd"},
	    {"\xE6\x97\xA5\xE6\x9C\xAC", 3, "\xE6\x97\xA5\xE2\x80\xA6"}, {"\xE6\x97\xA5\xE6\x9C\xAC", 2, "\xE2\x80\xA6 "}, {"abc", 0, ""},
	    {"", 2, "  "}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sheet s;
		begin(&s, 80, false);
		tell_put_text(&s.screen, cases[i].text, strlen(cases[i].text), cases[i].columns);
		assert_string_equal(end(&s), cases[i].shown);
		free(s.text);
	}
}

static void words_wrap_below_one_another(void **state) {
	(void)state;
	sheet s;
	begin(&s, 20, false);
	tell_page page = {&s.screen, 4, 0, false};
	tell_page_text(&page, "one two three  four five\nsix");
	tell_page_text(&page, " seven");
	tell_page_text(&page, ", eight");
	tell_page_end(&page);
	assert_string_equal(end(&s), "    one two three\n"
	                             "    four five\n"
	                             "    six seven, eight\n");
	free(s.text);
}

static void a_word_longer_than_the_line_is_broken(void **state) {
	(void)state;
	sheet s;
	begin(&s, 10, false);
	tell_page page = {&s.screen, 2, 0, false};
	tell_page_text(&page, "ab abcdefghijklmnop z");
	tell_page_end(&page);
	assert_string_equal(end(&s), "  ab\n  abcdefgh\n  ijklmnop\n  z\n");
	free(s.text);
}

static void no_line_is_longer_than_the_screen_whatever_is_put(void **state) {
	(void)state;
	static const char *const pieces[] = {
	    "word ", "x", "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", " ", "\n", "averyverylongwordindeed ", "e\xCC\x81", "  "};
	uint32_t seed = 7;
	for (int round = 0; round < 200; round++) {
		sheet s;
		begin(&s, 12, false);
		tell_page page = {&s.screen, 3, 0, false};
		for (int i = 0; i < 40; i++) {
			seed = seed * 1664525u + 1013904223u;
			tell_page_text(&page, pieces[seed >> 29]);
		}
		tell_page_end(&page);
		char *left = s.text;
		end(&s);
		left = s.text;
		for (char *line; (line = strsep(&left, "\n")) != NULL;) assert_in_range(tell_width(line, strlen(line)), 0, 12);
		free(s.text);
	}
}

static void colours_are_there_only_when_wanted(void **state) {
	(void)state;
	sheet s;
	begin(&s, 80, false);
	tell_print_styled(&s.screen, TELL_BAD, "wrong %d", 7);
	assert_string_equal(end(&s), "wrong 7");
	free(s.text);
	begin(&s, 80, true);
	tell_print_styled(&s.screen, TELL_BAD, "wrong %d", 7);
	assert_string_equal(end(&s), "\033[31mwrong 7\033[0m");
	free(s.text);
}

static void environment_and_choice_decide_about_colour_and_width(void **state) {
	(void)state;
	setenv("NO_COLOR", "1", 1);
	assert_false(tell_screen_of(stdout, TELL_COLOUR_AUTO).has_colour);
	assert_true(tell_screen_of(stdout, TELL_COLOUR_ALWAYS).has_colour);
	unsetenv("NO_COLOR");
	assert_false(tell_screen_of(stdout, TELL_COLOUR_NEVER).has_colour);
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_false(tell_screen_of(file, TELL_COLOUR_AUTO).has_colour);
	static const struct {
		const char *columns;
		int width;
	} widths[] = {{"72", 72}, {"7", 40}, {"400", 100}, {"wide", 80}, {"-3", 80}, {"", 80}};
	for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
		setenv("COLUMNS", widths[i].columns, 1);
		assert_int_equal(tell_screen_of(file, TELL_COLOUR_AUTO).width, widths[i].width);
	}
	unsetenv("COLUMNS");
	assert_int_equal(tell_screen_of(file, TELL_COLOUR_AUTO).width, 80);
	fclose(file);
}

static void numbers_and_spans_are_for_people(void **state) {
	(void)state;
	char out[32];
	assert_string_equal(tell_count(0, out), "0");
	assert_string_equal(tell_count(999, out), "999");
	assert_string_equal(tell_count(101045, out), "101,045");
	assert_string_equal(tell_count(UINT64_MAX, out), "18,446,744,073,709,551,615");
	static const struct {
		int64_t span;
		const char *words;
	} spans[] = {{0, "0s"}, {7, "7us"}, {250000, "250ms"}, {1500000, "1.5s"}, {2000000, "2s"}, {90000000, "1m 30s"}, {600000000, "10m"},
	    {INT64_C(7980000000), "2h 13m"}, {INT64_C(273600000000), "3d 4h"}, {INT64_C(-600000000), "-10m"}, {INT64_MIN, "-106,751,991d 4h"},
	    {INT64_C(86399000000), "23h 59m"}};
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) assert_string_equal(tell_span(spans[i].span, out), spans[i].words);
}

static void a_stream_that_takes_nothing_more_is_told(void **state) {
	(void)state;
	FILE *full = fopen("/dev/full", "w");
	if (full == NULL) {
		print_message("no /dev/full here\n");
		skip();
	}
	sheet errors;
	begin(&errors, 80, false);
	tell_screen screen = {full, 80, false, false};
	tell_print(&screen, "something");
	assert_false(tell_screen_flush(&screen, &errors.screen, "standard output"));
	assert_non_null(strstr(end(&errors), "cannot write to standard output: No space left on device"));
	free(errors.text);
	fclose(full);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_could_harm_a_terminal_is_replaced),
	    cmocka_unit_test(columns_are_counted_as_a_terminal_does),
	    cmocka_unit_test(text_is_cut_and_filled_to_its_columns),
	    cmocka_unit_test(words_wrap_below_one_another),
	    cmocka_unit_test(a_word_longer_than_the_line_is_broken),
	    cmocka_unit_test(no_line_is_longer_than_the_screen_whatever_is_put),
	    cmocka_unit_test(colours_are_there_only_when_wanted),
	    cmocka_unit_test(environment_and_choice_decide_about_colour_and_width),
	    cmocka_unit_test(numbers_and_spans_are_for_people),
	    cmocka_unit_test(a_stream_that_takes_nothing_more_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
