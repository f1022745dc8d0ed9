/* SPDX-License-Identifier: MIT */
/*
 * Decides what an aside means and what becomes of it. A text that means
 * something in the language of guards is that: money is compared, a span is
 * written `"2h"`, and what is missing is told from false, as in the playbook.
 * Anything else is Lua. Both are answered behind the door of host.c, within
 * the limits of a step; whatever goes wrong is the asker's.
 *
 * What is kept for asides is no part of what a turn may hold, so a case that
 * is asked things runs into its limits where it would have without.
 */

#include "lua/aside.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/files.h"
#include "lua/lexer.h"
#include "lua/source.h"
#include "lua/text.h"
#include "lua/where.h"

/* What stands before a text when Lua is given it; before a statement something does, too, for a file's first line may begin with "#". */
static const char *const before_text[] = {[APL_ASIDE_EXPRESSION] = "return ", [APL_ASIDE_STATEMENT] = " "};

static const char *name_of(apl_aside_form form) {
	return form == APL_ASIDE_EXPRESSION ? "expression" : "statement";
}

/* ---- what goes wrong -------------------------------------------------------------------- */

/* An error of the door, or of a text, as the asker's. */
static int asker_error(apl_lua *host, apl_lua_verdict verdict, aplomb_error *error) {
	host->n_touched = 0;
	host->is_turns_breach = false;
	if (verdict == APL_LUA_NO_MEMORY) return apl_fail_memory(error);
	aplomb_error *own = &host->error;
	own->code = verdict == APL_LUA_BREACH ? APLOMB_ELIMIT : APLOMB_EINVAL;
	if (verdict == APL_LUA_BREACH && strcmp(own->slug, "interrupted") == 0) own->code = APLOMB_EINTERRUPTED;
	apl_lua_make_valid(own->message);
	if (error != NULL) *error = *own;
	return own->code;
}

/* The first finding of reading, as the asker's. */
static int first_finding(const apl_findings *findings, aplomb_error *error) {
	int code = apl_findings_verdict(findings, error);
	if (code != APLOMB_EPLAYBOOK) return code;
	if (error != NULL) error->code = APLOMB_EINVAL;
	return APLOMB_EINVAL;
}

/* ---- reading ------------------------------------------------------------------------------ */

static bool is_blank(const char *text, size_t size) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, text, size);
	return apl_lexer_next(&lexer).kind == APL_TOKEN_END;
}

/* Does a text ask for the event? */
static bool sees_event(const apl_guard *guard) {
	static const char event[] = "event.";
	for (uint32_t i = 0; i < apl_guard_parts(guard); i++) {
		apl_guard_part part;
		apl_guard_part_at(guard, i, &part);
		if (part.kind == APL_GUARD_PATH && part.size > sizeof event && memcmp(part.text, event, sizeof event - 1) == 0) return true;
	}
	return false;
}

/* `now` alone is an instant, which only a text knows how to say. */
static bool is_now(const char *text, size_t size) {
	apl_lexer lexer;
	apl_lexer_init(&lexer, text, size);
	apl_token token = apl_lexer_next(&lexer);
	return token.kind == APL_TOKEN_NAME && token.size == 3 && memcmp(text + token.offset, "now", 3) == 0 &&
	       apl_lexer_next(&lexer).kind == APL_TOKEN_END;
}

/* As a text of guards or actions, if it is one. ENOMEM, ENOTFOUND: it is none; EINVAL. */
static int read_as_text(apl_lua *host, apl_aside *aside, const char *text, size_t size, aplomb_error *error) {
	if (size > APL_GUARD_MOST_BYTES) return APLOMB_ENOTFOUND;
	if (aside->form == APL_ASIDE_EXPRESSION && is_now(text, size)) {
		text = "case.now";
		size = strlen(text);
	}
	apl_findings ignored;
	apl_findings_init(&ignored, &host->alloc);
	const apl_guard_text given = {text, size, name_of(aside->form), {name_of(aside->form), 1, 1}, true};
	apl_guard_form form = aside->form == APL_ASIDE_EXPRESSION ? APL_GUARD_VALUE : APL_GUARD_ACTIONS;
	int code = apl_lua_read_text(host, &aside->arena, form, &given, &ignored, &aside->text);
	apl_findings_dispose(&ignored);
	if (code == APLOMB_ENOMEM) return apl_fail_memory(error);
	if (code != APLOMB_OK) return APLOMB_ENOTFOUND;
	if (apl_guard_asks_time_in(aside->text) && !host->program.asks_time_in)
		return apl_fail_at(error, APLOMB_EINVAL, "no-time-in", given.place,
		    "the times of states are kept only when time_in stands in the playbook by its name: case:time_in(…)");
	if (aside->form == APL_ASIDE_STATEMENT && sees_event(aside->text))
		return apl_fail_at(error, APLOMB_EINVAL, "statement-event", given.place,
		    "a statement is a step of its own, without an event; write what it is to have");
	return APLOMB_OK;
}

