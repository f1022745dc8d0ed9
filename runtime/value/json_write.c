/* SPDX-License-Identifier: MIT */
/*
 * Decides the one text of every value (json.h, docs/json.md). It asks nothing
 * of the value: a tape is valid by construction.
 */
#include "value/json.h"

#include <math.h>
#include <string.h>

#include "base/assert.h"
#include "base/hard.h"
#include "value/number.h"
#include "value/scan.h"

/* ---- scalars ----------------------------------------------------------- */

static void write_escape(apl_buf *out, unsigned char byte) {
	static const char HEX[] = "0123456789abcdef";
	char escape[6] = {'\\', 'u', '0', '0', HEX[byte >> 4], HEX[byte & 15]};
	size_t size = 2;
	switch (byte) {
	case '"': escape[1] = '"'; break;
	case '\\': escape[1] = '\\'; break;
	case '\b': escape[1] = 'b'; break;
	case '\f': escape[1] = 'f'; break;
	case '\n': escape[1] = 'n'; break;
	case '\r': escape[1] = 'r'; break;
	case '\t': escape[1] = 't'; break;
	default: size = 6;
	}
	apl_buf_add(out, escape, size);
}

static __attribute__((noinline)) void write_with_escapes(apl_buf *out, const char *bytes, size_t size) {
	const char *end = bytes + size;
	apl_buf_byte(out, '"');
	for (;;) {
		const char *stop = apl_scan_unescaped(bytes, end);
		apl_buf_add(out, bytes, (size_t)(stop - bytes));
		if (stop == end) break;
		write_escape(out, (unsigned char)*stop);
		bytes = stop + 1;
	}
	apl_buf_byte(out, '"');
}

/* What is put at [to] has room there; returns behind it. */
static inline char *put_plain_text(char *to, const char *bytes, size_t size) {
	*to = '"';
	apl_copy_short(to + 1, bytes, size);
	to[size + 1] = '"';
	return to + size + 2;
}

void apl_json_write_text(apl_buf *out, const char *bytes, size_t size) {
	char *to = apl_buf_reserve(out, size + 2);
	if (to == NULL) return;
	if (!apl_copy_unescaped(to + 1, bytes, size)) {
		write_with_escapes(out, bytes, size);
		return;
	}
	to[0] = '"';
	to[size + 1] = '"';
	out->size += size + 2;
}

void apl_json_write_integer(apl_buf *out, int64_t value) {
	apl_buf_integer(out, value);
}

/* Powers of ten of the first digit from which, and up to which, no exponent is written. */
enum { LEAST_PLAIN = -4, MOST_PLAIN = 15 };

/* The longest: -1.7976931348623157e308, and -0.00012345678901234567. */
enum { NUMBER_SIZE = 32 };

static char *put_bytes(char *to, const char *bytes, int size) {
	memcpy(to, bytes, (size_t)size);
	return to + size;
}

static char *put_zeroes(char *to, int count) {
	for (int i = 0; i < count; i++) *to++ = '0';
	return to;
}

/* 0.00ddd, or ddd.ddd, or ddd00.0 */
static char *put_plain(char *to, const char *digits, int count, int point) {
	if (point <= 0) {
		to = put_zeroes(put_bytes(to, "0.", 2), -point);
		return put_bytes(to, digits, count);
	}
	if (point < count) {
		to = put_bytes(to, digits, point);
		*to++ = '.';
		return put_bytes(to, digits + point, count - point);
	}
	to = put_zeroes(put_bytes(to, digits, count), point - count);
	return put_bytes(to, ".0", 2);
}

/* d.dde300, de-7 */
static char *put_with_exponent(char *to, const char *digits, int count, int point) {
	*to++ = digits[0];
	if (count > 1) {
		*to++ = '.';
		to = put_bytes(to, digits + 1, count - 1);
	}
	*to++ = 'e';
	return apl_put_integer(to, point - 1);
}

static char *put_number(char *to, double value) {
	APL_ASSERT(isfinite(value));
	if (value == 0.0) return put_bytes(to, "0.0", 3);
	if (value < 0) *to++ = '-';
	char digits[APL_NUMBER_DIGITS];
	int point;
	int count = (int)apl_number_shortest(fabs(value), digits, &point);
	if (point - 1 < LEAST_PLAIN || point - 1 > MOST_PLAIN) return put_with_exponent(to, digits, count, point);
	return put_plain(to, digits, count, point);
}

