/* SPDX-License-Identifier: MIT */
/* Every finding of the builder, with its line and its message to the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chart_text.h"

typedef struct told {
	char text[4096];
	size_t size;
} told;

static void tell(const aplomb_finding *finding, void *payload) {
	told *t = payload;
	t->size += (size_t)snprintf(t->text + t->size, sizeof t->text - t->size, "%u %s%s: %s\n", finding->line,
	    finding->severity == APLOMB_WARNING ? "warning " : "", finding->slug, finding->message);
	assert_true(t->size < sizeof t->text);
}

/* All findings of a chart, a line each; "" when there are none. Checks that errors and no chart go together. */
static const char *findings_of(const char *text, const apl_build_options *options, told *t) {
	failing_allocator memory = {0};
	apl_alloc alloc = failing_alloc(&memory);
	apl_findings findings;
	chart_text *handlers = calloc(1, sizeof *handlers);
	apl_chart *chart = NULL;
	apl_findings_init(&findings, &alloc);
	int code = chart_text_build(handlers, text, &alloc, options, &chart, &findings);
	assert_int_equal(code, findings.errors > 0 ? APLOMB_EPLAYBOOK : APLOMB_OK);
	assert_int_equal(chart == NULL, findings.errors > 0);
	t->size = 0;
	t->text[0] = '\0';
	apl_findings_tell(&findings, tell, t);
	apl_findings_dispose(&findings);
	apl_chart_free(chart);
	free(handlers);
	assert_int_equal(memory.bytes, 0);
	return t->text;
}

typedef struct sample {
	const char *chart;
	const char *findings;
} sample;

static void check_all(const sample *samples, size_t count, const apl_build_options *options) {
	for (size_t i = 0; i < count; i++) {
		told t;
		const char *found = findings_of(samples[i].chart, options, &t);
		if (strcmp(found, samples[i].findings) != 0) print_error("of the chart\n%s\n", samples[i].chart);
		assert_string_equal(found, samples[i].findings);
	}
}
#define CHECK(samples, options) check_all((samples), sizeof(samples) / sizeof *(samples), (options))

static const apl_build_options free_charts = {.name = "t", .free_targets = true, .any_event = true};
static const apl_build_options few_states = {.name = "t", .most_states = 3};

#define ID_RULE "an id is made of small letters, digits and \"-\", and begins with a letter\n"

static void ids_are_plain_and_unique_among_siblings(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"state late\n  state a\n  state a\n", "3 duplicate-state: state \"a\": another child of the same state is called \"a\"\n"},
	    /* The same id in different places is fine. */
	    {"event x\nstate late\n  state a\n    state c\n    on x -> b\n  state b\n    state c\n", ""},
	    {"state late\n  state Work_Order\n", "2 bad-id: state \"Work_Order\": " ID_RULE},
	    {"state late\n  state a.b\n", "2 bad-id: state \"a\\.b\": " ID_RULE},
	    {"state late\n  state 2nd\n", "2 bad-id: state \"2nd\": " ID_RULE},
	    {"state Late\n  state a\n", "1 bad-id: root \"Late\": " ID_RULE},
	    {"state late\n  state -\n", "2 bad-id: state \"\": " ID_RULE},
	};
	CHECK(samples, NULL);
}

static void free_charts_want_ids_unique_in_the_chart(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"state S1\n  state Any_id.with.dots\n", ""},
	    {"state r\n  state a\n    state b\n    on x -> b\n  state b\n",
	        "4 ambiguous-target: state \"a\": target \"b\" could be any of the states called \"b\"\n"
	        "5 duplicate-state: state \"b\": another state of the chart is called \"b\"\n"},
	    {"state r\n  state -\n", "2 bad-id: state \"\": an id is not empty and holds no spaces\n"},
	    {"state r\n  state a\n    on x -> opne\n  state open\n  state far\n",
	        "3 unknown-target: state \"a\": target \"opne\" does not exist; did you mean \"open\"?\n"},
	    /* Regions may be crossed. */
	    {"parallel r\n  state p\n    state a\n      on x -> q\n  state q\n", ""},
	    {"state r initial b\n  state a\n    state b\n  state c initial b\n    state d\n    on x -> a\n",
	        "4 initial-missing: state \"c\": initial \"b\" is not inside it\n"},
	    {"state r\n  state a\n    on x -> r\n",
	        "3 target-not-legal: state \"a\": target \"r\" is the root, which is never left; name a state in it\n"},
	    {"state r\n  state a\n    state b\n    history h default c\n  state c\n    on x -> h\n",
	        "4 history-default-outside: history \"a.h\": default \"c\" is not inside \"a\"\n"},
	};
	CHECK(samples, &free_charts);
}

