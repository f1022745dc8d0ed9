/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "aplomb.h"

#define AT INT64_C(1774947600000000)

static aplomb_field text_field(const char *name, const char *text, bool personal) {
	aplomb_field field = {.name = name, .kind = APLOMB_TEXT, .personal = personal};
	field.as.text.bytes = text;
	field.as.text.size = strlen(text);
	return field;
}

static aplomb_log_record plain_record(void) {
	return (aplomb_log_record){.size = sizeof(aplomb_log_record),
	    .at = AT,
	    .level = APLOMB_LOG_WARN,
	    .room = "engine",
	    .code = "event-refused",
	    .message = "no such event",
	    .case_id = "c1",
	    .playbook = "late",
	    .state = "work.a work.b",
	    .entry = 7,
	    .dropped = 3};
}

static void a_line_of_text_holds_everything_in_order(void **state) {
	(void)state;
	aplomb_field fields[] = {text_field("by", "agent 7", false), {.name = "tries", .kind = APLOMB_INTEGER, .as.integer = -2},
	    {.name = "sure", .kind = APLOMB_BOOLEAN, .as.boolean = true}, {.name = "tone", .kind = APLOMB_NUMBER, .as.number = 0.5},
	    {.name = "none", .kind = APLOMB_NULL}, text_field("word", "plain", false), text_field("empty", "", false)};
	aplomb_log_record record = plain_record();
	record.fields = fields;
	record.n_fields = sizeof fields / sizeof fields[0];
	char line[512];
	size_t size = aplomb_log_as_text(&record, line, sizeof line);
	assert_string_equal(line, "2026-03-31T09:00:00Z WARN engine event-refused: no such event case=c1 playbook=late state=\"work.a work.b\" "
	                          "entry=7 by=\"agent 7\" "
	                          "tries=-2 sure=true tone=0.5 none=null word=plain empty=\"\" dropped=3\n");
	assert_int_equal(size, strlen(line));
}

static void a_line_of_json_is_json_with_the_same_in_it(void **state) {
	(void)state;
	aplomb_field fields[] = {text_field("by", "agent \"7\"", false), {.name = "tries", .kind = APLOMB_INTEGER, .as.integer = -2}};
	aplomb_log_record record = plain_record();
	record.fields = fields;
	record.n_fields = 2;
	char line[512];
	size_t size = aplomb_log_as_json(&record, line, sizeof line);
	assert_string_equal(line, "{\"at\":\"2026-03-31T09:00:00Z\",\"level\":\"warn\",\"room\":\"engine\",\"code\":\"event-refused\",\"case\":"
	                          "\"c1\",\"playbook\":\"late\","
	                          "\"state\":\"work.a work.b\",\"entry\":7,\"dropped\":3,\"message\":\"no such "
	                          "event\",\"fields\":{\"by\":\"agent \\\"7\\\"\",\"tries\":-2}}\n");
	assert_int_equal(size, strlen(line));
}

static void what_is_absent_is_left_out(void **state) {
	(void)state;
	aplomb_log_record record = {.size = sizeof record, .at = AT, .level = APLOMB_LOG_DEBUG, .room = "lua", .code = "x"};
	char line[128];
	aplomb_log_as_text(&record, line, sizeof line);
	assert_string_equal(line, "2026-03-31T09:00:00Z DEBUG lua x: \n");
	aplomb_log_as_json(&record, line, sizeof line);
	assert_string_equal(line, "{\"at\":\"2026-03-31T09:00:00Z\",\"level\":\"debug\",\"room\":\"lua\",\"code\":\"x\",\"message\":\"\"}\n");
	assert_int_equal(aplomb_log_as_text(NULL, line, sizeof line), 0);
	assert_int_equal(aplomb_log_as_json(&record, NULL, 9), 0);
}

static void personal_values_are_not_written(void **state) {
	(void)state;
	aplomb_field fields[] = {
	    text_field("said", "my secret", true), {.name = "age", .kind = APLOMB_INTEGER, .personal = true, .as.integer = 4711}};
	aplomb_log_record record = plain_record();
	record.fields = fields;
	record.n_fields = 2;
	char line[512];
	aplomb_log_as_text(&record, line, sizeof line);
	assert_null(strstr(line, "secret"));
	assert_null(strstr(line, "4711"));
	assert_non_null(strstr(line, "said=[personal] age=[personal]"));
	aplomb_log_as_json(&record, line, sizeof line);
	assert_null(strstr(line, "secret"));
	assert_null(strstr(line, "4711"));
	assert_non_null(strstr(line, "\"fields\":{\"said\":\"[personal]\",\"age\":\"[personal]\"}"));
}

static void nothing_forges_a_second_line(void **state) {
	(void)state;
	aplomb_log_record record = plain_record();
	aplomb_field field = text_field("x", "a\nb\x1b[2J\x7f", false);
	record.message = "first\n2026-03-31T09:00:00Z ERROR engine forged: second\r\t\x01";
	record.case_id = "c\n1";
	record.fields = &field;
	record.n_fields = 1;
	char line[512];
	size_t size = aplomb_log_as_text(&record, line, sizeof line);
	assert_ptr_equal(strchr(line, '\n'), line + size - 1);
	assert_null(strchr(line, '\x1b'));
	size = aplomb_log_as_json(&record, line, sizeof line);
	assert_ptr_equal(strchr(line, '\n'), line + size - 1);
	assert_null(strchr(line, '\x1b'));
}

/* Every size from 0 on: terminated, never longer than there is room, one line, valid UTF-8; JSON stays JSON. */
static void a_line_that_is_too_long_is_cut_and_stays_whole(void **state) {
	(void)state;
	aplomb_field fields[] = {
	    text_field("caf\xC3\xA9", "\xE2\x82\xAC\xE2\x82\xAC \xF0\x9F\x98\x80", false), text_field("b", "second", false)};
	aplomb_log_record record = plain_record();
	record.message = "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 is closed";
	record.fields = fields;
	record.n_fields = 2;
	char whole[512];
	size_t whole_size = aplomb_log_as_json(&record, whole, sizeof whole);
	for (size_t room = 0; room <= whole_size + 20; room++) {
		char *line = malloc(room + 1);
		assert_non_null(line);
		line[room] = '#';
		size_t size = aplomb_log_as_json(&record, line, room);
		assert_int_equal(line[room], '#');
		if (size > 0) {
			assert_true(size < room);
			assert_int_equal(strlen(line), size);
			assert_int_equal(line[size - 1], '\n');
			aplomb_json *json = NULL;
			aplomb_error error;
			if (aplomb_json_read(&json, line, size, &error) != APLOMB_OK) fail_msg("%zu: %s: %s", room, line, error.message);
			bool is_cut = aplomb_value_boolean(aplomb_value_get(aplomb_json_root(json), "cut"));
			assert_int_equal(is_cut, size != whole_size || strcmp(line, whole) != 0);
			aplomb_json_free(json);
		}
		size = aplomb_log_as_text(&record, line, room);
		assert_int_equal(line[room], '#');
		if (room > 0) {
			assert_true(size < room);
			assert_int_equal(strlen(line), size);
			if (size > 0) assert_int_equal(line[size - 1], '\n');
		}
		free(line);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_of_text_holds_everything_in_order),
	    cmocka_unit_test(a_line_of_json_is_json_with_the_same_in_it),
	    cmocka_unit_test(what_is_absent_is_left_out),
	    cmocka_unit_test(personal_values_are_not_written),
	    cmocka_unit_test(nothing_forges_a_second_line),
	    cmocka_unit_test(a_line_that_is_too_long_is_cut_and_stays_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
