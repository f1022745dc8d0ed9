/* SPDX-License-Identifier: MIT */
/* Named clocks: when they run, what they count, what they tell and when; each hard case has its rule in docs/time.md. */

#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "time/instant.h"

/* The number behind [label] in the item, in minutes; -1: it is not there. */
static long minutes_in(const char *item, const char *end, const char *label) {
	const char *found = strstr(item, label);
	return found != NULL && found < end ? strtol(found + strlen(label), NULL, 10) / 60000000 : -1;
}

/* What the journal says of clocks: a line each, "01 00:10:00 resolve start 0m of 60m due 00:40:00" and the like. */
static const char *told(book *b) {
	static char out[8192];
	size_t used = 0;
	out[0] = '\0';
	for (const char *line = apl_buf_terminate(&b->lines); *line != '\0'; line = strchr(line, '\n') + 1) {
		const char *last = strchr(line, '\n'), *item = line;
		while ((item = strstr(item + 1, "\"clock\":\"")) != NULL && item < last) {
			const char *end = strchr(item, '}'), *what = strstr(item, "\"what\":\""), *due = strstr(item, "\"due\":\"");
			if (what == NULL || what > end) continue; /* a cause */
			const long elapsed = minutes_in(item, end, "\"elapsed_us\":"), ended = minutes_in(item, end, "\"counted_us\":"),
			           target = minutes_in(item, end, "\"target_us\":");
			used += (size_t)snprintf(out + used, sizeof out - used, "%.2s %.8s %.*s %.*s", line + 15, line + 18,
			    (int)strcspn(item + 9, "\""), item + 9, (int)strcspn(what + 8, "\""), what + 8);
			if (elapsed >= 0) used += (size_t)snprintf(out + used, sizeof out - used, " %ldm", elapsed);
			if (ended >= 0) used += (size_t)snprintf(out + used, sizeof out - used, " (+%ldm)", ended);
			if (target >= 0) used += (size_t)snprintf(out + used, sizeof out - used, " of %ldm", target);
			if (due != NULL && due < end) used += (size_t)snprintf(out + used, sizeof out - used, " due %.8s", due + 18);
			used += (size_t)snprintf(out + used, sizeof out - used, "\n");
		}
	}
	return out;
}

#define HEAD                                                                                                                               \
	"return playbook 'p' { data = { n = integer { default = 0 }, said = text {}, t = span {} },\n"                                         \
	"event 'go' { by = span {} }, event 'wait' {}, event 'again' {}, event 'end' {}, event 'both' {},\n"
#define CHART                                                                                                                              \
	"state 'work' { on 'end' { to = 'over' },\n"                                                                                           \
	"  state 'ours' { on 'wait' { to = 'theirs' }, on 'again' { to = 'ours' } },\n"                                                        \
	"  state 'theirs' { on 'go' { to = 'ours' } } },\n"                                                                                    \
	"final 'over' {} }"

static void a_clock_pauses_and_keeps_what_it_has_counted(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, HEAD "clock 'resolve' { target = '1h', runs_in = 'work.ours', warn_at = { 0.5 } },\n" CHART, NULL);
	assert_int_equal(say(&b, "wait", NULL), APLOMB_OK);
	wait_for(&b, APL_HOUR);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, 20 * APL_MINUTE);
	assert_int_equal(say(&b, "wait", NULL), APLOMB_OK);
	wait_for(&b, APL_HOUR);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, APL_HOUR);
	assert_string_equal(told(&b), "01 00:00:00 resolve start 0m of 60m due 00:30:00\n"
	                              "01 00:00:00 resolve stop 0m (+0m)\n"
	                              "01 01:00:00 resolve start 0m of 60m due 01:30:00\n"
	                              "01 01:20:00 resolve stop 20m (+20m)\n"
	                              "01 02:20:00 resolve start 20m of 60m due 02:30:00\n"
	                              "01 02:30:00 resolve warn 30m due 03:00:00\n"
	                              "01 03:00:00 resolve breach 60m\n");
	/* It counts on, and is breached once. */
	assert_int_equal(say(&b, "end", NULL), APLOMB_OK);
	assert_text_has(line_of(&b), "{'clock':'resolve','counted_us':3600000000,'deadline':'2026-01-01T03:00:00Z','do':'clock',"
	                             "'elapsed_us':4800000000,'from':'2026-01-01T02:20:00Z','what':'end'}");
	book_close(&b);
}

static void states_entered_again_within_a_step_leave_no_trace(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, HEAD "clock 'resolve' { target = '1h', runs_in = 'work.ours' },\n" CHART, NULL);
	assert_int_equal(say(&b, "again", NULL), APLOMB_OK);
	wait_for(&b, 30 * APL_MINUTE);
	assert_int_equal(say(&b, "again", NULL), APLOMB_OK);
	wait_for(&b, 29 * APL_MINUTE);
	assert_string_equal(told(&b), "01 00:00:00 resolve start 0m of 60m due 01:00:00\n");
	wait_for(&b, APL_MINUTE);
	assert_text_has(told(&b), "01 01:00:00 resolve breach 60m\n");
	book_close(&b);
}

