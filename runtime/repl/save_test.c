/* SPDX-License-Identifier: MIT */
/*
 * Decides how a case is written down as a test for `aplomb test`: each step,
 * and below it what came of it, so that the test passes as it is saved and
 * fails where the playbook comes to do something else. Sentences are not held
 * to, for people improve them; states, effects and what went wrong are.
 */
#include <stdlib.h>
#include <string.h>

#include "repl/retell.h"

enum { LONGEST_FIELD = 48 };

typedef struct writing {
	repl *r;
	repl_text *out;
	/* What came of the step that was written last. */
	bool has_step;
	char *states;  /* the list of active states, as text of Lua; NULL: nothing moved */
	repl_text now; /* the same, as it was said last */
	repl_text effects, findings;
	bool is_faulted, is_closed;
	char *outcome;
} writing;

static const char *text_of(aplomb_value map, const char *key) {
	return aplomb_value_text(aplomb_value_get(map, key), NULL);
}

static bool is_text(aplomb_value map, const char *key, const char *wanted) {
	const char *text = text_of(map, key);
	return text != NULL && strcmp(text, wanted) == 0;
}

/* ---- what is expected ------------------------------------------------------------- */

static void put_states(writing *w, aplomb_value active) {
	repl_text states = {0};
	size_t count = aplomb_value_count(active);
	if (count != 1) repl_text_put(&states, "{ ");
	for (size_t i = 0; i < count; i++) {
		size_t size;
		const char *path = aplomb_value_text(aplomb_value_at(active, i, NULL), &size);
		if (i > 0) repl_text_put(&states, ", ");
		if (path != NULL) repl_put_text_literal(&states, path, size);
	}
	if (count != 1) repl_text_put(&states, " }");
	free(w->states);
	w->states = states.bytes;
}

static bool is_speech(const char *key) {
	static const char *const speech[] = {"text", "message", "words", "say", "question", "summary", "title"};
	for (size_t i = 0; i < sizeof speech / sizeof speech[0]; i++)
		if (strcmp(key, speech[i]) == 0) return true;
	return false;
}

/* Numbers, truths, and short texts that are no sentences. */
static bool is_held_to(const char *key, aplomb_value value) {
	size_t size = 0;
	switch (aplomb_value_kind(value)) {
	case APLOMB_BOOLEAN:
	case APLOMB_INTEGER:
	case APLOMB_NUMBER: return true;
	case APLOMB_TEXT: aplomb_value_text(value, &size); return !is_speech(key) && size <= LONGEST_FIELD;
	default: return false;
	}
}

static void put_effect(writing *w, aplomb_value item) {
	aplomb_value data = aplomb_value_get(item, "data");
	const char *kind = text_of(item, "kind");
	if (kind == NULL) return;
	repl_text fields = {0};
	for (size_t i = 0; i < aplomb_value_count(data); i++) {
		const char *key;
		aplomb_value value = aplomb_value_at(data, i, &key);
		if (!is_held_to(key, value)) continue;
		repl_text_put(&fields, ", ");
		repl_put_member(&fields, key, value, REPL_TONGUE_TEST);
	}
	if (w->effects.size > 0) repl_text_put(&w->effects, ", ");
	if (fields.size > 0) repl_text_put(&w->effects, "{ ");
	repl_put_text_literal(&w->effects, kind, strlen(kind));
	repl_text_put(&w->effects, repl_text_of(&fields));
	if (fields.size > 0) repl_text_put(&w->effects, " }");
	repl_text_dispose(&fields);
}

static void came(void *payload, aplomb_value entry) {
	writing *w = payload;
	aplomb_value items = aplomb_value_get(entry, "items");
	if (is_text(entry, "kind", "faulted")) w->is_faulted = true;
	for (size_t i = 0; i < aplomb_value_count(items); i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		if (is_text(item, "do", "state")) put_states(w, aplomb_value_get(item, "active"));
		if (is_text(item, "do", "effect")) put_effect(w, item);
		if (is_text(item, "do", "finding") && text_of(item, "slug") != NULL) {
			if (w->findings.size > 0) repl_text_put(&w->findings, ", ");
			repl_put_text_literal(&w->findings, text_of(item, "slug"), strlen(text_of(item, "slug")));
		}
		if (is_text(item, "do", "closed")) {
			w->is_closed = true;
			free(w->outcome);
			w->outcome = tell_need_copy(text_of(item, "outcome"));
		}
	}
}

