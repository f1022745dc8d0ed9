/* SPDX-License-Identifier: MIT */
/*
 * Decides how a program that does effects is spoken to, and what is made of each
 * way in which it can fail to do its part. What an effect's outcome then means
 * is decided by the library.
 *
 * Neither side can wait for the other: pipes are written and read as far as
 * they go, and only when nothing goes is there a wait, with an end.
 */
#include "cli/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/progress.h"
#include "tell/tell.h"

enum { MOST_LINE = 1 << 20, LINES_TOLD = 20, NANOSECONDS = 1000000000, MILLISECONDS_TO_END = 250 };

struct cli_worker {
	const cli_screens *cli;
	const cli_verb *verb;
	aplomb_runtime *rt;
	uint64_t seconds;
	pid_t child;  /* 0: it was waited for */
	int to, from; /* -1: closed */
	char *out;    /* what is to be written, from [out_at] */
	size_t out_size, out_at, out_capacity;
	char *in; /* a line that has begun */
	size_t in_size;
	char *in_hand[CLI_WORKER_MOST]; /* the keys of what it has */
	uint32_t n_in_hand;
	uint64_t line, wrong;
	uint32_t attempts;
	int64_t heard; /* when it last said what came of something, or was given something when it had nothing */
	bool failed;   /* it does not do its part; that was told */
};

/* ---- its life ---------------------------------------------------------------------- */

