/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_STORE_FAULTY_VFS_H
#define APL_TEST_STORE_FAULTY_VFS_H

/*
 * A disk that fails: one of SQLite's ways to reach files, which counts what is
 * written and synced and lets the n-th of these calls go wrong, and, if it is
 * wanted, every one behind it: the machine is as good as gone.
 */
#include <stdbool.h>
#include <stdint.h>

typedef enum faulty_how {
	FAULTY_NOT,
	FAULTY_IO,    /* EIO */
	FAULTY_FULL,  /* ENOSPC */
	FAULTY_SHORT, /* half of it is written, then EIO */
	FAULTY_GONE   /* as FAULTY_SHORT, and nothing is written or synced any more: the process was killed there */
} faulty_how;

typedef struct faulty {
	faulty_how how;
	uint64_t at;    /* the n-th call, from 1 */
	uint64_t calls; /* so far */
	uint64_t hits;
} faulty;

/* Registered under this name; [how] outlives it. */
#define FAULTY_VFS "aplomb-faulty"
void faulty_begin(faulty *how);
void faulty_end(void);

#endif
