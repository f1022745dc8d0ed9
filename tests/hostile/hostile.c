/* SPDX-License-Identifier: MIT */
/*
 * Every playbook of books/ tries something on its host or on other cases. It is run beside an honest case of another playbook and one of
 * its own, all in one runtime, with their events mixed. It must end as its file says: with that slug, at that line, its state as before
 * the step, the event kept, within its memory and time. The honest cases' journals must be, byte for byte, what they are without it, and
 * its own journal must come out again when it is stepped again by another runtime.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../unit/test_cmocka.h"
#include "../unit/test_heap.h"
#include "../unit/test_rounds.h"
#include "aplomb.h"
#include "base/hard.h"
#include "book_file.h"

static const char folder[] = "tests/hostile/books";

/* What every playbook of the folder is held to, but for what its file says about memory and time. */
static const aplomb_limits limits = {.size = sizeof limits,
    .instructions = 100000,
    .memory = 2 << 20,
    .microsteps = 100,
    .internal_events = 100,
    .effects = 64,
    .queue = 500,
    .timers = 50,
    .deferred = 20,
    .data = 64 << 10,
    .depth = 16,
    .own_steps = 300,
    .hops = 120};
/* While it is loaded, Lua may hold 64 MiB; the chart, the places in the source and the findings stand beside that. */
static const size_t load_memory = (size_t)96 << 20;
static const double load_seconds = 4;

enum { HOUR_OF_WHICH = 65, MOST_PUMPS = 400 };
static const aplomb_instant noon = INT64_C(1767225600000000);

/* ---- one runtime --------------------------------------------------------------- */

typedef struct world {
	test_heap heap;
	aplomb_runtime *rt;
	aplomb_playbook *playbook; /* the hostile one, or NULL */
	double slowest;            /* call, in seconds of this process */
	size_t held_before;        /* of the heap, before the first attack */
	bool is_rehearsal;
} world;

static double now_in_seconds(void) {
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int take_effect(const aplomb_effect *effect, void *payload) {
	(void)effect, (void)payload;
	return 0;
}

static void open_world(world *w, bool is_rehearsal) {
	memset(w, 0, sizeof *w);
	const aplomb_allocator allocator = {test_heap_alloc, &w->heap};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_error error = {0};
	options.allocator = &allocator;
	options.time_follows_events = true;
	options.limits = &limits;
	options.rehearsal = w->is_rehearsal = is_rehearsal;
	assert_int_equal(aplomb_open(&w->rt, &options, &error), APLOMB_OK);
	if (!is_rehearsal) assert_int_equal(aplomb_on_effect(w->rt, "*", take_effect, NULL, &error), APLOMB_OK);
	assert_int_equal(aplomb_turn_clock(w->rt, noon, &error), APLOMB_OK);
}

static void close_world(world *w) {
	aplomb_close(w->rt);
	assert_int_equal(w->heap.bytes, 0);
}

static int load(world *w, const book_file *book, aplomb_playbook **out, aplomb_error *error) {
	char path[256];
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	if (book->also != NULL) {
		aplomb_playbook *also;
		snprintf(path, sizeof path, "%s/%s-also.lua", folder, book->name);
		options.path = path;
		options.source = book->also;
		options.source_size = book->also_size;
		int code = aplomb_load(w->rt, &options, &also, error);
		if (code) return code;
	}
	snprintf(path, sizeof path, "%s/%s.lua", folder, book->name);
	options.path = path;
	options.source = book->source;
	options.source_size = book->size;
	if (book->policy != NULL) {
		options.policy_path = "policy.lua";
		options.policy = book->policy;
		options.policy_size = book->policy_size;
	}
	options.examine = true;
	return aplomb_load(w->rt, &options, out, error);
}

static void load_beside(world *w) {
	aplomb_error error = {0};
	aplomb_playbook *beside;
	const book_file file = {.name = "beside"};
	if (load(w, &file, &beside, &error)) fail_msg("beside.lua: %s", error.message);
}

static void pump(world *w) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	aplomb_error error = {0};
	report.more = true;
	for (int i = 0; i < MOST_PUMPS && report.more; i++) {
		double before = now_in_seconds();
		assert_int_equal(aplomb_pump(w->rt, 32, &report, &error), APLOMB_OK);
		double took = now_in_seconds() - before;
		if (took > w->slowest) w->slowest = took;
	}
}