__attribute__((noreturn)) static void become(const char *command, int from, int to) {
	/* Whoever writes to nobody is to end, as programs do that were started by a shell. */
	signal(SIGPIPE, SIG_DFL);
	if (dup2(from, STDIN_FILENO) >= 0 && dup2(to, STDOUT_FILENO) >= 0) execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static void close_end(int *end) {
	if (*end >= 0) close(*end);
	*end = -1;
}

cli_worker *cli_worker_start(const cli_screens *cli, const cli_verb *verb, aplomb_runtime *rt, const char *command, uint64_t seconds) {
	int to[2] = {-1, -1}, from[2] = {-1, -1};
	pid_t child = -1;
	fflush(NULL);
	if (pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0) child = fork();
	if (child == 0) become(command, to[0], from[1]);
	close_end(&to[0]);
	close_end(&from[1]);
	if (child < 0) {
		close_end(&to[1]);
		close_end(&from[0]);
		cli_complain(cli, verb, "the program of --effects cannot be started: %s", strerror(errno));
		return NULL;
	}
	fcntl(to[1], F_SETFL, O_NONBLOCK);
	fcntl(from[0], F_SETFL, O_NONBLOCK);
	cli_worker *w = tell_need(sizeof *w);
	*w = (cli_worker){.cli = cli, .verb = verb, .rt = rt, .seconds = seconds, .child = child, .to = to[1], .from = from[0]};
	w->in = tell_need(MOST_LINE);
	return w;
}

uint32_t cli_worker_attempts(const cli_worker *w) {
	return w->attempts;
}

uint64_t cli_worker_wrong(const cli_worker *w) {
	return w->wrong;
}

/* How it ended, in words; waits for it, and ends it when it does not end by itself. */
static const char *wait_for_end(cli_worker *w, char *out, size_t size, bool *is_good) {
	const int64_t until = cli_monotonic() + (int64_t)w->seconds * NANOSECONDS;
	int how = 0;
	pid_t got;
	while ((got = waitpid(w->child, &how, WNOHANG)) == 0 && cli_monotonic() < until) poll(NULL, 0, 5);
	*is_good = false;
	if (got == 0) {
		kill(w->child, SIGKILL);
		while (waitpid(w->child, &how, 0) < 0 && errno == EINTR) continue;
		snprintf(out, size, "did not end within %llu seconds and was killed", (unsigned long long)w->seconds);
	} else if (WIFEXITED(how)) {
		*is_good = WEXITSTATUS(how) == 0;
		snprintf(out, size, "ended with status %d", WEXITSTATUS(how));
	} else {
		snprintf(out, size, "was ended by signal %d", WTERMSIG(how));
	}
	w->child = 0;
	return out;
}

/* Nothing more is expected of it: what it has is what nobody knows of. */
static void give_up(cli_worker *w, const char *fact) {
	char ending[96] = "";
	bool is_good;
	w->failed = true;
	if (w->child != 0) {
		kill(w->child, SIGTERM);
		wait_for_end(w, ending, sizeof ending, &is_good);
	}
	if (w->n_in_hand > 0)
		cli_complain(w->cli, w->verb, "the program of --effects %s, and did not say what came of %s%s", fact, w->in_hand[0],
		    w->n_in_hand > 1 ? " and of others" : "");
	else
		cli_complain(w->cli, w->verb, "the program of --effects %s", fact);
	for (uint32_t i = 0; i < w->n_in_hand; i++) {
		aplomb_effect_answer answer = APLOMB_EFFECT_ANSWER_INIT;
		answer.key = w->in_hand[i];
		answer.outcome = APLOMB_OUTCOME_UNKNOWN;
		answer.message = "the program that had it did not say what came of it";
		aplomb_answer_effect(w->rt, &answer, NULL);
		free(w->in_hand[i]);
	}
	w->n_in_hand = 0;
	close_end(&w->to);
	close_end(&w->from);
}

/* ---- what it says --------------------------------------------------------------------- */

static void wrong_line(cli_worker *w, const char *message, const char *slug) {
	if (++w->wrong <= LINES_TOLD)
		cli_tell_error(w->cli, "--effects", w->line, 0, message, slug);
	else if (w->wrong == LINES_TOLD + 1)
		tell_print(&w->cli->err, "more lines of the program of --effects say nothing\n");
}

static int place_in_hand(const cli_worker *w, const char *key) {
	for (uint32_t i = 0; i < w->n_in_hand; i++)
		if (strcmp(w->in_hand[i], key) == 0) return (int)i;
	return -1;
}

static void out_of_hand(cli_worker *w, int place) {
	free(w->in_hand[place]);
	w->in_hand[place] = w->in_hand[--w->n_in_hand];
	w->heard = cli_monotonic();
}

static bool read_outcome(const char *text, aplomb_outcome *out) {
	static const char *const names[] = {[APLOMB_OUTCOME_DONE] = "done",
	    [APLOMB_OUTCOME_FAILED] = "failed",
	    [APLOMB_OUTCOME_UNKNOWN] = "unknown",
	    [APLOMB_OUTCOME_REFUSED] = "refused"};
	for (size_t i = 0; text != NULL && i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(text, names[i]) != 0) continue;
		*out = (aplomb_outcome)i;
		return true;
	}
	return false;
}

static void take_word(cli_worker *w, aplomb_value word) {
	const char *key = aplomb_value_text(aplomb_value_get(word, "key"), NULL);
	aplomb_effect_answer answer = APLOMB_EFFECT_ANSWER_INIT;
	aplomb_error error;
	char message[256];
	if (key == NULL || !read_outcome(aplomb_value_text(aplomb_value_get(word, "outcome"), NULL), &answer.outcome)) {
		wrong_line(w, "expected {\"key\":\"…\",\"outcome\":\"done\", \"failed\", \"unknown\" or \"refused\"}", "effect-line");
		return;
	}
	const int place = place_in_hand(w, key);
	if (place < 0) {
		snprintf(message, sizeof message, "the program does not have effect %.100s: it said what came of it before, or never got it", key);
		wrong_line(w, message, "effect-not-waiting");
		return;
	}
	aplomb_value data = aplomb_value_get(word, "data");
	char *written = aplomb_value_kind(data) != APLOMB_ABSENT ? aplomb_value_write(data) : NULL;
	answer.key = w->in_hand[place];
	answer.data = written;
	answer.message = aplomb_value_text(aplomb_value_get(word, "message"), NULL);
	answer.slug = aplomb_value_text(aplomb_value_get(word, "slug"), NULL);
	int code = aplomb_answer_effect(w->rt, &answer, &error);
	if (code == APLOMB_EREFUSED && answer.outcome == APLOMB_OUTCOME_DONE) {
		wrong_line(w, error.message, error.slug);
		/* It is done: the case is told, as far as that can be. */
		snprintf(message, sizeof message, "%.200s", error.message);
		answer.outcome = APLOMB_OUTCOME_FAILED;
		answer.data = NULL;
		answer.message = message;
		answer.slug = "effect-unfit";
		code = aplomb_answer_effect(w->rt, &answer, &error);
	}
	if (code != APLOMB_OK) wrong_line(w, error.message, error.slug);
	free(written);
	out_of_hand(w, place);
}

