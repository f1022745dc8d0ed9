/* SPDX-License-Identifier: MIT */
/*
 * Decides which functions are simple enough to be answered without Lua, and
 * what each step of them is. It reads instructions of Lua 5.4 that bytecode.c
 * has taken apart, if apl_quick_is_known finds that the running library means
 * the same by them. How the steps are answered is quick_run.c's.
 */
#include "lua/quick_inside.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

/* ---- the instructions of Lua 5.4 that are understood here ------------------ */

enum {
	OP_MOVE = 0,
	OP_LOADI = 1,
	OP_LOADF = 2,
	OP_LOADK = 3,
	OP_LOADFALSE = 5,
	OP_LFALSESKIP = 6,
	OP_LOADTRUE = 7,
	OP_LOADNIL = 8,
	OP_GETTABUP = 11,
	OP_GETFIELD = 14,
	OP_SETTABUP = 15,
	OP_SETFIELD = 18,
	OP_ADDI = 21,
	OP_ADDK = 22,
	OP_SUBK = 23,
	OP_MULK = 24,
	OP_ADD = 34,
	OP_SUB = 35,
	OP_MUL = 36,
	OP_MMBIN = 46,
	OP_MMBINI = 47,
	OP_MMBINK = 48,
	OP_NOT = 51,
	OP_JMP = 56,
	OP_EQ = 57,
	OP_LT = 58,
	OP_LE = 59,
	OP_EQK = 60,
	OP_EQI = 61,
	OP_LTI = 62,
	OP_LEI = 63,
	OP_GTI = 64,
	OP_GEI = 65,
	OP_TEST = 66,
	OP_TESTSET = 67,
	OP_RETURN0 = 71,
	OP_RETURN1 = 72
};

static uint32_t op_of(uint32_t i) {
	return i & 0x7fu;
}
static uint8_t a_of(uint32_t i) {
	return (uint8_t)(i >> 7);
}
static bool k_of(uint32_t i) {
	return (i >> 15 & 1u) != 0;
}
static uint8_t b_of(uint32_t i) {
	return (uint8_t)(i >> 16);
}
static uint8_t c_of(uint32_t i) {
	return (uint8_t)(i >> 24);
}
static int64_t signed_of(uint8_t argument) {
	return (int64_t)argument - 127;
}
static int64_t sbx_of(uint32_t i) {
	return (int64_t)(i >> 15) - 65535;
}
static int64_t jump_of(uint32_t i) {
	return (int64_t)(i >> 7) - 16777215;
}

/*
 * Functions whose translation into instructions is known, with all instructions
 * that are understood here. A library that makes something else of them
 * numbers its instructions otherwise, or thinks of a new way to say it: then
 * Lua answers everything.
 */
