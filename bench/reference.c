/* SPDX-License-Identifier: MIT */
/*
 * The reference chart (an escalation chart of two parallel regions, ten states
 * with entry actions, every guard and action a Lua function) driven from C
 * through aplomb.h. What it does per event is said by the mode:
 *
 *   plain    post with typed fields, step with all limits on, commit, receipts;
 *            nobody wants the journal's lines
 *   text     every guard and action written as text, and each event stepped at once
 *            by handles (aplomb_step), as a program does that posts all day
 *   posted   the same, but posted by name and pumped as in plain
 *   journal  the same, and the lines are written to memory (1 MiB, used again and again)
 *   json     the same as journal, and each event arrives as JSON text
 *   kept     the same as journal, but the memory store keeps every line, so that
 *            new memory is needed all the time
 *   cases    as journal, each event for a random one of many cases
 *   idle     opens many cases and says what one of them costs while nothing happens
 *
 * Generating the event is part of the time, as it is for the peers. The last
 * line is the checksum that every peer prints.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aplomb.h"
#include "measure.h"

#define TEXT(literal)                                                                                                                      \
	{ literal, sizeof literal - 1 }
static const struct {
	const char *bytes;
	size_t size;
} texts[8] = {TEXT("You people never answer me."), TEXT("I want my money back now"), TEXT("This is the third time!"), TEXT("ok thanks"),
    TEXT("Let me speak to a manager, please, at once"), TEXT("fine"), TEXT("I will post this everywhere online"),
    TEXT("why is it so slow?")};

/* The kinds of event; only messages have data. */
enum { MESSAGE, OFFER, ACCEPT, REJECT, AGENT, HELLO };
static const char *const names[] = {"message", "offer", "accept", "reject", "agent", "hello"};

static uint64_t seed;
static uint64_t next_random(void) {
	seed = seed * 16807 % 2147483647;
	return seed;
}

typedef struct spoken {
	int kind;
	int text;
	int64_t tone;
	bool abusive;
} spoken;

static spoken generate(void) {
	spoken event = {AGENT, 0, 0, false};
	uint64_t r = next_random() % 100;
	if (r < 60) {
		event.kind = MESSAGE;
		event.tone = (int64_t)(next_random() % 7) - 3;
		uint64_t v = next_random();
		event.abusive = v % 16 == 0;
		event.text = (int)(v / 16 % 8);
	} else if (r < 70) {
		event.kind = OFFER;
	} else if (r < 78) {
		event.kind = ACCEPT;
	} else if (r < 90) {
		event.kind = REJECT;
	}
	return event;
}

/* What the runtime holds, as it asked for it, and what malloc's own header adds at the least. */
typedef struct tally {
	size_t bytes;
	size_t blocks;
} tally;

static void *tallied(void *payload, void *block, size_t old_size, size_t new_size) {
	tally *held = payload;
	if (new_size == 0) {
		if (block != NULL) held->blocks--, held->bytes -= old_size;
		free(block);
		return NULL;
	}
	void *moved = realloc(block, new_size);
	if (moved == NULL) return NULL;
	if (block == NULL) {
		held->blocks++;
		held->bytes += new_size;
	} else {
		held->bytes += new_size;
		held->bytes -= old_size;
	}
	return moved;
}

/* A host that posts the same kinds of event all day fills in what changes. */
enum { ABUSIVE, WORDS, TONE };
typedef struct prepared {
	aplomb_field fields[3];
	aplomb_event events[HELLO + 1];
	aplomb_known_event known[HELLO + 1]; /* the same by handles */
	aplomb_receipt receipt;
} prepared;

typedef struct bench {
	aplomb_runtime *rt;
	prepared said;
	bool json;
	bool text;
	bool in_place; /* aplomb_step; else posted and pumped */
	aplomb_case_handle the_case;
	uint32_t n_cases;
	uint32_t pending;
	size_t json_bytes;
	aplomb_error error; /* filled only when something fails */
} bench;

static void pump(bench *b) {
	must(aplomb_pump(b->rt, b->pending, NULL, &b->error), &b->error);
	b->pending = 0;
}

/* Every message there is, as text once: picking one stands for reading it from a socket. */
static struct {
	char bytes[160];
	size_t size;
} rendered[7 * 2 * 8 + 5];

static void render(const char *case_id) {
	for (size_t i = 0; i < 7 * 2 * 8; i++) {
		rendered[i].size = (size_t)snprintf(rendered[i].bytes, sizeof rendered[i].bytes,
		    "{\"case\":\"%s\",\"event\":\"message\",\"data\":{\"tone\":%d,\"abusive\":%s,\"text\":\"%s\"}}", case_id, (int)(i / 16) - 3,
		    i / 8 % 2 != 0 ? "true" : "false", texts[i % 8].bytes);
	}
	for (size_t i = OFFER; i <= AGENT; i++) {
		rendered[7 * 16 + i].size =
		    (size_t)snprintf(rendered[7 * 16 + i].bytes, sizeof rendered[i].bytes, "{\"case\":\"%s\",\"event\":\"%s\"}", case_id, names[i]);
	}
}

