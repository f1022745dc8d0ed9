/* SPDX-License-Identifier: MIT */
/*
 * A runtime is killed in the midst of its work, again and again, and what it had
 * acknowledged is looked for afterwards:
 *
 *   kills N [full|normal] [live]     how often; a random time each, within a twentieth of a second: from the child's first moment on,
 *                                    or, every other time, from when it begins to post
 *
 * With `live` time goes by itself, and effects wait for the disk; otherwise it is that of the events.
 *
 * A child posts events with ids to the cases of a store, says which were acknowledged as soon as
 * their receipts are there, and which effects it was handed; then comes
 * SIGKILL. Each acknowledged event, posted once more, must be known, and in
 * the end no case may hold an id twice, every journal must be whole, and every effect that a journal
 * wants must have been handed out, each key with one content.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aplomb.h"

enum { CASES = 40, BATCH = 20, MOST_IDS = 4000000 };
static char folder[64] = "/tmp/aplomb-kills-XXXXXX", store[96], acknowledged[96], handed[96];
static bool full, live;

static void die(const char *what, const aplomb_error *error) {
	fprintf(stderr, "kills: %s: %s\n", what, error != NULL ? error->message : "");
	exit(1);
}

static int take(const aplomb_effect *effect, void *payload) {
	char line[512];
	int size = snprintf(line, sizeof line, "%s %.*s\n", effect->key, (int)effect->data_size, effect->data);
	if (write(*(int *)payload, line, (size_t)size) != size) die("cannot write", NULL);
	return 0;
}

static aplomb_runtime *open_runtime(int *effects) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error;
	options.store = store;
	options.durability = full ? APLOMB_DURABILITY_FULL : APLOMB_DURABILITY_NORMAL;
	options.resident = 10;
	options.time_follows_events = !live;
	if (aplomb_open(&rt, &options, &error)) die("cannot open", &error);
	if (aplomb_load_file(rt, "examples/late.lua", &playbook, &error)) die("cannot load", &error);
	if (aplomb_default_playbook(rt, playbook, &error)) die("no default", &error);
	if (aplomb_on_effect(rt, "*", take, effects, &error)) die("no handler", &error);
	return rt;
}

static int open_file(const char *path) {
	int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (file < 0) die(path, NULL);
	return file;
}

static aplomb_event event_of(uint64_t n, char id[24], char case_id[24]) {
	aplomb_event event = APLOMB_EVENT_INIT;
	snprintf(id, 24, "e%llu", (unsigned long long)n);
	snprintf(case_id, 24, "case-%llu", (unsigned long long)(n * 2654435761u % CASES));
	event.id = id;
	event.case_id = case_id;
	event.name = "customer.message";
	event.data = "{\"text\":\"Where is it?\"}";
	event.has_at = !live;
	event.at = INT64_C(1774947600000000) + (aplomb_instant)n * 1000000;
	return event;
}

/* ---- the child ---------------------------------------------------------------- */

typedef struct receipts {
	char text[BATCH * 24];
	size_t size;
} receipts;

static void keep(const aplomb_receipt *receipt, void *payload) {
	receipts *r = payload;
	if (receipt->code != APLOMB_OK) die("an event was not taken", NULL);
	r->size += (size_t)snprintf(r->text + r->size, sizeof r->text - r->size, "%s\n", receipt->event_id);
}

static void work(uint64_t from, int ready) {
	int effects = open_file(handed), acks = open_file(acknowledged);
	aplomb_runtime *rt = open_runtime(&effects);
	aplomb_error error;
	if (write(ready, "!", 1) != 1) die("cannot write", NULL);
	for (uint64_t n = from;; n += BATCH) {
		receipts r = {.size = 0};
		for (uint64_t i = 0; i < BATCH; i++) {
			char id[24], case_id[24];
			aplomb_event event = event_of(n + i, id, case_id);
			if (aplomb_post(rt, &event, keep, &r, &error)) die("cannot post", &error);
		}
		if (aplomb_pump(rt, 0, NULL, &error)) die("cannot pump", &error);
		if (write(acks, r.text, r.size) != (ssize_t)r.size) die("cannot write", NULL);
	}
}

/* ---- afterwards ------------------------------------------------------------------ */

static uint64_t lost, twice, seen_acks, n_wanted;

static uint64_t lines_of(const char *path) {
	FILE *file = fopen(path, "r");
	uint64_t count = 0;
	if (file == NULL) return 0;
	for (int c; (c = fgetc(file)) != EOF;) count += c == '\n';
	fclose(file);
	return count;
}

/* The events that were acknowledged since the last time. Returns the next number. */
static uint64_t look_for(aplomb_runtime *rt, long *from, uint64_t next) {
	FILE *file = fopen(acknowledged, "r");
	char line[64];
	if (file == NULL) return next;
	fseek(file, *from, SEEK_SET);
	while (fgets(line, sizeof line, file) != NULL && strchr(line, '\n') != NULL) {
		uint64_t n = strtoull(line + 1, NULL, 10);
		char id[24], case_id[24];
		aplomb_event event = event_of(n, id, case_id);
		aplomb_receipt receipt = APLOMB_RECEIPT_INIT;
		aplomb_error error;
		if (aplomb_post_wait(rt, &event, &receipt, &error)) die("an acknowledged event is refused", &error);
		lost += !receipt.duplicate;
		seen_acks++;
		if (n >= next) next = n + 1;
		*from = ftell(file);
	}
	fclose(file);
	return next;
}

