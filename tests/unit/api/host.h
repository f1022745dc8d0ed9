/* SPDX-License-Identifier: MIT */
#ifndef TEST_HOST_H
#define TEST_HOST_H

/* What hosts of the public interface do in one test after the other: load a text, hold a journal against its replay, look into a text. */
#include "../test_cmocka.h"

#include <string.h>

#include "aplomb.h"

static inline aplomb_load_options options_of(const char *path, const char *source) {
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	options.path = path;
	options.source = source;
	options.source_size = strlen(source);
	return options;
}

static inline aplomb_playbook *load_text(aplomb_runtime *rt, const char *path, const char *source) {
	const aplomb_load_options options = options_of(path, source);
	aplomb_playbook *playbook = NULL;
	aplomb_error error = {0};
	if (aplomb_load(rt, &options, &playbook, &error) != APLOMB_OK) fail_msg("%s:%u: %s", path, error.line, error.message);
	return playbook;
}

/* Every line of the journal again, in a runtime that nothing leaves: the same comes out. */
static inline void assert_replays_as(const char *lines, const char *path, const char *source) {
	const aplomb_load_options options = options_of(path, source);
	aplomb_verifier *verifier;
	aplomb_error error = {0};
	uint64_t number = 0;
	assert_int_equal(aplomb_verifier_open(&verifier, NULL, &error), APLOMB_OK);
	assert_int_equal(aplomb_verifier_load(verifier, &options, NULL, &error), APLOMB_OK);
	for (const char *at = lines; *at != '\0'; at = strchr(at, '\n') + 1) {
		const size_t size = (size_t)(strchr(at, '\n') - at);
		if (aplomb_verify(verifier, at, size, ++number, &error) != APLOMB_OK)
			fail_msg("line %d: %s\n%.*s", (int)number, error.message, (int)size, at);
	}
	if (aplomb_verifier_end(verifier, NULL, &error) != APLOMB_OK) fail_msg("%s\n%s", error.message, lines);
	aplomb_verifier_close(verifier);
}

static inline void assert_says(const char *text, const char *part) {
	if (strstr(text, part) == NULL) fail_msg("%s\nis not in\n%s", part, text);
}

static inline size_t count_of(const char *text, const char *part) {
	size_t count = 0;
	for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part)) count++;
	return count;
}

#endif
