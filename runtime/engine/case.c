/* SPDX-License-Identifier: MIT */
/*
 * Decides what a case is made of and how it is freed. What happens to it is
 * decided elsewhere.
 */
#include "engine/inside.h"

#include "base/assert.h"

static size_t case_size(const apl_engine *engine, const apl_program *program, uint32_t id_size) {
	return apl_case_id_room(id_size) + sizeof(apl_case) + apl_program_case_words(program) * sizeof(uint64_t) + apl_page_room(engine->pages);
}

/* Would the id look the same as JSON text? */
static bool is_plain(const char *id, uint32_t size) {
	for (uint32_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)id[i];
		if (byte < 0x20 || byte == '"' || byte == '\\') return false;
	}
	return true;
}

apl_case *apl_case_new(apl_engine *engine, apl_program *program, const char *id, uint32_t id_size) {
	char *block = apl_new(&engine->alloc, case_size(engine, program, id_size));
	if (block == NULL) return NULL;
	memcpy(block, id, id_size);
	apl_case *c = (apl_case *)(void *)(block + apl_case_id_room(id_size));
	c->program = program;
	c->n_words = apl_program_case_words(program);
	c->id_size = (uint16_t)id_size;
	c->plain_id = is_plain(id, id_size);
	c->final_state = APL_NONE;
	c->status = APLOMB_CASE_OPEN;
	return c;
}

void apl_deferred_free(apl_engine *engine, apl_deferred *deferred) {
	const apl_program *program = deferred->the_case->program;
	const apl_schema *schema = program->events[deferred->event];
	if (deferred->words != NULL) {
		apl_record_dispose(schema, deferred->words, &engine->alloc);
		apl_free(&engine->alloc, deferred->words, schema->n_words * sizeof(uint64_t));
	}
	apl_free(&engine->alloc, deferred, sizeof *deferred + deferred->by_size + deferred->id_size + deferred->invoke_size + 3);
}

static void free_copy(const apl_alloc *alloc, char *text) {
	if (text != NULL) apl_free(alloc, text, strlen(text) + 1);
}

static void free_more(apl_engine *engine, apl_case *c) {
	apl_case_more *more = c->more;
	const apl_alloc *alloc = &engine->alloc;
	if (more == NULL) return;
	apl_owe_nothing(engine, c);
	apl_ids_drop(alloc, more->ids);
	free_copy(alloc, more->subject);
	free_copy(alloc, more->locale);
	if (more->snapshot_sha256 != NULL) apl_free(alloc, more->snapshot_sha256, APL_SHA256_HEX + 1);
	apl_text_drop(alloc, more->history);
	apl_text_drop(alloc, more->fault);
	const apl_schema *params = c->program->params;
	if (more->params != NULL) {
		apl_record_dispose(params, more->params, alloc);
		apl_free(alloc, more->params, params->n_words * sizeof(uint64_t));
	}
	apl_seen_dispose(alloc, &more->seen);
	while (more->deferred != NULL) {
		apl_deferred *gone = more->deferred;
		more->deferred = gone->next;
		apl_deferred_free(engine, gone);
	}
	if (more->counters != NULL) {
		for (uint32_t i = 0; i < c->program->n_counters; i++) {
			apl_free(alloc, more->counters[i].instants, more->counters[i].capacity * sizeof(aplomb_instant));
		}
		apl_free(alloc, more->counters, c->program->n_counters * sizeof(apl_counted));
	}
	apl_free(alloc, more->stays, c->program->chart->n_states * sizeof(apl_stay));
	apl_children_free(alloc, c);
	apl_calendars_free(engine, c);
	apl_free(alloc, more, sizeof *more);
	c->more = NULL;
}

