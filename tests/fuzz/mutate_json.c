/* SPDX-License-Identifier: MIT */
/*
 * How a fuzzer changes lines of JSON so that most of what comes out is still JSON: a value is replaced by another one of the same input, or
 * by one that is worth trying; a member or a line goes, comes twice or changes places. One time in four anything at all is done, for what
 * is not JSON must be refused, too.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

enum { MOST_SPANS = 1024 };

typedef struct span {
	uint32_t from, to;
} span;

typedef struct spans {
	span all[MOST_SPANS];
	uint32_t count;
} spans;

static const char *const tries[] = {"null", "true", "0", "-1", "1", "9223372036854775807", "-9223372036854775808", "1e308", "0.1", "\"\"",
    "[]", "{}", "\"a\"", "\"2026-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.999999Z\"", "\"0001-01-01T00:00:00Z\"", "\"0s\"", "\"2h\"",
    "\"3 business days\"", "\"1.00 GBP\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "[[[[[[[[[[1]]]]]]]]]]", "{\"a\":{\"a\":{\"a\":1}}}",
    "\"over\"", "\"work.talk.busy\"", "\"work.talk.open\"", "\"work.mood.upset\"", "\"go\"", "\"message\"", "\"later\"", "\"stop\"",
    "\"error.execution\"", "\"send\"", "\"after.work.mood.upset.1\"", "\"every.work.talk.busy.1\"", "18446744073709551616", "-0.0"};

static uint32_t draw(uint32_t *random, uint32_t bound) {
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	return bound > 0 ? *random % bound : 0;
}

/* Every value and every key: scalars as they stand, lists and maps whole. What is no JSON gives what can be made of it. */
static void find_spans(const uint8_t *data, size_t size, spans *out) {
	uint32_t open[64], depth = 0;
	out->count = 0;
	for (size_t i = 0; i < size && out->count < MOST_SPANS;) {
		size_t from = i;
		uint8_t c = data[i];
		if (c == '{' || c == '[') {
			if (depth < 64) open[depth++] = (uint32_t)i;
			i++;
			continue;
		}
		if (c == '}' || c == ']') {
			i++;
			if (depth > 0) out->all[out->count++] = (span){open[--depth], (uint32_t)i};
			continue;
		}
		if (c == '"') {
			for (i++; i < size && data[i] != '"'; i++) i += data[i] == '\\' && i + 1 < size;
			if (i < size) i++;
		} else {
			while (i < size && memchr("{}[],:\" \n", data[i], 9) == NULL) i++;
			if (i == from) {
				i++;
				continue;
			}
		}
		out->all[out->count++] = (span){(uint32_t)from, (uint32_t)i};
	}
}

static void find_lines(const uint8_t *data, size_t size, spans *out) {
	out->count = 0;
	for (size_t at = 0; at < size && out->count < MOST_SPANS;) {
		const uint8_t *newline = memchr(data + at, '\n', size - at);
		size_t end = newline != NULL ? (size_t)(newline - data) + 1 : size;
		out->all[out->count++] = (span){(uint32_t)at, (uint32_t)end};
		at = end;
	}
}

/* [where] becomes the piece, which may lie in the same text. */
static size_t put(uint8_t *data, size_t size, size_t max_size, span where, const void *piece, size_t piece_size) {
	uint8_t copy[4096];
	if (piece_size > sizeof copy || size - (where.to - where.from) + piece_size > max_size) return size;
	memcpy(copy, piece, piece_size);
	memmove(data + where.from + piece_size, data + where.to, size - where.to);
	memcpy(data + where.from, copy, piece_size);
	return size - (where.to - where.from) + piece_size;
}

static size_t change_line(uint8_t *data, size_t size, size_t max_size, const spans *lines, uint32_t *random) {
	span one = lines->all[draw(random, lines->count)], other = lines->all[draw(random, lines->count)];
	span before = {one.from, one.from};
	switch (draw(random, 3)) {
	case 0: return put(data, size, max_size, one, "", 0);
	case 1: return put(data, size, max_size, before, data + other.from, other.to - other.from);
	default: return put(data, size, max_size, one, data + other.from, other.to - other.from);
	}
}

/* With its comma, and with its key when a value of a map was drawn. */
static span with_comma(const uint8_t *data, size_t size, const spans *all, uint32_t number) {
	span it = all->all[number];
	if (it.from > 0 && data[it.from - 1] == ':' && number > 0) {
		for (uint32_t i = number; i-- > 0;) {
			if (all->all[i].to + 1 != it.from) continue;
			it.from = all->all[i].from;
			break;
		}
	}
	if (it.to < size && data[it.to] == ',')
		it.to++;
	else if (it.from > 0 && data[it.from - 1] == ',')
		it.from--;
	return it;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
	static spans all, lines; /* of the fuzzer, which is alone in its process */
	uint32_t random = seed * 2654435761u + 1;
	if (size == 0 || draw(&random, 4) == 0) return LLVMFuzzerMutate(data, size, max_size);
	find_lines(data, size, &lines);
	if (lines.count > 1 && draw(&random, 4) == 0) return change_line(data, size, max_size, &lines, &random);
	find_spans(data, size, &all);
	if (all.count == 0) return LLVMFuzzerMutate(data, size, max_size);
	for (uint32_t times = 1 + draw(&random, 3); times > 0; times--) {
		uint32_t number = draw(&random, all.count);
		span it = all.all[number], other = all.all[draw(&random, all.count)];
		switch (draw(&random, 6)) {
		case 0:
		case 1: {
			const char *text = tries[draw(&random, sizeof tries / sizeof *tries)];
			size = put(data, size, max_size, it, text, strlen(text));
			break;
		}
		case 2: size = put(data, size, max_size, it, data + other.from, other.to - other.from); break;
		case 3: size = put(data, size, max_size, with_comma(data, size, &all, number), "", 0); break;
		case 4: {
			span whole = with_comma(data, size, &all, number), here = {whole.from, whole.from};
			size = put(data, size, max_size, here, data + whole.from, whole.to - whole.from);
			break;
		}
		default: {
			uint8_t piece[512];
			size_t piece_size = it.to - it.from;
			if (piece_size > 2 && piece_size < 256) {
				memcpy(piece, data + it.from, piece_size);
				bool is_text = piece[0] == '"';
				piece_size = LLVMFuzzerMutate(piece + is_text, piece_size - 2 * is_text, 256) + 2 * is_text;
				if (is_text) piece[piece_size - 1] = '"';
				size = put(data, size, max_size, it, piece, piece_size);
			}
		}
		}
		find_spans(data, size, &all);
		if (all.count == 0) break;
	}
	return size;
}
