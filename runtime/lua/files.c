/* SPDX-License-Identifier: MIT */
/*
 * Decides which files a playbook consists of, what each is called, and the one
 * text that all of them make together: the bundle. A bundle is canonical JSON,
 * so equal files make equal bytes, and a folder's name is no part of it.
 * Whether a file is wanted is decided by those who ask for it.
 */

#include "lua/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lua/origin.h"
#include "lua/where.h"

static const char format[] = "aplomb playbook 1\n";

/* ---- what is known ------------------------------------------------------------------- */

uint32_t apl_lua_add_source(apl_lua *host, const char *name, const char *shown, const char *text, size_t size) {
	if (!APL_GROW(&host->alloc, host->files, host->n_files, host->files_capacity)) return APL_NONE;
	apl_lua_file file = {.size = size};
	file.name = apl_arena_text(&host->arena, name, strlen(name));
	file.shown = apl_arena_text(&host->arena, shown, strlen(shown));
	file.text = apl_arena_text(&host->arena, text, size);
	if (file.name == NULL || file.shown == NULL || file.text == NULL) return APL_NONE;
	host->files[host->n_files] = file;
	return host->n_files++;
}

void apl_lua_files_dispose(apl_lua *host) {
	apl_lua_drop_places(host);
	apl_free(&host->alloc, host->files, host->files_capacity * sizeof *host->files);
	if (host->source != NULL) apl_free(&host->alloc, (void *)(uintptr_t)host->source, host->source_size + 1);
}

/* ---- chunks ---------------------------------------------------------------------------- */

const char *apl_lua_chunk_name(uint32_t file, char out[16]) {
	if (file == 0) return "=" APL_LUA_CHUNK_NAME;
	snprintf(out, 16, "=@%u", (unsigned)file);
	return out;
}

uint32_t apl_lua_file_of_chunk(const apl_lua *host, const char *chunk) {
	if (chunk[0] == '=') chunk++;
	if (chunk[0] == '?') return APL_LUA_ASIDE_FILE;
	if (chunk[0] != '@') return 0;
	unsigned long number = strtoul(chunk + 1, NULL, 10);
	return number < host->n_files ? (uint32_t)number : 0;
}

/* ---- bundles ------------------------------------------------------------------------------ */

static int refuse_bundle(apl_lua *host, const char *path, const char *slug, const char *fact, aplomb_error *error) {
	apl_found(host->findings, APLOMB_ERROR, slug, (apl_place){path, 1, 0}, "this begins like a bundle of a playbook's files, but %s", fact);
	return apl_findings_verdict(host->findings, error);
}

/* The text member [name] of the map at [cell], as the tape holds it; NULL: it has none. */
static const apl_cell *text_of(const apl_tape *tape, uint32_t cell, const char *name) {
	uint32_t at = apl_tape_find(tape, cell, name, strlen(name));
	return at != 0 && tape->cells[at].kind == APLOMB_TEXT ? &tape->cells[at] : NULL;
}

bool apl_lua_is_file_name(const char *name, size_t size) {
	bool is_first = true;
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)name[i];
		if (c == '/' ? is_first : c < ' ' || c == '\\' || (is_first && c == '.')) return false;
		is_first = c == '/';
	}
	return !is_first;
}

/* What is wrong with the bundle on the tape, or NULL. */
static const char *mistake_in_bundle(const apl_tape *tape) {
	const apl_cell *kind = text_of(tape, 0, "aplomb");
	if (kind == NULL || kind->count != 8 || memcmp(kind->as.text, "playbook", 8) != 0) return "\"aplomb\" is not \"playbook\"";
	uint32_t files = apl_tape_find(tape, 0, "files", 5);
	if (files == 0 || tape->cells[files].kind != APLOMB_LIST || tape->cells[files].count == 0) return "there are no \"files\" in it";
	if (tape->cells[files].count > APL_LUA_MOST_FILES) return "there are too many \"files\" in it";
	uint32_t cell = files + 1;
	for (uint32_t i = 0; i < tape->cells[files].count; i++, cell = apl_tape_next(tape, cell)) {
		const apl_cell *name = text_of(tape, cell, "name");
		if (name == NULL || text_of(tape, cell, "text") == NULL) return "a file in it lacks \"name\" or \"text\"";
		if (!apl_lua_is_file_name(name->as.text, name->count)) return "a file in it has a name that is none";
	}
	return NULL;
}

static int read_bundle(apl_lua *host, const apl_lua_options *options, const char *path, aplomb_error *error) {
	/* Text that is written as six bytes at worst, and the names. */
	apl_json_bounds bounds = {8, options->source_size};
	int code = apl_json_read(&host->bundle, options->source, options->source_size, &bounds, error);
	if (code == APLOMB_EJSON) {
		aplomb_error found = *error;
		apl_found(host->findings, APLOMB_ERROR, "bundle-shape", (apl_place){path, found.line, found.column},
		    "this begins like a bundle of a playbook's files, but is not JSON: %s", found.message);
		return apl_findings_verdict(host->findings, error);
	}
	if (code != APLOMB_OK) return code;
	uint32_t version = apl_tape_find(&host->bundle, 0, "v", 1);
	if (version == 0 || host->bundle.cells[version].kind != APLOMB_INTEGER || host->bundle.cells[version].as.integer != 1)
		return refuse_bundle(host, path, "bundle-version", "its version \"v\" is not 1, the only one known here", error);
	const char *mistake = mistake_in_bundle(&host->bundle);
	return mistake == NULL ? APLOMB_OK : refuse_bundle(host, path, "bundle-shape", mistake, error);
}

