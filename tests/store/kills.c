/* SPDX-License-Identifier: MIT */
/*
 * A runtime is killed in the midst of its work, again and again, and what it had
 * acknowledged is looked for afterwards:
 *
 *   kills N [full|normal] [live] [talk]     how often; a random time each, within a twentieth of a second: from the child's first moment
 *                                           on, or, every other time, from when it begins to post
 *
 * With `live` time goes by itself, and effects wait for the disk; otherwise it is that of the events. With `talk` cases speak to one
 * another and invoke others (talk.h): each event that one of them sent has arrived once then, with its entry, and each case that was
 * invoked was opened once, and told of its end once; nothing is wanted of the world.
 *
 * A child posts events with ids to the cases of a store, says which were acknowledged as soon as
 * their receipts are there, and which effects it was handed, of which it refuses many at first, so that they wait
 * and leave memory with their cases; then comes SIGKILL. Each acknowledged event, posted once more, must be known, and in
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
#include "talk.h"

enum { CASES = 40, BATCH = 20, TALKERS = 8, LISTENERS = 4, MOST_IDS = 4000000 };
static char folder[64] = "/tmp/aplomb-kills-XXXXXX", store[96], acknowledged[96], handed[96];
static bool full, live, talk, refuses;

static void die(const char *what, const aplomb_error *error) {
	fprintf(stderr, "kills: %s: %s\n", what, error != NULL ? error->message : "");
	exit(1);
}

static int take(const aplomb_effect *effect, void *payload) {
	char line[512];
	if (refuses && effect->attempt == 1 && effect->seq % 3 == 0) return 1;
	int size = snprintf(line, sizeof line, "%s %.*s\n", effect->key, (int)effect->data_size, effect->data);
	if (write(*(int *)payload, line, (size_t)size) != size) die("cannot write", NULL);
	return 0;
}

static void load(aplomb_runtime *rt, const char *path, const char *source) {
	aplomb_load_options options = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook;
	aplomb_error error;
	options.path = path;
	options.source = source;
	options.source_size = strlen(source);
	if (aplomb_load(rt, &options, &playbook, &error)) die("cannot load", &error);
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
	if (talk) {
		load(rt, "talker.lua", TALKER);
		load(rt, "listener.lua", LISTENER);
		load(rt, "worker.lua", WORKER);
		return rt;
	}
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

/* Talkers say something to a listener or to one another, and hire and drop workers. */
static void talk_of(uint64_t n, char data[64], aplomb_event *event) {
	static const char *const names[16] = {
	    "say", "say", "hire", "say", "hire", "drop", "say", "say", "say", "hire", "say", "drop", "say", "say", "say", "say"};
	const uint64_t number = n / TALKERS; /* of the talker */
	event->name = names[number % 16];
	event->playbook = "talker";
	if (strcmp(event->name, "drop") == 0) return;
	event->data = data;
	if (strcmp(event->name, "hire") == 0)
		snprintf(data, 64, "{\"patient\":%s}", number % 16 == 4 ? "true" : "false");
	else if (number % 16 == 7)
		snprintf(data, 64, "{\"n\":%llu,\"to\":\"t%llu\"}", (unsigned long long)n, (unsigned long long)((n + 1) % TALKERS));
	else
		snprintf(data, 64, "{\"n\":%llu,\"to\":\"l%llu\"}", (unsigned long long)n, (unsigned long long)(n * 2654435761u / 7 % LISTENERS));
}

static aplomb_event event_of(uint64_t n, char id[24], char case_id[24], char data[64]) {
	aplomb_event event = APLOMB_EVENT_INIT;
	snprintf(id, 24, "e%llu", (unsigned long long)n);
	if (talk) {
		event.id = id;
		event.case_id = case_id;
		snprintf(case_id, 24, "t%llu", (unsigned long long)(n % TALKERS));
		talk_of(n, data, &event);
		event.has_at = !live;
		event.at = INT64_C(1774947600000000) + (aplomb_instant)n * 1000000;
		return event;
	}
	snprintf(case_id, 24, "case-%llu", (unsigned long long)(n * 2654435761u % CASES));
	event.id = id;
	event.case_id = case_id;
	event.name = "customer.message";
	event.data = "{\"text\":\"Where is it?\"}";
	event.has_at = !live;
	event.at = INT64_C(1774947600000000) + (aplomb_instant)n * 1000000;
	return event;
}

