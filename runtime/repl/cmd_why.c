/* SPDX-License-Identifier: MIT */
/*
 * Decides what is answered to why and why not: of the last step, of a state, of
 * a transition. Whatever is asked, the answer begins with what made the
 * difference.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repl/why.h"

static void line(repl *r, const char *label, tell_style style, repl_text *text) {
	tell_line(r->out, NULL, label, style, repl_text_of(text));
	repl_text_clear(text);
}

/* ---- a step ------------------------------------------------------------------------ */

static void tell_candidate(repl *r, const why_decision *d) {
	repl_text text = {0};
	why_name_transition(r, &text, &d->transition);
	switch (d->standing) {
	case APLOMB_STANDS_TAKEN: line(r, "taken", TELL_GOOD, &text); break;
	case APLOMB_STANDS_DEFERRED: line(r, "kept", TELL_CAREFUL, &text); break;
	default: line(r, "not taken", TELL_PLAIN, &text); break;
	}
	if (d->standing == APLOMB_STANDS_BEATEN) {
		repl_text_format(&text, "for #%u was, which comes before it", d->other.number);
		line(r, "", TELL_FAINT, &text);
	} else if (d->standing == APLOMB_STANDS_PREEMPTED) {
		repl_text_format(&text, "for #%u was, and both would leave the same states", d->other.number);
		line(r, "", TELL_FAINT, &text);
	} else if (d->guard != NULL && !(d->guard->is_implied && d->standing == APLOMB_STANDS_REFUSED)) {
		why_explain(&text, d->guard);
		line(r, "", TELL_PLAIN, &text);
	} else if (d->standing == APLOMB_STANDS_REFUSED && d->guard == NULL) {
		repl_text_put(&text, "its condition has failed already, and is not asked about the error that this caused");
		line(r, "", TELL_FAINT, &text);
	}
	if (d->standing == APLOMB_STANDS_TAKEN || d->standing == APLOMB_STANDS_DEFERRED) why_show_place(r, &d->transition);
	repl_text_dispose(&text);
}

/* What stands aside because its state ended otherwise is of no interest, unless somebody asks for it. */
static bool is_worth_telling(const why_decision *d) {
	return d->kind == APLOMB_DECISION_TRANSITION && !(d->standing == APLOMB_STANDS_REFUSED && d->guard != NULL && d->guard->is_implied);
}

static void tell_step(repl *r, const why_record *record, uint64_t seq, bool has_event) {
	repl_text text = {0};
	bool any = false;
	for (size_t i = 0; i < record->count; i++) {
		const why_decision *d = &record->items[i];
		if (d->entry != seq) continue;
		switch (d->kind) {
		case APLOMB_DECISION_EVENT:
			if (i > 0 && d->is_internal) {
				repl_text_format(&text, "%s", d->name);
				line(r, "then", TELL_STRONG, &text);
			}
			break;
		case APLOMB_DECISION_COUNTER:
			repl_text_format(&text, "%s is %llu", d->name, (unsigned long long)d->count);
			if (d->guard != NULL) {
				repl_text_put(&text, ": ");
				why_explain(&text, d->guard);
			}
			line(r, "counter", TELL_PLAIN, &text);
			break;
		case APLOMB_DECISION_TRANSITION:
			if (!is_worth_telling(d)) break;
			tell_candidate(r, d);
			any = true;
			break;
		case APLOMB_DECISION_SETTLED:
		case APLOMB_DECISION_LEFT:
		case APLOMB_DECISION_ENTERED: break;
		}
	}
	if (!any && has_event) tell_line(r->out, NULL, "", TELL_PLAIN, "No transition of an active state listens to it.");
	repl_text_dispose(&text);
}

/* ---- the story ---------------------------------------------------------------------- */

/* The newest entry that has happened; 0: none. */
static uint64_t newest(const repl *r) {
	size_t count = repl_story_count(r->story);
	return count > 0 ? count - 1 : 0;
}