static void turn(world *w, int minutes) {
	aplomb_error error = {0};
	assert_int_equal(aplomb_turn_clock(w->rt, aplomb_now(w->rt) + minutes * INT64_C(60000000), &error), APLOMB_OK);
	pump(w);
}

static int post(world *w, const char *text, size_t size, aplomb_error *error) {
	double before = now_in_seconds();
	memset(error, 0, sizeof *error);
	int code = aplomb_post_json(w->rt, text, size, NULL, NULL, error);
	double took = now_in_seconds() - before;
	if (took > w->slowest) w->slowest = took;
	return code;
}

static int post_ok(world *w, const char *case_id, const char *playbook, int n) {
	char text[256];
	aplomb_error error;
	int size = snprintf(text, sizeof text,
	    "{\"event\":\"ok\",\"case\":\"%s\",\"playbook\":\"%s\",\"by\":\"customer\",\"data\":{\"n\":%d,\"text\":\"where is my parcel %d\"}}",
	    case_id, playbook, n, n);
	return post(w, text, (size_t)size, &error);
}

/* ---- what a case is --------------------------------------------------------------- */

typedef struct told {
	char *bytes;
	size_t size, capacity;
} told;

static void append(told *out, const char *bytes, size_t size) {
	if (out->capacity - out->size < size + 2) {
		out->capacity = 2 * (out->size + size + 2);
		out->bytes = realloc(out->bytes, out->capacity);
		assert_non_null(out->bytes);
	}
	memcpy(out->bytes + out->size, bytes, size);
	out->size += size;
	memcpy(out->bytes + out->size, "\n", 2);
	out->size++;
}

static void append_state(const char *path, void *payload) {
	append(payload, path, strlen(path));
}

static void append_timer(const char *name, aplomb_instant due_at, void *payload) {
	char line[400];
	snprintf(line, sizeof line, "%.300s %lld", name, (long long)due_at);
	append(payload, line, strlen(line));
}

/* Its states, timers and data, one a line. */
static told state_of(world *w, const char *case_id) {
	told result = {NULL, 0, 0};
	char *data;
	size_t size;
	aplomb_error error = {0};
	aplomb_case_states(w->rt, case_id, append_state, &result);
	aplomb_case_timers(w->rt, case_id, append_timer, &result);
	assert_int_equal(aplomb_case_data(w->rt, case_id, &data, &size, &error), APLOMB_OK);
	append(&result, data, size);
	aplomb_text_free(w->rt, data);
	return result;
}

static int append_line(const char *line, size_t size, void *payload) {
	append(payload, line, size);
	return 0;
}

static told lines_of(world *w, const char *case_id) {
	told result = {NULL, 0, 0};
	aplomb_error error = {0};
	append(&result, "", 0);
	int code = aplomb_journal_each(w->rt, case_id, append_line, &result, &error);
	assert_true(code == APLOMB_OK || code == APLOMB_ENOTFOUND);
	return result;
}

static void expect_same(const char *what, told *a, told *b) {
	if (a->size != b->size || memcmp(a->bytes, b->bytes, a->size) != 0) fail_msg("%s:\n%s\nis not\n%s", what, a->bytes, b->bytes);
	free(a->bytes);
	free(b->bytes);
}

static aplomb_case_status status_of(world *w, const char *case_id) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	aplomb_error error = {0};
	if (aplomb_case_get(w->rt, case_id, &info, &error) != APLOMB_OK) fail_msg("there is no case %s", case_id);
	return info.status;
}

