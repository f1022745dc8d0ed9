/* SPDX-License-Identifier: MIT */
/*
 * How the process ends when something that cannot happen has happened. It
 * does not unwind, log or free: the state it would do that from is broken.
 */
#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void apl_assert_failed(const char *file, int line, const char *condition) {
	fprintf(stderr, "%s:%d: this cannot happen, and did: not (%s)\n", file, line, condition);
	abort();
}
