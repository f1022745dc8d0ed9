/* SPDX-License-Identifier: MIT */
/*
 * Decides which hashes are used and how they are spelt. What is hashed is
 * decided elsewhere. XXH3 is compiled in from the header, for it stands on the
 * path of every event.
 */
#include "base/hash.h"

#include <string.h>

#define XXH_INLINE_ALL
#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <sha2.h>
#include <xxhash.h>

#ifdef APL_HAS_AVX2_HASH
#include "base/hash_avx2.h"
#endif

uint64_t apl_hash64(const void *bytes, size_t size) {
	return XXH3_64bits(bytes, size);
}

apl_hash128 apl_hash_bytes(const void *bytes, size_t size) {
#ifdef APL_HAS_AVX2_HASH
	if (size > APL_HASH_SHORT && __builtin_cpu_supports("avx2")) return apl_hash_bytes_avx2(bytes, size);
#endif
	XXH128_hash_t hash = XXH3_128bits(bytes, size);
	return (apl_hash128){hash.high64, hash.low64};
}

static const char HEX[] = "0123456789abcdef";

/*
 * A line of the journal holds two hashes, so their digits are on the path of
 * every event: all at once where the machine can, otherwise eight at a time.
 * Each nibble gets a byte of its own, the first digit's lowest, and 39 more
 * takes one from behind '9' to 'a'.
 */
#if defined(__SSE2__)
void apl_hash_hex(apl_hash128 hash, char *out) {
	__m128i bytes = _mm_set_epi64x((int64_t)__builtin_bswap64(hash.low), (int64_t)__builtin_bswap64(hash.high));
	__m128i nibble = _mm_set1_epi8(15);
	__m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble), low = _mm_and_si128(bytes, nibble);
	__m128i halves[2] = {_mm_unpacklo_epi8(high, low), _mm_unpackhi_epi8(high, low)};
	for (int i = 0; i < 2; i++) {
		__m128i letters = _mm_and_si128(_mm_cmpgt_epi8(halves[i], _mm_set1_epi8(9)), _mm_set1_epi8(39));
		__m128i digits = _mm_add_epi8(_mm_add_epi8(halves[i], _mm_set1_epi8('0')), letters);
		_mm_storeu_si128((__m128i *)(void *)(out + 16 * i), digits);
	}
}
#else
static void write_eight(uint32_t part, char *out) {
	uint64_t bytes = __builtin_bswap32(part);
	bytes = (bytes | bytes << 16) & 0x0000FFFF0000FFFFu;
	bytes = (bytes | bytes << 8) & 0x00FF00FF00FF00FFu;
	uint64_t nibbles = (bytes >> 4 & 0x000F000F000F000Fu) | (bytes & 0x000F000F000F000Fu) << 8;
	uint64_t letters = (nibbles + 0x0606060606060606u) >> 4 & 0x0101010101010101u;
	uint64_t digits = nibbles + 0x3030303030303030u + letters * 39;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	digits = __builtin_bswap64(digits);
#endif
	memcpy(out, &digits, sizeof digits);
}

void apl_hash_hex(apl_hash128 hash, char *out) {
	write_eight((uint32_t)(hash.high >> 32), out);
	write_eight((uint32_t)hash.high, out + 8);
	write_eight((uint32_t)(hash.low >> 32), out + 16);
	write_eight((uint32_t)hash.low, out + 24);
}
#endif

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
