/* SPDX-License-Identifier: MIT */
/*
 * Decides the order in which a playbook becomes a program: its text is
 * checked, compiled, run once in the sandbox, and what it returned is declared.
 * Then the state is closed to anything but handlers, and gets its limits.
 */

#include "lua/load.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "chart/explore.h"
#include "lua/define.h"
#include "lua/asked.h"
#include "lua/files.h"
#include "lua/label.h"
#include "lua/modules.h"
#include "lua/origin.h"
#include "lua/policy.h"
#include "lua/purity.h"
#include "lua/quick.h"
#include "lua/slots.h"
#include "lua/source.h"
#include "lua/text.h"
#include "lua/uses.h"

/* ---- is the compiled form what bytecode.c knows? ---------------------------------------------- */

/* Functions whose verdict is known; what this library makes of them must be told apart rightly. */
static bool know_bytecode(lua_State *L) {
	static const struct {
		const char *code;
		bool is_bounded;
		uint32_t written; /* the line of the one assignment to a variable outside; 0: there is none */
	} samples[] = {{"function(c, e) local d = c.data d.n = d.n + e.tone d.m = d.m // 2 & 7 | 1 end", true, 0},
	    {"function(c, e) return e.abusive and (c.data.abuses >= 1 or not (c.data.x == 'a' and c.data.y < 2.5)) end", true, 0},
	    {"function(c) if c.a then c.b = { 1, 2, x = -c.n, y = #c.t, z = ~c.n } else c.b = nil c[1] = c[c.i] end end", true, 0},
	    {"function(c) while c.a do c.b = 1 end end", false, 0}, {"function(c) repeat c.b = 1 until c.b end", false, 0},
	    {"function(c) for i = 1, c.n do c.b = i end end", false, 0}, {"function(c) for k in c.iter do c.b = k end end", false, 0},
	    {"function(c) ::again:: c.n = 1 goto again end", false, 0}, {"function(c) c.f() end", false, 0},
	    {"function(c) return c.f() end", false, 0}, {"function(c) c:f() end", false, 0},
	    {"function(c) return function() return c end end", false, 0}, {"function(c) c.s = c.s .. 'x' end", false, 0},
	    {"function(...) local c = ... c.n = 1 end", false, 0}, {"function(c) c.n = c.n ^ 2 end", false, 0},
	    {"function(c) c.n = c.n ^ c.m end", false, 0}, {"function(c) local x <close> = nil c.n = 1 end", false, 0},
	    {"function(c) outer = c.n end", true, 1}, {"function(c)\nlocal n = 1\nreturn function() n = 2\nouter = n end end", false, 4},
	    {"function(c) local outer outer = 1 local f = function() outer = 2 end end", false, 0},
	    {"function(c) return outer + 1 end", true, 0}};
	char text[256];
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		apl_bytecode code;
		int size = snprintf(text, sizeof text, "local outer = 1 return %s", samples[i].code);
		if (luaL_loadbufferx(L, text, (size_t)size, "=sample", "t") != LUA_OK) lua_error(L);
		lua_call(L, 0, 1);
		bool is_right = apl_lua_examine(L, &code) && code.is_bounded == samples[i].is_bounded &&
		                code.n_writes == (samples[i].written != 0) && code.writes[0].line == samples[i].written;
		lua_pop(L, 1);
		if (!is_right) return false;
	}
	return true;
}

/* ---- steps, each a C function behind the door --------------------------------------------------- */

/* → the table of handlers */
static int prepare(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	for (int i = APL_REGISTRY_GLOBALS; i <= APL_REGISTRY_FUNCTIONS; i++) {
		lua_createtable(L, 0, 0);
		lua_rawseti(L, LUA_REGISTRYINDEX, i);
	}
	host->bytecode_is_known = know_bytecode(L);
	host->line_is_of_arguments = apl_lua_line_is_of_arguments(L);
	host->quick_is_known = host->bytecode_is_known && apl_quick_is_known(L);
	apl_lua_sandbox(L);
	apl_lua_open_data(L);
	lua_rawgeti(L, LUA_REGISTRYINDEX, APL_REGISTRY_FUNCTIONS);
	return 1;
}

/* → what the file returned */
static int run_file(lua_State *L) {
	apl_lua_compile(L, 0);
	lua_call(L, 0, 1);
	return 1;
}

