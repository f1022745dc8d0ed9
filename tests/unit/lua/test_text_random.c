/* SPDX-License-Identifier: MIT */
/*
 * Texts mean what Lua means: random expressions over fields that are there
 * are answered here and by Lua itself. Where Lua's integers would wrap around,
 * its numbers would become infinite, or something is divided by zero, the text must
 * say so; a Lua that checks each sum (checked) says when that is.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "../data/declare.h"
#include "../test_cmocka.h"
#include "../test_heap.h"
#include "../test_rounds.h"
#include "data/guard.h"

enum { EXPRESSIONS = 60000, FEWER_EXPRESSIONS = 2000, RECORDS = 64, MOST_DEPTH = 5, MOST_TEXT = 2048 };

static const char declaration[] =
    "{'i':{'type':'integer'},'j':{'type':'integer'},'k':{'type':'integer'},'l':{'type':'integer','min':-5,'max':5},"
    "'x':{'type':'number'},'y':{'type':'number'},'z':{'type':'number'},'b':{'type':'boolean'},'c':{'type':'boolean'},"
    "'deep':{'type':'fields','members':{'n':{'type':'integer'}}}}";

/* The same sums as Lua's, with an error where a text must have one. */
static const char checked[] =
    "local mt, min = math.type, math.mininteger\n"
    "local function finite(r) if r ~= r or r == math.huge or r == -math.huge then error('guard-overflow', 0) end return r end\n"
    "function add(a, b) if mt(a) == 'integer' and mt(b) == 'integer' then local r = a + b\n"
    "  if (a ~ r) & (b ~ r) < 0 then error('guard-overflow', 0) end return r end return finite(a + b) end\n"
    "function sub(a, b) if mt(a) == 'integer' and mt(b) == 'integer' then local r = a - b\n"
    "  if (a ~ b) & (a ~ r) < 0 then error('guard-overflow', 0) end return r end return finite(a - b) end\n"
    "function mul(a, b) if mt(a) == 'integer' and mt(b) == 'integer' then local r = a * b\n"
    "  if a ~= 0 and (r // a ~= b or r % a ~= 0 or (a == -1 and b == min)) then error('guard-overflow', 0) end return r end return "
    "finite(a * b) end\n"
    "local function zero(b) if b == 0 then error('guard-division', 0) end end\n"
    "function div(a, b) zero(b) return finite(a / b) end\n"
    "function idiv(a, b) zero(b) if mt(a) == 'integer' and mt(b) == 'integer' then\n"
    "  if a == min and b == -1 then error('guard-overflow', 0) end return a // b end return finite(a // b) end\n"
    "function mod(a, b) zero(b) if mt(a) == 'integer' and mt(b) == 'integer' then return a % b end return finite(a % b) end\n"
    "function neg(a) if a == min and mt(a) == 'integer' then error('guard-overflow', 0) end return -a end\n";

/* ---- random expressions ------------------------------------------------------------ */

static uint64_t seed = 20261123;

static uint32_t below(uint32_t bound) {
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 11) % bound);
}

#define PICK(list) ((list)[below(sizeof(list) / sizeof *(list))])

typedef enum kind { SUM, TRUTH } kind;

/* The operators as Lua binds them. */
typedef struct operator{
	const char *word;
	int binding;
	const char *checked; /* the function, or NULL: as it is */
}
operator;
static const operator sums[] = {
    {"+", 10, "add"}, {"-", 10, "sub"}, {"*", 11, "mul"}, {"/", 11, "div"}, {"//", 11, "idiv"}, {"%", 11, "mod"}};
static const operator comparisons[] = {{"<", 3, NULL}, {"<=", 3, NULL}, {">", 3, NULL}, {">=", 3, NULL}, {"==", 3, NULL}, {"~=", 3, NULL}};
static const operator joins[] = {{"and", 2, NULL}, {"or", 1, NULL}};
static const operator equalities[] = {{"==", 3, NULL}, {"~=", 3, NULL}};

/* An expression twice: as a text, with the parentheses it needs and some more, and for the Lua that checks. */
typedef struct expression {
	char text[MOST_TEXT];
	char checked[MOST_TEXT];
	int binding; /* of its outermost operator; 100: none */
	bool is_literal;
} expression;

