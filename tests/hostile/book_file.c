/* SPDX-License-Identifier: MIT */
/* Decides how a file of books/ is read: its macros, and what its comments say. */
#include "book_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/test_cmocka.h"

/* ---- macros ------------------------------------------------------------- */

typedef struct growing {
	char *bytes;
	size_t size, capacity;
} growing;

static void add(growing *out, const char *bytes, size_t size) {
	if (out->capacity - out->size <= size) {
		out->capacity = (out->size + size + 1) * 2;
		out->bytes = realloc(out->bytes, out->capacity);
		assert_non_null(out->bytes);
	}
	memcpy(out->bytes + out->size, bytes, size);
	out->size += size;
	out->bytes[out->size] = '\0';
}

static void add_hex(growing *out, const char *digits, size_t size) {
	for (size_t i = 0; i + 1 < size; i += 2) {
		char pair[3] = {digits[i], digits[i + 1], '\0'}, byte = (char)strtoul(pair, NULL, 16);
		add(out, &byte, 1);
	}
}

/* The macro at [at] (behind its "@"), or NULL: it is none. Returns what stands behind it. */
static const char *add_macro(growing *out, const char *at, const char *end, const char *case_id) {
	char *behind;
	unsigned long times = strtoul(at, &behind, 10);
	bool is_count = behind != at;
	const char *name = at;
	if (!is_count) {
		while (behind < end && *behind >= 'a' && *behind <= 'z') behind++;
	}
	if (behind >= end || (*behind != '{' && *behind != '<')) return NULL;
	const char *from = behind + 1, *to = memchr(from, *behind == '{' ? '}' : '>', (size_t)(end - from));
	if (to == NULL) return NULL;
	/* In an envelope only: the file itself stays text. */
	const bool is_bytes = !is_count && strncmp(name, "bytes{", 6) == 0;
	if (is_bytes && case_id[0] == '\0') return NULL;
	for (unsigned long i = 0; is_count && i < times; i++) add(out, from, (size_t)(to - from));
	if (!is_count && strncmp(name, "case{", 5) == 0) add(out, case_id, strlen(case_id));
	if (is_bytes || (!is_count && strncmp(name, "hex{", 4) == 0)) add_hex(out, from, (size_t)(to - from));
	return to + 1;
}

char *book_expand(const char *text, size_t text_size, const char *case_id, size_t *size) {
	growing out = {NULL, 0, 0};
	const char *end = text + text_size;
	add(&out, "", 0);
	for (const char *at = text; at < end;) {
		const char *macro = *at == '@' ? add_macro(&out, at + 1, end, case_id) : NULL;
		if (macro == NULL) add(&out, at, 1);
		at = macro != NULL ? macro : at + 1;
	}
	*size = out.size;
	return out.bytes;
}

/* ---- what the comments say ------------------------------------------------- */

static const char *const end_names[N_ENDS] = {"faulted", "refused", "mistake", "door", "harmless"};

static void read_end(book_file *book, const char *text) {
	char word[16] = "";
	assert_true(sscanf(text, "%15s %95s", word, book->slugs) >= 1);
	for (int i = 0; i < N_ENDS; i++) {
		if (strcmp(word, end_names[i]) == 0) book->end = (book_end)i;
	}
	assert_true(book->end < N_ENDS);
	assert_true((book->end == END_HARMLESS) == (book->slugs[0] == '\0'));
}

static void read_comment(book_file *book, const char *line, size_t size) {
	static const char *const names[] = {
	    "-- ends: ", "-- when: ", "-- memory: ", "-- seconds: ", "-- times: ", "-- policy: ", "-- also: ", "-- post: "};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t prefix = strlen(names[i]);
		if (size < prefix || strncmp(line, names[i], prefix) != 0) continue;
		char *text = strndup(line + prefix, size - prefix);
		assert_non_null(text);
		switch (i) {
		case 0: read_end(book, text); break;
		case 1: book->when = strcmp(text, "timer") == 0 ? WHEN_TIMER : strcmp(text, "rounds") == 0 ? WHEN_ROUNDS : WHEN_OPENING; break;
		case 2: book->memory = strtoul(text, NULL, 10) << 20; break;
		case 3: book->seconds = strtod(text, NULL); break;
		case 4: book->times = strtoul(text, NULL, 10); break;
		case 5: book->policy = book_expand(text, size - prefix, "", &book->policy_size); break;
		case 6:
			assert_null(book->also);
			book->also = book_expand(text, size - prefix, "", &book->also_size);
			break;
		default:
			assert_true(book->n_posts < MOST_POSTS);
			book->posts[book->n_posts++] = text;
			continue;
		}
		free(text);
	}
}

static void read_lines(book_file *book, const char *text) {
	uint32_t number = 1;
	for (const char *at = text; *at != '\0'; number++) {
		size_t size = strcspn(at, "\n");
		const char *mark = memmem(at, size, "--!", 3);
		if (mark != NULL) book->line = number;
		read_comment(book, at, size);
		at += size + (at[size] == '\n');
	}
}

void book_file_read(book_file *out, const char *path) {
	memset(out, 0, sizeof *out);
	const char *base = strrchr(path, '/');
	assert_non_null(base);
	snprintf(out->name, sizeof out->name, "%.*s", (int)strcspn(base + 1, "."), base + 1);
	FILE *file = fopen(path, "rb");
	if (file == NULL) fail_msg("%s cannot be read", path);
	growing text = {NULL, 0, 0};
	add(&text, "", 0);
	char piece[4096];
	for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;) add(&text, piece, got);
	fclose(file);
	out->end = N_ENDS;
	out->memory = (size_t)8 << 20;
	out->seconds = 1;
	out->times = 1;
	read_lines(out, text.bytes);
	if (out->end == N_ENDS) fail_msg("%s does not say how it ends", path);
	out->source = book_expand(text.bytes, text.size, "", &out->size);
	free(text.bytes);
}

bool book_file_ends_with(const book_file *book, const char *slug) {
	for (const char *at = book->slugs; *at != '\0';) {
		size_t size = strcspn(at, "|");
		if (strlen(slug) == size && memcmp(slug, at, size) == 0) return true;
		at += size + (at[size] == '|');
	}
	return false;
}

void book_file_dispose(book_file *book) {
	for (size_t i = 0; i < book->n_posts; i++) free(book->posts[i]);
	free(book->policy);
	free(book->also);
	free(book->source);
}