static void put_expected(writing *w) {
	if (!w->has_step) return;
	repl_text *out = w->out;
	if (w->states != NULL) {
		repl_text_clear(&w->now);
		repl_text_put(&w->now, w->states);
	}
	repl_text_format(out, "\t\tcase:expect {");
	/* A step that broke a limit was undone: where the case then is was said before. */
	if (!w->is_faulted && w->now.size > 0 && !w->is_closed) repl_text_format(out, " state = %s,", repl_text_of(&w->now));
	if (w->is_closed && w->outcome != NULL) {
		repl_text_put(out, " outcome = ");
		repl_put_text_literal(out, w->outcome, strlen(w->outcome));
		repl_text_put(out, ",");
	} else if (w->is_closed) {
		repl_text_put(out, " closed = true,");
	}
	if (w->is_faulted) repl_text_put(out, " faulted = true,");
	if (w->findings.size > 0 && !w->is_faulted) repl_text_format(out, " findings = { %s },", repl_text_of(&w->findings));
	repl_text_format(
	    out, " effects = {%s%s%s} }\n", w->effects.size > 0 ? " " : "", repl_text_of(&w->effects), w->effects.size > 0 ? " " : "");
	free(w->states);
	w->states = NULL;
	repl_text_clear(&w->effects);
	repl_text_clear(&w->findings);
	w->is_faulted = false;
	w->has_step = false;
}

/* ---- steps -------------------------------------------------------------------------- */

static void opens(void *payload, aplomb_value head, aplomb_value opened, aplomb_instant at) {
	writing *w = payload;
	repl_text *out = w->out;
	aplomb_value cause = aplomb_value_get(opened, "cause"), history = aplomb_value_get(cause, "history");
	(void)at;
	repl_text_put(out, "\t\tcase:open {\n\t\t\tdata = ");
	repl_put_literal(out, aplomb_value_get(cause, "data"), REPL_TONGUE_TEST);
	/* As they were, so that a change of the policy changes no test. */
	repl_text_put(out, ",\n\t\t\tparams = ");
	repl_put_literal(out, aplomb_value_get(head, "params"), REPL_TONGUE_TEST);
	repl_text_put(out, ",\n");
	if (aplomb_value_kind(history) != APLOMB_ABSENT) {
		repl_text_put(out, "\t\t\thistory = ");
		repl_put_literal(out, history, REPL_TONGUE_TEST);
		repl_text_put(out, ",\n");
	}
	static const char *const texts[] = {"locale", "subject"};
	for (size_t i = 0; i < 2; i++) {
		size_t size;
		const char *text = aplomb_value_text(aplomb_value_get(head, texts[i]), &size);
		if (text == NULL) continue;
		repl_text_format(out, "\t\t\t%s = ", texts[i]);
		repl_put_text_literal(out, text, size);
		repl_text_put(out, ",\n");
	}
	repl_text_format(out, "\t\t\tseed = %lld,\n\t\t}\n\t\tcase:begin()\n", (long long)aplomb_value_integer(aplomb_value_get(head, "seed")));
	w->has_step = true;
}

static void waits(void *payload, aplomb_span span, aplomb_instant at) {
	writing *w = payload;
	char text[32];
	aplomb_span read;
	put_expected(w);
	aplomb_span_write(span, text);
	if (aplomb_span_read(text, &read, NULL) == APLOMB_OK && read == span) {
		repl_text_format(w->out, "\t\tcase:wait \"%s\"\n", text);
	} else {
		aplomb_instant_write(at, text);
		repl_text_format(w->out, "\t\tcase:wait_until \"%s\"\n", text);
	}
	w->has_step = true;
}

/* The members but the text, and without those that are as declared; NULL bytes: there are none. */
static repl_text members_of(writing *w, const char *event, aplomb_value data, bool has_text) {
	repl_text members = {0};
	for (size_t i = 0; i < aplomb_value_count(data); i++) {
		const char *key;
		aplomb_value value = aplomb_value_at(data, i, &key);
		if ((has_text && strcmp(key, "text") == 0) || repl_is_default(w->r, APLOMB_DECLARES_EVENT, event, key, value)) continue;
		repl_text_put(&members, members.size > 0 ? ", " : "{ ");
		repl_put_member(&members, key, value, REPL_TONGUE_TEST);
	}
	if (members.size > 0) repl_text_put(&members, " }");
	return members;
}

