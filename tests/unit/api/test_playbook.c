/* SPDX-License-Identifier: MIT */
#include "late.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct told {
	int count;
	aplomb_severity severity;
	char slug[48];
	uint32_t line;
} told;

static void note(const aplomb_finding *finding, void *payload) {
	told *t = payload;
	t->count++;
	t->severity = finding->severity;
	snprintf(t->slug, sizeof t->slug, "%s", finding->slug);
	t->line = finding->line;
}

static void a_playbook_says_what_it_is(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_playbook *playbook = load_late(rt);
	assert_string_equal(aplomb_playbook_id(playbook), "late");
	assert_string_equal(aplomb_playbook_title(playbook), "A late parcel");
	assert_string_equal(aplomb_playbook_version(playbook), "3");
	assert_int_equal(strlen(aplomb_playbook_hash(playbook)), 64);
	assert_null(aplomb_playbook_id(NULL));
	assert_null(aplomb_playbook_hash(NULL));
	aplomb_close(rt);
}

static void the_same_source_is_the_same_version(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	assert_ptr_equal(load_late(rt), load_late(rt));
	aplomb_close(rt);
}

/* A folder of its own with files in it; the files' texts follow their names. */
static void write_files(const char *folder, const char *const *files) {
	for (; files[0] != NULL; files += 2) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", folder, files[0]);
		FILE *file = fopen(path, "wb");
		assert_non_null(file);
		fputs(files[1], file);
		fclose(file);
	}
}

static void modules_are_read_and_a_bundle_needs_none_of_them(void **state) {
	(void)state;
	static const char *const beside[] = {
	    "p.lua", "return playbook 'p' { state(require 'near') {}, state(require('far').name) {} }", "near.lua", "return 'no table'", NULL};
	static const char *const mended[] = {"p.lua",
	    "local near, far = require 'near', require 'far'\nreturn playbook 'p' { state(near.name) {}, state(far.name) {} }", "near.lua",
	    "return { name = 'near' }", NULL};
	static const char *const in_root[] = {"far.lua", "return { name = 'far' }", "near.lua", "return { name = 'not-this-one' }", NULL};
	char folder[] = "/tmp/aplomb-modules-XXXXXX", root[] = "/tmp/aplomb-root-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof path, "%s/p.lua", folder);
	write_files(root, in_root);
	write_files(folder, beside);
	const char *const roots[] = {"no-such-folder", root};
	aplomb_runtime *rt = open_late(NULL);
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	options.path = path;
	options.roots = roots;
	options.n_roots = 2;
	aplomb_playbook *playbook, *again;
	aplomb_error error;
	assert_int_equal(aplomb_load(rt, &options, &playbook, &error), APLOMB_EPLAYBOOK);
	assert_string_equal(error.slug, "module-returns");
	write_files(folder, mended);
	assert_int_equal(aplomb_load(rt, &options, &playbook, &error), APLOMB_OK);
	aplomb_load_options bundle = APLOMB_LOAD_OPTIONS_INIT;
	bundle.source = aplomb_playbook_source(playbook, &bundle.source_size);
	assert_non_null(bundle.source);
	assert_int_equal(aplomb_load(rt, &bundle, &again, &error), APLOMB_OK);
	assert_ptr_equal(again, playbook);
	assert_null(aplomb_playbook_source(NULL, NULL));
	options.n_roots = 1;
	assert_int_equal(aplomb_load(rt, &options, &playbook, &error), APLOMB_EPLAYBOOK);
	assert_string_equal(error.slug, "unknown-module");
	aplomb_close(rt);
	static const char *const names[] = {"p.lua", "near.lua", "far.lua"};
	for (int i = 0; i < 3; i++) {
		char file[128];
		snprintf(file, sizeof file, "%s/%s", folder, names[i]);
		remove(file);
		snprintf(file, sizeof file, "%s/%s", root, names[i]);
		remove(file);
	}
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(rmdir(root), 0);
}