static const struct {
	const char *code;
	uint8_t ops[40];
} samples[] = {
    {"local d = c.data; d.n = d.n + e.t; d.m = d.m - e.t * d.n; d.b = true; d.n = 1; d.m = d.m + 300; d.m = d.m - 0.5; d.m = d.m * 2; d.n "
     "= d.n + 1",
        {OP_GETFIELD, OP_GETFIELD, OP_GETFIELD, OP_ADD, OP_MMBIN, OP_SETFIELD, OP_GETFIELD, OP_GETFIELD, OP_GETFIELD, OP_MUL, OP_MMBIN,
            OP_SUB, OP_MMBIN, OP_SETFIELD, OP_SETFIELD, OP_SETFIELD, OP_GETFIELD, OP_ADDK, OP_MMBINK, OP_SETFIELD, OP_GETFIELD, OP_SUBK,
            OP_MMBINK, OP_SETFIELD, OP_GETFIELD, OP_MULK, OP_MMBINK, OP_SETFIELD, OP_GETFIELD, OP_ADDI, OP_MMBINI, OP_SETFIELD,
            OP_RETURN0}},
    {"local x, y = 1, 2.0 local z, u = 'k' local t, f = true, false x = c == 1 y = not x z = u return x",
        {OP_LOADI, OP_LOADF, OP_LOADK, OP_LOADNIL, OP_LOADTRUE, OP_LOADFALSE, OP_EQI, OP_JMP, OP_LFALSESKIP, OP_LOADTRUE, OP_NOT, OP_MOVE,
            OP_RETURN1, OP_RETURN0}},
    {"return e.a == 'k' and c.data.n == 2 or c.data.n == e.a",
        {OP_GETFIELD, OP_EQK, OP_JMP, OP_GETFIELD, OP_GETFIELD, OP_EQI, OP_JMP, OP_GETFIELD, OP_GETFIELD, OP_GETFIELD, OP_EQ, OP_JMP,
            OP_LFALSESKIP, OP_LOADTRUE, OP_RETURN1, OP_RETURN0}},
    {"if c.data.n < 1 then return elseif c.data.n <= 1 then return true elseif c.data.n > 1 then return nil elseif c.data.n >= 1 then "
     "return e.a < e.b end return e.a <= e.b",
        {OP_GETFIELD, OP_GETFIELD, OP_LTI, OP_JMP, OP_RETURN0, OP_JMP, OP_GETFIELD, OP_GETFIELD, OP_LEI, OP_JMP, OP_LOADTRUE, OP_RETURN1,
            OP_JMP, OP_GETFIELD, OP_GETFIELD, OP_GTI, OP_JMP, OP_LOADNIL, OP_RETURN1, OP_JMP, OP_GETFIELD, OP_GETFIELD, OP_GEI, OP_JMP,
            OP_GETFIELD, OP_GETFIELD, OP_LT, OP_JMP, OP_LFALSESKIP, OP_LOADTRUE, OP_RETURN1, OP_GETFIELD, OP_GETFIELD, OP_LE, OP_JMP,
            OP_LFALSESKIP, OP_LOADTRUE, OP_RETURN1, OP_RETURN0}},
    {"v = v + 1 w = 2 if v < 5 then return v end",
        {OP_GETTABUP, OP_ADDI, OP_MMBINI, OP_SETTABUP, OP_SETTABUP, OP_GETTABUP, OP_LTI, OP_JMP, OP_GETTABUP, OP_RETURN1, OP_RETURN0}},
    {"local x = e.a and c.data.n or c.params.m if x then c.data.n = x end local y = x or e return y == x",
        {OP_GETFIELD, OP_TEST, OP_JMP, OP_GETFIELD, OP_GETFIELD, OP_TEST, OP_JMP, OP_GETFIELD, OP_GETFIELD, OP_TEST, OP_JMP, OP_GETFIELD,
            OP_SETFIELD, OP_TESTSET, OP_JMP, OP_MOVE, OP_EQ, OP_JMP, OP_LFALSESKIP, OP_LOADTRUE, OP_RETURN1, OP_RETURN0}},
};

bool apl_quick_is_known(lua_State *L) {
	char text[256];
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		apl_bytecode code;
		int size = snprintf(text, sizeof text, "return function(c, e) %s end", samples[i].code);
		if (luaL_loadbufferx(L, text, (size_t)size, "=sample", "t") != LUA_OK) lua_error(L);
		lua_call(L, 0, 1);
		bool is_known = apl_lua_examine(L, &code) && code.is_kept && code.n_instructions <= sizeof samples->ops;
		lua_pop(L, 1);
		for (uint32_t at = 0; is_known && at < code.n_instructions; at++) is_known = op_of(code.code[at]) == samples[i].ops[at];
		if (!is_known) return false;
	}
	return true;
}

/* ---- the translation ---------------------------------------------------------- */

/* What a register is known to hold before anything runs. */
typedef enum object_kind { O_NONE, O_CASE, O_EVENT, O_DATA, O_PARAMS } object_kind;

typedef struct translator {
	apl_lua *host;
	const apl_bytecode *code;
	apl_quick *quick;
	uint32_t globals;                           /* the upvalue that holds them; APL_NO_UPVALUE */
	uint8_t objects[MOST_CODE][MOST_REGISTERS]; /* before each instruction */
	bool reached[MOST_CODE];
} translator;

/* Control comes to [to] with what the registers hold now; false: that is behind the end. */
static bool flow(translator *t, uint32_t to, const uint8_t *objects) {
	if (to >= t->code->n_instructions) return false;
	if (!t->reached[to]) {
		t->reached[to] = true;
		memcpy(t->objects[to], objects, MOST_REGISTERS);
		return true;
	}
	for (uint32_t i = 0; i < MOST_REGISTERS; i++) {
		if (t->objects[to][i] == objects[i]) continue;
		/* On one of the ways it may hold an object, and nobody will know which. */
		t->objects[to][i] = O_NONE;
		t->quick->keeps_objects = true;
	}
	return true;
}