/* (case, aside) → nothing; the compiled function is kept under aside->reference. */
static int compile(lua_State *L) {
	apl_aside *aside = lua_touserdata(L, 2);
	switch (luaL_loadbufferx(L, aside->source, aside->size, APL_LUA_ASIDE_CHUNK, "t")) {
	case LUA_OK: break;
	case LUA_ERRSYNTAX: return apl_lua_refuse_syntax(L, APL_LUA_ASIDE_FILE, aside->source, aside->size);
	case LUA_ERRRUN: return apl_lua_refuse_depth(L, APL_LUA_ASIDE_FILE, aside->source, aside->size);
	default: return lua_error(L);
	}
	apl_lua_push_world(L, 1);
	lua_setupvalue(L, 3, 1); /* _ENV, the only one */
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_ASIDES);
	lua_pushvalue(L, 3);
	aside->reference = luaL_ref(L, -2);
	return 0;
}

/* Lua may hold as much more as it now keeps for asides. */
static void allow_for(apl_lua *host, size_t held_before) {
	lua_gc(host->L, LUA_GCCOLLECT);
	host->pool.met_limit = host->pool.met_no_memory = false;
	size_t held = host->pool.held;
	if (held > held_before)
		host->pool.limit = host->pool.limit < SIZE_MAX - (held - held_before) ? host->pool.limit + (held - held_before) : SIZE_MAX;
	else if (host->pool.limit != SIZE_MAX)
		host->pool.limit -= held_before - held;
}

static size_t held_now(apl_lua *host) {
	lua_gc(host->L, LUA_GCCOLLECT);
	return host->pool.held;
}

apl_lua_verdict apl_lua_aside_call(apl_lua *host, lua_CFunction function, const void *what) {
	apl_findings ignored;
	size_t held = held_now(host);
	locale_t other = uselocale(host->c_locale);
	/* The walk through modules finds things, and whether it did is all that is asked. */
	apl_findings_init(&ignored, &host->alloc);
	host->findings = &ignored;
	host->plain_slug = "lua-error";
	lua_pushcfunction(host->L, function);
	lua_pushvalue(host->L, APL_AT_CASE);
	lua_pushlightuserdata(host->L, (void *)(uintptr_t)what);
	apl_lua_verdict verdict = apl_lua_call(host, 2, false, (apl_place){host->aside, 1, 0});
	lua_settop(host->L, APL_AT_TOP);
	host->plain_slug = "error-execution";
	uselocale(other);
	host->findings = NULL;
	apl_findings_dispose(&ignored);
	allow_for(host, held);
	return verdict;
}

static int read_as_lua(apl_lua *host, apl_aside *aside, const char *text, size_t size, aplomb_error *error) {
	const char *name = name_of(aside->form);
	apl_findings findings;
	apl_findings_init(&findings, &host->alloc);
	size_t before = strlen(before_text[aside->form]);
	char *source = apl_arena_take(&aside->arena, before + size + 1);
	int code = source == NULL ? apl_fail_memory(error) : APLOMB_OK;
	if (code == APLOMB_OK) {
		memcpy(source, before_text[aside->form], before);
		memcpy(source + before, text, size);
		aside->source = source;
		aside->size = before + size;
		if (!apl_source_check(name, &aside->source, &aside->size, &findings) || findings.errors > 0) code = first_finding(&findings, error);
	}
	if (code == APLOMB_OK) {
		host->aside = name;
		apl_lua_verdict verdict = apl_lua_aside_call(host, compile, aside);
		if (verdict != APL_LUA_DONE) code = asker_error(host, verdict, error);
	}
	/* Columns are those of the text, not of what stands before it. */
	if (code == APLOMB_EINVAL && error != NULL && error->line == 1 && error->column > before) error->column -= (uint32_t)before;
	apl_findings_dispose(&findings);
	return code;
}

