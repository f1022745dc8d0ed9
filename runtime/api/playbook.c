/* SPDX-License-Identifier: MIT */
/*
 * Decides how a host's source text or file comes to be a loaded playbook. What
 * the text means is decided by room lua; what happens to its cases by the
 * engine.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "api/along.h"
#include "api/imported.h"
#include "api/runtime.h"
#include "api/sources.h"
#include "lua/load.h"

/* More source than anybody wrote by hand: refuse before reading it all into memory. */
enum { MOST_SOURCE_MIB = 64 };

/* [what] it should have been: "the playbook". */
typedef struct named_file {
	const char *what;
	const char *path;
} named_file;

static int fail_file(aplomb_error *error, const char *slug, named_file named, const char *fact) {
	return apl_fail(error, APLOMB_EIO, slug, "cannot read %s %s: %s", named.what, named.path, fact);
}

/* The whole file into [text]. */
static int read_file(apl_buf *text, FILE *file, named_file named, aplomb_error *error) {
	struct stat about;
	if (fstat(fileno(file), &about) == 0 && S_ISDIR(about.st_mode)) return fail_file(error, "file-unreadable", named, "it is a folder");
	for (;;) {
		char *room = apl_buf_reserve(text, 1 << 16);
		if (room == NULL) return apl_fail_memory(error);
		size_t got = fread(room, 1, 1 << 16, file);
		text->size += got;
		if (text->size > (size_t)MOST_SOURCE_MIB << 20) return fail_file(error, "file-too-large", named, "it is larger than 64 MiB");
		if (got > 0) continue;
		return ferror(file) ? fail_file(error, "file-unreadable", named, strerror(errno)) : APLOMB_OK;
	}
}

/* A document that the text was made of. */
typedef struct apl_made_of {
	const char *document;
	apl_buf places;
} apl_made_of;

/* Everything is checked: the text becomes a program, and the program the engine's. */
static int load_source(aplomb_runtime *rt, const aplomb_load_options *options, const apl_made_of *made_of, const apl_loading *outer,
    aplomb_playbook **out, aplomb_error *error) {
	apl_findings findings;
	apl_findings_init(&findings, &rt->alloc);
	apl_lua_options lua = {.path = options->path != NULL ? options->path : "playbook.lua",
	    .source = options->source,
	    .source_size = options->source_size,
	    .limits = &rt->limits,
	    .examine = options->examine,
	    .policy = options->policy,
	    .policy_size = options->policy_size,
	    .policy_path = options->policy_path != NULL ? options->policy_path : "policy.lua",
	    .params = options->params,
	    .params_size = options->params_size != 0 || options->params == NULL ? options->params_size : strlen(options->params),
	    .params_path = options->params_path != NULL ? options->params_path : "params"};
	if (made_of != NULL) {
		lua.places = made_of->places.size > 0 ? made_of->places.bytes : "";
		lua.places_size = made_of->places.size;
		lua.document = made_of->document;
	}
	apl_sources sources;
	apl_lua_reader reader;
	apl_sources_init(&sources, options, &reader);
	sources.lacks_policy = outer != NULL;
	lua.reader = &reader;
	apl_program *program = NULL;
	apl_enter(rt);
	int code = apl_lua_load(&program, &rt->alloc, &lua, &findings, error);
	apl_leave(rt);
	if (code == APLOMB_OK && program->chart->n_invokes > 0) {
		/* Its children's findings come before its own, and are told by themselves. */
		code = apl_load_along(rt, options, outer, program, &findings, error);
		if (code != APLOMB_OK) program->ops->free(program->self);
	}
	apl_enter(rt);
	if (options->on_finding != NULL) apl_findings_tell(&findings, options->on_finding, options->payload);
	if (code == APLOMB_OK) code = apl_engine_add(rt->engine, program, &program, error);
	apl_leave(rt);
	apl_findings_dispose(&findings);
	if (code == APLOMB_OK) *out = apl_playbook_of(program);
	return code;
}