/* The chart is there: what handlers need to know of it. → case */
static int finish(lua_State *L) {
	apl_lua *host = apl_lua_of(L);
	const apl_chart *chart = host->program.chart;
	uint32_t number;
	bool is_good = true;
	for (int i = 0; i < 2; i++) { /* a foreign event's, and no event's */
		if (!APL_GROW(&host->alloc, host->nodes, host->n_nodes, host->nodes_capacity)) return apl_lua_raise_memory(L);
		host->nodes[host->n_nodes++] = (apl_lua_node){NULL, 0, APL_LUA_EVENT, 0, NULL, "event"};
	}
	host->touched = apl_arena_take(&host->arena, (host->program.data->n_fields + 1) * sizeof *host->touched);
	host->event_nodes = apl_arena_take(&host->arena, (chart->n_events + 1) * sizeof *host->event_nodes);
	host->program.events = apl_arena_take(&host->arena, (chart->n_events + 1) * sizeof *host->program.events);
	if (host->touched == NULL || host->event_nodes == NULL || host->program.events == NULL) return apl_lua_raise_memory(L);
	for (uint32_t i = 0; i < chart->n_events; i++) {
		host->event_nodes[i] = APL_LUA_FOREIGN_NODE;
		host->program.events[i] = NULL;
	}
	is_good = apl_lua_add_nodes(L, host->program.data, APL_LUA_DATA, &host->data_node);
	is_good = is_good && apl_lua_add_nodes(L, host->program.params, APL_LUA_PARAMS, &host->params_node);
	for (uint32_t i = 0; i < host->n_event_schemas && is_good; i++) {
		const apl_lua_event *event = &host->event_schemas[i];
		int32_t at = apl_chart_event(chart, event->name, strlen(event->name));
		APL_ASSERT(at >= 0);
		host->program.events[at] = event->schema;
		is_good = apl_lua_add_nodes(L, event->schema, APL_LUA_EVENT, &number);
		host->event_nodes[at] = number;
	}
	if (!is_good)
		return apl_lua_refuse(L, "limit-fields", "the playbook declares more than %u groups of fields", (unsigned)APL_LUA_MOST_NODES);
	apl_lua_collect_event_names(L);
	host->situation.know = apl_lua_know;
	host->situation.self = host;
	host->situation.whole = apl_lua_whole;
	apl_lua_purify(L);
	if (host->is_imported) {
		apl_lua_spread_variables(L);
		apl_lua_open_variables(L);
	}
	for (uint32_t i = 0; i < host->n_functions; i++) {
		apl_lua_function *function = &host->functions[i];
		if (function->quick != NULL && !apl_quick_resolve(host, function->quick)) function->quick = NULL;
	}
	if (host->n_finals > 0 && !host->is_imported) {
		host->done_schema = apl_lua_new_done_schema(&host->alloc);
		if (host->done_schema == NULL) return apl_lua_raise_memory(L);
	}
	apl_lua_open_case(L);
	return 1;
}

/* ---- the whole -------------------------------------------------------------------------------------- */

/* The file that an error names; a long name is cut there. */
static uint32_t file_of_error(const apl_lua *host) {
	for (uint32_t i = 0; i < host->n_files; i++) {
		if (strncmp(host->files[i].shown, host->error.file, sizeof host->error.file - 1) == 0) return i;
	}
	return 0;
}

static void tell_error(apl_lua *host) {
	apl_place place = host->declaring->place;
	const apl_lua_file *file = &host->files[file_of_error(host)];
	if (host->error.line != 0) place = (apl_place){file->shown, host->error.line, host->error.column};
	if (place.column == 0 && place.line != 0 && strcmp(host->error.slug, "lua-error") == 0)
		place.column = apl_lua_column_of_error(file, place.line, host->error.message);
	if (place.file == NULL) place.file = file->shown;
	const char *hint = "";
	if (strcmp(host->error.slug, "lua-syntax") == 0 && apl_source_forgets_word(file->text, file->size, place.line))
		hint = "; a text stands before this table where a word belongs, as in state \"id\" { \xe2\x80\xa6 }";
	apl_found(host->findings, APLOMB_ERROR, host->error.slug, place, "%s%s", host->error.message, hint);
}

/* A step behind the door that has failed, as a code. An author's mistake becomes a finding. */
static int after_call(apl_lua *host, apl_lua_verdict verdict, aplomb_error *error) {
	if (verdict == APL_LUA_DONE) return APLOMB_OK;
	if (verdict == APL_LUA_NO_MEMORY) return apl_fail_memory(error);
	if (host->error.slug[0] != '\0') tell_error(host);
	/* A module that is being loaded, and a word that makes something, know their places better. */
	if (host->caller.file != NULL && host->n_making == 0 && host->n_under_way == 0 && host->error.slug[0] != '\0')
		apl_found(host->findings, APLOMB_ERROR, "module-failed", host->caller, "a function of a module is called here, and fails in %s",
		    host->error.file);
	apl_lua_tell_makers(host);
	apl_lua_tell_requires(host);
	return APLOMB_EPLAYBOOK;
}

static int call_step(apl_lua *host, lua_CFunction step, int n_args, bool is_counted, aplomb_error *error) {
	lua_pushcfunction(host->L, step);
	lua_insert(host->L, -1 - n_args);
	return after_call(host, apl_lua_call(host, n_args, is_counted, apl_lua_place_in(host, 0, 0)), error);
}

