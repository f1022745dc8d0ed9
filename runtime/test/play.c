/* SPDX-License-Identifier: MIT */
/*
 * Decides what a test can do to its cases: let people speak, let something
 * happen, let time pass. Each such act is one step of the test: timers that
 * fall due on the way fire at their own times and belong to it. Time moves by
 * nothing else.
 */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "test/inside.h"

enum { MOST_FIRED = 100000 };

static const char CASE;

/* ---- the object --------------------------------------------------------- */

size_t apl_test_check_case(lua_State *L) {
	const size_t *object = lua_touserdata(L, 1);
	bool is_case = object != NULL && lua_getmetatable(L, 1) != 0;
	if (is_case) {
		lua_rawgetp(L, LUA_REGISTRYINDEX, &CASE);
		is_case = lua_rawequal(L, -1, -2);
		lua_pop(L, 2);
	}
	if (!is_case) apl_test_raise(L, "test-word", "this is called on a case, with a colon: case:wait \"2h\"");
	if (*object >= apl_test_file_of(L)->world.n_cases) apl_test_raise(L, "test-word", "this case belongs to another test, which is over");
	return *object;
}

apl_test_case *apl_test_begun_case(lua_State *L, size_t the_case) {
	apl_test_case *c = &apl_test_file_of(L)->world.cases[the_case];
	if (!c->has_begun)
		apl_test_raise(L, "test-word", "the case \"%s\" has not begun: it opens with its first event, so let somebody speak first", c->id);
	return c;
}

void apl_test_push_case(lua_State *L, const char *id) {
	apl_test_world *world = &apl_test_file_of(L)->world;
	apl_test_need_room(L, &world->cases, world->n_cases, &world->cases_capacity, sizeof *world->cases);
	world->cases[world->n_cases] = (apl_test_case){.id = apl_test_need_copy(L, id)};
	size_t *object = lua_newuserdatauv(L, sizeof *object, 0);
	*object = world->n_cases++;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &CASE);
	lua_setmetatable(L, -2);
}

/* ---- steps -------------------------------------------------------------- */

/* The test does something: what went wrong before must have been expected by now. */
static void begin_step(lua_State *L) {
	apl_test_file *file = apl_test_file_of(L);
	if (!file->world.has_failed && apl_test_troubled(file)) apl_test_fail_again(L);
	file->world.step++;
}

static void pump(lua_State *L, uint32_t *fired) {
	apl_test_file *file = apl_test_file_of(L);
	aplomb_error error;
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	do {
		if (aplomb_pump(file->world.group->rt, 0, &report, &error) != APLOMB_OK) apl_test_raise(L, error.slug, "%s", error.message);
		*fired += report.timers;
		if (*fired > MOST_FIRED)
			apl_test_raise(
			    L, "test-limit", "more than 100,000 timers fired in one step of the test; is there one that arms itself for ever?");
	} while (report.more);
	if (!apl_test_read_lines(file)) apl_test_no_memory(L);
}

void apl_test_advance(lua_State *L, aplomb_instant at) {
	aplomb_runtime *rt = apl_test_file_of(L)->world.group->rt;
	aplomb_error error;
	aplomb_instant due;
	uint32_t fired = 0;
	while (aplomb_next_due(rt, &due) && due <= at) {
		if (due > aplomb_now(rt) && aplomb_turn_clock(rt, due, &error) != APLOMB_OK) apl_test_raise(L, error.slug, "%s", error.message);
		pump(L, &fired);
	}
	/* A recorded event that was late lies behind. */
	if (at < aplomb_now(rt) && apl_test_file_of(L)->world.recorded_path != NULL) return;
	if (aplomb_turn_clock(rt, at, &error) != APLOMB_OK) apl_test_raise(L, error.slug, "%s", error.message);
}

static aplomb_instant check_instant(lua_State *L, int index, const char *what) {
	aplomb_instant at;
	aplomb_error error;
	if (lua_type(L, index) != LUA_TSTRING) apl_test_raise(L, "test-value", "%s is a time, written so: \"2026-03-02T09:00:00Z\"", what);
	if (aplomb_instant_read(lua_tostring(L, index), &at, &error) != APLOMB_OK)
		apl_test_raise(L, "test-value", "%s: %s", what, error.message);
	return at;
}