/* ---- the findings of a case's journal ------------------------------------------------ */

typedef struct found {
	const book_file *book;
	uint32_t faulted, findings, matching; /* entries; findings in them; those that the file tells */
	bool kept;                            /* the faulted entry's cause is there */
	told others;
} found;

static int look_at_entry(const char *line, size_t size, void *payload) {
	found *f = payload;
	aplomb_json *json;
	aplomb_error error = {0};
	assert_int_equal(aplomb_json_read(&json, line, size, &error), APLOMB_OK);
	aplomb_value root = aplomb_json_root(json), items = aplomb_value_get(root, "items");
	const char *kind = aplomb_value_text(aplomb_value_get(root, "kind"), NULL);
	if (kind != NULL && strcmp(kind, "faulted") == 0) {
		f->faulted++;
		f->kept = aplomb_value_count(aplomb_value_get(root, "cause")) > 0;
	}
	for (size_t i = 0; i < aplomb_value_count(items); i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		const char *slug = aplomb_value_text(aplomb_value_get(item, "slug"), NULL);
		if (slug == NULL) continue;
		f->findings++;
		int64_t line_number = aplomb_value_integer(aplomb_value_get(item, "line"));
		if (book_file_ends_with(f->book, slug) && (f->book->line == 0 || line_number == f->book->line))
			f->matching++;
		else {
			char other[900];
			const char *message = aplomb_value_text(aplomb_value_get(item, "message"), NULL);
			snprintf(other, sizeof other, "%lld %s: %.700s", (long long)line_number, slug, message != NULL ? message : "");
			append(&f->others, other, strlen(other));
		}
	}
	aplomb_json_free(json);
	return 0;
}

static void expect_findings(world *w, const book_file *book, const char *case_id) {
	found f = {.book = book};
	aplomb_error error = {0};
	append(&f.others, "", 0);
	assert_int_equal(aplomb_journal_each(w->rt, case_id, look_at_entry, &f, &error), APLOMB_OK);
	bool wants = book->end == END_FAULTED || book->end == END_MISTAKE;
	if ((wants && f.matching == 0) || (book->end == END_HARMLESS && f.findings > 0))
		fail_msg(
		    "%s was to end with %s in line %u; the journal of %s tells:%s", book->name, book->slugs, book->line, case_id, f.others.bytes);
	assert_int_equal(f.faulted, book->end == END_FAULTED ? 1 : 0);
	if (book->end == END_FAULTED) assert_true(f.kept);
	free(f.others.bytes);
}

/* ---- the story --------------------------------------------------------------------------- */

typedef struct measured {
	double load_seconds, step_seconds;
	size_t load_bytes, step_bytes;
} measured;

static void open_hostile(world *w, const char *case_id) {
	aplomb_event opening = APLOMB_EVENT_INIT;
	aplomb_error error = {0};
	opening.case_id = case_id;
	opening.playbook = aplomb_playbook_id(w->playbook);
	opening.open = "{\"data\":{\"evil\":true}}";
	double before = now_in_seconds();
	aplomb_case_open(w->rt, &opening, NULL, &error);
	double took = now_in_seconds() - before;
	if (took > w->slowest) w->slowest = took;
}

/* Post one envelope to the case. */
static void strike(world *w, const book_file *book, const char *envelope, const char *case_id) {
	aplomb_error error;
	size_t size;
	char *json = book_expand(envelope, strlen(envelope), case_id, &size);
	int code = post(w, json, size, &error);
	free(json);
	if (book->end == END_DOOR) {
		assert_int_not_equal(code, APLOMB_OK);
		if (!book_file_ends_with(book, error.slug)) fail_msg("%s is turned away with %s: %s", book->name, error.slug, error.message);
	} else if (code != APLOMB_OK) {
		fail_msg("%s: %s", book->name, error.message);
	}
}

