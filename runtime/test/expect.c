/* SPDX-License-Identifier: MIT */
/*
 * Decides what can be expected of a case, and what is said when it is
 * otherwise. All that one expectation names is looked at before it fails, so
 * that a test tells everything at once.
 *
 * case:expect looks at the newest step of the test, case:expect_so_far at
 * everything since the test began; where the case is now is the same to both.
 */
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "test/inside.h"

/* Each finds what was expected on top of the stack and leaves one value there. */
typedef void (*expectation_fn)(lua_State *L, const apl_test_look *look);

static aplomb_runtime *runtime_of(const apl_test_look *look) {
	return look->file->world.group->rt;
}

static const apl_test_case *case_of(const apl_test_look *look) {
	return &look->file->world.cases[look->the_case];
}

/* A difference between the two scratch texts. */
static void differ(lua_State *L, const apl_test_look *look, const char *about) {
	apl_test_file *file = look->file;
	if (file->expected.failed || file->found.failed || file->hint.failed) apl_test_no_memory(L);
	apl_test_differ(L, about, file->expected.size > 0 ? file->expected.bytes : NULL, file->found.size > 0 ? file->found.bytes : NULL,
	    file->hint.size > 0 ? file->hint.bytes : NULL);
}

static void clear(const apl_test_look *look) {
	apl_test_text_cut(&look->file->expected, 0);
	apl_test_text_cut(&look->file->found, 0);
	apl_test_text_cut(&look->file->hint, 0);
}

static void separate(apl_test_text *out) {
	if (out->size > 0) apl_test_text_put(out, ", ");
}

/* The value on top as a list of texts, in its place; returns how many. */
static lua_Integer as_texts(lua_State *L, const char *what) {
	int index = lua_gettop(L);
	if (lua_type(L, index) == LUA_TSTRING) {
		lua_createtable(L, 1, 0);
		lua_insert(L, index);
		lua_rawseti(L, index, 1);
	}
	if (!lua_istable(L, index)) apl_test_raise(L, "test-value", "%s is text, or a list of texts", what);
	lua_Integer count = (lua_Integer)lua_rawlen(L, index);
	for (lua_Integer i = 1; i <= count; i++) {
		if (lua_rawgeti(L, index, i) != LUA_TSTRING) apl_test_raise(L, "test-value", "%s is text, or a list of texts", what);
		lua_pop(L, 1);
	}
	return count;
}

static const char *text_at(lua_State *L, int list, lua_Integer n) {
	lua_rawgeti(L, list, n);
	const char *text = lua_tostring(L, -1);
	lua_pop(L, 1); /* the list still has it */
	return text;
}

/* ---- where the case is -------------------------------------------------- */

static void add_state(const char *path, void *payload) {
	separate(payload);
	apl_test_text_put(payload, path);
}

void apl_test_tell_states(apl_test_file *file, const apl_test_case *c, apl_test_text *out) {
	if (aplomb_case_states(file->world.group->rt, c->id, add_state, out) == 0) apl_test_text_put(out, "no state: the case is closed");
}

/* A closed case has left its states; where it ended is its final one. */
static void expect_state(lua_State *L, const apl_test_look *look) {
	const apl_test_case *c = apl_test_begun_case(L, look->the_case);
	lua_Integer count = as_texts(L, "a state");
	int list = lua_gettop(L);
	bool is_so = true;
	clear(look);
	for (lua_Integer i = 1; i <= count; i++) {
		const char *name = text_at(L, list, i);
		const char *path = apl_test_state(L, look->file->world.group, name);
		separate(&look->file->expected);
		apl_test_text_put(&look->file->expected, name);
		is_so = is_so && aplomb_case_is_in(runtime_of(look), c->id, path);
	}
	if (is_so) return;
	apl_test_tell_states(look->file, c, &look->file->found);
	differ(L, look, "state");
}