static void a_long_id_is_refused(void **state) {
	(void)state;
	char chart[400] = "state r\n  state ";
	char expected[800];
	char id[257];
	told t;
	memset(id, 'a', 256);
	id[256] = '\0';
	strcat(chart, id);
	strcat(chart, "\n");
	snprintf(expected, sizeof expected, "2 bad-id: state \"%s\": an id has at most 255 bytes\n", id);
	assert_string_equal(findings_of(chart, NULL, &t), expected);
	assert_string_equal(findings_of(chart, &free_charts, &t), expected);
}

static void targets_are_looked_up_like_variables(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nstate r\n  state offered\n    on x -> resloved\n  state resolved\n",
	        "4 unknown-target: state \"offered\": target \"resloved\" does not exist; did you mean \"resolved\"?\n"},
	    /* Children, then siblings, then outward; dotted paths go inward. */
	    {"event x\nstate r\n  state a\n    state a1\n      on x -> a2\n      on x -> b\n      on x -> b.b1\n    state a2\n      on x -> "
	     "a\n  state b\n    state b1\n",
	        ""},
	    {"event x\nstate r\n  state a\n    on x -> b1\n  state b\n    state b1\n",
	        "4 unknown-target: state \"a\": target \"b1\" is not in reach; there is \"b.b1\"\n"},
	    {"event x\nstate r\n  state a\n    on x -> b.two\n  state b\n    state one\n    state too\n",
	        "4 unknown-target: state \"a\": target \"b.two\" does not exist: \"b\" has no child \"two\"; did you mean \"too\"?\n"},
	    {"event x\nstate r\n  state a\n    on x -> quite-different\n",
	        "4 unknown-target: state \"a\": target \"quite-different\" does not exist\n"},
	    {"event x\nstate r\n  state a\n    on x ->\n", "4 unknown-target: state \"a\": no target is named\n"},
	    {"event x\nstate r\n  state a\n  state b\n    on x -> c\n  state c\n  state c\n",
	        "5 ambiguous-target: state \"b\": target \"c\" could be any of the states called \"c\"\n"
	        "7 duplicate-state: state \"c\": another child of the same state is called \"c\"\n"},
	    {"event x\nstate r\n  state a\n    on x -> r\n",
	        "4 target-not-legal: state \"a\": target \"r\" is the root, which is never left; name a state in it\n"},
	    /* The root's transitions as well. */
	    {"event x\nstate r\n  on x -> opne\n  state open\n",
	        "3 unknown-target: root \"r\": target \"opne\" does not exist; did you mean \"open\"?\n"},
	    {"state r\n  after -> opne\n  state open\n",
	        "2 unknown-target: root \"r\": target \"opne\" does not exist; did you mean \"open\"?\n"},
	};
	CHECK(samples, NULL);
}

