/* SPDX-License-Identifier: MIT */
/*
 * Decides which functions are proven to end soon. It reads the output of
 * lua_dump in the format of Lua 5.4; the numbers of the instructions are
 * nobody's promise, so host.c lets the running library compile a few known
 * functions and trusts this file only when it says the right thing about them.
 */

#include "lua/bytecode.h"

#include <string.h>

#include <lua.h>

/* The instructions of Lua 5.4, as far as they matter here. */
enum {
	OP_SETUPVAL = 10,
	OP_GETTABUP = 11,
	OP_SETTABUP = 15,
	OP_NEWTABLE = 19,
	OP_ADDI = 21,
	OP_POWK = 26,
	OP_POW = 38,
	OP_LEN = 52,
	OP_JMP = 56,
	OP_EQ = 57,
	OP_TESTSET = 67,
	OP_RETURN = 70,
	OP_RETURN1 = 72,
	OP_SETLIST = 78,
	OP_EXTRAARG = 82
};

enum { OPCODE_BITS = 7, MOST_NESTING = 200, INDEXED = 256 };
#define JUMP_ZERO ((1u << 24) - 1) /* a jump of so much goes nowhere; less goes back */

/* Constants of a function, by their tag. */
enum { TAG_NIL = 0x00, TAG_FALSE = 0x01, TAG_TRUE = 0x11, TAG_INTEGER = 0x03, TAG_NUMBER = 0x13, TAG_SHORT = 0x04, TAG_LONG = 0x14 };

/* The constants of the function that is being read, as far as an instruction can name them. */
typedef struct indexed {
	apl_constant constants[INDEXED];
	size_t count;
} indexed;

typedef struct reader {
	const unsigned char *next;
	size_t left;
	bool failed;
	apl_bytecode *out;
	indexed *indexed;
} reader;

static const unsigned char *take(reader *r, size_t size) {
	if (r->failed || size > r->left) {
		r->failed = true;
		return NULL;
	}
	const unsigned char *bytes = r->next;
	r->next += size;
	r->left -= size;
	return bytes;
}

static unsigned char take_byte(reader *r) {
	const unsigned char *byte = take(r, 1);
	return byte != NULL ? *byte : 0;
}

/* Seven bits a byte, most significant first; the last byte is marked. */
static size_t take_size(reader *r) {
	size_t value = 0;
	for (;;) {
		unsigned char byte = take_byte(r);
		if (r->failed || value > SIZE_MAX >> 8) {
			r->failed = true;
			return 0;
		}
		value = value << 7 | (byte & 0x7fu);
		if (byte & 0x80u) return value;
	}
}

static const unsigned char *take_text(reader *r, size_t *size) {
	size_t with_end = take_size(r);
	*size = with_end > 0 ? with_end - 1 : 0;
	return take(r, *size);
}

static bool is_bounded_instruction(uint32_t instruction) {
	uint32_t op = instruction & ((1u << OPCODE_BITS) - 1);
	if (op == OP_JMP) return instruction >> OPCODE_BITS >= JUMP_ZERO;
	if (op == OP_POWK || op == OP_POW) return false;
	/* Loads, reads and writes of tables, and arithmetic: everything but OP_SELF (20), which comes before a call. */
	return op <= OP_NEWTABLE || (op >= OP_ADDI && op <= OP_LEN) || (op >= OP_EQ && op <= OP_TESTSET) ||
	       (op >= OP_RETURN && op <= OP_RETURN1) || op == OP_SETLIST || op == OP_EXTRAARG;
}

/* A function that is being read, in the one around it. */
typedef struct scope {
	const struct scope *around; /* NULL: the outermost */
	const unsigned char *code;
	size_t n_code;
	const unsigned char *upvalues; /* three bytes each: is it a local of the function around, its number, its kind */
	size_t n_upvalues;
	size_t first_line;
} scope;

static void read_code(reader *r, scope *own, bool is_vararg) {
	bool is_outermost = own->around == NULL;
	size_t count = take_size(r);
	if (count > r->left / 4) r->failed = true;
	own->code = r->next;
	own->n_code = count;
	bool bounded = !is_vararg;
	for (size_t i = 0; i < count && !r->failed; i++) {
		uint32_t instruction;
		memcpy(&instruction, take(r, sizeof instruction), sizeof instruction);
		uint32_t op = instruction & ((1u << OPCODE_BITS) - 1);
		if (op > OP_EXTRAARG) r->failed = true;
		if (op == OP_POW || op == OP_POWK) r->out->uses_power = true;
		if (!is_bounded_instruction(instruction)) bounded = false;
		if (is_outermost && i < APL_BYTECODE_KEPT) r->out->code[i] = instruction;
	}
	if (!is_outermost) return;
	r->out->is_bounded = bounded;
	r->out->n_instructions = (uint32_t)count;
	r->out->is_kept = count <= APL_BYTECODE_KEPT;
}