/* An entry of the story, read; NULL when it cannot be. */
static aplomb_json *entry_of(const repl *r, uint64_t seq) {
	size_t size;
	aplomb_json *json;
	const char *text = repl_story_line(r->story, (size_t)seq, &size);
	return text != NULL && aplomb_json_read(&json, text, size, NULL) == APLOMB_OK ? json : NULL;
}

static const char *text_in(aplomb_value map, const char *name) {
	const char *text = aplomb_value_text(aplomb_value_get(map, name), NULL);
	return text != NULL ? text : "";
}

/* "entry 4, 09:10:00: customer.message" */
static void tell_entry(repl *r, const char *label, uint64_t seq, const char *kind, aplomb_value entry) {
	aplomb_value cause = aplomb_value_get(entry, "cause");
	const char *at = text_in(entry, "at"), *event = text_in(cause, "event"), *state = text_in(cause, "state");
	char clock[9] = "";
	if (strlen(at) >= 19) snprintf(clock, sizeof clock, "%.8s", at + 11);
	repl_text text = {0};
	repl_text_format(&text, "entry %llu: ", (unsigned long long)seq);
	if (strcmp(kind, "opened") == 0)
		repl_text_put(&text, "the case opened");
	else if (strcmp(kind, "timer") == 0 && state[0] != '\0')
		repl_text_format(&text, "time passed in %s", repl_short_path(r, state));
	else
		repl_text_format(&text, "%s%s%s", event, text_in(cause, "by")[0] != '\0' ? " by " : "", text_in(cause, "by"));
	tell_line(r->out, clock, label, TELL_STRONG, repl_text_of(&text));
	repl_text_dispose(&text);
}

/* What is said of an entry in which nothing was decided; false: something was. */
static bool tell_undecided(repl *r, const char *kind, aplomb_value entry) {
	aplomb_value cause = aplomb_value_get(entry, "cause");
	repl_text text = {0};
	bool is_refused = strcmp(kind, "refused") == 0;
	if (is_refused) repl_text_format(&text, "it was refused: %s [%s]", text_in(cause, "message"), text_in(cause, "slug"));
	bool is_faulted = strcmp(kind, "faulted") == 0;
	if (is_faulted) {
		aplomb_value finding = aplomb_value_at(aplomb_value_get(entry, "items"), 0, NULL);
		repl_text_format(&text, "it broke a limit, and was undone: %s [%s]", text_in(finding, "message"), text_in(finding, "slug"));
	}
	if (text.size > 0) tell_line(r->out, NULL, "", TELL_BAD, repl_text_of(&text));
	repl_text_dispose(&text);
	return is_refused;
}

static int why_step(repl *r, uint64_t seq) {
	aplomb_json *json = entry_of(r, seq);
	if (json == NULL) return repl_fail(r, "why: nothing has happened yet.");
	aplomb_value entry = aplomb_json_root(json);
	char kind[16];
	snprintf(kind, sizeof kind, "%s", text_in(entry, "kind"));
	tell_entry(r, "why", seq, kind, entry);
	bool is_undecided = tell_undecided(r, kind, entry);
	aplomb_json_free(json);
	if (is_undecided) return REPL_DONE;
	why_record record = {0};
	bool is_there = why_again(r, seq, &record);
	if (is_there && strcmp(kind, "opened") == 0)
		tell_line(r->out, NULL, "", TELL_PLAIN, "A case begins in the initial states of its playbook, and needs no reason for that.");
	if (is_there) tell_step(r, &record, seq, strcmp(kind, "opened") != 0);
	why_record_dispose(&record);
	return is_there ? REPL_DONE : REPL_FAILED;
}

/* ---- states ---------------------------------------------------------------------------- */

