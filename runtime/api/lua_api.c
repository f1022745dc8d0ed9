/* SPDX-License-Identifier: MIT */
/*
 * Decides who may ask cases what, and try what on them: an expression asks
 * cases of its own playbook, a statement is tried in rehearsals only. What the
 * texts mean is decided by room lua, what a statement's step is by the engine.
 */
#include <string.h>

#include "api/runtime.h"
#include "lua/names.h"
#include "lua/whole.h"

struct aplomb_expression {
	aplomb_runtime *rt;
	const apl_program *program;
	apl_aside *aside;
};

static size_t size_of(const char *text, size_t size) {
	return size != 0 ? size : strlen(text);
}

static int read_aside(aplomb_runtime *rt, const apl_program *program, apl_aside_form form, const char *text, size_t size, apl_aside **out,
    aplomb_error *error) {
	if (program->ops->read_aside == NULL)
		return apl_fail(error, APLOMB_EINVAL, "not-lua", "playbook \"%s\" is not written in Lua, and cannot be asked in it", program->id);
	apl_enter(rt);
	int code = program->ops->read_aside(program->self, form, text, size_of(text, size), out, error);
	apl_leave(rt);
	return code;
}

int aplomb_expression_read(
    aplomb_runtime *rt, const aplomb_playbook *playbook, const char *text, size_t size, aplomb_expression **out, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_expression_read", error);
	if (code != APLOMB_OK) return code;
	if (playbook == NULL) return apl_fail_null(error, "aplomb_expression_read", "playbook");
	if (text == NULL) return apl_fail_null(error, "aplomb_expression_read", "text");
	if (out == NULL) return apl_fail_null(error, "aplomb_expression_read", "out");
	aplomb_expression *expression = apl_new(&rt->alloc, sizeof *expression);
	if (expression == NULL) return apl_fail_memory(error);
	*expression = (aplomb_expression){rt, apl_program_of(playbook), NULL};
	code = read_aside(rt, expression->program, APL_ASIDE_EXPRESSION, text, size, &expression->aside, error);
	if (code != APLOMB_OK)
		apl_free(&rt->alloc, expression, sizeof *expression);
	else
		*out = expression;
	return code;
}

void aplomb_expression_free(aplomb_expression *expression) {
	if (expression == NULL) return;
	aplomb_runtime *rt = expression->rt;
	expression->program->ops->free_aside(expression->program->self, expression->aside);
	apl_free(&rt->alloc, expression, sizeof *expression);
}

static int find_case(const aplomb_runtime *rt, const char *case_id, const char *call, apl_case **out, aplomb_error *error) {
	if (case_id == NULL) return apl_fail_null(error, call, "case_id");
	*out = apl_engine_case(rt->engine, case_id, strlen(case_id));
	if (*out != NULL) return APLOMB_OK;
	return apl_fail(error, APLOMB_ENOTFOUND, "unknown-case", "there is no case \"%s\" in this runtime", case_id);
}

int aplomb_expression_answer(
    aplomb_expression *expression, const char *case_id, const char *entry, size_t entry_size, aplomb_answer *out, aplomb_error *error) {
	static const char call[] = "aplomb_expression_answer";
	if (expression == NULL) return apl_fail_null(error, call, "expression");
	aplomb_runtime *rt = expression->rt;
	apl_case *c;
	int code = apl_may_enter(rt, call, error);
	if (code == APLOMB_OK && out == NULL) code = apl_fail_null(error, call, "out");
	if (code == APLOMB_OK) code = find_case(rt, case_id, call, &c, error);
	if (code != APLOMB_OK) return code;
	if (out->size < sizeof out->size)
		return apl_fail(
		    error, APLOMB_EINVAL, "struct-size", "aplomb_answer: size is %zu; begin with APLOMB_ANSWER_INIT, which sets it", out->size);
	if (c->program != expression->program)
		return apl_fail(error, APLOMB_EINVAL, "other-playbook",
		    "the expression was read for playbook \"%s\" (%.12s), and case \"%s\" is of \"%s\" (%.12s): read it again for that one",
		    expression->program->id, expression->program->hash, case_id, c->program->id, c->program->hash);
	if (c->seq == 0) return apl_fail(error, APLOMB_ENOTFOUND, "unknown-case", "case \"%s\" has not opened yet: pump first", case_id);
	aplomb_answer answer = APLOMB_ANSWER_INIT;
	apl_enter(rt);
	code = apl_engine_ask(rt->engine, c, expression->aside, entry, entry != NULL ? size_of(entry, entry_size) : 0, &answer, error);
	apl_leave(rt);
	if (code == APLOMB_OK) apl_give_struct(out, &answer, sizeof answer);
	return code;
}

/* What is due, or waits, comes before the statement. */
static int settle(aplomb_runtime *rt, aplomb_error *error) {
	aplomb_pump_report report = {.size = sizeof report, .more = true};
	int code = APLOMB_OK;
	while (code == APLOMB_OK && report.more) code = apl_engine_pump(rt->engine, 0, &report, error);
	return code;
}

int aplomb_case_run(aplomb_runtime *rt, const char *case_id, const char *text, size_t size, uint64_t *seq, aplomb_error *error) {
	static const char call[] = "aplomb_case_run";
	apl_case *c;
	apl_aside *aside;
	int code = apl_may_rehearse(rt, call, error);
	if (code == APLOMB_OK && text == NULL) code = apl_fail_null(error, call, "text");
	if (code == APLOMB_OK) code = find_case(rt, case_id, call, &c, error);
	if (code == APLOMB_OK) code = read_aside(rt, c->program, APL_ASIDE_STATEMENT, text, size, &aside, error);
	if (code != APLOMB_OK) return code;
	apl_enter(rt);
	code = settle(rt, error);
	if (code == APLOMB_OK)
		code = apl_engine_perform(rt->engine, c, aside, text, size_of(text, size), apl_clock_now(&rt->clock), seq, error);
	apl_leave(rt);
	c->program->ops->free_aside(c->program->self, aside);
	return code;
}

bool aplomb_is_whole(aplomb_runtime *rt, const char *text, size_t size) {
	return !apl_is_open(rt) || text == NULL || apl_lua_is_whole(&rt->alloc, text, size_of(text, size));
}

int aplomb_expression_names(aplomb_runtime *rt, const aplomb_playbook *playbook, const char *owner,
    void (*tell)(const char *name, const char *note, void *payload), void *payload, aplomb_error *error) {
	static const char call[] = "aplomb_expression_names";
	int code = apl_may_enter(rt, call, error);
	if (code != APLOMB_OK) return code;
	if (playbook == NULL) return apl_fail_null(error, call, "playbook");
	if (tell == NULL) return apl_fail_null(error, call, "tell");
	apl_enter(rt);
	code = apl_lua_names(apl_program_of(playbook), owner != NULL ? owner : "", tell, payload, error);
	apl_leave(rt);
	return code;
}
