/* SPDX-License-Identifier: MIT */
/*
 * Decides which functions are simple enough to be answered without Lua, and
 * answers them. It reads instructions of Lua 5.4 that bytecode.c has taken
 * apart, if apl_quick_is_known finds that the running library means the same by
 * them. It never decides what an error says: then Lua is asked.
 */
#include "lua/quick.h"

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
	OP_GETFIELD = 14,
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

/* Texts beyond LONGEST_TEXT are left to Lua: it is charged for copying them (pool.c), and the budget must not depend on who answers. */
enum { MOST_CODE = APL_BYTECODE_KEPT, MOST_REGISTERS = 32, MOST_WRITES = 16, MOST_NAMES = 16, LONGEST_TEXT = 200 };

/* Where a name stands in a step, apl_quick_resolve puts the field. */
typedef enum quick_op {
	Q_MOVE,            /* a := b */
	Q_OBJECT,          /* a is case.data or case.params: nothing to read yet */
	Q_VALUE,           /* a := constant, and on behind the next y steps */
	Q_NIL,             /* a .. a+b := nil */
	Q_DATA,            /* a := data's field (name x) */
	Q_DATA_INTEGER,    /* the same for an integer in word x, there when bit y is set */
	Q_PARAMS,          /* a := params' field (name x) */
	Q_EVENT,           /* a := event's member of name x; event y-1 has it as field z */
	Q_WRITE,           /* data's field (name x) := b */
	Q_WRITE_INTEGER,   /* the same for an integer without bounds, in word x with bit y */
	Q_WRITE_K,         /* data's field z (name x) := constant */
	Q_WRITE_INTEGER_K, /* the same in word x with bit y */
	Q_COUNT,           /* a := data's integer in word x with bit y + constant, and write it there: three steps in one */
	Q_ADD,             /* a := b + c */
	Q_SUBTRACT,        /* a := b - c */
	Q_MULTIPLY,        /* a := b * c */
	Q_ADD_K,           /* a := b + constant */
	Q_SUBTRACT_K,
	Q_MULTIPLY_K,
	Q_NOT,   /* a := not b */
	Q_JUMP,  /* on at x */
	Q_EQUAL, /* (a == b) is c: on at x, else at y */
	Q_LESS,  /* (a < b) */
	Q_LESS_EQUAL,
	Q_EQUAL_K, /* (a == constant) is c */
	Q_LESS_K,
	Q_LESS_EQUAL_K,
	Q_GREATER_K,
	Q_GREATER_EQUAL_K,
	Q_TEST,     /* truth of a is c: on at x, else at y */
	Q_TEST_SET, /* truth of b is c: a := b and on at x, else at y */
	Q_RETURN_NOTHING,
	Q_RETURN /* a */
} quick_op;

/* What a register holds. Truth is everything but nil and false, as in Lua. */
typedef enum value_kind { V_NIL, V_FALSE, V_TRUE, V_INTEGER, V_NUMBER, V_TEXT, V_OBJECT } value_kind;

typedef struct quick_value {
	uint32_t kind;
	uint32_t size; /* of a text */
	union {
		int64_t integer;
		double number;
		const char *text;
	} as;
} quick_value;

typedef struct quick_step {
	uint8_t op, a, b, c;
	uint32_t x, y, z;
	union {
		const quick_value *constant;
		const apl_field *field;
	} of;
} quick_step;

/* What a register is known to hold before anything runs. */
typedef enum object_kind { O_NONE, O_CASE, O_EVENT, O_DATA, O_PARAMS } object_kind;

typedef struct quick_name {
	const char *bytes;
	uint32_t size;
} quick_name;

struct apl_quick {
	quick_step *steps;
	uint32_t n_steps;
	quick_value *constants;
	uint32_t n_constants;
	quick_name names[MOST_NAMES];
	uint32_t n_names;
	uint32_t n_writes;
};