/* Is the state, or one within it, among the active ones that the entry tells? -1: it tells none. */
static int is_active_in(aplomb_value entry, const char *state) {
	aplomb_value items = aplomb_value_get(entry, "items");
	size_t size = strlen(state);
	int answer = -1;
	for (size_t i = 0; i < aplomb_value_count(items); i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		if (strcmp(text_in(item, "do"), "state") != 0) continue;
		answer = 0;
		aplomb_value active = aplomb_value_get(item, "active");
		for (size_t n = 0; n < aplomb_value_count(active); n++) {
			const char *path = aplomb_value_text(aplomb_value_at(active, n, NULL), NULL);
			if (path != NULL && strncmp(path, state, size) == 0 && (path[size] == '\0' || path[size] == '.')) answer = 1;
		}
	}
	return answer;
}

/* The same of an entry by its number; most entries need not be read to see that they tell none. */
static int is_active_at(const repl *r, uint64_t seq, const char *state) {
	static const char word[] = "\"do\":\"state\"";
	size_t size;
	const char *text = repl_story_line(r->story, (size_t)seq, &size);
	if (text == NULL || memmem(text, size, word, sizeof word - 1) == NULL) return -1;
	aplomb_json *json = entry_of(r, seq);
	int active = json != NULL ? is_active_in(aplomb_json_root(json), state) : -1;
	if (json != NULL) aplomb_json_free(json);
	return active;
}

/* The newest entry in which the state became active; 0: none. [*left]: the newest in which it was left behind that, or 0. */
static uint64_t entered_at(const repl *r, const char *state, uint64_t *left) {
	uint64_t entered = 0;
	*left = 0;
	for (uint64_t seq = newest(r); seq > 0 && !repl_is_interrupted(r); seq--) {
		int active = is_active_at(r, seq, state);
		if (active == 1) entered = seq;
		if (active == 0 && entered > 0) break;
		if (active == 0) *left = seq;
	}
	return entered;
}

static bool leads_to(const aplomb_transition *t, const char *state) {
	char target[512];
	size_t size = strlen(state);
	const char *to = t->to;
	while (repl_word(&to, target, sizeof target)) {
		if (strncmp(target, state, size) == 0 && (target[size] == '\0' || target[size] == '.')) return true;
		/* A target around it may begin in it. */
		if (strncmp(state, target, strlen(target)) == 0 && state[strlen(target)] == '.') return true;
	}
	return false;
}

/* The transitions that were taken when the state was entered in that step. */
static void tell_entering(repl *r, const why_record *record, const char *state) {
	size_t entered = record->count;
	for (size_t i = 0; i < record->count; i++)
		if (record->items[i].kind == APLOMB_DECISION_ENTERED && strcmp(record->items[i].name, state) == 0) entered = i;
	bool any = false;
	size_t from = entered;
	while (from > 0 && record->items[from].kind != APLOMB_DECISION_SETTLED) from--;
	while (from > 0 && (record->items[from - 1].kind == APLOMB_DECISION_TRANSITION)) from--;
	for (size_t i = from; i < entered; i++) {
		const why_decision *d = &record->items[i];
		if (d->kind != APLOMB_DECISION_TRANSITION || d->standing != APLOMB_STANDS_TAKEN || !leads_to(&d->transition, state)) continue;
		tell_candidate(r, d);
		any = true;
	}
	if (!any) tell_line(r->out, NULL, "", TELL_PLAIN, "It is entered when the state around it is, without a transition of its own.");
}

static const char *standing_words(aplomb_standing standing) {
	switch (standing) {
	case APLOMB_STANDS_TAKEN: return "it would be taken";
	case APLOMB_STANDS_DEPENDS: return "that depends on the event";
	case APLOMB_STANDS_INACTIVE: return "its state is not active";
	case APLOMB_STANDS_OTHER_EVENT: return "it listens to other events";
	case APLOMB_STANDS_REFUSED: return "its condition does not hold";
	case APLOMB_STANDS_BEATEN: return "another one comes before it";
	case APLOMB_STANDS_PREEMPTED: return "another region's would leave the same states";
	case APLOMB_STANDS_DEFERRED: return "the event would be kept for later";
	}
	return "?";
}