/* The n-th file of the bundle. */
static void bundled(const apl_lua *host, uint32_t cell, const apl_cell **name, const apl_cell **text) {
	*name = text_of(&host->bundle, cell, "name");
	*text = text_of(&host->bundle, cell, "text");
}

static int add_bundled(apl_lua *host, uint32_t cell, uint32_t *out, aplomb_error *error) {
	const apl_cell *name, *text;
	bundled(host, cell, &name, &text);
	const char *copy = apl_arena_text(&host->arena, name->as.text, name->count);
	*out = copy != NULL ? apl_lua_add_source(host, copy, copy, text->as.text, text->count) : APL_NONE;
	return *out != APL_NONE ? APLOMB_OK : apl_fail_memory(error);
}

static int fetch_bundled(apl_lua *host, const char *wanted, uint32_t *out, aplomb_error *error) {
	const apl_tape *tape = &host->bundle;
	uint32_t files = apl_tape_find(tape, 0, "files", 5);
	uint32_t cell = files + 1;
	for (uint32_t i = 0; i < tape->cells[files].count; i++, cell = apl_tape_next(tape, cell)) {
		const apl_cell *name, *text;
		bundled(host, cell, &name, &text);
		if (apl_cell_is(name, wanted, strlen(wanted))) return add_bundled(host, cell, out, error);
	}
	return APLOMB_ENOTFOUND;
}

static int by_name(const void *left, const void *right) {
	const apl_lua_file *const *a = left;
	const apl_lua_file *const *b = right;
	return strcmp((*a)->name, (*b)->name);
}

/* The main file first, the others by their names. */
static void write_bundle(apl_buf *out, const apl_lua_file **files, uint32_t count) {
	qsort(files + 1, count - 1, sizeof *files, by_name);
	APL_BUF_LITERAL(out, "{\"aplomb\":\"playbook\",\"files\":[");
	for (uint32_t i = 0; i < count; i++) {
		apl_buf_text(out, i > 0 ? ",{\"name\":" : "{\"name\":");
		apl_json_write_text(out, files[i]->name, strlen(files[i]->name));
		APL_BUF_LITERAL(out, ",\"text\":");
		apl_json_write_text(out, files[i]->text, files[i]->size);
		apl_buf_byte(out, '}');
	}
	APL_BUF_LITERAL(out, "],\"v\":1}");
}

int apl_lua_files_end(apl_lua *host, aplomb_error *error) {
	const apl_lua_file **files = apl_arena_take(&host->arena, host->n_files * sizeof *files);
	apl_program_file *names = apl_arena_take(&host->arena, host->n_files * sizeof *names);
	if (files == NULL || names == NULL) return apl_fail_memory(error);
	for (uint32_t i = 0; i < host->n_files; i++) {
		files[i] = &host->files[i];
		const bool is_origin = host->origin.rows != NULL && host->origin.file == i;
		names[i] =
		    (apl_program_file){is_origin ? host->origin.shown : host->files[i].shown, is_origin ? host->origin.name : host->files[i].name};
	}
	apl_buf_clear(&host->json);
	write_bundle(&host->json, files, host->n_files);
	host->source = host->json.failed ? NULL : apl_copy_text(&host->alloc, host->json.bytes, host->json.size);
	host->source_size = host->json.size;
	if (host->source == NULL) return apl_fail_memory(error);
	const apl_bytes pieces[] = {{format, sizeof format - 1}, {host->source, host->source_size}};
	apl_sha256_hex(pieces, 2, host->program.hash);
	host->program.files = names;
	host->program.n_files = host->n_files;
	return APLOMB_OK;
}

/* ---- the beginning ---------------------------------------------------------------------- */

/* "x.lua.places" of "x.lua"; NULL without memory. */
static const char *name_of_places(apl_lua *host) {
	apl_buf_clear(&host->path);
	apl_buf_text(&host->path, host->files[0].name);
	apl_buf_text(&host->path, APL_ORIGIN_ENDING);
	return host->path.failed ? NULL : apl_arena_text(&host->arena, host->path.bytes, host->path.size);
}