static void post(bench *b, const char *case_id, const char *playbook, const spoken *said) {
	if (b->json && playbook == NULL) {
		size_t which = said->kind == MESSAGE ? (size_t)(said->tone + 3) * 16 + (said->abusive ? 8 : 0) + (size_t)said->text
		                                     : 7 * 16 + (size_t)said->kind;
		b->json_bytes += rendered[which].size;
		must(aplomb_post_json(b->rt, rendered[which].bytes, rendered[which].size, NULL, NULL, &b->error), &b->error);
	} else {
		aplomb_event *event = &b->said.events[said->kind];
		event->case_id = case_id;
		event->playbook = playbook;
		if (said->kind == MESSAGE) {
			b->said.fields[ABUSIVE].as.boolean = said->abusive;
			b->said.fields[WORDS].as.text.bytes = texts[said->text].bytes;
			b->said.fields[WORDS].as.text.size = texts[said->text].size;
			b->said.fields[TONE].as.integer = said->tone;
		}
		must(aplomb_post(b->rt, event, NULL, NULL, &b->error), &b->error);
	}
	if (++b->pending == 256) pump(b);
}

/* The case is known, and so are the kinds of event. */
static void step(bench *b, const spoken *said) {
	const aplomb_known_event *event = &b->said.known[said->kind];
	if (said->kind == MESSAGE) {
		b->said.fields[ABUSIVE].as.boolean = said->abusive;
		b->said.fields[WORDS].as.text.bytes = texts[said->text].bytes;
		b->said.fields[WORDS].as.text.size = texts[said->text].size;
		b->said.fields[TONE].as.integer = said->tone;
	}
	must(aplomb_step(b->rt, event, &b->said.receipt, &b->error), &b->error);
}

static void name_case(char out[16], uint32_t number) {
	char digits[12];
	int n = 0;
	do digits[n++] = (char)('0' + number % 10), number /= 10;
	while (number > 0);
	*out++ = 'c';
	while (n > 0) *out++ = digits[--n];
	*out = '\0';
}

/* Opens the cases with an event that no state takes, so that the counters begin as the specification has them. */
static void open_cases(bench *b) {
	const spoken nothing = {HELLO, 0, 0, false};
	for (uint32_t i = 0; i < b->n_cases; i++) {
		char id[16];
		name_case(id, i);
		post(b, id, "reference", &nothing);
	}
	pump(b);
}

static char lines_kept[1024 * 1024];
static size_t lines_used;

static int write_lines(const char *lines, size_t size, void *payload) {
	(void)payload;
	if (size > sizeof lines_kept) return 1;
	if (size > sizeof lines_kept - lines_used) lines_used = 0;
	memcpy(lines_kept + lines_used, lines, size);
	lines_used += size;
	return 0;
}

typedef enum lines { LINES_NONE, LINES_WRITTEN, LINES_KEPT } lines;

static void prepare(prepared *said) {
	said->fields[ABUSIVE] = (aplomb_field){.name = "abusive", .kind = APLOMB_BOOLEAN};
	said->fields[WORDS] = (aplomb_field){.name = "text", .kind = APLOMB_TEXT};
	said->fields[TONE] = (aplomb_field){.name = "tone", .kind = APLOMB_INTEGER};
	for (int kind = MESSAGE; kind <= HELLO; kind++) {
		said->events[kind] = (aplomb_event)APLOMB_EVENT_INIT;
		said->events[kind].name = names[kind];
	}
	said->events[MESSAGE].fields = said->fields;
	said->events[MESSAGE].n_fields = 3;
}

static void look_up(bench *b, const aplomb_playbook *playbook) {
	static const char *const fields[] = {"abusive", "text", "tone"};
	must(aplomb_case_find(b->rt, "c0", &b->the_case, &b->error), &b->error);
	b->said.receipt = (aplomb_receipt)APLOMB_RECEIPT_INIT;
	for (int kind = MESSAGE; kind <= HELLO; kind++) {
		aplomb_known_event *event = &b->said.known[kind];
		*event = (aplomb_known_event)APLOMB_KNOWN_EVENT_INIT;
		event->the_case = b->the_case;
		event->n_fields = kind == MESSAGE ? 3 : 0;
		event->fields = kind == MESSAGE ? b->said.fields : NULL;
		must(aplomb_event_kind_find(b->rt, playbook, names[kind], fields, event->n_fields, &event->kind, &b->error), &b->error);
	}
}

static void start(bench *b, tally *held, lines wanted) {
	prepare(&b->said);
	aplomb_error error = {0};
	aplomb_allocator allocator = {tallied, held};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.allocator = held != NULL ? &allocator : NULL;
	options.clock = frozen;
	options.forget_journal = wanted != LINES_KEPT;
	options.journal = wanted == LINES_WRITTEN ? write_lines : NULL;
	must(aplomb_open(&b->rt, &options, &error), &error);
	aplomb_playbook *playbook;
	must(aplomb_load_file(b->rt, b->text ? REFERENCE_TEXT_PLAYBOOK : REFERENCE_PLAYBOOK, &playbook, &error), &error);
	open_cases(b);
	if (b->in_place) look_up(b, playbook);
}

