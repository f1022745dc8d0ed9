/* SPDX-License-Identifier: MIT */
/*
 * Decides the bytes of a case's first line, the head: what a replay must know
 * before it reads the first entry. One per case, so nothing here is hurried.
 */
#include "journal/entry.h"

#include "value/json.h"

static void text_or_null(apl_buf *out, const char *text) {
	if (text == NULL) {
		APL_BUF_LITERAL(out, "null");
	} else {
		apl_json_write_text(out, text, strlen(text));
	}
}

void apl_playbook_write(apl_buf *out, const char *hash, const char *id, const char *version) {
	APL_BUF_LITERAL(out, "{\"hash\":");
	text_or_null(out, hash);
	APL_BUF_LITERAL(out, ",\"id\":");
	text_or_null(out, id);
	APL_BUF_LITERAL(out, ",\"version\":");
	text_or_null(out, version);
	apl_buf_byte(out, '}');
}

apl_hash128 apl_head_write(apl_buf *out, const apl_head *head) {
	size_t begun = out->size;
	APL_BUF_LITERAL(out, "{\"aplomb\":\"journal\",\"case\":");
	apl_buf_add(out, head->case_json, head->case_json_size);
	APL_BUF_LITERAL(out, ",\"engine\":\"" APLOMB_VERSION "\",\"limits\":");
	apl_buf_add(out, head->limits, head->limits_size);
	APL_BUF_LITERAL(out, ",\"locale\":");
	text_or_null(out, head->locale);
	APL_BUF_LITERAL(out, ",\"params\":");
	apl_buf_add(out, head->params, head->params_size);
	char hex[APL_HASH_HEX];
	apl_hash_hex(apl_hash_bytes(head->params, head->params_size), hex);
	APL_BUF_LITERAL(out, ",\"params_hash\":\"");
	apl_buf_add(out, hex, sizeof hex);
	apl_buf_byte(out, '"');
	apl_buf_add(out, head->personal, head->personal_size);
	APL_BUF_LITERAL(out, ",\"playbook\":");
	apl_playbook_write(out, head->playbook_hash, head->playbook, head->playbook_version);
	APL_BUF_LITERAL(out, ",\"seed\":");
	apl_json_write_integer(out, head->seed);
	APL_BUF_LITERAL(out, ",\"seq\":0,\"subject\":");
	text_or_null(out, head->subject);
	APL_BUF_LITERAL(out, ",\"tzdata\":null,\"v\":1}\n");
	if (out->failed) return (apl_hash128){0, 0};
	return apl_hash_bytes(out->bytes + begun, out->size - begun - 1);
}

void apl_limits_write(apl_buf *out, const aplomb_limits *limits) {
	const struct {
		const char *name;
		uint64_t value;
	} members[] = {
	    {"{\"data\":", limits->data},
	    {",\"deferred\":", limits->deferred},
	    {",\"depth\":", limits->depth},
	    {",\"effects\":", limits->effects},
	    {",\"instructions\":", limits->instructions},
	    {",\"internal_events\":", limits->internal_events},
	    {",\"memory\":", limits->memory},
	    {",\"microsteps\":", limits->microsteps},
	    {",\"queue\":", limits->queue},
	    {",\"states\":", limits->states},
	    {",\"timers\":", limits->timers},
	};
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		apl_buf_text(out, members[i].name);
		apl_json_write_integer(out, members[i].value > INT64_MAX ? INT64_MAX : (int64_t)members[i].value);
	}
	apl_buf_byte(out, '}');
}
