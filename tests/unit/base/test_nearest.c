/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <string.h>

#include "base/error.h"
#include "base/hash.h"

static const char *nearest_of(const char *name, const char *const *candidates, size_t count) {
	apl_nearest nearest = apl_nearest_to(name, strlen(name));
	for (size_t i = 0; i < count; i++) apl_nearest_try(&nearest, candidates[i]);
	return nearest.best;
}

static void the_name_that_was_meant_is_found(void **state) {
	(void)state;
	static const char *const known[] = {"resolved", "reopened", "offered", "on", "always", "after", "entry", "exit", "state", "Final"};
	static const struct {
		const char *name;
		const char *meant;
	} cases[] = {
	    {"resloved", "resolved"}, {"Resolved", "resolved"}, {"RESOLVED", "resolved"}, {"resolve", "resolved"}, {"reopned", "reopened"},
	    {"ofered", "offered"}, {"no", "on"}, {"onn", "on"}, {"aftre", "after"}, {"entyr", "entry"}, {"exti", "exit"}, {"stat", "state"},
	    {"final", "Final"}, {"x", NULL}, {"zzz", NULL}, {"customer.message", NULL}, {"", NULL}, {"state", NULL}, /* it is no other name */
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *best = nearest_of(cases[i].name, known, sizeof known / sizeof *known);
		if (cases[i].meant == NULL)
			assert_null(best);
		else
			assert_string_equal(best != NULL ? best : "nothing", cases[i].meant);
	}
}

static void between_equally_near_names_the_case_and_then_the_order_decides(void **state) {
	(void)state;
	static const char *const by_case[] = {"Xpen", "oPen"};
	assert_string_equal(nearest_of("open", by_case, 2), "oPen");
	static const char *const by_order[] = {"opex", "opez"};
	assert_string_equal(nearest_of("open", by_order, 2), "opex");
}

static void the_hint_fits_or_is_left_out(void **state) {
	(void)state;
	char out[64];
	apl_nearest nearest = apl_nearest_to("resloved", 8);
	assert_string_equal(apl_nearest_hint(&nearest, out, sizeof out), "");
	apl_nearest_try(&nearest, "resolved");
	assert_string_equal(apl_nearest_hint(&nearest, out, sizeof out), "; did you mean \"resolved\"?");
	assert_string_equal(apl_nearest_hint(&nearest, out, 10), "");
	assert_string_equal(apl_nearest_hint(&nearest, out, 0), "");
}

/* The whole table, plainly: what the band of nearest.c must agree with. */
static int plain_distance(const char *a, const char *b) {
	int table[20][20];
	int a_size = (int)strlen(a), b_size = (int)strlen(b);
	for (int i = 0; i <= a_size; i++) {
		for (int j = 0; j <= b_size; j++) {
			int least = i == 0 ? j : j == 0 ? i : 1000;
			if (i > 0 && j > 0) {
				int edits[] = {table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1])};
				for (int e = 0; e < 3; e++) least = edits[e] < least ? edits[e] : least;
				if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && table[i - 2][j - 2] + 1 < least)
					least = table[i - 2][j - 2] + 1;
			}
			table[i][j] = least;
		}
	}
	return table[a_size][b_size];
}

static void draw_name(uint64_t *random, char *name) {
	size_t size = apl_random_next(random) % 15;
	for (size_t i = 0; i < size; i++) name[i] = (char)('a' + apl_random_next(random) % 3);
	name[size] = '\0';
}

static void distances_agree_with_the_plain_table(void **state) {
	(void)state;
	uint64_t random = 3;
	int near = 0;
	for (int i = 0; i < 200000; i++) {
		char a[16], b[16];
		draw_name(&random, a);
		draw_name(&random, b);
		int distance = plain_distance(a, b);
		int size = (int)strlen(a);
		int allowed = size / 3 < 1 ? 1 : size / 3 > 3 ? 3 : size / 3;
		bool is_near = distance > 0 && distance <= allowed && allowed < size;
		const char *candidate = b;
		assert_int_equal(nearest_of(a, &candidate, 1) != NULL, is_near);
		near += is_near;
	}
	assert_true(near > 1000);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_name_that_was_meant_is_found),
	    cmocka_unit_test(between_equally_near_names_the_case_and_then_the_order_decides),
	    cmocka_unit_test(the_hint_fits_or_is_left_out),
	    cmocka_unit_test(distances_agree_with_the_plain_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
