/* SPDX-License-Identifier: MIT */
#ifndef CLI_LIMITS_H
#define CLI_LIMITS_H

/* --limit-…, as verbs take them that step cases. */
#include "cli/opt.h"

/* 0: not given. */
typedef struct cli_limits {
	uint64_t instructions, memory, microsteps, internal_events, effects, queue, timers, deferred, states, data, depth, children,
	    invoke_depth, own_steps, hops, ids;
} cli_limits;

#define CLI_LIMIT(name, type, member, sentence)                                                                                            \
	{ "limit-" name, 0, CLI_NUMBER, CLI_OFFSET(type, member), "N", sentence, NULL }
#define CLI_LIMITS_OPTIONS(type, member)                                                                                                   \
	CLI_LIMIT("instructions", type, member.instructions, "Lua instructions a step may take: 1,000,000"),                                   \
	    CLI_LIMIT("memory", type, member.memory, "bytes Lua may hold beyond what the playbook holds: 16M"),                                \
	    CLI_LIMIT("microsteps", type, member.microsteps, "microsteps of one step: 1,000"),                                                 \
	    CLI_LIMIT("internal-events", type, member.internal_events, "events raised in one step: 1,000"),                                    \
	    CLI_LIMIT("effects", type, member.effects, "effects, sends and log lines of one step: 256"),                                       \
	    CLI_LIMIT("queue", type, member.queue, "events that may wait: 1,000,000"),                                                         \
	    CLI_LIMIT("timers", type, member.timers, "timers armed in one case: 1,000"),                                                       \
	    CLI_LIMIT("deferred", type, member.deferred, "events kept for later in one case: 100"),                                            \
	    CLI_LIMIT("states", type, member.states, "states of a playbook: 16,384"),                                                          \
	    CLI_LIMIT("data", type, member.data, "bytes of one event, effect or value: 1M"),                                                   \
	    CLI_LIMIT("depth", type, member.depth, "nesting of lists and maps: 64"),                                                           \
	    CLI_LIMIT("children", type, member.children, "invoked cases that a case has at a time: 64"),                                       \
	    CLI_LIMIT("invoke-depth", type, member.invoke_depth, "invoked cases of invoked cases: 8"),                                         \
	    CLI_LIMIT("own-steps", type, member.own_steps, "what a case does of itself in an hour of its time: 10,000"),                       \
	    CLI_LIMIT("hops", type, member.hops, "events in a row from case to case: 2,520"),                                                  \
	    CLI_LIMIT("ids", type, member.ids, "entries of a case for which an event's id is remembered: 1,000,000")

/* A number that a limit of 32 bits cannot hold is the most that it can. */
uint32_t cli_narrow(uint64_t number);
/* Those that were given take the place of what stands there. */
void cli_limits_apply(const cli_limits *given, aplomb_limits *limits);

#endif
