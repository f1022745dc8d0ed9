/* SPDX-License-Identifier: MIT */
/* Decides which file somebody means who names a playbook. */
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "tell/tell.h"

char *cli_playbook_path(const char *given) {
	static const char name[] = "playbook.lua";
	struct stat about;
	if (stat(given, &about) != 0 || !S_ISDIR(about.st_mode)) return tell_need_copy(given);
	size_t size = strlen(given);
	while (size > 1 && given[size - 1] == '/') size--;
	char *path = tell_need(size + 1 + sizeof name);
	memcpy(path, given, size);
	path[size] = '/';
	memcpy(path + size + 1, name, sizeof name);
	return path;
}