/* What a transition waits for, as a clause. */
static void tell_needed(repl *r, repl_text *text, const why_stand *s) {
	char when[96];
	if (strcmp(s->transition.on, "always") == 0)
		repl_text_put(text, "no event, only its condition");
	else if (s->has_due) {
		repl_when(r, s->due_at, when);
		repl_text_format(text, "time: %s", when);
	} else if (s->transition.after >= 0 || strcmp(s->transition.on, "after") == 0 || strcmp(s->transition.on, "every") == 0 ||
	           strcmp(s->transition.on, "at") == 0)
		repl_text_put(text, "time, which counts from the entry of its state");
	else if (strncmp(s->transition.on, "done.state.", 11) == 0)
		repl_text_format(text, "the end of %s", s->transition.on + 11);
	else
		repl_text_format(text, "%s", s->transition.on);
}

static void tell_stand(repl *r, const why_stand *s, bool with_parts) {
	repl_text text = {0};
	why_name_transition(r, &text, &s->transition);
	line(r, "way", s->standing == APLOMB_STANDS_TAKEN ? TELL_GOOD : TELL_PLAIN, &text);
	tell_needed(r, &text, s);
	line(r, "needs", TELL_PLAIN, &text);
	repl_text_format(&text, "%s", standing_words(s->standing));
	if (s->standing == APLOMB_STANDS_INACTIVE) repl_text_format(&text, ": %s", repl_short_path(r, s->transition.state));
	if (s->other.number > 0) {
		repl_text_put(&text, ": ");
		why_name_transition(r, &text, &s->other);
	}
	if (s->guard != NULL && !s->guard->is_implied) {
		repl_text_put(&text, s->standing == APLOMB_STANDS_REFUSED ? ": " : "; ");
		why_explain(&text, s->guard);
	}
	line(r, "now", TELL_PLAIN, &text);
	if (with_parts) why_show_parts(r, s->guard);
	why_show_place(r, &s->transition);
	repl_text_dispose(&text);
}

static int ways_to(repl *r, const char *state) {
	why_stands stands = {0};
	if (!why_consider(r, &stands)) return REPL_FAILED;
	size_t count = 0;
	for (size_t i = 0; i < stands.count; i++) {
		if (!leads_to(&stands.items[i].transition, state)) continue;
		tell_stand(r, &stands.items[i], false);
		count++;
	}
	if (count == 0) repl_say(r, "No transition leads there; it is entered with the state around it.");
	why_stands_dispose(&stands);
	return REPL_DONE;
}

static int why_state(repl *r, const char *state) {
	uint64_t left;
	uint64_t seq = entered_at(r, state, &left);
	bool is_active = aplomb_case_is_in(r->rt, r->case_id, state);
	if (!is_active) {
		if (seq == 0)
			repl_say(r, "%s is not active, and never was. What leads there:", repl_short_path(r, state));
		else
			repl_say(r,
			    "%s is not active; it was entered last in entry %llu, and left in entry %llu. What leads there:", repl_short_path(r, state),
			    (unsigned long long)seq, (unsigned long long)left);
		return ways_to(r, state);
	}
	aplomb_json *json = entry_of(r, seq);
	if (json == NULL) return repl_fail(r, "why: the entry in which %s was entered is not in this story.", repl_short_path(r, state));
	tell_entry(r, "entered", seq, text_in(aplomb_json_root(json), "kind"), aplomb_json_root(json));
	aplomb_json_free(json);
	why_record record = {0};
	bool is_there = why_again(r, seq, &record);
	if (is_there) tell_entering(r, &record, state);
	why_record_dispose(&record);
	return is_there ? REPL_DONE : REPL_FAILED;
}

/* ---- transitions -------------------------------------------------------------------------- */

