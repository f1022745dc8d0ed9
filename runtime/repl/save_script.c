/* SPDX-License-Identifier: MIT */
/* Decides how a case is written down as the lines that play it again at the prompt. */
#include <stdlib.h>
#include <string.h>

#include "repl/retell.h"

typedef struct writing {
	repl *r;
	repl_text *out;
} writing;

static const char *text_of(aplomb_value map, const char *key) {
	return aplomb_value_text(aplomb_value_get(map, key), NULL);
}

/* The members that are not as declared, as a table; nothing when there are none. */
static void put_members(writing *w, aplomb_value map, aplomb_declares what, const char *name, const char *before) {
	bool is_first = true;
	for (size_t i = 0; i < aplomb_value_count(map); i++) {
		const char *key;
		aplomb_value value = aplomb_value_at(map, i, &key);
		if (repl_is_default(w->r, what, name, key, value)) continue;
		repl_text_put(w->out, is_first ? before : ", ");
		if (is_first) repl_text_put(w->out, "{ ");
		repl_put_member(w->out, key, value, REPL_TONGUE_PROMPT);
		is_first = false;
	}
	if (!is_first) repl_text_put(w->out, " }");
}

/* ---- opening ----------------------------------------------------------------- */

typedef struct param_value {
	const char *path;
	char *json;
} param_value;

static void take_param(const aplomb_param *param, void *payload) {
	param_value *wanted = payload;
	if (strcmp(param->path, wanted->path) == 0 && param->value != NULL) wanted->json = tell_need_copy(param->value);
}

/* Is it what the playbook, its policy and the command line say anyway? */
static bool is_usual_param(const repl *r, const char *path, aplomb_value value) {
	if (aplomb_value_kind(value) == APLOMB_MAP) {
		for (size_t i = 0; i < aplomb_value_count(value); i++) {
			const char *key;
			aplomb_value member = aplomb_value_at(value, i, &key);
			repl_text longer = {0};
			repl_text_format(&longer, "%s.%s", path, key);
			bool is_usual = is_usual_param(r, repl_text_of(&longer), member);
			repl_text_dispose(&longer);
			if (!is_usual) return false;
		}
		return true;
	}
	param_value wanted = {path, NULL};
	char *json = aplomb_value_write(value);
	aplomb_playbook_params(r->playbook, take_param, &wanted);
	bool is_usual = json != NULL && wanted.json != NULL && strcmp(json, wanted.json) == 0;
	free(json);
	free(wanted.json);
	return is_usual;
}

static void put_params(writing *w, aplomb_value params) {
	bool is_first = true;
	for (size_t i = 0; i < aplomb_value_count(params); i++) {
		const char *key;
		aplomb_value value = aplomb_value_at(params, i, &key);
		if (is_usual_param(w->r, key, value)) continue;
		repl_text_put(w->out, is_first ? " params { " : ", ");
		repl_put_member(w->out, key, value, REPL_TONGUE_PROMPT);
		is_first = false;
	}
	if (!is_first) repl_text_put(w->out, " }");
}

static void put_name(writing *w, const char *word, const char *name) {
	repl_text_format(w->out, " %s ", word);
	if (strpbrk(name, " \t\n\r\"'\\{}") == NULL)
		repl_text_put(w->out, name);
	else
		repl_put_text_literal(w->out, name, strlen(name));
}

static void opens(void *payload, aplomb_value head, aplomb_value opened, aplomb_instant at) {
	writing *w = payload;
	char instant[32];
	aplomb_instant_write(at, instant);
	if (at != REPL_STARTS) repl_text_format(w->out, "wait until %s\n", instant);
	aplomb_value cause = aplomb_value_get(opened, "cause"), history = aplomb_value_get(cause, "history");
	repl_text_put(w->out, "open");
	put_members(w, aplomb_value_get(cause, "data"), APLOMB_DECLARES_DATA, NULL, " ");
	put_params(w, aplomb_value_get(head, "params"));
	if (aplomb_value_kind(history) != APLOMB_ABSENT) {
		repl_text_put(w->out, " history ");
		repl_put_literal(w->out, history, REPL_TONGUE_PROMPT);
	}
	if (text_of(head, "locale") != NULL) put_name(w, "locale", text_of(head, "locale"));
	/* Without one it is made of the case's id, which is the same. */
	if (w->r->has_own_seed || w->r->options->journal != NULL)
		repl_text_format(w->out, " seed %lld", (long long)aplomb_value_integer(aplomb_value_get(head, "seed")));
	if (text_of(head, "case") != NULL && strcmp(text_of(head, "case"), REPL_FIRST_CASE) != 0) put_name(w, "as", text_of(head, "case"));
	if (text_of(head, "subject") != NULL) put_name(w, "about", text_of(head, "subject"));
	repl_text_put(w->out, "\n");
}

