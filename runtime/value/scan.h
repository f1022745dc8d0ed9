/* SPDX-License-Identifier: MIT */
#ifndef APL_VALUE_SCAN_H
#define APL_VALUE_SCAN_H

/*
 * Finding the byte of a text that is not plain, eight bytes at a time: what
 * both the reader and the writer of JSON spend most of their time on.
 *
 * For a byte b below 0x80, (b - n) has its high bit set exactly when b < n, and
 * ((b ^ c) - 1) exactly when b is c. Over eight bytes at once a borrow may
 * reach only bytes behind the first one found, and the first is all we want.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/copy.h"

#define APL_EACH_BYTE(byte) ((uint64_t)(byte)*0x0101010101010101u)

static inline uint64_t apl_scan_special(uint64_t eight, bool stop_at_high) {
	uint64_t controls = eight - APL_EACH_BYTE(0x20);
	uint64_t quotes = (eight ^ APL_EACH_BYTE('"')) - APL_EACH_BYTE(1);
	uint64_t backslashes = (eight ^ APL_EACH_BYTE('\\')) - APL_EACH_BYTE(1);
	uint64_t found = controls | quotes | backslashes;
	return (stop_at_high ? found | eight : found & ~eight) & APL_EACH_BYTE(0x80);
}

#if defined(__SSE2__)
/* Sixteen at once: one bit for each byte that stops the scan. As signed bytes those above 0x7F are below 0x20, too. */
static inline unsigned apl_scan_sixteen(const char *at, bool stop_at_high) {
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i controls = stop_at_high ? _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20))
	                                : _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(0x1F)), _mm_set1_epi8(0x1F));
	__m128i marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(controls, marks));
}
#endif

/* The first byte at or behind [at] that is a quote, a backslash or a control, or with [stop_at_high] above 0x7F; or [end]. */
static inline const char *apl_scan(const char *at, const char *end, bool stop_at_high) {
#if defined(__SSE2__)
	while (end - at >= 16) {
		unsigned special = apl_scan_sixteen(at, stop_at_high);
		if (special != 0) return at + __builtin_ctz(special);
		at += 16;
	}
#endif
	while (end - at >= 8) {
		uint64_t eight;
		memcpy(&eight, at, sizeof eight);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		eight = __builtin_bswap64(eight);
#endif
		uint64_t special = apl_scan_special(eight, stop_at_high);
		if (special != 0) return at + __builtin_ctzll(special) / 8;
		at += 8;
	}
	for (; at < end; at++) {
		unsigned char byte = (unsigned char)*at;
		if (byte < 0x20 || byte == '"' || byte == '\\' || (stop_at_high && byte > 0x7F)) return at;
	}
	return end;
}

/* Copies sixteen bytes; in what is returned, any bit says that one of them must be escaped. */
static inline apl_sixteen apl_copy_sixteen(char *to, const char *from) {
	apl_sixteen bytes = apl_copy_block(to, from);
	return (apl_sixteen)((bytes < 0x20) | (bytes == '"') | (bytes == '\\'));
}

/*
 * Copies, and says whether any byte must be escaped: a text to be written is
 * looked at and copied in one pass. The last piece may overlap the one before.
 */
static inline bool apl_copy_unescaped(char *to, const char *from, size_t size) {
	if (size >= 16) {
		apl_sixteen found = apl_copy_sixteen(to + size - 16, from + size - 16);
		for (size_t i = 0; i + 16 < size; i += 16) found |= apl_copy_sixteen(to + i, from + i);
		uint64_t halves[2];
		memcpy(halves, &found, sizeof halves);
		return (halves[0] | halves[1]) == 0;
	}
	uint64_t first = APL_EACH_BYTE(' '), last = first;
	apl_copy_short(to, from, size);
	if (size >= 8) {
		memcpy(&first, from, 8);
		memcpy(&last, from + size - 8, 8);
	} else if (size >= 4) {
		memcpy(&first, from, 4);
		memcpy(&last, from + size - 4, 4);
	} else {
		for (size_t i = 0; i < size; i++) first = first << 8 | (unsigned char)from[i];
	}
	return (apl_scan_special(first, false) | apl_scan_special(last, false)) == 0;
}

/*
 * The same for a text of at most 32 bytes, where 32 may be read and written: in
 * one piece, for the length of what people say cannot be guessed.
 */
static inline bool apl_copy_unescaped_32(char *to, const char *from, size_t size) {
#if defined(__SSE2__)
	uint64_t special = apl_scan_sixteen(from, false) | (uint64_t)apl_scan_sixteen(from + 16, false) << 16;
	memcpy(to, from, 32);
	return (special & ((UINT64_C(1) << size) - 1)) == 0;
#else
	return apl_copy_unescaped(to, from, size);
#endif
}

/* Up to what must be escaped. */
static inline const char *apl_scan_unescaped(const char *at, const char *end) {
	return apl_scan(at, end, false);
}
/* Up to what is not plain ASCII. */
static inline const char *apl_scan_plain(const char *at, const char *end) {
	return apl_scan(at, end, true);
}

#endif
