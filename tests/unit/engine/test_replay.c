/* SPDX-License-Identifier: MIT */
/* Recorded lines are stepped again, and a case goes back to where it was. */
#include <stdlib.h>
#include <string.h>

#include "../test_cmocka.h"
#include "../test_rounds.h"
#include "engine/inside.h"
#include "random_program.h"
#include "time/instant.h"

/* ---- telling lines ---------------------------------------------------------------- */

/* The lines of a journal, each with its newline; [whole] is what they lie in. */
typedef struct lines {
	const char **at;
	size_t *size; /* without the newline */
	uint32_t count;
} lines;

static lines lines_in(const apl_buf *whole) {
	lines l = {NULL, NULL, 0};
	for (size_t i = 0; i < whole->size; i++) l.count += whole->bytes[i] == '\n';
	l.at = calloc(l.count + 1, sizeof *l.at);
	l.size = calloc(l.count + 1, sizeof *l.size);
	const char *at = whole->bytes;
	for (uint32_t i = 0; i < l.count; i++) {
		l.at[i] = at;
		l.size[i] = (size_t)(strchr(at, '\n') - at);
		at += l.size[i] + 1;
	}
	return l;
}

static void free_lines(lines *l) {
	free(l->at);
	free(l->size);
}

/* The case's id as the line has it, in a static buffer. */
static const char *case_in(const char *line) {
	static char id[64];
	const char *at = strstr(line, "\"case\":\"") + 8;
	size_t size = 0;
	while (at[size] != '"' || at[size - 1] == '\\') size++;
	size_t n = 0;
	for (size_t i = 0; i < size; i++)
		if (at[i] != '\\') id[n++] = at[i];
	id[n] = '\0';
	return id;
}

static aplomb_error replay_error;

static int replay(world *w, const char *line, size_t size, aplomb_replayed *out) {
	aplomb_replayed own = APLOMB_REPLAYED_INIT;
	return apl_engine_replay(w->engine, NULL, line, size, out != NULL ? out : &own, &replay_error);
}

/* The same line comes out. */
static void replay_same(world *w, const lines *l, uint32_t n) {
	aplomb_replayed out = APLOMB_REPLAYED_INIT;
	if (replay(w, l->at[n], l->size[n], &out))
		fail_msg("line %u: %s: %s\n%.*s", n, replay_error.slug, replay_error.message, (int)l->size[n], l->at[n]);
	if (!out.same) fail_msg("line %u: %s is another one:\n%.*s\n%s", n, out.differs, (int)l->size[n], l->at[n], out.text);
	assert_int_equal(out.text_size, l->size[n]);
	assert_null(out.differs);
	assert_string_equal(out.case_id, case_in(l->at[n]));
}

/* ---- recorded histories -------------------------------------------------------------- */

typedef int (*test_act)(world *w, scenario *s);

static void record(world *w, const test_program *spec, test_act what, uint64_t seed, uint32_t rounds, const world_options *options) {
	assert_true(world_open(w, spec, options));
	scenario s = {.random = seed};
	for (uint32_t round = 0; round < rounds; round++) {
		for (uint32_t i = 0; i < 5; i++) what(w, &s);
		/* Bounded: a case that always sends itself something is never quiet. */
		for (uint32_t i = 0; i < 20; i++) assert_int_equal(apl_engine_pump(w->engine, 0, NULL, NULL), APLOMB_OK);
	}
	apl_buf_terminate(&w->lines);
}

static void same_cases(world *one, world *other) {
	for (apl_case *c = one->engine->first_case; c != NULL; c = c->next) {
		if (c->seq == 0) continue;
		assert_string_equal(snapshot_of(one, apl_case_id(c), true), snapshot_of(other, apl_case_id(c), true));
	}
}

/* Every line gives itself, and in the end every case is what it was. */
static uint32_t whole_way(const test_program *spec, test_act what, uint64_t seed, const world_options *options) {
	world was = {0}, again = {0};
	record(&was, spec, what, seed, 20, options);
	world_options rehearsal = *options;
	rehearsal.rehearses = true;
	assert_true(world_open(&again, spec, &rehearsal));
	lines l = lines_in(&was.lines);
	for (uint32_t i = 0; i < l.count; i++) replay_same(&again, &l, i);
	assert_int_equal(again.lines.size, was.lines.size);
	assert_memory_equal(again.lines.bytes, was.lines.bytes, was.lines.size);
	same_cases(&was, &again);
	assert_int_equal(again.effects.size, 0);
	assert_null(again.engine->sent.waiting.first);
	uint32_t count = l.count;
	free_lines(&l);
	world_end(&was);
	world_end(&again);
	return count;
}

