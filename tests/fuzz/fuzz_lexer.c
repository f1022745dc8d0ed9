/* SPDX-License-Identifier: MIT */
/*
 * Any bytes: tokens stand behind one another and within the source, their
 * places agree with those of the index, their values can be read; constructors,
 * entries and calls lie within the lists, and can be found again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "lua/places.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tokens(const apl_places *places, const char *source, size_t size, const apl_alloc *alloc) {
	apl_buf value;
	apl_buf_init(&value, alloc);
	apl_lexer lexer;
	apl_lexer_init(&lexer, source, size);
	uint32_t end = 0;
	for (;;) {
		apl_token token = apl_lexer_next(&lexer);
		APL_ASSERT(token.offset >= end && token.offset <= size && token.size <= size - token.offset);
		apl_place place = apl_places_at(places, token.offset);
		APL_ASSERT(place.line == token.line && place.column == token.column);
		if (token.kind == APL_TOKEN_END) break;
		APL_ASSERT(token.size > 0);
		end = token.offset + token.size;
		if (token.kind == APL_TOKEN_TEXT || token.kind == APL_TOKEN_LONG_TEXT) {
			uint32_t from, to;
			apl_token_inside(source, &token, &from, &to);
			APL_ASSERT(from > token.offset && from <= to && to < end);
			apl_buf_clear(&value);
			apl_token_value(source, &token, &value);
			APL_ASSERT(!value.failed && value.size <= token.size);
			if (token.is_plain) APL_ASSERT(value.size == to - from);
		} else if (token.kind == APL_TOKEN_NUMBER) {
			int64_t integer;
			double real;
			apl_token_to_number(source, &token, &integer, &real);
		}
	}
	APL_ASSERT(lexer.next == size);
	apl_buf_dispose(&value);
}

static void check_index(const apl_places *places) {
	for (uint32_t i = 0; i < places->n_tables; i++) {
		const apl_site_table *table = &places->tables[i];
		APL_ASSERT(table->at < places->size && table->first_entry + table->n_items + table->n_keys <= places->n_entries);
		for (uint32_t item = 1; item <= table->n_items && item < 100; item++) {
			const apl_site_entry *entry = apl_places_item(places, i, item);
			uint32_t offset;
			bool is_plain;
			APL_ASSERT(entry->key_kind == APL_KEY_NONE && entry->value_at < places->size);
			if (entry->value_kind == APL_VALUE_CALL) APL_ASSERT(entry->ref < places->n_calls);
			uint32_t other = apl_places_table_of(places, entry);
			APL_ASSERT(other == APL_NO_SITE || other < places->n_tables);
			apl_places_text(places, entry, &offset, &is_plain);
		}
		for (uint32_t k = 0; k < table->n_keys && k < 100; k++) {
			const apl_site_entry *key = &places->entries[table->first_entry + table->n_items + k];
			APL_ASSERT(key->key_kind != APL_KEY_NONE && key->key_at < places->size);
			if (key->key_kind != APL_KEY_TEXT) continue;
			const apl_site_entry *found = apl_places_key(places, i, places->texts.bytes + key->key.text.at, key->key.text.size);
			APL_ASSERT(found != NULL && found->key.text.size == key->key.text.size);
		}
	}
	for (uint32_t i = 0; i < places->n_calls && i < 200; i++) {
		const apl_site_call *call = &places->calls[i];
		APL_ASSERT(call->before == APL_NO_SITE || call->before < i);
		APL_ASSERT(call->table == APL_NO_SITE || call->table < places->n_tables);
		char word[64];
		if (call->word_size >= sizeof word) continue;
		memcpy(word, places->source + call->word, call->word_size);
		word[call->word_size] = '\0';
		if (strlen(word) != call->word_size) continue;
		const apl_site_call *named = call->before != APL_NO_SITE ? &places->calls[call->before] : call;
		bool has_name = named->name_size != UINT32_MAX;
		uint32_t first;
		uint32_t count = apl_places_calls(places, call->line, word, has_name ? places->texts.bytes + named->name : "",
		    has_name ? named->name_size : 0, call->before != APL_NO_SITE, &first);
		bool is_there = false;
		for (uint32_t c = 0; c < count; c++) is_there = is_there || places->sorted[first + c] == i;
		APL_ASSERT(is_there);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	apl_alloc alloc = apl_alloc_system();
	apl_findings findings;
	apl_findings_init(&findings, &alloc);
	apl_places_options options = {"f", (const char *)data, size, size % 2 == 0};
	apl_places *places = apl_places_new(&alloc, &options, &findings);
	APL_ASSERT(places != NULL);
	check_tokens(places, (const char *)data, size, &alloc);
	check_index(places);
	apl_places_free(places);
	apl_findings_dispose(&findings);
	return 0;
}