/* ---- time --------------------------------------------------------------- */

static int end_of_step(lua_State *L) {
	lua_settop(L, 1);
	return 1;
}

static int case_wait(lua_State *L) {
	apl_test_check_case(L);
	aplomb_span span;
	aplomb_error error;
	if (lua_type(L, 2) != LUA_TSTRING) return apl_test_raise(L, "test-value", "wait takes a span, written so: case:wait \"47h59m\"");
	if (aplomb_span_read(lua_tostring(L, 2), &span, &error) != APLOMB_OK) return apl_test_raise(L, "test-value", "wait: %s", error.message);
	begin_step(L);
	aplomb_instant now = aplomb_now(apl_test_file_of(L)->world.group->rt);
	if (span > INT64_MAX - now) return apl_test_raise(L, "test-value", "wait: that is beyond the year 9999");
	apl_test_advance(L, now + span);
	return end_of_step(L);
}

static int case_wait_until(lua_State *L) {
	apl_test_check_case(L);
	aplomb_instant at = check_instant(L, 2, "wait_until");
	begin_step(L);
	apl_test_advance(L, at);
	return end_of_step(L);
}

static int case_next(lua_State *L) {
	apl_test_check_case(L);
	aplomb_runtime *rt = apl_test_file_of(L)->world.group->rt;
	begin_step(L);
	aplomb_instant due;
	if (!aplomb_next_due(rt, &due)) return apl_test_fail(L, apl_test_check_case(L), "nothing is due: no timer is armed");
	if (due < aplomb_now(rt)) due = aplomb_now(rt);
	apl_test_advance(L, due);
	return end_of_step(L);
}

/* ---- events ------------------------------------------------------------- */

static void note_refusal(lua_State *L, size_t the_case, const char *slug, const char *message) {
	apl_test_world *world = &apl_test_file_of(L)->world;
	apl_test_need_room(L, &world->troubles, world->n_troubles, &world->troubles_capacity, sizeof *world->troubles);
	apl_test_trouble *trouble = &world->troubles[world->n_troubles];
	const char *file;
	*trouble = (apl_test_trouble){.kind = APL_TEST_REFUSED, .the_case = the_case, .step = world->step};
	trouble->line = apl_test_here(L, &file);
	world->n_troubles++;
	trouble->file = apl_test_need_copy(L, file);
	trouble->slug = apl_test_need_copy(L, slug);
	trouble->message = apl_test_need_copy(L, message);
}

/* An event that waited is answered; only what was turned away after all is news. */
static void take_receipt(const aplomb_receipt *receipt, void *payload) {
	apl_test_file *file = payload;
	if (receipt->code == APLOMB_OK) return;
	apl_test_text_cut(&file->refusal, 0);
	apl_test_text_put(&file->refusal, receipt->message != NULL ? receipt->message : aplomb_code_sentence(receipt->code));
}

/* What the first event carries: what case:open said, and the parameters of the group below it. */
static void write_open(lua_State *L, apl_test_text *out, int open) {
	apl_test_group *group = apl_test_file_of(L)->world.group;
	lua_newtable(L);
	int made = lua_gettop(L);
	static const char *const fields[] = {"data", "history", "locale", "seed"};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0] && open != 0; i++) {
		lua_getfield(L, open, fields[i]);
		lua_setfield(L, made, fields[i]);
	}
	lua_newtable(L);
	if (lua_rawgeti(L, LUA_REGISTRYINDEX, group->params) == LUA_TTABLE) {
		for (lua_pushnil(L); lua_next(L, -2) != 0;) {
			lua_pushvalue(L, -2);
			lua_insert(L, -2);
			lua_settable(L, made + 1);
		}
	}
	lua_settop(L, made + 1);
	if (open != 0 && lua_getfield(L, open, "params") == LUA_TTABLE) {
		for (lua_pushnil(L); lua_next(L, -2) != 0;) {
			lua_pushvalue(L, -2);
			lua_insert(L, -2);
			lua_settable(L, made + 1);
		}
	}
	lua_settop(L, made + 1);
	lua_setfield(L, made, "params");
	apl_test_to_json(L, out, made);
	lua_settop(L, made - 1);
}