/* What it was loaded for: its events, one after the other, until the case takes no more. Returns what the case was before the last step. */
static told strike_all(world *w, const book_file *book, const char *case_id, int n) {
	static char go[] = "{\"event\":\"go\",\"case\":\"@case{}\"}";
	char *usual[] = {go};
	char *const *posts = book->n_posts > 0 ? book->posts : usual;
	size_t n_posts = book->n_posts > 0 ? book->n_posts : 1;
	told before = state_of(w, case_id);
	/* Others' events stand before and behind the first in the queue. */
	assert_int_equal(post_ok(w, "beside", "beside", n), APLOMB_OK);
	for (size_t i = 0; i < n_posts * book->times && (i == 0 || status_of(w, case_id) == APLOMB_CASE_OPEN); i++) {
		if (i > 0) free(before.bytes), before = state_of(w, case_id);
		if (status_of(w, case_id) == APLOMB_CASE_OPEN) strike(w, book, posts[i % n_posts], case_id);
		if (i == 0) assert_int_equal(post_ok(w, "same", book->name, n), APLOMB_OK);
		pump(w);
	}
	if (book->when == WHEN_TIMER || book->when == WHEN_ROUNDS) {
		free(before.bytes);
		before = state_of(w, case_id);
		turn(w, 1);
	}
	return before;
}

static void attack(world *w, const book_file *book, const char *case_id, int n) {
	open_hostile(w, case_id);
	if (book->when != WHEN_OPENING) {
		assert_int_equal(status_of(w, case_id), APLOMB_CASE_OPEN);
		assert_int_equal(post_ok(w, case_id, book->name, n), APLOMB_OK);
		pump(w);
	}
	told before = strike_all(w, book, case_id, n);
	if (book->end == END_FAULTED && book->when != WHEN_ROUNDS && status_of(w, case_id) == APLOMB_CASE_FAULTED) {
		told after = state_of(w, case_id);
		expect_same("the state after what was taken back", &after, &before);
		assert_int_equal(post_ok(w, case_id, book->name, n), APLOMB_EFAULTED);
	} else {
		free(before.bytes);
		if (status_of(w, case_id) == APLOMB_CASE_OPEN) assert_int_equal(post_ok(w, case_id, book->name, n), APLOMB_OK);
		pump(w);
	}
	expect_findings(w, book, case_id);
}

/* The honest cases' lives; the hostile ones come in between when the book is given. */
static void tell_story(world *w, const book_file *book, bool is_attacked) {
	for (int n = 1; n <= 2; n++) {
		assert_int_equal(post_ok(w, "beside", "beside", n), APLOMB_OK);
		assert_int_equal(post_ok(w, "same", book->name, n), APLOMB_OK);
		pump(w);
		/* The store has its first chunk by now, and the engine what it keeps for good. */
		if (n == 1) w->held_before = w->heap.peak = w->heap.bytes;
		if (is_attacked) {
			attack(w, book, n == 1 ? "hostile" : "hostile-again", 10 * n);
		} else {
			assert_int_equal(post_ok(w, "beside", "beside", 10 * n), APLOMB_OK);
			assert_int_equal(post_ok(w, "same", book->name, 10 * n), APLOMB_OK);
			pump(w);
			if (book->when == WHEN_TIMER || book->when == WHEN_ROUNDS) turn(w, 1);
		}
		turn(w, HOUR_OF_WHICH);
	}
	assert_int_equal(post_ok(w, "beside", "beside", 3), APLOMB_OK);
	assert_int_equal(post_ok(w, "same", book->name, 3), APLOMB_OK);
	turn(w, 3 * HOUR_OF_WHICH);
	assert_int_equal(status_of(w, "beside"), APLOMB_CASE_OPEN);
	assert_int_equal(status_of(w, "same"), APLOMB_CASE_OPEN);
}

