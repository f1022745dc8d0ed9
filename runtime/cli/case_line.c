/* SPDX-License-Identifier: MIT */
/* Decides how a case of a store looks in one line, for people and for programs, and what is said of one that is faulted or cannot be read.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/case.h"
#include "tell/tell.h"

/* ---- lists ------------------------------------------------------------------------------ */

void cli_cases_add(cli_cases *cases, const aplomb_case_brief *brief) {
	tell_need_room(&cases->items, cases->count, 1, &cases->capacity, sizeof *cases->items);
	cases->items[cases->count++] = (cli_case_line){tell_need_copy(brief->id), brief->status, brief->due_at, brief->playbook};
}

void cli_cases_dispose(cli_cases *cases) {
	for (size_t i = 0; i < cases->count; i++) free(cases->items[i].id);
	free(cases->items);
	*cases = (cli_cases){0};
}

bool cli_may_be_stuck(const aplomb_case_brief *brief) {
	return brief->status == APLOMB_CASE_FAULTED || (brief->status == APLOMB_CASE_OPEN && brief->due_at == APLOMB_NEVER);
}

/* ---- a line ------------------------------------------------------------------------------- */

enum { ID = 20, PLAYBOOK = 12, OPENED = 10, NEXT = 10 };

/* As wide as the widest of those that are shown, up to a bound. */
int cli_case_width(const cli_case_line *lines, size_t count) {
	int widest = 4;
	for (size_t i = 0; i < count; i++) {
		const int width = tell_width(lines[i].id, strlen(lines[i].id));
		if (width > widest) widest = width;
	}
	return widest < ID ? widest : ID;
}

void cli_case_heading(const cli_kept *kept, int width, bool names_playbooks) {
	const tell_screen *out = &kept->cli->out;
	tell_print(out, "\n");
	tell_print_styled(out, TELL_STRONG, "  %-*s  ", width, "case");
	if (names_playbooks) tell_print_styled(out, TELL_STRONG, "%-*s  ", PLAYBOOK, "playbook");
	tell_print_styled(out, TELL_STRONG, "%-*s%9s  %-*s  %s", OPENED, "opened", "entries", NEXT, "next", "where it is");
	tell_print(out, "\n");
}

/* Cut where the line ends. */
static void put_rest(const tell_screen *out, tell_style style, const char *text, int used) {
	const int room = out->width - used;
	tell_style_set(out, style);
	tell_put_text(out, text, strlen(text), tell_width(text, strlen(text)) > room && room > 0 ? room : -1);
	tell_style_set(out, TELL_PLAIN);
	tell_print(out, "\n");
}

static int tell_unread(const cli_kept *kept, const cli_case_line *line, int width, const aplomb_error *error) {
	const tell_screen *out = &kept->cli->out;
	tell_print(out, "  ");
	tell_put_text(out, line->id, strlen(line->id), width);
	tell_print(out, "  ");
	tell_print_styled(out, TELL_BAD, "cannot be read: ");
	tell_put_text(out, error->message, strlen(error->message), -1);
	tell_print(out, " [%s]\n", error->slug);
	return CLI_ERRORS;
}

int cli_case_row(const cli_kept *kept, const cli_case_line *line, int width, bool names_playbooks) {
	const tell_screen *out = &kept->cli->out;
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	aplomb_error error = {0};
	if (aplomb_case_get(kept->rt, line->id, &info, &error) != APLOMB_OK) return tell_unread(kept, line, width, &error);
	char opened[32], number[32], next[48] = "-";
	aplomb_instant_write(info.opened_at, opened);
	if (line->due_at != APLOMB_NEVER) cli_kept_when(line->due_at, kept->now, next);
	tell_print(out, "  ");
	tell_put_text(out, line->id, strlen(line->id), width);
	tell_print(out, "  ");
	if (names_playbooks) {
		const char *playbook = aplomb_playbook_id(info.playbook);
		tell_put_text(out, playbook, strlen(playbook), PLAYBOOK);
		tell_print(out, "  ");
	}
	tell_print(out, "%.*s%9s  ", OPENED, opened, tell_count(info.seq, number));
	tell_style_set(out, line->due_at != APLOMB_NEVER && line->due_at < kept->now ? TELL_CAREFUL : TELL_PLAIN);
	tell_print(out, "%-*s", NEXT, next);
	tell_style_set(out, TELL_PLAIN);
	tell_print(out, "  ");
	const int used = 2 + width + 2 + (names_playbooks ? PLAYBOOK + 2 : 0) + OPENED + 9 + 2 + NEXT + 2;
	if (info.status == APLOMB_CASE_CLOSED) {
		char text[160];
		snprintf(text, sizeof text, "closed%s%.140s", info.outcome != NULL ? ": " : "", info.outcome != NULL ? info.outcome : "");
		put_rest(out, TELL_GOOD, text, used);
		return CLI_OK;
	}
	char *states = cli_kept_states(kept, line->id);
	if (info.status == APLOMB_CASE_FAULTED) tell_print_styled(out, TELL_BAD, "FAULTED ");
	put_rest(out, TELL_STATE, states, used + (info.status == APLOMB_CASE_FAULTED ? 8 : 0));
	free(states);
	return CLI_OK;
}