static void check_keys(lua_State *L, int index, const char *word, const char *const *known, size_t count) {
	char list[160] = "";
	for (size_t i = 0; i < count; i++) {
		strcat(list, i == 0 ? "" : i + 1 == count ? " and " : ", ");
		strcat(list, known[i]);
	}
	for (apl_test_pairs(L, index); apl_test_next(L); lua_pop(L, 2)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "1";
		bool is_known = false;
		for (size_t i = 0; i < count; i++) is_known = is_known || strcmp(key, known[i]) == 0;
		if (is_known) continue;
		const char *nearest = aplomb_nearest(key, known, count);
		if (nearest != NULL)
			apl_test_raise(L, "test-word", "%s knows %s, and not \"%.80s\"; did you mean \"%s\"?", word, list, key, nearest);
		apl_test_raise(L, "test-word", "%s knows %s, and not \"%.80s\"", word, list, key);
	}
}

/* Text of the table at [index], or NULL; lent while the table is on the stack. */
static const char *text_member(lua_State *L, int index, const char *word, const char *key) {
	if (index == 0 || lua_isnil(L, index)) return NULL;
	if (lua_getfield(L, index, key) == LUA_TNIL) {
		lua_pop(L, 1);
		return NULL;
	}
	if (lua_type(L, -1) != LUA_TSTRING) apl_test_raise(L, "test-value", "%s: %s is text", word, key);
	const char *text = lua_tostring(L, -1);
	lua_pop(L, 1);
	return text;
}

void apl_test_deliver(lua_State *L, size_t the_case, aplomb_event *event) {
	apl_test_file *file = apl_test_file_of(L);
	begin_step(L);
	aplomb_runtime *rt = file->world.group->rt;
	/* An event of the future is one that time goes on to; one of the past is late. */
	if (event->has_at && event->at > aplomb_now(rt)) apl_test_advance(L, event->at);
	apl_test_case *c = &file->world.cases[the_case];
	event->case_id = c->id;
	if (!c->has_begun) {
		if (c->open == NULL) {
			apl_test_text_cut(&file->found, 0);
			write_open(L, &file->found, 0);
			c->open = apl_test_need_copy(L, apl_test_text_of(&file->found));
		}
		event->playbook = aplomb_playbook_id(file->world.group->playbook);
		event->open = c->open;
		event->subject = c->subject;
	}
	aplomb_error error;
	apl_test_text_cut(&file->refusal, 0);
	/* Without an event the case only opens. */
	int code = event->name != NULL ? aplomb_post(rt, event, take_receipt, file, &error) : aplomb_case_open(rt, event, NULL, &error);
	bool is_refused = code == APLOMB_EREFUSED || code == APLOMB_EFAULTED;
	if (is_refused) note_refusal(L, the_case, error.slug, error.message);
	if (code != APLOMB_OK && !is_refused) apl_test_raise(L, error.slug, "%s", error.message);
	uint32_t fired = 0;
	pump(L, &fired);
	if (code == APLOMB_OK && file->refusal.size > 0) note_refusal(L, the_case, "case-closed", file->refusal.bytes);
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	c->has_begun = c->has_begun || aplomb_case_get(rt, c->id, &info, NULL) == APLOMB_OK;
}

/* [data] and [envelope]: places on the stack, or nil there. */
static void post(lua_State *L, size_t the_case, const char *name, const char *by, int data, int envelope) {
	static const char *const known[] = {"by", "id", "at"};
	apl_test_file *file = apl_test_file_of(L);
	aplomb_event event = APLOMB_EVENT_INIT;
	if (!lua_isnil(L, data) && !lua_istable(L, data))
		apl_test_raise(L, "test-value", "what the event \"%.80s\" carries is a table of fields", name);
	if (!lua_isnil(L, envelope)) {
		if (!lua_istable(L, envelope)) apl_test_raise(L, "test-value", "behind what an event carries stands a table: { by =, id =, at = }");
		check_keys(L, envelope, "an event's envelope", known, 3);
		if (lua_getfield(L, envelope, "at") != LUA_TNIL) {
			event.at = check_instant(L, -1, "at");
			event.has_at = true;
		}
		lua_pop(L, 1);
	}
	const char *given_by = text_member(L, envelope, name, "by");
	event.id = text_member(L, envelope, name, "id");
	event.by = given_by != NULL ? given_by : by;
	event.name = name;
	apl_test_text_cut(&file->json, 0);
	if (!lua_isnil(L, data)) {
		apl_test_to_json(L, &file->json, data);
		event.data = file->json.bytes;
		event.data_size = file->json.size;
	}
	apl_test_deliver(L, the_case, &event);
}

