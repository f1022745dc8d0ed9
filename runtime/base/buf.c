/* SPDX-License-Identifier: MIT */
/*
 * Decides how a buffer grows and what happens without memory (buf.h). It does
 * not decide what the bytes mean.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/hard.h"

/* The hard build moves a buffer at every append up to this size; beyond, that would only be slow. */
enum { TIGHT = 2048 };

/* What an empty buffer points to, so that [bytes] is never NULL. Capacity 0 says that it is not to be freed or written. */
static const char nothing[1] = "";

void apl_buf_init(apl_buf *buf, const apl_alloc *alloc) {
	*buf = (apl_buf){*alloc, (char *)nothing, 0, 0, false};
}

static char *owned(const apl_buf *buf) {
	return buf->capacity > 0 ? buf->bytes : NULL;
}

void apl_buf_dispose(apl_buf *buf) {
	apl_free(&buf->alloc, owned(buf), buf->capacity);
	apl_alloc alloc = buf->alloc;
	apl_buf_init(buf, &alloc);
}

char *apl_buf_reserve_slow(apl_buf *buf, size_t size) {
	if (buf->failed) return NULL;
	if (size > SIZE_MAX / 4 || buf->size > SIZE_MAX / 4) {
		buf->failed = true;
		return NULL;
	}
	size_t needed = buf->size + size;
	if (needed > buf->capacity) {
		size_t larger = APL_IS_HARD && needed < TIGHT ? needed : buf->capacity * 2;
		if (larger < APL_START(128)) larger = APL_START(128);
		if (larger < needed) larger = needed;
		char *bytes = apl_resize(&buf->alloc, owned(buf), buf->capacity, larger);
		if (bytes == NULL) {
			buf->failed = true;
			return NULL;
		}
		buf->bytes = bytes;
		buf->capacity = larger;
	}
	return buf->bytes + buf->size;
}

/* Of a number that is not zero. */
static inline unsigned count_digits(uint64_t value) {
	static const uint64_t tens[20] = {0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000,
	    1000000000000, 10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
	    10000000000000000000u};
	/* 1233 / 4096 is a little more than the decimal logarithm of two: so this is right, or one too few. */
	unsigned fewer = (64u - (unsigned)__builtin_clzll(value)) * 1233u >> 12;
	return fewer + (value >= tens[fewer]);
}

char *apl_put_integer(char *to, int64_t value) {
	/* clang-format off */
	static const char pairs[] =
		"0001020304050607080910111213141516171819"
		"2021222324252627282930313233343536373839"
		"4041424344454647484950515253545556575859"
		"6061626364656667686970717273747576777879"
		"8081828384858687888990919293949596979899";
	/* clang-format on */
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	/* Signs and short numbers come at random: no branch that would guess them. */
	*to = '-';
	to += value < 0;
	if (rest < 10) {
		*to = (char)('0' + rest);
		return to + 1;
	}
	/* From the last digit to the first, each at its place. */
	char *end = to + count_digits(rest);
	char *first = end;
	for (; rest >= 100; rest /= 100) {
		first -= 2;
		memcpy(first, pairs + (rest % 100) * 2, 2);
	}
	if (rest >= 10)
		memcpy(to, pairs + rest * 2, 2);
	else
		*to = (char)('0' + rest);
	return end;
}

void apl_buf_integer(apl_buf *buf, int64_t value) {
	char *to = apl_buf_reserve(buf, APL_INTEGER_SIZE);
	if (to == NULL) return;
	buf->size += (size_t)(apl_put_integer(to, value) - to);
}

void apl_buf_format(apl_buf *buf, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	va_list again;
	va_copy(again, arguments);
	char short_text[128];
	int length = vsnprintf(short_text, sizeof short_text, format, arguments);
	va_end(arguments);
	if (length < 0) {
		buf->failed = true;
	} else if ((size_t)length < sizeof short_text) {
		apl_buf_add(buf, short_text, (size_t)length);
	} else {
		char *to = apl_buf_reserve(buf, (size_t)length + 1);
		if (to != NULL) {
			vsnprintf(to, (size_t)length + 1, format, again);
			buf->size += (size_t)length;
		}
	}
	va_end(again);
}

const char *apl_buf_terminate(apl_buf *buf) {
	char *to = apl_buf_reserve(buf, 1);
	if (to == NULL) return "";
	*to = '\0';
	return buf->bytes;
}
