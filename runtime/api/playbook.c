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

/* Everything is checked: the text becomes a program, and the program the engine's. */
static int load_source(aplomb_runtime *rt, const aplomb_load_options *options, const apl_scxml_chart *made_of, const apl_loading *outer,
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
		lua.places = made_of->places.bytes;
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

/* One of the playbooks that a document became. */
static int load_chart(aplomb_runtime *rt, const aplomb_load_options *options, const apl_scxml_charts *charts, uint32_t n,
    const apl_loading *outer, aplomb_playbook **out, aplomb_error *error) {
	const apl_scxml_chart *chart = &charts->items[n];
	apl_buf path;
	apl_buf_init(&path, &rt->alloc);
	aplomb_load_options lua = *options;
	lua.path = apl_imported_path(&path, options->path, charts, n);
	lua.source = chart->text.bytes;
	lua.source_size = chart->text.size;
	if (n > 0) lua.policy = lua.policy_path = lua.params = NULL; /* knobs are the chart's that was asked for */
	int code = path.failed ? apl_fail_memory(error) : load_source(rt, &lua, chart, outer, out, error);
	apl_buf_dispose(&path);
	return code;
}

/*
 * A document of SCXML is made a playbook first, and each that it invokes another. Its warnings are told before those about the playbooks;
 * those that are invoked are loaded before those that invoke them. None of them is looked for beside the document: all have come along.
 */
static int load_imported(
    aplomb_runtime *rt, const aplomb_load_options *options, const apl_loading *outer, aplomb_playbook **out, aplomb_error *error) {
	apl_scxml_charts charts;
	apl_findings findings;
	apl_scxml_charts_init(&charts, &rt->alloc);
	apl_findings_init(&findings, &rt->alloc);
	int code = apl_import(rt, options, &charts, &findings, error);
	if (options->on_finding != NULL) apl_findings_tell(&findings, options->on_finding, options->payload);
	apl_findings_dispose(&findings);
	apl_loading *family = code == APLOMB_OK ? apl_arena_take(&charts.arena, charts.count * sizeof *family) : NULL;
	if (code == APLOMB_OK && family == NULL) code = apl_fail_memory(error);
	for (uint32_t i = 0; family != NULL && i < charts.count; i++)
		family[i] = (apl_loading){i > 0 ? &family[i - 1] : outer, charts.items[i].id};
	for (uint32_t n = charts.count; code == APLOMB_OK && n-- > 0;) {
		aplomb_playbook *playbook;
		code = load_chart(rt, options, &charts, n, charts.count > 1 ? &family[charts.count - 1] : outer, &playbook, error);
		if (code == APLOMB_OK && n == 0) *out = playbook;
	}
	apl_scxml_charts_dispose(&charts);
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

/* The document into playbooks, each told. */
static int import_scxml(aplomb_runtime *rt, const aplomb_load_options *given, const char *function,
    void (*tell)(const aplomb_imported *imported, void *payload), void *payload, aplomb_error *error) {
	aplomb_load_options options;
	int code = apl_take_struct(&options, sizeof options, given, "aplomb_load_options", error);
	if (code != APLOMB_OK) return code;
	if (options.source == NULL && options.path == NULL) {
		return apl_fail_null(error, function, "options->source and as options->path");
	}
	apl_buf source, name;
	apl_scxml_charts charts;
	apl_findings findings;
	apl_buf_init(&source, &rt->alloc);
	apl_buf_init(&name, &rt->alloc);
	apl_scxml_charts_init(&charts, &rt->alloc);
	apl_findings_init(&findings, &rt->alloc);
	if (options.source == NULL) {
		code = read_path(&source, (named_file){"the SCXML document", options.path}, error);
		options.source = source.size > 0 ? source.bytes : "";
		options.source_size = source.size;
	}
	if (code == APLOMB_OK) code = apl_import(rt, &options, &charts, &findings, error);
	if (options.on_finding != NULL) apl_findings_tell(&findings, options.on_finding, options.payload);
	for (uint32_t i = 0; code == APLOMB_OK && i < charts.count; i++) {
		const char *file = apl_imported_path(&name, apl_file_name(options.path != NULL ? options.path : APL_IMPORTED_NAME), &charts, i);
		const aplomb_imported imported = {.size = sizeof imported,
		    .id = charts.items[i].id,
		    .name = file,
		    .document = charts.items[i].document,
		    .text = apl_buf_terminate(&charts.items[i].text),
		    .text_size = charts.items[i].text.size};
		if (name.failed || charts.items[i].text.failed)
			code = apl_fail_memory(error);
		else
			tell(&imported, payload);
	}
	apl_findings_dispose(&findings);
	apl_scxml_charts_dispose(&charts);
	apl_buf_dispose(&name);
	apl_buf_dispose(&source);
	return code;
}

int aplomb_import_scxml_all(aplomb_runtime *rt, const aplomb_load_options *options,
    void (*tell)(const aplomb_imported *imported, void *payload), void *payload, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_import_scxml_all", error);
	if (code != APLOMB_OK) return code;
	if (options == NULL) return apl_fail_null(error, "aplomb_import_scxml_all", "options");
	if (tell == NULL) return apl_fail_null(error, "aplomb_import_scxml_all", "tell");
	return import_scxml(rt, options, "aplomb_import_scxml_all", tell, payload, error);
}

/* The first of them. */
typedef struct first_text {
	apl_buf text;
	bool is_there;
} first_text;

static void keep_first(const aplomb_imported *imported, void *payload) {
	first_text *first = payload;
	if (!first->is_there) apl_buf_add(&first->text, imported->text, imported->text_size);
	first->is_there = true;
}

int aplomb_import_scxml(aplomb_runtime *rt, const aplomb_load_options *options, char **text, size_t *size, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_import_scxml", error);
	if (code != APLOMB_OK) return code;
	if (options == NULL) return apl_fail_null(error, "aplomb_import_scxml", "options");
	if (text == NULL) return apl_fail_null(error, "aplomb_import_scxml", "text");
	first_text first = {.is_there = false};
	apl_buf_init(&first.text, &rt->alloc);
	code = import_scxml(rt, options, "aplomb_import_scxml", keep_first, &first, error);
	if (code == APLOMB_OK) code = apl_give_text(rt, &first.text, text, size, error);
	apl_buf_dispose(&first.text);
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
