/* SPDX-License-Identifier: MIT */
/*
 * Decides where a playbook's other files are: in its own folder, then in each
 * root of the host's, in order, and nowhere else. Which names are asked for,
 * and what is in the files, is decided by room lua.
 */
#include "api/sources.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LONGEST_PATH = 4096, MOST_LISTED = 10000, DEEPEST_LISTED = 8 };

/* The n-th folder to look in, with how many of its bytes to take; NULL: there are no more. "" is the current folder. */
static const char *folder_at(const apl_sources *sources, size_t n, size_t *size) {
	const aplomb_load_options *options = sources->options;
	bool has_own = options->path != NULL;
	if (has_own && n == 0) {
		const char *slash = strrchr(options->path, '/');
		*size = slash == NULL ? 0 : slash == options->path ? 1 : (size_t)(slash - options->path);
		return options->path;
	}
	if (has_own) n--;
	if (n >= options->n_roots) return NULL;
	*size = strlen(options->roots[n]);
	return options->roots[n];
}

/* "folder/name" in [out]; false: too long. */
static bool join(char out[LONGEST_PATH], const char *folder, size_t size, const char *name) {
	const char *slash = size == 0 || folder[size - 1] == '/' ? "" : "/";
	int length = snprintf(out, LONGEST_PATH, "%.*s%s%s", (int)size, folder, slash, name);
	return length >= 0 && length < LONGEST_PATH;
}

static int fail(aplomb_error *error, const char *slug, const char *path, const char *fact) {
	return apl_fail(error, APLOMB_EIO, slug, "cannot read %s: %s", path, fact);
}

static int read_text(FILE *file, const char *path, size_t most, apl_buf *text, aplomb_error *error) {
	for (;;) {
		char *room = apl_buf_reserve(text, 1 << 14);
		if (room == NULL) return apl_fail_memory(error);
		size_t got = fread(room, 1, 1 << 14, file);
		text->size += got;
		if (text->size > most) {
			char fact[64];
			snprintf(fact, sizeof fact, "it is larger than %zu MiB", most >> 20);
			return fail(error, "file-too-large", path, fact);
		}
		if (got > 0) continue;
		return ferror(file) ? fail(error, "file-unreadable", path, strerror(errno)) : APLOMB_OK;
	}
}

/*
 * Whoever names a playbook may name a pipe; what the playbook names itself has to be a file: nobody waits for what may never come, and
 * no device is read. It is looked at before it is opened, for opening a pipe is what waits. Links are followed, for people keep modules
 * behind them. NULL: [*code] says why.
 */
static FILE *open_file(const char *path, int *code, aplomb_error *error) {
	struct stat about;
	const bool is_there = stat(path, &about) == 0;
	if (is_there && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode)) {
		*code = fail(error, "file-unreadable", path, "it is a pipe or a device, not a file");
		return NULL;
	}
	FILE *file = is_there && S_ISREG(about.st_mode) ? fopen(path, "rb") : NULL;
	if (file != NULL) return file;
	const bool is_nowhere = is_there ? S_ISDIR(about.st_mode) : errno == ENOENT || errno == ENOTDIR;
	*code = is_nowhere ? APLOMB_ENOTFOUND : fail(error, "file-unreadable", path, strerror(errno));
	return NULL;
}

/* In the first so many folders. */
static int read_within(
    const apl_sources *sources, size_t n_folders, const char *name, size_t most, apl_buf *text, apl_buf *shown, aplomb_error *error) {
	size_t size;
	const char *folder;
	for (size_t n = 0; n < n_folders && (folder = folder_at(sources, n, &size)) != NULL; n++) {
		char path[LONGEST_PATH];
		if (!join(path, folder, size, name)) continue;
		int code = APLOMB_OK;
		FILE *file = open_file(path, &code, error);
		if (file == NULL && code == APLOMB_ENOTFOUND) continue;
		if (file == NULL) return code;
		code = read_text(file, path, most, text, error);
		fclose(file);
		apl_buf_text(shown, path);
		return code;
	}
	return APLOMB_ENOTFOUND;
}

static int read_source(void *self, const char *name, size_t most, apl_buf *text, apl_buf *shown, aplomb_error *error) {
	return read_within(self, SIZE_MAX, name, most, text, shown, error);
}

static int read_beside(void *self, const char *name, size_t most, apl_buf *text, apl_buf *shown, aplomb_error *error) {
	const apl_sources *sources = self;
	if (sources->lacks_policy && strcmp(name, "policy.lua") == 0) return APLOMB_ENOTFOUND;
	return read_within(sources, sources->options->path != NULL ? 1 : 0, name, most, text, shown, error);
}

/* ---- what there is, for hints --------------------------------------------------------- */

typedef struct listing {
	void (*tell)(const char *name, void *payload);
	void *payload;
	size_t count;
} listing;

/* The files of the folder at [path]; [name] is what stands before theirs: "", or "x/". Depth first. */
static void list_folder(listing *l, char path[LONGEST_PATH], const char *name, unsigned depth) {
	size_t length = strlen(path);
	DIR *folder = opendir(length > 0 ? path : ".");
	if (folder == NULL) return;
	for (const struct dirent *entry; l->count < MOST_LISTED && (entry = readdir(folder)) != NULL; l->count++) {
		char inner[LONGEST_PATH], inner_name[LONGEST_PATH];
		if (entry->d_name[0] == '.') continue;
		size_t size = strlen(entry->d_name);
		int used = snprintf(inner_name, sizeof inner_name, "%s%s", name, entry->d_name);
		if (used < 0 || used >= LONGEST_PATH - 1 || !join(inner, path, length, entry->d_name)) continue;
		if (size > 4 && strcmp(entry->d_name + size - 4, ".lua") == 0) {
			l->tell(inner_name, l->payload);
		} else if (depth < DEEPEST_LISTED && strchr(entry->d_name, '.') == NULL) {
			memcpy(inner_name + used, "/", 2);
			list_folder(l, inner, inner_name, depth + 1);
		}
	}
	closedir(folder);
}

static void list_sources(void *self, void (*tell)(const char *name, void *payload), void *payload) {
	listing l = {tell, payload, 0};
	size_t size;
	const char *folder;
	for (size_t n = 0; (folder = folder_at(self, n, &size)) != NULL; n++) {
		char path[LONGEST_PATH];
		if (size >= LONGEST_PATH) continue;
		memcpy(path, folder, size);
		path[size] = '\0';
		list_folder(&l, path, "", 0);
	}
}

void apl_sources_init(apl_sources *sources, const aplomb_load_options *options, apl_lua_reader *reader) {
	*sources = (apl_sources){.options = options};
	*reader = (apl_lua_reader){read_source, list_sources, sources, read_beside};
}