static void regions_and_histories_count_as_one_stay(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    HEAD "clock 'any' { target = '1d', runs_in = { 'all.a.on', 'all.b.on' } }, clock 'part' { target = '1d', runs_in = 'all.a.on' },\n"
	         "state 'out' { on 'both' { to = 'all.past' } },\n"
	         "parallel 'all' { on 'end' { to = 'out' }, history 'past' { default = { 'a', 'b' }, deep = true },\n"
	         "  state 'a' { state 'on' { on 'wait' { to = 'off' } }, state 'off' { on 'go' { to = 'on' } } },\n"
	         "  state 'b' { state 'on' { on 'again' { to = 'off' } }, state 'off' {} } } }",
	    NULL);
	assert_int_equal(say(&b, "both", NULL), APLOMB_OK);
	wait_for(&b, APL_HOUR);
	assert_int_equal(say(&b, "wait", NULL), APLOMB_OK); /* a is off, b is on */
	wait_for(&b, APL_HOUR);
	assert_int_equal(say(&b, "again", NULL), APLOMB_OK); /* both are off */
	wait_for(&b, APL_HOUR);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, APL_HOUR);
	assert_int_equal(say(&b, "end", NULL), APLOMB_OK);
	wait_for(&b, APL_HOUR);
	assert_int_equal(say(&b, "both", NULL), APLOMB_OK); /* back to where it was: a is on */
	assert_string_equal(told(&b), "01 00:00:00 any start 0m of 1440m due 00:00:00\n"
	                              "01 00:00:00 part start 0m of 1440m due 00:00:00\n"
	                              "01 01:00:00 part stop 60m (+60m)\n"
	                              "01 02:00:00 any stop 120m (+120m)\n"
	                              "01 03:00:00 any start 120m of 1440m due 01:00:00\n"
	                              "01 03:00:00 part start 60m of 1440m due 02:00:00\n"
	                              "01 04:00:00 any stop 180m (+60m)\n"
	                              "01 04:00:00 part stop 120m (+60m)\n"
	                              "01 05:00:00 any start 180m of 1440m due 02:00:00\n"
	                              "01 05:00:00 part start 120m of 1440m due 03:00:00\n");
	book_close(&b);
}

static void what_is_reached_when_it_stops_is_still_told(void **state) {
	(void)state;
	book b = {0};
	/* The other timer of that instant was armed before the clock's, and leaves the state. */
	book_open(&b,
	    HEAD "clock 'resolve' { target = '1h', runs_in = 'ours', warn_at = '1h' }, state 'ours' { after '1h' { to = 'theirs' } },\n"
	         "state 'theirs' { on 'clock.resolve.breached' { act = 'data.n = 1' } } }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, APL_HOUR);
	assert_string_equal(told(&b), "01 00:00:00 resolve start 0m of 60m due 00:00:00\n"
	                              "01 00:00:00 resolve warn 0m due 01:00:00\n"
	                              "01 01:00:00 resolve stop 60m (+60m) due 01:00:00\n"
	                              "01 01:00:00 resolve breach 60m\n");
	assert_string_equal(data_of(&b), "{'n':1}");
	book_close(&b);
}

static void a_target_of_no_time_is_breached_at_once(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, HEAD "clock 'resolve' { target = '0s', runs_in = 'work.ours', warn_at = { 0.8, '5m', 0.5 } },\n" CHART, NULL);
	assert_int_equal(say(&b, "again", NULL), APLOMB_OK);
	/* All at once, in the order of warn_at, and the breach last. */
	assert_string_equal(told(&b), "01 00:00:00 resolve start 0m of 0m due 00:00:00\n"
	                              "01 00:00:00 resolve warn 0m due 00:00:00\n"
	                              "01 00:00:00 resolve warn 0m due 00:00:00\n"
	                              "01 00:00:00 resolve warn 0m due 00:00:00\n"
	                              "01 00:00:00 resolve breach 0m\n");
	book_close(&b);
}

static const char MOVED[] = HEAD
    "clock 'resolve' { target = '4h', runs_in = 'work.ours', warn_at = { 0.5, '1h' } },\n"
    "state 'work' { on 'end' { to = 'over' },\n"
    "  on 'go' { act = function(case, event) local c = case:clock('resolve') c:move(event.by, 'they asked') case.data.t = c.left end },\n"
    "  on 'again' { act = function(case) case:clock('resolve'):move({ by = '2h' }, 'more') end },\n"
    "  on 'both' { act = function(case) case:clock('resolve'):move({ to = '2026-01-01T10:00:00Z' }, 'until ten') end },\n"
    "  state 'ours' { on 'wait' { to = 'theirs' } }, state 'theirs' {} }, final 'over' {} }";

