/* SPDX-License-Identifier: MIT */
/*
 * Decides how a record is written: as canonical JSON for journals, snapshots
 * and effects, and as plain bytes for the digest. Both are functions of the
 * values alone, so equal records give equal bytes.
 */

#include "data/layout.h"
#include "time/instant.h"
#include "value/scan.h"

static void write_quoted(apl_buf *out, const char *bytes, size_t size) {
	apl_buf_byte(out, '"');
	apl_buf_add(out, bytes, size);
	apl_buf_byte(out, '"');
}

/* What most members are: a text that needs no escapes, an integer, a boolean. Only in room that is there. */
static inline char *put_simple(char *to, const uint64_t *words, const apl_field *field) {
	if (field->type == APL_TYPE_INTEGER) return apl_put_integer(to, apl_record_integer(words, field));
	if (field->type == APL_TYPE_BOOLEAN) {
		bool is_true = words[field->word] != 0;
		memcpy(to, is_true ? "true " : "false", 5);
		return to + (is_true ? 4 : 5);
	}
	if (field->type != APL_TYPE_TEXT) return NULL;
	const apl_text *text = apl_record_text(words, field);
	*to = '"';
	bool is_short = text->size <= APL_TEXT_READABLE && text->refs == 0;
	if (!(is_short ? apl_copy_unescaped_32(to + 1, text->bytes, text->size) : apl_copy_unescaped(to + 1, text->bytes, text->size)))
		return NULL;
	to[1 + text->size] = '"';
	return to + text->size + 2;
}

/* What put_simple may need for it. */
static inline size_t room_for(const uint64_t *words, const apl_field *field) {
	return field->type == APL_TYPE_TEXT ? apl_record_text(words, field)->size + 2 : APL_INTEGER_SIZE;
}

static void write_members(apl_buf *out, const apl_schema *schema, const uint64_t *words, const apl_field *parent, bool redact) {
	const struct apl_schema_private *own = schema->private_;
	const apl_field *fields = schema->fields;
	size_t comma = 0; /* the label begins with one; the first member's is left out */
	apl_buf_byte(out, '{');
	for (uint32_t i = parent->first_by_name; i != APL_NO_FIELD; i = fields[i].next_by_name) {
		const apl_field *field = &fields[i];
		bool has = apl_record_has(words, field);
		/* Cleared, but with a default: null, or the default would be back after reading. */
		bool was_cleared = !has && (field->has_default || own->default_within[i]);
		if (!has && !was_cleared) continue;
		const char *label = own->labels[i] + 1 - comma;
		size_t label_size = field->name_size + 3 + comma;
		comma = 1;
		if (has && !(redact && field->personal) && field->type != APL_TYPE_FIELDS) {
			char *to = apl_buf_reserve(out, label_size + room_for(words, field) + APL_BLOCK);
			if (to == NULL) return;
			if (label_size <= 16)
				memcpy(to, label, 16);
			else
				apl_copy_blocks(to, label, label_size);
			to = put_simple(to + label_size, words, field);
			if (to != NULL) {
				out->size = (size_t)(to - out->bytes);
				continue;
			}
		}
		apl_buf_add(out, label, label_size);
		if (has || field->type == APL_TYPE_FIELDS)
			apl_layout_write(out, schema, words, i, redact);
		else
			APL_BUF_LITERAL(out, "null");
	}
	apl_buf_byte(out, '}');
}

void apl_layout_write(apl_buf *out, const apl_schema *schema, const uint64_t *words, uint32_t number, bool redact) {
	const apl_field *field = &schema->fields[number];
	char text[APL_SPAN_TEXT];
	if (redact && field->personal) {
		APL_BUF_LITERAL(out, "\"[personal]\"");
		return;
	}
	switch ((apl_type)field->type) {
	case APL_TYPE_TEXT: apl_json_write_text(out, apl_record_text(words, field)->bytes, apl_record_text(words, field)->size); return;
	case APL_TYPE_INTEGER: apl_json_write_integer(out, apl_record_integer(words, field)); return;
	case APL_TYPE_NUMBER: apl_json_write_number(out, apl_record_number(words, field)); return;
	case APL_TYPE_BOOLEAN:
		if (words[field->word] != 0)
			APL_BUF_LITERAL(out, "true");
		else
			APL_BUF_LITERAL(out, "false");
		return;
	case APL_TYPE_MONEY: write_quoted(out, text, apl_money_write(apl_record_money(words, field), text)); return;
	case APL_TYPE_INSTANT: write_quoted(out, text, apl_instant_write(apl_record_integer(words, field), text)); return;
	case APL_TYPE_SPAN:
		write_quoted(out, text, apl_span_write_in(apl_record_integer(words, field), apl_record_span_unit(words, field), text));
		return;
	case APL_TYPE_ONE_OF: {
		const apl_choice *choice = &schema->private_->choices[number][words[field->word]];
		apl_buf_add(out, choice->json, choice->json_size);
		return;
	}
	case APL_TYPE_LIST:
	case APL_TYPE_ANY:
		if (schema->spread != NULL && schema->spread->field == number) {
			apl_spread_write(out, schema, words);
			return;
		}
		apl_buf_add(out, apl_record_text(words, field)->bytes, apl_record_text(words, field)->size);
		return;
	case APL_TYPE_FIELDS: write_members(out, schema, words, field, redact); return;
	}
}

void apl_field_write(apl_buf *out, const apl_schema *schema, const uint64_t *words, uint32_t field) {
	apl_layout_write(out, schema, words, field, false);
}

void apl_record_write(apl_buf *out, const apl_schema *schema, const uint64_t *words, bool redact) {
	apl_layout_write(out, schema, words, 0, redact);
}

/* ---- bytes -------------------------------------------------------------- */

static uint64_t little_endian(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return __builtin_bswap64(word);
#else
	return word;
#endif
}

/*
 * The words, with a text's length in place of its address; then the texts. A spread field counts as the one text that it stands for, and
 * its slots not at all.
 */
void apl_record_bytes(apl_buf *out, const apl_schema *schema, const uint64_t *words) {
	const apl_spread *spread = schema->spread;
	const uint32_t n_words = spread != NULL ? spread->kinds : schema->n_words;
	size_t size = n_words * sizeof *words;
	char *to = apl_buf_reserve(out, size);
	if (to == NULL || size == 0) return;
	size_t begun = out->size;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (uint32_t i = 0; i < n_words; i++) {
		uint64_t word = little_endian(words[i]);
		memcpy(to + i * sizeof word, &word, sizeof word);
	}
#else
	memcpy(to, words, size);
#endif
	out->size += size;
	for (uint32_t i = 0; i < schema->n_text_fields; i++) {
		const apl_field *field = &schema->fields[schema->text_fields[i]];
		const apl_text *text = apl_record_text(words, field);
		size_t before = out->size;
		if (text != NULL && spread != NULL && spread->field == schema->text_fields[i])
			apl_spread_write(out, schema, words);
		else if (text != NULL)
			apl_buf_add(out, text->bytes, text->size);
		if (out->failed) return;
		uint64_t length = little_endian(out->size - before);
		memcpy(out->bytes + begun + field->word * sizeof length, &length, sizeof length);
	}
}