typedef struct translator {
	apl_lua *host;
	const apl_bytecode *code;
	apl_quick *quick;
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
		if (t->objects[to][i] != objects[i]) t->objects[to][i] = O_NONE;
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
	if (op == OP_ADDI) {
		step->of.constant = keep(t, integer_value(signed_of(c_of(instruction))));
	} else if (op <= OP_MULK) {
		if (!value_of(t, c_of(instruction), &value)) return false;
		step->of.constant = keep(t, value);
	}
	objects[step->a] = O_NONE;
	/* The instruction behind is for metamethods, and is skipped when numbers were added. */
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
	*step = (quick_step){.a = a, .b = b};
	switch (op) {
	case OP_MOVE:
		step->op = Q_MOVE;
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
		step->y = 1;
		return flow(t, at + 2, objects);
	case OP_LOADNIL:
		if ((uint32_t)a + b >= MOST_REGISTERS) return false;
		step->op = Q_NIL;
		for (uint32_t i = a; i <= (uint32_t)a + b; i++) objects[i] = O_NONE;
		break;
	case OP_GETFIELD:
		if (!get_field(t, instruction, objects, step)) return false;
		break;
	case OP_SETFIELD: {
		const apl_constant *name = constant_at(t, b);
		if (objects[a] != O_DATA || name == NULL || name->kind != APL_CONSTANT_TEXT || !name_number(t, name, &step->x)) return false;
		step->op = Q_WRITE;
		step->b = c_of(instruction);
		if (k_of(instruction)) {
			step->op = Q_WRITE_K;
			if (!value_of(t, c_of(instruction), &value)) return false;
			step->of.constant = keep(t, value);
		}
		/* Control goes on only forwards, so each is done once at most. */
		if (t->quick->n_writes++ == MOST_WRITES) return false;
		break;
	}
	case OP_ADDI:
	case OP_ADDK:
	case OP_SUBK:
	case OP_MULK:
	case OP_ADD:
	case OP_SUB:
	case OP_MUL: return arithmetic(t, at, instruction, step, objects);
	case OP_NOT:
		step->op = Q_NOT;
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
	case OP_LE: step->op = op == OP_EQ ? Q_EQUAL : op == OP_LT ? Q_LESS : Q_LESS_EQUAL; return branch(t, at, step, objects);
	case OP_EQK:
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
		/* C: the constant was written as a float. To numbers that is the same. */
		step->of.constant = keep(t, integer_value(signed_of(b)));
		return branch(t, at, step, objects);
	}
	case OP_TEST: step->op = Q_TEST; return branch(t, at, step, objects);
	case OP_TESTSET: {
		uint8_t taken[MOST_REGISTERS];
		step->op = Q_TEST_SET;
		memcpy(taken, objects, sizeof taken);
		if (taken[a] != taken[b]) taken[a] = O_NONE; /* written on one of the two ways only */
		return branch(t, at, step, taken);
	}
	case OP_RETURN0: *step = (quick_step){.op = Q_RETURN_NOTHING}; return true; /* its A may lie behind the registers */
	case OP_RETURN1: step->op = Q_RETURN; return true;
	default: return false;
	}
	return flow(t, at + 1, objects);
}

apl_quick *apl_quick_translate(apl_lua *host, const apl_bytecode *code) {
	if (!host->quick_is_known || !code->is_bounded || !code->is_kept) return NULL;
	/* A third parameter would be nil; nobody writes one. */
	if (code->n_registers > MOST_REGISTERS || code->n_upvalues > 0 || code->n_parameters > 2) return NULL;
	apl_quick *quick = apl_arena_take(&host->arena, sizeof *quick);
	if (quick == NULL) return NULL;
	memset(quick, 0, sizeof *quick);
	quick->n_steps = code->n_instructions;
	quick->steps = apl_arena_take(&host->arena, code->n_instructions * sizeof *quick->steps);
	quick->constants = apl_arena_take(&host->arena, code->n_instructions * sizeof *quick->constants);
	translator *t = apl_new(&host->alloc, sizeof *t);
	bool understood = quick->steps != NULL && quick->constants != NULL && t != NULL;
	if (understood) {
		*t = (translator){.host = host, .code = code, .quick = quick};
		uint8_t objects[MOST_REGISTERS] = {O_NONE};
		if (code->n_parameters > 0) objects[0] = O_CASE;
		if (code->n_parameters > 1) objects[1] = O_EVENT;
		understood = flow(t, 0, objects);
		for (uint32_t at = 0; at < code->n_instructions && understood; at++) {
			if (t->reached[at])
				understood = translate(t, at);
			else
				quick->steps[at] = (quick_step){.op = Q_RETURN_NOTHING};
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
	case APL_TYPE_SPAN:
	case APL_TYPE_BOOLEAN:
	case APL_TYPE_NUMBER:
	case APL_TYPE_TEXT:
	case APL_TYPE_ONE_OF: return true;
	case APL_TYPE_MONEY:
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
	case APL_TYPE_FIELDS: return false;
	}
	return false;
}

static uint32_t readable_member(const apl_schema *schema, const quick_name *name) {
	uint32_t field = apl_schema_member(schema, 0, name->bytes, name->size);
	return field != APL_NO_FIELD && is_readable((apl_type)schema->fields[field].type) ? field : APL_NO_FIELD;
}

static bool is_in_some_event(const apl_lua *host, const quick_name *name) {
	for (uint32_t i = 0; i < host->n_event_schemas; i++) {
		if (readable_member(host->event_schemas[i].schema, name) != APL_NO_FIELD) return true;
	}
	return false;
}

static bool resolve_write(const apl_program *program, const apl_quick *quick, quick_step *step) {
	uint32_t number = readable_member(program->data, &quick->names[step->x]);
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
	uint32_t number = readable_member(schema, &quick->names[step->x]);
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

/* data.n = data.n + 1: what handlers do most. The steps behind stay as they are, for whoever jumps among them. */
static void join_count(quick_step *step) {
	const quick_step *add = step + 1, *write = step + 3;
	if (add->op != Q_ADD_K || add->a != step->a || add->b != step->a || add->of.constant->kind != V_INTEGER) return;
	if (write->op != Q_WRITE_INTEGER || write->b != step->a || write->x != step->x) return;
	step->op = Q_COUNT;
	step->of.constant = add->of.constant;
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
		case Q_EVENT: is_good = is_in_some_event(host, &quick->names[step->x]); break;
		default: break;
		}
	}
	for (uint32_t i = 0; i + 3 < quick->n_steps && is_good; i++) {
		if (quick->steps[i].op == Q_DATA_INTEGER) join_count(&quick->steps[i]);
	}
	return is_good;
}

