/* SPDX-License-Identifier: MIT */
/* How messages quote input. */

#include <string.h>

#include "../test_cmocka.h"
#include "time/shown.h"

#define FORTY "0123456789012345678901234567890123456789"

static void input_is_quoted_short_on_one_line_and_in_utf8(void **state) {
	(void)state;
	static const struct {
		const char *bytes;
		const char *shown;
	} cases[] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"two\nlines\t\x7F", "two?lines??"},
	    {"gr\xC3\xBC\xC3\x9F dich \xE2\x82\xAC \xF0\x9F\x98\x80", "gr\xC3\xBC\xC3\x9F dich \xE2\x82\xAC \xF0\x9F\x98\x80"},
	    {"half \xC3", "half ?"},
	    {"\xFF\x80 bad", "?? bad"},
	    {"\xED\xA0\x80", "???"},
	    {FORTY, FORTY},
	    {FORTY "1", FORTY "\xE2\x80\xA6"},
	    {"012345678901234567890123456789012345678\xF0\x9F\x98\x80!", "012345678901234567890123456789012345678\xF0\x9F\x98\x80\xE2\x80\xA6"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char out[APL_SHOWN];
		assert_string_equal(apl_shown(cases[i].bytes, strlen(cases[i].bytes), out), cases[i].shown);
	}
}

static void a_nul_in_the_text_does_not_end_it(void **state) {
	(void)state;
	char out[APL_SHOWN];
	assert_string_equal(apl_shown("a\0b", 3, out), "a?b");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(input_is_quoted_short_on_one_line_and_in_utf8),
	    cmocka_unit_test(a_nul_in_the_text_does_not_end_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