static void happens(void *payload, aplomb_value entry) {
	writing *w = payload;
	repl_text *out = w->out;
	aplomb_value cause = aplomb_value_get(entry, "cause"), data = aplomb_value_get(cause, "data");
	const char *event = text_of(cause, "event"), *by = text_of(cause, "by"), *id = text_of(cause, "id");
	size_t size = 0;
	const char *text = aplomb_value_text(aplomb_value_get(data, "text"), &size);
	put_expected(w);
	if (event == NULL) return;
	bool is_customer = strcmp(event, "customer.message") == 0, is_agent = strcmp(event, "agent.message") == 0;
	bool is_speech = (is_customer || is_agent) && text != NULL;
	repl_text members = members_of(w, event, data, is_speech);
	if (is_speech) {
		repl_text_format(out, "\t\tcase:%s(", is_customer ? "customer" : "agent");
		repl_put_text_literal(out, text, size);
	} else {
		repl_text_put(out, "\t\tcase:event(");
		repl_put_text_literal(out, event, strlen(event));
	}
	/* Nobody says who: of speech its speaker, of anything else the system. */
	bool is_usual = by != NULL && strcmp(by, is_speech ? (is_customer ? "customer" : "agent") : "system") == 0;
	bool has_envelope = !is_usual || id != NULL;
	if (members.size > 0 || has_envelope) repl_text_format(out, ", %s", members.size > 0 ? repl_text_of(&members) : "{}");
	if (has_envelope) {
		repl_text_put(out, ", { ");
		if (!is_usual && by != NULL) {
			repl_text_put(out, "by = ");
			repl_put_text_literal(out, by, strlen(by));
		}
		if (id != NULL) {
			repl_text_put(out, is_usual ? "id = " : ", id = ");
			repl_put_text_literal(out, id, strlen(id));
		}
		repl_text_put(out, " }");
	}
	repl_text_put(out, ")\n");
	repl_text_dispose(&members);
	w->has_step = true;
}

/* ---- the file ------------------------------------------------------------------------ */

/* The folder that the path lies in, as the system names it; the file itself need not be there. free() it. */
static char *folder_of(const char *path) {
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL ? tell_need_copy(".") : slash == path ? tell_need_copy("/") : strndup(path, (size_t)(slash - path));
	char *real = folder != NULL ? realpath(folder, NULL) : NULL;
	free(folder);
	return real;
}

/* The playbook's file as seen from the folder of [path]. */
static void put_playbook(repl_text *out, const char *playbook, const char *path) {
	char *from = folder_of(path), *to = folder_of(playbook);
	const char *slash = strrchr(playbook, '/');
	const char *file = slash != NULL ? slash + 1 : playbook;
	repl_text relative = {0};
	if (from == NULL || to == NULL) {
		repl_text_put(&relative, playbook);
	} else {
		size_t same = 0;
		for (size_t i = 0;; i++) {
			bool ends_from = from[i] == '\0' || from[i] == '/', ends_to = to[i] == '\0' || to[i] == '/';
			if (ends_from && ends_to) same = i;
			if (from[i] == '\0' || to[i] == '\0' || from[i] != to[i]) break;
		}
		for (const char *at = from + same; *at != '\0'; at++)
			if (*at == '/' && at[1] != '\0') repl_text_put(&relative, "../");
		const char *below = to + same;
		while (*below == '/') below++;
		repl_text_format(&relative, "%s%s%s", below, *below != '\0' ? "/" : "", file);
	}
	repl_put_text_literal(out, repl_text_of(&relative), relative.size);
	repl_text_dispose(&relative);
	free(from);
	free(to);
}

void repl_save_test(repl *r, const char *path, repl_text *out) {
	static const repl_retelling retelling = {opens, waits, happens, came};
	writing w = {.r = r, .out = out};
	char starts[32];
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	aplomb_case_get(r->rt, r->case_id, &info, NULL);
	aplomb_instant_write(info.opened_at, starts);
	repl_text_format(out, "-- Played at the prompt of `aplomb repl`, and saved there.\nreturn tests ");
	put_playbook(out, r->options->load->path, path);
	repl_text_format(out, " {\n\tstarts = \"%s\",\n\n\ttest ", starts);
	repl_text name = {0};
	repl_text_format(&name, "%s, as it was played", r->case_id);
	repl_put_text_literal(out, repl_text_of(&name), name.size);
	repl_text_dispose(&name);
	repl_text_put(out, " (function(case)\n");
	repl_retell(r, &retelling, &w);
	put_expected(&w);
	repl_text_put(out, "\tend),\n}\n");
	free(w.states);
	free(w.outcome);
	repl_text_dispose(&w.now);
	repl_text_dispose(&w.effects);
	repl_text_dispose(&w.findings);
}