void apl_quick_forget(apl_lua *host) {
	for (uint32_t i = 0; i < host->n_functions; i++) host->functions[i].quick = NULL;
}

/* ---- answering -------------------------------------------------------------------------- */

/* A field as it was. */
typedef struct written {
	uint32_t word, bit;
	uint64_t before;
	uint64_t was_there; /* bit 0 */
} written;

static inline bool is_true(const quick_value *value) {
	return value->kind > V_FALSE;
}

/* What mod_data.c pushes; false: a text that is left to Lua. */
static inline bool read_field(const apl_field *field, const uint64_t *words, quick_value *out) {
	if (!apl_record_has(words, field)) {
		out->kind = V_NIL;
		return true;
	}
	switch (field->type) {
	case APL_TYPE_BOOLEAN: out->kind = words[field->word] != 0 ? V_TRUE : V_FALSE; return true;
	case APL_TYPE_NUMBER:
		out->kind = V_NUMBER;
		out->as.number = apl_record_number(words, field);
		return true;
	case APL_TYPE_TEXT:
		out->kind = V_TEXT;
		out->size = apl_record_text(words, field)->size;
		out->as.text = apl_record_text(words, field)->bytes;
		return out->size <= LONGEST_TEXT;
	case APL_TYPE_ONE_OF: {
		const char *choice = field->choices[words[field->word]];
		size_t size = strlen(choice);
		out->kind = V_TEXT;
		out->size = (uint32_t)size;
		out->as.text = choice;
		return size <= LONGEST_TEXT;
	}
	default:
		out->kind = V_INTEGER;
		out->as.integer = apl_record_integer(words, field);
		return true;
	}
}

static inline bool is_number(const quick_value *value) {
	return value->kind == V_INTEGER || value->kind == V_NUMBER;
}
static inline double as_number(const quick_value *value) {
	return value->kind == V_NUMBER ? value->as.number : (double)value->as.integer;
}

/* An integer beside a number is taken for one first, as in Lua; anything but numbers is left to it. */
static bool calculate_numbers(uint8_t op, const quick_value *a, const quick_value *b, quick_value *out) {
	if (!is_number(a) || !is_number(b)) return false;
	double x = as_number(a), y = as_number(b);
	*out = (quick_value){.kind = V_NUMBER, .as.number = op == Q_ADD ? x + y : op == Q_SUBTRACT ? x - y : x * y};
	return true;
}

static inline bool calculate(uint8_t op, const quick_value *a, const quick_value *b, quick_value *out) {
	if (a->kind != V_INTEGER || b->kind != V_INTEGER) return calculate_numbers(op, a, b, out);
	/* Lua's integers wrap around. */
	uint64_t x = (uint64_t)a->as.integer, y = (uint64_t)b->as.integer;
	uint64_t value = op == Q_ADD ? x + y : op == Q_SUBTRACT ? x - y : x * y;
	out->kind = V_INTEGER;
	out->as.integer = (int64_t)value;
	return true;
}

