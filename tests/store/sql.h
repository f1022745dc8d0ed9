/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_STORE_SQL_H
#define APL_TEST_STORE_SQL_H

/* What is done to a store's file behind the runtime's back. */
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

#include "../unit/test_cmocka.h"
#include "base/hash.h"

static inline void run_sql(const char *path, const char *sql) {
	sqlite3 *db;
	char *why = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
	sqlite3_close(db);
}

/* Somebody who knows the format changes what an entry says, and its checksum with it. */
static inline void forge(const char *path, const char *from, const char *to) {
	sqlite3 *db;
	sqlite3_stmt *rows, *put;
	bool found = false;
	assert_int_equal(strlen(from), strlen(to));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT id, chunk FROM log ORDER BY id", -1, &rows, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "UPDATE log SET chunk = ?2 WHERE id = ?1", -1, &put, NULL), SQLITE_OK);
	while (!found && sqlite3_step(rows) == SQLITE_ROW) {
		uint8_t bytes[8192];
		const size_t size = (size_t)sqlite3_column_bytes(rows, 1);
		memcpy(bytes, sqlite3_column_blob(rows, 1), size);
		uint8_t *at = memmem(bytes, size, from, strlen(from));
		if (at == NULL) continue;
		found = true;
		memcpy(at, to, strlen(to));
		const uint64_t sum = apl_hash64(bytes + 8, size - 8);
		for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(sum >> (8 * i));
		sqlite3_bind_int64(put, 1, sqlite3_column_int64(rows, 0));
		sqlite3_bind_blob(put, 2, bytes, (int)size, SQLITE_STATIC);
		assert_int_equal(sqlite3_step(put), SQLITE_DONE);
	}
	sqlite3_finalize(rows);
	sqlite3_finalize(put);
	sqlite3_close(db);
	assert_true(found);
}

#endif
