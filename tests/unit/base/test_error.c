/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static void every_code_has_its_name_and_sentence(void **state) {
	(void)state;
	static const struct {
		int code;
		const char *name;
		const char *sentence;
	} codes[] = {
#define ROW(name, number, sentence) {number, #name, sentence},
	    APLOMB_CODES(ROW)
#undef ROW
	};
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		assert_string_equal(aplomb_code_name(codes[i].code), codes[i].name);
		assert_string_equal(aplomb_code_sentence(codes[i].code), codes[i].sentence);
	}
	assert_string_equal(aplomb_code_name(1), "?");
	assert_string_equal(aplomb_code_name(-1000), "?");
	assert_non_null(aplomb_code_sentence(-1000));
	assert_string_equal(aplomb_version(), APLOMB_VERSION);
}

static void a_failure_replaces_what_the_error_held(void **state) {
	(void)state;
	aplomb_error error;
	memset(&error, 'x', sizeof error);
	apl_place place = {"chart.lua", 41, 7};
	assert_int_equal(
	    apl_fail_at(&error, APLOMB_EPLAYBOOK, "unknown-target", place, "target \"%s\" does not exist", "resloved"), APLOMB_EPLAYBOOK);
	assert_int_equal(error.code, APLOMB_EPLAYBOOK);
	assert_int_equal(error.line, 41);
	assert_int_equal(error.column, 7);
	assert_string_equal(error.slug, "unknown-target");
	assert_string_equal(error.file, "chart.lua");
	assert_string_equal(error.message, "target \"resloved\" does not exist");
	assert_int_equal(apl_fail(&error, APLOMB_EINVAL, "no-size", "the size is %d", 0), APLOMB_EINVAL);
	assert_int_equal(error.line, 0);
	assert_int_equal(error.column, 0);
	assert_string_equal(error.file, "");
	assert_string_equal(error.message, "the size is 0");
	assert_int_equal(apl_fail_memory(&error), APLOMB_ENOMEM);
	assert_string_equal(error.slug, "no-memory");
}

static void an_error_may_be_quoted_in_its_own_message(void **state) {
	(void)state;
	aplomb_error error;
	apl_fail(&error, APLOMB_EJSON, "json-syntax", "expected a value");
	apl_fail(&error, APLOMB_EDAMAGED, "line-damaged", "line 3: %s (%s)", error.message, error.slug);
	assert_string_equal(error.message, "line 3: expected a value (json-syntax)");
	assert_string_equal(error.slug, "line-damaged");
}

static void nobody_has_to_take_the_error(void **state) {
	(void)state;
	assert_int_equal(apl_fail(NULL, APLOMB_EIO, "unreadable", "%s", "x"), APLOMB_EIO);
	assert_int_equal(apl_fail_at(NULL, APLOMB_EIO, "unreadable", APL_NOWHERE, "%s", "x"), APLOMB_EIO);
	assert_int_equal(apl_fail_memory(NULL), APLOMB_ENOMEM);
}

/* Every length around the edge, with characters of one to four bytes. */
static void what_is_too_long_is_cut_between_characters(void **state) {
	(void)state;
	static const char *const characters[] = {"a", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
	for (size_t kind = 0; kind < 4; kind++) {
		for (size_t lead = 0; lead < 8; lead++) {
			char text[2048] = "";
			for (size_t i = 0; i < lead; i++) strcat(text, "x");
			while (strlen(text) < 1500) strcat(text, characters[kind]);
			aplomb_error error;
			apl_fail_at(&error, APLOMB_EINVAL, text, (apl_place){text, 1, 1}, "%s", text);
			const char *fields[] = {error.message, error.slug, error.file};
			const size_t sizes[] = {sizeof error.message, sizeof error.slug, sizeof error.file};
			for (size_t f = 0; f < 3; f++) {
				size_t length = strlen(fields[f]);
				assert_true(length < sizes[f] && length > sizes[f] - 8);
				assert_int_equal(apl_utf8_valid(fields[f], length), length);
				bool keeps_end = fields[f] == error.file;
				assert_memory_equal(keeps_end ? fields[f] : fields[f] + length - 3, "\xE2\x80\xA6", 3);
				size_t kept = length - 3;
				if (keeps_end)
					assert_memory_equal(fields[f] + 3, text + strlen(text) - kept, kept);
				else
					assert_memory_equal(fields[f], text, kept);
			}
		}
	}
}

static void what_just_fits_is_not_cut(void **state) {
	(void)state;
	aplomb_error error;
	char text[sizeof error.message];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	apl_fail(&error, APLOMB_EINVAL, "s", "%s", text);
	assert_string_equal(error.message, text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_code_has_its_name_and_sentence),
	    cmocka_unit_test(a_failure_replaces_what_the_error_held),
	    cmocka_unit_test(an_error_may_be_quoted_in_its_own_message),
	    cmocka_unit_test(nobody_has_to_take_the_error),
	    cmocka_unit_test(what_is_too_long_is_cut_between_characters),
	    cmocka_unit_test(what_just_fits_is_not_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
