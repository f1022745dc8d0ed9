/* SPDX-License-Identifier: MIT */
/*
 * What one case sends another, when the process ends, or a commit fails, at any boundary of a story in which cases speak to one another in
 * each way there is: one run a boundary. Another runtime goes on with the same store, what was not acknowledged is told again, and in the
 * end every journal is what it is without all that, to the byte; or, where everything is told at once, each event that was sent has
 * arrived once, and those of one case for another in their order.
 */
#include "../../store/talk.h"
#include "../test_heap.h"
#include "../test_rounds.h"
#include "late.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host.h"
#include "store/store.h"

/* ---- the story --------------------------------------------------------------------- */

typedef struct told {
	const char *case_id, *playbook, *event, *data;
} told;

/* Each is told when everything before it has come to rest; or only those that open cases are, and the others all at once. */
static const told story[] = {
    {"l0", "listener", "note", "{\"n\":0}"},
    {"l1", "listener", "note", "{\"n\":0}"},
    {"t0", "talker", "say", "{\"n\":1,\"to\":\"l0\"}"},
    {"t1", "talker", "say", "{\"n\":1,\"to\":\"l0\"}"},
    {"t0", "talker", "hire", "{\"patient\":false}"},
    {"t1", "talker", "say", "{\"n\":2,\"to\":\"nobody\"}"},
    {"t1", "talker", "hire", "{\"patient\":true}"},
    {"t0", "talker", "say", "{\"n\":3,\"to\":\"t1\"}"},
    {"t1", "talker", "drop", NULL},
    {"t1", "talker", "say", "{\"n\":4,\"to\":\"l1\"}"},
    {"l1", "listener", "shut", NULL},
    {"t1", "talker", "say", "{\"n\":5,\"to\":\"l1\"}"},
    {"l0", "listener", "spin", NULL},
    {"t0", "talker", "say", "{\"n\":6,\"to\":\"l0\"}"},
    {"t0", "talker", "hire", "{\"patient\":false}"},
};
enum { TOLD = sizeof story / sizeof *story, OPENINGS = 4 };

/* ---- a store that a process loses ---------------------------------------------------- */

typedef enum fault_kind { NEVER, DIES, FAILS_ONCE, LACKS_MEMORY } fault_kind;

typedef struct stage {
	apl_store inner; /* in memory; it outlives runtimes */
	fault_kind fault;
	uint32_t boundary, at; /* the one at which it happens; those so far */
	bool is_dead;
	test_heap heap; /* of runtimes */
	apl_alloc alloc;
	uint64_t opened_by; /* so many requests for memory */
	bool starves;       /* a restart lacks memory at each of its requests, one after the other */
	uint32_t batch_most;
	aplomb_runtime *rt;
	bool acknowledged[TOLD];
} stage;

static bool strikes(stage *s) {
	if (s->is_dead) return true;
	if (s->fault == NEVER || s->fault == LACKS_MEMORY || ++s->at != s->boundary) return false;
	s->is_dead = s->fault == DIES;
	return true;
}

static int fail_commit(aplomb_error *error) {
	if (error != NULL) *error = (aplomb_error){.code = APLOMB_ESTORE, .slug = "test", .message = "the disk is full"};
	return APLOMB_ESTORE;
}

static int commit(void *self, const aplomb_store_batch *batch, aplomb_error *error) {
	stage *s = self;
	if (strikes(s)) return fail_commit(error);
	int code = s->inner.ops->commit(s->inner.self, batch, error);
	/* Done, and nobody hears of it: only death can do that. */
	if (!code && s->fault == DIES && strikes(s)) return fail_commit(error);
	return code;
}

static int read_lines(void *self, const char *case_id, uint32_t size, uint64_t mark, uint64_t from,
    int (*line)(const char *text, size_t size, void *payload), void *payload, aplomb_error *error) {
	stage *s = self;
	return s->inner.ops->read(s->inner.self, case_id, size, mark, from, line, payload, error);
}