static int read_text(apl_lua *host, apl_aside *aside, const char *text, size_t size, aplomb_error *error) {
	const char *name = name_of(aside->form);
	if (size > host->data_limit)
		return apl_fail_at(error, APLOMB_EINVAL, "limit-source", (apl_place){name, 0, 0},
		    "%zu bytes are more than the %zu that one %s may have", size, host->data_limit, name);
	if (memchr(text, '\0', size) != NULL)
		return apl_fail_at(error, APLOMB_EINVAL, "wrong-text", (apl_place){name, 0, 0}, "there is a zero byte in it");
	if (is_blank(text, size))
		return apl_fail_at(error, APLOMB_EINVAL, "aside-empty", (apl_place){name, 1, 1}, "there is nothing in this %s", name);
	int code = read_as_text(host, aside, text, size, error);
	return code == APLOMB_ENOTFOUND ? read_as_lua(host, aside, text, size, error) : code;
}

int apl_lua_read_aside(void *self, apl_aside_form form, const char *text, size_t size, apl_aside **out, aplomb_error *error) {
	apl_lua *host = self;
	apl_aside *aside = apl_new(&host->alloc, sizeof *aside);
	if (aside == NULL) return apl_fail_memory(error);
	aside->host = host;
	aside->form = form;
	aside->reference = LUA_NOREF;
	apl_arena_init(&aside->arena, &host->alloc);
	apl_buf_init(&aside->shown, &host->alloc);
	apl_buf_init(&aside->literal, &host->alloc);
	apl_buf_init(&aside->json, &host->alloc);
	int code = read_text(host, aside, text, size, error);
	if (code != APLOMB_OK)
		apl_lua_free_aside(host, aside);
	else
		*out = aside;
	return code;
}

void apl_lua_free_aside(void *self, apl_aside *aside) {
	apl_lua *host = self;
	if (aside->reference != LUA_NOREF) {
		size_t held = held_now(host);
		/* Only places that are there are written, so nothing is raised. */
		lua_rawgeti(host->L, LUA_REGISTRYINDEX, APL_REGISTRY_ASIDES);
		luaL_unref(host->L, -1, aside->reference);
		lua_pop(host->L, 1);
		allow_for(host, held);
	}
	apl_buf_dispose(&aside->json);
	apl_buf_dispose(&aside->literal);
	apl_buf_dispose(&aside->shown);
	apl_arena_dispose(&aside->arena);
	apl_free(&host->alloc, aside, sizeof *aside);
}

/* ---- calling Lua ----------------------------------------------------------------------------- */

/* Calls the aside's function; its results are left on the stack. APLOMB_OK, or the asker's error. */
static int call(apl_lua *host, const apl_aside *aside, aplomb_error *error) {
	lua_State *L = host->L;
	apl_place place = {host->aside, 1, 0};
	apl_lua_event_changed(host);
	if (host->other_locale == (locale_t)0) host->other_locale = uselocale(host->c_locale);
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_ASIDES);
	lua_rawgeti(L, -1, aside->reference);
	lua_remove(L, -2);
	apl_lua_verdict verdict = apl_lua_call(host, 0, true, place);
	if (verdict == APL_LUA_DONE && host->n_touched > 0) {
		lua_pushcfunction(L, apl_lua_write_back);
		verdict = apl_lua_call(host, 0, true, place);
	}
	return verdict == APL_LUA_DONE ? APLOMB_OK : asker_error(host, verdict, error);
}

static void begin(apl_lua *host, const apl_aside *aside, apl_lua_phase phase) {
	host->aside = name_of(aside->form);
	host->plain_slug = "lua-error";
	host->phase = phase;
}

static void end(apl_lua *host) {
	lua_settop(host->L, APL_AT_TOP);
	host->plain_slug = "error-execution";
	host->phase = APL_LUA_IDLE;
}

/* ---- answering ----------------------------------------------------------------------------------- */