static void expect_replay(const book_file *book, const told *lines) {
	world w;
	aplomb_error error = {0};
	open_world(&w, true);
	assert_int_equal(load(&w, book, &w.playbook, &error), APLOMB_OK);
	for (char *at = lines->bytes, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		aplomb_replayed replayed = APLOMB_REPLAYED_INIT;
		if (end == at) continue;
		if (aplomb_replay(w.rt, NULL, at, (size_t)(end - at), &replayed, &error)) fail_msg("%s: replay: %s", book->name, error.message);
		if (!replayed.same)
			fail_msg("%s: %s differs\nrecorded %.*s\nproduced %s", book->name, replayed.differs, (int)(end - at), at, replayed.text);
	}
	close_world(&w);
}

static void expect_contained(const book_file *book, measured *m) {
	world with, without;
	aplomb_error error = {0};
	open_world(&with, false);
	open_world(&without, false);
	load_beside(&with);
	load_beside(&without);
	if (load(&with, book, &with.playbook, &error)) fail_msg("%s:%u %s", error.file, error.line, error.message);
	assert_int_equal(load(&without, book, &without.playbook, &error), APLOMB_OK);
	tell_story(&with, book, true);
	m->step_bytes = with.heap.peak - with.held_before;
	m->step_seconds = with.slowest;
	tell_story(&without, book, false);
	told own = lines_of(&with, "hostile"), again = lines_of(&with, "hostile-again");
	expect_replay(book, &own);
	expect_replay(book, &again);
	free(own.bytes);
	free(again.bytes);
	static const char *const honest[] = {"beside", "same"};
	for (int i = 0; i < 2; i++) {
		told one = lines_of(&with, honest[i]), other = lines_of(&without, honest[i]);
		expect_same(honest[i], &one, &other);
	}
	close_world(&with);
	close_world(&without);
}

static void expect_refused(const book_file *book, measured *m) {
	world w;
	aplomb_error error = {0};
	open_world(&w, false);
	load_beside(&w);
	assert_int_equal(post_ok(&w, "beside", "beside", 1), APLOMB_OK);
	pump(&w);
	size_t held = w.heap.peak = w.heap.bytes;
	double before = now_in_seconds();
	int code = load(&w, book, &w.playbook, &error);
	m->load_seconds = now_in_seconds() - before;
	m->load_bytes = w.heap.peak - held;
	assert_int_not_equal(code, APLOMB_OK);
	if (!book_file_ends_with(book, error.slug) || (book->line != 0 && error.line != book->line))
		fail_msg("%s was to be refused with %s in line %u, and was with %u %s: %s", book->name, book->slugs, book->line, error.line,
		    error.slug, error.message);
	if (error.line == 0) fail_msg("%s is refused without a line: %s: %s", book->name, error.slug, error.message);
	assert_int_equal(w.heap.bytes, held);
	assert_int_equal(post_ok(&w, "beside", "beside", 2), APLOMB_OK);
	turn(&w, HOUR_OF_WHICH);
	assert_int_equal(status_of(&w, "beside"), APLOMB_CASE_OPEN);
	close_world(&w);
}

/* ---- all of them ---------------------------------------------------------------------------- */

typedef struct worst {
	measured all;
	char slowest_load[64], slowest_step[64], largest_load[64], largest_step[64];
	uint32_t count, ends[N_ENDS];
} worst;

static worst seen;

static void note_worst(const char *name, const measured *m) {
	if (m->load_seconds > seen.all.load_seconds) {
		seen.all.load_seconds = m->load_seconds;
		snprintf(seen.slowest_load, sizeof seen.slowest_load, "%s", name);
	}
	if (m->step_seconds > seen.all.step_seconds) {
		seen.all.step_seconds = m->step_seconds;
		snprintf(seen.slowest_step, sizeof seen.slowest_step, "%s", name);
	}
	if (m->load_bytes > seen.all.load_bytes) {
		seen.all.load_bytes = m->load_bytes;
		snprintf(seen.largest_load, sizeof seen.largest_load, "%s", name);
	}
	if (m->step_bytes > seen.all.step_bytes) {
		seen.all.step_bytes = m->step_bytes;
		snprintf(seen.largest_step, sizeof seen.largest_step, "%s", name);
	}
}