static void holidays_of_a_file_are_in_the_bundle(void **state) {
	(void)state;
	static const char *const beside[] = {"p.lua",
	    "return playbook 'p' { calendar 'c' { zone = 'Europe/London', week = { ['mon-fri'] = '09:00-17:00' }, holidays = 'days.ics' },\n"
	    "state 's' { after '1 business day' { to = 't' } }, state 't' {} }",
	    "days.ics",
	    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Christmas Day\nDTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY\nEND:VEVENT\n"
	    "BEGIN:VEVENT\nSUMMARY:Half a day\nDTSTART:20261224T120000\nDURATION:PT8H\nEND:VEVENT\nEND:VCALENDAR\n",
	    NULL};
	char folder[] = "/tmp/aplomb-holidays-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/p.lua", folder);
	write_files(folder, beside);
	aplomb_runtime *rt = open_late(NULL), *another = open_late(NULL);
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT, bundle = APLOMB_LOAD_OPTIONS_INIT;
	options.path = path;
	aplomb_playbook *playbook, *again;
	aplomb_error error;
	assert_int_equal(aplomb_load(rt, &options, &playbook, &error), APLOMB_OK);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, beside[2 * i]);
		assert_int_equal(remove(path), 0);
	}
	assert_int_equal(rmdir(folder), 0);
	bundle.source = aplomb_playbook_source(playbook, &bundle.source_size);
	assert_int_equal(aplomb_load(another, &bundle, &again, &error), APLOMB_OK);
	assert_string_equal(aplomb_playbook_hash(again), aplomb_playbook_hash(playbook));
	const aplomb_calendar *calendar = aplomb_playbook_calendar(again, "c");
	assert_string_equal(aplomb_calendar_version(calendar), aplomb_calendar_version(aplomb_playbook_calendar(playbook, "c")));
	aplomb_calendar_day day = APLOMB_CALENDAR_DAY_INIT;
	assert_int_equal(aplomb_calendar_day_of(calendar, 2299, 12, 25, &day, NULL), APLOMB_OK);
	assert_int_equal(day.reason, APLOMB_CALENDAR_HOLIDAY);
	assert_string_equal(day.name, "Christmas Day");
	assert_string_equal(day.source, "days.ics");
	assert_int_equal(aplomb_calendar_day_of(calendar, 2026, 12, 24, &day, NULL), APLOMB_OK);
	assert_int_equal(day.reason, APLOMB_CALENDAR_EXCEPTION);
	assert_int_equal(day.n_hours, 1);
	assert_int_equal(day.hours[0].until, 12 * 60);
	assert_string_equal(day.name, "Half a day");
	assert_string_equal(day.source, "days.ics");
	aplomb_close(another);
	aplomb_close(rt);
}

static void findings_are_told_and_the_first_error_is_returned(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook = NULL;
	aplomb_error error;
	told t = {0};
	options.source = "return playbook \"p\" {\n  state \"a\" { on \"x\" { to = \"b\" } },\n  event \"x\" {},\n}\n";
	options.source_size = strlen(options.source);
	options.on_finding = note;
	options.payload = &t;
	assert_int_equal(aplomb_load(rt, &options, &playbook, &error), APLOMB_EPLAYBOOK);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.severity, APLOMB_ERROR);
	assert_string_equal(t.slug, "unknown-target");
	assert_int_equal(t.line, 2);
	assert_string_equal(error.slug, "unknown-target");
	assert_string_equal(error.file, "playbook.lua");
	assert_int_equal(error.line, 2);
	assert_null(playbook);
	aplomb_close(rt);
}

