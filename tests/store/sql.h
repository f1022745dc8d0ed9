/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_STORE_SQL_H
#define APL_TEST_STORE_SQL_H

/* What is done to a store's file behind the runtime's back. */
#include <sqlite3.h>

#include "../unit/test_cmocka.h"

static inline void run_sql(const char *path, const char *sql) {
	sqlite3 *db;
	char *why = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
	sqlite3_close(db);
}

#endif