/* The playbook is made. What comes now are files of values and tables of ours, which may have more names than one of its. */
static void note_heaviest(apl_lua *host) {
	host->loaded_text = host->pool.longest_text;
	host->loaded_names = host->pool.largest_names;
	host->loaded_block = host->pool.largest_block;
	host->loaded_zeros = host->has_zeros;
	host->pool.most_names = SIZE_MAX;
}

static int read_playbook(apl_lua *host, aplomb_error *error) {
	lua_State *L = host->L;
	int code = call_step(host, prepare, 0, false, error);
	if (code != APLOMB_OK) return code;
	host->pool.longest_text = host->pool.largest_names = host->pool.largest_block = 0; /* the sandbox is made */
	lua_pushnil(L);                                                                    /* where `case` will be */
	code = call_step(host, run_file, 0, true, error);
	note_heaviest(host);
	if (code == APLOMB_OK) code = call_step(host, apl_lua_read_policy, 0, true, error);
	if (code == APLOMB_OK) code = call_step(host, apl_lua_declare, 1, false, error);
	if (code == APLOMB_OK && !apl_lua_check_asked(host)) return apl_fail_memory(error);
	if (code == APLOMB_OK && host->findings->errors == 0 && !host->findings->out_of_memory && host->program.chart != NULL) {
		code = call_step(host, finish, 0, false, error);
		if (code == APLOMB_OK) lua_replace(L, APL_AT_CASE);
	}
	return code;
}

/* From here on only handlers run. */
static void close_state(apl_lua *host) {
	lua_gc(host->L, LUA_GCCOLLECT);
	host->pool.limit = host->memory_limit < SIZE_MAX - host->pool.held ? host->pool.held + host->memory_limit : SIZE_MAX;
	host->pool.met_limit = host->pool.met_no_memory = false;
	host->pool.most_names = APL_LUA_MOST_NAMES;
	apl_lua_limit_texts(host, APL_LUA_LEAST_TEXT);
	host->instruction_limit = host->turn_instructions;
	host->phase = APL_LUA_IDLE;
	host->plain_slug = "error-execution";
	host->findings = NULL;
	host->declaring = NULL;
	host->reader = NULL;
	apl_lua_drop_places(host);
	host->options = NULL;
}

static void fill_program(apl_lua *host) {
	apl_program *program = &host->program;
	program->imported = host->is_imported ? "scxml" : NULL;
	program->source = host->source;
	program->source_size = host->source_size;
	program->effects = host->effects;
	program->n_effects = host->n_effects;
	program->counters = host->counters;
	program->n_counters = host->n_counters;
	program->clocks = host->clocks;
	program->calendars = host->calendars;
	program->n_calendars = host->n_calendars;
	program->rotas = host->rotas;
	program->n_rotas = host->n_rotas;
	program->callouts = host->callouts;
	program->n_callouts = host->n_callouts;
	program->ops = &apl_lua_ops;
	program->self = host;
}

/* What is legal, and still not meant. */
static bool look_over(apl_lua *host, apl_findings *findings) {
	const apl_explore_options options = {host, apl_lua_label_handler, apl_lua_same_handler, host->may_send_later};
	return apl_explore(host->program.chart, &options, findings) && apl_lua_check_uses(host, findings) && !findings->out_of_memory;
}

static int load(apl_lua *host, const apl_lua_options *options, apl_findings *findings, aplomb_error *error) {
	host->findings = findings;
	host->options = options;
	int code = apl_lua_files_begin(host, options, error);
	if (code != APLOMB_OK) return code;
	apl_declaring declaring;
	apl_declaring_init(&declaring, &host->alloc);
	host->declaring = &declaring;
	locale_t before = uselocale(host->c_locale);
	code = read_playbook(host, error);
	if (code == APLOMB_OK) code = apl_findings_verdict(findings, error);
	if (code == APLOMB_OK) code = apl_lua_files_end(host, error);
	uselocale(before);
	if (code == APLOMB_OK) close_state(host);
	if (code == APLOMB_OK && options->examine && !look_over(host, findings)) code = apl_fail_memory(error);
	host->declaring = NULL;
	apl_declaring_dispose(&declaring);
	return code;
}

int apl_lua_load(apl_program **out, const apl_alloc *alloc, const apl_lua_options *options, apl_findings *findings, aplomb_error *error) {
	apl_lua *host;
	int code = apl_lua_host_new(&host, alloc, options->limits, error);
	if (code != APLOMB_OK) return code;
	code = load(host, options, findings, error);
	apl_origin_apply(host, findings);
	if (code == APLOMB_EPLAYBOOK) code = apl_findings_verdict(findings, error);
	if (code == APLOMB_OK && findings->out_of_memory) code = apl_fail_memory(error);
	if (code != APLOMB_OK) {
		apl_lua_host_free(host);
		return code;
	}
	fill_program(host);
	*out = &host->program;
	return APLOMB_OK;
}
