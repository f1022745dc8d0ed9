/* SPDX-License-Identifier: MIT */
#ifndef CLI_JUNIT_H
#define CLI_JUNIT_H

/* Results as XML in the form that JUnit's reports have, which CI servers read. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct cli_junit_test {
	char *name;
	uint32_t line;
	double seconds;
	bool is_error; /* not a test that failed, but a file that could not be run */
	char *failure; /* a sentence; NULL: it passed */
	char *told;    /* all that was told of it; or NULL */
	char *printed; /* or NULL */
	size_t printed_size;
} cli_junit_test;

/* One file of tests. */
typedef struct cli_junit_suite {
	char *path;
	cli_junit_test *tests;
	size_t count, capacity;
} cli_junit_suite;

typedef struct cli_junit {
	cli_junit_suite *suites;
	size_t count, capacity;
} cli_junit;

/* Tests of this file follow. */
void cli_junit_begin(cli_junit *junit, const char *path);
/* Texts are copied; NULL: none. */
void cli_junit_add(cli_junit *junit, const cli_junit_test *test);
void cli_junit_write(const cli_junit *junit, FILE *file);
void cli_junit_dispose(cli_junit *junit);

#endif