/* The newest entry whose items hold the transition; 0: none. */
static uint64_t taken_at(const repl *r, const aplomb_transition *t) {
	char first[512] = "";
	const char *to = t->to;
	repl_word(&to, first, sizeof first);
	for (uint64_t seq = newest(r); seq > 0 && !repl_is_interrupted(r); seq--) {
		aplomb_json *json = entry_of(r, seq);
		if (json == NULL) continue;
		aplomb_value items = aplomb_value_get(aplomb_json_root(json), "items");
		bool is_it = false;
		for (size_t i = 0; i < aplomb_value_count(items) && !is_it; i++) {
			aplomb_value item = aplomb_value_at(items, i, NULL);
			const char *target = aplomb_value_text(aplomb_value_at(aplomb_value_get(item, "to"), 0, NULL), NULL);
			const char *place = text_in(item, "place"), *colon = strrchr(place, ':');
			is_it = strcmp(text_in(item, "do"), "transition") == 0 && strcmp(text_in(item, "from"), t->state) == 0 &&
			        strcmp(target != NULL ? target : "", first) == 0 &&
			        strcmp(text_in(item, "because"), t->because != NULL ? t->because : "") == 0 &&
			        (colon == NULL || strtoul(colon + 1, NULL, 10) == t->line);
		}
		aplomb_json_free(json);
		if (is_it) return seq;
	}
	return 0;
}

/* Tells the transition's part in that step; false: it had none. */
static bool tell_part_in(repl *r, uint64_t seq, uint32_t number, bool only_taken, bool with_parts) {
	why_record record = {0};
	bool found = false;
	if (!why_again(r, seq, &record)) return true;
	for (size_t i = 0; i < record.count; i++) {
		const why_decision *d = &record.items[i];
		if (d->kind != APLOMB_DECISION_TRANSITION || d->transition.number != number) continue;
		if (only_taken && d->standing != APLOMB_STANDS_TAKEN) continue;
		if (!found) {
			aplomb_json *json = entry_of(r, seq);
			tell_entry(r, d->standing == APLOMB_STANDS_TAKEN ? "why" : "why not", seq, text_in(aplomb_json_root(json), "kind"),
			    aplomb_json_root(json));
			aplomb_json_free(json);
		}
		found = true;
		tell_candidate(r, d);
		if (with_parts) why_show_parts(r, d->guard);
		if (d->standing != APLOMB_STANDS_TAKEN) why_show_place(r, &d->transition);
	}
	why_record_dispose(&record);
	return found;
}

static int why_not_now(repl *r, uint32_t number) {
	why_stands stands = {0};
	if (!why_consider(r, &stands)) return REPL_FAILED;
	for (size_t i = 0; i < stands.count; i++)
		if (stands.items[i].transition.number == number) tell_stand(r, &stands.items[i], true);
	why_stands_dispose(&stands);
	return REPL_DONE;
}

static int why_transition(repl *r, const aplomb_transition *t, bool is_not) {
	uint64_t seq = is_not ? 0 : taken_at(r, t);
	if (seq > 0 && tell_part_in(r, seq, t->number, true, true)) return REPL_DONE;
	if (!is_not) repl_say(r, "It was not taken so far.");
	if (is_not) tell_part_in(r, newest(r), t->number, false, false);
	return why_not_now(r, t->number);
}

/* ---- options ------------------------------------------------------------------------------------ */

typedef struct option_field {
	char *name, *value;
	why_guard *guard;
} option_field;

/* What a module made under that id; the first, when there are several. */
typedef struct option {
	const char *id;
	char *word, *place;
	option_field *fields;
	size_t n_fields;
	why_record record; /* of picking it, tried */
} option;

static void take_made(const aplomb_made *made, void *payload) {
	option *o = payload;
	if (o->word != NULL || strcmp(made->id, o->id) != 0) return;
	repl_text place = {0};
	repl_text_format(&place, "%s:%u", made->file, made->line);
	o->word = tell_need_copy(made->word);
	o->place = place.bytes;
	o->n_fields = made->n_fields;
	o->fields = tell_need((made->n_fields + 1) * sizeof *o->fields);
	for (size_t i = 0; i < made->n_fields; i++)
		o->fields[i] = (option_field){
		    tell_need_copy(made->fields[i].name), tell_need_copy(made->fields[i].value), why_guard_copy(made->fields[i].guard)};
}

