/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "aplomb.h"

static aplomb_json *read_text(const char *text) {
	aplomb_json *json = NULL;
	aplomb_error error = {0};
	if (aplomb_json_read(&json, text, strlen(text), &error) != APLOMB_OK) fail_msg("%s: %s", text, error.message);
	return json;
}

static void a_path_leads_to_each_kind_of_value(void **state) {
	(void)state;
	aplomb_json *json = read_text("{\"a\":{\"b\":[null,true,-7,0.5,\"text \\u00e9\\n\"]}}");
	aplomb_value list = aplomb_value_get(aplomb_value_get(aplomb_json_root(json), "a"), "b");
	assert_int_equal(aplomb_value_kind(list), APLOMB_LIST);
	assert_int_equal(aplomb_value_count(list), 5);
	assert_int_equal(aplomb_value_kind(aplomb_value_at(list, 0, NULL)), APLOMB_NULL);
	assert_true(aplomb_value_boolean(aplomb_value_at(list, 1, NULL)));
	assert_int_equal(aplomb_value_integer(aplomb_value_at(list, 2, NULL)), -7);
	assert_true(aplomb_value_number(aplomb_value_at(list, 2, NULL)) == -7.0);
	assert_true(aplomb_value_number(aplomb_value_at(list, 3, NULL)) == 0.5);
	size_t size;
	assert_string_equal(aplomb_value_text(aplomb_value_at(list, 4, NULL), &size), "text \xC3\xA9\n");
	assert_int_equal(size, 8);
	aplomb_json_free(json);
}

static void what_is_absent_is_absent_all_the_way(void **state) {
	(void)state;
	aplomb_json *json = read_text("{\"a\":1}");
	aplomb_value absent = aplomb_value_get(aplomb_value_get(aplomb_value_get(aplomb_json_root(json), "x"), "y"), "z");
	const char *key = "untouched";
	size_t size = 9;
	assert_int_equal(aplomb_value_kind(absent), APLOMB_ABSENT);
	assert_int_equal(aplomb_value_count(absent), 0);
	assert_int_equal(aplomb_value_integer(absent), 0);
	assert_true(aplomb_value_number(absent) == 0.0);
	assert_false(aplomb_value_boolean(absent));
	assert_null(aplomb_value_text(absent, &size));
	assert_int_equal(size, 0);
	assert_null(aplomb_value_write(absent));
	assert_int_equal(aplomb_value_kind(aplomb_value_at(absent, 0, &key)), APLOMB_ABSENT);
	assert_int_equal(aplomb_value_kind(aplomb_value_at(aplomb_json_root(json), 1, &key)), APLOMB_ABSENT);
	assert_string_equal(key, "untouched");
	assert_int_equal(aplomb_value_kind(aplomb_value_get(aplomb_json_root(json), NULL)), APLOMB_ABSENT);
	/* A value of another kind than was asked for is absent too. */
	aplomb_value a = aplomb_value_get(aplomb_json_root(json), "a");
	assert_null(aplomb_value_text(a, NULL));
	assert_int_equal(aplomb_value_kind(aplomb_value_get(a, "b")), APLOMB_ABSENT);
	assert_int_equal(aplomb_value_count(a), 0);
	aplomb_json_free(json);
	aplomb_json_free(NULL);
}

static void members_come_with_their_names_in_any_order_of_asking(void **state) {
	(void)state;
	aplomb_json *json = read_text("{\"one\":[1,[2,3],{\"x\":4}],\"two\":{\"deep\":[5]},\"three\":6}");
	aplomb_value root = aplomb_json_root(json);
	static const char *const names[] = {"one", "two", "three"};
	static const size_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 1, 2}, {2, 0, 1}};
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		for (size_t k = 0; k < 3; k++) {
			const char *key = NULL;
			aplomb_value value = aplomb_value_at(root, orders[i][k], &key);
			assert_string_equal(key, names[orders[i][k]]);
			/* Another container in between must not lead astray. */
			if (aplomb_value_kind(value) == APLOMB_LIST) {
				assert_int_equal(aplomb_value_integer(aplomb_value_at(value, 0, NULL)), 1);
				assert_int_equal(aplomb_value_integer(aplomb_value_get(aplomb_value_at(value, 2, NULL), "x")), 4);
				assert_int_equal(aplomb_value_integer(aplomb_value_at(aplomb_value_at(value, 1, NULL), 1, NULL)), 3);
			}
		}
	}
	aplomb_json_free(json);
}