static apl_constant read_constant(reader *r) {
	apl_constant constant = {.kind = APL_CONSTANT_NIL};
	const unsigned char *bytes;
	switch (take_byte(r)) {
	case TAG_NIL: break;
	case TAG_FALSE: constant.kind = APL_CONSTANT_FALSE; break;
	case TAG_TRUE: constant.kind = APL_CONSTANT_TRUE; break;
	case TAG_INTEGER:
		constant.kind = APL_CONSTANT_INTEGER;
		bytes = take(r, sizeof constant.as.integer);
		if (bytes != NULL) memcpy(&constant.as.integer, bytes, sizeof constant.as.integer);
		break;
	case TAG_NUMBER:
		constant.kind = APL_CONSTANT_NUMBER;
		bytes = take(r, sizeof constant.as.number);
		if (bytes != NULL) memcpy(&constant.as.number, bytes, sizeof constant.as.number);
		break;
	case TAG_SHORT:
	case TAG_LONG:
		constant.kind = APL_CONSTANT_TEXT;
		constant.as.text = (const char *)take_text(r, &constant.size);
		break;
	default: r->failed = true;
	}
	return constant;
}

static bool is_text(const apl_constant *constant, const char *text) {
	return constant->kind == APL_CONSTANT_TEXT && constant->size == strlen(text) && memcmp(constant->as.text, text, constant->size) == 0;
}

static void read_constants(reader *r, bool is_outermost) {
	size_t count = take_size(r);
	for (size_t i = 0; i < count && !r->failed; i++) {
		apl_constant constant = read_constant(r);
		if (constant.kind == APL_CONSTANT_TEXT && constant.size > 0 && constant.as.text != NULL &&
		    memchr(constant.as.text, '\0', constant.size) != NULL)
			r->out->has_zeros = true;
		if (is_text(&constant, "time_in")) r->out->names_time_in = true;
		if (is_text(&constant, "send") || is_text(&constant, "ask")) r->out->names_send = true;
		if (is_outermost && i < APL_BYTECODE_KEPT) r->out->constants[i] = constant;
		if (i < INDEXED) r->indexed->constants[i] = constant;
	}
	r->indexed->count = r->failed ? 0 : count;
	if (!is_outermost) return;
	r->out->n_constants = (uint32_t)count;
	if (count > APL_BYTECODE_KEPT) r->out->is_kept = false;
}

/* The upvalue of the outermost function that this one's upvalue is, or -1: it is a local of some function between, gone with its call. */
static int outer_upvalue(const scope *s, unsigned upvalue) {
	for (; upvalue < s->n_upvalues; s = s->around) {
		if (s->around == NULL) return (int)upvalue;
		if (s->upvalues[upvalue * 3] != 0) return -1;
		upvalue = s->upvalues[upvalue * 3 + 1];
	}
	return -1;
}

static void add_name(apl_bytecode *out, uint32_t upvalue, const apl_constant *name) {
	if (out->n_names == APL_BYTECODE_NAMES || name->kind != APL_CONSTANT_TEXT) return;
	for (uint32_t i = 0; i < out->n_names; i++) {
		const apl_upvalue_name *known = &out->names[i];
		if (known->upvalue == upvalue && known->size == name->size && memcmp(known->text, name->as.text, name->size) == 0) return;
	}
	out->names[out->n_names++] = (apl_upvalue_name){upvalue, name->as.text, name->size};
}

/* UpValue[B][K[C]], and UpValue[A][K[B]] := … */
static void find_names(reader *r, const scope *s) {
	for (size_t i = 0; i < s->n_code && !r->failed; i++) {
		uint32_t instruction;
		memcpy(&instruction, s->code + i * sizeof instruction, sizeof instruction);
		uint32_t op = instruction & ((1u << OPCODE_BITS) - 1);
		if (op != OP_GETTABUP && op != OP_SETTABUP) continue;
		bool is_read = op == OP_GETTABUP;
		int upvalue = outer_upvalue(s, is_read ? instruction >> 16 & 0xff : instruction >> 7 & 0xff);
		uint32_t constant = is_read ? instruction >> 24 : instruction >> 16 & 0xff;
		if (upvalue >= 0 && constant < r->indexed->count) add_name(r->out, (uint32_t)upvalue, &r->indexed->constants[constant]);
	}
}

