/* SPDX-License-Identifier: MIT */
/*
 * How long a long case takes to open in the REPL, and then to go to any entry
 * of it; and what its moments cost in memory, by how far they lie apart.
 *
 *   bench_seek [ENTRIES] [SEEKS]
 *
 * The case is recorded first: a conversation with texts, an id on every event
 * (which a case never forgets), timers, a counter with a window, effects. A
 * seek is the command `goto` as it is typed, all that it prints included.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "repl/lines.h"
#include "repl/travel.h"

static const char SOURCE[] =
    "local function note(case, event)\n"
    "  case.data.messages = case.data.messages + 1\n"
    "  case.data.last = event.text\n"
    "  if event.tone < -0.5 then case:effect(\"suggest\", { text = \"I am sorry that it is not with you yet.\" }) end\n"
    "end\n"
    "return playbook \"desk\" {\n"
    "  data = { messages = integer { default = 0 }, last = text { personal = true }, order = text { default = \"A-17\" } },\n"
    "  event \"customer.message\" { text = text {}, tone = number { default = 0 } },\n"
    "  event \"agent.message\" { text = text {}, tone = number { default = 0 } },\n"
    "  effect \"suggest\" { text = text {} },\n"
    "  effect \"page\" { who = text {} },\n"
    "  counter \"lately\" { of = \"customer.message\", window = \"1h\" },\n"
    "  parallel \"work\" {\n"
    "    state \"conversation\" {\n"
    "      state \"waiting\" {\n"
    "        on \"agent.message\" { to = \"answered\", act = note },\n"
    "        after \"10m\" { to = \"chased\" },\n"
    "      },\n"
    "      state \"answered\" { on \"customer.message\" { to = \"waiting\", act = note } },\n"
    "      state \"chased\" {\n"
    "        entry(function(case) case:effect(\"page\", { who = \"team-lead\" }) end),\n"
    "        on \"agent.message\" { to = \"answered\", act = note },\n"
    "      },\n"
    "    },\n"
    "    state \"respect\" {\n"
    "      state \"calm\" { on \"customer.message\" { to = \"warned\", when = \"event.tone < -0.8\" } },\n"
    "      state \"warned\" { after \"30m\" { to = \"calm\" } },\n"
    "    },\n"
    "  },\n"
    "}\n";

static double now_ms(void) {
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

static uint64_t next_random(uint64_t *state) {
	uint64_t x = (*state += UINT64_C(0x9E3779B97F4A7C15));
	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

static void die(const char *what, const aplomb_error *error) {
	fprintf(stderr, "bench_seek: %s: %s\n", what, error != NULL ? error->message : "it failed");
	exit(1);
}

static const aplomb_load_options LOAD = {.size = sizeof LOAD, .path = "desk.lua", .source = SOURCE, .source_size = sizeof SOURCE - 1};

/* ---- the recorded case --------------------------------------------------------- */

typedef struct recording {
	FILE *file;
	uint64_t entries;
} recording;

static int write_lines(const char *lines, size_t size, void *payload) {
	recording *to = payload;
	for (size_t i = 0; i < size; i++) to->entries += lines[i] == '\n';
	return fwrite(lines, 1, size, to->file) == size ? 0 : 1;
}

static void record(const char *path, uint64_t entries) {
	recording to = {.file = fopen(path, "wb")};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error;
	uint64_t random = 1;
	options.time_follows_events = options.forget_journal = true;
	options.journal = write_lines;
	options.journal_payload = &to;
	if (to.file == NULL) die(path, NULL);
	if (aplomb_open(&rt, &options, &error) || aplomb_load(rt, &LOAD, &playbook, &error)) die("record", &error);
	for (uint64_t n = 0; to.entries <= entries; n++) {
		char id[32], data[160];
		aplomb_event event = APLOMB_EVENT_INIT;
		snprintf(id, sizeof id, "message-%llu", (unsigned long long)n);
		snprintf(data, sizeof data, "{\"text\":\"This is what was said in message %llu of a long story.\",\"tone\":-0.%u}",
		    (unsigned long long)n, (unsigned)(next_random(&random) % 10));
		event.id = id;
		event.case_id = "the-long-one";
		event.playbook = "desk";
		event.name = n % 2 == 0 ? "agent.message" : "customer.message";
		event.by = n % 2 == 0 ? "agent:17" : "customer";
		event.has_at = true;
		event.at = REPL_STARTS + (aplomb_instant)(n * 200 * 1000000 + next_random(&random) % 100000000);
		event.data = data;
		if (aplomb_post_wait(rt, &event, NULL, &error)) die("record", &error);
	}
	aplomb_close(rt);
	fclose(to.file);
}