static const aplomb_limits small_limits = {.size = sizeof small_limits, .microsteps = 60, .internal_events = 60, .timers = 20};
static const world_options plain_options = {.log_level = APLOMB_LOG_ERROR};
static const world_options random_options = {.limits = &small_limits, .log_level = APLOMB_LOG_ERROR};

static bool has_chart(void) {
	apl_chart *chart = random_one();
	if (chart == NULL) return false;
	apl_chart_free(chart);
	return true;
}

static void a_replayed_journal_is_the_same_journal(void **state_) {
	(void)state_;
	uint32_t most = APL_ROUNDS(40, 2), count = 0;
	for (uint64_t seed = 1; seed <= most; seed++) count += whole_way(&desk, act, seed, &plain_options);
	for (chart_seed = 1; chart_seed <= most * 2; chart_seed++) {
		if (has_chart()) count += whole_way(&random_program, act_randomly, chart_seed, &random_options);
	}
	print_message("%u lines\n", count);
}

/* ---- moments ------------------------------------------------------------------------- */

enum { MOST_MOMENTS = 64 };

typedef struct kept {
	aplomb_moment *moment;
	uint32_t line;
	char *snapshot;
} kept;

static char *copy(const char *text) {
	size_t size = strlen(text) + 1;
	char *made = malloc(size);
	memcpy(made, text, size);
	return made;
}

/* The case goes to moments in any order, on from there by its lines, and is always what it was there. */
static uint32_t back_and_forth(const test_program *spec, test_act what, uint64_t seed, const char *id, const world_options *options) {
	world was = {0}, again = {0};
	record(&was, spec, what, seed, 20, options);
	world_options rehearsal = *options;
	rehearsal.rehearses = rehearsal.forget = true;
	assert_true(world_open(&again, spec, &rehearsal));
	lines all = lines_in(&was.lines), l = {calloc(all.count, sizeof *l.at), calloc(all.count, sizeof *l.size), 0};
	for (uint32_t i = 0; i < all.count; i++) {
		if (strcmp(case_in(all.at[i]), id) != 0) continue;
		l.at[l.count] = all.at[i];
		l.size[l.count++] = all.size[i];
	}
	kept moments[MOST_MOMENTS];
	uint32_t n = 0, jumps = 0;
	uint64_t random = seed;
	for (uint32_t i = 0; i < l.count; i++) {
		replay_same(&again, &l, i);
		if (i == 0 || n == MOST_MOMENTS || (apl_random_next(&random) % 4 != 0 && i + 1 < l.count)) continue;
		moments[n].line = i;
		assert_int_equal(apl_moment_keep(again.engine, case_of(&again, id), &moments[n].moment, NULL), APLOMB_OK);
		moments[n++].snapshot = copy(snapshot_of(&again, id, false));
	}
	for (uint32_t i = 0; i < 2 * n; i++, jumps++) {
		const kept *to = &moments[apl_random_next(&random) % n];
		aplomb_error error;
		if (i % 5 == 4) assert_true(apl_engine_forget(again.engine, id, strlen(id)));
		if (apl_moment_return(again.engine, to->moment, &error)) fail_msg("%s", error.message);
		assert_string_equal(snapshot_of(&again, id, false), to->snapshot);
		uint32_t until = to->line + 1 + (uint32_t)(apl_random_next(&random) % 12);
		for (uint32_t line = to->line + 1; line < l.count && line < until; line++) {
			replay_same(&again, &l, line);
			for (uint32_t k = 0; k < n; k++) {
				if (moments[k].line == line) assert_string_equal(snapshot_of(&again, id, false), moments[k].snapshot);
			}
		}
	}
	for (uint32_t k = 0; k < n; k++) {
		apl_moment_free(moments[k].moment);
		free(moments[k].snapshot);
	}
	free_lines(&all);
	free_lines(&l);
	world_end(&was);
	world_end(&again);
	return jumps;
}