static void moving_keeps_what_was_consumed(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, MOVED, NULL);
	assert_int_equal(say(&b, "go", "{'by':'4h'}"), APLOMB_OK);
	wait_for(&b, 150 * APL_MINUTE); /* warned at half */
	assert_int_equal(say(&b, "again", NULL), APLOMB_OK);
	assert_text_has(line_of(&b),
	    "{'because':'more','clock':'resolve','deadline':'2026-01-01T06:00:00Z','do':'clock','due':'2026-01-01T03:00:00Z',"
	    "'elapsed_us':9000000000,'target':'6h','target_us':21600000000,'what':'move'}");
	wait_for(&b, APL_HOUR);                                    /* half of six hours lay ahead again */
	assert_int_equal(say(&b, "go", "{'by':'2h'}"), APLOMB_OK); /* less than is consumed */
	assert_string_equal(data_of(&b), "{'n':0,'t':'0s'}");
	assert_string_equal(told(&b), "01 00:00:00 resolve start 0m of 240m due 02:00:00\n"
	                              "01 00:00:00 resolve move 0m of 240m due 02:00:00\n"
	                              "01 02:00:00 resolve warn 120m due 03:00:00\n"
	                              "01 02:30:00 resolve move 150m of 360m due 03:00:00\n"
	                              "01 03:00:00 resolve warn 180m due 05:00:00\n"
	                              "01 03:30:00 resolve move 210m of 120m due 03:30:00\n"
	                              "01 03:30:00 resolve warn 210m due 03:30:00\n"
	                              "01 03:30:00 resolve breach 210m\n");
	/* More time again: what lies ahead is told when it is reached. */
	assert_int_equal(say(&b, "both", NULL), APLOMB_OK);
	wait_for(&b, 7 * APL_HOUR);
	assert_text_has(told(&b), "01 03:30:00 resolve move 210m of 600m due 05:00:00\n"
	                          "01 05:00:00 resolve warn 300m due 09:00:00\n"
	                          "01 09:00:00 resolve warn 540m due 10:00:00\n"
	                          "01 10:00:00 resolve breach 600m\n");
	book_close(&b);
}

static void moved_while_it_is_paused_it_is_breached_at_once_or_not(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, MOVED, NULL);
	assert_int_equal(say(&b, "go", "{'by':'4h'}"), APLOMB_OK);
	wait_for(&b, 90 * APL_MINUTE);
	assert_int_equal(say(&b, "wait", NULL), APLOMB_OK);
	assert_int_equal(say(&b, "go", "{'by':'1h'}"), APLOMB_OK);
	assert_text_has(told(&b), "01 01:30:00 resolve stop 90m (+90m)\n"
	                          "01 01:30:00 resolve move 90m of 60m due 01:30:00\n"
	                          "01 01:30:00 resolve warn 90m due 01:30:00\n"
	                          "01 01:30:00 resolve warn 90m due 01:30:00\n"
	                          "01 01:30:00 resolve breach 90m\n");
	wait_for(&b, APL_DAY);
	assert_int_equal(say(&b, "go", "{'by':'2h'}"), APLOMB_OK);
	assert_text_has(line_of(&b), "'elapsed_us':5400000000,'target':'2h','target_us':7200000000,'what':'move'}");
	book_close(&b);
}

static void a_move_says_why_and_is_counted_alike(void **state) {
	(void)state;
	static const struct {
		const char *call, *mistake;
	} cases[] = {
	    {"move('1h')", "missing-because: clock: move needs a reason for people: the last argument is because, found nothing"},
	    {"move('1h', '')", "missing-because: clock \"resolve\": move needs a reason for people: the last argument is because"},
	    {"move('1 business hour', 'x')",
	        "mixed-time: clock \"resolve\": this span is business time, and the clock counts clock time; they are not mixed"},
	    {"move({ about = '1h' }, 'x')", "unknown-field: clock: move takes a span, { by = span } or { to = instant }, and says why"},
	    {"move({ by = '1h', to = 0 }, 'x')", "wrong-type: clock: move takes a span, { by = span } or { to = instant }, and says why"},
	    {"move(-1, 'x')", "span: clock: move: the target: a span is not negative"},
	    {"restart()", "missing-because: clock: restart needs a reason for people: the last argument is because, found nothing"},
	    {"stop()", "unknown-field: a clock has no field \"stop\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char source[1024], expected[256];
		snprintf(source, sizeof source,
		    HEAD "calendar 'all' { zone = 'UTC', week = { ['mon-sun'] = '00:00-24:00' } },\n"
		         "clock 'resolve' { target = '1h', runs_in = 's' },\n"
		         "state 's' { on 'go' { act = function(case) case:clock('resolve'):%s end } } }",
		    cases[i].call);
		book b = {0};
		book_open(&b, source, NULL);
		assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
		snprintf(expected, sizeof expected, "5 %s", cases[i].mistake);
		assert_string_equal(mistake_of(&b), expected);
		/* Nothing of it happened. */
		assert_string_equal(told(&b), "01 00:00:00 resolve start 0m of 60m due 01:00:00\n");
		book_close(&b);
	}
}

static void moved_before_it_began_it_begins_with_that_target(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    HEAD "clock 'resolve' { target = function(case) return case.data.t end, runs_in = 's' },\n"
	         "state 'first' { on 'wait' { act = function(case) local c = case:clock('resolve')\n"
	         "   case.data.said = tostring(c.elapsed) .. ' ' .. tostring(c.target) .. ' ' .. tostring(c.is_running)\n"
	         "   c:move('2h', 'gold') case.data.t = c.target end },\n"
	         "  on 'again' { act = function(case) case:clock('resolve'):move({ by = '1h' }, 'x') end }, on 'go' { to = 's' } },\n"
	         "state 's' {} }",
	    NULL);
	assert_int_equal(say(&b, "again", NULL), APLOMB_OK);
	assert_text_has(mistake_of(&b), "clock-not-begun: clock \"resolve\" has not begun to run");
	assert_int_equal(say(&b, "wait", NULL), APLOMB_OK);
	assert_string_equal(data_of(&b), "{'n':0,'said':'nil nil false','t':'2h'}");
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_string_equal(told(&b), "01 00:00:00 resolve move\n"
	                              "01 00:00:00 resolve start 0m of 120m due 02:00:00\n");
	book_close(&b);
}

