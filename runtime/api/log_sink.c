/* SPDX-License-Identifier: MIT */
/*
 * Decides how a log record looks as one line, of text or of JSON. It writes
 * into the caller's bytes and nowhere else, and never more than one line:
 * control characters are escaped, so that nothing a customer or a playbook
 * said can forge a second one. Personal values are replaced here, at the last
 * moment, so that no host forgets to.
 *
 *   2026-11-23T13:06:00Z WARN engine event-refused: no such event case=c1 by="agent 7"
 *   {"at":"2026-11-23T13:06:00Z","level":"warn","room":"engine","code":"event-refused",…}
 */
#include <stdio.h>
#include <string.h>

#include "time/instant.h"
#include "value/json.h"

static const char PERSONAL[] = "[personal]";
static const char ELLIPSIS[] = "\xE2\x80\xA6";
#define ELLIPSIS_SIZE (sizeof ELLIPSIS - 1)

/* What is written so far; [limit] leaves room for whatever must still be able to follow. */
typedef struct line {
	char *bytes;
	size_t used;
	size_t limit;
	bool full; /* something did not fit; later puts do nothing until somebody rewinds */
} line;

static void put(line *out, const char *bytes, size_t size) {
	if (out->full || size > out->limit - out->used) {
		out->full = true;
		return;
	}
	memcpy(out->bytes + out->used, bytes, size);
	out->used += size;
}

static void put_text(line *out, const char *text) {
	put(out, text, strlen(text));
}

static const char *level_name(aplomb_level level) {
	switch (level) {
	case APLOMB_LOG_ERROR: return "error";
	case APLOMB_LOG_WARN: return "warn";
	case APLOMB_LOG_INFO: return "info";
	case APLOMB_LOG_DEBUG: return "debug";
	case APLOMB_LOG_TRACE: return "trace";
	case APLOMB_LOG_OFF: break;
	}
	return "off";
}

/* One character of [text] at [*at], escaped as JSON would, into [out] (8 bytes); moves on. Whole UTF-8 characters stay whole. */
static size_t escape(const char *text, size_t size, size_t *at, char out[8]) {
	unsigned char c = (unsigned char)text[*at];
	size_t length = 1;
	if (c >= 0x80)
		while (length < 4 && *at + length < size && ((unsigned char)text[*at + length] & 0xC0) == 0x80) length++;
	const char *source = text + *at;
	*at += length;
	switch (c) {
	case '"': memcpy(out, "\\\"", 2); return 2;
	case '\\': memcpy(out, "\\\\", 2); return 2;
	case '\n': memcpy(out, "\\n", 2); return 2;
	case '\r': memcpy(out, "\\r", 2); return 2;
	case '\t': memcpy(out, "\\t", 2); return 2;
	default: break;
	}
	if (c < 0x20 || c == 0x7F) return (size_t)snprintf(out, 8, "\\u%04x", c);
	memcpy(out, source, length);
	return length;
}

static void put_escaped(line *out, const char *text, size_t size) {
	char piece[8];
	for (size_t at = 0; at < size;) {
		size_t length = escape(text, size, &at, piece);
		put(out, piece, length);
	}
}

/* As much of it as fits, with "…" where it was cut. */
static void put_escaped_or_cut(line *out, const char *text, size_t size) {
	size_t limit = out->limit;
	size_t safe = out->used; /* up to here, an ellipsis fits behind */
	char piece[8];
	for (size_t at = 0; at < size;) {
		put(out, piece, escape(text, size, &at, piece));
		if (!out->full && out->used + ELLIPSIS_SIZE <= limit) safe = out->used;
	}
	if (!out->full) return;
	out->used = safe;
	out->full = false;
	put(out, ELLIPSIS, ELLIPSIS_SIZE);
	out->full = true;
}

static void put_number(line *out, double number) {
	apl_alloc alloc = apl_alloc_system();
	apl_buf digits;
	apl_buf_init(&digits, &alloc);
	if (number - number != 0.0)
		APL_BUF_LITERAL(&digits, "null"); /* infinite, or no number: the host's field, not ours to refuse */
	else
		apl_json_write_number(&digits, number);
	if (digits.failed)
		put_text(out, "null");
	else
		put(out, digits.bytes, digits.size);
	apl_buf_dispose(&digits);
}

