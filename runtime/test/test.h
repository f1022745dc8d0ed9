/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_TEST_H
#define APL_TEST_TEST_H

/*
 * Tests of playbooks, written in Lua beside them (docs/testing.md): a file of
 * tests is opened, then each of its tests is run and its result read. People
 * and time are both scripted; nothing sleeps and nothing is written.
 *
 * Each test begins in a runtime in which nothing has happened (aplomb_reset),
 * so that no test can see another's cases or clock. The playbook is loaded once
 * for the file.
 */
#include "aplomb.h"

typedef struct apl_test_options {
	uint64_t instructions;    /* Lua instructions that the file, and each of its tests, may take: 0 = 100,000,000 */
	size_t memory;            /* bytes its Lua may hold: 0 = 256 MiB */
	bool coverage;            /* count what the tests use of the playbooks */
	const char *const *roots; /* as in aplomb_load_options; lent until the file is open */
	size_t n_roots;
	/* As in aplomb_load_options: of every playbook that is tested. Lent likewise. */
	const char *policy_path;
	const char *params;
	size_t params_size;
	const char *params_path;
	aplomb_finding_fn on_finding; /* what is wrong with the playbooks it tests; or NULL */
	void *payload;
} apl_test_options;

typedef struct apl_test_file apl_test_file;

/*
 * Runs the file once, which only says what its tests are, and loads their
 * playbooks. EIO: it cannot be read. EPLAYBOOK: it is no file of tests, or a
 * playbook has errors, which on_finding was told; [error] says which file.
 */
int apl_test_open(apl_test_file **out, const char *path, const apl_test_options *options, aplomb_error *error);
/* A recorded journal as the only test of a file; [playbook]: the path of the playbook that it is held against. */
int apl_test_open_journal(
    apl_test_file **out, const char *path, const char *playbook, const apl_test_options *options, aplomb_error *error);
void apl_test_close(apl_test_file *file);

/* How many, in the order of the file; what the n-th is called, and its line. Lent until the file is closed. */
size_t apl_test_count(const apl_test_file *file);
const char *apl_test_name(const apl_test_file *file, size_t n, uint32_t *line);

/* The n-th name that a file of tests can use without declaring it, from 0: words, matchers, what there is of Lua. NULL behind the last. */
const char *apl_test_word(size_t n);

/* One thing that is otherwise than expected. All texts are one line, and lent like the result. */
typedef struct apl_test_difference {
	const char *about;    /* "state", "effects", "data.cause" */
	const char *expected; /* or NULL */
	const char *found;    /* or NULL */
	const char *hint;     /* the nearest name, or where exactly they part; or NULL */
} apl_test_difference;

/* What became of a test. Lent until the next one is run or the file is closed. */
typedef struct apl_test_result {
	bool passed;
	const char *message; /* when it failed: what is not so, in a sentence */
	const char *file;    /* the place in the test's Lua that said so */
	uint32_t line;       /* 0: unknown */
	const apl_test_difference *differences;
	size_t n_differences;
	/* All journal lines of all cases, for whoever shows what happened. */
	const char *lines;
	size_t lines_size;
	const char *case_id; /* of the case that it is about, or NULL */
	uint64_t from_seq;   /* its first entry of the step that was looked at; 0: that step made none */
	const char *printed; /* what the test printed */
	size_t printed_size;
} apl_test_result;

/* Each playbook that the file tests, as often as it has `tests` of it; NULL behind the last. [path] and [hash] are lent likewise. */
const char *apl_test_playbook(const apl_test_file *file, size_t n, const char **id, const char **hash);
/* What was used of it by the tests run so far, as aplomb_playbook_coverage tells it. */
int apl_test_coverage(
    apl_test_file *file, size_t n, void (*row)(const aplomb_coverage_row *row, void *payload), void *payload, aplomb_error *error);

/* ENOMEM: there was no memory for the test, and nothing is known of it. */
int apl_test_run(apl_test_file *file, size_t n, apl_test_result *out, aplomb_error *error);

#endif