/* Lua compares an integer with a number exactly; so does C as long as the integer is a number, too. */
static inline bool compares_exactly(const quick_value *value) {
	const int64_t most = INT64_C(1) << 53;
	return value->kind == V_NUMBER || (value->as.integer >= -most && value->as.integer <= most);
}

/* a == b: 0, 1, or -1 for Lua to say. */
static inline int equal(const quick_value *a, const quick_value *b) {
	if (a->kind == V_OBJECT || b->kind == V_OBJECT) return -1;
	if (a->kind != b->kind) {
		if (!is_number(a) || !is_number(b)) return 0;
		return compares_exactly(a) && compares_exactly(b) ? as_number(a) == as_number(b) : -1;
	}
	switch ((value_kind)a->kind) {
	case V_INTEGER: return a->as.integer == b->as.integer;
	case V_NUMBER: return a->as.number == b->as.number;
	case V_TEXT: return a->size == b->size && memcmp(a->as.text, b->as.text, a->size) == 0;
	default: return 1;
	}
}

static int numbers_in_order(const quick_value *a, const quick_value *b, bool or_equal) {
	if (!is_number(a) || !is_number(b) || !compares_exactly(a) || !compares_exactly(b)) return -1;
	double x = as_number(a), y = as_number(b);
	return or_equal ? x <= y : x < y;
}

/* a < b, or a <= b: 0, 1, or -1 for Lua to say. */
static inline int in_order(const quick_value *a, const quick_value *b, bool or_equal) {
	if (a->kind != V_INTEGER || b->kind != V_INTEGER) return numbers_in_order(a, b, or_equal);
	return or_equal ? a->as.integer <= b->as.integer : a->as.integer < b->as.integer;
}

static inline bool has_bit(const uint64_t *words, uint32_t bit) {
	return (words[bit >> 6] >> (bit & 63u)) & 1u;
}

static inline void put(uint64_t *words, uint32_t word, uint32_t bit, uint64_t value, written *log) {
	*log = (written){word, bit, words[word], has_bit(words, bit)};
	words[bit >> 6] |= UINT64_C(1) << (bit & 63u);
	words[word] = value;
}

/* An integer with bounds, or a boolean; false: for Lua to refuse. */
static bool check_and_put(const apl_field *field, uint64_t *words, const quick_value *value, written *log) {
	uint64_t bits;
	if (field->type == APL_TYPE_BOOLEAN) {
		if (value->kind != V_TRUE && value->kind != V_FALSE) return false;
		bits = value->kind == V_TRUE;
	} else {
		if (value->kind != V_INTEGER) return false;
		if (field->has_min && value->as.integer < field->bounds.integer.min) return false;
		if (field->has_max && value->as.integer > field->bounds.integer.max) return false;
		bits = (uint64_t)value->as.integer;
	}
	put(words, field->word, field->bit, bits, log);
	return true;
}

/* The field of that name in the event of the moment, remembered for the next time; false: it has none, or is not the playbook's. */
static bool find_event_field(apl_lua *host, const apl_quick *quick, quick_step *step, const apl_payload *payload) {
	int32_t number = host->event_number;
	if (number < 0 || payload == NULL || payload->schema == NULL || payload->words == NULL) return false;
	if (host->program.events[number] != payload->schema) return false;
	if (step->y == (uint32_t)number + 1) return true;
	uint32_t field = readable_member(payload->schema, &quick->names[step->x]);
	if (field == APL_NO_FIELD) return false;
	step->y = (uint32_t)number + 1;
	step->z = field;
	return true;
}

