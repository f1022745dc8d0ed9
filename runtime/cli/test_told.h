/* SPDX-License-Identifier: MIT */
#ifndef CLI_TEST_TOLD_H
#define CLI_TEST_TOLD_H

/* A failed test, as a person reads it. */
#include "cli/cli.h"
#include "test/test.h"

/* What was expected and found, and the case's timeline around it. [path]: of the file of tests. */
void cli_tell_failure(const tell_screen *screen, const char *path, const char *name, uint32_t line, const apl_test_result *result);
/* What it printed, line by line. */
void cli_tell_printed(const tell_screen *screen, const apl_test_result *result);

#endif