static void expect_not_state(lua_State *L, const apl_test_look *look) {
	const apl_test_case *c = apl_test_begun_case(L, look->the_case);
	lua_Integer count = as_texts(L, "a state");
	int list = lua_gettop(L);
	clear(look);
	for (lua_Integer i = 1; i <= count; i++) {
		const char *name = text_at(L, list, i);
		if (!aplomb_case_is_in(runtime_of(look), c->id, apl_test_state(L, look->file->world.group, name))) continue;
		separate(&look->file->expected);
		apl_test_text_format(&look->file->expected, "not %s", name);
	}
	if (look->file->expected.size == 0) return;
	apl_test_tell_states(look->file, c, &look->file->found);
	differ(L, look, "not_state");
}

static aplomb_case_info info_of(lua_State *L, const apl_test_look *look) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	aplomb_error error;
	if (aplomb_case_get(runtime_of(look), apl_test_begun_case(L, look->the_case)->id, &info, &error) != APLOMB_OK)
		apl_test_raise(L, error.slug, "%s", error.message);
	return info;
}

static const char *status_words(aplomb_case_status status) {
	return status == APLOMB_CASE_CLOSED ? "closed" : status == APLOMB_CASE_FAULTED ? "faulted" : "open";
}

static void expect_closed(lua_State *L, const apl_test_look *look) {
	aplomb_case_info info = info_of(L, look);
	if (!lua_isboolean(L, -1)) apl_test_raise(L, "test-value", "closed is true or false");
	if ((info.status == APLOMB_CASE_CLOSED) == (lua_toboolean(L, -1) != 0)) return;
	clear(look);
	apl_test_text_put(&look->file->expected, lua_toboolean(L, -1) ? "closed" : "not closed");
	apl_test_text_put(&look->file->found, status_words(info.status));
	differ(L, look, "closed");
}

static void expect_outcome(lua_State *L, const apl_test_look *look) {
	aplomb_case_info info = info_of(L, look);
	if (lua_type(L, -1) != LUA_TSTRING) apl_test_raise(L, "test-value", "an outcome is text");
	if (apl_test_same(info.outcome, lua_tostring(L, -1))) return;
	clear(look);
	apl_test_text_put(&look->file->expected, lua_tostring(L, -1));
	if (info.outcome != NULL)
		apl_test_text_put(&look->file->found, info.outcome);
	else
		apl_test_text_put(
		    &look->file->found, info.status == APLOMB_CASE_CLOSED ? "closed without a named outcome" : "none: the case is not closed");
	differ(L, look, "outcome");
}

/* ---- what it knows ------------------------------------------------------ */

static void expect_data(lua_State *L, const apl_test_look *look) {
	aplomb_value data = apl_test_case_data(L, look->the_case);
	clear(look);
	if (apl_test_matches(L, -1, data, &look->file->hint)) return;
	apl_test_show_lua(L, &look->file->expected, -1);
	apl_test_show_json(&look->file->found, data);
	differ(L, look, "data");
}

static void add_counter(const char *name, uint64_t count, void *payload) {
	apl_test_text_format(payload, "%s\"%s\":%llu", ((apl_test_text *)payload)->size > 1 ? "," : "", name, (unsigned long long)count);
}

static void expect_counters(lua_State *L, const apl_test_look *look) {
	const apl_test_case *c = apl_test_begun_case(L, look->the_case);
	apl_test_text *json = &look->file->json;
	if (!lua_istable(L, -1)) apl_test_raise(L, "test-value", "counters are expected by name: counters = { abuse = 2 }");
	apl_test_text_cut(json, 0);
	apl_test_text_put(json, "{");
	aplomb_case_counters(runtime_of(look), c->id, add_counter, json);
	apl_test_text_put(json, "}");
	if (json->failed) apl_test_no_memory(L);
	aplomb_value counters = apl_test_read_json(L, json->bytes, json->size);
	clear(look);
	if (apl_test_matches(L, -1, counters, &look->file->hint)) return;
	apl_test_show_lua(L, &look->file->expected, -1);
	apl_test_show_json(&look->file->found, counters);
	differ(L, look, "counters");
}