/* (aside, values…) → nothing: what people read, and the first value's literal. */
static int show_values(lua_State *L) {
	const apl_aside *aside = lua_touserdata(L, 1);
	apl_lua *host = apl_lua_of(L);
	int count = lua_gettop(L);
	apl_shower shower = {.out = (apl_buf *)(uintptr_t)&aside->shown, .most = APL_ASIDE_MOST_SHOWN, .for_people = true};
	for (int i = 2; i <= count; i++) {
		if (i > 2) APL_BUF_LITERAL(shower.out, ", ");
		apl_lua_show(L, &shower, i);
	}
	apl_shower literal = {.out = (apl_buf *)(uintptr_t)&aside->literal, .most = host->data_limit};
	if (count > 1) apl_lua_show(L, &literal, 2);
	lua_pushboolean(L, shower.is_cut);
	lua_pushboolean(L, !literal.is_cut && !literal.is_lacking && count > 1);
	return 2;
}

/* (aside, value) → nothing: its JSON. */
static int write_json(lua_State *L) {
	const apl_aside *aside = lua_touserdata(L, 1);
	apl_lua *host = apl_lua_of(L);
	const apl_schema *schema;
	const uint64_t *words;
	uint32_t field;
	apl_buf *out = (apl_buf *)(uintptr_t)&aside->json;
	if (apl_lua_record_at(L, 2, &schema, &words, &field)) {
		if (field == 0)
			apl_record_write(out, schema, words, false);
		else
			apl_field_write(out, schema, words, field);
	} else if (lua_isnil(L, 2)) {
		APL_BUF_LITERAL(out, "null");
	} else {
		apl_lua_write_json(L, 2, "the answer", NULL, 0, false);
		apl_buf_add(out, host->json.bytes, host->json.size);
	}
	if (out->failed) apl_lua_raise_memory(L);
	return 0;
}

static aplomb_kind kind_of(const apl_buf *json) {
	switch (json->size > 0 ? json->bytes[0] : '\0') {
	case '\0': return APLOMB_ABSENT;
	case 'n': return APLOMB_NULL;
	case 't':
	case 'f': return APLOMB_BOOLEAN;
	case '"': return APLOMB_TEXT;
	case '[': return APLOMB_LIST;
	case '{': return APLOMB_MAP;
	default:
		return memchr(json->bytes, '.', json->size) != NULL || memchr(json->bytes, 'e', json->size) != NULL ? APLOMB_NUMBER
		                                                                                                    : APLOMB_INTEGER;
	}
}

static int answer_missing(apl_aside *aside, const char *word, aplomb_answer *out) {
	apl_buf_text(&aside->shown, word);
	*out = (aplomb_answer){.size = sizeof *out};
	return APLOMB_OK;
}

/* The results stand above APL_AT_TOP. */
static int answer_with_results(apl_lua *host, apl_aside *aside, aplomb_answer *out, aplomb_error *error) {
	lua_State *L = host->L;
	const apl_schema *schema;
	const uint64_t *words;
	uint32_t field;
	int count = lua_gettop(L) - APL_AT_TOP;
	apl_place place = {host->aside, 1, 0};
	if (count == 0) return answer_missing(aside, "nothing", out);
	/* The event, when there is none, or one without data. */
	if (count == 1 && lua_type(L, -1) == LUA_TLIGHTUSERDATA && host->turn->event == NULL &&
	    !apl_lua_record_at(L, -1, &schema, &words, &field))
		return answer_missing(aside, "missing", out);
	*out = (aplomb_answer){.size = sizeof *out, .is_there = true};
	luaL_checkstack(L, count + 4, NULL);
	lua_pushcfunction(L, show_values);
	lua_pushlightuserdata(L, aside);
	for (int i = 1; i <= count; i++) lua_pushvalue(L, APL_AT_TOP + i);
	apl_lua_verdict verdict = apl_lua_call(host, count + 1, true, place);
	if (verdict != APL_LUA_DONE) return asker_error(host, verdict, error);
	out->is_cut = lua_toboolean(L, -2) != 0;
	if (lua_toboolean(L, -1)) {
		out->literal = apl_buf_terminate(&aside->literal);
		out->literal_size = aside->literal.size;
	}
	lua_pop(L, 2);
	lua_pushcfunction(L, write_json);
	lua_pushlightuserdata(L, aside);
	lua_pushvalue(L, APL_AT_TOP + 1);
	verdict = apl_lua_call(host, 2, true, place);
	if (verdict == APL_LUA_NO_MEMORY) return asker_error(host, verdict, error);
	/* A function, say, has none, and a very long value is not written twice. */
	if (verdict != APL_LUA_DONE) apl_buf_clear(&aside->json);
	return APLOMB_OK;
}