static int case_event(lua_State *L) {
	size_t the_case = apl_test_check_case(L);
	if (lua_type(L, 2) != LUA_TSTRING)
		return apl_test_raise(
		    L, "test-value", "event takes a name, and then what the event carries: case:event(\"order.late\", { days = 3 })");
	lua_settop(L, 4);
	post(L, the_case, lua_tostring(L, 2), NULL, 3, 4);
	return end_of_step(L);
}

/* case:customer("…", { tone = -0.5 }, { at = … }). Upvalue: who speaks. */
static int case_says(lua_State *L) {
	const char *who = lua_tostring(L, lua_upvalueindex(1));
	size_t the_case = apl_test_check_case(L);
	bool has_text = lua_type(L, 2) == LUA_TSTRING;
	if (!has_text && !lua_istable(L, 2) && !lua_isnoneornil(L, 2))
		return apl_test_raise(L, "test-value", "case:%s takes what is said: case:%s \"Where is it?\"", who, who);
	lua_settop(L, has_text ? 4 : 3);
	if (has_text) {
		/* The fields are the test's own table: what is said goes into a copy. */
		lua_newtable(L);
		if (lua_istable(L, 3)) {
			for (lua_pushnil(L); lua_next(L, 3) != 0;) {
				lua_pushvalue(L, -2);
				lua_insert(L, -2);
				lua_settable(L, 5);
			}
		} else if (!lua_isnil(L, 3)) {
			return apl_test_raise(L, "test-value", "behind what %s says stands a table of the event's other fields", who);
		}
		lua_pushvalue(L, 2);
		lua_setfield(L, 5, "text");
	} else {
		lua_pushnil(L);
		lua_insert(L, 3); /* case, fields, nil, envelope */
		lua_pushvalue(L, 2);
	}
	lua_pushfstring(L, "%s.message", who);
	post(L, the_case, lua_tostring(L, 6), who, 5, 4);
	return end_of_step(L);
}

/* ---- opening ------------------------------------------------------------ */

static int case_open(lua_State *L) {
	static const char *const known[] = {"data", "params", "subject", "history", "locale", "seed"};
	apl_test_file *file = apl_test_file_of(L);
	size_t the_case = apl_test_check_case(L);
	apl_test_case *c = &file->world.cases[the_case];
	if (!lua_istable(L, 2)) return apl_test_raise(L, "test-value", "open takes a table: case:open { data = { … } }");
	if (c->has_begun) return apl_test_raise(L, "test-word", "the case \"%s\" is open already", c->id);
	lua_settop(L, 2);
	check_keys(L, 2, "open", known, sizeof known / sizeof known[0]);
	const char *subject = text_member(L, 2, "open", "subject");
	free(c->subject);
	c->subject = NULL;
	c->subject = apl_test_need_copy(L, subject);
	apl_test_text_cut(&file->found, 0);
	write_open(L, &file->found, 2);
	free(c->open);
	c->open = NULL;
	c->open = apl_test_need_copy(L, apl_test_text_of(&file->found));
	return end_of_step(L);
}

static int case_begin(lua_State *L) {
	size_t the_case = apl_test_check_case(L);
	const apl_test_case *c = &apl_test_file_of(L)->world.cases[the_case];
	if (c->has_begun) return apl_test_raise(L, "test-word", "the case \"%s\" is open already", c->id);
	aplomb_event opening = APLOMB_EVENT_INIT;
	apl_test_deliver(L, the_case, &opening);
	return end_of_step(L);
}

