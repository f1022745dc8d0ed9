/* SPDX-License-Identifier: MIT */
/*
 * Decides which playbooks are loaded because another one invokes them: those
 * that it names, that are not loaded yet, and whose file ID.lua or ID.scxml
 * stands in its folder. A computed name is looked up when its time has come. What
 * is not found may be loaded later, so to miss it is a note for those who look a
 * playbook over; a warning only when another name is almost the same.
 */
#include "api/along.h"

#include <stdio.h>
#include <string.h>

#include "api/sources.h"
#include "base/text.h"
#include "lua/invoked.h"
#include "time/shown.h"

enum { MOST_FILE = 4 << 20, LONGEST_NAME = 512 };

static bool is_under_way(const apl_loading *loading, const char *id) {
	while (loading != NULL && strcmp(loading->id, id) != 0) loading = loading->outer;
	return loading != NULL;
}

/* A bundle brings its files along, and its children came with it or do not come from the disk. */
static bool is_bundle(const aplomb_load_options *options) {
	static const char begins[] = "{\"aplomb\":\"playbook\"";
	return options->source != NULL && options->source_size >= sizeof begins - 1 && memcmp(options->source, begins, sizeof begins - 1) == 0;
}

/* The files' names are gone when the next one is told: the best is kept. */
typedef struct looking {
	apl_nearest nearest;
	char best[LONGEST_NAME];
} looking;

static void try_name(const char *name, void *payload) {
	looking *look = payload;
	char id[LONGEST_NAME];
	size_t size = strlen(name);
	if (size <= 4 || size >= sizeof id || strchr(name, '/') != NULL) return;
	memcpy(id, name, size - 4);
	id[size - 4] = '\0';
	apl_nearest_try(&look->nearest, id);
	if (look->nearest.best != id) return;
	memcpy(look->best, id, size - 3);
	look->nearest.best = look->best;
}

static void tell_missing(const apl_invoke *invoke, const apl_lua_reader *reader, bool has_folder, apl_findings *findings) {
	char shown[APL_SHOWN], hint[160];
	looking look = {.nearest = apl_nearest_to(invoke->playbook, strlen(invoke->playbook))};
	if (has_folder) reader->list(reader->self, try_name, &look);
	apl_nearest_hint(&look.nearest, hint, sizeof hint);
	/* One that is called almost so is what was meant; else the host may well bring it. */
	apl_found(findings, hint[0] != '\0' ? APLOMB_WARNING : APLOMB_NOTE, "invoke-unknown", invoke->place,
	    "invoke \"%s\": the playbook is neither loaded nor beside this one, as %s.lua; it must be loaded before a case comes here%s",
	    apl_shown(invoke->playbook, strlen(invoke->playbook), shown), shown, hint);
}

/* ID.lua, or ID.scxml. APLOMB_ENOTFOUND: neither is there. */
static int read_beside(const apl_lua_reader *reader, const char *id, apl_buf *text, apl_buf *path, aplomb_error *error) {
	static const char *const ends[] = {"lua", "scxml"};
	int code = APLOMB_ENOTFOUND;
	for (size_t i = 0; i < 2 && code == APLOMB_ENOTFOUND; i++) {
		char name[LONGEST_NAME];
		if (snprintf(name, sizeof name, "%s.%s", id, ends[i]) >= (int)sizeof name) return APLOMB_ENOTFOUND;
		apl_buf_clear(text);
		apl_buf_clear(path);
		code = reader->read_beside(reader->self, name, MOST_FILE, text, path, error);
	}
	return code;
}

static int load_one(aplomb_runtime *rt, const aplomb_load_options *options, const apl_loading *loading, const apl_lua_reader *reader,
    const char *id, aplomb_error *error) {
	apl_buf text, path;
	apl_buf_init(&text, &rt->alloc);
	apl_buf_init(&path, &rt->alloc);
	int code = read_beside(reader, id, &text, &path, error);
	if (code == APLOMB_OK && (text.failed || path.failed)) code = apl_fail_memory(error);
	if (code == APLOMB_OK) {
		aplomb_load_options along = *options;
		aplomb_playbook *playbook;
		along.path = apl_buf_terminate(&path);
		along.source = text.size > 0 ? text.bytes : "";
		along.source_size = text.size;
		/* Knobs are the playbook's that was asked for. */
		along.policy = along.policy_path = along.params = along.params_path = NULL;
		along.policy_size = along.params_size = 0;
		code = apl_load_text(rt, &along, loading, &playbook, error);
	}
	apl_buf_dispose(&path);
	apl_buf_dispose(&text);
	return code;
}

int apl_load_along(aplomb_runtime *rt, const aplomb_load_options *options, const apl_loading *outer, const apl_program *program,
    apl_findings *findings, aplomb_error *error) {
	const apl_chart *chart = program->chart;
	const apl_loading loading = {outer, program->id};
	const bool has_folder = options->path != NULL && !is_bundle(options);
	apl_sources sources;
	apl_lua_reader reader;
	apl_sources_init(&sources, options, &reader);
	for (uint32_t i = 0; i < chart->n_invokes; i++) {
		const apl_invoke *invoke = &chart->invokes[i];
		if (invoke->playbook == NULL || is_under_way(&loading, invoke->playbook)) continue;
		const apl_program *known = apl_engine_program(rt->engine, invoke->playbook, strlen(invoke->playbook));
		int code = APLOMB_OK;
		/* Its id is no path. */
		if (known == NULL && has_folder && strpbrk(invoke->playbook, "/\\") == NULL) {
			code = load_one(rt, options, &loading, &reader, invoke->playbook, error);
			if (code != APLOMB_OK && code != APLOMB_ENOTFOUND) return code;
			known = apl_engine_program(rt->engine, invoke->playbook, strlen(invoke->playbook));
		}
		if (!options->examine) continue;
		if (known == NULL)
			tell_missing(invoke, &reader, has_folder, findings);
		else
			apl_lua_check_invoke(program, i, known, findings);
	}
	return APLOMB_OK;
}