static void targets_stay_in_their_region(void **state) {
	(void)state;
#define LEAVES(target, parallel)                                                                                                           \
	"target \"" target "\" is reached only by leaving all regions of \"" parallel "\"; carry the transition on \"" parallel                \
	"\", or let the regions speak through events\n"
	static const sample crossing[] = {
	    {"event x\nstate r\n  parallel p\n    state one\n      on x -> two.c\n    state two\n      state c\n",
	        "5 cross-region-target: state \"p.one\": " LEAVES("p.two.c", "p")},
	    {"event x\nstate r\n  parallel p\n    state one\n      state a\n        on x -> over\n  state over\n",
	        "6 cross-region-target: state \"p.one.a\": " LEAVES("over", "p")},
	    /* The region itself, from inside: SCXML leaves the parallel for it. */
	    {"event x\nstate r\n  parallel p\n    state one\n      state a\n        on x -> one\n",
	        "6 cross-region-target: state \"p.one.a\": " LEAVES("p.one", "p")},
	    {"event x\nparallel r\n  state one\n    on x -> two\n  state two\n", "4 cross-region-target: state \"one\": " LEAVES("two", "r")},
	    /* A region that is a parallel cannot have an internal transition. */
	    {"event x\nstate r\n  parallel p\n    parallel one\n      on x -> a\n      state a\n    state two\n",
	        "5 cross-region-target: parallel \"p.one\": " LEAVES("p.one.a", "p")},
	    /* A delay is a transition too. */
	    {"state r\n  parallel p\n    state one\n      after -> over\n  state over\n",
	        "4 cross-region-target: state \"p.one\": " LEAVES("over", "p")},
	    /* Within a region, out of the parallel from the parallel, and a region's own way inward are fine. */
	    {"event x\nstate r\n  parallel p\n    on x -> over\n    state one\n      on x -> b\n      state a\n        on x -> b\n      state "
	     "b\n  state over\n",
	        ""},
	};
	CHECK(crossing, NULL);
}

static void targets_can_be_active_together(void **state) {
	(void)state;
#define NOT_BOTH(a, b) "it cannot be in \"" a "\" and in \"" b "\" at the same time\n"
	static const sample samples[] = {
	    {"event x\nstate r\n  state a\n    on x -> b c\n  state b\n  state c\n", "4 target-not-legal: state \"a\": " NOT_BOTH("b", "c")},
	    {"event x\nstate r\n  state a\n    on x -> b b.c\n  state b\n    state c\n",
	        "4 target-not-legal: state \"a\": " NOT_BOTH("b", "b.c")},
	    {"event x\nstate r\n  state a\n    on x -> b b\n  state b\n", "4 target-not-legal: state \"a\": " NOT_BOTH("b", "b")},
	    /* A history of a parallel stands for all its regions. */
	    {"event x\nstate r\n  state a\n    on x -> p.h p.one\n  parallel p\n    state one\n    history h default one\n",
	        "4 target-not-legal: state \"a\": " NOT_BOTH("p", "p.one")},
	    {"event x\nstate r\n  state a\n    on x -> p.two.d p.one.c\n  parallel p\n    state one\n      state b\n      state c\n    state "
	     "two\n      state d\n",
	        ""},
	    {"state r initial a b\n  state a\n  state b\n", "1 target-not-legal: root \"r\": " NOT_BOTH("a", "b")},
	    {"event x\nstate r\n  state a\n    on x -> b.h\n  state b\n    state c\n    history g default c\n    history h default g\n",
	        "8 target-not-legal: history \"b.h\": default \"g\" is a history of the same state; name a state\n"},
	};
	CHECK(samples, NULL);
}

static void listeners_name_declared_events(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event customer.message\nstate r\n  on custmer.message\n  state a\n",
	        "3 unknown-event: root \"r\": event \"custmer.message\" is not declared; did you mean \"customer.message\"?\n"},
	    {"event customer.message\nstate r\n  on customer customer.* customer.message. customer.message * error error.execution\n  state "
	     "a\n",
	        ""},
	    {"event customer\nstate r\n  on customer.message\n  state a\n",
	        "3 unknown-event: root \"r\": event \"customer.message\" is not declared\n"},
	    {"state r\n  on done.state.menu done.state.work done.state done\n  state menu\n    state work\n      state b\n", ""},
	    /* The root's end is the case's; an atomic state has none. */
	    {"state r\n  on done.state.r done.state.a\n  state a\n", "2 unknown-event: root \"r\": event \"done.state.r\" is not declared\n2 "
	                                                             "unknown-event: root \"r\": event \"done.state.a\" is not declared\n"},
	    {"state r\n  state a\n    after since no.such.event -> b\n  state b\n",
	        "3 unknown-event: state \"a\": event \"no.such.event\" is not declared\n"},
	    /* A delay's own event is nobody else's. */
	    {"state r\n  on after.a.1\n  state a\n    after -> b\n  state b\n",
	        "2 unknown-event: root \"r\": event \"after.a.1\" is not declared\n"},
	};
	CHECK(samples, NULL);
}