static int case_another(lua_State *L) {
	apl_test_check_case(L);
	if (lua_type(L, 2) != LUA_TSTRING)
		return apl_test_raise(L, "test-value", "another takes the new case's id: local other = case:another \"order-2\"");
	const char *id = lua_tostring(L, 2);
	const apl_test_world *world = &apl_test_file_of(L)->world;
	for (size_t i = 0; i < world->n_cases; i++)
		if (strcmp(world->cases[i].id, id) == 0) return apl_test_raise(L, "test-word", "there is a case \"%.80s\" already", id);
	apl_test_push_case(L, id);
	return 1;
}

/* ---- looking ------------------------------------------------------------ */

aplomb_value apl_test_read_json(lua_State *L, const char *text, size_t size) {
	apl_test_world *world = &apl_test_file_of(L)->world;
	aplomb_json_free(world->read);
	world->read = NULL;
	aplomb_error error;
	if (aplomb_json_read(&world->read, text, size, &error) != APLOMB_OK) apl_test_raise(L, error.slug, "%s", error.message);
	return aplomb_json_root(world->read);
}

aplomb_value apl_test_case_data(lua_State *L, size_t the_case) {
	apl_test_file *file = apl_test_file_of(L);
	const apl_test_case *c = apl_test_begun_case(L, the_case);
	char *json;
	size_t size;
	aplomb_error error;
	aplomb_json_free(file->world.read);
	file->world.read = NULL;
	int code = aplomb_case_data(file->world.group->rt, c->id, &json, &size, &error);
	if (code == APLOMB_OK) {
		code = aplomb_json_read(&file->world.read, json, size, &error);
		aplomb_text_free(file->world.group->rt, json);
	}
	if (code != APLOMB_OK) apl_test_raise(L, error.slug, "%s", error.message);
	return aplomb_json_root(file->world.read);
}

static int property_id(lua_State *L) {
	lua_pushstring(L, apl_test_file_of(L)->world.cases[apl_test_check_case(L)].id);
	return 1;
}

static int property_now(lua_State *L) {
	char text[32];
	aplomb_instant_write(aplomb_now(apl_test_file_of(L)->world.group->rt), text);
	lua_pushstring(L, text);
	return 1;
}

static int property_data(lua_State *L) {
	apl_test_push_json(L, apl_test_case_data(L, apl_test_check_case(L)));
	return 1;
}

static void add_state(const char *path, void *payload) {
	apl_test_text *out = payload;
	if (out->size > 0) apl_test_text_put(out, " ");
	apl_test_text_put(out, path);
}

static int property_states(lua_State *L) {
	apl_test_file *file = apl_test_file_of(L);
	const apl_test_case *c = apl_test_begun_case(L, apl_test_check_case(L));
	apl_test_text_cut(&file->found, 0);
	aplomb_case_states(file->world.group->rt, c->id, add_state, &file->found);
	lua_newtable(L);
	lua_Integer count = 0;
	for (const char *at = apl_test_text_of(&file->found); *at != '\0'; at += strspn(at, " ")) {
		size_t size = strcspn(at, " ");
		lua_pushlstring(L, at, size);
		lua_rawseti(L, -2, ++count);
		at += size;
	}
	return 1;
}

static int property_outcome(lua_State *L) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	const apl_test_case *c = apl_test_begun_case(L, apl_test_check_case(L));
	aplomb_case_get(apl_test_file_of(L)->world.group->rt, c->id, &info, NULL);
	lua_pushstring(L, info.outcome);
	return 1;
}

/* Those of the newest step: { kind =, because =, data = { … } }. */
static int property_effects(lua_State *L) {
	apl_test_file *file = apl_test_file_of(L);
	const apl_test_look look = {file, apl_test_check_case(L), file->world.step};
	apl_test_cursor cursor = {0};
	lua_newtable(L);
	lua_Integer count = 0;
	for (aplomb_value item; aplomb_value_kind(item = apl_test_next_item(&look, &cursor, "effect")) != APLOMB_ABSENT;) {
		lua_createtable(L, 0, 3);
		static const char *const members[] = {"kind", "because", "data"};
		for (size_t i = 0; i < 3; i++) {
			apl_test_push_json(L, aplomb_value_get(item, members[i]));
			lua_setfield(L, -2, members[i]);
		}
		lua_rawseti(L, -2, ++count);
	}
	return 1;
}

