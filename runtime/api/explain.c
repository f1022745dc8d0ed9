/* SPDX-License-Identifier: MIT */
/*
 * Decides where the page of a slug begins and ends in docs/findings.md, which
 * is part of the library (findings_text.c is made from it at build time): a
 * page is what stands under the heading `### slug`, up to the next heading.
 */
#include <string.h>

#include "api/findings_text.h"
#include "base/error.h"

/* A heading's line, from its "### " on; the text behind it. */
typedef struct page {
	const char *slug;
	size_t slug_size;
	const char *body;
} page;

static const char *line_end(const char *at, const char *end) {
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	return newline == NULL ? end : newline;
}

/* The first heading line at or behind [from], which begins a line; [marks] are its "#"s and a space. NULL: none. */
static const char *find_heading(const char *from, const char *end, const char *marks) {
	size_t size = strlen(marks);
	for (const char *at = from; at < end; at = line_end(at, end) + 1)
		if ((size_t)(end - at) > size && memcmp(at, marks, size) == 0) return at;
	return NULL;
}

/* The page that begins at or behind [from]. */
static bool next_page(const char *from, const char *end, page *out) {
	const char *heading = find_heading(from, end, "### ");
	if (heading == NULL) return false;
	out->slug = heading + 4;
	const char *eol = line_end(heading, end);
	out->slug_size = (size_t)(eol - out->slug);
	out->body = eol < end ? eol + 1 : end;
	return true;
}

const char *aplomb_explain(const char *slug, size_t *size) {
	if (size != NULL) *size = 0;
	if (slug == NULL) return NULL;
	const char *end = apl_findings_text + apl_findings_text_size;
	page found;
	for (const char *at = apl_findings_text; next_page(at, end, &found); at = found.body) {
		if (found.slug_size != strlen(slug) || memcmp(found.slug, slug, found.slug_size) != 0) continue;
		const char *stop = end;
		/* A section's heading (two marks) ends a page as the next slug's (three) does. */
		for (const char *marks = "### "; *marks == '#'; marks++) {
			const char *heading = find_heading(found.body, stop, marks);
			if (heading != NULL) stop = heading;
		}
		while (found.body < stop && *found.body == '\n') found.body++;
		while (stop > found.body && stop[-1] == '\n') stop--;
		if (size != NULL) *size = (size_t)(stop - found.body);
		return found.body;
	}
	return NULL;
}

const char *aplomb_explained(size_t n, size_t *size) {
	const char *end = apl_findings_text + apl_findings_text_size;
	page found;
	for (const char *at = apl_findings_text; next_page(at, end, &found); at = found.body) {
		if (n-- > 0) continue;
		if (size != NULL) *size = found.slug_size;
		return found.slug;
	}
	return NULL;
}

const char *aplomb_nearest(const char *name, const char *const *names, size_t n_names) {
	if (name == NULL || names == NULL) return NULL;
	apl_nearest nearest = apl_nearest_to(name, strlen(name));
	for (size_t i = 0; i < n_names; i++)
		if (names[i] != NULL) apl_nearest_try(&nearest, names[i]);
	return nearest.best;
}