/* Whoever is spoken to is there. */
static void open_all(void) {
	int nothing = -1;
	aplomb_runtime *rt = open_runtime(&nothing);
	aplomb_error error;
	for (int i = 0; i < TALKERS + LISTENERS; i++) {
		char id[24];
		aplomb_event event = APLOMB_EVENT_INIT;
		snprintf(id, sizeof id, i < TALKERS ? "t%d" : "l%d", i < TALKERS ? i : i - TALKERS);
		event.case_id = id;
		event.playbook = i < TALKERS ? "talker" : "listener";
		event.name = i < TALKERS ? "echo" : "note";
		event.data = "{\"n\":0}";
		event.has_at = !live;
		event.at = INT64_C(1774947600000000);
		if (aplomb_post_wait(rt, &event, NULL, &error)) die("cannot open a case", &error);
	}
	aplomb_close(rt);
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
	refuses = true;
	aplomb_runtime *rt = open_runtime(&effects);
	aplomb_error error;
	if (write(ready, "!", 1) != 1) die("cannot write", NULL);
	for (uint64_t n = from;; n += BATCH) {
		receipts r = {.size = 0};
		for (uint64_t i = 0; i < BATCH; i++) {
			char id[24], case_id[24], data[64];
			aplomb_event event = event_of(n + i, id, case_id, data);
			if (aplomb_post(rt, &event, keep, &r, &error)) die("cannot post", &error);
		}
		if (aplomb_pump(rt, 0, NULL, &error)) die("cannot pump", &error);
		if (write(acks, r.text, r.size) != (ssize_t)r.size) die("cannot write", NULL);
	}
}

/* ---- afterwards ------------------------------------------------------------------ */

static uint64_t lost, twice, seen_acks, n_wanted, n_on_their_way;

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
		char id[24], case_id[24], data[64];
		aplomb_event event = event_of(n, id, case_id, data);
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
	FILE *wanted, *arrived;
} audit;

static const char *text_in(aplomb_value map, const char *name) {
	const char *text = aplomb_value_text(aplomb_value_get(map, name), NULL);
	return text != NULL ? text : "";
}

/* What the entry sends is wanted, and what it was sent has arrived: a line each, by names that are the same on both sides. */
static void look_at_talk(audit *a, aplomb_value entry) {
	const char *c = text_in(entry, "case"), *kind = text_in(entry, "kind");
	const long long seq = (long long)aplomb_value_integer(aplomb_value_get(entry, "seq"));
	aplomb_value items = aplomb_value_get(entry, "items"), cause = aplomb_value_get(entry, "cause");
	for (size_t i = 0; i < aplomb_value_count(items); i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		const char *what = text_in(item, "do");
		n_wanted += strcmp(what, "send") == 0;
		if (strcmp(what, "send") == 0) fprintf(a->wanted, "event %s/%lld/%zu\n", c, seq, i + 1);
		if (strcmp(what, "invoke") == 0) fprintf(a->wanted, "opened %s\n", text_in(item, "child"));
		if (strcmp(what, "cancelled") == 0) fprintf(a->wanted, "cancelled %s\n", text_in(item, "child"));
		if (strcmp(what, "closed") == 0 && strcmp(kind, "cancelled") != 0) fprintf(a->wanted, "done %s/%lld/0\n", c, seq);
	}
	if (strcmp(kind, "cancelled") == 0) fprintf(a->arrived, "cancelled %s\n", c);
	if (strcmp(kind, "opened") == 0 && strchr(c, '/') != NULL) fprintf(a->arrived, "opened %s\n", c);
	const char *by = text_in(cause, "by"), *id = text_in(cause, "id");
	const size_t size = strlen(by) > 5 ? strlen(by) - 5 : 0;
	if (strncmp(by, "case:", 5) != 0 || strncmp(id, by + 5, size) != 0 || id[size] != '/') return;
	if (strncmp(text_in(cause, "event"), "done.invoke.", 12) == 0)
		fprintf(a->arrived, "done %s\n", id);
	else if (strcmp(id + strlen(id) - 2, "/0") != 0) /* those are forwarded, and no item tells of them */
		fprintf(a->arrived, "event %s\n", id);
}

