/* SPDX-License-Identifier: MIT */
/*
 * Decides how a case is remembered so that it can become what it was: a copy
 * of its words, with references of its own to the record's texts when it has
 * any. For a chart without texts that is a copy of a few words.
 */
#include "base/words.h"
#include "engine/inside.h"

static size_t words_size(const apl_case *c) {
	return c->n_words * sizeof(uint64_t);
}

static uint64_t *data_in(const apl_case *c, uint64_t *words) {
	const apl_chart *chart = c->program->chart;
	return words + (size_t)chart->n_words * (1 + chart->n_history_slots);
}

static size_t stays_size(const apl_case *c) {
	return c->program->chart->n_states * sizeof(apl_stay);
}

apl_case_undo *apl_image_take(apl_arena *arena, apl_case *c) {
	size_t size = words_size(c);
	apl_case_undo *image = apl_arena_take(arena, sizeof *image + size);
	if (image == NULL) return NULL;
	image->stays = NULL;
	if (c->more != NULL && c->more->stays != NULL) {
		image->stays = apl_arena_take(arena, stays_size(c));
		if (image->stays == NULL) return NULL;
		memcpy(image->stays, c->more->stays, stays_size(c));
	}
	image->next = NULL;
	image->the_case = c;
	image->seq = c->seq;
	image->prev = c->prev;
	image->random = c->random;
	image->at = c->at;
	image->opened_at = c->opened_at;
	image->final_state = c->final_state;
	image->status = c->status;
	apl_copy_words(image->words, c->words, size / sizeof *c->words);
	if (apl_prepared_of(c)->has_texts) apl_record_share(c->program->data, data_in(c, image->words), apl_case_data(c));
	return image;
}

void apl_image_put_back(apl_engine *engine, apl_case_undo *image, bool keep) {
	apl_case *c = image->the_case;
	const apl_schema *schema = c->program->data;
	bool has_texts = apl_prepared_of(c)->has_texts;
	if (has_texts) apl_record_dispose(schema, apl_case_data(c), &engine->alloc);
	memcpy(c->words, image->words, words_size(c));
	if (has_texts && keep) apl_record_share(schema, apl_case_data(c), data_in(c, image->words));
	if (image->stays != NULL) memcpy(c->more->stays, image->stays, stays_size(c));
	c->seq = image->seq;
	c->prev = image->prev;
	c->random = image->random;
	c->at = image->at;
	c->opened_at = image->opened_at;
	c->final_state = image->final_state;
	c->status = image->status;
}

void apl_image_drop(apl_engine *engine, apl_case_undo *image) {
	const apl_case *c = image->the_case;
	if (apl_prepared_of(c)->has_texts) apl_record_dispose(c->program->data, data_in(c, image->words), &engine->alloc);
}

bool apl_touch(apl_engine *engine, apl_case *c) {
	if (c->undo != NULL) return true;
	apl_case_undo *image = apl_image_take(&engine->batch.arena, c);
	if (image == NULL) return false;
	image->next = engine->batch.touched;
	engine->batch.touched = image;
	c->undo = image;
	return true;
}
