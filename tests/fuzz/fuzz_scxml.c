/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as an SCXML document. What cannot be carried over has findings in valid UTF-8; what can is a playbook, which is loaded and
 * given its events, and time; its cases are as any others.
 */
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/text.h"
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_EVENTS = 8 };

static void check_finding(const aplomb_finding *finding, void *payload) {
	(void)payload;
	size_t size = strlen(finding->message);
	APL_ASSERT(size > 0 && apl_utf8_valid(finding->message, size) == size && finding->slug[0] != '\0');
	APL_ASSERT(finding->file != NULL && apl_utf8_valid(finding->file, strlen(finding->file)) == strlen(finding->file));
}

typedef struct made {
	const char *text;
	size_t size;
	aplomb_runtime *others[2];
	aplomb_playbook *playbook;
	int posted;
	aplomb_runtime *rt;
} made;

static int load_into(aplomb_runtime *rt, const char *text, size_t size, aplomb_playbook **out, aplomb_error *error) {
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.source = text;
	load.source_size = size;
	load.path = "fuzz.scxml.lua";
	return aplomb_load(rt, &load, out, error);
}

static aplomb_runtime *open_one(bool is_rehearsal) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_error error = {0};
	aplomb_runtime *rt;
	options.time_follows_events = true;
	options.limits = &world_limits;
	options.rehearsal = is_rehearsal;
	APL_ASSERT(aplomb_open(&rt, &options, &error) == APLOMB_OK);
	APL_ASSERT(aplomb_turn_clock(rt, WORLD_NOON, &error) == APLOMB_OK);
	return rt;
}

static aplomb_runtime *another(void *self, bool is_rehearsal) {
	made *m = self;
	aplomb_error error = {0};
	aplomb_playbook *playbook;
	if (m->others[is_rehearsal] != NULL) aplomb_close(m->others[is_rehearsal]);
	m->others[is_rehearsal] = open_one(is_rehearsal);
	APL_ASSERT(load_into(m->others[is_rehearsal], m->text, m->size, &playbook, &error) == APLOMB_OK);
	return m->others[is_rehearsal];
}

static void post_it(const aplomb_declaration *declaration, void *payload) {
	made *m = payload;
	if (declaration->what != APLOMB_DECLARES_EVENT || m->posted++ >= MOST_EVENTS) return;
	aplomb_event event = APLOMB_EVENT_INIT;
	aplomb_error error = {0};
	event.case_id = "c";
	event.playbook = aplomb_playbook_id(m->playbook);
	event.name = declaration->name;
	world_check_error(aplomb_post(m->rt, &event, NULL, NULL, &error), &error);
	world_pump(m->rt);
	world_turn(m->rt, INT64_C(600000000));
}

static void play(made *m) {
	aplomb_error error = {0};
	aplomb_event opening = APLOMB_EVENT_INIT;
	m->rt = open_one(false);
	int code = load_into(m->rt, m->text, m->size, &m->playbook, &error);
	world_check_error(code, &error);
	if (code == APLOMB_OK) {
		opening.case_id = "c";
		opening.playbook = aplomb_playbook_id(m->playbook);
		world_check_error(aplomb_case_open(m->rt, &opening, NULL, &error), &error);
		aplomb_playbook_declarations(m->playbook, post_it, m);
		world_check_cases(m->rt, another, m);
	}
	aplomb_close(m->rt);
	for (int i = 0; i < 2; i++) {
		if (m->others[i] != NULL) aplomb_close(m->others[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	aplomb_runtime *rt = open_one(false);
	aplomb_error error = {0};
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	char *text;
	options.path = "fuzz.scxml";
	options.source = size > 0 ? (const char *)data : " ";
	options.source_size = size > 0 ? size : 1;
	options.on_finding = check_finding;
	made m = {0};
	int code = aplomb_import_scxml(rt, &options, &text, &m.size, &error);
	world_check_error(code, &error);
	if (code == APLOMB_OK) {
		APL_ASSERT(apl_utf8_valid(text, m.size) == m.size);
		m.text = text;
		play(&m);
		aplomb_text_free(rt, text);
	}
	aplomb_close(rt);
	return 0;
}
