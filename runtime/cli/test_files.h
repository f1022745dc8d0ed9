/* SPDX-License-Identifier: MIT */
#ifndef CLI_TEST_FILES_H
#define CLI_TEST_FILES_H

/* Where the tests are: files whose names end in _test.lua, in folders and the folders within them. */
#include <stdbool.h>
#include <stddef.h>

typedef struct cli_files {
	char **paths; /* each folder's own in the order of their names */
	size_t count, capacity;
} cli_files;

/* A file as it is, or a folder's tests. false: errno says why it cannot be read. */
bool cli_files_add(cli_files *files, const char *path);
void cli_files_dispose(cli_files *files);

#endif
