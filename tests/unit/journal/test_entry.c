/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "../test_cmocka.h"
#include "journal/entry.h"

static apl_alloc alloc;

static apl_hash128 write_entry(apl_buf *out, apl_entry_kind kind, uint64_t seq, const char *items, bool plain) {
	apl_instant_writer instants = {0};
	size_t begun = out->size;
	apl_entry_begin(out, &instants, 1767225600000000, "c1", 2, plain);
	apl_buf_text(out, "{}");
	apl_entry_items(out);
	size_t items_begun = out->size;
	apl_buf_text(out, items);
	apl_entry_end(out, items_begun, kind, seq, (apl_hash128){1, 0xabcdef}, (apl_hash128){UINT64_MAX, 0});
	return out->failed ? (apl_hash128){0, 0} : apl_line_hash(out->bytes + begun, out->size - begun);
}

static void an_entry_is_one_line_with_its_members_in_order(void **state) {
	(void)state;
	apl_buf out;
	apl_buf_init(&out, &alloc);
	apl_buf_text(&out, "the line before\n");
	size_t before = out.size;
	apl_hash128 hash = write_entry(&out, APL_ENTRY_EVENT, 12, "{\"do\":\"unhandled\"}", true);
	static const char expected[] = "{\"at\":\"2026-01-01T00:00:00Z\",\"case\":\"c1\",\"cause\":{},\"digest\":"
	                               "\"00000000000000010000000000abcdef\",\"items\":[{\"do\":\"unhandled\"}],"
	                               "\"kind\":\"event\",\"prev\":\"ffffffffffffffff0000000000000000\",\"seq\":12,\"v\":1}\n";
	assert_int_equal(out.size - before, strlen(expected));
	assert_memory_equal(out.bytes + before, expected, out.size - before);
	assert_true(apl_hash128_equal(hash, apl_hash_bytes(expected, strlen(expected) - 1)));
	apl_buf_dispose(&out);
}

static void every_kind_has_its_name(void **state) {
	(void)state;
	static const char *const names[] = {
	    "opened", "event", "timer", "refused", "faulted", "away", "statement", "cancelled", "mended", "calendar"};
	for (apl_entry_kind kind = 0; kind < APL_ENTRY_KINDS; kind++) {
		assert_string_equal(apl_entry_kind_name(kind), names[kind]);
		apl_buf out;
		apl_buf_init(&out, &alloc);
		write_entry(&out, kind, INT64_MAX, "", kind % 2 == 0);
		char wanted[64];
		snprintf(wanted, sizeof wanted, "\"items\":[],\"kind\":\"%s\",\"prev\":\"", names[kind]);
		assert_non_null(strstr(apl_buf_terminate(&out), wanted));
		assert_non_null(strstr(out.bytes, "\"seq\":9223372036854775807,\"v\":1}\n"));
		apl_buf_dispose(&out);
	}
}

static void a_head_says_what_a_replay_needs(void **state) {
	(void)state;
	apl_buf limits, out;
	apl_buf_init(&limits, &alloc);
	apl_buf_init(&out, &alloc);
	aplomb_limits given = {.size = sizeof given,
	    .instructions = UINT64_MAX,
	    .memory = 2,
	    .microsteps = 3,
	    .internal_events = 4,
	    .effects = 5,
	    .queue = 6,
	    .timers = 7,
	    .deferred = 8,
	    .states = 9,
	    .data = 10,
	    .depth = 11,
	    .children = 12,
	    .invoke_depth = 13,
	    .own_steps = 14,
	    .hops = 15,
	    .ids = 16};
	apl_limits_write(&limits, &given);
	assert_string_equal(apl_buf_terminate(&limits),
	    "{\"children\":12,\"data\":10,\"deferred\":8,\"depth\":11,\"effects\":5,\"hops\":15,\"ids\":16,\"instructions\":"
	    "9223372036854775807,"
	    "\"internal_events\":4,\"invoke_depth\":13,\"memory\":2,\"microsteps\":3,\"own_steps\":14,\"queue\":6,\"states\":9,\"timers\":7}");
	/* Heads of before they could be set say nothing of them, and are the same still. */
	apl_buf_clear(&limits);
	given.children = 64;
	given.invoke_depth = 8;
	given.own_steps = 10000;
	given.hops = 2520;
	given.ids = 1000000;
	apl_limits_write(&limits, &given);
	assert_string_equal(apl_buf_terminate(&limits),
	    "{\"data\":10,\"deferred\":8,\"depth\":11,\"effects\":5,\"instructions\":9223372036854775807,"
	    "\"internal_events\":4,\"memory\":2,\"microsteps\":3,\"queue\":6,\"states\":9,\"timers\":7}");
	apl_head head = {.case_json = "\"c\"",
	    .case_json_size = 3,
	    .limits = limits.bytes,
	    .limits_size = limits.size,
	    .params = "{\"a\":1}",
	    .params_size = 7,
	    .playbook = "late",
	    .playbook_hash = "00ff",
	    .seed = 7};
	apl_hash128 hash = apl_head_write(&out, &head);
	char expected[1024];
	snprintf(expected, sizeof expected,
	    "{\"aplomb\":\"journal\",\"case\":\"c\",\"engine\":\"" APLOMB_VERSION
	    "\",\"limits\":%.*s,\"locale\":null,\"params\":{\"a\":1},\"params_hash\":\"3c8c141663acf5a1b6b7137162fa70fb\","
	    "\"playbook\":{\"hash\":\"00ff\",\"id\":\"late\",\"version\":null},\"seed\":7,\"seq\":0,\"subject\":null,\"tzdata\":null,\"v\":1}"
	    "\n",
	    (int)limits.size, limits.bytes);
	assert_string_equal(apl_buf_terminate(&out), expected);
	assert_true(apl_hash128_equal(hash, apl_hash_bytes(expected, strlen(expected) - 1)));
	head.locale = "en", head.subject = "Ada \"A\"", head.playbook_version = "3";
	apl_buf_clear(&out);
	apl_head_write(&out, &head);
	assert_non_null(strstr(apl_buf_terminate(&out), "\"locale\":\"en\""));
	assert_non_null(strstr(out.bytes, "\"subject\":\"Ada \\\"A\\\"\""));
	assert_non_null(strstr(out.bytes, "\"version\":\"3\""));
	apl_buf_dispose(&limits);
	apl_buf_dispose(&out);
}

int main(void) {
	alloc = apl_alloc_system();
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_entry_is_one_line_with_its_members_in_order),
	    cmocka_unit_test(every_kind_has_its_name),
	    cmocka_unit_test(a_head_says_what_a_replay_needs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