static void add_truth(apl_test_text *json, const char *label, bool truth) {
	apl_test_text_format(json, "%s%s", label, truth ? "true" : "false");
}

static void add_clock(const aplomb_clock *clock, void *payload) {
	apl_test_text *json = payload;
	char at[32];
	apl_test_text_format(json, "%s\"%s\":{", json->size > 1 ? "," : "", clock->name);
	if (clock->has_deadline) {
		aplomb_instant_write(clock->deadline, at);
		apl_test_text_format(json, "\"deadline\":\"%s\",", at);
	}
	if (clock->has_begun) apl_test_text_format(json, "\"elapsed\":\"%s\",", clock->elapsed_said);
	add_truth(json, "\"is_breached\":", clock->is_breached);
	add_truth(json, ",\"is_running\":", clock->is_running);
	if (clock->has_begun) apl_test_text_format(json, ",\"left\":\"%s\"", clock->left_said);
	if (clock->said[0] != '\0') apl_test_text_format(json, ",\"target\":\"%s\"", clock->said);
	apl_test_text_format(json, ",\"warned\":%u}", clock->warned);
}

static void expect_clocks(lua_State *L, const apl_test_look *look) {
	const apl_test_case *c = apl_test_begun_case(L, look->the_case);
	apl_test_text *json = &look->file->json;
	if (!lua_istable(L, -1)) apl_test_raise(L, "test-value", "clocks are expected by name: clocks = { resolve = { left = \"2h\" } }");
	for (apl_test_pairs(L, lua_gettop(L)); apl_test_next(L); lua_pop(L, 2)) {
		aplomb_clock clock = APLOMB_CLOCK_INIT;
		aplomb_error error;
		const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
		if (aplomb_case_clock(runtime_of(look), c->id, name, &clock, &error) != APLOMB_OK)
			apl_test_raise(L, "unknown-clock", "clocks: %s", error.message);
	}
	apl_test_text_cut(json, 0);
	apl_test_text_put(json, "{");
	aplomb_case_clocks(runtime_of(look), c->id, add_clock, json);
	apl_test_text_put(json, "}");
	if (json->failed) apl_test_no_memory(L);
	aplomb_value clocks = apl_test_read_json(L, json->bytes, json->size);
	clear(look);
	if (apl_test_matches(L, -1, clocks, &look->file->hint)) return;
	apl_test_show_lua(L, &look->file->expected, -1);
	apl_test_show_json(&look->file->found, clocks);
	differ(L, look, "clocks");
}

/* ---- what is due -------------------------------------------------------- */

typedef struct due_search {
	const char *name; /* NULL: any */
	bool has_at;
	aplomb_instant at, now;
	bool found_name, found;
	aplomb_instant first;
	size_t count;
	apl_test_text *told;
} due_search;

static void look_at_timer(const char *name, aplomb_instant due_at, void *payload) {
	due_search *search = payload;
	if (search->count++ == 0) search->first = due_at;
	if (search->told != NULL) {
		char at[32], span[32];
		aplomb_instant_write(due_at, at);
		aplomb_span_write(due_at - search->now, span);
		separate(search->told);
		apl_test_text_format(search->told, "%s in %s (%s)", name, span, at);
	}
	if (search->name != NULL && !apl_test_is_path(name, search->name)) return;
	search->found_name = true;
	search->found = search->found || (search->has_at && due_at == search->at);
}

static due_search search_timers(const apl_test_look *look, const char *name, bool has_at, aplomb_instant at, apl_test_text *told) {
	due_search search = {.name = name, .has_at = has_at, .at = at, .now = aplomb_now(runtime_of(look)), .told = told};
	aplomb_case_timers(runtime_of(look), case_of(look)->id, look_at_timer, &search);
	return search;
}

/* Of the text on top: a span from now, or a time. */
static aplomb_instant check_due(lua_State *L, const apl_test_look *look, const char *what) {
	const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
	aplomb_span span;
	aplomb_instant at;
	if (aplomb_span_read(text, &span, NULL) == APLOMB_OK) return aplomb_now(runtime_of(look)) + span;
	if (aplomb_instant_read(text, &at, NULL) == APLOMB_OK) return at;
	apl_test_raise(L, "test-value", "%s: when it is due is a span from now (\"47h59m\") or a time (\"2026-03-04T09:00:00Z\")", what);
	return 0;
}