/* Would take minutes if each item were counted from the first. */
static void a_long_list_is_gone_through_once(void **state) {
	(void)state;
	enum { ITEMS = 300000 };
	char *text = malloc(ITEMS * 2 + 2);
	assert_non_null(text);
	memset(text, '1', ITEMS * 2 + 1);
	for (size_t i = 2; i < ITEMS * 2; i += 2) text[i] = ',';
	text[0] = '[';
	text[ITEMS * 2] = ']';
	aplomb_json *json;
	assert_int_equal(aplomb_json_read(&json, text, ITEMS * 2 + 1, NULL), APLOMB_OK);
	int64_t sum = 0;
	for (size_t i = 0; i < ITEMS; i++) sum += aplomb_value_integer(aplomb_value_at(aplomb_json_root(json), i, NULL));
	assert_int_equal(sum, ITEMS);
	aplomb_json_free(json);
	free(text);
}

static void every_text_is_terminated_and_knows_its_size(void **state) {
	(void)state;
	aplomb_json *json = read_text("[\"\",\"plain\",\"with \\\"escapes\\\"\",\"zero\\u0000inside\"]");
	static const struct {
		const char *text;
		size_t size;
	} expected[] = {{"", 0}, {"plain", 5}, {"with \"escapes\"", 14}, {"zero", 11}};
	for (size_t i = 0; i < 4; i++) {
		size_t size;
		assert_string_equal(aplomb_value_text(aplomb_value_at(aplomb_json_root(json), i, NULL), &size), expected[i].text);
		assert_int_equal(size, expected[i].size);
	}
	aplomb_json_free(json);
}

static void writing_is_canonical(void **state) {
	(void)state;
	aplomb_json *json = read_text(" { \"b\" : [ 1 , 2.0 , \"\\u0041\" ] , \"a\" : null } ");
	char *text = aplomb_value_write(aplomb_json_root(json));
	assert_string_equal(text, "{\"a\":null,\"b\":[1,2.0,\"A\"]}");
	free(text);
	text = aplomb_value_write(aplomb_value_at(aplomb_value_get(aplomb_json_root(json), "b"), 2, NULL));
	assert_string_equal(text, "\"A\"");
	free(text);
	aplomb_json_free(json);
}

static void the_text_given_may_go_away(void **state) {
	(void)state;
	char text[] = "{\"key\":\"value\"}";
	aplomb_json *json = read_text(text);
	memset(text, 'x', sizeof text);
	assert_string_equal(aplomb_value_text(aplomb_value_get(aplomb_json_root(json), "key"), NULL), "value");
	aplomb_json_free(json);
}

static void what_is_no_json_is_refused_with_its_place(void **state) {
	(void)state;
	aplomb_json *json = NULL;
	aplomb_error error;
	assert_int_equal(aplomb_json_read(&json, "{\n  \"a\": }", 10, &error), APLOMB_EJSON);
	assert_string_equal(error.slug, "json-syntax");
	assert_int_equal(error.line, 2);
	assert_int_equal(error.column, 8);
	assert_int_equal(aplomb_json_read(&json, "", 0, &error), APLOMB_EJSON);
	assert_int_equal(aplomb_json_read(&json, NULL, 0, &error), APLOMB_EJSON);
	assert_int_equal(aplomb_json_read(&json, NULL, 3, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_json_read(NULL, "1", 1, &error), APLOMB_EINVAL);
	assert_null(json);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_path_leads_to_each_kind_of_value),
	    cmocka_unit_test(what_is_absent_is_absent_all_the_way),
	    cmocka_unit_test(members_come_with_their_names_in_any_order_of_asking),
	    cmocka_unit_test(a_long_list_is_gone_through_once),
	    cmocka_unit_test(every_text_is_terminated_and_knows_its_size),
	    cmocka_unit_test(writing_is_canonical),
	    cmocka_unit_test(the_text_given_may_go_away),
	    cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
