/* SPDX-License-Identifier: MIT */
/* Decides how the library's words are kept. */
#include "cli/dictionary.h"

#include <stdlib.h>
#include <string.h>

#include "tell/tell.h"

typedef struct block {
	struct block *next;
	max_align_t start[];
} block;

static void *keep(cli_dictionary *dictionary, const void *from, size_t size) {
	block *b = tell_need(sizeof *b + size);
	memcpy(b->start, from, size);
	b->next = dictionary->blocks;
	dictionary->blocks = b;
	return b->start;
}

static const char *keep_text(cli_dictionary *dictionary, const char *text) {
	return keep(dictionary, text, strlen(text) + 1);
}

static void take(const aplomb_word *word, void *payload) {
	cli_dictionary *dictionary = payload;
	tell_need_room(&dictionary->words, dictionary->count, 1, &dictionary->capacity, sizeof *dictionary->words);
	aplomb_word *kept = &dictionary->words[dictionary->count++];
	*kept = *word;
	kept->name = keep_text(dictionary, word->name);
	kept->form = keep_text(dictionary, word->form);
	kept->sentence = keep_text(dictionary, word->sentence);
	kept->scxml = keep_text(dictionary, word->scxml);
	kept->shape = keep_text(dictionary, word->shape);
	kept->named_by = keep_text(dictionary, word->named_by);
	kept->items = keep_text(dictionary, word->items);
	if (word->module != NULL) kept->module = keep_text(dictionary, word->module);
	if (word->example != NULL) kept->example = keep(dictionary, word->example, word->example_size);
	if (word->n_places > 0) {
		const char **places = keep(dictionary, word->places, word->n_places * sizeof *places);
		for (size_t i = 0; i < word->n_places; i++) places[i] = keep_text(dictionary, places[i]);
		kept->places = places;
	}
	if (word->n_fields > 0) {
		aplomb_word_field *fields = keep(dictionary, word->fields, word->n_fields * sizeof *fields);
		for (size_t i = 0; i < word->n_fields; i++) {
			fields[i].name = keep_text(dictionary, fields[i].name);
			fields[i].takes = keep_text(dictionary, fields[i].takes);
			fields[i].sentence = keep_text(dictionary, fields[i].sentence);
		}
		kept->fields = fields;
	}
}

/* A playbook's own modules' words: those that are not among the library's. */
static void take_new(const aplomb_word *word, void *payload) {
	cli_dictionary *dictionary = payload;
	if (cli_dictionary_find(dictionary, word->name) != NULL) return;
	take(word, dictionary);
	/* Kind by kind: it moves up behind the last of its kind. */
	aplomb_word taken = dictionary->words[dictionary->count - 1];
	size_t at = dictionary->count - 1;
	for (; at > 0 && dictionary->words[at - 1].kind > taken.kind; at--) dictionary->words[at] = dictionary->words[at - 1];
	dictionary->words[at] = taken;
}

static void tell_finding(const aplomb_finding *finding, void *payload) {
	const cli_screens *cli = payload;
	if (finding->severity == APLOMB_ERROR) cli_tell_finding(&cli->err, finding);
}

static int add_playbook(
    cli_dictionary *dictionary, aplomb_runtime *rt, const cli_screens *cli, const char *path, const cli_texts *roots, aplomb_error *error) {
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	load.path = path;
	load.on_finding = tell_finding;
	load.payload = (void *)(uintptr_t)cli;
	load.roots = roots->items;
	load.n_roots = roots->count;
	aplomb_playbook *playbook;
	int code = aplomb_load(rt, &load, &playbook, error);
	return code == APLOMB_OK ? aplomb_playbook_words(rt, playbook, take_new, dictionary, error) : code;
}

int cli_dictionary_open(cli_dictionary *dictionary, const cli_screens *cli, const char *path, const cli_texts *roots) {
	aplomb_error error = {0};
	aplomb_runtime *rt;
	*dictionary = (cli_dictionary){0};
	int code = aplomb_open(&rt, NULL, &error);
	if (code == APLOMB_OK) {
		code = aplomb_words(rt, take, dictionary, &error);
		if (code == APLOMB_OK && path != NULL) code = add_playbook(dictionary, rt, cli, path, roots, &error);
		aplomb_close(rt);
	}
	if (code == APLOMB_OK) return CLI_OK;
	if (code != APLOMB_EPLAYBOOK) cli_tell_error(cli, NULL, 0, 0, error.message, error.slug);
	cli_dictionary_close(dictionary);
	return code == APLOMB_EPLAYBOOK ? CLI_ERRORS : code == APLOMB_EIO ? CLI_NO_INPUT : CLI_INTERNAL;
}

void cli_dictionary_close(cli_dictionary *dictionary) {
	for (block *b = dictionary->blocks; b != NULL;) {
		block *next = b->next;
		free(b);
		b = next;
	}
	free(dictionary->words);
	*dictionary = (cli_dictionary){0};
}

const aplomb_word *cli_dictionary_find(const cli_dictionary *dictionary, const char *name) {
	for (size_t i = 0; i < dictionary->count; i++)
		if (strcmp(dictionary->words[i].name, name) == 0) return &dictionary->words[i];
	return NULL;
}