/* The number of a name, kept once; false: too many, or no memory. */
static bool name_number(translator *t, const apl_constant *constant, uint32_t *out) {
	apl_quick *quick = t->quick;
	for (uint32_t i = 0; i < quick->n_names; i++) {
		if (quick->names[i].size == constant->size && memcmp(quick->names[i].bytes, constant->as.text, constant->size) == 0) {
			*out = i;
			return true;
		}
	}
	if (quick->n_names == MOST_NAMES) return false;
	char *bytes = apl_arena_text(&t->host->arena, constant->as.text, constant->size);
	if (bytes == NULL) return false;
	quick->names[quick->n_names] = (quick_name){bytes, (uint32_t)constant->size};
	*out = quick->n_names++;
	return true;
}

static const apl_constant *constant_at(const translator *t, uint32_t index) {
	return index < t->code->n_constants ? &t->code->constants[index] : NULL;
}

static bool is_text(const apl_constant *constant, const char *text) {
	return constant != NULL && constant->kind == APL_CONSTANT_TEXT && constant->size == strlen(text) &&
	       memcmp(constant->as.text, text, constant->size) == 0;
}

static bool get_field(translator *t, uint32_t instruction, uint8_t *objects, quick_step *step) {
	const apl_constant *name = constant_at(t, c_of(instruction));
	uint8_t from = objects[b_of(instruction)];
	uint8_t to = a_of(instruction);
	if (name == NULL || name->kind != APL_CONSTANT_TEXT) return false;
	objects[to] = O_NONE;
	step->a = to;
	switch (from) {
	case O_CASE:
		/* Nothing is read yet: the register is known to hold the record. */
		step->op = Q_OBJECT;
		if (is_text(name, "data"))
			objects[to] = O_DATA;
		else if (is_text(name, "params"))
			objects[to] = O_PARAMS;
		else
			return false;
		return true;
	case O_DATA: step->op = Q_DATA; break;
	case O_PARAMS: step->op = Q_PARAMS; break;
	case O_EVENT: step->op = Q_EVENT; break;
	default: return false;
	}
	return name_number(t, name, &step->x);
}

/* No instruction has more than one, so there is room. */
static const quick_value *keep(translator *t, quick_value value) {
	quick_value *kept = &t->quick->constants[t->quick->n_constants++];
	*kept = value;
	return kept;
}

static quick_value integer_value(int64_t value) {
	return (quick_value){.kind = V_INTEGER, .as.integer = value};
}

static bool value_of(translator *t, uint32_t index, quick_value *out) {
	const apl_constant *constant = constant_at(t, index);
	if (constant == NULL) return false;
	*out = (quick_value){.kind = V_NIL};
	switch (constant->kind) {
	case APL_CONSTANT_NIL: return true;
	case APL_CONSTANT_FALSE: out->kind = V_FALSE; return true;
	case APL_CONSTANT_TRUE: out->kind = V_TRUE; return true;
	case APL_CONSTANT_INTEGER: *out = integer_value(constant->as.integer); return true;
	case APL_CONSTANT_NUMBER:
		out->kind = V_NUMBER;
		out->as.number = constant->as.number;
		return true;
	case APL_CONSTANT_TEXT:
		if (constant->size > UINT32_MAX) return false;
		out->kind = V_TEXT;
		out->size = (uint32_t)constant->size;
		out->as.text = apl_arena_text(&t->host->arena, constant->as.text, constant->size);
		return out->as.text != NULL;
	}
	return false;
}

/* A comparison and the jump behind it. Two ways on: [x] when it comes out as [c], else [y]. */
static bool branch(translator *t, uint32_t at, quick_step *step, const uint8_t *objects) {
	if (at + 1 >= t->code->n_instructions) return false;
	uint32_t jump = t->code->code[at + 1];
	int64_t target = (int64_t)at + 2 + jump_of(jump);
	if (op_of(jump) != OP_JMP || target <= at || target >= t->code->n_instructions) return false;
	step->c = k_of(t->code->code[at]);
	step->x = (uint32_t)target;
	step->y = at + 2;
	return flow(t, step->x, objects) && flow(t, step->y, objects);
}