static void tell_due(const apl_test_look *look) {
	search_timers(look, NULL, false, 0, &look->file->found);
	if (look->file->found.size == 0) apl_test_text_put(&look->file->found, "nothing is due");
}

static void expect_due(lua_State *L, const apl_test_look *look) {
	apl_test_begun_case(L, look->the_case);
	if (!lua_istable(L, -1)) apl_test_raise(L, "test-value", "what is due is expected by name: due = { waiting = \"2h\" }");
	int names = lua_gettop(L);
	clear(look);
	bool is_so = true, is_empty = true;
	for (apl_test_pairs(L, names); apl_test_next(L); lua_pop(L, 2)) {
		is_empty = false;
		if (lua_type(L, -2) != LUA_TSTRING) apl_test_raise(L, "test-value", "what is due is expected by name: due = { waiting = \"2h\" }");
		const char *name = lua_tostring(L, -2);
		aplomb_instant at = check_due(L, look, name);
		due_search search = search_timers(look, name, true, at, NULL);
		if (search.found) continue;
		is_so = false;
		separate(&look->file->expected);
		apl_test_text_format(&look->file->expected, "%s in %s", name, lua_tostring(L, -1));
	}
	if (is_empty) {
		is_so = search_timers(look, NULL, false, 0, NULL).count == 0;
		if (!is_so) apl_test_text_put(&look->file->expected, "nothing is due");
	}
	if (is_so) return;
	tell_due(look);
	differ(L, look, "due");
}

static void expect_not_due(lua_State *L, const apl_test_look *look) {
	apl_test_begun_case(L, look->the_case);
	lua_Integer count = as_texts(L, "not_due");
	int list = lua_gettop(L);
	clear(look);
	for (lua_Integer i = 1; i <= count; i++) {
		const char *name = text_at(L, list, i);
		if (!search_timers(look, name, false, 0, NULL).found_name) continue;
		separate(&look->file->expected);
		apl_test_text_format(&look->file->expected, "nothing of %s", name);
	}
	if (look->file->expected.size == 0) return;
	tell_due(look);
	differ(L, look, "not_due");
}

static void expect_next_due(lua_State *L, const apl_test_look *look) {
	apl_test_begun_case(L, look->the_case);
	aplomb_instant at = check_due(L, look, "next_due");
	due_search search = search_timers(look, NULL, false, 0, NULL);
	if (search.count > 0 && search.first == at) return;
	clear(look);
	apl_test_text_put(&look->file->expected, lua_tostring(L, -1));
	tell_due(look);
	differ(L, look, "next_due");
}

/* ---- what went wrong ---------------------------------------------------- */

/* Everything of that kind in the steps looked at is expected from now on, whether rightly or not: it is looked at here. */
static size_t gather_troubles(const apl_test_look *look, apl_test_trouble_kind kind) {
	apl_test_world *world = &look->file->world;
	size_t count = 0;
	for (size_t i = 0; i < world->n_troubles; i++) {
		apl_test_trouble *trouble = &world->troubles[i];
		if (trouble->kind != kind || trouble->the_case != look->the_case || trouble->step < look->from_step) continue;
		trouble->is_expected = true;
		count++;
		separate(&look->file->found);
		apl_test_text_put(&look->file->found, trouble->slug);
		if (look->file->hint.size > 0) apl_test_text_put(&look->file->hint, "; ");
		apl_test_text_put(&look->file->hint, trouble->message);
	}
	return count;
}