static void a_case_goes_back_to_moments_and_on_by_its_lines(void **state_) {
	(void)state_;
	uint32_t most = APL_ROUNDS(20, 2), jumps = 0;
	for (uint64_t seed = 1; seed <= most; seed++) {
		jumps += back_and_forth(&desk, act, seed, "a", &plain_options);
		jumps += back_and_forth(&desk, act, seed, "the \"fourth\"", &plain_options);
	}
	for (chart_seed = 1; chart_seed <= most; chart_seed++) {
		if (has_chart()) jumps += back_and_forth(&random_program, act_randomly, chart_seed, "a", &random_options);
	}
	print_message("%u jumps\n", jumps);
}

/* A snapshot at any entry, in another runtime, and the lines behind it. */
static void a_snapshot_and_the_rest_of_the_lines_give_the_same(void **state_) {
	(void)state_;
	uint32_t most = APL_ROUNDS(6, 1);
	world_options rehearsal = plain_options;
	rehearsal.rehearses = rehearsal.forget = true;
	for (uint64_t seed = 1; seed <= most; seed++) {
		world was = {0}, first = {0};
		record(&was, &desk, act, seed, 12, &plain_options);
		assert_true(world_open(&first, &desk, &rehearsal));
		lines l = lines_in(&was.lines);
		for (uint32_t i = 0; i < l.count; i++) {
			replay_same(&first, &l, i);
			char id[64];
			snprintf(id, sizeof id, "%s", case_in(l.at[i]));
			if (case_of(&first, id) == NULL || i % 7 != 0) continue;
			world other = {0};
			assert_true(world_open(&other, &desk, &rehearsal));
			char *snapshot = copy(snapshot_of(&first, id, false));
			assert_int_equal(apl_engine_restore(other.engine, snapshot, strlen(snapshot), NULL), APLOMB_OK);
			assert_string_equal(snapshot_of(&other, id, false), snapshot);
			free(snapshot);
			for (uint32_t k = i + 1; k < l.count; k++) {
				if (strcmp(case_in(l.at[k]), id) == 0) replay_same(&other, &l, k);
			}
			assert_string_equal(snapshot_of(&other, id, true), snapshot_of(&was, id, true));
			world_end(&other);
		}
		free_lines(&l);
		world_end(&first);
		world_end(&was);
	}
}

static void a_moment_is_returned_to_with_its_time_and_waiting_events_are_dropped(void **state_) {
	(void)state_;
	world w = {0};
	const world_options options = {.rehearses = true, .time_follows_events = true};
	assert_true(world_open(&w, &desk, &options));
	happen(&w, "a", "agent.message", 0, NULL);
	aplomb_moment *moment;
	assert_int_equal(apl_moment_keep(w.engine, case_of(&w, "a"), &moment, NULL), APLOMB_OK);
	assert_true(apl_moment_size(moment) > 0);
	happen(&w, "a", "customer.message", APL_HOUR, NULL);
	assert_int_equal(post(&w, "a", "pause", 2 * APL_HOUR, NULL), APLOMB_OK);
	assert_int_equal(apl_moment_return(w.engine, moment, NULL), APLOMB_OK);
	assert_true(w.clock.now == NEW_YEAR);
	assert_int_equal(w.engine->queue.count, 0);
	assert_string_equal(states_of(&w, "a"), "work.conversation.answered work.respect.calm");
	/* A case that is only posted yet, too. */
	assert_true(apl_engine_forget(w.engine, "a", 1));
	assert_false(apl_engine_forget(w.engine, "a", 1));
	assert_int_equal(post(&w, "a", "pause", 0, NULL), APLOMB_OK);
	assert_int_equal(apl_moment_return(w.engine, moment, NULL), APLOMB_OK);
	assert_int_equal(w.engine->queue.count, 0);
	assert_int_equal(w.engine->cases.count, 1);
	aplomb_totals totals = APLOMB_TOTALS_INIT;
	apl_engine_count(w.engine, &totals);
	assert_int_equal(totals.cases, 1);
	assert_int_equal(totals.open, 1);
	apl_moment_free(moment);
	world_end(&w);
}

/* ---- live again ------------------------------------------------------------------------ */