/* The register is asked for what it holds. */
static void read_value(translator *t, const uint8_t *objects, uint8_t number) {
	if (objects[number] != O_NONE) t->quick->keeps_objects = true;
}

/* What is written under the name K[B]: RK(C). */
static bool write_value(translator *t, uint32_t instruction, const uint8_t *objects, quick_step *step) {
	const apl_constant *name = constant_at(t, b_of(instruction));
	quick_value value;
	if (name == NULL || name->kind != APL_CONSTANT_TEXT || !name_number(t, name, &step->x)) return false;
	step->op = Q_WRITE;
	step->b = c_of(instruction);
	if (!k_of(instruction)) {
		read_value(t, objects, step->b);
	} else {
		step->op = Q_WRITE_K;
		if (!value_of(t, c_of(instruction), &value)) return false;
		step->of.constant = keep(t, value);
	}
	/* Control goes on only forwards, so each is done once at most. */
	return t->quick->n_writes++ < MOST_WRITES;
}

static bool arithmetic(translator *t, uint32_t at, uint32_t instruction, quick_step *step, uint8_t *objects) {
	static const uint8_t ops[] = {[OP_ADD] = Q_ADD,
	    [OP_SUB] = Q_SUBTRACT,
	    [OP_MUL] = Q_MULTIPLY,
	    [OP_ADDK] = Q_ADD_K,
	    [OP_SUBK] = Q_SUBTRACT_K,
	    [OP_MULK] = Q_MULTIPLY_K,
	    [OP_ADDI] = Q_ADD_K};
	uint32_t op = op_of(instruction);
	quick_value value;
	step->op = ops[op];
	step->a = a_of(instruction);
	step->b = b_of(instruction);
	step->c = c_of(instruction);
	read_value(t, objects, step->b);
	if (op == OP_ADD || op == OP_SUB || op == OP_MUL) read_value(t, objects, step->c);
	if (op == OP_ADDI) {
		step->of.constant = keep(t, integer_value(signed_of(c_of(instruction))));
	} else if (op <= OP_MULK) {
		if (!value_of(t, c_of(instruction), &value)) return false;
		step->of.constant = keep(t, value);
	}
	objects[step->a] = O_NONE;
	/* The instruction behind is for metamethods, and is skipped when numbers were added. */
	step->next = 2;
	return flow(t, at + 2, objects);
}