/* true: some; false: none; texts: just these slugs, in this order. */
static void expect_trouble(lua_State *L, const apl_test_look *look, apl_test_trouble_kind kind, const char *about) {
	clear(look);
	size_t count = gather_troubles(look, kind);
	apl_test_text *expected = &look->file->expected;
	bool is_so;
	if (lua_isboolean(L, -1)) {
		is_so = (count > 0) == (lua_toboolean(L, -1) != 0);
		apl_test_text_put(expected, lua_toboolean(L, -1) ? "some" : "none");
	} else {
		lua_Integer wanted = as_texts(L, about);
		for (lua_Integer i = 1; i <= wanted; i++) {
			separate(expected);
			apl_test_text_put(expected, text_at(L, lua_gettop(L), i));
		}
		is_so = strcmp(apl_test_text_of(expected), apl_test_text_of(&look->file->found)) == 0;
		if (wanted == 0) apl_test_text_put(expected, "none");
	}
	if (is_so) return;
	if (count == 0) apl_test_text_put(&look->file->found, "none");
	differ(L, look, about);
}

static void expect_findings(lua_State *L, const apl_test_look *look) {
	expect_trouble(L, look, APL_TEST_FINDING, "findings");
}

static void expect_refused(lua_State *L, const apl_test_look *look) {
	expect_trouble(L, look, APL_TEST_REFUSED, "refused");
}

static void expect_faulted(lua_State *L, const apl_test_look *look) {
	expect_trouble(L, look, APL_TEST_FAULTED, "faulted");
}

/* ---- what happened ------------------------------------------------------ */

static bool has_item(const apl_test_look *look, const char *what) {
	apl_test_cursor cursor = {0};
	return aplomb_value_kind(apl_test_next_item(look, &cursor, what)) != APLOMB_ABSENT;
}

static void expect_whether(lua_State *L, const apl_test_look *look, const char *what) {
	if (!lua_isboolean(L, -1)) apl_test_raise(L, "test-value", "%s is true or false", what);
	bool wanted = lua_toboolean(L, -1);
	if (has_item(look, what) == wanted) return;
	clear(look);
	apl_test_text_format(&look->file->expected, "%s%s", wanted ? "" : "not ", what);
	apl_test_text_format(&look->file->found, "%s%s", wanted ? "not " : "", what);
	differ(L, look, what);
}

static void expect_unhandled(lua_State *L, const apl_test_look *look) {
	expect_whether(L, look, "unhandled");
}

static void expect_deferred(lua_State *L, const apl_test_look *look) {
	expect_whether(L, look, "deferred");
}

/* Texts that must be found in [member] of items of these kinds, wherever. */
static void expect_said(lua_State *L, const apl_test_look *look, const char *about, const char *const *kinds, const char *member) {
	lua_Integer count = as_texts(L, about);
	int list = lua_gettop(L);
	clear(look);
	for (lua_Integer i = 1; i <= count; i++) {
		const char *wanted = text_at(L, list, i);
		bool is_there = false;
		for (size_t k = 0; kinds[k] != NULL; k++) {
			apl_test_cursor cursor = {0};
			for (aplomb_value item; aplomb_value_kind(item = apl_test_next_item(look, &cursor, kinds[k])) != APLOMB_ABSENT;)
				is_there = is_there || apl_test_same(apl_test_text_in(item, member), wanted);
		}
		if (is_there) continue;
		separate(&look->file->expected);
		apl_test_text_put(&look->file->expected, wanted);
	}
	if (look->file->expected.size == 0) return;
	for (size_t k = 0; kinds[k] != NULL; k++) {
		apl_test_cursor cursor = {0};
		for (aplomb_value item; aplomb_value_kind(item = apl_test_next_item(look, &cursor, kinds[k])) != APLOMB_ABSENT;) {
			const char *text = apl_test_text_in(item, member);
			if (text == NULL) continue;
			if (look->file->found.size > 0) apl_test_text_put(&look->file->found, "; ");
			apl_test_text_put(&look->file->found, text);
		}
	}
	if (look->file->found.size == 0) apl_test_text_put(&look->file->found, "none");
	differ(L, look, about);
}

static void expect_because(lua_State *L, const apl_test_look *look) {
	expect_said(L, look, "because", (const char *const[]){"transition", "effect", NULL}, "because");
}