/* [lines] holds a step for each instruction; where it is the least that a byte holds, the line stands among [whole]. */
static void find_writes(reader *r, const scope *s, const unsigned char *lines, size_t n_lines, reader whole) {
	enum { WHOLE = 0x80 };
	size_t line = s->first_line;
	for (size_t i = 0; i < s->n_code; i++) {
		if (n_lines == s->n_code && lines[i] == WHOLE) {
			take_size(&whole); /* the number of the instruction */
			line = take_size(&whole);
		} else if (n_lines == s->n_code) {
			line += (size_t)(ptrdiff_t)(signed char)lines[i];
		}
		uint32_t instruction;
		memcpy(&instruction, s->code + i * sizeof instruction, sizeof instruction);
		if ((instruction & ((1u << OPCODE_BITS) - 1)) != OP_SETUPVAL) continue;
		int upvalue = outer_upvalue(s, instruction >> 16 & 0xff);
		if (upvalue < 0) continue;
		if (r->out->n_writes < APL_BYTECODE_WRITES)
			r->out->writes[r->out->n_writes] =
			    (apl_upvalue_write){(uint32_t)upvalue, n_lines == s->n_code && line <= UINT32_MAX ? (uint32_t)line : 0};
		r->out->n_writes++;
	}
}

static void read_debug(reader *r, const scope *s) {
	size_t size;
	size_t n_lines = take_size(r);
	const unsigned char *lines = take(r, n_lines);
	size_t count = take_size(r);
	reader whole = *r;
	for (size_t i = 0; i < count && !r->failed; i++) take_size(r), take_size(r);
	if (!r->failed) find_writes(r, s, lines, n_lines, whole);
	count = take_size(r);
	for (size_t i = 0; i < count && !r->failed; i++) take_text(r, &size), take_size(r), take_size(r);
	count = take_size(r);
	for (size_t i = 0; i < count && !r->failed; i++) take_text(r, &size);
}

static void read_function(reader *r, const scope *around, unsigned depth) {
	if (depth > MOST_NESTING) r->failed = true;
	if (r->failed) return;
	size_t size;
	scope own = {.around = around};
	take_text(r, &size); /* source */
	own.first_line = take_size(r);
	take_size(r); /* last line */
	unsigned char parameters = take_byte(r);
	bool is_vararg = take_byte(r) != 0;
	unsigned char registers = take_byte(r);
	read_code(r, &own, is_vararg);
	read_constants(r, depth == 0);
	own.n_upvalues = take_size(r);
	if (own.n_upvalues > r->left) r->failed = true;
	if (depth == 0) {
		r->out->n_parameters = parameters;
		r->out->n_registers = registers;
		r->out->n_upvalues = (uint32_t)own.n_upvalues;
	}
	own.upvalues = take(r, r->failed ? 0 : own.n_upvalues * 3);
	find_names(r, &own);
	size_t count = take_size(r);
	for (size_t i = 0; i < count && !r->failed; i++) read_function(r, &own, depth + 1);
	read_debug(r, &own);
}

static bool read_header(reader *r) {
	static const unsigned char known[] = {
	    0x1b, 'L', 'u', 'a', 0x54, 0, 0x19, 0x93, '\r', '\n', 0x1a, '\n', sizeof(uint32_t), sizeof(lua_Integer), sizeof(lua_Number)};
	const lua_Integer integer = 0x5678;
	const lua_Number number = 370.5;
	const unsigned char *bytes = take(r, sizeof known);
	if (bytes == NULL || memcmp(bytes, known, sizeof known) != 0) return false;
	bytes = take(r, sizeof integer);
	if (bytes == NULL || memcmp(bytes, &integer, sizeof integer) != 0) return false;
	bytes = take(r, sizeof number);
	if (bytes == NULL || memcmp(bytes, &number, sizeof number) != 0) return false;
	take_byte(r); /* upvalues of the outermost function */
	return !r->failed;
}

bool apl_bytecode_read(const unsigned char *bytes, size_t size, apl_bytecode *out) {
	memset(out, 0, sizeof *out);
	indexed constants;
	constants.count = 0;
	reader r = {bytes, size, false, out, &constants};
	if (!read_header(&r)) return false;
	read_function(&r, NULL, 0);
	if (r.failed || r.left != 0) {
		memset(out, 0, sizeof *out);
		return false;
	}
	return true;
}