static int newest_snapshot(void *self, const char *case_id, uint32_t size, uint64_t mark, uint64_t upto, const char **text,
    size_t *text_size, uint64_t *seq, aplomb_error *error) {
	stage *s = self;
	return s->inner.ops->snapshot(s->inner.self, case_id, size, mark, upto, text, text_size, seq, error);
}

static int put_source(void *self, const char *hash, const char *bytes, size_t size, aplomb_error *error) {
	stage *s = self;
	return s->inner.ops->put_source(s->inner.self, hash, bytes, size, error);
}

static int get_source(void *self, const char *hash, const char **bytes, size_t *size, aplomb_error *error) {
	stage *s = self;
	return s->inner.ops->get_source(s->inner.self, hash, bytes, size, error);
}

static int find_case(void *self, const char *case_id, uint32_t size, aplomb_store_found *out, aplomb_error *error) {
	stage *s = self;
	return s->inner.ops->find(s->inner.self, case_id, size, out, error);
}

static void leave_case(void *self, const char *case_id, uint32_t size, uint64_t mark) {
	stage *s = self;
	s->inner.ops->leave(s->inner.self, case_id, size, mark);
}

static int due_cases(void *self, aplomb_instant until, uint32_t most,
    void (*tell)(const char *case_id, uint32_t size, aplomb_instant due_at, void *payload), void *payload, aplomb_error *error) {
	stage *s = self;
	return s->inner.ops->due(s->inner.self, until, most, tell, payload, error);
}

static aplomb_instant next_due(void *self) {
	stage *s = self;
	return s->inner.ops->next_due(s->inner.self);
}

static int each_case(void *self, int (*tell)(const aplomb_store_head *head, void *payload), void *payload, aplomb_error *error) {
	stage *s = self;
	return s->inner.ops->cases(s->inner.self, tell, payload, error);
}

static int each_effect(void *self, const char *case_id, uint32_t size, uint64_t mark,
    int (*tell)(const aplomb_store_effect *effect, void *payload), void *payload, aplomb_error *error) {
	stage *s = self;
	return s->inner.ops->effects(s->inner.self, case_id, size, mark, tell, payload, error);
}

static uint64_t n_effects(void *self) {
	stage *s = self;
	return s->inner.ops->n_effects(s->inner.self);
}

static int each_sent(void *self, int (*tell)(const aplomb_store_effect *effect, void *payload), void *payload, aplomb_error *error) {
	stage *s = self;
	return s->inner.ops->sent(s->inner.self, tell, payload, error);
}

static aplomb_instant last_at(void *self) {
	stage *s = self;
	return s->inner.ops->last_at(s->inner.self);
}

static int release(const aplomb_store_head *head, void *payload) {
	stage *s = payload;
	s->inner.ops->leave(s->inner.self, head->case_id, head->case_id_size, 0);
	return 0;
}

/* The process is gone, and holds nothing. */
static void leave_all(void *self) {
	stage *s = self;
	s->inner.ops->cases(s->inner.self, release, s, NULL);
}

static void load_all(aplomb_runtime *rt) {
	load_text(rt, "talker.lua", TALKER);
	load_text(rt, "listener.lua", LISTENER);
	load_text(rt, "worker.lua", WORKER);
}

static const aplomb_limits few_instructions = {.size = sizeof few_instructions, .instructions = 20000};

static void begin_life(stage *s) {
	static const aplomb_store_ops ops = {.size = sizeof ops,
	    .commit = commit,
	    .read = read_lines,
	    .snapshot = newest_snapshot,
	    .put_source = put_source,
	    .get_source = get_source,
	    .find = find_case,
	    .leave = leave_case,
	    .due = due_cases,
	    .next_due = next_due,
	    .cases = each_case,
	    .effects = each_effect,
	    .n_effects = n_effects,
	    .sent = each_sent,
	    .last_at = last_at,
	    .close = leave_all};
	const aplomb_store own = {.size = sizeof own, .ops = &ops, .self = s};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_error error;
	options.allocator = &s->alloc;
	options.own_store = &own;
	options.time_follows_events = true;
	options.resident = 1;
	options.limits = &few_instructions;
	options.batch_most = s->batch_most;
	options.batch_within = 3600 * INT64_C(1000000);
	options.snapshot_every = 3;
	s->is_dead = false;
	int code = APLOMB_ENOMEM;
	for (uint32_t request = 1; code == APLOMB_ENOMEM; request++) {
		if (s->starves) s->heap.fail_at = s->heap.calls + request;
		code = aplomb_open(&s->rt, &options, &error);
		assert_true(code == APLOMB_OK || s->heap.blocks == 0);
	}
	if (code) fail_msg("%s", error.message);
	s->heap.fail_at = 0;
	load_all(s->rt);
	s->opened_by = s->heap.calls;
	if (s->fault == LACKS_MEMORY) s->heap.fail_at = s->heap.calls + s->boundary;
}