void apl_json_write_number(apl_buf *out, double value) {
	char *to = apl_buf_reserve(out, NUMBER_SIZE);
	if (to != NULL) out->size += (size_t)(put_number(to, value) - to);
}

/* What a scalar that needs no escapes may take. */
static inline size_t scalar_size(const apl_cell *cell) {
	return cell->kind == APLOMB_TEXT ? (size_t)cell->count + 2 : NUMBER_SIZE;
}

static inline char *put_scalar(char *to, const apl_cell *cell) {
	switch ((aplomb_kind)cell->kind) {
	case APLOMB_NULL: return put_bytes(to, "null", 4);
	case APLOMB_BOOLEAN: return cell->truth ? put_bytes(to, "true", 4) : put_bytes(to, "false", 5);
	case APLOMB_INTEGER: return apl_put_integer(to, cell->as.integer);
	case APLOMB_NUMBER: return put_number(to, cell->as.number);
	default:
		APL_ASSERT(cell->kind == APLOMB_TEXT); /* a cell of a tape has a kind, and containers do not come here */
		return put_plain_text(to, cell->as.text, cell->count);
	}
}

static inline bool may_need_escapes(const apl_cell *cell) {
	return cell->kind == APLOMB_TEXT && !cell->plain;
}

static void write_scalar(apl_buf *out, const apl_cell *cell) {
	if (may_need_escapes(cell)) {
		apl_json_write_text(out, cell->as.text, cell->count);
		return;
	}
	char *to = apl_buf_reserve(out, scalar_size(cell));
	if (to != NULL) out->size += (size_t)(put_scalar(to, cell) - to);
}

/* ---- the order of members ---------------------------------------------- */

/* A name with its first eight bytes as a number that compares as they do: most names differ there. */
typedef struct member {
	uint64_t start;
	uint32_t name; /* its cell */
} member;

/* What is open while a container is written. */
typedef struct frame {
	uint32_t next; /* a list's cell; a map's place in [order] */
	uint32_t end;
	uint32_t order_before; /* size of [order] when this container was opened */
	bool is_map;
	bool is_begun;
} frame;

/* Enough for nearly everything without asking the allocator. */
enum { NEAR_FRAMES = APL_START(16), NEAR_ORDER = APL_START(48) };

typedef struct writer {
	apl_buf *out;
	const apl_tape *tape;
	frame *frames;
	uint32_t depth;
	uint32_t frames_capacity;
	member *order; /* the members of the open maps, sorted */
	uint32_t order_size;
	uint32_t order_capacity;
	frame near_frames[NEAR_FRAMES];
	member near_order[NEAR_ORDER];
} writer;

/* A larger block with what [block] holds; frees [block] unless it is the near one. NULL, and out->failed, without memory. */
static void *enlarge(apl_buf *out, void *block, const void *near_block, uint32_t *capacity, uint32_t needed, size_t size) {
	uint32_t larger = *capacity;
	while (larger < needed) larger = larger > UINT32_MAX / 2 ? UINT32_MAX : larger * 2;
	bool is_near = block == near_block;
	void *moved = apl_resize(&out->alloc, is_near ? NULL : block, is_near ? 0 : *capacity * size, larger * size);
	if (moved == NULL) {
		out->failed = true;
		return NULL;
	}
	if (is_near) memcpy(moved, near_block, *capacity * size);
	*capacity = larger;
	return moved;
}

static bool room_for_frame(writer *w) {
	if (w->depth < w->frames_capacity) return true;
	frame *frames = enlarge(w->out, w->frames, w->near_frames, &w->frames_capacity, w->depth + 1, sizeof *frames);
	if (frames == NULL) return false;
	w->frames = frames;
	return true;
}

static bool room_for_order(writer *w, uint32_t more) {
	if (more <= w->order_capacity - w->order_size) return true;
	member *order = enlarge(w->out, w->order, w->near_order, &w->order_capacity, w->order_size + more, sizeof *order);
	if (order == NULL) return false;
	w->order = order;
	return true;
}