static void put(char *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(char *out, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(out, MOST_TEXT, format, arguments);
	va_end(arguments);
	assert_true(size >= 0 && size < MOST_TEXT);
}

static void leaf(expression *out, kind of, bool no_literal) {
	static const char *const fields[] = {"data.i", "data.j", "data.k", "data.l", "data.x", "data.y", "data.z", "data.deep.n"};
	static const char *const flags[] = {"data.b", "data.c"};
	static const char *const literals[] = {"0", "1", "2", "3", "7", "100", "4611686018427387904", "9223372036854775807", "9007199254740993",
	    "0.5", "2.0", "3.25", "0.1", "1e300", "9007199254740992.0", "9223372036854775808.0"};
	out->binding = 100;
	out->is_literal = !no_literal && below(3) == 0;
	put(out->text, "%s",
	    of == TRUTH       ? (out->is_literal ? (below(2) == 0 ? "true" : "false") : PICK(flags))
	    : out->is_literal ? PICK(literals)
	                      : PICK(fields));
	put(out->checked, "%s", out->text);
}

/* Needs it parentheses on this side of an operator? Sometimes it has them anyway. */
static const char *open(const expression *of, int binding, bool is_right) {
	bool needs = is_right ? of->binding <= binding : of->binding < binding;
	return needs || below(8) == 0 ? "(" : "";
}

static void make(expression *out, kind of, int depth);

static void unary(expression *out, kind of, int depth) {
	expression *inner = malloc(sizeof *inner);
	make(inner, of, depth - 1);
	if (inner->is_literal) leaf(inner, of, true); /* what comes of literals alone is known at load */
	const char *parenthesis = inner->binding < 12 || (of == SUM && inner->text[0] == '-') || below(8) == 0 ? "(" : "";
	put(out->text, "%s%s%s%s", of == SUM ? "-" : "not ", parenthesis, inner->text, *parenthesis ? ")" : "");
	put(out->checked, of == SUM ? "neg(%s)" : "(not %s)", inner->checked);
	out->binding = 12;
	out->is_literal = false;
	free(inner);
}

static void binary(expression *out, const operator* by, kind of, int depth) {
	expression *left = malloc(sizeof *left), *right = malloc(sizeof *right);
	make(left, of, depth - 1);
	make(right, of, depth - 1);
	if (left->is_literal && right->is_literal) leaf(left, of, true);
	const char *l = open(left, by->binding, false), *r = open(right, by->binding, true);
	const char *space = below(6) == 0 && by->checked != NULL && right->text[0] != '-' ? "" : " ";
	put(out->text, "%s%s%s%s%s%s%s%s%s", l, left->text, *l ? ")" : "", space, by->word, space, r, right->text, *r ? ")" : "");
	if (by->checked != NULL)
		put(out->checked, "%s(%s, %s)", by->checked, left->checked, right->checked);
	else
		put(out->checked, "(%s %s %s)", left->checked, by->word, right->checked);
	out->binding = by->binding;
	out->is_literal = false;
	free(right);
	free(left);
}

static void make(expression *out, kind of, int depth) {
	if (depth == 0 || below(6) == 0) {
		leaf(out, of, false);
	} else if (below(7) == 0) {
		unary(out, of, depth);
	} else if (of == SUM) {
		binary(out, &PICK(sums), SUM, depth);
	} else if (below(2) == 0) {
		binary(out, &PICK(comparisons), SUM, depth);
	} else if (below(5) == 0) {
		binary(out, &PICK(equalities), TRUTH, depth);
	} else {
		binary(out, &PICK(joins), TRUTH, depth);
	}
}

/* ---- records ---------------------------------------------------------------------------- */

typedef struct field_value {
	const char *name;
	apl_type type;
	int64_t integer;
	double number;
} field_value;

static void random_values(field_value values[10]) {
	static const char *const names[] = {"i", "j", "k", "l", "x", "y", "z", "b", "c", "deep.n"};
	static const int64_t integers[] = {0, 1, -1, 2, 3, -7, 10, 1000000, INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_C(1) << 53,
	    (INT64_C(1) << 53) + 1, INT64_C(3037000500), -INT64_C(3037000500)};
	static const double numbers[] = {
	    0.0, 1.0, -1.0, 0.5, -0.25, 3.0, 1e300, -1e300, 5e-324, 9007199254740992.0, 9223372036854775808.0, -9223372036854775808.0, 0.1};
	for (int i = 0; i < 10; i++) {
		values[i] = (field_value){names[i],
		    i < 4 || i == 9 ? APL_TYPE_INTEGER
		    : i < 7         ? APL_TYPE_NUMBER
		                    : APL_TYPE_BOOLEAN,
		    PICK(integers), PICK(numbers)};
		if (i == 3) values[i].integer = (int64_t)below(11) - 5;
		if (i >= 7 && i < 9) values[i].integer = below(2);
	}
}

static void write_record(const apl_schema *schema, uint64_t *words, const field_value values[10], const apl_alloc *alloc) {
	const apl_writer writer = {.schema = schema, .words = words, .keep = {alloc, NULL}, .what = "data"};
	aplomb_error error;
	assert_true(apl_record_init(schema, words, writer.keep));
	for (int i = 0; i < 10; i++) {
		uint32_t field = field_at(schema, values[i].name);
		int code = values[i].type == APL_TYPE_INTEGER  ? apl_record_set_integer(&writer, field, values[i].integer, &error)
		           : values[i].type == APL_TYPE_NUMBER ? apl_record_set_number(&writer, field, values[i].number, &error)
		                                               : apl_record_set_boolean(&writer, field, values[i].integer != 0, &error);
		if (code != APLOMB_OK) fail_msg("%s", error.message);
	}
}

/* data[number] = { i = …, deep = { n = … } } */
static void push_record(lua_State *L, const field_value values[10]) {
	lua_createtable(L, 0, 10);
	for (int i = 0; i < 10; i++) {
		if (values[i].type == APL_TYPE_INTEGER)
			lua_pushinteger(L, values[i].integer);
		else if (values[i].type == APL_TYPE_NUMBER)
			lua_pushnumber(L, values[i].number);
		else
			lua_pushboolean(L, values[i].integer != 0);
		if (i == 9) {
			lua_createtable(L, 0, 1);
			lua_insert(L, -2);
			lua_setfield(L, -2, "n");
			lua_setfield(L, -2, "deep");
		} else {
			lua_setfield(L, -2, values[i].name);
		}
	}
}

/* ---- asking both -------------------------------------------------------------------------- */

/* The answer as text: of the same type and the same bits. */
static void show_lua(lua_State *L, char *out, size_t size) {
	if (lua_isboolean(L, -1))
		snprintf(out, size, "%s", lua_toboolean(L, -1) ? "true" : "false");
	else if (lua_isinteger(L, -1))
		snprintf(out, size, "integer %lld", (long long)lua_tointeger(L, -1));
	else
		snprintf(out, size, "number %a", lua_tonumber(L, -1));
}

static void show_value(const apl_guard_value *value, char *out, size_t size) {
	if (value->type == APL_TYPE_BOOLEAN)
		snprintf(out, size, "%s", value->as.truth ? "true" : "false");
	else if (value->type == APL_TYPE_INTEGER)
		snprintf(out, size, "integer %lld", (long long)value->as.integer);
	else
		snprintf(out, size, "number %a", value->as.number);
}

/* What Lua answers to the code over the record at the top; its error when it has one. */
static void ask_lua(lua_State *L, const char *code, char *out, size_t size) {
	char chunk[MOST_TEXT + 64];
	snprintf(chunk, sizeof chunk, "local data = ... return %s", code);
	if (luaL_loadstring(L, chunk) != LUA_OK) fail_msg("%s: %s", code, lua_tostring(L, -1));
	lua_pushvalue(L, -2);
	if (lua_pcall(L, 1, 1, 0) == LUA_OK)
		show_lua(L, out, size);
	else
		snprintf(out, size, "%s", lua_tostring(L, -1));
	lua_pop(L, 1);
}

static void texts_mean_what_lua_means(void **state) {
	(void)state;
	test_heap heap = {0};
	apl_alloc alloc = test_heap_allocator(&heap);
	apl_schema *schema = declared(&alloc, declaration);
	lua_State *L = luaL_newstate();
	luaL_openlibs(L);
	if (luaL_dostring(L, checked) != LUA_OK) fail_msg("%s", lua_tostring(L, -1));
	uint64_t *records[RECORDS];
	for (int i = 0; i < RECORDS; i++) {
		field_value values[10];
		random_values(values);
		records[i] = new_words(&alloc, schema);
		write_record(schema, records[i], values, &alloc);
		push_record(L, values);
		lua_rawseti(L, LUA_REGISTRYINDEX, 1000 + i);
	}
	apl_arena arena;
	apl_arena_init(&arena, &alloc);
	apl_findings findings;
	apl_findings_init(&findings, &alloc);
	const apl_guard_scope scope = {.data = schema, .params = schema};
	int count = APL_ROUNDS(EXPRESSIONS, FEWER_EXPRESSIONS);
	unsigned n_alike = 0, n_overflows = 0, n_divisions = 0, n_true = 0, wrong = 0;
	expression *e = malloc(sizeof *e);
	for (int n = 0; n < count && wrong < 10; n++) {
		kind of = below(4) == 0 ? SUM : TRUTH;
		do make(e, of, 1 + (int)below(MOST_DEPTH));
		while (e->is_literal);
		apl_arena_reset(&arena);
		apl_guard *guard = NULL;
		const apl_guard_text text = {e->text, strlen(e->text), "random", APL_NOWHERE, false};
		apl_guard_form form = of == SUM ? APL_GUARD_VALUE : APL_GUARD_TRUTH;
		int code = apl_guard_parse(&guard, &arena, form, &text, &findings);
		if (code == APLOMB_OK) code = apl_guard_type(guard, &scope, APL_GUARD_ANY_SCALAR, &findings);
		if (code != APLOMB_OK) {
			aplomb_error error;
			apl_findings_verdict(&findings, &error);
			fail_msg("%s: %s", e->text, error.message);
		}
		for (int twice = 0; twice < 2; twice++) {
			char here[128], lua[128], careful[128];
			int record = (int)below(RECORDS);
			const apl_guard_situation situation = {.data = records[record], .params = records[record]};
			apl_guard_trouble trouble = {0};
			apl_guard_value value;
			bool is_answered = apl_guard_part_value(guard, apl_guard_parts(guard) - 1, &situation, &value, &trouble);
			if (is_answered)
				show_value(&value, here, sizeof here);
			else
				snprintf(here, sizeof here, "%s", trouble.slug);
			if (of == TRUTH) {
				int answer = apl_guard_ask(guard, &situation, &trouble);
				assert_int_equal(answer, !is_answered ? APL_GUARD_ERROR : value.as.truth ? APL_GUARD_TRUE : APL_GUARD_FALSE);
				n_true += answer == APL_GUARD_TRUE;
			}
			lua_rawgeti(L, LUA_REGISTRYINDEX, 1000 + record);
			ask_lua(L, e->text, lua, sizeof lua);
			ask_lua(L, e->checked, careful, sizeof careful);
			lua_pop(L, 1);
			/* The Lua that checks says what the text must say; and when that is an answer, Lua's own is the same. */
			if (strcmp(here, careful) == 0 && (!is_answered || strcmp(here, lua) == 0)) {
				n_alike += is_answered;
				n_overflows += strcmp(here, "guard-overflow") == 0;
				n_divisions += strcmp(here, "guard-division") == 0;
				continue;
			}
			print_error("%s\nis       %s\nin Lua   %s\nchecked  %s (%s)\n", e->text, here, lua, careful, e->checked);
			wrong++;
		}
	}
	print_message(
	    "%u answers as Lua's, %u of them true; %u overflows and %u divisions by zero told\n", n_alike, n_true, n_overflows, n_divisions);
	free(e);
	apl_findings_dispose(&findings);
	apl_arena_dispose(&arena);
	for (int i = 0; i < RECORDS; i++) {
		apl_record_dispose(schema, records[i], &alloc);
		free_words(&alloc, schema, records[i]);
	}
	lua_close(L);
	apl_schema_free(schema);
	assert_int_equal(wrong, 0);
	assert_true(n_alike > (unsigned)count && n_overflows > 100 && n_divisions > 20);
	assert_int_equal(heap.blocks, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(texts_mean_what_lua_means)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
