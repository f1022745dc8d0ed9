/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_BESIDE_H
#define APL_TEST_BESIDE_H

/* A playbook and files of tests beside it, in a folder of their own, for tests of room test. */
#include "../test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/test.h"

#define BESIDE_PLAYBOOK                                                                                                                    \
	"return playbook \"desk\" {\n"                                                                                                         \
	"  initial = \"work\",\n"                                                                                                              \
	"  params = { patience = span { default = \"48h\" } },\n"                                                                              \
	"  data = { order = text { required = true }, said = integer { default = 0 }, names = list { of = text {} }, paid = money {} },\n"     \
	"  event \"customer.message\" { text = text {}, tone = number {}, rude = boolean {} },\n"                                              \
	"  event \"agent.message\" { text = text {} },\n"                                                                                      \
	"  event \"team-lead.message\" { text = text {} },\n"                                                                                  \
	"  event \"break\" {}, event \"spin\" {}, event \"later\" {}, event \"note\" { names = list { of = text {} }, n = number {} },\n"      \
	"  event \"again\" {}, event \"pass\" { to = text {} }, event \"passed\" {},\n"                                                        \
	"  effect \"remind\" { order = text {}, days = integer {} },\n"                                                                        \
	"  effect \"menu\" { options = list { of = any {} } },\n"                                                                              \
	"  effect \"say\" { text = text {} },\n"                                                                                               \
	"  counter \"rude\" { of = \"customer.message\", when = function(_, e) return e.rude end, window = \"1h\" },\n"                        \
	"  parallel \"work\" {\n"                                                                                                              \
	"    state \"talk\" { initial = \"asked\",\n"                                                                                          \
	"      on \"break\" { act = function(case) local x = nil; x.y = 1 end },\n"                                                            \
	"      on \"spin\" { act = function() while true do end end },\n"                                                                      \
	"      on \"note\" { act = function(case, e) case.data.names = e.names\n"                                                              \
	"        case:log(\"info\", \"noted\") end },\n"                                                                                       \
	"      on \"pass\" { act = function(case, e) case:send { event = \"passed\", to = e.to } end },\n"                                     \
	"      state \"asked\" {\n"                                                                                                            \
	"        on \"customer.message\" { to = \"answered\", because = \"the customer replied\", act = function(case, e)\n"                   \
	"          case.data.said = case.data.said + 1\n"                                                                                      \
	"          case:effect(\"say\", { text = \"thank you\" }, { because = \"manners\" })\n"                                                \
	"          case:effect(\"menu\", { options = { { id = \"a\", cost = 1 }, { id = \"b\", cost = 2.5 } } })\n"                            \
	"        end },\n"                                                                                                                     \
	"        on \"later\" { defer = true },\n"                                                                                             \
	"        after(from \"params.patience\") { to = \"silent\", because = \"two days without a word\" },\n"                                \
	"      },\n"                                                                                                                           \
	"      state \"silent\" {\n"                                                                                                           \
	"        entry(function(case) case:effect(\"remind\", { order = case.data.order, days = 2 }) case:raise(\"again\") end),\n"            \
	"        on \"customer.message\" { to = \"answered\" },\n"                                                                             \
	"      },\n"                                                                                                                           \
	"      final \"answered\" {},\n"                                                                                                       \
	"    },\n"                                                                                                                             \
	"    state \"watch\" { state \"calm\" { on \"team-lead.message\" { to = \"done\" } }, final \"done\" {} },\n"                          \
	"    on \"done.state.work\" { to = \"over\" },\n"                                                                                      \
	"  },\n"                                                                                                                               \
	"  final \"over\" { outcome = \"settled\" },\n"                                                                                        \
	"}\n"

typedef struct beside {
	char folder[64];
	char path[128];
	aplomb_error error;
	apl_test_file *file;
	unsigned findings;
} beside;

static inline void beside_write(const beside *b, const char *name, const char *text) {
	char path[192];
	snprintf(path, sizeof path, "%s/%s", b->folder, name);
	FILE *out = fopen(path, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, strlen(text), out), strlen(text));
	assert_int_equal(fclose(out), 0);
}