static void restarted_it_forgets_and_asks_anew(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    HEAD "clock 'reply' { target = from 'data.t', runs_in = 's', warn_at = 0.5 },\n"
	         "entry(function(case) case.data.t = '1h' end),\n"
	         "state 's' { on 'again' { act = function(case) case:clock('reply'):restart('they wrote again') case.data.t = '2h' end } } }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, 45 * APL_MINUTE);
	assert_int_equal(say(&b, "again", NULL), APLOMB_OK);
	wait_for(&b, 3 * APL_HOUR);
	assert_string_equal(told(&b), "01 00:00:00 reply start 0m of 60m due 00:30:00\n"
	                              "01 00:30:00 reply warn 30m due 01:00:00\n"
	                              "01 00:45:00 reply restart (+45m)\n"
	                              "01 00:45:00 reply start 0m of 120m due 01:45:00\n"
	                              "01 01:45:00 reply warn 60m due 02:45:00\n"
	                              "01 02:45:00 reply breach 120m\n");
	book_close(&b);
}

static void a_target_that_cannot_be_had_is_a_mistake_of_the_playbook(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    HEAD
	    "clock 'resolve' { target = from 'data.t', runs_in = 's' },\n"
	    "state 's' { on 'error.execution' { to = 's', act = 'data.n = data.n + 1' }, on 'go' { to = 's', act = 'data.t = event.by' } } }",
	    NULL);
	/* Its error leads into the state again, and the target is not asked again in that step. */
	assert_int_equal(say(&b, "wait", NULL), APLOMB_OK);
	assert_string_equal(data_of(&b), "{'n':1}");
	assert_text_has(apl_buf_terminate(&b.lines), "data.t is missing, so this clock has no target");
	assert_string_equal(told(&b), "");
	assert_int_equal(say(&b, "go", "{'by':'3h'}"), APLOMB_OK);
	assert_string_equal(told(&b), "01 00:00:00 resolve start 0m of 180m due 03:00:00\n");
	book_close(&b);
}

/* 1 January 2026 is a Thursday. */
#define SUPPORT "calendar 'support' { zone = 'Europe/London', week = { ['mon-fri'] = '08:00-17:00' }, holidays = { '2026-01-01' } },\n"

/* What warns comes from wherever a span may come from, and is asked for once, with the target. */
static void when_to_warn_may_be_asked_for(void **state) {
	(void)state;
	book b = {.params = "{\"early\":\"50m\"}"};
	book_open(&b,
	    "return playbook 'p' { params = { early = span { default = '1h' } }, data = { part = number { default = 0.5 } },\n"
	    "event 'go' {}, event 'again' {}, event 'set' { part = number {} },\n"
	    "clock 'resolve' { target = '1h', runs_in = 'all.ours', warn_at = { from 'params.early', from 'data.part / 2', function(case)\n"
	    "  return case.data.part == 0.5 and '10m' or 0.9 end, '1m' } },\n"
	    "state 'all' { on 'set' { act = 'data.part = event.part' }, on 'again' { act = function(case) "
	    "case:clock('resolve'):restart('anew') end },\n"
	    "  state 'theirs' { on 'go' { to = 'ours' } }, state 'ours' { on 'go' { to = 'theirs' } } } }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_text_has(line_of(&b), "'target':'1h','target_us':3600000000,'warn_at':['50m',0.25,'10m','1m'],'what':'start'}");
	assert_int_equal(say(&b, "set", "{'part':0.125}"), APLOMB_OK);
	wait_for(&b, APL_HOUR);
	assert_string_equal(told(&b), "01 00:00:00 resolve start 0m of 60m due 00:10:00\n"
	                              "01 00:10:00 resolve warn 10m due 00:15:00\n"
	                              "01 00:15:00 resolve warn 15m due 00:50:00\n"
	                              "01 00:50:00 resolve warn 50m due 00:59:00\n"
	                              "01 00:59:00 resolve warn 59m due 01:00:00\n"
	                              "01 01:00:00 resolve breach 60m\n");
	/* Whoever restarts it asks anew. */
	assert_int_equal(say(&b, "again", NULL), APLOMB_OK);
	assert_text_has(line_of(&b), "'warn_at':['50m',0.0625,0.9,'1m'],'what':'start'}");
	wait_for(&b, 4 * APL_MINUTE);
	assert_text_has(line_of(&b), "'fraction':0.0625,'what':'warn'}");
	book_close(&b);
}