/* One instruction; false: the function does more than is understood here. */
static bool translate(translator *t, uint32_t at) {
	uint32_t instruction = t->code->code[at];
	uint32_t op = op_of(instruction);
	quick_step *step = &t->quick->steps[at];
	uint8_t objects[MOST_REGISTERS];
	uint8_t a = a_of(instruction), b = b_of(instruction);
	quick_value value;
	memcpy(objects, t->objects[at], sizeof objects);
	*step = (quick_step){.a = a, .b = b, .next = 1};
	switch (op) {
	case OP_MOVE:
		step->op = objects[b] == O_NONE ? Q_MOVE : Q_OBJECT;
		objects[a] = objects[b];
		break;
	case OP_LOADI:
	case OP_LOADF:
		step->op = Q_VALUE;
		value = integer_value(sbx_of(instruction));
		if (op == OP_LOADF) value = (quick_value){.kind = V_NUMBER, .as.number = (double)sbx_of(instruction)};
		step->of.constant = keep(t, value);
		objects[a] = O_NONE;
		break;
	case OP_LOADK:
		step->op = Q_VALUE;
		if (!value_of(t, instruction >> 15, &value)) return false;
		step->of.constant = keep(t, value);
		objects[a] = O_NONE;
		break;
	case OP_LOADFALSE:
	case OP_LFALSESKIP:
	case OP_LOADTRUE:
		step->op = Q_VALUE;
		step->of.constant = keep(t, (quick_value){.kind = op == OP_LOADTRUE ? V_TRUE : V_FALSE});
		objects[a] = O_NONE;
		if (op != OP_LFALSESKIP) break;
		step->next = 2;
		return flow(t, at + 2, objects);
	case OP_LOADNIL:
		if ((uint32_t)a + b >= MOST_REGISTERS) return false;
		step->op = Q_NIL;
		for (uint32_t i = a; i <= (uint32_t)a + b; i++) objects[i] = O_NONE;
		break;
	case OP_GETFIELD:
		if (!get_field(t, instruction, objects, step)) return false;
		break;
	case OP_SETFIELD:
		if (objects[a] != O_DATA || !write_value(t, instruction, objects, step)) return false;
		break;
	case OP_GETTABUP: {
		const apl_constant *name = constant_at(t, c_of(instruction));
		if (b != t->globals || name == NULL || name->kind != APL_CONSTANT_TEXT || !name_number(t, name, &step->x)) return false;
		step->op = Q_VARIABLE;
		objects[a] = O_NONE;
		break;
	}
	case OP_SETTABUP:
		if (a != t->globals || !write_value(t, instruction, objects, step)) return false;
		step->op = step->op == Q_WRITE ? Q_WRITE_VARIABLE : Q_WRITE_VARIABLE_K;
		step->a = 0; /* A was no register */
		break;
	case OP_ADDI:
	case OP_ADDK:
	case OP_SUBK:
	case OP_MULK:
	case OP_ADD:
	case OP_SUB:
	case OP_MUL: return arithmetic(t, at, instruction, step, objects);
	case OP_NOT:
		step->op = Q_NOT;
		read_value(t, objects, b);
		objects[a] = O_NONE;
		break;
	case OP_JMP: {
		int64_t target = (int64_t)at + 1 + jump_of(instruction);
		if (target <= at || target >= t->code->n_instructions) return false;
		step->op = Q_JUMP;
		step->a = 0;
		step->x = (uint32_t)target;
		return flow(t, step->x, objects);
	}
	case OP_EQ:
	case OP_LT:
	case OP_LE:
		step->op = op == OP_EQ ? Q_EQUAL : op == OP_LT ? Q_LESS : Q_LESS_EQUAL;
		read_value(t, objects, a);
		read_value(t, objects, b);
		return branch(t, at, step, objects);
	case OP_EQK:
		read_value(t, objects, a);
		step->op = Q_EQUAL_K;
		if (!value_of(t, b, &value)) return false;
		step->of.constant = keep(t, value);
		return branch(t, at, step, objects);
	case OP_EQI:
	case OP_LTI:
	case OP_LEI:
	case OP_GTI:
	case OP_GEI: {
		static const uint8_t ops[] = {Q_EQUAL_K, Q_LESS_K, Q_LESS_EQUAL_K, Q_GREATER_K, Q_GREATER_EQUAL_K};
		step->op = ops[op - OP_EQI];
		read_value(t, objects, a);
		/* C: the constant was written as a float. To numbers that is the same. */
		step->of.constant = keep(t, integer_value(signed_of(b)));
		return branch(t, at, step, objects);
	}
	case OP_TEST:
		step->op = Q_TEST;
		read_value(t, objects, a);
		return branch(t, at, step, objects);
	case OP_TESTSET: {
		uint8_t taken[MOST_REGISTERS];
		read_value(t, objects, b);
		step->op = Q_TEST_SET;
		memcpy(taken, objects, sizeof taken);
		read_value(t, objects, a); /* written on one of the two ways only */
		if (taken[a] != taken[b]) taken[a] = O_NONE;
		return branch(t, at, step, taken);
	}
	case OP_RETURN0: *step = (quick_step){.op = Q_RETURN_NOTHING}; return true; /* its A may lie behind the registers */
	case OP_RETURN1:
		step->op = Q_RETURN;
		read_value(t, objects, a);
		return true;
	default: return false;
	}
	return flow(t, at + 1, objects);
}