static void is_contained(void **state) {
	char path[512];
	book_file book;
	measured m = {0};
	snprintf(path, sizeof path, "%s/%s", folder, (const char *)*state);
	book_file_read(&book, path);
	if (book.end == END_REFUSED)
		expect_refused(&book, &m);
	else
		expect_contained(&book, &m);
	if (getenv("APLOMB_HOSTILE_TABLE") != NULL)
		print_message("%-36s load %6.3f s %6.2f MiB, call %6.3f s, steps %6.2f MiB\n", book.name, m.load_seconds,
		    (double)m.load_bytes / (1 << 20), m.step_seconds, (double)m.step_bytes / (1 << 20));
	/* The hard preset collects at every call of Lua; under valgrind time says nothing. */
	double patience = apl_is_watched() ? 1e9 : APL_IS_HARD ? 8 : 1;
	if (m.step_bytes > book.memory || m.load_bytes > load_memory)
		fail_msg("%s wanted %zu bytes in its steps and %zu at load", book.name, m.step_bytes, m.load_bytes);
	if (m.step_seconds > book.seconds * patience || m.load_seconds > load_seconds * patience)
		fail_msg("%s held its host up for %.3f s, and %.3f s at load", book.name, m.step_seconds, m.load_seconds);
	note_worst(book.name, &m);
	seen.ends[book.end]++;
	seen.count++;
	book_file_dispose(&book);
}

static int is_book(const struct dirent *entry) {
	size_t size = strlen(entry->d_name);
	return size > 4 && strcmp(entry->d_name + size - 4, ".lua") == 0 && strcmp(entry->d_name, "honest.lua") != 0 &&
	       strcmp(entry->d_name, "beside.lua") != 0;
}

int main(int argc, char **argv) {
	struct dirent **entries;
	int count = scandir(folder, &entries, is_book, alphasort), chosen = 0;
	if (count < 0) {
		perror(folder);
		return 1;
	}
	struct CMUnitTest *tests = calloc((size_t)count + 1, sizeof *tests);
	if (tests == NULL) return 1;
	for (int i = 0; i < count; i++) {
		if (argc > 1 && strstr(entries[i]->d_name, argv[1]) == NULL) continue;
		tests[chosen++] = (struct CMUnitTest){entries[i]->d_name, is_contained, NULL, NULL, entries[i]->d_name};
	}
	int failed = _cmocka_run_group_tests("hostile", tests, (size_t)chosen, NULL, NULL);
	printf("%u contained: %u faulted, %u refused at load, %u mistakes, %u turned away at the door, %u harmless\n", seen.count,
	    seen.ends[END_FAULTED], seen.ends[END_REFUSED], seen.ends[END_MISTAKE], seen.ends[END_DOOR], seen.ends[END_HARMLESS]);
	printf("longest call %.3f s (%s), load %.3f s (%s); most memory %.2f MiB (%s), load %.2f MiB (%s)\n", seen.all.step_seconds,
	    seen.slowest_step, seen.all.load_seconds, seen.slowest_load, (double)seen.all.step_bytes / (1 << 20), seen.largest_step,
	    (double)seen.all.load_bytes / (1 << 20), seen.largest_load);
	for (int i = 0; i < count; i++) free(entries[i]);
	free(entries);
	free(tests);
	if (failed == 0 && argc == 1 && seen.count < 80) {
		fprintf(stderr, "tests/hostile/books holds %u playbooks; it is to hold 80 at least\n", seen.count);
		return 1;
	}
	return failed;
}
