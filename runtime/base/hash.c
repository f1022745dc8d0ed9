/* SPDX-License-Identifier: MIT */
/*
 * Decides which hashes are used and how they are spelt. What is hashed is
 * decided elsewhere. XXH3 is compiled in from the header, for it stands on the
 * path of every event.
 */
#include "base/hash.h"

#define XXH_INLINE_ALL
#include <sha2.h>
#include <xxhash.h>

uint64_t apl_hash64(const void *bytes, size_t size) {
	return XXH3_64bits(bytes, size);
}

apl_hash128 apl_hash_bytes(const void *bytes, size_t size) {
	XXH128_hash_t hash = XXH3_128bits(bytes, size);
	return (apl_hash128){hash.high64, hash.low64};
}

static const char HEX[] = "0123456789abcdef";

static void write_hex(uint64_t half, char *out) {
	for (unsigned i = 0; i < 16; i++) out[i] = HEX[(half >> (60 - 4 * i)) & 15];
}

void apl_hash_hex(apl_hash128 hash, char *out) {
	write_hex(hash.high, out);
	write_hex(hash.low, out + 16);
}

/* Lower case only: one hash has one spelling. */
static int digit(char c) {
	if (c >= '0' && c <= '9') return c - '0';
	if (c >= 'a' && c <= 'f') return c - 'a' + 10;
	return -1;
}

int apl_hash_from_hex(const char *digits, size_t size, apl_hash128 *out) {
	if (size != APL_HASH_HEX) return -1;
	uint64_t halves[2] = {0, 0};
	for (size_t i = 0; i < size; i++) {
		int value = digit(digits[i]);
		if (value < 0) return -1;
		halves[i / 16] = halves[i / 16] << 4 | (uint64_t)value;
	}
	*out = (apl_hash128){halves[0], halves[1]};
	return 0;
}

void apl_sha256_hex(const apl_bytes *pieces, size_t count, char out[APL_SHA256_HEX + 1]) {
	SHA2_CTX context;
	uint8_t hash[SHA256_DIGEST_LENGTH];
	SHA256Init(&context);
	for (size_t i = 0; i < count; i++) {
		if (pieces[i].size > 0) SHA256Update(&context, pieces[i].bytes, pieces[i].size);
	}
	SHA256Final(hash, &context);
	for (size_t i = 0; i < sizeof hash; i++) {
		out[2 * i] = HEX[hash[i] >> 4];
		out[2 * i + 1] = HEX[hash[i] & 15];
	}
	out[APL_SHA256_HEX] = '\0';
}

uint64_t apl_random_next(uint64_t *state) {
	*state += 0x9E3779B97F4A7C15u;
	uint64_t mixed = *state;
	mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
	mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
	return mixed ^ (mixed >> 31);
}