static void acknowledge(const aplomb_receipt *receipt, void *payload) {
	if (receipt->code != APLOMB_ESTORE) *(bool *)payload = true;
}

/* Until nothing is to be done now. Of what is due later nothing is waited for. */
static void settle(stage *s) {
	aplomb_instant due;
	while (!s->is_dead && aplomb_next_due(s->rt, &due) && due <= aplomb_now(s->rt)) aplomb_pump(s->rt, 0, NULL, NULL);
}

static void tell(stage *s, uint32_t i) {
	char id[8];
	aplomb_event event = APLOMB_EVENT_INIT;
	snprintf(id, sizeof id, "e%u", i);
	event.id = id;
	event.case_id = story[i].case_id;
	event.playbook = story[i].playbook;
	event.name = story[i].event;
	event.data = story[i].data;
	event.has_at = true;
	event.at = AT_NINE + MINUTE * (i + 1);
	aplomb_error error;
	int code = aplomb_post(s->rt, &event, acknowledge, &s->acknowledged[i], &error);
	if (!code) return;
	if (s->fault != LACKS_MEMORY || (code != APLOMB_ENOMEM && code != APLOMB_EFAULTED)) fail_msg("%s: %s", id, error.message);
	/* Whoever was faulted for a lack of memory takes nothing more. */
	s->acknowledged[i] = code == APLOMB_EFAULTED;
}

/* false: it died of that. */
static bool tell_all(stage *s, bool at_once) {
	settle(s);
	while (!s->is_dead) {
		bool has_all = true;
		for (uint32_t i = 0; i < TOLD && !s->is_dead; i++) {
			if (s->acknowledged[i]) continue;
			const bool is_alone = !at_once || i < OPENINGS;
			has_all = false;
			tell(s, i);
			if (is_alone) settle(s);
			/* What failed is told again before anything else is. */
			if (is_alone && !s->acknowledged[i]) i--;
		}
		settle(s);
		if (has_all) return !s->is_dead;
	}
	return false;
}

/* ---- what the journals say in the end ------------------------------------------------------- */

typedef struct journals {
	char text[256 * 1024]; /* every line of every case, each case's together */
	size_t size;
	stage *s;
} journals;

static int keep_line(const char *line, size_t size, void *payload) {
	journals *j = payload;
	assert_true(j->size + size + 2 < sizeof j->text);
	memcpy(j->text + j->size, line, size);
	memcpy(j->text + j->size + size, "\n", 2);
	j->size += size + 1;
	return 0;
}

typedef struct names {
	char id[32][64];
	uint32_t count;
} names;

static void keep_name(const char *case_id, void *payload) {
	names *all = payload;
	assert_true(all->count < 32);
	snprintf(all->id[all->count++], 64, "%s", case_id);
}

static int by_name(const void *one, const void *other) {
	return strcmp(one, other);
}

static void read_all(stage *s, journals *out) {
	names all = {.count = 0};
	aplomb_error error;
	out->size = 0;
	out->text[0] = '\0';
	aplomb_cases(s->rt, keep_name, &all);
	qsort(all.id, all.count, sizeof all.id[0], by_name);
	for (uint32_t i = 0; i < all.count; i++) {
		if (aplomb_journal_each(s->rt, all.id[i], keep_line, out, &error)) fail_msg("%s: %s", all.id[i], error.message);
	}
}

