/* SPDX-License-Identifier: MIT */
/*
 * What was written once is read for ever: the kept files of tests/formats, one of each version of each format, are as they were, and
 * each is read. What a newer version wrote is refused, and the message says which version and what is read here.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test_cmocka.h"
#include "aplomb.h"
#include "base/hash.h"

#define FOLDER "tests/formats/"

/* The newest version of each that this library writes. */
enum { ENVELOPE = 1, BUNDLE = 1, JOURNAL = 1, SNAPSHOT = 1 };

/* The file, terminated; free() it. NULL: there is none of that name. */
static char *read_file(const char *path, size_t *size) {
	FILE *in = fopen(path, "rb");
	if (in == NULL) return NULL;
	assert_int_equal(fseek(in, 0, SEEK_END), 0);
	*size = (size_t)ftell(in);
	rewind(in);
	char *text = malloc(*size + 1);
	assert_int_equal(fread(text, 1, *size, in), *size);
	text[*size] = '\0';
	fclose(in);
	return text;
}

static char *read_kept(const char *format, int version, const char *ending) {
	char path[128];
	size_t size;
	snprintf(path, sizeof path, FOLDER "%s.%d.%s", format, version, ending);
	char *text = read_file(path, &size);
	if (text == NULL) fail_msg("%s is kept for ever, and is not there (tests run in the project's folder)", path);
	return text;
}

/* Each line, its newline cut off. Stops when there is none. */
static char *next_line(char **text) {
	char *line = *text, *newline = strchr(line, '\n');
	if (newline == NULL) return NULL;
	*newline = '\0';
	*text = newline + 1;
	return line;
}

static void kept_files_are_as_they_were(void **state) {
	(void)state;
	size_t size;
	char *sums = read_file(FOLDER "SHA256SUMS", &size);
	assert_non_null(sums);
	DIR *folder = opendir(FOLDER);
	assert_non_null(folder);
	for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		char listed[300];
		bool is_file = strstr(entry->d_name, ".json") != NULL;
		snprintf(listed, sizeof listed, "  %s\n", entry->d_name);
		if (is_file && strstr(sums, listed) == NULL) fail_msg(FOLDER "%s is kept, and SHA256SUMS does not list it", entry->d_name);
	}
	closedir(folder);
	uint32_t count = 0;
	for (char *at = sums, *line = next_line(&at); line != NULL; line = next_line(&at), count++) {
		char path[300], is[APL_SHA256_HEX + 1];
		snprintf(path, sizeof path, FOLDER "%s", line + APL_SHA256_HEX + 2);
		char *text = read_file(path, &size);
		if (text == NULL) fail_msg("%s is kept for ever, and is not there", path);
		apl_sha256_hex(&(apl_bytes){text, size}, 1, is);
		if (strncmp(is, line, APL_SHA256_HEX) != 0)
			fail_msg("%s was changed: what was written once is read for ever; put a new file beside it", path);
		free(text);
	}
	assert_true(count >= ENVELOPE + BUNDLE + JOURNAL + SNAPSHOT);
	free(sums);
}

/* ---- reading ------------------------------------------------------------------------- */

typedef struct counted {
	uint32_t lines;
} counted;

static int count_lines(const char *lines, size_t size, void *payload) {
	for (size_t i = 0; i < size; i++) ((counted *)payload)->lines += lines[i] == '\n';
	return 0;
}

/* A runtime with the playbook that the file of this version holds. */
static aplomb_runtime *open_with(int bundle, counted *to, aplomb_playbook **playbook) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.time_follows_events = options.forget_journal = true;
	options.journal = to != NULL ? count_lines : NULL;
	options.journal_payload = to;
	aplomb_runtime *rt;
	aplomb_error error = {0};
	assert_int_equal(aplomb_open(&rt, &options, NULL), APLOMB_OK);
	char *text = read_kept("bundle", bundle, "json");
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.source = text;
	load.source_size = strlen(text);
	if (aplomb_load(rt, &load, playbook, &error)) fail_msg("bundle %d: %s", bundle, error.message);
	assert_int_equal(aplomb_default_playbook(rt, *playbook, NULL), APLOMB_OK);
	free(text);
	return rt;
}