static void event_names_are_words_and_dots(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event a..b\nevent .a\nevent a.\nevent a*\nstate r\n  state a\n",
	        "1 bad-event-name: event \"a..b\": a name is words joined by dots, without spaces and \"*\"\n"
	        "2 bad-event-name: event \".a\": a name is words joined by dots, without spaces and \"*\"\n"
	        "3 bad-event-name: event \"a.\": a name is words joined by dots, without spaces and \"*\"\n"
	        "4 bad-event-name: event \"a*\": a name is words joined by dots, without spaces and \"*\"\n"},
	    {"event done.state.a\nevent after.sales\nstate r\n  state a\n",
	        "1 bad-event-name: event \"done.state.a\": names that begin with \"done.state.\", \"after.\", \"every.\" or \"at.\" are the "
	        "machine's own\n"
	        "2 bad-event-name: event \"after.sales\": names that begin with \"done.state.\", \"after.\", \"every.\" or \"at.\" are the "
	        "machine's own\n"},
	    {"event a\nstate r\n  on a..b *.a .* a.*.*\n  state a\n",
	        "3 bad-event-name: root \"r\": \"a..b\" names no event: words joined by dots, or \"*\" alone\n"
	        "3 bad-event-name: root \"r\": \"*.a\" names no event: words joined by dots, or \"*\" alone\n"
	        "3 bad-event-name: root \"r\": \".*\" names no event: words joined by dots, or \"*\" alone\n"
	        "3 bad-event-name: root \"r\": \"a.*.*\" names no event: words joined by dots, or \"*\" alone\n"},
	    {"state r\n  on if yes\n  state a\n", "2 bad-event-name: root \"r\": no event is named\n"},
	    {"state r\n  state a\n    after since -> b\n  state b\n", "3 bad-event-name: state \"a\": no event is named\n"},
	};
	CHECK(samples, NULL);
}

static void initials_lead_inward(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"state r initial opne\n  state open\n",
	        "1 initial-missing: root \"r\": initial \"opne\" is not inside it; did you mean \"open\"?\n"},
	    {"event x\nstate r\n  state a initial b\n    state c\n    on x -> b\n  state b\n",
	        "3 initial-missing: state \"a\": initial \"b\" is not inside it\n"},
	    {"state r initial\n  state a\n", "1 initial-missing: root \"r\": initial names no state\n"},
	    {"state r\n  state a initial b\n",
	        "2 initial-not-compound: state \"a\": initial \"b\" is for a state that has children, one of them active\n"},
	    {"state r\n  parallel p initial b\n    state b\n",
	        "2 initial-not-compound: parallel \"p\": initial \"b\" is for a state that has children, one of them active\n"},
	    {"state r\n  state a\n    always if yes -> f\n  final f initial b\n",
	        "4 initial-not-compound: final \"f\": initial \"b\" is for a state that has children, one of them active\n"},
	    {"state r initial a.c\n  state a\n    state b\n      always if no -> c\n    state c\n      always if no -> b\n", ""},
	};
	CHECK(samples, NULL);
}

static void finals_are_ends(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nstate r\n  state a\n    on x -> f\n  final f\n    state b\n",
	        "5 final-with-children: final \"f\": a final has no children\n"},
	    {"event x\nstate r\n  state a\n    on x -> f\n  final f\n    on x -> a\n",
	        "5 final-with-transition: final \"f\": a final takes no events; nothing leads out of it\n"},
	    {"event x\nstate r\n  state a\n    on x -> f\n  final f\n    after -> a\n",
	        "5 final-with-transition: final \"f\": a final takes no events; nothing leads out of it\n"},
	    {"parallel r\n  state a\n  final f\n",
	        "3 final-in-parallel: final \"f\": a parallel ends when all its regions have ended; put the final into a region\n"},
	};
	CHECK(samples, NULL);
}