/* Each line, parsed. */
static void each_line(const journals *j, void (*look)(const journals *j, aplomb_value line, void *payload), void *payload) {
	for (const char *at = j->text; *at != '\0'; at = strchr(at, '\n') + 1) {
		aplomb_json *json;
		aplomb_error error;
		if (aplomb_json_read(&json, at, (size_t)(strchr(at, '\n') - at), &error)) fail_msg("%s", error.message);
		look(j, aplomb_json_root(json), payload);
		aplomb_json_free(json);
	}
}

static const char *text_in(aplomb_value map, const char *name) {
	const char *text = aplomb_value_text(aplomb_value_get(map, name), NULL);
	return text != NULL ? text : "";
}

typedef struct order {
	char receiver[64], sender[64];
	long long seq, item;
} order;

typedef struct counts {
	uint32_t sent, opened;
	order newest[64];
	uint32_t pairs;
} counts;

static void look_at_sender(const journals *j, aplomb_value line, void *payload) {
	counts *c = payload;
	aplomb_value items = aplomb_value_get(line, "items");
	for (size_t i = 0; i < aplomb_value_count(items); i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		char part[160];
		if (strcmp(text_in(item, "do"), "send") == 0) {
			snprintf(part, sizeof part, "\"id\":\"%s/%lld/%zu\"", text_in(line, "case"),
			    (long long)aplomb_value_integer(aplomb_value_get(line, "seq")), i + 1);
			const size_t wanted = strcmp(text_in(item, "to"), "nobody") != 0;
			if (count_of(j->text, part) != wanted) fail_msg("%s stands there %zu times in\n%s", part, count_of(j->text, part), j->text);
			c->sent++;
		}
		if (strcmp(text_in(item, "do"), "invoke") == 0) {
			snprintf(part, sizeof part, "\"case\":\"%s\"", text_in(item, "child"));
			assert_true(count_of(j->text, part) > 0);
			c->opened++;
		}
	}
}

/* Those of one case for another come in the order in which they were sent; what is forwarded and the word of an end have the item 0. */
static void look_at_receiver(const journals *j, aplomb_value line, void *payload) {
	counts *c = payload;
	(void)j;
	const char *by = text_in(aplomb_value_get(line, "cause"), "by"), *id = text_in(aplomb_value_get(line, "cause"), "id");
	const size_t size = strlen(by) > 5 ? strlen(by) - 5 : 0;
	if (strncmp(by, "case:", 5) != 0 || strncmp(id, by + 5, size) != 0 || id[size] != '/') return;
	uint32_t i = 0;
	while (i < c->pairs && (strcmp(c->newest[i].receiver, text_in(line, "case")) != 0 || strcmp(c->newest[i].sender, by) != 0)) i++;
	order *pair = &c->newest[i];
	if (i == c->pairs) {
		assert_true(c->pairs++ < 64);
		snprintf(pair->receiver, sizeof pair->receiver, "%s", text_in(line, "case"));
		snprintf(pair->sender, sizeof pair->sender, "%s", by);
		pair->seq = pair->item = -1;
	}
	long long seq, item;
	assert_int_equal(sscanf(id + size, "/%lld/%lld", &seq, &item), 2);
	if (seq < pair->seq || (seq == pair->seq && item <= pair->item))
		fail_msg("%s of %s came behind %lld/%lld", id, by, pair->seq, pair->item);
	pair->seq = seq;
	pair->item = item;
}

static void audit(const journals *j, bool is_whole) {
	counts c = {.sent = 0};
	each_line(j, look_at_sender, &c);
	each_line(j, look_at_receiver, &c);
	if (is_whole) assert_true(c.sent >= 12 && c.opened >= 2);
}

static int count_row(const aplomb_store_effect *effect, void *payload) {
	(void)effect;
	++*(uint32_t *)payload;
	return 0;
}

/* ---- runs --------------------------------------------------------------------------------------- */

