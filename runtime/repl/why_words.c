/* SPDX-License-Identifier: MIT */
/*
 * Decides how a decision is put into words: what a guard rests on comes first,
 * as a clause; the value of every part only when somebody asks.
 */
#include <stdlib.h>
#include <string.h>

#include "repl/why.h"

/* ---- transitions ------------------------------------------------------------------ */

static bool is_of_machine(const char *on) {
	return strcmp(on, "always") == 0 || strcmp(on, "after") == 0 || strcmp(on, "every") == 0 || strcmp(on, "at") == 0;
}

void why_name_transition(repl *r, repl_text *out, const aplomb_transition *t) {
	char span[32], target[512];
	const char *to = t->to;
	repl_text_format(out, "#%u %s %s%s", t->number, t->state[0] != '\0' ? repl_short_path(r, t->state) : "(the whole)",
	    is_of_machine(t->on) ? "" : "on ", t->on);
	if (t->after >= 0) repl_text_format(out, " %s", tell_span(t->after, span));
	if (t->to[0] == '\0') return;
	repl_text_put(out, " \xE2\x86\x92");
	while (repl_word(&to, target, sizeof target)) repl_text_format(out, " %s", repl_short_path(r, target));
}

void why_show_place(repl *r, const aplomb_transition *t) {
	repl_text line = {0};
	if (t->because != NULL) {
		repl_text_format(&line, "because %s", t->because);
		tell_line(r->out, NULL, "", TELL_FAINT, repl_text_of(&line));
		repl_text_clear(&line);
	}
	if (t->file[0] != '\0') {
		repl_text_format(&line, "%s:%u", t->file, t->line);
		tell_line(r->out, NULL, "", TELL_FAINT, repl_text_of(&line));
	}
	repl_text_dispose(&line);
}

/* ---- guards ------------------------------------------------------------------------- */

static const char *verdict_word(aplomb_verdict verdict) {
	switch (verdict) {
	case APLOMB_VERDICT_FALSE: return "is false";
	case APLOMB_VERDICT_TRUE: return "is true";
	case APLOMB_VERDICT_UNKNOWN: return "is unknown";
	case APLOMB_VERDICT_DEPENDS: return "depends on the event";
	case APLOMB_VERDICT_ERROR: return "came to nothing";
	case APLOMB_VERDICT_NONE: break;
	}
	return "was not asked";
}

static bool is_truth(const aplomb_part *part) {
	return part->verdict != APLOMB_VERDICT_NONE;
}

/* One past the last part that belongs to [at]. */
static size_t end_of(const why_guard *guard, size_t at) {
	size_t end = at + 1;
	while (end < guard->n_parts && guard->parts[end].depth > guard->parts[at].depth) end++;
	return end;
}

static bool has_deciding_truth(const why_guard *guard, size_t at) {
	for (size_t i = at + 1; i < end_of(guard, at); i++)
		if (guard->parts[i].decides && is_truth(&guard->parts[i])) return true;
	return false;
}

static void separate(repl_text *out, size_t begun, const char *separator) {
	if (out->size > begun) repl_text_put(out, separator);
}

/* What is the same in every case: literals, and what is made of them alone. */
static bool is_constant(const aplomb_part *part) {
	return part->kind == APLOMB_PART_LITERAL || strcmp(part->text, part->shown) == 0;
}

/* "a is 1, b is missing": what is looked at right below, literals left out. */
static void explain_values(repl_text *out, const why_guard *guard, size_t at, const char *before) {
	bool any = false;
	for (size_t i = at + 1; i < end_of(guard, at); i = end_of(guard, i)) {
		const aplomb_part *part = &guard->parts[i];
		if (!part->decides || is_constant(part) || is_truth(part)) continue;
		bool depends = strncmp(part->shown, "depends", 7) == 0;
		repl_text_put(out, any ? ", " : before);
		any = true;
		repl_text_format(out, "%s %s%s", part->text, depends ? "" : "is ", part->shown);
	}
}