static void option_dispose(option *o) {
	for (size_t i = 0; i < o->n_fields; i++) {
		free(o->fields[i].name);
		free(o->fields[i].value);
		why_guard_free(o->fields[i].guard);
	}
	free(o->fields);
	free(o->word);
	free(o->place);
	why_record_dispose(&o->record);
}

static void find_option(repl *r, const char *name, option *out) {
	*out = (option){.id = name};
	aplomb_case_made(r->rt, r->case_id, take_made, out, NULL);
}

/* The decision about the transition by which it is picked: the one whose condition names it; NULL: no menu asks. */
static const why_decision *picking_of(repl *r, option *o) {
	repl_text data = {0}, quoted = {0};
	const aplomb_watch watch = {sizeof watch, why_note, &o->record};
	aplomb_event event = APLOMB_EVENT_INIT;
	repl_text_put(&data, "{\"option\":");
	repl_text_json(&data, o->id, strlen(o->id));
	repl_text_put(&data, "}");
	repl_text_json(&quoted, o->id, strlen(o->id));
	event.case_id = r->case_id;
	event.name = "customer.picks";
	event.by = "customer";
	event.data = repl_text_of(&data);
	aplomb_try(r->rt, &event, &watch, NULL, NULL);
	const why_decision *found = NULL;
	for (size_t i = 0; i < o->record.count && found == NULL; i++) {
		const why_decision *d = &o->record.items[i];
		bool names_it = d->kind == APLOMB_DECISION_TRANSITION && d->transition.when != NULL &&
		                strstr(d->transition.when, repl_text_of(&quoted)) != NULL;
		if (names_it && why_listens(&d->transition, event.name)) found = d;
	}
	repl_text_dispose(&data);
	repl_text_dispose(&quoted);
	return found;
}

typedef struct counts {
	repl *r;
	const char *id;
} counts;

/* Counters that have the option's id among the parts of their names: "choosing.refund.rejected". */
static void tell_option_count(const char *name, uint64_t count, void *payload) {
	const counts *c = payload;
	const char *at = strstr(name, c->id);
	size_t size = strlen(c->id);
	if (at == NULL || at == name || at[-1] != '.' || (at[size] != '.' && at[size] != '\0')) return;
	repl_text text = {0};
	repl_text_format(&text, "%s is %llu", name, (unsigned long long)count);
	line(c->r, "counter", TELL_PLAIN, &text);
	repl_text_dispose(&text);
}

static int why_option(repl *r, option *o, bool is_not) {
	repl_text text = {0};
	const why_decision *picking = picking_of(r, o);
	repl_text_format(&text, "%s, a %s", o->id, o->word);
	line(r, "option", TELL_STRONG, &text);
	if (picking == NULL) {
		repl_text_put(&text, "no menu asks about it");
	} else {
		repl_text_put(&text, picking->standing == APLOMB_STANDS_TAKEN ? "open; " : "closed; ");
		if (picking->standing == APLOMB_STANDS_BEATEN)
			repl_text_format(&text, "#%u would be taken before it", picking->other.number);
		else
			why_explain(&text, picking->guard);
	}
	line(r, "now", picking != NULL && picking->standing == APLOMB_STANDS_TAKEN ? TELL_GOOD : TELL_PLAIN, &text);
	for (size_t i = 0; i < o->n_fields; i++) {
		const option_field *field = &o->fields[i];
		if (field->guard != NULL) {
			why_explain(&text, field->guard);
			line(r, field->name, TELL_PLAIN, &text);
			if (is_not) why_show_parts(r, field->guard);
		} else if (field->value != NULL && strcmp(field->value, "false") != 0) {
			repl_text_put(&text, field->value);
			line(r, field->name, TELL_FAINT, &text);
		}
	}
	counts all = {r, o->id};
	aplomb_case_counters(r->rt, r->case_id, tell_option_count, &all);
	if (picking != NULL) {
		why_name_transition(r, &text, &picking->transition);
		line(r, "way", TELL_PLAIN, &text);
		repl_text_format(&text, "customer.picks { option = \"%s\" }", o->id);
		line(r, "needs", TELL_PLAIN, &text);
		if (is_not) why_show_parts(r, picking->guard);
	}
	repl_text_put(&text, o->place);
	line(r, "", TELL_FAINT, &text);
	repl_text_dispose(&text);
	return REPL_DONE;
}