static int answer_text(apl_lua *host, apl_aside *aside, aplomb_answer *out, aplomb_error *error) {
	const apl_lua_function asked = {.text = aside->text, .sees_event = apl_guard_sees_event(aside->text)};
	apl_guard_trouble trouble = {0};
	apl_guard_value value;
	host->spent += apl_guard_cost(aside->text);
	if (!apl_guard_evaluate(aside->text, apl_lua_situation(host, &asked), &value, &trouble)) {
		apl_guard_explain(aside->text, &trouble, &host->error);
		return asker_error(host, APL_LUA_ERROR, error);
	}
	if (!value.is_there) {
		apl_guard_show(&aside->shown, &value);
		*out = (aplomb_answer){.size = sizeof *out};
		return APLOMB_OK;
	}
	apl_shower shown = {.out = &aside->shown, .most = APL_ASIDE_MOST_SHOWN, .for_people = true};
	apl_shower literal = {.out = &aside->literal, .most = host->data_limit};
	apl_lua_show_value(&shown, &value);
	apl_lua_show_value(&literal, &value);
	apl_lua_write_value(&aside->json, &value);
	*out = (aplomb_answer){.size = sizeof *out, .is_there = true, .is_cut = shown.is_cut};
	if (!literal.is_cut && !literal.is_lacking) {
		out->literal = apl_buf_terminate(&aside->literal);
		out->literal_size = aside->literal.size;
	}
	return APLOMB_OK;
}

int apl_lua_ask_aside(void *self, apl_turn *turn, apl_aside *aside, aplomb_answer *out, aplomb_error *error) {
	apl_lua *host = self;
	(void)turn;
	APL_ASSERT(aside->form == APL_ASIDE_EXPRESSION);
	apl_buf_clear(&aside->shown);
	apl_buf_clear(&aside->literal);
	apl_buf_clear(&aside->json);
	aplomb_answer answer;
	int code;
	begin(host, aside, APL_LUA_ASKED);
	if (aside->text != NULL) {
		code = answer_text(host, aside, &answer, error);
	} else {
		code = call(host, aside, error);
		if (code == APLOMB_OK) code = answer_with_results(host, aside, &answer, error);
	}
	end(host);
	if (code != APLOMB_OK) return code;
	answer.kind = kind_of(&aside->json);
	answer.truth = answer.kind == APLOMB_BOOLEAN && aside->json.bytes[0] == 't';
	answer.text = apl_buf_terminate(&aside->shown);
	answer.text_size = aside->shown.size;
	if (answer.kind != APLOMB_ABSENT) {
		answer.json = apl_buf_terminate(&aside->json);
		answer.json_size = aside->json.size;
	}
	if (aside->shown.failed || aside->literal.failed || aside->json.failed) return apl_fail_memory(error);
	*out = answer;
	return APLOMB_OK;
}

/* ---- doing ------------------------------------------------------------------------------------------ */

static int run_text(apl_lua *host, const apl_aside *aside, aplomb_error *error) {
	const apl_lua_function done = {.text = aside->text};
	apl_guard_trouble trouble = {0};
	apl_writer writer = apl_turn_writer(host->turn);
	const apl_guard_writing writing = {&writer, &host->tape, host->depth_limit + 1};
	int code = apl_guard_act(aside->text, 0, apl_lua_situation(host, &done), &writing, &trouble, &host->error);
	if (code == APLOMB_OK) return code;
	if (host->error.line == 0) {
		snprintf(host->error.file, sizeof host->error.file, "%s", host->aside);
		host->error.line = 1;
	}
	return asker_error(host, code == APLOMB_ENOMEM ? APL_LUA_NO_MEMORY : APL_LUA_ERROR, error);
}

int apl_lua_run_aside(void *self, apl_turn *turn, apl_aside *aside, aplomb_error *error) {
	apl_lua *host = self;
	(void)turn;
	APL_ASSERT(aside->form == APL_ASIDE_STATEMENT);
	begin(host, aside, APL_LUA_BLOCK);
	int code = aside->text != NULL ? run_text(host, aside, error) : call(host, aside, error);
	if (code == APLOMB_OK && lua_gettop(host->L) > APL_AT_TOP)
		code = apl_fail_at(error, APLOMB_EINVAL, "wrong-answer", (apl_place){host->aside, 1, 0},
		    "a statement answers nothing, but this one returned %s; ask for a value with an expression",
		    apl_lua_kind_name(host->L, APL_AT_TOP + 1));
	end(host);
	return code;
}
