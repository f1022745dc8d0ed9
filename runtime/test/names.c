/* SPDX-License-Identifier: MIT */
/*
 * Decides what a name in a test means: which state, which effect, which event
 * of the playbook; and says so when it means none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/inside.h"

typedef struct gathering {
	apl_test_group *group;
	bool failed;
} gathering;

static bool add(apl_test_names *names, const char *name) {
	if (names->count == names->capacity) {
		size_t wanted = names->capacity > 0 ? names->capacity * 2 : 32;
		char **more = realloc(names->names, wanted * sizeof *more);
		if (more == NULL) return false;
		names->names = more;
		names->capacity = wanted;
	}
	names->names[names->count] = strdup(name);
	return names->names[names->count++] != NULL;
}

static void take(const aplomb_stat_line *line, void *payload) {
	gathering *to = payload;
	apl_test_names *names = line->stat == APLOMB_STAT_STATE    ? &to->group->states
	                        : line->stat == APLOMB_STAT_EFFECT ? &to->group->effects
	                        : line->stat == APLOMB_STAT_EVENT  ? &to->group->events
	                                                           : NULL;
	if (names != NULL && !add(names, line->name)) to->failed = true;
}

bool apl_test_names_of(apl_test_group *group) {
	gathering to = {group, false};
	aplomb_playbook_stats(group->rt, group->playbook, take, &to);
	return !to.failed;
}

void apl_test_names_dispose(apl_test_names *names) {
	for (size_t i = 0; i < names->count; i++) free(names->names[i]);
	free(names->names);
	*names = (apl_test_names){0};
}

bool apl_test_names_have(const apl_test_names *names, const char *name) {
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->names[i], name) == 0) return true;
	return false;
}

bool apl_test_is_path(const char *path, const char *name) {
	size_t path_size = strlen(path), size = strlen(name);
	if (size > path_size || strcmp(path + path_size - size, name) != 0) return false;
	return size == path_size || (size > 0 && path[path_size - size - 1] == '.');
}

const char *apl_test_nearest(const apl_test_names *names, const char *name, char *out, size_t size) {
	const char *nearest = aplomb_nearest(name, (const char *const *)names->names, names->count);
	/* Somebody who wrote a state's own id may be near to that of another. */
	for (size_t i = 0; nearest == NULL && i < names->count; i++) {
		const char *last = strrchr(names->names[i], '.');
		if (last != NULL && aplomb_nearest(name, (const char *[]){last + 1}, 1) != NULL) nearest = last + 1;
	}
	out[0] = '\0';
	if (nearest != NULL) snprintf(out, size, "; did you mean \"%s\"?", nearest);
	return out;
}

const char *apl_test_state(lua_State *L, const apl_test_group *group, const char *name) {
	const char *found = NULL;
	for (size_t i = 0; i < group->states.count; i++) {
		const char *path = group->states.names[i];
		if (strcmp(path, name) == 0) return path;
		if (!apl_test_is_path(path, name)) continue;
		if (found != NULL)
			apl_test_raise(L, "test-word", "two states are called \"%.80s\": %s and %s; write as much of the path as tells them apart",
			    name, found, path);
		found = path;
	}
	if (found != NULL) return found;
	char hint[160];
	apl_test_raise(L, "test-word", "playbook \"%s\" has no state \"%.80s\"%s", aplomb_playbook_id(group->playbook), name,
	    apl_test_nearest(&group->states, name, hint, sizeof hint));
	return NULL;
}