/* ---- what is meant --------------------------------------------------------------------------- */

/* States by the transitions that name them: sources, targets, and what they stand in. */
static void add_state(char ***names, size_t *count, size_t *capacity, const char *path) {
	if (path[0] == '\0') return;
	for (size_t i = 0; i < *count; i++)
		if (strcmp((*names)[i], path) == 0) return;
	tell_need_room(names, *count, 1, capacity, sizeof **names);
	(*names)[(*count)++] = tell_need_copy(path);
	char *dot = strrchr((*names)[*count - 1], '.');
	if (dot == NULL) return;
	char *around = tell_need_copy(path);
	around[dot - (*names)[*count - 1]] = '\0';
	add_state(names, count, capacity, around);
	free(around);
}

typedef struct known {
	char **states;
	size_t count, capacity;
} known;

static void take_active(const char *path, void *payload) {
	known *all = payload;
	add_state(&all->states, &all->count, &all->capacity, path);
}

static known states_of(repl *r, const why_transitions *all) {
	known states = {0};
	aplomb_case_states(r->rt, r->case_id, take_active, &states);
	for (size_t i = 0; i < all->count; i++) {
		char target[512];
		const char *to = all->items[i].to;
		add_state(&states.states, &states.count, &states.capacity, all->items[i].state);
		while (repl_word(&to, target, sizeof target)) add_state(&states.states, &states.count, &states.capacity, target);
	}
	return states;
}

static void known_dispose(known *all) {
	for (size_t i = 0; i < all->count; i++) free(all->states[i]);
	free(all->states);
}

/* The state of that name; [*n] of them fit. */
static const char *find_state(const known *all, const char *name, size_t *n) {
	const char *found = NULL;
	*n = 0;
	for (size_t i = 0; i < all->count; i++) {
		if (strcmp(all->states[i], name) == 0) {
			*n = 1;
			return all->states[i];
		}
		if (!why_is_path(all->states[i], name)) continue;
		found = all->states[i];
		++*n;
	}
	return found;
}

static int list_meant(repl *r, const why_transitions *fitting, const char *verb, const char *name) {
	repl_say(r, "Several transitions are called %s. `%s #NUMBER` asks about one of them:", name, verb);
	for (size_t i = 0; i < fitting->count; i++) {
		repl_text text = {0};
		why_name_transition(r, &text, &fitting->items[i]);
		if (fitting->items[i].when != NULL) repl_text_format(&text, " when %s", fitting->items[i].when);
		line(r, "", TELL_PLAIN, &text);
		repl_text_dispose(&text);
	}
	return REPL_FAILED;
}

