/* SPDX-License-Identifier: MIT */
/*
 * Decides how a text that a verb made comes into a file: whole, and never over
 * another one that nobody gave up.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

bool cli_may_write(const cli_screens *cli, const cli_verb *verb, const char *path, bool overwrite) {
	struct stat about;
	if (overwrite || stat(path, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size == 0) return true;
	cli_complain(cli, verb, "%s holds something already; name another file, or give --overwrite and lose it", path);
	return false;
}

int cli_write_file(const cli_screens *cli, const cli_verb *verb, const char *path, const char *text, size_t size) {
	FILE *to = fopen(path, "wb");
	if (to == NULL) {
		cli_complain(cli, verb, "cannot make %s: %s", path, strerror(errno));
		return CLI_NO_OUTPUT;
	}
	bool is_whole = fwrite(text, 1, size, to) == size;
	if (fclose(to) == 0 && is_whole) return CLI_OK;
	cli_complain(cli, verb, "cannot write to %s", path);
	return CLI_IO;
}