static void put_integer(line *out, int64_t integer) {
	char digits[24];
	put(out, digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)integer));
}

static void put_count(line *out, uint64_t count) {
	char digits[24];
	put(out, digits, (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)count));
}

static void put_quoted(line *out, const char *text, size_t size) {
	put(out, "\"", 1);
	put_escaped(out, text, size);
	put(out, "\"", 1);
}

/* ---- text -------------------------------------------------------------- */

static bool needs_quotes(const char *text, size_t size) {
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == '"' || text[i] == '\\' || text[i] == '=' || text[i] == 0x7F) return true;
	return size == 0;
}

static void put_word(line *out, const char *text, size_t size) {
	if (needs_quotes(text, size))
		put_quoted(out, text, size);
	else
		put(out, text, size);
}

static void put_value(line *out, const aplomb_field *field, void (*text)(line *, const char *, size_t)) {
	if (field->personal) {
		text(out, PERSONAL, sizeof PERSONAL - 1);
		return;
	}
	switch (field->kind) {
	case APLOMB_BOOLEAN: put_text(out, field->as.boolean ? "true" : "false"); return;
	case APLOMB_INTEGER: put_integer(out, field->as.integer); return;
	case APLOMB_NUMBER: put_number(out, field->as.number); return;
	case APLOMB_TEXT: text(out, field->as.text.bytes, field->as.text.size); return;
	case APLOMB_ABSENT:
	case APLOMB_NULL:
	case APLOMB_LIST:
	case APLOMB_MAP: break;
	}
	put_text(out, "null");
}

static void put_pair(line *out, const char *name, const char *text) {
	if (text == NULL) return;
	put(out, " ", 1);
	put_text(out, name);
	put(out, "=", 1);
	put_word(out, text, strlen(text));
}

/* Ends the line, whatever became of it. */
static size_t finish(line *out, const char *end) {
	size_t size = strlen(end);
	memcpy(out->bytes + out->used, end, size + 1);
	return out->used + size;
}

static void put_prefix(line *out, const aplomb_log_record *record) {
	char at[APL_INSTANT_TEXT];
	aplomb_instant_write(record->at, at);
	put_text(out, at);
	put(out, " ", 1);
	for (const char *c = level_name(record->level); *c != '\0'; c++) put(out, (char[]){(char)(*c - 'a' + 'A')}, 1);
	put(out, " ", 1);
	put_text(out, record->room != NULL ? record->room : "?");
	put(out, " ", 1);
	put_text(out, record->code != NULL ? record->code : "?");
	put_text(out, ": ");
}

/* Pairs, up to the first that does not fit: it is left out whole, for half a value would mislead. */
static size_t put_pairs(line *out, const aplomb_log_record *record) {
	size_t good = out->used;
	const char *texts[][2] = {{"case", record->case_id}, {"playbook", record->playbook}, {"state", record->state}};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		put_pair(out, texts[i][0], texts[i][1]);
		if (!out->full) good = out->used;
	}
	if (record->entry != 0) {
		put_text(out, " entry=");
		put_count(out, record->entry);
		if (!out->full) good = out->used;
	}
	for (size_t i = 0; i < record->n_fields && !out->full; i++) {
		put(out, " ", 1);
		put_text(out, record->fields[i].name);
		put(out, "=", 1);
		put_value(out, &record->fields[i], put_word);
		if (!out->full) good = out->used;
	}
	if (record->dropped != 0) {
		put_text(out, " dropped=");
		put_count(out, record->dropped);
		if (!out->full) good = out->used;
	}
	return good;
}

