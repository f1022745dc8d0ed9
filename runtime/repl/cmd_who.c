/* SPDX-License-Identifier: MIT */
/*
 * Decides how the conversation is told who is on duty: by one rota or all of
 * them, at the case's time or at another. Who it is is the playbook's.
 */
#include <string.h>

#include "repl/complete.h"

typedef struct asking {
	repl *r;
	aplomb_instant at;
	const char *name; /* of the one that is asked about, or NULL */
	size_t told;
	const char *names[64]; /* that there are, for the nearest of them */
	size_t n_names;
} asking;

/* The version that the case runs; without a case the playbook. */
static aplomb_playbook *playbook_of(repl *r) {
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	if (r->case_id == NULL || aplomb_case_get(r->rt, r->case_id, &info, NULL) != APLOMB_OK) return r->playbook;
	return info.playbook;
}

static const char *shown(const aplomb_rota *rota, aplomb_instant at, char out[TELL_WALL]) {
	aplomb_wall wall = APLOMB_WALL_INIT;
	return aplomb_rota_wall(rota, at, &wall, NULL) == APLOMB_OK ? tell_wall(&wall, out) : "?";
}

/* "Eve until Thu 26 November 2026 07:00 (+00:00), by duties.ics; then Ada" */
static void tell_rota(const char *name, const aplomb_rota *rota, void *payload) {
	asking *a = payload;
	aplomb_duty duty = APLOMB_DUTY_INIT, next = APLOMB_DUTY_INIT;
	char until[TELL_WALL];
	repl_text line = {0};
	if (a->n_names < sizeof a->names / sizeof *a->names) a->names[a->n_names++] = name;
	if (a->name != NULL && strcmp(a->name, name) != 0) return;
	if (aplomb_rota_duty_at(rota, a->at, &duty, NULL) != APLOMB_OK) return;
	a->told++;
	repl_text_format(&line, "%s: %s", name, duty.who != NULL ? duty.who : "nobody");
	/* Where nothing is behind, the years end. */
	bool has_next = aplomb_rota_duty_at(rota, duty.until, &next, NULL) == APLOMB_OK && next.until > duty.until;
	if (has_next) repl_text_format(&line, " until %s", shown(rota, duty.until, until));
	if (duty.source != NULL) repl_text_format(&line, ", by %s", duty.source);
	if (has_next) repl_text_format(&line, "; then %s", next.who != NULL ? next.who : "nobody");
	tell_line(a->r->out, NULL, "on duty", TELL_PLAIN, repl_text_of(&line));
	repl_text_dispose(&line);
}

static void note_name(const char *name, const aplomb_rota *rota, void *payload) {
	(void)rota;
	asking *a = payload;
	if (a->n_names < sizeof a->names / sizeof *a->names) a->names[a->n_names++] = name;
}

static int refuse(asking *a, aplomb_playbook *playbook, const char *word) {
	a->n_names = 0;
	if (aplomb_playbook_rotas(playbook, note_name, a) == 0) return repl_fail(a->r, "who: the playbook declares no rota");
	const char *near = aplomb_nearest(word, a->names, a->n_names);
	if (near != NULL) return repl_fail(a->r, "who: there is no rota \"%s\"; did you mean \"%s\"?", word, near);
	return repl_fail(a->r, "who: \"%s\" is neither a rota nor a time; `who` tells all rotas, `who 14:30` at the next such time", word);
}

static int run_who(repl *r, const char *rest) {
	aplomb_playbook *playbook = playbook_of(r);
	asking a = {.r = r, .at = aplomb_now(r->rt)};
	char word[256] = "";
	const char *at = rest;
	if (*rest != '\0' && !repl_read_time(rest, a.at, &a.at, NULL)) {
		aplomb_error error;
		if (!repl_word(&at, word, sizeof word) || aplomb_playbook_rota(playbook, word) == NULL)
			return refuse(&a, playbook, *word != '\0' ? word : rest);
		a.name = word;
		at = repl_skip(at);
		if (*at != '\0' && !repl_read_time(at, a.at, &a.at, &error))
			return repl_fail(r, "who: %s; a time of the day is written 14:30", error.message);
	}
	aplomb_playbook_rotas(playbook, tell_rota, &a);
	return a.told > 0 ? REPL_DONE : refuse(&a, playbook, rest);
}

static void offer_rota(const char *name, const aplomb_rota *rota, void *payload) {
	repl_candidate(payload, name, aplomb_rota_zone(rota));
}

/* A rota, then what is due. */
static void complete_who(repl *r, const char *before, repl_candidates *out) {
	if (strpbrk(before, " \t") == NULL)
		aplomb_playbook_rotas(playbook_of(r), offer_rota, out);
	else
		repl_complete_due(r, before, out);
}

const repl_command repl_cmd_who = {
    .name = "who",
    .form = "who [ROTA] [TIME]",
    .sentence = "Who is on duty now, or then, until when, and who is so next.",
    .group = REPL_LOOK,
    .run = run_who,
    .complete = complete_who,
    .about =
        "Now is the case's time. A time of the day (14:30) is the next such time in UTC; an instant is written 2026-03-04T09:00:00Z. What "
        "is told are times in the rota's own zone. In conditions the same is asked by on_duty(\"rota\") and nobody_on_duty(\"rota\").",
};