typedef struct audit {
	aplomb_journal *journal;
	uint8_t *ids; /* by number: how often */
	FILE *wanted;
} audit;

static int look_at(const char *text, size_t size, void *payload) {
	audit *a = payload;
	aplomb_value entry;
	aplomb_error error;
	if (aplomb_journal_read(a->journal, text, size, &entry, &error)) die("a journal is damaged", &error);
	const char *id = aplomb_value_text(aplomb_value_get(aplomb_value_get(entry, "cause"), "id"), NULL);
	if (id != NULL) {
		uint64_t n = strtoull(id + 1, NULL, 10);
		if (n < MOST_IDS && ++a->ids[n] > 1) twice++;
	}
	aplomb_value items = aplomb_value_get(entry, "items");
	for (size_t i = 0; i < aplomb_value_count(items); i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		const char *what = aplomb_value_text(aplomb_value_get(item, "do"), NULL);
		if (what == NULL || strcmp(what, "effect") != 0) continue;
		char *data = aplomb_value_write(aplomb_value_get(item, "data"));
		n_wanted++;
		fprintf(a->wanted, "%s/%lld/%zu %s\n", aplomb_value_text(aplomb_value_get(entry, "case"), NULL),
		    (long long)aplomb_value_integer(aplomb_value_get(entry, "seq")), i + 1, data);
		free(data);
	}
	return 0;
}

/* What waits for the disk is handed out, too: timers are due much later. */
static void hand_out(aplomb_runtime *rt) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	aplomb_instant due;
	aplomb_error error;
	do {
		if (aplomb_pump(rt, 0, &report, &error)) die("cannot pump", &error);
		if (!report.more && live) usleep(1000);
	} while (report.more || (live && aplomb_next_due(rt, &due) && due < aplomb_now(rt) + 1000000));
}

static void finish(aplomb_runtime *rt) {
	audit a = {.ids = calloc(MOST_IDS, 1)};
	char wanted[96], command[512];
	aplomb_error error;
	snprintf(wanted, sizeof wanted, "%s/wanted", folder);
	a.wanted = fopen(wanted, "w");
	if (a.ids == NULL || a.wanted == NULL || aplomb_journal_open(&a.journal, &error)) die("cannot look at the journals", NULL);
	for (int i = 0; i < CASES; i++) {
		char id[24];
		snprintf(id, sizeof id, "case-%d", i);
		int code = aplomb_journal_each(rt, id, look_at, &a, &error);
		if (code != APLOMB_OK && code != APLOMB_ENOTFOUND) die("cannot read a journal", &error);
	}
	aplomb_journal_close(a.journal);
	fclose(a.wanted);
	free(a.ids);
	/* What was wanted is what was handed out, though perhaps several times. */
	snprintf(command, sizeof command, "LC_ALL=C sort -u '%s' >'%s/a'; LC_ALL=C sort -u '%s' >'%s/b'; cmp '%s/a' '%s/b'", wanted, folder,
	    handed, folder, folder, folder);
	if (system(command) != 0) die("the effects that were handed out are not those that the journals want", NULL);
}

int main(int argc, char **argv) {
	unsigned kills = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100;
	full = argc > 2 && strcmp(argv[2], "full") == 0;
	live = argc > 3 && strcmp(argv[3], "live") == 0;
	if (mkdtemp(folder) == NULL) die("no folder", NULL);
	snprintf(store, sizeof store, "%s/cases.db", folder);
	snprintf(acknowledged, sizeof acknowledged, "%s/acknowledged", folder);
	snprintf(handed, sizeof handed, "%s/handed", folder);
	uint64_t next = 0;
	long from = 0;
	srand(42);
	int effects = open_file(handed);
	for (unsigned i = 0; i < kills; i++) {
		int ready[2];
		char byte;
		if (pipe(ready) != 0) die("no pipe", NULL);
		pid_t child = fork();
		if (child < 0) die("cannot fork", NULL);
		if (child == 0) work(next, ready[1]);
		close(ready[1]);
		if (i % 2 == 1 && read(ready[0], &byte, 1) != 1) die("the child does not begin", NULL);
		close(ready[0]);
		usleep((useconds_t)(rand() % 50000));
		kill(child, SIGKILL);
		int status;
		if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status)) die("the child ended by itself", NULL);
		aplomb_runtime *rt = open_runtime(&effects);
		next = look_for(rt, &from, next) + BATCH; /* those that may be there, and nobody knows, are not posted again under another id */
		hand_out(rt);
		if (i + 1 == kills) finish(rt);
		aplomb_close(rt);
	}
	close(effects);
	if (kills >= 10 && seen_acks == 0) die("nothing was acknowledged, so that nothing could be lost", NULL);
	printf("%u kills, %s, %s: %llu events acknowledged, %llu lost, %llu stepped twice; %llu effects wanted, each handed out, %llu times in "
	       "all\n",
	    kills, full ? "full" : "normal", live ? "time goes by itself" : "time is the events'", (unsigned long long)seen_acks,
	    (unsigned long long)lost, (unsigned long long)twice, (unsigned long long)n_wanted, (unsigned long long)lines_of(handed));
	char command[128];
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	if (lost + twice > 0 || system(command) != 0) return 1;
	return 0;
}
