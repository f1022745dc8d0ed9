/* SPDX-License-Identifier: MIT */
/*
 * What reading an event's JSON and writing it canonically cost, beside a copy
 * and a hash of the same bytes, so that figures of one run can be compared on
 * any machine. It measures the room of values only: no runtime is opened.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "value/json.h"

enum { ROUNDS = 9, TIMES = 500000 };

typedef struct subject {
	const char *text;
	size_t size;
	apl_tape tape;
	apl_buf out;
	char copy[4096];
	uint64_t sum; /* depends on every result, so that none is left out */
} subject;

static double now_ns(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void copy_and_hash(subject *s) {
	memcpy(s->copy, s->text, s->size);
	s->sum += apl_hash_bytes(s->copy, s->size).low;
}

static void read_only(subject *s) {
	s->sum += (uint64_t)apl_json_read(&s->tape, s->text, s->size, NULL, NULL) + s->tape.count;
}

static void write_only(subject *s) {
	apl_buf_clear(&s->out);
	apl_json_write(&s->out, &s->tape, 0);
	s->sum += s->out.size;
}

static void read_and_write(subject *s) {
	read_only(s);
	write_only(s);
}

/* The best of several rounds, in ns a call: what disturbs a round only makes it slower. */
static double best_ns(void (*work)(subject *), subject *s, int times) {
	double best = 0;
	for (int round = 0; round < ROUNDS; round++) {
		double start = now_ns();
		for (int i = 0; i < times; i++) work(s);
		double each = (now_ns() - start) / times;
		if (round == 0 || each < best) best = each;
	}
	return best;
}

static void measure(const char *name, const char *text, int times) {
	apl_alloc alloc = apl_alloc_system();
	subject s = {.text = text, .size = strlen(text)};
	apl_tape_init(&s.tape, &alloc);
	apl_buf_init(&s.out, &alloc);
	double base = best_ns(copy_and_hash, &s, times);
	double reading = best_ns(read_only, &s, times);
	double writing = best_ns(write_only, &s, times);
	double both = best_ns(read_and_write, &s, times);
	printf("%-24s %5zu bytes  copy+hash %7.1f ns   read %7.1f ns (%5.1f)   write %7.1f ns (%5.1f)   both %7.1f ns (%5.1f)   [%016llx]\n",
	    name, s.size, base, reading, reading / base, writing, writing / base, both, both / base, (unsigned long long)s.sum);
	apl_buf_dispose(&s.out);
	apl_tape_dispose(&s.tape);
}

int main(void) {
	printf("per text; in brackets as ratio to copy+hash (memcpy and XXH3-128) of the same bytes\n");
	measure("event", "{\"event\":\"message\",\"tone\":-2,\"abusive\":false,\"text\":\"I want my money back\"}", TIMES);
	measure(
	    "event, sorted, spaces", "{ \"abusive\": false, \"event\": \"message\", \"text\": \"I want my money back\", \"tone\": -2 }", TIMES);
	measure("escapes and UTF-8", "{\"text\":\"Where is it?\\nI am waiting \\u2013 since f\xC3\xBCnf Tagen\",\"by\":\"customer\"}", TIMES);
	measure("envelope",
	    "{\"v\":1,\"id\":\"evt-000017\",\"case\":\"INC0000045\",\"playbook\":\"it-incident\",\"event\":\"incident.updated\","
	    "\"at\":\"2016-02-29T01:23:00Z\",\"by\":\"agent:17\",\"data\":{\"priority\":3,\"reassignments\":2,\"reopened\":0,"
	    "\"group\":\"Group 56\",\"active\":true,\"impact\":2,\"urgency\":2,\"note\":null}}",
	    TIMES);
	measure("short doubles", "[0.5,12.25,3.0,-7.75,99.99,0.1,1.5e-3,100.0]", TIMES);
	measure("long doubles", "[0.30000000000000004,3.141592653589793,2.718281828459045e-10]", TIMES / 10);
	return 0;
}