static void a_file_is_loaded_or_says_why_not(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_playbook *playbook = NULL;
	aplomb_error error;
	char path[] = "/tmp/aplomb-test-XXXXXX";
	int file = mkstemp(path);
	assert_true(file >= 0);
	assert_int_equal(write(file, LATE, strlen(LATE)), (ssize_t)strlen(LATE));
	close(file);
	assert_int_equal(aplomb_load_file(rt, path, &playbook, &error), APLOMB_OK);
	assert_string_equal(aplomb_playbook_id(playbook), "late");
	unlink(path);
	assert_int_equal(aplomb_load_file(rt, path, &playbook, &error), APLOMB_EIO);
	assert_string_equal(error.slug, "file-unreadable");
	assert_non_null(strstr(error.message, path));
	assert_int_equal(aplomb_load_file(rt, "/tmp", &playbook, &error), APLOMB_EIO);
	assert_non_null(strstr(error.message, "folder"));
	assert_int_equal(aplomb_load_file(rt, NULL, &playbook, &error), APLOMB_EINVAL);
	aplomb_close(rt);
}

static void a_default_playbook_saves_naming_it(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_playbook *playbook = load_late(rt);
	aplomb_error error;
	static const char event[] =
	    "{\"case\":\"c1\",\"event\":\"customer.message\",\"at\":\"2026-03-31T09:00:00Z\",\"data\":{\"text\":\"x\"}}";
	assert_int_equal(aplomb_post_json(rt, event, strlen(event), NULL, NULL, &error), APLOMB_EREFUSED);
	assert_string_equal(error.slug, "missing-playbook");
	assert_int_equal(aplomb_default_playbook(rt, playbook, &error), APLOMB_OK);
	assert_int_equal(aplomb_post_json(rt, event, strlen(event), NULL, NULL, &error), APLOMB_OK);
	assert_int_equal(aplomb_pump(rt, 0, NULL, &error), APLOMB_OK);
	assert_true(aplomb_case_is_in(rt, "c1", "work.answered"));
	assert_int_equal(aplomb_default_playbook(rt, NULL, &error), APLOMB_OK);
	aplomb_event other = said("c2", AT_NINE, SAYS);
	other.playbook = NULL;
	assert_int_equal(aplomb_post(rt, &other, NULL, NULL, &error), APLOMB_EREFUSED);
	aplomb_close(rt);
}

static void add_stat(const aplomb_stat_line *line, void *payload) {
	uint64_t *counts = payload;
	if (line->stat == APLOMB_STAT_STATE && strcmp(line->name, "work.answered") == 0) {
		counts[0] = line->count;
		counts[1] = line->inside;
		counts[2] = (uint64_t)line->total;
	}
	if (line->stat == APLOMB_STAT_EFFECT && strcmp(line->name, "suggest") == 0) counts[3] = line->count;
	if (line->stat == APLOMB_STAT_OUTCOME && strcmp(line->name, "delivered") == 0) counts[4] = line->count;
	if (line->stat == APLOMB_STAT_EVENT && strcmp(line->name, "customer.message") == 0) counts[5] = line->count;
}