static int least(int one, int other) {
	return one < other ? one : other;
}

static void every_journal_is_replayed_with_the_playbook_kept_beside_it(void **state) {
	(void)state;
	for (int version = 1; version <= JOURNAL; version++) {
		aplomb_verifier *verifier;
		aplomb_error error = {0};
		aplomb_playbook *playbook;
		assert_int_equal(aplomb_verifier_open(&verifier, NULL, NULL), APLOMB_OK);
		char *bundle = read_kept("bundle", least(version, BUNDLE), "json"), *text = read_kept("journal", version, "jsonl"), *at = text;
		aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
		load.source = bundle;
		load.source_size = strlen(bundle);
		if (aplomb_verifier_load(verifier, &load, &playbook, &error)) fail_msg("bundle: %s", error.message);
		/* The bundle is the version that the journal ran. */
		assert_non_null(strstr(text, aplomb_playbook_hash(playbook)));
		uint64_t number = 0;
		int code = APLOMB_OK;
		for (char *line = next_line(&at); line != NULL && code == APLOMB_OK; line = next_line(&at))
			code = aplomb_verify(verifier, line, strlen(line), ++number, &error);
		aplomb_verified verified = APLOMB_VERIFIED_INIT;
		int verdict = aplomb_verifier_end(verifier, &verified, NULL);
		const aplomb_difference *d = verified.difference;
		if (verdict != APLOMB_OK)
			fail_msg("journal %d, line %u: %s: %s, produced %s", version, (unsigned)d->line, d->member != NULL ? d->member : d->message,
			    d->recorded != NULL ? d->recorded : "nothing", d->produced != NULL ? d->produced : "nothing");
		assert_int_equal(verified.lines, number);
		assert_int_equal(verified.cases, 2);
		for (size_t i = 0; i < verified.n_ones; i++) assert_true(verified.ones[i].same || verified.ones[i].ground == APLOMB_GROUND_ENGINE);
		aplomb_verifier_close(verifier);
		free(bundle);
		free(text);
	}
}

static void every_envelope_is_taken(void **state) {
	(void)state;
	for (int version = 1; version <= ENVELOPE; version++) {
		counted is = {0}, was = {0};
		aplomb_playbook *playbook;
		aplomb_runtime *rt = open_with(least(version, BUNDLE), &is, &playbook);
		char *text = read_kept("envelope", version, "jsonl"), *at = text;
		for (char *line = next_line(&at); line != NULL; line = next_line(&at)) {
			aplomb_error error = {0};
			int code = aplomb_post_json(rt, line, strlen(line), NULL, NULL, &error);
			/* One of them names an event that the playbook does not declare. */
			if (code != APLOMB_OK && strcmp(error.slug, "unknown-event") != 0)
				fail_msg("envelope %d: %s\n%s", version, error.message, line);
			aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
			do assert_int_equal(aplomb_pump(rt, 0, &report, NULL), APLOMB_OK);
			while (report.more);
		}
		char *journal = read_kept("journal", least(version, JOURNAL), "jsonl");
		count_lines(journal, strlen(journal), &was);
		assert_int_equal(is.lines, was.lines);
		free(journal);
		free(text);
		aplomb_close(rt);
	}
}

static void every_snapshot_is_restored(void **state) {
	(void)state;
	for (int version = 1; version <= SNAPSHOT; version++) {
		char *text = read_kept("snapshot", version, "jsonl"), *at = text;
		uint32_t count = 0;
		for (char *line = next_line(&at); line != NULL; line = next_line(&at), count++) {
			aplomb_error error = {0};
			aplomb_playbook *playbook;
			aplomb_runtime *rt = open_with(least(version, BUNDLE), NULL, &playbook);
			char *again;
			if (aplomb_case_restore(rt, line, strlen(line), &error)) fail_msg("snapshot %d: %s\n%s", version, error.message, line);
			const char *id = strstr(line, "\"case\":\"a\"") != NULL ? "a" : "b";
			assert_int_equal(aplomb_case_snapshot(rt, id, &again, NULL, NULL), APLOMB_OK);
			/* What an older version wrote may be written otherwise today. */
			if (version == SNAPSHOT && strcmp(line, again) != 0) fail_msg("snapshot %d:\n%s\n%s", version, line, again);
			aplomb_text_free(rt, again);
			/* And it lives. */
			aplomb_event event = APLOMB_EVENT_INIT;
			event.case_id = id;
			event.name = "done";
			int code = aplomb_post_wait(rt, &event, NULL, &error);
			assert_true(code == APLOMB_OK || (code == APLOMB_EREFUSED && strstr(line, "\"status\":\"closed\"") != NULL));
			aplomb_close(rt);
		}
		assert_true(count > 1);
		free(text);
	}
}