static void what_cannot_warn_is_a_mistake_of_the_playbook(void **state) {
	(void)state;
	static const struct {
		const char *target, *warn_at, *mistake;
	} cases[] = {
	    {"'1h'", "function() end", "3 wrong-type: what warn_at answers must be a span, \"10m\" or microseconds, found nothing"},
	    {"'1h'", "function() return 1.5 end",
	        "3 bad-warning: warn_at comes to 1.5; a fraction of the target is more than 0 and less than 1, and at the target it is "
	        "breached"},
	    {"'1h'", "from 'data.share'",
	        "3 bad-warning: warn_at comes to 1; a fraction of the target is more than 0 and less than 1, and at the target it is breached"},
	    {"'1h'", "function() return '2 business hours' end",
	        "3 mixed-time: clock \"c\": a span of warn_at is business time, and the clock counts clock time; they are not mixed"},
	    {"'4 business hours'", "from 'params.early'",
	        "3 mixed-time: clock \"c\": a span of warn_at is clock time, and the clock counts business time; they are not mixed"},
	    {"'4 business hours'", "function() return '1 business day' end",
	        "3 bad-warning: clock \"c\": business days before the target may be any time of that day; say it in business hours, or as a "
	        "fraction"},
	    {"'1h'", "from 'data.missing'", "3 missing-field: data.missing is missing, so this warning has no time"},
	    {"'1h'", "function() error('no') end", "3 error-execution: no"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		book b = {0};
		char source[1024];
		snprintf(source, sizeof source,
		    "return playbook 'p' { params = { early = span { default = '1h' } }, data = { share = number { default = 1.0 }, missing = span "
		    "{} },\n"
		    "calendar 'uk' { zone = 'Europe/London', week = { ['mon-fri'] = '08:00-17:00' } }, event 'go' {},\n"
		    "clock 'c' { target = %s, runs_in = 's', warn_at = { 0.5, %s } },\nstate 'out' { on 'go' { to = 's' } }, state 's' {} }",
		    cases[i].target, cases[i].warn_at);
		book_open(&b, source, NULL);
		assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
		assert_string_equal(mistake_of(&b), cases[i].mistake);
		wait_for(&b, APL_HOUR);
		assert_string_equal(told(&b), ""); /* it does not run */
		book_close(&b);
	}
}

static void business_time_is_open_time(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    HEAD SUPPORT
	    "clock 'resolve' { target = '4 business hours', runs_in = 'work.ours', warn_at = { 0.5, '1 business hour' } },\n" CHART,
	    NULL);
	assert_int_equal(say(&b, "again", NULL), APLOMB_OK); /* on a holiday */
	wait_for(&b, 40 * APL_HOUR);                         /* Friday 16:00 */
	assert_int_equal(say(&b, "wait", NULL), APLOMB_OK);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, 8 * APL_DAY);
	assert_string_equal(told(&b), "01 00:00:00 resolve start 0m of 240m due 10:00:00\n"
	                              "02 10:00:00 resolve warn 120m due 11:00:00\n"
	                              "02 11:00:00 resolve warn 180m due 12:00:00\n"
	                              "02 12:00:00 resolve breach 240m\n"
	                              "02 16:00:00 resolve stop 480m (+480m)\n"
	                              "02 16:00:00 resolve start 480m of 240m\n");
	book_close(&b);
}

static void four_hours_from_friday_at_four_are_over_on_monday_at_eleven(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    HEAD SUPPORT "clock 'resolve' { target = '4 business hours', runs_in = 'work.ours' },\n"
	                 "state 'work' { state 'first' { on 'go' { to = 'ours' } }, state 'ours' {} } }",
	    NULL);
	assert_int_equal(say(&b, "wait", NULL), APLOMB_OK);
	wait_for(&b, 40 * APL_HOUR);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_text_has(line_of(&b), "'deadline':'2026-01-05T11:00:00Z'");
	wait_for(&b, 4 * APL_DAY);
	assert_text_has(told(&b), "05 11:00:00 resolve breach 240m\n");
	book_close(&b);
}