size_t aplomb_log_as_text(const aplomb_log_record *record, char *bytes, size_t size) {
	if (record == NULL || bytes == NULL || size == 0) return 0;
	if (size < sizeof "\n") {
		bytes[0] = '\0';
		return 0;
	}
	line out = {bytes, 0, size - sizeof "\n", false};
	put_prefix(&out, record);
	const char *message = record->message != NULL ? record->message : "";
	put_escaped_or_cut(&out, message, strlen(message));
	if (!out.full) {
		out.used = put_pairs(&out, record);
		if (out.full) {
			out.full = false;
			put_text(&out, " \xE2\x80\xA6");
		}
	}
	return finish(&out, "\n");
}

/* ---- JSON -------------------------------------------------------------- */

/* A member that does not fit is left out whole and remembered in [cut]; the line stays JSON. */
typedef struct object {
	line line;
	bool cut;
	bool has_members;
} object;

static size_t begin_member(object *out, const char *name) {
	size_t before = out->line.used;
	if (out->has_members) put(&out->line, ",", 1);
	put_quoted(&out->line, name, strlen(name));
	put(&out->line, ":", 1);
	return before;
}

static void end_member(object *out, size_t before) {
	if (out->line.full) {
		out->line.used = before;
		out->line.full = false;
		out->cut = true;
	} else {
		out->has_members = true;
	}
}

static void text_member(object *out, const char *name, const char *text) {
	if (text == NULL) return;
	size_t before = begin_member(out, name);
	put_quoted(&out->line, text, strlen(text));
	end_member(out, before);
}

static void count_member(object *out, const char *name, uint64_t count) {
	if (count == 0) return;
	size_t before = begin_member(out, name);
	put_count(&out->line, count);
	end_member(out, before);
}

/* The message is the one member worth having in part. */
static void message_member(object *out, const char *message) {
	size_t before = begin_member(out, "message");
	put(&out->line, "\"", 1);
	if (!out->line.full && out->line.limit - out->line.used > ELLIPSIS_SIZE + 1) {
		out->line.limit -= 1;
		put_escaped_or_cut(&out->line, message, strlen(message));
		out->cut = out->cut || out->line.full;
		out->line.full = false;
		out->line.limit += 1;
	}
	put(&out->line, "\"", 1);
	end_member(out, before);
}

/* Leaves its brace open and says so: finish has kept room for it. */
static bool field_members(object *out, const aplomb_log_record *record) {
	if (record->n_fields == 0) return false;
	size_t before = begin_member(out, "fields");
	put(&out->line, "{", 1);
	if (out->line.full) {
		end_member(out, before);
		return false;
	}
	out->has_members = false;
	for (size_t i = 0; i < record->n_fields; i++) {
		size_t start = begin_member(out, record->fields[i].name);
		put_value(&out->line, &record->fields[i], put_quoted);
		end_member(out, start);
	}
	out->has_members = true;
	return true;
}

size_t aplomb_log_as_json(const aplomb_log_record *record, char *bytes, size_t size) {
	static const char LONGEST_END[] = "},\"cut\":true}\n";
	if (record == NULL || bytes == NULL || size == 0) return 0;
	if (size <= sizeof LONGEST_END) { /* no room for any object */
		bytes[0] = '\0';
		return 0;
	}
	object out = {{bytes, 0, size - sizeof LONGEST_END, false}, false, false};
	put(&out.line, "{", 1);
	char at[APL_INSTANT_TEXT];
	aplomb_instant_write(record->at, at);
	text_member(&out, "at", at);
	text_member(&out, "level", level_name(record->level));
	text_member(&out, "room", record->room);
	text_member(&out, "code", record->code);
	text_member(&out, "case", record->case_id);
	text_member(&out, "playbook", record->playbook);
	text_member(&out, "state", record->state);
	count_member(&out, "entry", record->entry);
	count_member(&out, "dropped", record->dropped);
	message_member(&out, record->message != NULL ? record->message : "");
	bool has_fields = field_members(&out, record);
	char end[sizeof LONGEST_END];
	snprintf(end, sizeof end, "%s%s%s}\n", has_fields ? "}" : "", out.cut && out.has_members ? "," : "", out.cut ? "\"cut\":true" : "");
	return finish(&out.line, end);
}