int cli_case_json(const cli_kept *kept, const cli_case_line *line, void (*more)(const cli_kept *kept, const cli_case_line *line)) {
	static const char *const statuses[] = {"open", "closed", "faulted"};
	const tell_screen *out = &kept->cli->out;
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	aplomb_error error = {0};
	tell_print(out, "{");
	tell_json_member(out, "case", true);
	tell_json_text(out, line->id);
	tell_json_text_member(out, "status", statuses[line->status]);
	if (aplomb_case_get(kept->rt, line->id, &info, &error) != APLOMB_OK) {
		tell_json_text_member(out, "slug", error.slug);
		tell_json_text_member(out, "message", error.message);
		tell_print(out, "}\n");
		return CLI_ERRORS;
	}
	tell_json_text_member(out, "playbook", aplomb_playbook_id(info.playbook));
	tell_json_text_member(out, "version", aplomb_playbook_version(info.playbook));
	tell_json_text_member(out, "hash", aplomb_playbook_hash(info.playbook));
	tell_json_text_member(out, "subject", info.subject);
	tell_json_instant_member(out, "opened_at", info.opened_at);
	tell_json_instant_member(out, "at", info.at);
	tell_json_number_member(out, "entries", info.seq);
	tell_json_instant_member(out, "due_at", line->due_at);
	tell_json_text_member(out, "outcome", info.outcome);
	tell_json_text_member(out, "parent", info.parent);
	cli_kept_json_states(kept, line->id);
	if (more != NULL) more(kept, line);
	tell_print(out, "}\n");
	return CLI_OK;
}

/* ---- what is faulted ------------------------------------------------------------------------ */

static const char *text_of(aplomb_value map, const char *key) {
	const char *text = aplomb_value_text(aplomb_value_get(map, key), NULL);
	return text != NULL ? text : "";
}

static int note_fault(const char *line, size_t size, void *payload) {
	cli_fault *out = payload;
	aplomb_json *json;
	/* Most lines are of other kinds; what they say is not read. */
	if (memmem(line, size, "\"kind\":\"faulted\"", 16) == NULL || aplomb_json_read(&json, line, size, NULL) != APLOMB_OK) return 0;
	const aplomb_value entry = aplomb_json_root(json), cause = aplomb_value_get(entry, "cause"), items = aplomb_value_get(entry, "items");
	if (strcmp(text_of(entry, "kind"), "faulted") == 0) {
		*out = (cli_fault){.is_known = true, .seq = (uint64_t)aplomb_value_integer(aplomb_value_get(entry, "seq"))};
		snprintf(out->at, sizeof out->at, "%s", text_of(entry, "at"));
		const char *event = text_of(cause, "event"), *by = text_of(cause, "by");
		snprintf(out->cause, sizeof out->cause, "%.90s%s%.30s", event[0] != '\0' ? event : "its opening", by[0] != '\0' ? " by " : "", by);
		for (size_t i = 0; i < aplomb_value_count(items); i++) {
			const aplomb_value item = aplomb_value_at(items, i, NULL);
			if (strcmp(text_of(item, "do"), "finding") != 0) continue;
			snprintf(out->slug, sizeof out->slug, "%s", text_of(item, "slug"));
			snprintf(out->message, sizeof out->message, "%s", text_of(item, "message"));
		}
	}
	aplomb_json_free(json);
	return 0;
}

void cli_case_fault(const cli_kept *kept, const char *id, uint64_t seq, cli_fault *out) {
	enum { NEAR = 256 };
	*out = (cli_fault){0};
	/* Behind it there is nothing but what was refused and mended. */
	if (seq > NEAR) aplomb_journal_from(kept->rt, id, seq - NEAR, note_fault, out, NULL);
	if (!out->is_known) aplomb_journal_each(kept->rt, id, note_fault, out, NULL);
}