/* [stand]: how many lines are replayed before the case plays on itself. */
static void owe(const char *event, uint32_t stand, const char *offered) {
	world was = {0}, again = {0};
	assert_true(world_open(&was, &desk, NULL));
	happen(&was, "a", "pause", 0, NULL);
	happen(&was, "a", "customer.message", APL_SECOND, "{'text':'one'}");
	happen(&was, "a", "customer.message", APL_SECOND, "{'text':'two'}");
	happen(&was, "a", event, APL_MINUTE, NULL);
	happen(&was, "a", "unloved", APL_MINUTE, NULL);
	apl_buf_terminate(&was.lines);
	lines l = lines_in(&was.lines);
	const world_options options = {.rehearses = true};
	assert_true(world_open(&again, &desk, &options));
	for (uint32_t i = 0; i < stand; i++) replay_same(&again, &l, i);
	aplomb_instant due;
	assert_true(apl_engine_next_due(again.engine, &due));
	assert_true(due == again.clock.now);
	assert_text_has(snapshot_of(&again, "a", false), offered);
	/* A snapshot carries it over. */
	char *snapshot = copy(snapshot_of(&again, "a", false));
	assert_true(apl_engine_forget(again.engine, "a", 1));
	assert_int_equal(again.engine->n_owing, 0);
	assert_int_equal(apl_engine_restore(again.engine, snapshot, strlen(snapshot), NULL), APLOMB_OK);
	assert_int_equal(again.engine->n_owing, 1);
	free(snapshot);
	happen(&again, "a", "unloved", APL_MINUTE, NULL);
	assert_int_equal(again.engine->n_owing, 0);
	assert_int_equal(again.lines.size, was.lines.size);
	assert_memory_equal(again.lines.bytes, was.lines.bytes, was.lines.size);
	free_lines(&l);
	world_end(&was);
	world_end(&again);
}

/* Deferred events are offered by the step that comes next, when the recorded lines did not do it. */
static void a_case_that_owes_offers_makes_them_before_anything_else(void **state_) {
	(void)state_;
	/* Behind the step itself, and behind the first offer, which changes the configuration or not. */
	owe("next", 6, "'offered':0");
	owe("next", 7, "'offered':0");
	owe("resume", 6, "'offered':0");
	owe("resume", 7, "'offered':3");
}

/* Replayed up to some entry and then played on, a case writes what it wrote. */
static void a_replayed_case_plays_on_as_it_did(void **state_) {
	(void)state_;
	world was = {0}, again = {0};
	assert_true(world_open(&was, &desk, NULL));
	happen(&was, "a", "now", 0, "{'n':4}");
	happen(&was, "a", "customer.message", APL_SECOND, "{'text':'one','tone':-1}");
	uint32_t stand = count_lines(&was);
	happen(&was, "a", "tell", APL_MINUTE, NULL);
	turn_to(&was, APL_HOUR);
	happen(&was, "a", "solved", 3 * APL_HOUR, NULL);
	apl_buf_terminate(&was.lines);
	lines l = lines_in(&was.lines);
	const world_options options = {.rehearses = true};
	assert_true(world_open(&again, &desk, &options));
	for (uint32_t i = 0; i < stand; i++) replay_same(&again, &l, i);
	happen(&again, "a", "tell", APL_MINUTE, NULL);
	turn_to(&again, APL_HOUR);
	happen(&again, "a", "solved", 3 * APL_HOUR, NULL);
	assert_int_equal(again.lines.size, was.lines.size);
	assert_memory_equal(again.lines.bytes, was.lines.bytes, was.lines.size);
	/* What it told the other case is in its journal and nowhere else. */
	assert_int_equal(again.engine->cases.count, 1);
	free_lines(&l);
	world_end(&was);
	world_end(&again);
}

/* ---- what is not the same, and what cannot be ----------------------------------------------- */

/* Replays [line] with the first [from] (single quotes stand for double ones) in it as [to]. */
static int replay_changed(world *w, const char *line, size_t size, const char *from, const char *to, aplomb_replayed *out) {
	static char changed[65536];
	char one[512], other[512];
	snprintf(one, sizeof one, "%s", from);
	snprintf(other, sizeof other, "%s", to);
	for (char *at = one; *at != '\0'; at++) *at = *at == '\'' ? '"' : *at;
	for (char *at = other; *at != '\0'; at++) *at = *at == '\'' ? '"' : *at;
	char *copied = malloc(size + 1);
	memcpy(copied, line, size);
	copied[size] = '\0';
	const char *at = strstr(copied, one);
	if (at == NULL) fail_msg("%s is not in %s", one, copied);
	int length = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - copied), copied, other, at + strlen(one));
	free(copied);
	return replay(w, changed, (size_t)length, out);
}