int apl_quick_run(apl_lua *host, apl_quick *quick, bool is_guard) {
	if (quick->n_writes > 0 && is_guard) return APL_QUICK_LEFT; /* Lua says that a guard may not */
	quick_value registers[MOST_REGISTERS];
	written log[MOST_WRITES];
	uint32_t n_log = 0;
	const apl_program *program = &host->program;
	const apl_payload *payload = host->event_payload;
	uint64_t *data = host->turn->data;
	quick_step *step = quick->steps;
	int outcome;
	registers[0].kind = V_OBJECT;
	registers[1].kind = V_OBJECT;
	for (;;) {
		quick_value *a = &registers[step->a];
		switch ((quick_op)step->op) {
		case Q_MOVE: *a = registers[step->b]; break;
		case Q_OBJECT: a->kind = V_OBJECT; break;
		case Q_VALUE:
			*a = *step->of.constant;
			step += step->y;
			break;
		case Q_NIL:
			for (uint32_t i = 0; i <= step->b; i++) a[i].kind = V_NIL;
			break;
		case Q_DATA:
			if (!read_field(step->of.field, data, a)) goto left;
			break;
		case Q_DATA_INTEGER:
			a->kind = has_bit(data, step->y) ? V_INTEGER : V_NIL;
			a->as.integer = (int64_t)data[step->x];
			break;
		case Q_PARAMS:
			if (!read_field(step->of.field, host->words[APL_LUA_PARAMS], a)) goto left;
			break;
		case Q_EVENT:
			if (!find_event_field(host, quick, step, payload)) goto left;
			if (!read_field(&payload->schema->fields[step->z], payload->words, a)) goto left;
			break;
		case Q_WRITE:
			if (!check_and_put(step->of.field, data, &registers[step->b], &log[n_log])) goto left;
			n_log++;
			break;
		case Q_WRITE_K:
			if (!check_and_put(&program->data->fields[step->z], data, step->of.constant, &log[n_log])) goto left;
			n_log++;
			break;
		case Q_WRITE_INTEGER:
			if (registers[step->b].kind != V_INTEGER) goto left;
			put(data, step->x, step->y, (uint64_t)registers[step->b].as.integer, &log[n_log++]);
			break;
		case Q_WRITE_INTEGER_K:
			if (step->of.constant->kind != V_INTEGER) goto left;
			put(data, step->x, step->y, (uint64_t)step->of.constant->as.integer, &log[n_log++]);
			break;
		case Q_COUNT: {
			if (!has_bit(data, step->y)) goto left;
			uint64_t sum = data[step->x] + (uint64_t)step->of.constant->as.integer;
			log[n_log++] = (written){step->x, step->y, data[step->x], 1};
			data[step->x] = sum;
			*a = integer_value((int64_t)sum);
			step += 3;
			break;
		}
		case Q_ADD:
		case Q_SUBTRACT:
		case Q_MULTIPLY:
			if (!calculate(step->op, &registers[step->b], &registers[step->c], a)) goto left;
			step++;
			break;
		case Q_ADD_K:
		case Q_SUBTRACT_K:
		case Q_MULTIPLY_K:
			if (!calculate((uint8_t)(step->op - Q_ADD_K + Q_ADD), &registers[step->b], step->of.constant, a)) goto left;
			step++;
			break;
		case Q_NOT: a->kind = is_true(&registers[step->b]) ? V_FALSE : V_TRUE; break;
		case Q_JUMP: step = &quick->steps[step->x]; continue;
		case Q_EQUAL: outcome = equal(a, &registers[step->b]); goto compared;
		case Q_EQUAL_K: outcome = equal(a, step->of.constant); goto compared;
		case Q_LESS: outcome = in_order(a, &registers[step->b], false); goto compared;
		case Q_LESS_EQUAL: outcome = in_order(a, &registers[step->b], true); goto compared;
		case Q_LESS_K: outcome = in_order(a, step->of.constant, false); goto compared;
		case Q_LESS_EQUAL_K: outcome = in_order(a, step->of.constant, true); goto compared;
		case Q_GREATER_K: outcome = in_order(step->of.constant, a, false); goto compared;
		case Q_GREATER_EQUAL_K:
			outcome = in_order(step->of.constant, a, true);
		compared:
			if (outcome < 0) goto left;
			step = &quick->steps[outcome == step->c ? step->x : step->y];
			continue;
		case Q_TEST: step = &quick->steps[is_true(a) == (step->c != 0) ? step->x : step->y]; continue;
		case Q_TEST_SET:
			if (is_true(&registers[step->b]) != (step->c != 0)) {
				step = &quick->steps[step->y];
				continue;
			}
			*a = registers[step->b];
			step = &quick->steps[step->x];
			continue;
		case Q_RETURN_NOTHING:
			if (is_guard) goto left; /* Lua says that an answer is missing */
			return APL_PORT_FALSE;
		case Q_RETURN:
			if (a->kind == V_NIL) return APL_PORT_FALSE;
			if (!is_guard || (a->kind != V_TRUE && a->kind != V_FALSE)) goto left;
			return a->kind == V_TRUE ? APL_PORT_TRUE : APL_PORT_FALSE;
		}
		step++;
	}
left:
	while (n_log > 0) {
		const written *w = &log[--n_log];
		data[w->word] = w->before;
		data[w->bit >> 6] = (data[w->bit >> 6] & ~(UINT64_C(1) << (w->bit & 63u))) | w->was_there << (w->bit & 63u);
	}
	return APL_QUICK_LEFT;
}