static int not_found(repl *r, const known *states, const char *verb, const char *name) {
	char first[256] = "";
	const char *at = name, **names = tell_need((2 * states->count + 1) * sizeof *names);
	size_t count = 0;
	repl_word(&at, first, sizeof first);
	for (size_t i = 0; i < states->count; i++) {
		const char *dot = strrchr(states->states[i], '.');
		names[count++] = states->states[i];
		names[count++] = dot != NULL ? dot + 1 : states->states[i];
	}
	const char *near = aplomb_nearest(first, names, count);
	size_t n;
	int result;
	if (find_state(states, first, &n) != NULL)
		result = repl_fail(r, "%s: state \"%s\" has no such transition. `%s %s` says what leads there, `options` what could happen.", verb,
		    first, verb, first);
	else if (near != NULL)
		result = repl_fail(r, "%s: there is no state \"%s\"; did you mean \"%s\"?", verb, first, near);
	else
		result = repl_fail(r,
		    "%s: there is no state \"%s\". A transition is named by its state, its event and its target, or by its number: "
		    "%s respect customer.message, %s #12",
		    verb, first, verb, verb);
	free(names);
	return result;
}

static bool is_one_word(const char *name) {
	return strpbrk(name, " \t") == NULL;
}

static int why_named(repl *r, const char *name, bool is_not) {
	const char *verb = is_not ? "why not" : "why";
	why_transitions all = {0}, fitting = {0};
	why_transitions_of(r, &all);
	known states = states_of(r, &all);
	size_t n = 0;
	int result;
	const char *state = name[0] != '#' && is_one_word(name) ? find_state(&states, name, &n) : NULL;
	why_transitions_of(r, &fitting);
	why_narrow(&fitting, name);
	option chosen;
	find_option(r, name, &chosen);
	if (state == NULL && chosen.word != NULL)
		result = why_option(r, &chosen, is_not);
	else if (state == NULL && !is_not && is_one_word(name) && why_is_clock(r, name))
		result = why_clock(r, name);
	else if (state != NULL && n == 1 && !is_not)
		result = why_state(r, state);
	else if (state != NULL && n == 1 && !aplomb_case_is_in(r->rt, r->case_id, state))
		result = ways_to(r, state);
	else if (fitting.count == 1)
		result = why_transition(r, &fitting.items[0], is_not);
	else if (fitting.count > 1)
		result = list_meant(r, &fitting, verb, name);
	else if (name[0] == '#')
		result = repl_fail(r, "%s: transitions are numbered from 1 to %zu.", verb, all.count);
	else
		result = not_found(r, &states, verb, name);
	option_dispose(&chosen);
	known_dispose(&states);
	why_transitions_dispose(&all);
	why_transitions_dispose(&fitting);
	return result;
}

static int run_why(repl *r, const char *rest) {
	if (!repl_has_case(r)) return REPL_FAILED;
	return *rest == '\0' ? why_step(r, newest(r)) : why_named(r, rest, false);
}

static int run_why_not(repl *r, const char *rest) {
	if (!repl_has_case(r)) return REPL_FAILED;
	if (*rest == '\0')
		return repl_fail(r, "why not: what? A transition by its state, its event and its target, or by its number, or a state: "
		                    "why not respect customer.message");
	return why_named(r, rest, true);
}

const repl_command repl_cmd_why = {
    .name = "why",
    .form = "why [STATE | TRANSITION | OPTION | CLOCK]",
    .sentence = "Why the last step went as it did, why a state was entered, a transition taken, an option of a menu open, a clock stands "
                "where it does.",
    .group = REPL_WHY,
    .run = run_why,
    .complete = why_complete,
    .about =
        "A transition is named by its state, its event and its target, as far as is needed: why respect customer.message warned; or "
        "by the number that "
        "stands before it: why #12. States are named by the end of their path. The answer says what the condition rests on: of `and` "
        "the part that is "
        "not true, of `or` all of them, of a comparison both sides. A clock is named by its name, and answered with every stretch of its "
        "time: what counted, what did not and why, up to its deadline.",
};

const repl_command repl_cmd_why_not = {
    .name = "why not",
    .form = "why not STATE | TRANSITION | OPTION",
    .sentence = "Why it is not so: the condition with the value of every part, and the event that would be needed.",
    .group = REPL_WHY,
    .run = run_why_not,
    .complete = why_complete,
    .about = "What the answer rests on is marked with an arrow. What an event would carry is not known before it comes: what asks for it "
             "depends on it.",
};