static int look_at(const char *text, size_t size, void *payload) {
	audit *a = payload;
	aplomb_value entry;
	aplomb_error error;
	if (aplomb_journal_read(a->journal, text, size, &entry, &error)) die("a journal is damaged", &error);
	const char *id = aplomb_value_text(aplomb_value_get(aplomb_value_get(entry, "cause"), "id"), NULL);
	if (id != NULL && id[0] == 'e') {
		uint64_t n = strtoull(id + 1, NULL, 10);
		if (n < MOST_IDS && ++a->ids[n] > 1) twice++;
	}
	if (talk) {
		look_at_talk(a, entry);
		return 0;
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

/* What waits for the disk is handed out, too, and in the end what was refused: timers are due much later. */
static void hand_out(aplomb_runtime *rt, bool is_end) {
	const aplomb_span within = is_end ? 3000000 : 100000;
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	aplomb_instant due;
	aplomb_error error;
	if (is_end && !live && aplomb_turn_clock(rt, aplomb_now(rt) + within, &error)) die("cannot turn the clock", &error);
	do {
		if (aplomb_pump(rt, 0, &report, &error)) die("cannot pump", &error);
		if (!report.more && live) usleep(1000);
	} while (report.more || (live && aplomb_next_due(rt, &due) && due < aplomb_now(rt) + within));
}

static void note_case(const char *id, void *payload) {
	fprintf(payload, "%s\n", id);
}

static FILE *open_list(const char *name) {
	char path[96];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return fopen(path, "w");
}

static void finish(aplomb_runtime *rt) {
	audit a = {.ids = calloc(MOST_IDS, 1), .wanted = open_list("wanted"), .arrived = open_list("arrived")};
	char command[512];
	aplomb_error error;
	if (a.ids == NULL || a.wanted == NULL || a.arrived == NULL || aplomb_journal_open(&a.journal, &error))
		die("cannot look at the journals", NULL);
	char *ids = NULL;
	size_t size;
	FILE *list = open_memstream(&ids, &size);
	if (list == NULL) die("cannot look at the journals", NULL);
	aplomb_cases(rt, note_case, list);
	fclose(list);
	for (char *id = strtok(ids, "\n"); id != NULL; id = strtok(NULL, "\n")) {
		if (aplomb_journal_each(rt, id, look_at, &a, &error)) die("cannot read a journal", &error);
	}
	free(ids);
	aplomb_journal_close(a.journal);
	fclose(a.wanted);
	fclose(a.arrived);
	free(a.ids);
	/* What was wanted is what was handed out, though perhaps several times; what was sent is what arrived, and once. */
	snprintf(command, sizeof command, "cd '%s'; LC_ALL=C sort %s wanted >a; LC_ALL=C sort %s %s >b; cmp a b", folder, talk ? "" : "-u",
	    talk ? "" : "-u", talk ? "arrived" : "handed");
	if (system(command) != 0)
		die(talk ? "what arrived is not what was sent, each once" : "the effects that were handed out are not those that the journals want",
		    NULL);
}

int main(int argc, char **argv) {
	unsigned kills = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100;
	full = argc > 2 && strcmp(argv[2], "full") == 0;
	for (int i = 3; i < argc; i++) {
		live = live || strcmp(argv[i], "live") == 0;
		talk = talk || strcmp(argv[i], "talk") == 0;
	}
	if (mkdtemp(folder) == NULL) die("no folder", NULL);
	snprintf(store, sizeof store, "%s/cases.db", folder);
	snprintf(acknowledged, sizeof acknowledged, "%s/acknowledged", folder);
	snprintf(handed, sizeof handed, "%s/handed", folder);
	uint64_t next = 0;
	long from = 0;
	srand(42);
	int effects = open_file(handed);
	if (talk) open_all();
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
		aplomb_instant due;
		n_on_their_way += talk && aplomb_next_due(rt, &due) && due <= aplomb_now(rt);
		next = look_for(rt, &from, next) + BATCH; /* those that may be there, and nobody knows, are not posted again under another id */
		hand_out(rt, i + 1 == kills);
		if (i + 1 == kills) finish(rt);
		aplomb_close(rt);
	}
	close(effects);
	if (kills >= 20 && talk && n_on_their_way == 0) die("nothing was on its way when a process was killed", NULL);
	if (kills >= 10 && seen_acks == 0) die("nothing was acknowledged, so that nothing could be lost", NULL);
	printf("%u kills, %s, %s: %llu events acknowledged, %llu lost, %llu stepped twice; ", kills, full ? "full" : "normal",
	    live ? "time goes by itself" : "time is the events'", (unsigned long long)seen_acks, (unsigned long long)lost,
	    (unsigned long long)twice);
	if (talk)
		printf("%llu events sent from case to case, each arrived once; after %llu of the kills some were on their way\n",
		    (unsigned long long)n_wanted, (unsigned long long)n_on_their_way);
	else
		printf("%llu effects wanted, each handed out, %llu times in all\n", (unsigned long long)n_wanted,
		    (unsigned long long)lines_of(handed));
	char command[128];
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	if (lost + twice > 0 || system(command) != 0) return 1;
	return 0;
}