static void histories_have_a_default_inside_and_nothing_else(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nstate r\n  state a\n    state b\n    history h\n    on x -> h\n",
	        "5 history-without-default: history \"a.h\": say with default where to go when there is nothing to remember\n"},
	    {"event x\nstate r\n  state a\n    state b\n    history h default\n    on x -> h\n",
	        "5 history-without-default: history \"a.h\": default names no state\n"},
	    {"event x\nstate r\n  state a\n    state b\n    deep h default c\n    on x -> h\n  state c\n",
	        "5 history-default-outside: history \"a.h\": default \"c\" is not inside \"a\"\n"},
	    {"event x\nstate r\n  state a\n    state b\n    history h default bb\n    on x -> h\n",
	        "5 unknown-target: history \"a.h\": default \"bb\" does not exist; did you mean \"b\"?\n"},
	    {"event x\nstate r\n  state a\n    state b\n    history h default b\n      on x -> b\n    on x -> h\n",
	        "5 history-with-content: history \"a.h\": a history has a default and nothing else\n"},
	    {"event x\nstate r\n  state a\n    state b\n    history h default b\n      entry e\n    on x -> h\n",
	        "5 history-with-content: history \"a.h\": a history has a default and nothing else\n"},
	    {"event x\nstate r\n  state a\n    state b\n    history h default b.c\n    on x -> h\n",
	        "5 unknown-target: history \"a.h\": target \"b.c\" does not exist: \"a.b\" has no child \"c\"\n"},
	};
	CHECK(samples, NULL);
}

static void ends_that_two_states_could_tell_are_refused(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nstate r\n  on done.state.menu\n  state a\n    on x -> b\n    state menu\n      state c\n  state b\n    state menu\n     "
	     " state d\n",
	        "3 ambiguous-done: root \"r\": \"done.state.menu\" could tell the end of \"a.menu\" or of \"b.menu\"\n"},
	    /* Nobody listens, or to both on purpose. */
	    {"event x\nstate r\n  on done.state\n  state a\n    on x -> b\n    state menu\n      state c\n  state b\n    state menu\n      "
	     "state d\n",
	        ""},
	    /* A state without children has no end. */
	    {"event x\nstate r\n  on done.state.menu\n  state a\n    on x -> b\n    state menu\n  state b\n    state menu\n      state d\n",
	        ""},
	};
	CHECK(samples, NULL);
}

static void deferring_is_for_events_and_does_nothing(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nstate r\n  on x defers if yes\n  state a\n", ""},
	    {"event x\nstate r\n  state a\n    on x defers -> b\n  state b\n",
	        "4 bad-defer: state \"a\": a deferred event waits; it has neither target nor action\n"},
	    {"event x\nstate r\n  state a\n    on x defers do b\n",
	        "4 bad-defer: state \"a\": a deferred event waits; it has neither target nor action\n"},
	    {"state r\n  state a\n    always defers\n", "3 bad-defer: state \"a\": only an event can be deferred\n"},
	    {"state r\n  state a\n    after defers\n", "3 bad-defer: state \"a\": only an event can be deferred\n"},
	};
	CHECK(samples, NULL);
}

static void shapes_are_checked(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"state r\n  parallel p\n", "2 empty-parallel: parallel \"p\": a parallel has regions; this one has none\n"},
	    {"state r\n  parallel p\n    history h default p\n",
	        "2 empty-parallel: parallel \"p\": a parallel has regions; this one has none\n3 history-default-outside: history \"p.h\": "
	        "default \"p\" is not inside \"p\"\n"},
	    {"state r\n", "1 warning no-children: root \"r\": there are no states in it\n"},
	};
	CHECK(samples, NULL);
}