static inline void beside_begin(beside *b) {
	*b = (beside){.folder = "/tmp/aplomb-test-XXXXXX"};
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->path, sizeof b->path, "%s/desk_test.lua", b->folder);
	beside_write(b, "desk.lua", BESIDE_PLAYBOOK);
}

static inline void beside_end(beside *b) {
	static const char *const names[] = {"desk.lua", "desk_test.lua", "helper.lua", "other.lua"};
	apl_test_close(b->file);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[192];
		snprintf(path, sizeof path, "%s/%s", b->folder, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(b->folder), 0);
}

static inline void beside_finding(const aplomb_finding *finding, void *payload) {
	(void)finding;
	((beside *)payload)->findings++;
}

static inline int beside_open(beside *b, const char *tests) {
	apl_test_close(b->file);
	b->file = NULL;
	beside_write(b, "desk_test.lua", tests);
	apl_test_options options = {.instructions = 200000, .memory = (size_t)16 << 20, .on_finding = beside_finding, .payload = b};
	return apl_test_open(&b->file, b->path, &options, &b->error);
}

/* One test whose function has this body; the case is open. */
static inline apl_test_result beside_run(beside *b, const char *body) {
	char tests[4096];
	snprintf(tests, sizeof tests,
	    "return tests \"desk.lua\" { test \"it\" (function(case)\ncase:open { data = { order = \"A-1\" } }\n%s\nend) }", body);
	if (beside_open(b, tests) != APLOMB_OK) fail_msg("%s:%u: %s", b->error.file, b->error.line, b->error.message);
	apl_test_result result;
	assert_int_equal(apl_test_count(b->file), 1);
	assert_int_equal(apl_test_run(b->file, 0, &result, NULL), APLOMB_OK);
	return result;
}

static inline void beside_passes(beside *b, const char *body) {
	apl_test_result result = beside_run(b, body);
	if (result.passed) return;
	print_message("%s\nline %u: %s\n", body, result.line, result.message);
	for (size_t i = 0; i < result.n_differences; i++) {
		const apl_test_difference *d = &result.differences[i];
		print_message("%s: expected %s, found %s, %s\n", d->about, d->expected != NULL ? d->expected : "-",
		    d->found != NULL ? d->found : "-", d->hint != NULL ? d->hint : "-");
	}
	fail();
}

/* It fails, in that line of the body (from 1), and says this. */
static inline void beside_fails(beside *b, const char *body, uint32_t line, const char *message) {
	apl_test_result result = beside_run(b, body);
	if (result.passed) fail_msg("passed: %s", body);
	if (strcmp(result.message, message) != 0) fail_msg("%s\nsays: %s", body, result.message);
	if (line > 0 && result.line != line + 2) fail_msg("%s\nfails in line %d", body, (int)result.line - 2);
}

/* The n-th difference, "about|expected|found|hint". */
static inline void beside_differs(beside *b, const char *body, const char *wanted) {
	apl_test_result result = beside_run(b, body);
	char told[4096] = "";
	assert_false(result.passed);
	for (size_t i = 0; i < result.n_differences; i++) {
		const apl_test_difference *d = &result.differences[i];
		size_t used = strlen(told);
		snprintf(told + used, sizeof told - used, "%s%s|%s|%s|%s", i > 0 ? "\n" : "", d->about, d->expected != NULL ? d->expected : "-",
		    d->found != NULL ? d->found : "-", d->hint != NULL ? d->hint : "-");
	}
	if (result.n_differences == 0) snprintf(told, sizeof told, "%s", result.message);
	if (strcmp(told, wanted) != 0) fail_msg("%s\ndiffers in:\n%s\nand not in:\n%s", body, told, wanted);
}

static inline int beside_setup(void **state) {
	beside *b = calloc(1, sizeof *b);
	beside_begin(b);
	*state = b;
	return 0;
}

static inline int beside_teardown(void **state) {
	beside_end(*state);
	free(*state);
	return 0;
}

#define BESIDE_TEST(name) cmocka_unit_test_setup_teardown(name, beside_setup, beside_teardown)

#endif