apl_quick *apl_quick_translate(apl_lua *host, const apl_bytecode *code, uint32_t globals) {
	if (!host->quick_is_known || !code->is_bounded || !code->is_kept) return NULL;
	/* A third parameter would be nil; nobody writes one. */
	if (code->n_registers > MOST_REGISTERS || code->n_parameters > 2) return NULL;
	if (code->n_upvalues > (globals != APL_NO_UPVALUE)) return NULL;
	apl_quick *quick = apl_arena_take(&host->arena, sizeof *quick);
	if (quick == NULL) return NULL;
	memset(quick, 0, sizeof *quick);
	quick->n_steps = code->n_instructions;
	quick->steps = apl_arena_take(&host->arena, code->n_instructions * sizeof *quick->steps);
	quick->constants = apl_arena_take(&host->arena, code->n_instructions * sizeof *quick->constants);
	translator *t = apl_new(&host->alloc, sizeof *t);
	bool understood = quick->steps != NULL && quick->constants != NULL && t != NULL;
	if (understood) {
		*t = (translator){.host = host, .code = code, .quick = quick, .globals = globals};
		uint8_t objects[MOST_REGISTERS] = {O_NONE};
		if (code->n_parameters > 0) objects[0] = O_CASE;
		if (code->n_parameters > 1) objects[1] = O_EVENT;
		understood = flow(t, 0, objects);
		for (uint32_t at = 0; at < code->n_instructions && understood; at++) {
			if (t->reached[at])
				understood = translate(t, at);
			else
				quick->steps[at] = (quick_step){.op = Q_RETURN_NOTHING, .next = 1};
		}
	}
	if (t != NULL) apl_free(&host->alloc, t, sizeof *t);
	return understood ? quick : NULL;
}

/* ---- names -------------------------------------------------------------------------- */

static bool is_readable(apl_type type) {
	switch (type) {
	case APL_TYPE_INTEGER:
	case APL_TYPE_INSTANT:
	case APL_TYPE_BOOLEAN:
	case APL_TYPE_NUMBER:
	case APL_TYPE_TEXT:
	case APL_TYPE_ONE_OF: return true;
	case APL_TYPE_SPAN: /* an integer, or the text of business time */
	case APL_TYPE_MONEY:
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
	case APL_TYPE_FIELDS: return false;
	}
	return false;
}

uint32_t apl_quick_member(const apl_schema *schema, const quick_name *name) {
	uint32_t field = apl_schema_member(schema, 0, name->bytes, name->size);
	return field != APL_NO_FIELD && is_readable((apl_type)schema->fields[field].type) ? field : APL_NO_FIELD;
}

static bool is_in_some_event(const apl_lua *host, const quick_name *name) {
	for (uint32_t i = 0; i < host->n_event_schemas; i++) {
		if (apl_quick_member(host->event_schemas[i].schema, name) != APL_NO_FIELD) return true;
	}
	return false;
}

static bool resolve_write(const apl_program *program, const apl_quick *quick, quick_step *step) {
	uint32_t number = apl_quick_member(program->data, &quick->names[step->x]);
	if (number == APL_NO_FIELD) return false;
	const apl_field *field = &program->data->fields[number];
	if (field->type != APL_TYPE_INTEGER && field->type != APL_TYPE_BOOLEAN) return false;
	bool is_constant = step->op == Q_WRITE_K;
	if (field->type == APL_TYPE_INTEGER && !field->has_min && !field->has_max) {
		step->op = is_constant ? Q_WRITE_INTEGER_K : Q_WRITE_INTEGER;
		step->x = field->word;
		step->y = field->bit;
	} else if (is_constant) {
		step->z = number;
	} else {
		step->of.field = field;
	}
	return true;
}

static bool resolve_read(const apl_schema *schema, const apl_quick *quick, quick_step *step) {
	uint32_t number = apl_quick_member(schema, &quick->names[step->x]);
	if (number == APL_NO_FIELD) return false;
	const apl_field *field = &schema->fields[number];
	step->of.field = field;
	if (step->op == Q_DATA && field->type == APL_TYPE_INTEGER) {
		step->op = Q_DATA_INTEGER;
		step->x = field->word;
		step->y = field->bit;
	}
	return true;
}

/* A variable has a slot, or the function stays with Lua. */
static bool resolve_variable(const apl_schema *data, const apl_quick *quick, quick_step *step) {
	const quick_name *name = &quick->names[step->x];
	uint32_t slot = data->spread != NULL ? apl_spread_slot(data->spread, name->bytes, name->size) : APL_NO_SLOT;
	if (slot == APL_NO_SLOT) return false;
	step->x = data->spread->first + slot;
	step->y = data->spread->kinds * (uint32_t)sizeof(uint64_t) + slot;
	return true;
}

static bool is_same_field(const quick_step *step, const quick_step *write) {
	return write->op == Q_WRITE_INTEGER && write->b == step->a && write->x == step->x;
}