static void a_line_that_comes_out_otherwise_is_told_with_what_differs(void **state_) {
	(void)state_;
	static const struct {
		uint32_t line;
		const char *from, *to, *differs, *has;
	} changes[] = {
	    {0, "'engine':'0.", "'engine':'7.", "other", "'engine':'0."},
	    {0, "'microsteps':1000", "'microsteps':17", "limits", "'microsteps':1000"},
	    {0, "'hash':'", "'hash':'x", "playbook", "'id':'desk'"},
	    {1, "'digest':'", "'digest':'0000000000000000000000000000000", "digest", "'kind':'opened'"},
	    {2, "'items':[", "'items':[{'do':'unhandled'},", "items", "'seq':2"},
	    {3, "'prev':'", "'prev':'0000000000000000000000000000000", "prev", "'seq':3"},
	    {3, "'event':'customer.message'", "'event':'nobody.knows'", "kind", "'slug':'unknown-event'"},
	    {3, "'text':'one'", "'text':7", "kind", "'slug':'wrong-type'"},
	    {3, "'text':'one'", "'text':'two'", "digest", "'text':'two'"},
	};
	world was = {0};
	assert_true(world_open(&was, &desk, NULL));
	happen(&was, "a", "agent.message", 0, NULL);
	happen(&was, "a", "customer.message", APL_SECOND, "{'text':'one'}");
	apl_buf_terminate(&was.lines);
	lines l = lines_in(&was.lines);
	const world_options options = {.rehearses = true};
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		world again = {0};
		assert_true(world_open(&again, &desk, &options));
		for (uint32_t n = 0; n < changes[i].line; n++) replay_same(&again, &l, n);
		aplomb_replayed out = APLOMB_REPLAYED_INIT;
		const char *line = l.at[changes[i].line];
		size_t size = l.size[changes[i].line];
		/* Hex digits are replaced, not added to. */
		char from[128];
		snprintf(from, sizeof from, "%s", changes[i].from);
		if (strcmp(changes[i].differs, "digest") == 0 && changes[i].line == 1)
			snprintf(from, sizeof from, "'digest':'%.31s", strstr(line, "digest") + 9);
		if (strcmp(changes[i].differs, "prev") == 0) snprintf(from, sizeof from, "'prev':'%.31s", strstr(line, "\"prev") + 8);
		if (replay_changed(&again, line, size, from, changes[i].to, &out)) fail_msg("%s: %s", changes[i].to, replay_error.message);
		assert_false(out.same);
		assert_string_equal(out.differs, changes[i].differs);
		assert_text_has(out.text, changes[i].has);
		/* It stands where its own line led: the newest of its journal. */
		if (changes[i].line > 0) {
			assert_string_equal(last_line(&again), out.text);
			assert_int_equal(case_of(&again, "a")->seq, changes[i].line);
		}
		world_end(&again);
	}
	free_lines(&l);
	world_end(&was);
}