static void its_cases_are_counted(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_event event = said("c1", AT_NINE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	event = said("c2", AT_NINE + MINUTE, SAYS);
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	event.name = "done";
	event.data = NULL;
	event.at = AT_NINE + 2 * MINUTE;
	assert_int_equal(aplomb_post_wait(rt, &event, NULL, NULL), APLOMB_OK);
	uint64_t counts[6] = {0};
	aplomb_playbook_stats(rt, load_late(rt), add_stat, counts);
	assert_int_equal(counts[0], 2);
	assert_int_equal(counts[1], 1);
	assert_int_equal(counts[2], 3 * MINUTE); /* one minute, over; two so far */
	assert_int_equal(counts[3], 2);
	assert_int_equal(counts[4], 1);
	assert_int_equal(counts[5], 2);
	aplomb_playbook_stats(rt, NULL, add_stat, counts);
	aplomb_playbook_stats(rt, load_late(rt), NULL, counts);
	aplomb_close(rt);
}

static void wrong_arguments_are_named(void **state) {
	(void)state;
	aplomb_runtime *rt = open_late(NULL);
	aplomb_playbook *playbook = NULL;
	aplomb_error error;
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	assert_int_equal(aplomb_load(rt, NULL, &playbook, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_load(rt, &options, NULL, &error), APLOMB_EINVAL);
	assert_int_equal(aplomb_load(rt, &options, &playbook, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "null-argument");
	options.size = 0;
	assert_int_equal(aplomb_load(rt, &options, &playbook, &error), APLOMB_EINVAL);
	assert_string_equal(error.slug, "struct-size");
	assert_int_equal(aplomb_load(NULL, &options, &playbook, &error), APLOMB_EINVAL);
	aplomb_close(rt);
}

typedef struct param_told {
	char lines[2048];
} param_told;

static void note_param(const aplomb_param *param, void *payload) {
	param_told *t = payload;
	size_t used = strlen(t->lines);
	snprintf(t->lines + used, sizeof t->lines - used, "%s %s %s by %d at %s:%u, once %s, %s to %s, %zu choices%s\n", param->path,
	    param->type, param->value != NULL ? param->value : "-", (int)param->from, param->file, param->line,
	    param->default_value != NULL ? param->default_value : "-", param->min != NULL ? param->min : "-",
	    param->max != NULL ? param->max : "-", param->n_choices, param->required ? ", required" : "");
}

static void params_say_where_their_values_come_from(void **state) {
	(void)state;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_error error = {0};
	assert_int_equal(aplomb_open(&rt, &options, &error), APLOMB_OK);
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = "knobs.lua";
	load.source =
	    "return playbook 'p' { params = { a = money { default = '1.00 GBP', max = '9.00 GBP' }, b = text { required = true },\n"
	    "c = one_of { 'x', 'y', default = 'x' }, d = fields { e = span { default = '1h', min = '1m', max = '2d' } } }, state 's' {} }";
	load.source_size = strlen(load.source);
	load.policy = "return { params = {\n a = '2.00 GBP', c = 'y' } }";
	load.policy_size = strlen(load.policy);
	load.params = "{\"c\":\"x\",\"b\":\"Ada\"}";
	aplomb_playbook *playbook;
	int loaded = aplomb_load(rt, &load, &playbook, &error);
	assert_string_equal(error.message, "");
	assert_int_equal(loaded, APLOMB_OK);
	param_told all = {""};
	assert_int_equal(aplomb_playbook_params(playbook, note_param, &all), 4);
	assert_string_equal(all.lines, "a money \"2.00 GBP\" by 2 at policy.lua:2, once \"1.00 GBP\", - to 9.00 GBP, 0 choices\n"
	                               "b text \"Ada\" by 3 at params:1, once -, - to -, 0 choices, required\n"
	                               "c one_of \"x\" by 3 at params:1, once \"x\", - to -, 2 choices\n"
	                               "d.e span \"1h\" by 1 at knobs.lua:2, once \"1h\", 1m to 2d, 0 choices\n");
	assert_int_equal(aplomb_playbook_params(playbook, NULL, NULL), 4);
	assert_int_equal(aplomb_playbook_params(NULL, note_param, &all), 0);
	load.policy = NULL;
	load.policy_path = "/nowhere/policy.lua";
	assert_int_equal(aplomb_load(rt, &load, &playbook, &error), APLOMB_EIO);
	assert_string_equal(error.slug, "file-unreadable");
	aplomb_close(rt);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_playbook_says_what_it_is),
	    cmocka_unit_test(the_same_source_is_the_same_version),
	    cmocka_unit_test(modules_are_read_and_a_bundle_needs_none_of_them),
	    cmocka_unit_test(holidays_of_a_file_are_in_the_bundle),
	    cmocka_unit_test(findings_are_told_and_the_first_error_is_returned),
	    cmocka_unit_test(a_file_is_loaded_or_says_why_not),
	    cmocka_unit_test(a_default_playbook_saves_naming_it),
	    cmocka_unit_test(its_cases_are_counted),
	    cmocka_unit_test(wrong_arguments_are_named),
	    cmocka_unit_test(params_say_where_their_values_come_from),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
