/* SPDX-License-Identifier: MIT */
/* Decides which files are tests. */
#include "cli/test_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tell/tell.h"

enum { MOST_DEPTH = 32 };

static void add_path(cli_files *files, const char *path) {
	tell_need_room(&files->paths, files->count, 1, &files->capacity, sizeof *files->paths);
	files->paths[files->count++] = tell_need_copy(path);
}

static bool is_test(const char *name) {
	static const char end[] = "_test.lua";
	size_t size = strlen(name);
	return size > sizeof end - 1 && strcmp(name + size - (sizeof end - 1), end) == 0;
}

static int by_name(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "folder/name"; a folder that is "." is not written. */
static char *join(const char *folder, const char *name) {
	size_t size = strlen(folder), room = size + strlen(name) + 2;
	char *path = tell_need(room);
	if (strcmp(folder, ".") == 0)
		snprintf(path, room, "%s", name);
	else
		snprintf(path, room, "%s%s%s", folder, size > 0 && folder[size - 1] == '/' ? "" : "/", name);
	return path;
}

static bool is_folder(const char *path) {
	struct stat about;
	return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* Hidden folders, and what a build left behind, hold nobody's tests. */
static bool is_left_out(const char *name) {
	return name[0] == '.' || strcmp(name, "build") == 0 || strcmp(name, "node_modules") == 0;
}

static bool add_folder(cli_files *files, const char *folder, int depth) {
	DIR *open = opendir(folder);
	if (open == NULL) return false;
	cli_files names = {0};
	for (const struct dirent *entry; (entry = readdir(open)) != NULL;)
		if (!is_left_out(entry->d_name)) add_path(&names, entry->d_name);
	closedir(open);
	if (names.count > 0) qsort(names.paths, names.count, sizeof *names.paths, by_name);
	for (size_t i = 0; i < names.count; i++) {
		char *path = join(folder, names.paths[i]);
		/* A folder within that cannot be read is somebody else's. */
		if (is_folder(path) && depth < MOST_DEPTH)
			add_folder(files, path, depth + 1);
		else if (is_test(names.paths[i]))
			add_path(files, path);
		free(path);
	}
	cli_files_dispose(&names);
	return true;
}

bool cli_files_add(cli_files *files, const char *path) {
	struct stat about;
	if (stat(path, &about) != 0) return false;
	if (S_ISDIR(about.st_mode)) return add_folder(files, path, 0);
	add_path(files, path);
	return true;
}

void cli_files_dispose(cli_files *files) {
	for (size_t i = 0; i < files->count; i++) free(files->paths[i]);
	free(files->paths);
	*files = (cli_files){0};
}
