/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_COPY_H
#define APL_BASE_COPY_H

/*
 * Copying what is mostly short, in line: names, labels, what a customer wrote.
 * A call of memcpy costs more than such a copy. Sizes between the steps are
 * copied from both ends, so that the two pieces overlap.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define APL_INLINE static inline __attribute__((always_inline))

APL_INLINE void apl_copy_short(char *to, const char *from, size_t size) {
	if (size > 32) {
		if (size > 128) {
			memcpy(to, from, size);
			return;
		}
		/* All of it forwards, and the end once more. */
		for (size_t i = 0; i + 32 < size; i += 32) memcpy(to + i, from + i, 32);
		memcpy(to + size - 32, from + size - 32, 32);
	} else if (size >= 16) {
		char first[16], last[16];
		memcpy(first, from, 16);
		memcpy(last, from + size - 16, 16);
		memcpy(to, first, 16);
		memcpy(to + size - 16, last, 16);
	} else if (size >= 8) {
		uint64_t first, last;
		memcpy(&first, from, 8);
		memcpy(&last, from + size - 8, 8);
		memcpy(to, &first, 8);
		memcpy(to + size - 8, &last, 8);
	} else if (size >= 4) {
		uint32_t first, last;
		memcpy(&first, from, 4);
		memcpy(&last, from + size - 4, 4);
		memcpy(to, &first, 4);
		memcpy(to + size - 4, &last, 4);
	} else if (size > 0) {
		to[0] = from[0];
		to[size / 2] = from[size / 2];
		to[size - 1] = from[size - 1];
	}
}

/*
 * The same where as many as APL_BLOCK bytes more may be read and written: how
 * long a piece is changes from event to event, and a copy in whole blocks has
 * hardly a branch that would have to guess it.
 */
#define APL_BLOCK 64
APL_INLINE void apl_copy_blocks(char *to, const char *from, size_t size) {
	size_t i = 0;
	do memcpy(to + i, from + i, APL_BLOCK);
	while ((i += APL_BLOCK) < size);
}

/* Sixteen bytes that are worked on at once: gcc and clang both know it, on every machine. */
typedef uint8_t apl_sixteen __attribute__((vector_size(16)));

static inline apl_sixteen apl_copy_block(char *to, const char *from) {
	apl_sixteen bytes;
	memcpy(&bytes, from, sizeof bytes);
	memcpy(to, &bytes, sizeof bytes);
	return bytes;
}

/* Copies, and says whether all of it is ASCII: then it is valid UTF-8, and nobody has to look again. */
static inline bool apl_copy_ascii(char *to, const char *from, size_t size) {
	uint64_t seen[2] = {0, 0};
	if (size >= 16) {
		apl_sixteen found = apl_copy_block(to + size - 16, from + size - 16);
		for (size_t i = 0; i + 16 < size; i += 16) found |= apl_copy_block(to + i, from + i);
		memcpy(seen, &found, sizeof seen);
	} else if (size >= 8) {
		memcpy(&seen[0], from, 8);
		memcpy(&seen[1], from + size - 8, 8);
		memcpy(to, &seen[0], 8);
		memcpy(to + size - 8, &seen[1], 8);
	} else {
		for (size_t i = 0; i < size; i++) seen[0] |= (unsigned char)(to[i] = from[i]);
	}
	return ((seen[0] | seen[1]) & UINT64_C(0x8080808080808080)) == 0;
}

static inline apl_sixteen apl_read_block(const char *from) {
	apl_sixteen bytes;
	memcpy(&bytes, from, sizeof bytes);
	return bytes;
}

/* The same without a copy. What most texts are long is looked at in four blocks that overlap, without a branch on how long. */
static inline bool apl_is_ascii(const char *from, size_t size) {
	uint64_t seen[2] = {0, 0};
	if (size >= 16) {
		size_t last = size - 16, second = last < 16 ? last : 16, third = last < 16 ? 0 : last - 16;
		apl_sixteen found =
		    apl_read_block(from) | apl_read_block(from + second) | apl_read_block(from + third) | apl_read_block(from + last);
		for (size_t i = 32; i + 32 < size; i += 16) found |= apl_read_block(from + i);
		memcpy(seen, &found, sizeof seen);
	} else if (size >= 8) {
		memcpy(&seen[0], from, 8);
		memcpy(&seen[1], from + size - 8, 8);
	} else {
		for (size_t i = 0; i < size; i++) seen[0] |= (unsigned char)from[i];
	}
	return ((seen[0] | seen[1]) & UINT64_C(0x8080808080808080)) == 0;
}

#endif