void apl_case_free(apl_engine *engine, apl_case *c) {
	if (engine->step.turn.the_case == c) engine->step.turn.the_case = NULL;
	APL_ASSERT(c->undo == NULL);
	while (c->timers != NULL) {
		apl_case_timer *gone = c->timers;
		c->timers = gone->next;
		apl_timerq_remove(&engine->timers, &gone->timer);
		apl_timer_free(engine, gone);
	}
	if (c->handle != 0) apl_handle_drop(&engine->handles, c);
	free_more(engine, c);
	apl_record_dispose(c->program->data, apl_case_data(c), &engine->alloc);
	apl_free(&engine->alloc, (char *)c - apl_case_id_room(c->id_size), case_size(engine, c->program, c->id_size));
}

char *apl_case_sha256_of(apl_engine *engine, apl_case_more *more) {
	if (more->snapshot_sha256 == NULL) more->snapshot_sha256 = apl_new(&engine->alloc, APL_SHA256_HEX + 1);
	return more->snapshot_sha256;
}

apl_case_more *apl_case_more_of(apl_engine *engine, apl_case *c) {
	if (c->more == NULL) c->more = apl_new(&engine->alloc, sizeof *c->more);
	return c->more;
}

bool apl_case_prepare_counts(apl_engine *engine, apl_case *c) {
	const apl_program *program = c->program;
	if (program->n_counters == 0 && !program->asks_time_in && program->chart->n_invokes == 0) return true;
	apl_case_more *more = apl_case_more_of(engine, c);
	if (more == NULL) return false;
	if (program->n_counters > 0 && more->counters == NULL) {
		more->counters = apl_new(&engine->alloc, program->n_counters * sizeof *more->counters);
		if (more->counters == NULL) return false;
	}
	if (program->asks_time_in && more->stays == NULL) {
		more->stays = apl_new(&engine->alloc, program->chart->n_states * sizeof *more->stays);
		if (more->stays == NULL) return false;
	}
	if (program->chart->n_invokes > 0 && more->children == NULL) {
		more->children = apl_new(&engine->alloc, program->chart->n_invokes * sizeof(apl_child *));
		if (more->children == NULL) return false;
	}
	return true;
}

bool apl_record_own(const apl_alloc *alloc, const apl_schema *schema, uint64_t *to, const uint64_t *from) {
	APL_ASSERT(schema->spread == NULL); /* only a case's data are spread */
	memcpy(to, from, schema->n_words * sizeof *to);
	for (uint32_t i = 0; i < schema->n_text_fields; i++) {
		const apl_field *field = &schema->fields[schema->text_fields[i]];
		apl_text *text = (apl_text *)(uintptr_t)from[field->word];
		if (text == NULL) continue;
		apl_text *owned = apl_text_keep(alloc, text);
		if (owned == NULL) {
			/* What has not been reached is not ours to drop. */
			for (uint32_t rest = i; rest < schema->n_text_fields; rest++) to[schema->fields[schema->text_fields[rest]].word] = 0;
			apl_record_dispose(schema, to, alloc);
			return false;
		}
		to[field->word] = (uint64_t)(uintptr_t)owned;
	}
	return true;
}

uint32_t apl_case_limited_timers(const apl_case *c) {
	uint32_t count = 0;
	for (const apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) count += apl_timer_clock(timer) == APL_NONE;
	return count;
}

uint32_t apl_case_count_timers(const apl_case *c) {
	uint32_t count = 0;
	for (const apl_case_timer *timer = c->timers; timer != NULL; timer = timer->next) count++;
	return count;
}

const uint64_t *apl_case_params(const apl_case *c) {
	return c->more != NULL && c->more->params != NULL ? c->more->params : c->program->params->initial;
}

const char *apl_case_subject(const apl_case *c) {
	return c->more != NULL ? c->more->subject : NULL;
}

const apl_text *apl_case_subject_history(const apl_case *c) {
	return c->more != NULL ? c->more->history : NULL;
}

const char *apl_case_locale(const apl_case *c) {
	return c->more != NULL ? c->more->locale : NULL;
}

const char *apl_case_parent(const apl_case *c) {
	return c->more != NULL && c->more->parent != NULL ? c->more->parent->texts : NULL;
}

const char *apl_case_invoke(const apl_case *c) {
	return c->more != NULL && c->more->parent != NULL ? apl_parent_invoke(c->more->parent) : NULL;
}