/* ---- all of it ---------------------------------------------------------- */

static const luaL_Reg METHODS[] = {{"open", case_open}, {"begin", case_begin}, {"another", case_another}, {"event", case_event},
    {"wait", case_wait}, {"wait_until", case_wait_until}, {"next", case_next}, {"expect", apl_test_expect},
    {"expect_so_far", apl_test_expect_so_far}};
static const luaL_Reg PROPERTIES[] = {{"id", property_id}, {"now", property_now}, {"data", property_data}, {"states", property_states},
    {"outcome", property_outcome}, {"effects", property_effects}};

enum { N_METHODS = sizeof METHODS / sizeof METHODS[0], N_PROPERTIES = sizeof PROPERTIES / sizeof PROPERTIES[0], MOST_SPEAKERS = 64 };

/* Whoever has an event "<who>.message" can speak; "-" is written "_". */
static bool push_speaker(lua_State *L, const char *who) {
	char name[128];
	size_t size = strlen(who);
	if (size > sizeof name - sizeof ".message") return false;
	for (size_t i = 0; i <= size; i++) name[i] = who[i] == '_' ? '-' : who[i];
	memcpy(name + size, ".message", sizeof ".message");
	if (!apl_test_names_have(&apl_test_file_of(L)->world.group->events, name)) {
		memcpy(name, who, size);
		if (!apl_test_names_have(&apl_test_file_of(L)->world.group->events, name)) return false;
	}
	lua_pushlstring(L, name, size);
	lua_pushcclosure(L, case_says, 1);
	return true;
}

static int unknown_member(lua_State *L, const char *key) {
	const char *names[N_METHODS + N_PROPERTIES + MOST_SPEAKERS];
	size_t count = 0;
	for (size_t i = 0; i < N_METHODS; i++) names[count++] = METHODS[i].name;
	for (size_t i = 0; i < N_PROPERTIES; i++) names[count++] = PROPERTIES[i].name;
	const apl_test_names *events = &apl_test_file_of(L)->world.group->events;
	size_t first_speaker = count;
	for (size_t i = 0; i < events->count && count < sizeof names / sizeof names[0]; i++) {
		const char *end = strstr(events->names[i], ".message");
		if (end == NULL || end[sizeof ".message" - 1] != '\0') continue;
		lua_pushlstring(L, events->names[i], (size_t)(end - events->names[i]));
		names[count++] = lua_tostring(L, -1);
		luaL_checkstack(L, 2, NULL);
	}
	const char *nearest = aplomb_nearest(key, names, count);
	char speakers[256] = "nobody";
	for (size_t i = first_speaker; i < count; i++) {
		size_t used = i == first_speaker ? 0 : strlen(speakers);
		if (used + strlen(names[i]) + 8 < sizeof speakers) sprintf(speakers + used, "%s%s", i == first_speaker ? "" : ", ", names[i]);
	}
	if (nearest != NULL) return apl_test_raise(L, "test-word", "a case has no \"%.80s\"; did you mean \"%s\"?", key, nearest);
	return apl_test_raise(L, "test-word", "a case has no \"%.80s\"; the playbook declares \"….message\" of: %s", key, speakers);
}

static int case_index(lua_State *L) {
	apl_test_check_case(L);
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	for (size_t i = 0; i < N_METHODS; i++) {
		if (strcmp(METHODS[i].name, key) != 0) continue;
		lua_pushcfunction(L, METHODS[i].func);
		return 1;
	}
	for (size_t i = 0; i < N_PROPERTIES; i++)
		if (strcmp(PROPERTIES[i].name, key) == 0) return PROPERTIES[i].func(L);
	return push_speaker(L, key) ? 1 : unknown_member(L, key);
}

static int case_set(lua_State *L) {
	return apl_test_raise(L, "test-word", "a test looks at a case and lets things happen to it; only the playbook writes its data");
}

void apl_test_open_play(lua_State *L) {
	lua_createtable(L, 0, 3);
	lua_pushcfunction(L, case_index);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, case_set);
	lua_setfield(L, -2, "__newindex");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_rawsetp(L, LUA_REGISTRYINDEX, &CASE);
}
