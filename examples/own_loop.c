/* SPDX-License-Identifier: MIT */
/*
 * Aplomb inside an event loop of your own: poll() waits for the next line of
 * standard input or for the next timer, whichever comes first. The runtime
 * starts no thread and reads no clock but the one it is given; it says when it
 * wants to be called again, and that is all the loop needs.
 *
 *   own_loop PLAYBOOK             the system's clock; ends when input has ended and nothing is due any more
 *   own_loop PLAYBOOK --jump      the same with a clock that jumps to whatever is due once input has ended
 *
 * A line of input is an event as JSON: {"case":"order-1","event":"customer.message","data":{…}}
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <aplomb.h>

enum { LONGEST_LINE = 65536 };

/* The clock that is handed in: the system's, moved on by [ahead]. */
typedef struct loop_clock {
	aplomb_span ahead;
	bool jumps;
} loop_clock;

static aplomb_instant now(void *payload) {
	const loop_clock *clock = payload;
	struct timespec system;
	clock_gettime(CLOCK_REALTIME, &system);
	return (aplomb_instant)system.tv_sec * 1000000 + system.tv_nsec / 1000 + clock->ahead;
}

static void die(const aplomb_error *error) {
	fprintf(stderr, "%s: %s [%s]\n", aplomb_code_name(error->code), error->message, error->slug);
	exit(1);
}

static int on_effect(const aplomb_effect *effect, void *payload) {
	(void)payload;
	printf("%s: %s %s\n", effect->case_id, effect->kind, effect->data);
	return 0;
}

static void on_receipt(const aplomb_receipt *receipt, void *payload) {
	(void)payload;
	if (receipt->code == APLOMB_OK)
		printf("%s: taken%s\n", receipt->case_id, receipt->closed ? ", and closed" : "");
	else
		printf("%s: %s\n", receipt->case_id, receipt->message);
}

/* Posting only queues: a line that is wrong is refused here and now, any other gets its receipt after the commit. */
static void take_line(aplomb_runtime *rt, const char *line, size_t size) {
	aplomb_error error = {0};
	if (size == 0) return;
	if (aplomb_post_json(rt, line, size, on_receipt, NULL, &error)) printf("refused: %s [%s]\n", error.message, error.slug);
}

/* Whole lines are taken, what is left of [buffer] waits for its end. Returns how much that is. */
static size_t take_lines(aplomb_runtime *rt, char *buffer, size_t size) {
	char *start = buffer;
	for (char *newline; (newline = memchr(start, '\n', size - (size_t)(start - buffer))) != NULL; start = newline + 1)
		take_line(rt, start, (size_t)(newline - start));
	size_t left = size - (size_t)(start - buffer);
	memmove(buffer, start, left);
	return left;
}

/* How long poll() may sleep: until the next timer, or for ever. Rounded up, so that it does not wake just too soon. */
static int sleep_ms(aplomb_runtime *rt) {
	aplomb_instant due;
	if (!aplomb_next_due(rt, &due)) return -1;
	aplomb_span left = due - aplomb_now(rt);
	if (left <= 0) return 0;
	return left / 1000 >= 60000 ? 60000 : (int)((left + 999) / 1000);
}

static void pump(aplomb_runtime *rt) {
	aplomb_pump_report report = APLOMB_PUMP_REPORT_INIT;
	aplomb_error error = {0};
	do {
		if (aplomb_pump(rt, 0, &report, &error)) die(&error);
	} while (report.more);
}

static void loop(aplomb_runtime *rt, loop_clock *clock) {
	char buffer[LONGEST_LINE];
	struct pollfd input = {STDIN_FILENO, POLLIN, 0};
	size_t used = 0;
	bool ended = false;
	aplomb_instant due;
	while (!ended || aplomb_next_due(rt, &due)) {
		if (ended && clock->jumps && due > aplomb_now(rt)) clock->ahead += due - aplomb_now(rt);
		if (poll(&input, ended ? 0 : 1, sleep_ms(rt)) < 0 && errno != EINTR) break;
		if (!ended && input.revents != 0) {
			ssize_t got = read(STDIN_FILENO, buffer + used, sizeof buffer - used);
			if (got > 0) used += (size_t)got;
			ended = got <= 0 && !(got < 0 && errno == EINTR);
			used = take_lines(rt, buffer, used);
			if (ended || used == sizeof buffer) { /* a last line without its end, or one that is too long to be an event */
				take_line(rt, buffer, used);
				used = 0;
			}
		}
		pump(rt);
		fflush(stdout);
	}
}

int main(int count, char **arguments) {
	if (count < 2) {
		fprintf(stderr, "own_loop PLAYBOOK [--jump]\n");
		return 64;
	}
	loop_clock clock = {0, count > 2 && strcmp(arguments[2], "--jump") == 0};
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.clock = now;
	options.clock_payload = &clock;
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	aplomb_error error = {0};
	if (aplomb_open(&rt, &options, &error)) die(&error);
	if (aplomb_load_file(rt, arguments[1], &playbook, &error)) die(&error);
	if (aplomb_default_playbook(rt, playbook, &error)) die(&error);
	if (aplomb_on_effect(rt, "*", on_effect, NULL, &error)) die(&error);
	loop(rt, &clock);
	aplomb_close(rt);
	return 0;
}