/* data.n = data.n + 1: what handlers do most. The steps behind stay as they are, for whoever jumps among them. */
static bool join_count(quick_step *step) {
	const quick_step *add = step + 1;
	if (add->op != Q_ADD_K || add->a != step->a || add->b != step->a || add->of.constant->kind != V_INTEGER) return false;
	if (!is_same_field(step, step + 3)) return false;
	step->op = Q_COUNT;
	step->of.constant = add->of.constant;
	step->next = 4;
	return true;
}

/* data.n = data.n + event.n */
static void join_sum(quick_step *step) {
	const quick_step *event = step + 1, *add = step + 2;
	if (event->op != Q_EVENT || event->a == step->a || add->op != Q_ADD || add->a != step->a) return;
	if (add->b != step->a || add->c != event->a || !is_same_field(step, step + 4)) return;
	step->op = Q_SUM_EVENT;
	step->next = 5;
}

static void join(apl_quick *quick) {
	for (uint32_t i = 0; i + 3 < quick->n_steps; i++) {
		quick_step *step = &quick->steps[i];
		if (step->op == Q_DATA_INTEGER && !join_count(step) && i + 4 < quick->n_steps) join_sum(step);
	}
}

/* Does nothing when it is answered: the register is known to hold an object, and is never asked. */
static bool is_idle(const apl_quick *quick, const quick_step *step) {
	return step->op == Q_OBJECT && !quick->keeps_objects;
}

static uint32_t past_idle(const apl_quick *quick, uint32_t at) {
	while (is_idle(quick, &quick->steps[at])) at++;
	return at;
}

static bool is_branch(const quick_step *step) {
	return step->op == Q_JUMP || (step->op >= Q_EQUAL && step->op <= Q_TEST_SET);
}

/* May this step leave everything to Lua after all? */
static bool may_leave(const quick_step *step) {
	switch ((quick_op)step->op) {
	case Q_MOVE:
	case Q_OBJECT:
	case Q_VALUE:
	case Q_NIL:
	case Q_DATA_INTEGER:
	case Q_NOT:
	case Q_JUMP:
	case Q_TEST:
	case Q_TEST_SET:
	case Q_RETURN_NOTHING: return false; /* for writing functions are no guards */
	default: return true;
	}
}

/*
 * Steps with nothing to do are passed over, and a write behind which nothing
 * can be left to Lua any more is not written down. Control goes only forwards,
 * so what comes behind a step is known when it is looked at from the end.
 */
static void shorten(apl_quick *quick) {
	bool leaves[MOST_CODE]; /* from this step on */
	for (uint32_t i = quick->n_steps; i-- > 0;) {
		quick_step *step = &quick->steps[i];
		bool behind = false;
		if (is_branch(step)) {
			step->x = past_idle(quick, step->x);
			behind = leaves[step->x];
			if (step->op != Q_JUMP) {
				step->y = past_idle(quick, step->y);
				behind = behind || leaves[step->y];
			}
		} else if (step->op != Q_RETURN && step->op != Q_RETURN_NOTHING) {
			uint32_t next = past_idle(quick, i + step->next);
			behind = leaves[next];
			step->next = (uint16_t)(next - i);
		}
		step->is_logged = behind;
		leaves[i] = behind || may_leave(step);
	}
	quick->first = past_idle(quick, 0);
}

bool apl_quick_resolve(apl_lua *host, apl_quick *quick) {
	const apl_program *program = &host->program;
	bool is_good = true;
	for (uint32_t i = 0; i < quick->n_steps && is_good; i++) {
		quick_step *step = &quick->steps[i];
		switch (step->op) {
		case Q_DATA: is_good = resolve_read(program->data, quick, step); break;
		case Q_PARAMS: is_good = resolve_read(program->params, quick, step); break;
		case Q_WRITE:
		case Q_WRITE_K: is_good = resolve_write(program, quick, step); break;
		case Q_VARIABLE:
		case Q_WRITE_VARIABLE:
		case Q_WRITE_VARIABLE_K: is_good = resolve_variable(program->data, quick, step); break;
		case Q_EVENT: is_good = is_in_some_event(host, &quick->names[step->x]); break;
		default: break;
		}
	}
	if (!is_good) return false;
	join(quick);
	shorten(quick);
	return true;
}

void apl_quick_forget(apl_lua *host) {
	for (uint32_t i = 0; i < host->n_functions; i++) host->functions[i].quick = NULL;
}
