/* SPDX-License-Identifier: MIT */
#include "scenario.h"

#include <stdio.h>

#include "time/instant.h"

const char *const scenario_cases[4] = {"a", "b", "other", "the \"fourth\""};

typedef struct choice {
	const char *event, *data;
	uint32_t weight;
} choice;

static const choice choices[] = {
    {"customer.message", "{'text':'hello there','tone':-2}", 8},
    {"customer.message", "{'text':'thank you','tone':3}", 8},
    {"customer.message", NULL, 3},
    {"agent.message", NULL, 8},
    {"agent.note", NULL, 4},
    {"pause", NULL, 5},
    {"resume", NULL, 5},
    {"next", NULL, 3},
    {"later", "{'n':2}", 4},
    {"now", "{'n':1}", 4},
    {"tell", "{'n':5}", 4},
    {"delayed", "{'n':6}", 4},
    {"forget", NULL, 3},
    {"call", NULL, 2},
    {"boom", NULL, 2},
    {"doubt", NULL, 1},
    {"unloved", NULL, 2},
    {"say", "{'text':'a word'}", 2},
    {"time", NULL, 2},
    {"round", NULL, 3},
    {"solved", NULL, 1},
    {"breach", NULL, 1},
};

static const choice *choose(uint64_t *random) {
	uint32_t whole = 0;
	for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) whole += choices[i].weight;
	uint32_t at = (uint32_t)(apl_random_next(random) % whole);
	const choice *c = choices;
	while (at >= c->weight) at -= c++->weight;
	return c;
}

int act(world *w, scenario *s) {
	s->acts++;
	s->now += (aplomb_span)(apl_random_next(&s->random) % 5) * 47 * APL_SECOND;
	if (apl_random_next(&s->random) % 20 == 0) s->now += 3 * APL_HOUR;
	if (NEW_YEAR + s->now > w->clock.now) apl_clock_turn(&w->clock, NEW_YEAR + s->now);
	const choice *what = choose(&s->random);
	/* Cases come one after another, so that closed and faulted ones do not make the rest dull. */
	char id[40], case_id[40];
	snprintf(case_id, sizeof case_id, "%s", scenario_cases[apl_random_next(&s->random) % 4]);
	if (s->acts > 150) snprintf(case_id, sizeof case_id, "c%u", (unsigned)(s->acts / 50 + apl_random_next(&s->random) % 3));
	bool has_id = apl_random_next(&s->random) % 2 == 0;
	snprintf(id, sizeof id, "e%u", (unsigned)(apl_random_next(&s->random) % 400));
	aplomb_span late = apl_random_next(&s->random) % 10 == 0 ? APL_MINUTE : 0;
	const char *open = apl_random_next(&s->random) % 3 == 0
	                       ? "{'data':{'order':'A 7'},'params':{'patience':'20m'},'history':[1,2.5,null],'locale':'de','seed':5}"
	                       : NULL;
	return post_as(w, has_id ? id : NULL, case_id, what->event, s->now - late, what->data, open);
}
