/* SPDX-License-Identifier: MIT */
/* Decides what --limit-… on a command line comes to. */
#include "cli/limits.h"

uint32_t cli_narrow(uint64_t number) {
	return number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

static void narrow(uint64_t given, uint32_t *limit) {
	if (given != 0) *limit = cli_narrow(given);
}

void cli_limits_apply(const cli_limits *given, aplomb_limits *limits) {
	if (given->instructions != 0) limits->instructions = given->instructions;
	if (given->memory != 0) limits->memory = (size_t)given->memory;
	narrow(given->microsteps, &limits->microsteps);
	narrow(given->internal_events, &limits->internal_events);
	narrow(given->effects, &limits->effects);
	narrow(given->queue, &limits->queue);
	narrow(given->timers, &limits->timers);
	narrow(given->deferred, &limits->deferred);
	narrow(given->states, &limits->states);
	if (given->data != 0) limits->data = (size_t)given->data;
	narrow(given->depth, &limits->depth);
	narrow(given->children, &limits->children);
	narrow(given->invoke_depth, &limits->invoke_depth);
	narrow(given->own_steps, &limits->own_steps);
	narrow(given->hops, &limits->hops);
	narrow(given->ids, &limits->ids);
}