static inline uint64_t big_endian_64(const unsigned char *from) {
	uint64_t value;
	memcpy(&value, from, sizeof value);
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(value) : value;
}

static inline uint32_t big_endian_32(const unsigned char *from) {
	uint32_t value;
	memcpy(&value, from, sizeof value);
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap32(value) : value;
}

/* The name's first bytes as the highest of a number, the first one highest. Pieces may overlap: they agree there. */
static inline uint64_t start_of(const apl_cell *name) {
	const unsigned char *from = (const unsigned char *)name->as.text;
	uint32_t size = name->count;
	if (size >= 8) return big_endian_64(from);
	if (size >= 4) return (uint64_t)big_endian_32(from) << 32 | (uint64_t)big_endian_32(from + size - 4) << (8 * (8 - size));
	if (size == 0) return 0;
	return (uint64_t)from[0] << 56 | (uint64_t)from[size / 2] << (56 - 8 * (size / 2)) | (uint64_t)from[size - 1] << (56 - 8 * (size - 1));
}

/* By bytes; a shorter name before a longer one that begins with it. */
static int compare_whole(const apl_tape *tape, const member *a, const member *b) {
	const apl_cell *left = &tape->cells[a->name];
	const apl_cell *right = &tape->cells[b->name];
	uint32_t shorter = left->count < right->count ? left->count : right->count;
	int order = shorter > 0 ? memcmp(left->as.text, right->as.text, shorter) : 0;
	if (order != 0) return order;
	return (left->count > right->count) - (left->count < right->count);
}

static inline int compare(const apl_tape *tape, const member *a, const member *b) {
	if (a->start != b->start) return a->start < b->start ? -1 : 1;
	return compare_whole(tape, a, b);
}

static void sort_few(const apl_tape *tape, member *members, uint32_t count) {
	for (uint32_t i = 1; i < count; i++) {
		member moving = members[i];
		uint32_t to = i;
		for (; to > 0 && compare(tape, &members[to - 1], &moving) > 0; to--) members[to] = members[to - 1];
		members[to] = moving;
	}
}

enum { FEW = 12 };

/* Merges runs of doubling length between [members] and [other]; equal names keep their order. Returns where the result is. */
static member *sort_many(const apl_tape *tape, member *members, member *other, uint32_t count) {
	for (uint32_t i = 0; i < count; i += FEW) sort_few(tape, members + i, count - i < FEW ? count - i : FEW);
	for (size_t run = FEW; run < count; run *= 2) {
		for (size_t start = 0; start < count; start += 2 * run) {
			size_t left = start;
			size_t middle = start + run < count ? start + run : count;
			size_t right = middle;
			size_t end = middle + run < count ? middle + run : count;
			for (size_t to = start; to < end; to++) {
				bool takes_left = left < middle && (right == end || compare(tape, &members[left], &members[right]) <= 0);
				other[to] = takes_left ? members[left++] : members[right++];
			}
		}
		member *merged = other;
		other = members;
		members = merged;
	}
	return members;
}

/* Of equal names only the last stays. [from] may be [to]. Returns how many. */
static uint32_t keep_last(const apl_tape *tape, const member *from, member *to, uint32_t count) {
	uint32_t kept = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (i + 1 < count && compare(tape, &from[i], &from[i + 1]) == 0) continue;
		to[kept++] = from[i];
	}
	return kept;
}

/* Puts the map's members onto [order], sorted, the last of equal names only. False without memory. */
static bool push_order(writer *w, uint32_t map) {
	const apl_tape *tape = w->tape;
	uint32_t count = tape->cells[map].count;
	if (!room_for_order(w, count)) return false;
	member *members = w->order + w->order_size;
	bool ascends = true; /* no name twice, then; what we wrote ourselves always does */
	uint32_t name = map + 1;
	for (uint32_t i = 0; i < count; i++) {
		members[i] = (member){start_of(&tape->cells[name]), name};
		if (i > 0 && ascends) ascends = compare(tape, &members[i - 1], &members[i]) < 0;
		name = apl_tape_next(tape, name + 1);
	}
	if (!ascends && count <= FEW) {
		sort_few(tape, members, count);
		count = keep_last(tape, members, members, count);
	} else if (!ascends) {
		w->order_size += count; /* kept when the order is moved */
		bool has_room = room_for_order(w, count);
		w->order_size -= count;
		if (!has_room) return false;
		members = w->order + w->order_size;
		member *sorted = sort_many(tape, members, members + count, count);
		count = keep_last(tape, sorted, members, count);
	}
	w->order_size += count;
	return true;
}