/* A document of SCXML is made a playbook first. Its warnings are told before those about the playbook. */
static int load_imported(
    aplomb_runtime *rt, const aplomb_load_options *options, const apl_loading *outer, aplomb_playbook **out, aplomb_error *error) {
	apl_buf text, path;
	apl_made_of made_of = {.document = options->path != NULL ? options->path : APL_IMPORTED_NAME};
	apl_findings findings;
	apl_buf_init(&text, &rt->alloc);
	apl_buf_init(&path, &rt->alloc);
	apl_buf_init(&made_of.places, &rt->alloc);
	apl_findings_init(&findings, &rt->alloc);
	int code = apl_import(rt, options, &text, &made_of.places, &findings, error);
	if (options->on_finding != NULL) apl_findings_tell(&findings, options->on_finding, options->payload);
	apl_findings_dispose(&findings);
	aplomb_load_options lua = *options;
	lua.path = apl_imported_path(&path, options->path);
	lua.source = text.size > 0 ? text.bytes : "";
	lua.source_size = text.size;
	if (code == APLOMB_OK && path.failed) code = apl_fail_memory(error);
	if (code == APLOMB_OK) code = load_source(rt, &lua, &made_of, outer, out, error);
	apl_buf_dispose(&made_of.places);
	apl_buf_dispose(&path);
	apl_buf_dispose(&text);
	return code;
}

int apl_load_text(
    aplomb_runtime *rt, const aplomb_load_options *options, const apl_loading *outer, aplomb_playbook **out, aplomb_error *error) {
	return apl_scxml_is(options->source, options->source_size) ? load_imported(rt, options, outer, out, error)
	                                                           : load_source(rt, options, NULL, outer, out, error);
}

/* The file into [text]. */
static int read_path(apl_buf *text, named_file named, aplomb_error *error) {
	FILE *file = fopen(named.path, "rb");
	if (file == NULL) return fail_file(error, "file-unreadable", named, strerror(errno));
	int code = read_file(text, file, named, error);
	fclose(file);
	return code;
}

/* What is only named is read; then it is loaded. */
static int load_files(aplomb_runtime *rt, aplomb_load_options *options, aplomb_playbook **out, aplomb_error *error) {
	apl_buf source, policy;
	apl_buf_init(&source, &rt->alloc);
	apl_buf_init(&policy, &rt->alloc);
	int code = APLOMB_OK;
	if (options->source == NULL) {
		code = read_path(&source, (named_file){"the playbook", options->path}, error);
		options->source = source.size > 0 ? source.bytes : "";
		options->source_size = source.size;
	}
	if (code == APLOMB_OK && options->policy == NULL && options->policy_path != NULL) {
		code = read_path(&policy, (named_file){"the policy", options->policy_path}, error);
		options->policy = policy.size > 0 ? policy.bytes : "";
		options->policy_size = policy.size;
	}
	if (code == APLOMB_OK) code = apl_load_text(rt, options, NULL, out, error);
	apl_buf_dispose(&policy);
	apl_buf_dispose(&source);
	return code;
}

int aplomb_load(aplomb_runtime *rt, const aplomb_load_options *given, aplomb_playbook **out, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_load", error);
	if (code != APLOMB_OK) return code;
	if (given == NULL) return apl_fail_null(error, "aplomb_load", "options");
	if (out == NULL) return apl_fail_null(error, "aplomb_load", "out");
	aplomb_load_options options;
	code = apl_take_struct(&options, sizeof options, given, "aplomb_load_options", error);
	if (code != APLOMB_OK) return code;
	if (options.source == NULL && options.path == NULL) return apl_fail_null(error, "aplomb_load", "options->source and as options->path");
	return load_files(rt, &options, out, error);
}

int aplomb_import_scxml(aplomb_runtime *rt, const aplomb_load_options *given, char **text, size_t *size, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_import_scxml", error);
	if (code != APLOMB_OK) return code;
	if (given == NULL) return apl_fail_null(error, "aplomb_import_scxml", "options");
	if (text == NULL) return apl_fail_null(error, "aplomb_import_scxml", "text");
	aplomb_load_options options;
	code = apl_take_struct(&options, sizeof options, given, "aplomb_load_options", error);
	if (code != APLOMB_OK) return code;
	if (options.source == NULL && options.path == NULL)
		return apl_fail_null(error, "aplomb_import_scxml", "options->source and as options->path");
	apl_buf source, out;
	apl_findings findings;
	apl_buf_init(&source, &rt->alloc);
	apl_buf_init(&out, &rt->alloc);
	apl_findings_init(&findings, &rt->alloc);
	if (options.source == NULL) {
		code = read_path(&source, (named_file){"the SCXML document", options.path}, error);
		options.source = source.size > 0 ? source.bytes : "";
		options.source_size = source.size;
	}
	if (code == APLOMB_OK) code = apl_import(rt, &options, &out, NULL, &findings, error);
	if (options.on_finding != NULL) apl_findings_tell(&findings, options.on_finding, options.payload);
	if (code == APLOMB_OK) code = apl_give_text(rt, &out, text, size, error);
	apl_findings_dispose(&findings);
	apl_buf_dispose(&out);
	apl_buf_dispose(&source);
	return code;
}

