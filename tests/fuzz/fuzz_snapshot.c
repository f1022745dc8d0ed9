/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a snapshot of a desk's case. Its digest is taken for right whatever it is, so that what reads the rest is reached, as it is
 * by whoever computes a digest. What is refused says why. What is taken gives a snapshot that is taken again and gives itself; the case
 * takes every event, and time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "engine/engine.h"
#include "value/json.h"
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The digest that the snapshot at hand names; the linker puts our function in the place of the engine's (--wrap). */
static const apl_hash128 *named;

apl_hash128 __real_apl_case_digest(apl_engine *engine, apl_case *c, const char *effects, size_t size);
apl_hash128 __wrap_apl_case_digest(apl_engine *engine, apl_case *c, const char *effects, size_t size);

apl_hash128 __wrap_apl_case_digest(apl_engine *engine, apl_case *c, const char *effects, size_t size) {
	apl_hash128 digest = __real_apl_case_digest(engine, c, effects, size);
	return named != NULL ? *named : digest;
}

/* The digest in the text, if there is one, and whose case it is. */
static bool find_names(const char *text, size_t size, apl_hash128 *digest, char id[260]) {
	apl_alloc alloc = apl_alloc_system();
	apl_tape tape;
	apl_tape_init(&tape, &alloc);
	const apl_json_bounds bounds = {64, size};
	bool is_there = false;
	if (apl_json_read(&tape, text, size, &bounds, NULL) == APLOMB_OK && tape.cells[0].kind == APLOMB_MAP) {
		uint32_t cell = apl_tape_find(&tape, 0, "digest", 6), name = apl_tape_find(&tape, 0, "case", 4);
		is_there = cell != 0 && tape.cells[cell].kind == APLOMB_TEXT &&
		           apl_hash_from_hex(tape.cells[cell].as.text, tape.cells[cell].count, digest) == 0;
		if (is_there && name != 0 && tape.cells[name].kind == APLOMB_TEXT && tape.cells[name].count < 260)
			memcpy(id, tape.cells[name].as.text, tape.cells[name].count);
	}
	apl_tape_dispose(&tape);
	return is_there;
}

static const char *const events[] = {"{\"event\":\"go\",\"case\":\"",
    "{\"event\":\"message\",\"data\":{\"text\":\"t\",\"tone\":-1},\"case\":\"", "{\"event\":\"later\",\"data\":{\"n\":3},\"case\":\"",
    "{\"event\":\"pause\",\"case\":\"", "{\"event\":\"wrong\",\"case\":\"", "{\"event\":\"go\",\"id\":\"e\",\"case\":\"",
    "{\"event\":\"done.ask.look\",\"data\":{},\"case\":\"", "{\"event\":\"stop\",\"case\":\""};

static void goes_on(aplomb_runtime *rt, const char *id) {
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		char text[400];
		aplomb_error error = {0};
		int size = snprintf(text, sizeof text, "%s%s\"}", events[i], id);
		world_check_error(aplomb_post_json(rt, text, (size_t)size, NULL, NULL, &error), &error);
		world_pump(rt);
		world_turn(rt, INT64_C(1200000000));
	}
}

/* The playbook's hash is that of the desk as it is today, so that a corpus outlives its changes. */
static char *with_todays_hash(const uint8_t *data, size_t size, const char *hash) {
	static const char mark[] = "\"hash\":\"";
	char *text = malloc(size + 1);
	APL_ASSERT(text != NULL);
	memcpy(text, data, size);
	char *found = memmem(text, size, mark, sizeof mark - 1);
	if (found == NULL) return text;
	found += sizeof mark - 1;
	const char *end = memchr(found, '"', size - (size_t)(found - text));
	if (end != NULL && (size_t)(end - found) == strlen(hash)) memcpy(found, hash, strlen(hash));
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	aplomb_playbook *desk;
	aplomb_runtime *rt = world_anew(0, false, &desk);
	aplomb_error error = {0};
	char *text = with_todays_hash(data, size, aplomb_playbook_hash(desk));
	apl_hash128 digest;
	char id[260] = "";
	bool has_digest = find_names(text, size, &digest, id);
	named = has_digest ? &digest : NULL;
	int code = aplomb_case_restore(rt, text, size, &error);
	named = NULL;
	free(text);
	world_check_error(code, &error);
	if (code != APLOMB_OK) return 0;
	world_check_cases(rt, world_desk_again, NULL);
	if (strpbrk(id, "\"\\") == NULL) goes_on(rt, id);
	world_check_cases(rt, world_desk_again, NULL);
	return 0;
}