/* ---- steps --------------------------------------------------------------------- */

static void waits(void *payload, aplomb_span span, aplomb_instant at) {
	writing *w = payload;
	char text[32];
	aplomb_span read;
	aplomb_span_write(span, text);
	if (aplomb_span_read(text, &read, NULL) == APLOMB_OK && read == span) {
		repl_text_format(w->out, "wait %s\n", text);
		return;
	}
	aplomb_instant_write(at, text);
	repl_text_format(w->out, "wait until %s\n", text);
}

/* Words that can stand behind `say` as they are. */
static bool is_plain(const char *text) {
	size_t size = strlen(text);
	return size > 0 && text[0] != '"' && text[0] != ' ' && text[0] != '\t' && text[size - 1] != ' ' && text[size - 1] != '\t' &&
	       strpbrk(text, "\n\r") == NULL;
}

/* Fields that are not as declared, behind the text, as name=value. false: one of them cannot be written so. */
static bool put_fields(writing *w, repl_text *line, aplomb_value data, const char *event, bool *has_some) {
	*has_some = false;
	for (size_t i = 0; i < aplomb_value_count(data); i++) {
		const char *key;
		aplomb_value value = aplomb_value_at(data, i, &key);
		if (strcmp(key, "text") == 0 || repl_is_default(w->r, APLOMB_DECLARES_EVENT, event, key, value)) continue;
		if (strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != strlen(key)) return false;
		repl_text_format(line, " %s", key);
		*has_some = true;
		if (aplomb_value_kind(value) == APLOMB_BOOLEAN && aplomb_value_boolean(value)) continue;
		repl_text_put(line, "=");
		repl_put_literal(line, value, REPL_TONGUE_PROMPT);
	}
	return true;
}

/* `say …` or `agent …`; false: it must be written as `do`. */
static bool put_speech(writing *w, const char *event, const char *by, aplomb_value data) {
	bool is_customer = strcmp(event, "customer.message") == 0 && strcmp(by, "customer") == 0;
	bool is_agent = strcmp(event, "agent.message") == 0 && strcmp(by, "agent") == 0;
	size_t size;
	const char *text = aplomb_value_text(aplomb_value_get(data, "text"), &size);
	if ((!is_customer && !is_agent) || text == NULL) return false;
	repl_text fields = {0};
	bool has_some, is_good = put_fields(w, &fields, data, event, &has_some);
	if (is_good) {
		repl_text_put(w->out, is_customer ? "say " : "agent ");
		if (is_plain(text) && !has_some)
			repl_text_add(w->out, text, size);
		else
			repl_put_text_literal(w->out, text, size);
		repl_text_format(w->out, "%s\n", repl_text_of(&fields));
	}
	repl_text_dispose(&fields);
	return is_good;
}

static void happens(void *payload, aplomb_value entry) {
	writing *w = payload;
	aplomb_value cause = aplomb_value_get(entry, "cause"), data = aplomb_value_get(cause, "data");
	const char *event = text_of(cause, "event"), *by = text_of(cause, "by");
	if (event == NULL || by == NULL || put_speech(w, event, by, data)) return;
	bool is_pick = strcmp(by, "customer") == 0 && aplomb_value_count(data) == 1 && text_of(data, "option") != NULL;
	if (is_pick && (strcmp(event, "customer.picks") == 0 || strcmp(event, "customer.rejects") == 0)) {
		repl_text_format(w->out, "%s %s\n", strcmp(event, "customer.picks") == 0 ? "pick" : "reject", text_of(data, "option"));
		return;
	}
	repl_text_format(w->out, "do %s", event);
	put_members(w, data, APLOMB_DECLARES_EVENT, event, " ");
	if (strcmp(by, repl_usual_sender(event)) != 0) put_name(w, "by", by);
	repl_text_put(w->out, "\n");
}

static void came(void *payload, aplomb_value entry) {
	(void)payload;
	(void)entry;
}

void repl_save_script(repl *r, repl_text *out) {
	static const repl_retelling retelling = {opens, waits, happens, came};
	writing w = {r, out};
	const char *title = aplomb_playbook_title(r->playbook);
	repl_text_format(out, "-- %s, for `aplomb repl`, played through %s%s%s%s.\n", r->case_id, aplomb_playbook_id(r->playbook),
	    title != NULL ? " (" : "", title != NULL ? title : "", title != NULL ? ")" : "");
	repl_retell(r, &retelling, &w);
}