int aplomb_load_file(aplomb_runtime *rt, const char *path, aplomb_playbook **out, aplomb_error *error) {
	if (path == NULL) return apl_fail_null(error, "aplomb_load_file", "path");
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	options.path = path;
	return aplomb_load(rt, &options, out, error);
}

int aplomb_default_playbook(aplomb_runtime *rt, aplomb_playbook *playbook, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_default_playbook", error);
	if (code == APLOMB_OK) apl_engine_default(rt->engine, playbook == NULL ? NULL : apl_program_of(playbook));
	return code;
}

const char *aplomb_playbook_id(const aplomb_playbook *playbook) {
	return playbook == NULL ? NULL : apl_program_of(playbook)->id;
}

const char *aplomb_playbook_title(const aplomb_playbook *playbook) {
	return playbook == NULL ? NULL : apl_program_of(playbook)->title;
}

const char *aplomb_playbook_version(const aplomb_playbook *playbook) {
	return playbook == NULL ? NULL : apl_program_of(playbook)->version;
}

const char *aplomb_playbook_hash(const aplomb_playbook *playbook) {
	return playbook == NULL ? NULL : apl_program_of(playbook)->hash;
}

const char *aplomb_playbook_source(const aplomb_playbook *playbook, size_t *size) {
	if (size != NULL) *size = playbook == NULL ? 0 : apl_program_of(playbook)->source_size;
	return playbook == NULL ? NULL : apl_program_of(playbook)->source;
}

int aplomb_playbook_coverage(aplomb_runtime *rt, const aplomb_playbook *playbook,
    void (*row)(const aplomb_coverage_row *row, void *payload), void *payload, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_playbook_coverage", error);
	if (code != APLOMB_OK) return code;
	if (playbook == NULL) return apl_fail_null(error, "aplomb_playbook_coverage", "playbook");
	if (row == NULL) return apl_fail_null(error, "aplomb_playbook_coverage", "row");
	apl_enter(rt);
	code = apl_engine_coverage(rt->engine, apl_program_of(playbook), row, payload, error);
	apl_leave(rt);
	return code;
}

void aplomb_playbook_stats(
    aplomb_runtime *rt, const aplomb_playbook *playbook, void (*line)(const aplomb_stat_line *, void *), void *payload) {
	if (!apl_is_open(rt) || playbook == NULL || line == NULL) return;
	apl_enter(rt);
	apl_engine_stats(rt->engine, apl_program_of(playbook), line, payload);
	apl_leave(rt);
}

size_t aplomb_playbook_invokes(
    aplomb_runtime *rt, const aplomb_playbook *playbook, void (*tell)(const aplomb_invoke *invoke, void *payload), void *payload) {
	if (!apl_is_open(rt) || playbook == NULL) return 0;
	const apl_chart *chart = apl_program_of(playbook)->chart;
	apl_enter(rt);
	for (uint32_t i = 0; i < chart->n_invokes && tell != NULL; i++) {
		const apl_invoke *from = &chart->invokes[i];
		const aplomb_invoke invoke = {.size = sizeof invoke,
		    .state = chart->states[from->state].path,
		    .id = from->id,
		    .playbook = from->playbook,
		    .because = from->because,
		    .autoforward = from->autoforward,
		    .file = from->place.file != NULL ? from->place.file : "",
		    .line = from->place.line,
		    .column = from->place.column};
		tell(&invoke, payload);
	}
	apl_leave(rt);
	return chart->n_invokes;
}