/* The main file is there; where it came from, when it came from somewhere. */
static int begin_origin(apl_lua *host, const apl_lua_options *options, aplomb_error *error) {
	if (!host->is_bundled && options->places == NULL) return APLOMB_OK;
	const char *name = name_of_places(host);
	const char *shown = options->document != NULL ? apl_arena_text(&host->arena, options->document, strlen(options->document)) : NULL;
	if (name == NULL || (options->document != NULL && shown == NULL)) return apl_fail_memory(error);
	uint32_t file;
	if (host->is_bundled) {
		int code = fetch_bundled(host, name, &file, error);
		if (code != APLOMB_OK) return code == APLOMB_ENOTFOUND ? APLOMB_OK : code;
	} else if ((file = apl_lua_add_source(host, name, name, options->places, options->places_size)) == APL_NONE) {
		return apl_fail_memory(error);
	}
	if (apl_origin_read(host, file, shown)) return APLOMB_OK;
	return host->host_is_out_of_memory ? apl_fail_memory(error) : apl_findings_verdict(host->findings, error);
}

int apl_lua_files_begin(apl_lua *host, const apl_lua_options *options, aplomb_error *error) {
	const char *path = options->path != NULL ? options->path : "playbook.lua";
	host->reader = options->reader;
	/* No playbook in Lua begins so, and every bundle does. */
	if (options->source_size > 0 && options->source[0] == '{') {
		uint32_t first;
		int code = read_bundle(host, options, path, error);
		host->is_bundled = code == APLOMB_OK;
		if (code == APLOMB_OK) code = add_bundled(host, apl_tape_find(&host->bundle, 0, "files", 5) + 1, &first, error);
		return code == APLOMB_OK ? begin_origin(host, options, error) : code;
	}
	if (apl_lua_add_source(host, apl_file_name(path), path, options->source, options->source_size) == APL_NONE)
		return apl_fail_memory(error);
	return begin_origin(host, options, error);
}

/* ---- asking for more ---------------------------------------------------------------------- */

static const char of_library[] = "aplomb/";

static int fetch_from_library(apl_lua *host, const char *name, uint32_t *out, aplomb_error *error) {
	for (size_t i = 0; i < apl_library_count; i++) {
		const apl_library_file *file = &apl_library[i];
		if (strcmp(file->name, name) != 0) continue;
		*out = apl_lua_add_source(host, name, name, (const char *)file->text, file->size);
		return *out != APL_NONE ? APLOMB_OK : apl_fail_memory(error);
	}
	return APLOMB_ENOTFOUND;
}

static int fetch_by_reading(apl_lua *host, const char *name, bool beside, uint32_t *out, aplomb_error *error) {
	if (host->reader == NULL || (beside && host->reader->read_beside == NULL)) return APLOMB_ENOTFOUND;
	apl_buf_clear(&host->json);
	apl_buf_clear(&host->path);
	int code = (beside ? host->reader->read_beside : host->reader->read)(
	    host->reader->self, name, (size_t)APL_LUA_MOST_FILE_MIB << 20, &host->json, &host->path, error);
	if (code != APLOMB_OK) return code;
	const char *shown = apl_buf_terminate(&host->path);
	*out = host->json.failed || host->path.failed ? APL_NONE : apl_lua_add_source(host, name, shown, host->json.bytes, host->json.size);
	return *out != APL_NONE ? APLOMB_OK : apl_fail_memory(error);
}

static int fetch(apl_lua *host, const char *name, bool beside, uint32_t *out, aplomb_error *error) {
	for (uint32_t i = 0; i < host->n_files; i++) {
		if (strcmp(host->files[i].name, name) != 0) continue;
		*out = i;
		return APLOMB_OK;
	}
	if (host->n_files >= APL_LUA_MOST_FILES)
		return apl_fail(error, APLOMB_ELIMIT, "limit-modules", "a playbook consists of at most %d files; \"%s\" would be one more",
		    APL_LUA_MOST_FILES, name);
	if (host->is_bundled) return fetch_bundled(host, name, out, error);
	if (strncmp(name, of_library, sizeof of_library - 1) == 0) return fetch_from_library(host, name, out, error);
	return fetch_by_reading(host, name, beside, out, error);
}

int apl_lua_fetch(apl_lua *host, const char *name, uint32_t *out, aplomb_error *error) {
	return fetch(host, name, false, out, error);
}

int apl_lua_fetch_beside(apl_lua *host, const char *name, uint32_t *out, aplomb_error *error) {
	return fetch(host, name, true, out, error);
}

void apl_lua_each_file(apl_lua *host, void (*tell)(const char *name, void *payload), void *payload) {
	const apl_tape *tape = &host->bundle;
	for (size_t i = 0; i < apl_library_count && !host->is_bundled; i++) tell(apl_library[i].name, payload);
	if (host->reader != NULL && !host->is_bundled) host->reader->list(host->reader->self, tell, payload);
	if (!host->is_bundled) return;
	uint32_t files = apl_tape_find(tape, 0, "files", 5);
	uint32_t cell = files + 1;
	for (uint32_t i = 0; i < tape->cells[files].count; i++, cell = apl_tape_next(tape, cell)) {
		char name[256];
		const apl_cell *named = text_of(tape, cell, "name");
		snprintf(name, sizeof name, "%.*s", (int)(named->count < 255 ? named->count : 255), named->as.text);
		tell(name, payload);
	}
}
