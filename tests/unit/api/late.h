/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_LATE_H
#define APL_TEST_LATE_H

/* A small playbook and its runtime, for tests of the public interface. */
#include "../test_cmocka.h"

#include <string.h>

#include "aplomb.h"

#define LATE                                                                                                                               \
	"return playbook \"late\" {\n"                                                                                                         \
	"  title = \"A late parcel\", version = \"3\", initial = \"work\",\n"                                                                  \
	"  data = { said = integer { default = 0 }, name = text { personal = true } },\n"                                                      \
	"  event \"customer.message\" { text = text {} },\n"                                                                                   \
	"  event \"done\" {},\n"                                                                                                               \
	"  event \"spin\" {},\n"                                                                                                               \
	"  effect \"suggest\" { text = text {} },\n"                                                                                           \
	"  effect \"notify\" {},\n"                                                                                                            \
	"  state \"work\" { initial = \"waiting\",\n"                                                                                          \
	"    on \"done\" { to = \"over\" },\n"                                                                                                 \
	"    on \"spin\" { act = function(case) while true do end end },\n"                                                                    \
	"    state \"waiting\" {\n"                                                                                                            \
	"      on \"customer.message\" { to = \"answered\", because = \"we answer\", act = function(case, event)\n"                            \
	"        case.data.said = case.data.said + 1\n"                                                                                        \
	"        case:effect(\"suggest\", { text = event.text })\n"                                                                            \
	"      end },\n"                                                                                                                       \
	"      after \"10m\" { to = \"overdue\" },\n"                                                                                          \
	"    },\n"                                                                                                                             \
	"    state \"answered\" { on \"customer.message\" { to = \"waiting\" } },\n"                                                           \
	"    state \"overdue\" {},\n"                                                                                                          \
	"  },\n"                                                                                                                               \
	"  final \"over\" { outcome = \"delivered\" },\n"                                                                                      \
	"}\n"

#define AT_NINE INT64_C(1774947600000000) /* 2026-03-31T09:00:00Z */
#define MINUTE INT64_C(60000000)

static inline aplomb_playbook *load_late(aplomb_runtime *rt) {
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook = NULL;
	aplomb_error error = {0};
	options.path = "late.lua";
	options.source = LATE;
	options.source_size = strlen(LATE);
	if (aplomb_load(rt, &options, &playbook, &error) != APLOMB_OK) fail_msg("%s:%u: %s", error.file, error.line, error.message);
	return playbook;
}

/* Hand-turned time. */
static inline aplomb_runtime *open_late(aplomb_options *options) {
	aplomb_options own = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt = NULL;
	if (options == NULL) options = &own;
	options->time_follows_events = true;
	assert_int_equal(aplomb_open(&rt, options, NULL), APLOMB_OK);
	load_late(rt);
	return rt;
}

static inline aplomb_event said(const char *case_id, aplomb_instant at, const char *text) {
	aplomb_event event = APLOMB_EVENT_INIT;
	event.case_id = case_id;
	event.playbook = "late";
	event.name = "customer.message";
	event.has_at = true;
	event.at = at;
	event.data = text;
	return event;
}

#define SAYS "{\"text\":\"Where is it?\"}"

#endif