/* Runs it all with the fault at that boundary; returns whether it came to it. */
static bool run(fault_kind fault, uint32_t boundary, uint32_t batch_most, bool at_once, journals *out) {
	static stage it;
	stage *s = &it;
	const apl_alloc system = apl_alloc_system();
	const apl_store_memory_options pages = {.pages = true};
	*s = (stage){.fault = fault, .boundary = boundary, .batch_most = batch_most};
	s->alloc = test_heap_allocator(&s->heap);
	assert_int_equal(apl_store_memory_open(&s->inner, &system, &pages, NULL), APLOMB_OK);
	uint32_t lives = 0, rows = 0;
	bool is_done = false;
	while (!is_done) {
		assert_true(++lives <= 2);
		s->starves = lives > 1 && boundary % 5 == 0;
		begin_life(s);
		is_done = tell_all(s, at_once);
		if (fault == LACKS_MEMORY) s->at = (uint32_t)(s->heap.calls - s->opened_by);
		s->heap.fail_at = 0;
		if (is_done) read_all(s, out);
		aplomb_close(s->rt);
		assert_int_equal(s->heap.blocks, 0);
	}
	/* Nothing is on its way any more. */
	assert_int_equal(s->inner.ops->effects(s->inner.self, NULL, 0, 0, count_row, &rows, NULL), APLOMB_OK);
	assert_int_equal(s->inner.ops->sent(s->inner.self, count_row, &rows, NULL), APLOMB_OK);
	assert_int_equal(rows, 0);
	s->inner.ops->close(s->inner.self);
	return s->at >= boundary;
}

/* Otherwise: the first line that differs. */
static void assert_same(const journals *got, const journals *wanted, uint32_t boundary) {
	const char *one = got->text, *other = wanted->text;
	if (strcmp(one, other) == 0) return;
	while (strncmp(one, other, strcspn(other, "\n") + 1) == 0) {
		one += strcspn(one, "\n") + 1;
		other += strcspn(other, "\n") + 1;
	}
	fail_msg("boundary %u: %.*s\nis not %.*s", boundary, (int)strcspn(one, "\n"), one, (int)strcspn(other, "\n"), other);
}

static void every_boundary(fault_kind fault, uint32_t batch_most, bool at_once, uint32_t step, uint32_t least) {
	static journals wanted, got;
	run(NEVER, 0, batch_most, at_once, &wanted);
	audit(&wanted, true);
	uint32_t boundary = 1;
	while (run(fault, boundary, batch_most, at_once, &got)) {
		/* Where Lua was what lacked memory, its case was faulted for that, and others heard of it. */
		const bool is_whole = fault != LACKS_MEMORY || strstr(got.text, "\"limit-memory\"") == NULL;
		if (!at_once && is_whole) assert_same(&got, &wanted, boundary);
		audit(&got, is_whole);
		boundary += step;
	}
	print_message("%u boundaries\n", boundary - 1);
	assert_true(boundary > least);
}

static void a_process_that_dies_at_any_boundary_leaves_the_same_journals(void **state_) {
	(void)state_;
	every_boundary(DIES, 0, false, APL_STRIDE(9), 60);
}

static void a_commit_that_fails_at_any_time_leaves_the_same_journals(void **state_) {
	(void)state_;
	every_boundary(FAILS_ONCE, 0, false, APL_STRIDE(9), 30);
}

static void a_lack_of_memory_at_any_time_leaves_the_same_journals(void **state_) {
	(void)state_;
	every_boundary(LACKS_MEMORY, 0, false, 3 * APL_STRIDE(13), 100);
}

static void what_is_sent_in_the_midst_of_much_arrives_once_and_in_order(void **state_) {
	(void)state_;
	for (uint32_t most = 1; most <= 4; most += 3) {
		every_boundary(DIES, most, true, APL_STRIDE(9), 20);
		every_boundary(FAILS_ONCE, most, true, APL_STRIDE(9), 10);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_process_that_dies_at_any_boundary_leaves_the_same_journals),
	    cmocka_unit_test(a_commit_that_fails_at_any_time_leaves_the_same_journals),
	    cmocka_unit_test(a_lack_of_memory_at_any_time_leaves_the_same_journals),
	    cmocka_unit_test(what_is_sent_in_the_midst_of_much_arrives_once_and_in_order),
	};
	return cmocka_run_group_tests_name("what cases send one another", tests, NULL, NULL);
}