/* ---- what is newer -------------------------------------------------------------------- */

/* The kept line with another version. */
static char *newer(char *line, int version) {
	char was[16], is[16];
	snprintf(was, sizeof was, "\"v\":%d", version);
	snprintf(is, sizeof is, "\"v\":%d", version + 1);
	char *at = NULL;
	for (char *next = strstr(line, was); next != NULL; next = strstr(next + 1, was)) at = next;
	assert_non_null(at);
	memcpy(at, is, strlen(is));
	return line;
}

static void refused(int code, const aplomb_error *error, const char *slug, int version) {
	char reads[16];
	snprintf(reads, sizeof reads, "%d", version);
	if (strcmp(error->slug, slug) != 0) fail_msg("%s: %s", error->slug, error->message);
	assert_true(code == APLOMB_EVERSION || code == APLOMB_EPLAYBOOK);
	assert_non_null(strstr(error->message, reads));
}

static void what_a_newer_version_wrote_is_refused_in_words(void **state) {
	(void)state;
	aplomb_error error = {0};
	aplomb_playbook *playbook;
	aplomb_runtime *rt = open_with(BUNDLE, NULL, &playbook);
	char *envelope = read_kept("envelope", ENVELOPE, "jsonl"), *at = envelope;
	char *line = newer(next_line(&at), ENVELOPE);
	refused(aplomb_post_json(rt, line, strlen(line), NULL, NULL, &error), &error, "envelope-version", ENVELOPE);
	char *snapshot = read_kept("snapshot", SNAPSHOT, "jsonl");
	at = snapshot;
	line = newer(next_line(&at), SNAPSHOT);
	refused(aplomb_case_restore(rt, line, strlen(line), &error), &error, "snapshot-version", SNAPSHOT);
	char *bundle = read_kept("bundle", BUNDLE, "json");
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.source = newer(bundle, BUNDLE);
	load.source_size = strlen(bundle);
	refused(aplomb_load(rt, &load, &playbook, &error), &error, "bundle-version", BUNDLE);
	char *journal = read_kept("journal", JOURNAL, "jsonl");
	aplomb_journal *reader;
	assert_int_equal(aplomb_journal_open(&reader, NULL), APLOMB_OK);
	at = journal;
	line = newer(next_line(&at), JOURNAL);
	refused(aplomb_journal_read(reader, line, strlen(line), NULL, &error), &error, "journal-version", JOURNAL);
	aplomb_verifier *verifier;
	assert_int_equal(aplomb_verifier_open(&verifier, NULL, NULL), APLOMB_OK);
	aplomb_verified verified = APLOMB_VERIFIED_INIT;
	assert_int_equal(aplomb_verify(verifier, line, strlen(line), 1, &error), APLOMB_EDIFFERS);
	assert_int_equal(aplomb_verifier_end(verifier, &verified, NULL), APLOMB_EDIFFERS);
	assert_string_equal(verified.difference->slug, "journal-version");
	aplomb_verifier_close(verifier);
	aplomb_journal_close(reader);
	aplomb_close(rt);
	free(envelope);
	free(snapshot);
	free(bundle);
	free(journal);
}

int main(void) {
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kept_files_are_as_they_were),
	    cmocka_unit_test(every_journal_is_replayed_with_the_playbook_kept_beside_it),
	    cmocka_unit_test(every_envelope_is_taken),
	    cmocka_unit_test(every_snapshot_is_restored),
	    cmocka_unit_test(what_a_newer_version_wrote_is_refused_in_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
