/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_STORE_PLACE_H
#define APL_TEST_STORE_PLACE_H

/* A folder of this process's, and in it the file of a store with what SQLite puts beside it. For cmocka's setup and teardown, too. */
#include "../unit/test_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct place {
	char folder[64], path[96];
	unsigned count;     /* of stores, for whoever wants a new name for each */
	uint64_t most_tail; /* for those that a test opens; 0: as usual */
} place;

static inline void place_remove_files(const place *p) {
	static const char *const ends[] = {"", "-wal", "-shm", "-owner", "-owner-journal", "-journal"};
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		char name[128];
		snprintf(name, sizeof name, "%s%s", p->path, ends[i]);
		unlink(name);
	}
}

static inline int place_make(void **state) {
	place *p = calloc(1, sizeof *p);
	const char *where = getenv("TMPDIR");
	assert_non_null(p);
	snprintf(p->folder, sizeof p->folder, "%.40s/aplomb-XXXXXX", where != NULL && where[0] != '\0' ? where : "/tmp");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof p->path, "%s/cases.db", p->folder);
	*state = p;
	return 0;
}

static inline int place_drop(void **state) {
	place *p = *state;
	place_remove_files(p);
	rmdir(p->folder);
	free(p);
	return 0;
}

#endif
