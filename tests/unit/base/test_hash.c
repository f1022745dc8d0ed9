/* SPDX-License-Identifier: MIT */
#include "../test_cmocka.h"

#include <string.h>

#include "base/hash.h"

/* Published values of each: a changed hash would make every journal look damaged. */
static void hashes_are_the_ones_that_stand_in_journals(void **state) {
	(void)state;
	char hex[APL_HASH_HEX];
	apl_hash_hex(apl_hash_bytes("", 0), hex);
	assert_memory_equal(hex, "99aa06d3014798d86001c324468d497f", APL_HASH_HEX);
	assert_true(apl_hash64("", 0) == 0x2D06800538D394C2u);
	char sha[APL_SHA256_HEX + 1];
	apl_sha256_hex(NULL, 0, sha);
	assert_string_equal(sha, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	const apl_bytes abc[] = {{"a", 1}, {NULL, 0}, {"bc", 2}};
	apl_sha256_hex(abc, 3, sha);
	assert_string_equal(sha, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* Lengths at which XXH3 goes other ways, each from an odd address: of what xxhash's own program says of the bytes 0, 1, 2 … */
static void every_machine_hashes_alike(void **state) {
	(void)state;
	static const struct {
		size_t size;
		const char *hex;
	} known[] = {
	    {1, "a6cd5e9392000f6ac44bdff4074eecdb"},
	    {3, "e3b55f57945a17cf5f4299fc161c9cbb"},
	    {8, "e1e4432a62217fe4cfd50c61c8bb98c1"},
	    {16, "72950631827607e2842812cc870dcae2"},
	    {17, "685bc458b37d057fc06e233df7729217"},
	    {128, "14792fc3af88dc6c05321a0b64d67b41"},
	    {129, "dd5e74ac6b45f54ebc30b63382b09a3b"},
	    {240, "65b5be86da5540e7c92b68e16f83bbb6"},
	    {241, "1da1cb61bcb8a2a102e8cd95421c6d02"},
	    {256, "f1f8a93f50849ac39408a4433b952d71"},
	    {400, "438e743838310bfe51602f843e46a9da"},
	    {512, "111d5771df64cbcb1059105ad19bfa09"},
	    {1023, "24a6b20b01d4b80026a0a01d1c925c06"},
	    {1024, "83885e853bb6640ca870f92984398d22"},
	    {1025, "e1e508f110763b4678c86e91ee939852"},
	    {2048, "df73e0768dd183fadd420471ff96bd00"},
	    {4096, "03916578969f7a66eb4b7c3707879151"},
	};
	static unsigned char bytes[4097];
	for (size_t i = 0; i + 1 < sizeof bytes; i++) bytes[i + 1] = (unsigned char)i;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		char hex[APL_HASH_HEX];
		apl_hash_hex(apl_hash_bytes(bytes + 1, known[i].size), hex);
		assert_memory_equal(hex, known[i].hex, APL_HASH_HEX);
	}
}

static void a_hash_survives_its_hex(void **state) {
	(void)state;
	uint64_t random = 7;
	for (int i = 0; i < 1000; i++) {
		apl_hash128 hash = {apl_random_next(&random), apl_random_next(&random)};
		apl_hash128 back;
		char hex[APL_HASH_HEX];
		apl_hash_hex(hash, hex);
		assert_int_equal(apl_hash_from_hex(hex, sizeof hex, &back), 0);
		assert_true(apl_hash128_equal(hash, back));
	}
}

static void digits_that_are_no_hash_are_refused(void **state) {
	(void)state;
	static const char *const bad[] = {
	    "",
	    "99aa06d3014798d86001c324468d497",
	    "99aa06d3014798d86001c324468d497f0",
	    "99AA06d3014798d86001c324468d497f",
	    "99aa06d3014798d86001c324468d497g",
	    " 9aa06d3014798d86001c324468d497f",
	};
	apl_hash128 out = {1, 2};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(apl_hash_from_hex(bad[i], strlen(bad[i]), &out), -1);
		assert_true(out.high == 1 && out.low == 2);
	}
}

static void a_case_s_random_numbers_are_splitmix64(void **state) {
	(void)state;
	uint64_t random = 0;
	assert_true(apl_random_next(&random) == 0xE220A8397B1DCDAFu);
	assert_true(apl_random_next(&random) == 0x6E789E6AA1B965F4u);
	assert_true(apl_random_next(&random) == 0x06C45D188009454Fu);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hashes_are_the_ones_that_stand_in_journals),
	    cmocka_unit_test(every_machine_hashes_alike),
	    cmocka_unit_test(a_hash_survives_its_hex),
	    cmocka_unit_test(digits_that_are_no_hash_are_refused),
	    cmocka_unit_test(a_case_s_random_numbers_are_splitmix64),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