static void take_line(cli_worker *w) {
	aplomb_json *json;
	aplomb_error error;
	w->line++;
	if (aplomb_json_read(&json, w->in, w->in_size, &error) != APLOMB_OK) {
		wrong_line(w, error.message, error.slug);
	} else {
		take_word(w, aplomb_json_root(json));
		aplomb_json_free(json);
	}
	w->in_size = 0;
}

/* What it has written so far. false: it writes no more. */
static bool read_some(cli_worker *w) {
	char block[1 << 16];
	ssize_t got = read(w->from, block, sizeof block);
	if (got < 0) return errno == EAGAIN || errno == EINTR;
	if (got == 0) return false;
	for (ssize_t i = 0; i < got; i++) {
		if (block[i] == '\n') {
			take_line(w);
		} else if (w->in_size < MOST_LINE) {
			w->in[w->in_size++] = block[i];
		} else {
			give_up(w, "writes a line of more than a megabyte");
			return true;
		}
	}
	return true;
}

/* ---- what it is told ---------------------------------------------------------------------- */

/* false: it reads no more. */
static bool write_some(cli_worker *w) {
	while (w->out_at < w->out_size) {
		ssize_t wrote = write(w->to, w->out + w->out_at, w->out_size - w->out_at);
		if (wrote < 0) return errno == EAGAIN || errno == EINTR;
		w->out_at += (size_t)wrote;
	}
	w->out_size = w->out_at = 0;
	return true;
}

static void give_up_ended(cli_worker *w) {
	char ending[96];
	bool is_good;
	give_up(w, wait_for_end(w, ending, sizeof ending, &is_good));
}

/* It reads no more: has it ended? Then its output closes, too, a moment later. What it said before is heard. */
static void read_to_end(cli_worker *w) {
	const int64_t until = cli_monotonic() + (int64_t)MILLISECONDS_TO_END * (NANOSECONDS / 1000);
	struct pollfd end = {.fd = w->from, .events = POLLIN};
	for (int64_t now; !w->failed && (now = cli_monotonic()) < until;) {
		if (poll(&end, 1, (int)((until - now) / (NANOSECONDS / 1000)) + 1) > 0 && !read_some(w)) {
			give_up_ended(w);
			return;
		}
	}
	if (!w->failed) give_up(w, "reads no more of what it is handed");
}

/* Both ways as far as they go, after [milliseconds] at most. */
static void exchange(cli_worker *w, int milliseconds) {
	struct pollfd ends[] = {{.fd = w->from, .events = POLLIN}, {.fd = w->out_at < w->out_size ? w->to : -1, .events = POLLOUT}};
	poll(ends, 2, milliseconds);
	if (ends[1].revents != 0 && !write_some(w))
		read_to_end(w);
	else if (ends[0].revents != 0 && !read_some(w))
		give_up_ended(w);
}

