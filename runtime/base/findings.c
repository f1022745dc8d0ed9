/* SPDX-License-Identifier: MIT */
/*
 * Decides in which order findings are told and what they amount to. What is a
 * finding is decided by whoever looks at the playbook.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* One block a finding: this, then file, slug and message, each terminated. */
struct finding {
	size_t size; /* of the block */
	aplomb_severity severity;
	uint32_t line;
	uint32_t column;
	const char *file; /* or NULL */
	const char *slug;
	const char *message;
	char texts[];
};

/* Kept sorted by place; within a place in the order told. */
struct apl_finding_item {
	struct finding *finding;
};

void apl_findings_init(apl_findings *findings, const apl_alloc *alloc) {
	*findings = (apl_findings){.alloc = *alloc};
}

void apl_findings_dispose(apl_findings *findings) {
	for (uint32_t i = 0; i < findings->count; i++) apl_free(&findings->alloc, findings->items[i].finding, findings->items[i].finding->size);
	apl_free(&findings->alloc, findings->items, findings->capacity * sizeof *findings->items);
	apl_alloc alloc = findings->alloc;
	apl_findings_init(findings, &alloc);
}

/* Is [place] before that of [finding]? No file is before any file. */
static bool is_before(apl_place place, const struct finding *finding) {
	const char *left = place.file != NULL ? place.file : "";
	const char *right = finding->file != NULL ? finding->file : "";
	int order = strcmp(left, right);
	if (order != 0) return order < 0;
	return place.line != finding->line ? place.line < finding->line : place.column < finding->column;
}

/* Where a finding at [place] belongs: behind all that are not after it. */
static uint32_t position(const apl_findings *findings, apl_place place) {
	uint32_t low = 0;
	uint32_t high = findings->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (is_before(place, findings->items[middle].finding))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static const char *append(char **next, const char *text) {
	char *copy = *next;
	size_t size = strlen(text) + 1;
	memcpy(copy, text, size);
	*next += size;
	return copy;
}

/* A finding with its texts; [message_size] without the terminator. NULL without memory. */
static struct finding *make(const apl_alloc *alloc, const char *slug, apl_place place, size_t message_size) {
	size_t file_size = place.file != NULL ? strlen(place.file) + 1 : 0;
	size_t size = sizeof(struct finding) + file_size + strlen(slug) + 1 + message_size + 1;
	struct finding *finding = apl_new(alloc, size);
	if (finding == NULL) return NULL;
	char *next = finding->texts;
	finding->size = size;
	finding->line = place.line;
	finding->column = place.column;
	finding->file = place.file != NULL ? append(&next, place.file) : NULL;
	finding->slug = append(&next, slug);
	finding->message = next;
	return finding;
}

/* Of one event in one place two candidates may say the same; where only the line is known, two things may be meant. */
static bool is_same(const struct finding *a, const struct finding *b) {
	return a->column != 0 && a->size == b->size && a->line == b->line && a->column == b->column && a->severity == b->severity &&
	       memcmp(a->texts, b->texts, a->size - sizeof *a) == 0;
}

/* A message may quote any bytes of a file, or cut them anywhere. */
static void make_valid(char *text, size_t size) {
	for (size_t valid; (valid = apl_utf8_valid(text, size)) != size; text += valid + 1, size -= valid + 1) text[valid] = '?';
}

/* Are there enough of its kind? Says so once. */
static bool is_one_too_many(apl_findings *findings, aplomb_severity severity, apl_place place) {
	if (severity == APLOMB_ERROR ? findings->errors < APL_MOST_FINDINGS : findings->count - findings->errors < APL_MOST_FINDINGS)
		return false;
	if (!findings->is_cut) {
		findings->is_cut = true;
		const apl_place file = {place.file, 0, 0};
		struct finding *finding = NULL;
		static const char message[] = "there is more to say than these findings; it is told when they are mended";
		if (APL_GROW(&findings->alloc, findings->items, findings->count, findings->capacity))
			finding = make(&findings->alloc, "limit-findings", file, sizeof message - 1);
		if (finding == NULL) {
			findings->out_of_memory = true;
			findings->errors++;
			return true;
		}
		memcpy((char *)finding->message, message, sizeof message);
		finding->severity = APLOMB_NOTE;
		uint32_t at = position(findings, file);
		memmove(findings->items + at + 1, findings->items + at, (findings->count - at) * sizeof *findings->items);
		findings->items[at].finding = finding;
		findings->count++;
	}
	return true;
}

void apl_vfound(
    apl_findings *findings, aplomb_severity severity, const char *slug, apl_place place, const char *format, va_list arguments) {
	if (is_one_too_many(findings, severity, place)) return;
	va_list again;
	va_copy(again, arguments);
	struct finding *finding = NULL;
	int length = vsnprintf(NULL, 0, format, arguments);
	if (length >= 0 && APL_GROW(&findings->alloc, findings->items, findings->count, findings->capacity))
		finding = make(&findings->alloc, slug, place, (size_t)length);
	if (finding == NULL) {
		findings->out_of_memory = true;
		findings->errors++;
	} else {
		vsnprintf((char *)finding->message, (size_t)length + 1, format, again);
		make_valid((char *)finding->message, (size_t)length);
		finding->severity = severity;
		uint32_t at = position(findings, place);
		if (at > 0 && is_same(findings->items[at - 1].finding, finding)) {
			apl_free(&findings->alloc, finding, finding->size);
			va_end(again);
			return;
		}
		memmove(findings->items + at + 1, findings->items + at, (findings->count - at) * sizeof *findings->items);
		findings->items[at].finding = finding;
		findings->count++;
		if (severity == APLOMB_ERROR) findings->errors++;
	}
	va_end(again);
}

void apl_found(apl_findings *findings, aplomb_severity severity, const char *slug, apl_place place, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	apl_vfound(findings, severity, slug, place, format, arguments);
	va_end(arguments);
}

void apl_findings_move(apl_findings *findings, apl_place (*move)(const void *self, apl_place place), const void *self) {
	apl_findings moved;
	apl_findings_init(&moved, &findings->alloc);
	for (uint32_t i = 0; i < findings->count; i++) {
		const struct finding *finding = findings->items[i].finding;
		const apl_place place = move(self, (apl_place){finding->file, finding->line, finding->column});
		apl_found(&moved, finding->severity, finding->slug, place, "%s", finding->message);
	}
	moved.is_cut = moved.is_cut || findings->is_cut;
	if (findings->out_of_memory && !moved.out_of_memory) moved.errors++;
	moved.out_of_memory = moved.out_of_memory || findings->out_of_memory;
	apl_findings_dispose(findings);
	*findings = moved;
}

void apl_findings_tell(apl_findings *findings, aplomb_finding_fn tell, void *payload) {
	for (uint32_t i = 0; i < findings->count; i++) {
		const struct finding *finding = findings->items[i].finding;
		aplomb_finding told = {
		    sizeof told, finding->severity, finding->slug, finding->message, finding->file, finding->line, finding->column};
		tell(&told, payload);
	}
}

int apl_findings_verdict(const apl_findings *findings, aplomb_error *error) {
	if (findings->out_of_memory) return apl_fail_memory(error);
	for (uint32_t i = 0; i < findings->count; i++) {
		const struct finding *finding = findings->items[i].finding;
		if (finding->severity != APLOMB_ERROR) continue;
		apl_place place = {finding->file, finding->line, finding->column};
		return apl_fail_at(error, APLOMB_EPLAYBOOK, finding->slug, place, "%s", finding->message);
	}
	return APLOMB_OK;
}