static void what_cannot_be_replayed_leaves_everything_as_it_was(void **state_) {
	(void)state_;
	world was = {0}, again = {0};
	assert_true(world_open(&was, &desk, NULL));
	assert_int_equal(post_as(&was, "e1", "a", "pause", 0, NULL, NULL), APLOMB_OK);
	pump(&was);
	happen(&was, "a", "customer.message", APL_SECOND, "{'text':'one'}");
	happen(&was, "a", "resume", APL_MINUTE, NULL);
	turn_to(&was, 3 * APL_HOUR);
	apl_buf_terminate(&was.lines);
	lines l = lines_in(&was.lines);
	const world_options options = {.rehearses = true};
	assert_true(world_open(&again, &desk, &options));
	assert_int_equal(replay(&again, l.at[1], l.size[1], NULL), APLOMB_ENOTFOUND);
	assert_string_equal(replay_error.slug, "replay-headless");
	assert_int_equal(replay(&again, l.at[2], l.size[2], NULL), APLOMB_ENOTFOUND);
	assert_string_equal(replay_error.slug, "replay-headless");
	assert_int_equal(replay_changed(&again, l.at[0], l.size[0], "'id':'desk'", "'id':'none'", NULL), APLOMB_OK);
	assert_true(apl_engine_forget(again.engine, "a", 1));
	replay_same(&again, &l, 0);
	assert_int_equal(replay(&again, l.at[0], l.size[0], NULL), APLOMB_EINVAL);
	assert_string_equal(replay_error.slug, "case-exists");
	/* Nothing is stepped in a case that has not begun. */
	assert_int_equal(replay_changed(&again, l.at[1], l.size[1], "'kind':'opened'", "'kind':'refused'", NULL), APLOMB_EINVAL);
	assert_string_equal(replay_error.slug, "replay-order");
	/* The opening is refused, and may be tried again. */
	assert_int_equal(replay_changed(&again, l.at[1], l.size[1], "'order':'none'", "'order':7", NULL), APLOMB_EREFUSED);
	assert_string_equal(replay_error.slug, "wrong-type");
	assert_int_equal(again.engine->cases.count, 0);
	again.fail_commit = again.commits + 1;
	assert_int_equal(replay(&again, l.at[1], l.size[1], NULL), APLOMB_ESTORE);
	assert_int_equal(again.engine->cases.count, 0);
	for (uint32_t i = 1; i < 4; i++) replay_same(&again, &l, i);
	char *before = copy(snapshot_of(&again, "a", false));
	static const struct {
		uint32_t line;
		const char *from, *to, *slug;
		int code;
	} wrong[] = {
	    {5, "'kind'", "'kind'", "replay-order", APLOMB_EINVAL},
	    {3, "'kind'", "'kind'", "replay-order", APLOMB_EINVAL},
	    {2, "'seq':2", "'seq':4", "replay-duplicate", APLOMB_EREFUSED},
	    {5, "'seq':5", "'seq':4", "replay-deferred", APLOMB_EREFUSED},
	    {5, "'deferred_seq':3,", "'deferred_seq':2,", "replay-order", APLOMB_EINVAL},
	    {6, "'seq':6", "'seq':4", "replay-timer", APLOMB_EREFUSED},
	    {4, "'cause':{", "'cause':{}, 'was':{", "journal-shape", APLOMB_EDAMAGED},
	    {4, "'v':1}", "'v':1", "json-syntax", APLOMB_EJSON},
	    {4, "'v':1}", "'v':9}", "journal-version", APLOMB_EVERSION},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		int code = replay_changed(&again, l.at[wrong[i].line], l.size[wrong[i].line], wrong[i].from, wrong[i].to, NULL);
		if (code != wrong[i].code || strcmp(replay_error.slug, wrong[i].slug) != 0)
			fail_msg("%u %s: %d %s: %s", (unsigned)i, wrong[i].slug, code, replay_error.slug, replay_error.message);
		assert_string_equal(snapshot_of(&again, "a", false), before);
		assert_int_equal(again.engine->queue.count, 0);
	}
	again.fail_commit = again.commits + 1;
	assert_int_equal(replay(&again, l.at[4], l.size[4], NULL), APLOMB_ESTORE);
	assert_string_equal(snapshot_of(&again, "a", false), before);
	free(before);
	for (uint32_t i = 4; i < l.count; i++) replay_same(&again, &l, i);
	assert_memory_equal(again.lines.bytes, was.lines.bytes, was.lines.size);
	free_lines(&l);
	world_end(&was);
	world_end(&again);
}

/* One request for memory after another fails; returns how many did. */
static uint32_t replay_without_memory(world *w, const char *id, const char *line, size_t size) {
	aplomb_moment *before = NULL;
	if (case_of(w, id) != NULL) assert_int_equal(apl_moment_keep(w->engine, case_of(w, id), &before, NULL), APLOMB_OK);
	for (uint32_t n = 1;; n++) {
		w->heap.calls = 0;
		w->heap.fail_at = n;
		aplomb_replayed out = APLOMB_REPLAYED_INIT;
		int code = replay(w, line, size, &out);
		w->heap.fail_at = 0;
		if (code == APLOMB_OK && out.same) {
			apl_moment_free(before);
			return n - 1;
		}
		if (code != APLOMB_OK) {
			assert_int_equal(code, APLOMB_ENOMEM);
			continue;
		}
		/* A handler of this program was told, and made an author's error of it. */
		assert_text_has(out.text, "'do':'finding'");
		assert_int_equal(apl_moment_return(w->engine, before, NULL), APLOMB_OK);
	}
}