static void drive(bench *b, uint64_t from, uint64_t events) {
	seed = from;
	char id[16] = "c0";
	uint64_t pick = 88172645463325252u;
	for (uint64_t i = 0; i < events; i++) {
		spoken said = generate();
		if (b->n_cases > 1) {
			pick ^= pick << 13, pick ^= pick >> 7, pick ^= pick << 17;
			name_case(id, (uint32_t)(pick % b->n_cases));
		}
		if (b->in_place)
			step(b, &said);
		else
			post(b, id, NULL, &said);
	}
	pump(b);
}

static int64_t datum(const aplomb_json *data, const char *name) {
	return aplomb_value_integer(aplomb_value_get(aplomb_json_root(data), name));
}

static void print_checksum(bench *b, uint64_t events) {
	static const char *const states[] = {
	    "greeting", "listening", "solving", "offering", "negotiating", "resolved", "escalated", "calm", "warned", "final_warning"};
	int64_t messages = 0, tone = 0, entered[10] = {0};
	for (uint32_t i = 0; i < b->n_cases; i++) {
		aplomb_error error = {0};
		char id[16], key[32], *text;
		size_t size;
		aplomb_json *data;
		name_case(id, i);
		must(aplomb_case_data(b->rt, id, &text, &size, &error), &error);
		must(aplomb_json_read(&data, text, size, &error), &error);
		messages += datum(data, "messages");
		tone += datum(data, "tone");
		for (size_t n = 0; n < 10; n++) {
			snprintf(key, sizeof key, "n_%s", states[n]);
			entered[n] += datum(data, key);
		}
		aplomb_json_free(data);
		aplomb_text_free(b->rt, text);
	}
	printf("CHECK n=%llu messages=%lld tone=%lld", (unsigned long long)events, (long long)messages, (long long)tone);
	for (size_t n = 0; n < 10; n++) printf(" %s=%lld", states[n], (long long)entered[n]);
	printf("\n");
}

static void run(const char *mode, uint64_t events, uint32_t n_cases) {
	bench b = {.json = strcmp(mode, "json") == 0, .in_place = strcmp(mode, "text") == 0, .n_cases = n_cases};
	b.text = b.in_place || strcmp(mode, "posted") == 0;
	lines wanted = strcmp(mode, "plain") == 0 || b.text ? LINES_NONE : strcmp(mode, "kept") == 0 ? LINES_KEPT : LINES_WRITTEN;
	render("c0");
	start(&b, NULL, wanted);
	drive(&b, 7, 200000); /* warm-up */
	aplomb_close(b.rt);
	b.json_bytes = 0;
	start(&b, NULL, wanted);
	seed = 42;
	double begun = cpu_seconds();
	uint64_t kept = 0;
	for (uint64_t i = 0; i < events; i++) kept += (uint64_t)generate().kind;
	double generated = cpu_seconds() - begun;
	begun = cpu_seconds();
	drive(&b, 42, events);
	double taken = cpu_seconds() - begun;
	if (kept == 0) printf("the generator made nothing\n");
	printf("RESULT peer=aplomb-%s n=%llu ns_per_event=%.1f events_per_s=%.0f gen_ns=%.1f", mode, (unsigned long long)events,
	    taken * 1e9 / (double)events, (double)events / taken, generated * 1e9 / (double)events);
	if (b.json) printf(" json_bytes=%.1f", (double)b.json_bytes / (double)events);
	printf("\n");
	print_checksum(&b, events);
	aplomb_close(b.rt);
}

static void weigh(uint32_t n_cases) {
	tally held = {0, 0};
	bench few = {.n_cases = 1};
	start(&few, &held, LINES_NONE);
	size_t base_bytes = held.bytes, base_blocks = held.blocks;
	aplomb_close(few.rt);
	bench many = {.n_cases = n_cases};
	start(&many, &held, LINES_NONE);
	double bytes = (double)(held.bytes - base_bytes) / n_cases, blocks = (double)(held.blocks - base_blocks) / n_cases;
	printf("IDLE cases=%u bytes_per_case=%.1f blocks_per_case=%.2f with_malloc_headers=%.1f\n", n_cases, bytes, blocks, bytes + 8 * blocks);
	aplomb_close(many.rt);
}

int main(int argc, char **argv) {
	const char *mode = argc > 1 ? argv[1] : "journal";
	uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
	if (strcmp(mode, "plain") == 0 || strcmp(mode, "text") == 0 || strcmp(mode, "posted") == 0 || strcmp(mode, "journal") == 0 ||
	    strcmp(mode, "json") == 0 || strcmp(mode, "kept") == 0) {
		run(mode, n, 1);
	} else if (strcmp(mode, "cases") == 0) {
		run(mode, n, argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 1000000);
	} else if (strcmp(mode, "idle") == 0) {
		weigh((uint32_t)n);
	} else {
		fprintf(stderr, "usage: bench_reference plain|text|posted|journal|json|kept|cases|idle [EVENTS or, for idle, CASES] [CASES]\n");
		return 64;
	}
	return 0;
}