static void business_days_become_open_time_when_it_begins(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, HEAD SUPPORT "clock 'resolve' { target = '2 business days', runs_in = 'work.ours' },\n" CHART, NULL);
	assert_int_equal(say(&b, "wait", NULL), APLOMB_OK);
	wait_for(&b, 38 * APL_HOUR); /* Friday 14:00 */
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	/* It began on the holiday, so two business days are Friday's and Monday's opening, and the target is what lies between. */
	assert_text_has(told(&b), "01 00:00:00 resolve start 0m of 1080m due 17:00:00\n");
	assert_text_has(line_of(&b), "'target':'2 business days','target_us':64800000000,'what':'start'}");
	wait_for(&b, 7 * APL_DAY);
	assert_text_has(told(&b), "06 14:00:00 resolve breach 1080m\n");
	book_close(&b);
}

static void where_clocks_are_put_on_an_hour_that_never_was_is_not_counted(void **state) {
	(void)state;
	book b = {0};
	/* London, 29 March 2026: 01:00 becomes 02:00. */
	book_open(&b,
	    HEAD "calendar 'night' { zone = 'Europe/London', week = { sun = '00:00-08:00' } },\n"
	         "clock 'open' { target = '7 business hours', runs_in = 's' }, clock 'plain' { target = '7h', runs_in = 's' },\n"
	         "state 'before' { at '2026-03-29T00:00:00Z' { to = 's' } }, state 's' {} }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, 88 * APL_DAY);
	assert_text_has(told(&b), "29 07:00:00 open breach 420m\n29 07:00:00 plain breach 420m\n");
	book_close(&b);
}

static void a_calendar_that_is_hardly_ever_open_has_no_deadline(void **state) {
	(void)state;
	book b = {0};
	/* A minute a week: there are not so many weeks until 2299. */
	book_open(&b,
	    HEAD "calendar 'gone' { zone = 'UTC', week = { mon = '08:00-08:01' } },\n"
	         "clock 'resolve' { target = '4000 business hours', runs_in = 's', warn_at = '4000 business hours' },\n"
	         "state 's' { on 'error.execution' { act = 'data.n = data.n + 1' }, on 'end' { to = 'over' } }, final 'over' {} }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	assert_string_equal(data_of(&b), "{'n':1}");
	assert_text_has(apl_buf_terminate(&b.lines), "calendar-range");
	wait_for(&b, 30 * APL_DAY);
	assert_int_equal(say(&b, "end", NULL), APLOMB_OK);
	assert_string_equal(told(&b), "01 00:00:00 resolve start 0m of 240000m due 00:00:00\n"
	                              "01 00:00:00 resolve warn 0m\n"
	                              "31 00:00:00 resolve end 4m (+4m)\n");
	book_close(&b);
}

static void its_events_carry_what_there_is_to_say(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    HEAD SUPPORT "clock 'resolve' { target = '5 business hours', runs_in = 's', warn_at = { 0.33, '90 business minutes' } },\n"
	                 "state 's' { on 'clock.resolve' { { when = \"event.name == 'clock.resolve.warning' and event.fraction == 0.33\",\n"
	                 "   act = function(case, event) case.data.said = event.elapsed .. ', ' .. event.left .. ', ' .. event.target end },\n"
	                 "  { when = \"event.left <= '90 business minutes'\", act = function(case, event) case.data.said = event.before .. ' ' "
	                 ".. event.left end },\n"
	                 "  { when = \"is_breached('resolve') and deadline('resolve') == case.now\", to = 'late' } } }, state 'late' {} }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, 34 * APL_HOUR);
	/* Business time is told in whole minutes: what is counted rounded down, what is left rounded up. */
	assert_string_equal(data_of(&b), "{'n':0,'said':'99 business minutes, 201 business minutes, 5 business hours'}");
	wait_for(&b, 2 * APL_HOUR);
	assert_string_equal(data_of(&b), "{'n':0,'said':'90 business minutes 90 business minutes'}");
	assert_text_has(apl_buf_terminate(&b.lines),
	    "\"cause\":{\"armed_seq\":3,\"clock\":\"resolve\",\"data\":{\"before\":\"90 business "
	    "minutes\",\"deadline\":\"2026-01-02T13:00:00Z\","
	    "\"elapsed\":\"210 business minutes\",\"left\":\"90 business minutes\",\"target\":\"5 business hours\"},"
	    "\"event\":\"clock.resolve.warning\"}");
	wait_for(&b, APL_DAY);
	assert_string_equal(states_of(&b), "late");
	book_close(&b);
}

static void nobody_else_may_say_what_a_clock_says(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, HEAD "clock 'resolve' { target = '1h', runs_in = 'work.ours' },\n" CHART, NULL);
	assert_int_equal(say(&b, "again", NULL), APLOMB_OK);
	assert_int_equal(say(&b, "clock.resolve.breached", NULL), APLOMB_EREFUSED);
	assert_string_equal(b.error.slug, "unknown-event");
	book_close(&b);
}

static void what_nobody_hears_is_told_all_the_same(void **state) {
	(void)state;
	book b = {0};
	book_open(&b, HEAD "clock 'resolve' { target = '1h', runs_in = 'work.ours' },\n" CHART, NULL);
	assert_int_equal(say(&b, "again", NULL), APLOMB_OK);
	wait_for(&b, APL_HOUR);
	assert_text_has(line_of(&b),
	    "'items':[{'clock':'resolve','deadline':'2026-01-01T01:00:00Z','do':'clock','elapsed_us':3600000000,'what':'breach'}],");
	book_close(&b);
}

static void what_breaks_a_limit_is_not_told_of_either(void **state) {
	(void)state;
	book b = {0};
	book_open(&b,
	    HEAD "clock 'resolve' { target = '1h', runs_in = 's' },\n"
	         "state 's' { on 'clock.resolve.breached' { act = function() while true do end end } } }",
	    NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, APL_HOUR);
	assert_text_has(line_of(&b), "'kind':'faulted'");
	assert_string_equal(told(&b), "01 00:00:00 resolve start 0m of 60m due 01:00:00\n");
	book_close(&b);
}

static void what_restarts_itself_without_time_comes_to_a_limit(void **state) {
	(void)state;
	const aplomb_limits limits = {.size = sizeof limits, .own_steps = 20};
	book b = {0};
	book_open(&b,
	    HEAD "clock 'resolve' { target = '0s', runs_in = 's' },\n"
	         "state 's' { on 'clock.resolve.breached' { act = function(case) case:clock('resolve'):restart('again') end } } }",
	    &limits);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, 0);
	assert_text_has(line_of(&b), "'kind':'faulted'");
	assert_text_has(line_of(&b), "what it tells would be the case's timer or event of its own after 20 in one hour");
	book_close(&b);
}

