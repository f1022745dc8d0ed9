/* SPDX-License-Identifier: MIT */
#ifndef APL_ENGINE_COVERAGE_H
#define APL_ENGINE_COVERAGE_H

/*
 * Which parts of a program were ever used: counted while cases step, when the
 * host asked for it (aplomb_options.coverage). Not taken back with a step that
 * is: what was asked was asked. A program of a host that did not ask has none,
 * and its steps go through a port that counts nothing.
 */
#include "engine/program.h"

typedef struct apl_answers {
	uint64_t yes, no, unknown, errors;
} apl_answers;

typedef struct apl_delay_ends {
	uint64_t fired, beaten; /* beaten: its state was left first */
} apl_delay_ends;

typedef struct apl_coverage {
	uint64_t *entered;    /* per state */
	uint64_t *taken;      /* per transition */
	apl_answers *answers; /* per handler: only guards' are used */
	apl_delay_ends *delays;
	uint32_t n_handlers;
} apl_coverage;

/* NULL without memory. */
apl_coverage *apl_coverage_new(const apl_alloc *alloc, const apl_program *program);
void apl_coverage_free(const apl_alloc *alloc, apl_coverage *coverage, const apl_program *program);
/* What a guard answered: one of step/port.h's. */
void apl_coverage_answer(apl_coverage *coverage, int32_t handler, int answer);

#endif