static void expect_raised(lua_State *L, const apl_test_look *look) {
	expect_said(L, look, "raised", (const char *const[]){"raise", NULL}, "event");
}

static void expect_sent(lua_State *L, const apl_test_look *look) {
	expect_said(L, look, "sent", (const char *const[]){"send", "arm", NULL}, "event");
}

static void expect_logged(lua_State *L, const apl_test_look *look) {
	expect_said(L, look, "logged", (const char *const[]){"log", NULL}, "message");
}

/* ---- case:expect -------------------------------------------------------- */

static const struct {
	const char *name;
	expectation_fn look;
} EXPECTATIONS[] = {
    /* In the order in which they are told. */
    {"refused", expect_refused},
    {"faulted", expect_faulted},
    {"findings", expect_findings},
    {"state", expect_state},
    {"not_state", expect_not_state},
    {"closed", expect_closed},
    {"outcome", expect_outcome},
    {"unhandled", expect_unhandled},
    {"deferred", expect_deferred},
    {"effects", apl_test_expect_effects},
    {"effects_include", apl_test_expect_some_effects},
    {"no_effect", apl_test_expect_no_effect},
    {"because", expect_because},
    {"raised", expect_raised},
    {"sent", expect_sent},
    {"logged", expect_logged},
    {"data", expect_data},
    {"counters", expect_counters},
    {"clocks", expect_clocks},
    {"due", expect_due},
    {"not_due", expect_not_due},
    {"next_due", expect_next_due},
};
enum { N_EXPECTATIONS = sizeof EXPECTATIONS / sizeof EXPECTATIONS[0] };

static void check_names(lua_State *L, int index) {
	const char *names[N_EXPECTATIONS];
	for (size_t i = 0; i < N_EXPECTATIONS; i++) names[i] = EXPECTATIONS[i].name;
	bool is_empty = true;
	for (apl_test_pairs(L, index); apl_test_next(L); lua_pop(L, 2)) {
		is_empty = false;
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "1";
		bool is_known = false;
		for (size_t i = 0; i < N_EXPECTATIONS; i++) is_known = is_known || strcmp(key, names[i]) == 0;
		if (is_known) continue;
		const char *nearest = aplomb_nearest(key, names, N_EXPECTATIONS);
		if (nearest != NULL) apl_test_raise(L, "test-word", "\"%.80s\" cannot be expected of a case; did you mean \"%s\"?", key, nearest);
		apl_test_raise(
		    L, "test-word", "\"%.80s\" cannot be expected of a case; state, effects, data and others can, see docs/testing.md", key);
	}
	if (is_empty) apl_test_raise(L, "test-word", "nothing is expected here; write what: case:expect { state = \"…\" }");
}

static int expect(lua_State *L, uint32_t from_step) {
	apl_test_file *file = apl_test_file_of(L);
	const apl_test_look look = {file, apl_test_check_case(L), from_step};
	lua_settop(L, 2);
	if (lua_type(L, 2) == LUA_TSTRING) {
		/* case:expect "waiting" */
		lua_createtable(L, 0, 1);
		lua_insert(L, 2);
		lua_setfield(L, 2, "state");
	}
	if (!lua_istable(L, 2))
		return apl_test_raise(L, "test-value", "expect takes a state, or a table: case:expect { state = \"…\", effects = { … } }");
	check_names(L, 2);
	for (size_t i = 0; i < N_EXPECTATIONS; i++) {
		if (lua_getfield(L, 2, EXPECTATIONS[i].name) != LUA_TNIL) EXPECTATIONS[i].look(L, &look);
		lua_settop(L, 2);
	}
	if (file->world.n_differences == 0) {
		lua_settop(L, 1);
		return 1;
	}
	return apl_test_fail(L, look.the_case, "the case is not as expected");
}

int apl_test_expect(lua_State *L) {
	return expect(L, apl_test_file_of(L)->world.step);
}

int apl_test_expect_so_far(lua_State *L) {
	return expect(L, 0);
}