/* Until it has at most so many; false: it does not do its part. */
static bool wait_until(cli_worker *w, uint32_t most) {
	while (!w->failed && w->n_in_hand > most) {
		const int64_t left = w->heard + (int64_t)w->seconds * NANOSECONDS - cli_monotonic();
		if (left <= 0) {
			char fact[96];
			snprintf(fact, sizeof fact, "said nothing for %llu seconds", (unsigned long long)w->seconds);
			give_up(w, fact);
		} else {
			exchange(w, (int)(left / 1000000) + 1);
		}
	}
	return !w->failed;
}

static void put(cli_worker *w, const char *bytes, size_t size) {
	tell_need_room(&w->out, w->out_size, size, &w->out_capacity, 1);
	memcpy(w->out + w->out_size, bytes, size);
	w->out_size += size;
}

static void instant_member(const tell_screen *line, const char *label, aplomb_instant at) {
	char text[32];
	aplomb_instant_write(at, text);
	tell_print(line, "%s\"%s\"", label, text);
}

static void text_member(const tell_screen *line, const char *label, const char *text) {
	if (text == NULL) return;
	tell_print(line, "%s", label);
	tell_json_text(line, text);
}

/* Canonical JSON: members in the order of their names. */
static void write_effect(const tell_screen *line, const aplomb_effect *effect) {
	tell_print(line, "{");
	if (effect->ask != NULL) {
		instant_member(line, "\"answer_by\":", effect->answer_by);
		text_member(line, ",\"ask\":", effect->ask);
		tell_print(line, ",");
	}
	instant_member(line, "\"at\":", effect->at);
	tell_print(line, ",\"attempt\":%u", effect->attempt);
	text_member(line, ",\"because\":", effect->because);
	text_member(line, ",\"case\":", effect->case_id);
	tell_print(line, ",\"data\":");
	fwrite(effect->data, 1, effect->data_size, line->file);
	tell_print(line, ",\"item\":%u", effect->item);
	text_member(line, ",\"key\":", effect->key);
	text_member(line, ",\"kind\":", effect->kind);
	if (effect->once) tell_print(line, ",\"once\":true");
	tell_print(line, ",\"seq\":%llu", (unsigned long long)effect->seq);
	text_member(line, ",\"subject\":", effect->subject);
	tell_print(line, ",\"v\":1}\n");
}

int cli_worker_hand(const aplomb_effect *effect, void *worker) {
	cli_worker *w = worker;
	if (!wait_until(w, CLI_WORKER_MOST - 1)) return 1;
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	if (memory == NULL) return 1;
	const tell_screen line = {.file = memory};
	write_effect(&line, effect);
	if (fclose(memory) != 0) {
		free(text);
		return 1;
	}
	if (w->n_in_hand == 0) w->heard = cli_monotonic();
	if (effect->attempt > w->attempts) w->attempts = effect->attempt;
	w->in_hand[w->n_in_hand++] = tell_need_copy(effect->key);
	put(w, text, size);
	free(text);
	exchange(w, 0);
	return APLOMB_EFFECT_LATER;
}

bool cli_worker_settle(cli_worker *w) {
	return wait_until(w, 0);
}

bool cli_worker_end(cli_worker *w) {
	if (w == NULL) return true;
	bool is_good = !w->failed;
	close_end(&w->to);
	if (w->child != 0) {
		char ending[96];
		/* What it still says nobody waits for. */
		const int64_t until = cli_monotonic() + (int64_t)w->seconds * NANOSECONDS;
		while (
		    !w->failed && cli_monotonic() < until && (poll(&(struct pollfd){.fd = w->from, .events = POLLIN}, 1, 20) == 0 || read_some(w)))
			continue;
		wait_for_end(w, ending, sizeof ending, &is_good);
		if (!is_good) cli_complain(w->cli, w->verb, "the program of --effects %s", ending);
		is_good = is_good && !w->failed;
	}
	close_end(&w->from);
	for (uint32_t i = 0; i < w->n_in_hand; i++) free(w->in_hand[i]);
	free(w->in);
	free(w->out);
	free(w);
	return is_good;
}