/* A moment is kept, and returned to, in spite of each request that fails once. */
static uint32_t return_without_memory(world *w, const char *id) {
	aplomb_moment *moment = NULL;
	uint32_t failed = 0;
	char *before = copy(snapshot_of(w, id, true));
	for (int returns = 0; returns < 2; returns++) {
		for (uint32_t n = 1;; n++) {
			w->heap.calls = 0;
			w->heap.fail_at = n;
			int code = returns ? apl_moment_return(w->engine, moment, NULL) : apl_moment_keep(w->engine, case_of(w, id), &moment, NULL);
			w->heap.fail_at = 0;
			assert_string_equal(snapshot_of(w, id, true), before);
			if (code == APLOMB_OK) break;
			assert_int_equal(code, APLOMB_ENOMEM);
			failed++;
		}
	}
	apl_moment_free(moment);
	free(before);
	return failed;
}

static void without_memory_a_line_is_not_stepped_and_comes_out_later(void **state_) {
	(void)state_;
	world was = {0}, again = {0};
	record(&was, &desk, act, 7, APL_ROUNDS(6, 2), &plain_options);
	lines l = lines_in(&was.lines);
	world_options options = plain_options;
	options.rehearses = true;
	assert_true(world_open(&again, &desk, &options));
	uint32_t failed = 0;
	for (uint32_t i = 0; i < l.count; i++) {
		char id[64];
		snprintf(id, sizeof id, "%s", case_in(l.at[i]));
		failed += replay_without_memory(&again, id, l.at[i], l.size[i]);
		if (case_of(&again, id) != NULL) failed += return_without_memory(&again, id);
	}
	assert_true(failed > l.count);
	same_cases(&was, &again);
	free_lines(&l);
	world_end(&was);
	world_end(&again);
}

static void absences_are_written_down_again(void **state_) {
	(void)state_;
	world was = {0}, again = {0};
	assert_true(world_open(&was, &desk, NULL));
	happen(&was, "a", "agent.message", 0, NULL);
	/* Nobody writes such entries yet; this one is made as a store would. */
	apl_engine *engine = was.engine;
	apl_case *c = case_of(&was, "a");
	apl_line_begin(engine, c, NEW_YEAR + APL_HOUR);
	APL_BUF_LITERAL(engine->line, "{\"from\":\"2026-01-01T00:00:00Z\",\"to\":\"2026-01-01T01:00:00Z\"}");
	apl_line_items(engine);
	assert_int_equal(apl_step_note(engine, c, APL_ENTRY_AWAY, NEW_YEAR + APL_HOUR), APLOMB_OK);
	assert_int_equal(apl_commit(engine, NULL), APLOMB_OK);
	apl_batch_settle(engine);
	apl_buf_terminate(&was.lines);
	lines l = lines_in(&was.lines);
	const world_options options = {.rehearses = true};
	assert_true(world_open(&again, &desk, &options));
	for (uint32_t i = 0; i < l.count; i++) replay_same(&again, &l, i);
	assert_last_line_has(&again, "'kind':'away'");
	assert_true(again.clock.now == NEW_YEAR + APL_HOUR);
	free_lines(&l);
	world_end(&was);
	world_end(&again);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_replayed_journal_is_the_same_journal),
	    cmocka_unit_test(a_case_goes_back_to_moments_and_on_by_its_lines),
	    cmocka_unit_test(a_snapshot_and_the_rest_of_the_lines_give_the_same),
	    cmocka_unit_test(a_moment_is_returned_to_with_its_time_and_waiting_events_are_dropped),
	    cmocka_unit_test(a_case_that_owes_offers_makes_them_before_anything_else),
	    cmocka_unit_test(a_replayed_case_plays_on_as_it_did),
	    cmocka_unit_test(a_line_that_comes_out_otherwise_is_told_with_what_differs),
	    cmocka_unit_test(what_cannot_be_replayed_leaves_everything_as_it_was),
	    cmocka_unit_test(without_memory_a_line_is_not_stepped_and_comes_out_later),
	    cmocka_unit_test(absences_are_written_down_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