static void what_nothing_enters_is_a_warning(void **state) {
	(void)state;
#define NEVER ": nothing ever enters it: no transition, initial or default leads here\n"
	static const sample samples[] = {
	    /* The outermost only; its inside would be as unreachable. */
	    {"event x\nstate r\n  state a\n  state b\n    state c\n    state d\n      on x -> c\n",
	        "4 warning unreachable-state: state \"b\"" NEVER},
	    /* A history that is not deep goes back to a child that was left, and begins anew in there. */
	    {"event x\nevent y\nstate r\n  state o\n    on x -> w.a.a2\n    on y -> w.h\n  state w\n    on x -> o\n    state b\n    state a\n  "
	     "    state "
	     "a1\n      state a2\n    history h default b\n",
	        ""},
	    {"event x\nevent y\nstate r\n  state o\n    on x -> w.a.a2\n    on y -> w.h\n  state w\n    on x -> o\n    state b\n    state a\n  "
	     "    state "
	     "a1\n      state a2\n    deep h default b\n",
	        "11 warning unreachable-state: state \"w.a.a1\"" NEVER},
	    /* Ways out of what is never entered lead nowhere. */
	    {"event x\nstate r\n  state a\n  state b\n    on x -> c\n  state c\n",
	        "4 warning unreachable-state: state \"b\"" NEVER "6 warning unreachable-state: state \"c\"" NEVER},
	    {"event x\nstate r\n  state a\n    on x -> b.d\n  state b\n    state c\n    state d\n",
	        "6 warning unreachable-state: state \"b.c\"" NEVER},
	    {"state r\n  state a\n    state b\n    history h default b\n", "4 warning unreachable-state: history \"a.h\"" NEVER},
	    {"event x\nstate r\n  state a\n    on x -> p.q.d\n  parallel p\n    state q\n      state c\n        on x -> d\n      state d\n     "
	     "   on x -> c\n    state s\n      state e\n",
	        ""},
	    {"state r\n  state a\n    after -> b.h\n  state b\n    state c\n    deep h default d\n    state d\n",
	        "5 warning unreachable-state: state \"b.c\"" NEVER},
	};
	CHECK(samples, NULL);
}

static void bounds_are_told_and_nothing_else(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"state r\n  state a\n  state b\n", "3 warning unreachable-state: state \"b\"" NEVER},
	    {"state r\n  state a\n  state b\n  state c\n    state d\n      on nonsense -> nowhere\n    on x -> e\n  state e\n",
	        "4 limit-states: the chart has more than 3 states\n"},
	};
	CHECK(samples, &few_states);

	char chart[8192] = "";
	char expected[128];
	told t;
	for (int depth = 0; depth <= 64; depth++) sprintf(chart + strlen(chart), "%*sstate s%d\n", depth * 2, "", depth);
	assert_string_equal(findings_of(chart, NULL, &t), "");
	sprintf(chart + strlen(chart), "%*sstate s65\n", 130, "");
	snprintf(expected, sizeof expected, "66 limit-depth: state \"s65\" stands more than 64 states deep\n");
	assert_string_equal(findings_of(chart, NULL, &t), expected);
}

static void all_findings_are_told_at_once(void **state) {
	(void)state;
	static const sample samples[] = {
	    {"event x\nstate r initial q\n  state a\n    on y -> b\n  state a\n    final f\n      on x -> z\n",
	        "2 initial-missing: root \"r\": initial \"q\" is not inside it\n"
	        "4 unknown-event: state \"a\": event \"y\" is not declared\n"
	        "4 unknown-target: state \"a\": target \"b\" does not exist\n"
	        "5 duplicate-state: state \"a\": another child of the same state is called \"a\"\n"
	        "6 final-with-transition: final \"a.f\": a final takes no events; nothing leads out of it\n"
	        "7 unknown-target: final \"a.f\": target \"z\" does not exist\n"},
	};
	CHECK(samples, NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ids_are_plain_and_unique_among_siblings),
	    cmocka_unit_test(free_charts_want_ids_unique_in_the_chart),
	    cmocka_unit_test(a_long_id_is_refused),
	    cmocka_unit_test(targets_are_looked_up_like_variables),
	    cmocka_unit_test(targets_stay_in_their_region),
	    cmocka_unit_test(targets_can_be_active_together),
	    cmocka_unit_test(listeners_name_declared_events),
	    cmocka_unit_test(event_names_are_words_and_dots),
	    cmocka_unit_test(initials_lead_inward),
	    cmocka_unit_test(finals_are_ends),
	    cmocka_unit_test(histories_have_a_default_inside_and_nothing_else),
	    cmocka_unit_test(ends_that_two_states_could_tell_are_refused),
	    cmocka_unit_test(deferring_is_for_events_and_does_nothing),
	    cmocka_unit_test(shapes_are_checked),
	    cmocka_unit_test(what_nothing_enters_is_a_warning),
	    cmocka_unit_test(bounds_are_told_and_nothing_else),
	    cmocka_unit_test(all_findings_are_told_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
