/* SPDX-License-Identifier: MIT */
/*
 * Decides how Graphviz is asked. It is a program and no library of ours: who does
 * not draw SVG need not have it, and its mistakes end its own process.
 */
#include "cli/graphviz.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_THERE = 127 };

/* Never returns: the child becomes dot, which reads [from] and writes [to]. */
__attribute__((noreturn)) static void become_dot(int from, int to) {
	if (dup2(from, STDIN_FILENO) >= 0 && dup2(to, STDOUT_FILENO) >= 0) execlp("dot", "dot", "-Tsvg", (char *)NULL);
	_exit(NOT_THERE);
}

static int complain(const cli_screens *cli, const cli_verb *verb, int status, const char *fact) {
	cli_complain(cli, verb, "%s", fact);
	return status;
}

/* What it wrote, into ours. */
static bool copy(FILE *from, FILE *to) {
	char block[1 << 16];
	rewind(from);
	for (size_t got; (got = fread(block, 1, sizeof block, from)) > 0;)
		if (fwrite(block, 1, got, to) != got) return false;
	return !ferror(from);
}

int cli_graphviz(const cli_screens *cli, const cli_verb *verb, const char *text, size_t size, FILE *to) {
	/* Files without names, and no pipes: neither side can wait for the other. */
	FILE *question = tmpfile();
	FILE *answer = tmpfile();
	int status = CLI_OK;
	int how = 0;
	pid_t child;
	if (question == NULL || answer == NULL || fwrite(text, 1, size, question) != size || fflush(question) != 0) {
		status = complain(cli, verb, CLI_IO, "no temporary file can be written");
		goto done;
	}
	rewind(question);
	fflush(NULL);
	child = fork();
	if (child == 0) become_dot(fileno(question), fileno(answer));
	if (child < 0) {
		status = complain(cli, verb, CLI_INTERNAL, "no process can be made for dot");
		goto done;
	}
	while (waitpid(child, &how, 0) < 0 && errno == EINTR) continue;
	if (WIFEXITED(how) && WEXITSTATUS(how) == NOT_THERE)
		status = complain(cli, verb, CLI_UNAVAILABLE,
		    "SVG is drawn by Graphviz, and its program dot is not in PATH; --as dot writes what it would read, --as text needs nothing");
	else if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
		status = complain(cli, verb, CLI_UNAVAILABLE, "Graphviz's program dot did not draw it; what it said stands above");
	else if (!copy(answer, to))
		status = complain(cli, verb, CLI_IO, "the drawing could not be written");
done:
	if (question != NULL) fclose(question);
	if (answer != NULL) fclose(answer);
	return status;
}