static void its_declaration_is_checked(void **state) {
	(void)state;
#define CLOCK(fields) "return playbook 'p' {\nevent 'go' {}, state 's' { on 'go' {} }, state 'other' {},\nclock 'resolve' { " fields " } }"
	static const struct {
		const char *source, *found;
	} cases[] = {
	    {CLOCK("target = '1h', runs_in = { 's', 'othr' }"),
	        "3 unknown-state: clock \"resolve\": runs_in: there is no state \"othr\"; did you mean \"other\"?\n"},
	    {CLOCK("target = '4 business hours', runs_in = 's'"), "3 no-calendar: clock \"resolve\": target: \"4 business hours\" is business "
	                                                          "time, and the playbook has no calendar to count it by; declare "
	                                                          "calendar \"id\" { zone = …, week = … }\n"},
	    {CLOCK("runs_in = 's'"), "3 missing-field: clock \"resolve\" needs the field \"target\": How much time there is: a span, or what "
	                             "answers one when the clock first runs.\n"},
	    {CLOCK("target = '1h'"), "3 missing-field: clock \"resolve\" needs the field \"runs_in\": The states in which it runs; elsewhere "
	                             "it pauses, and keeps what it has counted.\n"},
	    {CLOCK("target = '1h', runs_in = 's', warn_at = { 1 }"),
	        "3 bad-warning: clock \"resolve\": warn_at holds 1; a fraction of the target is more than 0 and less than 1, and at the target "
	        "it is breached\n"},
	    {CLOCK("target = '1h', runs_in = 's', warn_at = '1 business hour'"),
	        "3 mixed-time: clock \"resolve\": \"1 business hour\" is business time, and the target is clock time; they are not mixed\n"},
	    {CLOCK("target = '1h', runs_in = 's', warn_at = {}"),
	        "3 bad-warning: clock \"resolve\": warn_at is a list of fractions and spans, as in { 0.5, 0.8 }\n"},
	    {CLOCK("target = '1h', runs_in = 's', warn_at = { true }"), "3 wrong-kind: clock \"resolve\": warn_at holds fractions of the "
	                                                                "target, as in 0.8, spans before it, as in \"1h\", from \"…\" and "
	                                                                "functions; found a boolean\n"},
	    {CLOCK("target = '1h', runs_in = 's', warn_at = { string.rep }"),
	        "3 wrong-kind: clock \"resolve\": warn_at holds fractions of the target, as in 0.8, spans before it, as in \"1h\", from \"…\" "
	        "and "
	        "functions; found a function\n"},
	    {CLOCK("target = '1h', runs_in = 's', warn_at = { 0.5, when = 's' }"),
	        "3 bad-warning: clock \"resolve\": warn_at is a list of fractions and spans, as in { 0.5, 0.8 }\n"},
	    {CLOCK("target = '1h', runs_in = 's', warn_at = { from 'params.x' }"),
	        "3 unknown-field: from \"params.x\": there is no such field\n"},
	    {CLOCK("target = '1h', runs_in = 's', warn_at = from 'data.t' }, data = { t = text {}"),
	        "3 bad-from: from \"data.t\" is text where a span or a fraction is needed\n"},
	    {CLOCK("target = '1h', runs_in = 's', warn_at = from 'data.n // 2' }, data = { n = integer {}"),
	        "2 (warning) unreachable-state: state \"other\": nothing ever enters it: no transition, initial or default leads here\n"
	        "3 bad-from: from \"data.n // 2\" comes to integer where a span or a fraction is needed\n"},
	    {CLOCK("target = '1h', runs_in = 's' }, clock 'resolve' { target = '2h', runs_in = 's'"),
	        "3 duplicate-clock: clock \"resolve\" is declared already, in line 3\n"},
	    {CLOCK("target = '1h', runs_in = 's' }, event 'clock.resolve.warning' {"),
	        "3 bad-event-name: event \"clock.resolve.warning\": it is there with the clock \"resolve\", and is declared by nobody else\n"},
	    {CLOCK("target = '1h', runs_in = 's' }, state 'x' { on 'clock.resolv.warning' {}, on 'go' { when = \"left('resolved') < '1h'\" }"),
	        "3 unknown-event: state \"x\": event \"clock.resolv.warning\" is not declared; did you mean \"clock.resolve.warning\"?\n"
	        "3 unknown-clock: on \"go\": when: there is no clock \"resolved\"; did you mean \"resolve\"?\n"},
	    {"return playbook 'p' { event 'go' {}, clock 'resolve' { target = '1h', runs_in = 's' },\nstate 's' {\n"
	     "on 'go' { act = function(case) case:clock('reslove'):restart('x') end } } }",
	        "3 unknown-clock: case:clock: there is no clock \"reslove\"; did you mean \"resolve\"?\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (strcmp(findings_of(cases[i].source), cases[i].found) == 0) continue;
		print_error("%s\nsays     %sexpected %s", cases[i].source, findings_of(cases[i].source), cases[i].found);
		fail();
	}
}

static void a_playbook_has_only_so_many_clocks(void **state) {
	(void)state;
	static const char make[] = "local all = {} for i = 1, %d do all[i] = clock('c' .. i) { target = '1h', runs_in = 's' } end\n"
	                           "return playbook 'p' { event 'go' {}, group(all), state 's' { on 'go' {} } }";
	char source[512];
	snprintf(source, sizeof source, make, 64);
	book b = {0};
	book_open(&b, source, NULL);
	assert_int_equal(say(&b, "go", NULL), APLOMB_OK);
	wait_for(&b, APL_HOUR);
	assert_text_has(told(&b), "01 01:00:00 c64 breach 60m\n");
	book_close(&b);
	snprintf(source, sizeof source, make, 65);
	assert_text_has(findings_of(source), "limit-clocks: clock \"c65\": a playbook has at most 64 clocks");
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_clock_pauses_and_keeps_what_it_has_counted),
	    cmocka_unit_test(states_entered_again_within_a_step_leave_no_trace),
	    cmocka_unit_test(regions_and_histories_count_as_one_stay),
	    cmocka_unit_test(what_is_reached_when_it_stops_is_still_told),
	    cmocka_unit_test(a_target_of_no_time_is_breached_at_once),
	    cmocka_unit_test(moving_keeps_what_was_consumed),
	    cmocka_unit_test(moved_while_it_is_paused_it_is_breached_at_once_or_not),
	    cmocka_unit_test(a_move_says_why_and_is_counted_alike),
	    cmocka_unit_test(moved_before_it_began_it_begins_with_that_target),
	    cmocka_unit_test(restarted_it_forgets_and_asks_anew),
	    cmocka_unit_test(a_target_that_cannot_be_had_is_a_mistake_of_the_playbook),
	    cmocka_unit_test(when_to_warn_may_be_asked_for),
	    cmocka_unit_test(what_cannot_warn_is_a_mistake_of_the_playbook),
	    cmocka_unit_test(business_time_is_open_time),
	    cmocka_unit_test(four_hours_from_friday_at_four_are_over_on_monday_at_eleven),
	    cmocka_unit_test(business_days_become_open_time_when_it_begins),
	    cmocka_unit_test(where_clocks_are_put_on_an_hour_that_never_was_is_not_counted),
	    cmocka_unit_test(a_calendar_that_is_hardly_ever_open_has_no_deadline),
	    cmocka_unit_test(its_events_carry_what_there_is_to_say),
	    cmocka_unit_test(nobody_else_may_say_what_a_clock_says),
	    cmocka_unit_test(what_nobody_hears_is_told_all_the_same),
	    cmocka_unit_test(what_breaks_a_limit_is_not_told_of_either),
	    cmocka_unit_test(what_restarts_itself_without_time_comes_to_a_limit),
	    cmocka_unit_test(its_declaration_is_checked),
	    cmocka_unit_test(a_playbook_has_only_so_many_clocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