/* Each truth within the part that makes the difference, with what it saw. */
static void explain_truths(repl_text *out, const why_guard *guard, size_t from, size_t end, size_t begun) {
	for (size_t i = from; i < end; i++) {
		const aplomb_part *part = &guard->parts[i];
		if (!part->decides || !is_truth(part) || has_deciding_truth(guard, i)) continue;
		separate(out, begun, "; ");
		if (part->kind == APLOMB_PART_PATH && part->missing != NULL) {
			repl_text_format(out, "%s is missing", part->text);
			continue;
		}
		repl_text_format(out, "%s %s", part->text, verdict_word(part->verdict));
		if (part->verdict != APLOMB_VERDICT_DEPENDS) explain_values(out, guard, i, ", for ");
	}
}

/* The last line at which a function looked at something; 0: there is none. */
static size_t last_line_of(const why_guard *guard) {
	for (size_t i = guard->n_parts; i > 0; i--)
		if (guard->parts[i - 1].kind == APLOMB_PART_LINE) return i - 1;
	return 0;
}

static void explain_function(repl_text *out, const why_guard *guard) {
	size_t line = last_line_of(guard);
	repl_text_format(out, "%s %s", guard->label, verdict_word(guard->verdict));
	if (line == 0) {
		repl_text_put(out, "; it looks at nothing of the case");
		return;
	}
	/* A function that is its own text has said it already. */
	repl_text_format(out, ", for at %s:%u it saw: ", guard->parts[line].file, guard->parts[line].line);
	size_t begun = out->size;
	for (size_t i = line + 1; i < end_of(guard, line); i = end_of(guard, i)) {
		const aplomb_part *part = &guard->parts[i];
		if (part->kind == APLOMB_PART_CONDITION) {
			separate(out, begun, "; ");
			explain_truths(out, guard, i + 1, end_of(guard, i), out->size);
			continue;
		}
		separate(out, begun, ", ");
		bool depends = strncmp(part->shown, "depends", 7) == 0;
		repl_text_format(out, "%s %s%s", part->text, depends ? "" : "is ", part->shown);
	}
}

void why_explain(repl_text *out, const why_guard *guard) {
	if (guard == NULL) {
		repl_text_put(out, "it has no condition");
	} else if (guard->n_parts == 0) {
		repl_text_format(out, "%s %s", guard->label, verdict_word(guard->verdict));
	} else if (guard->verdict == APLOMB_VERDICT_ERROR && guard->error != NULL) {
		repl_text_format(out, "%s came to nothing: %s", guard->label, guard->error);
	} else if (guard->parts[0].kind == APLOMB_PART_FUNCTION) {
		explain_function(out, guard);
	} else if (guard->parts[0].kind == APLOMB_PART_STATE) {
		repl_text_format(out, "it %s in %s", guard->verdict == APLOMB_VERDICT_TRUE ? "ended" : "did not end", guard->parts[0].text);
	} else {
		explain_truths(out, guard, 0, guard->n_parts, out->size);
	}
}

void why_show_parts(repl *r, const why_guard *guard) {
	if (guard == NULL || guard->n_parts == 0) return;
	repl_text line = {0};
	for (size_t i = 0; i < guard->n_parts; i++) {
		const aplomb_part *part = &guard->parts[i];
		if (is_constant(part) && i > 0) {
			i = end_of(guard, i) - 1;
			continue;
		}
		/* A condition and the whole of its text are the same. */
		if (i > 0 && guard->parts[i - 1].kind == APLOMB_PART_CONDITION && strcmp(guard->parts[i - 1].text, part->text) == 0) continue;
		repl_text_clear(&line);
		for (uint32_t d = 0; d < part->depth; d++) repl_text_put(&line, "\xC2\xB7 ");
		if (part->kind == APLOMB_PART_LINE)
			repl_text_format(&line, "line %u: %s", part->line, part->text);
		else if (part->kind == APLOMB_PART_FUNCTION)
			repl_text_format(&line, "%s, a function (%s:%u): %s", part->text, part->file, part->line, part->shown);
		else
			repl_text_format(&line, "%s: %s", part->text, part->shown);
		if (part->decides) repl_text_put(&line, " \xE2\x86\x90");
		tell_line(r->out, NULL, i == 0 ? "asks" : "", part->decides ? TELL_STRONG : TELL_FAINT, repl_text_of(&line));
	}
	repl_text_dispose(&line);
}
