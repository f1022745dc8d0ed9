/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "cli/opt.h"

typedef struct values {
	bool drain;
	const char *events;
	int format;
	cli_instant until;
	uint64_t limit;
} values;

static const cli_option OPTIONS[] = {
    {"drain", 'd', CLI_FLAG, CLI_OFFSET(values, drain), NULL, "go on", NULL},
    {"events", 'e', CLI_TEXT, CLI_OFFSET(values, events), "FILE", "which events", NULL},
    {"format", 'f', CLI_CHOICE, CLI_OFFSET(values, format), "text|json", "how", "text json"},
    {"until", 'u', CLI_INSTANT, CLI_OFFSET(values, until), "TIME", "until when", NULL},
    {"limit", 'l', CLI_NUMBER, CLI_OFFSET(values, limit), "N", "how many", NULL},
};

typedef struct taken {
	bool well;
	values values;
	int count;
	char *operands[16];
	char errors[512];
} taken;

/* Words separated by spaces; "_" is an empty one. */
static taken take(const char *line) {
	taken t = {0};
	static char words[512];
	snprintf(words, sizeof words, "%s", line);
	char *left = words;
	for (char *word; (word = strtok_r(left, " ", &left)) != NULL;)
		t.operands[t.count++] = strcmp(word, "_") == 0 ? strchr(word, '\0') : word;
	char *errors = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&errors, &size);
	assert_non_null(file);
	tell_screen screen = tell_screen_of(file, TELL_COLOUR_NEVER);
	cli_options set = {OPTIONS, sizeof OPTIONS / sizeof OPTIONS[0], &t.values};
	t.well = cli_options_take(&set, 1, t.operands, &t.count, "run", &screen);
	fclose(file);
	snprintf(t.errors, sizeof t.errors, "%s", errors);
	free(errors);
	return t;
}

static void every_way_of_writing_an_option_means_the_same(void **state) {
	(void)state;
	static const char *const lines[] = {"p.lua --drain --events x --format json --limit 64k",
	    "--limit=64k --format=json p.lua --events=x --drain", "-d -e x -f json -l 64k p.lua", "-df json -ex -l64k p.lua",
	    "-d --events x --format json --limit 65,536 -- p.lua"};
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		taken t = take(lines[i]);
		if (!t.well) fail_msg("%s: %s", lines[i], t.errors);
		assert_true(t.values.drain);
		assert_string_equal(t.values.events, "x");
		assert_int_equal(t.values.format, 1);
		assert_int_equal(t.values.limit, 65536);
		assert_int_equal(t.count, 1);
		assert_string_equal(t.operands[0], "p.lua");
	}
}

static void operands_keep_their_order_and_a_lone_dash_is_one(void **state) {
	(void)state;
	taken t = take("a - -d b -- --drain -e");
	assert_true(t.well);
	assert_int_equal(t.count, 5);
	static const char *const expected[] = {"a", "-", "b", "--drain", "-e"};
	for (int i = 0; i < 5; i++) assert_string_equal(t.operands[i], expected[i]);
	assert_null(t.values.events);
}

static void values_are_read(void **state) {
	(void)state;
	taken t = take("--until 2026-03-31T09:00:00Z -l 2M --events -");
	assert_true(t.well);
	assert_true(t.values.until.is_given);
	assert_true(t.values.until.at == INT64_C(1774947600000000));
	assert_int_equal(t.values.limit, 2 << 20);
	assert_string_equal(t.values.events, "-");
	assert_false(take("").values.until.is_given);
}

static void a_mistake_is_told_with_the_way_out(void **state) {
	(void)state;
	static const struct {
		const char *line, *message;
	} mistakes[] = {
	    {"--drian", "aplomb run: there is no option \"--drian\"; did you mean \"--drain\"?\n"},
	    {"--zzzzzz=1", "aplomb run: there is no option \"--zzzzzz\"\n"},
	    {"--drain=yes", "aplomb run: --drain takes no value; \"yes\" was given\n"},
	    {"--events", "aplomb run: --events needs a value: FILE\n"},
	    {"--events=", "aplomb run: --events needs a value: FILE; an empty one was given\n"},
	    {"-e", "aplomb run: -e needs a value: FILE\n"},
	    {"-dx", "aplomb run: there is no option \"-x\"\n"},
	    {"--format jsno", "aplomb run: --format is one of: text json; \"jsno\" was given; did you mean \"json\"?\n"},
	    {"--format _", "aplomb run: --format is one of: text json; \"\" was given\n"},
	    {"--limit -1", "aplomb run: --limit is a number such as 1000, 64k or 16M; \"-1\" was given\n"},
	    {"--limit 1T", "aplomb run: --limit is a number such as 1000, 64k or 16M; \"1T\" was given\n"},
	    {"--limit 1kk", "aplomb run: --limit is a number such as 1000, 64k or 16M; \"1kk\" was given\n"},
	    {"--limit 18446744073709551616", "aplomb run: --limit is a number such as 1000, 64k or 16M; \"18446744073709551616\" was given\n"},
	    {"--limit 99999999999G", "aplomb run: --limit is a number such as 1000, 64k or 16M; \"99999999999G\" was given\n"},
	};
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		taken t = take(mistakes[i].line);
		assert_false(t.well);
		assert_string_equal(t.errors, mistakes[i].message);
	}
	taken t = take("--until tomorrow");
	assert_false(t.well);
	assert_non_null(strstr(t.errors, "--until: \"tomorrow\""));
}

static void help_stands_in_columns(void **state) {
	(void)state;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	assert_non_null(file);
	tell_screen screen = tell_screen_of(file, TELL_COLOUR_NEVER);
	screen.width = 80;
	cli_options_help(OPTIONS, 2, &screen);
	fclose(file);
	assert_string_equal(text, "  --drain, -d             go on\n"
	                          "  --events, -e FILE       which events\n");
	free(text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_way_of_writing_an_option_means_the_same),
	    cmocka_unit_test(operands_keep_their_order_and_a_lone_dash_is_one),
	    cmocka_unit_test(values_are_read),
	    cmocka_unit_test(a_mistake_is_told_with_the_way_out),
	    cmocka_unit_test(help_stands_in_columns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