/* ---- the story -------------------------------------------------------------------- */

static int by_size(const void *one, const void *other) {
	double a = *(const double *)one, b = *(const double *)other;
	return a < b ? -1 : a > b;
}

static void measure(const char *path, uint64_t every, size_t seeks) {
	aplomb_load_options load = LOAD;
	tell_screen screen = {.file = fopen("/dev/null", "w"), .width = 80};
	repl_options given = {.load = &load, .journal = path, .out = &screen, .err = &screen};
	repl r = {.options = &given, .out = &screen, .err = &screen, .story = repl_story_new()};
	aplomb_error error;
	aplomb_limits limits = {.size = sizeof limits};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	r.timeline = (tell_timeline){.screen = r.out, .is_played = true};
	tell_casebook_init(&r.book);
	r.story->every = every;
	double begun = now_ms();
	if (repl_recorded_read(&r, &limits) != REPL_ENDED) die("read", NULL);
	double read = now_ms() - begun;
	options.limits = &limits;
	options.rehearsal = options.time_follows_events = options.forget_journal = true;
	options.journal = repl_take_lines;
	options.journal_payload = &r;
	if (aplomb_open(&r.rt, &options, &error) || aplomb_load(r.rt, &load, &r.playbook, &error)) die("open", &error);
	begun = now_ms();
	if (repl_recorded_play(&r) != REPL_ENDED) die("replay", NULL);
	double replayed = now_ms() - begun;
	const repl_branch *branch = &r.story->branches[0];
	uint64_t last = repl_story_length(r.story, 0) - 1, random = 7;
	size_t bytes = 0;
	for (size_t i = 0; i < branch->n_moments; i++) bytes += aplomb_moment_size(branch->moments[i].moment);
	double *took = calloc(seeks, sizeof *took);
	for (size_t i = 0; i < seeks; i++) {
		char command[48];
		snprintf(command, sizeof command, "goto %llu", (unsigned long long)(1 + next_random(&random) % last));
		begun = now_ms();
		if (repl_perform(&r, command) != REPL_DONE) die(command, NULL);
		took[i] = now_ms() - begun;
	}
	qsort(took, seeks, sizeof *took, by_size);
	printf("%8llu %9zu %10.1f %9.0f %9.0f %9.2f %9.2f %9.2f\n", (unsigned long long)every, branch->n_moments, (double)bytes / 1024, read,
	    replayed, took[seeks / 2], took[seeks * 99 / 100], took[seeks - 1]);
	free(took);
	repl_story_free(r.story);
	aplomb_close(r.rt);
	tell_casebook_dispose(&r.book);
	repl_text_dispose(&r.fresh);
	free(r.case_id);
	fclose(screen.file);
	malloc_trim(0);
}

int main(int argc, char **argv) {
	uint64_t entries = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	size_t seeks = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
	char path[] = "/tmp/aplomb-seek-XXXXXX";
	int made = mkstemp(path);
	if (made < 0 || entries < 10 || seeks < 10) die("give at least 10 entries and 10 seeks", NULL);
	close(made);
	record(path, entries);
	FILE *file = fopen(path, "rb");
	fseek(file, 0, SEEK_END);
	printf("a case of %llu entries, %.1f MB of journal, an id on every event; %zu seeks to entries by chance, milliseconds\n\n",
	    (unsigned long long)entries, (double)ftell(file) / 1e6, seeks);
	fclose(file);
	printf("%8s %9s %10s %9s %9s %9s %9s %9s\n", "every", "moments", "KiB", "read", "replay", "p50", "p99", "max");
	const uint64_t apart[] = {64, REPL_MOMENT_EVERY, 1024, 4096};
	for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++) measure(path, apart[i], seeks);
	remove(path);
	return 0;
}
