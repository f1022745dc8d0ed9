/* SPDX-License-Identifier: MIT */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

/* What every program here needs around what it measures: the processor's time, an end when a call fails, a clock that stands. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "aplomb.h"

static inline double cpu_seconds(void) {
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline void must(int code, const aplomb_error *error) {
	if (code == APLOMB_OK) return;
	fprintf(stderr, "bench: %s: %s (%s:%u)\n", aplomb_code_name(code), error->message, error->file, (unsigned)error->line);
	exit(1);
}

static inline aplomb_instant frozen(void *payload) {
	(void)payload;
	return INT64_C(1764547200000000);
}

#endif