/* ---- containers --------------------------------------------------------- */

/* Opens the container at [index]; false without memory. */
static bool open_container(writer *w, uint32_t index) {
	const apl_cell *cell = &w->tape->cells[index];
	if (!room_for_frame(w)) return false;
	frame opened = {index + 1, cell->as.end, w->order_size, cell->kind == APLOMB_MAP, false};
	if (opened.is_map) {
		if (!push_order(w, index)) return false;
		opened.next = opened.order_before;
		opened.end = w->order_size;
	}
	w->frames[w->depth++] = opened;
	apl_buf_byte(w->out, opened.is_map ? '{' : '[');
	return true;
}

/*
 * A comma, a member's name, and the value if it is a scalar; all put at once,
 * for speed, when nothing needs escapes. Returns whether the value is written.
 */
static inline bool write_entry(apl_buf *out, bool comma, const apl_cell *name, const apl_cell *value) {
	bool is_scalar = value->kind < APLOMB_LIST;
	if ((name != NULL && !name->plain) || may_need_escapes(value)) {
		if (comma) apl_buf_byte(out, ',');
		if (name != NULL) {
			write_scalar(out, name);
			apl_buf_byte(out, ':');
		}
		if (is_scalar) write_scalar(out, value);
		return is_scalar;
	}
	size_t size = 1 + (name != NULL ? (size_t)name->count + 3 : 0) + (is_scalar ? scalar_size(value) : 0);
	char *start = apl_buf_reserve(out, size);
	if (start == NULL) return true;
	char *to = start;
	if (comma) *to++ = ',';
	if (name != NULL) {
		to = put_plain_text(to, name->as.text, name->count);
		*to++ = ':';
	}
	if (is_scalar) to = put_scalar(to, value);
	out->size += (size_t)(to - start);
	return is_scalar;
}

/* Writes what is left of the container on top, up to the next container in it: that one's cell, or 0 when there is none. */
static uint32_t write_entries(writer *w) {
	frame *top = &w->frames[w->depth - 1];
	const apl_cell *cells = w->tape->cells;
	while (top->next < top->end && !w->out->failed) {
		uint32_t name = top->is_map ? w->order[top->next].name : 0;
		uint32_t value = top->is_map ? name + 1 : top->next;
		top->next = top->is_map ? top->next + 1 : apl_tape_next(w->tape, value);
		bool is_whole = write_entry(w->out, top->is_begun, top->is_map ? &cells[name] : NULL, &cells[value]);
		top->is_begun = true;
		if (!is_whole) return value;
	}
	return 0;
}

static void close_container(writer *w) {
	const frame *top = &w->frames[--w->depth];
	w->order_size = top->order_before;
	apl_buf_byte(w->out, top->is_map ? '}' : ']');
}

static void write_container(writer *w, uint32_t index) {
	if (!open_container(w, index)) return;
	while (w->depth > 0 && !w->out->failed) {
		uint32_t inner = write_entries(w);
		if (inner == 0)
			close_container(w);
		else if (!open_container(w, inner))
			return;
	}
}

void apl_json_write(apl_buf *out, const apl_tape *tape, uint32_t cell) {
	if (tape->cells[cell].kind < APLOMB_LIST) {
		write_scalar(out, &tape->cells[cell]);
		return;
	}
	writer w; /* not zeroed: the near stacks are as large as what is written */
	w.out = out;
	w.tape = tape;
	w.frames = w.near_frames;
	w.frames_capacity = NEAR_FRAMES;
	w.depth = 0;
	w.order = w.near_order;
	w.order_capacity = NEAR_ORDER;
	w.order_size = 0;
	write_container(&w, cell);
	if (w.frames != w.near_frames) apl_free(&out->alloc, w.frames, w.frames_capacity * sizeof *w.frames);
	if (w.order != w.near_order) apl_free(&out->alloc, w.order, w.order_capacity * sizeof *w.order);
}
