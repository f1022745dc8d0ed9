/* SPDX-License-Identifier: MIT */
/*
 * Decides how an envelope of JSON text becomes an event for the door: which
 * members there are, of which kind, and which must be there. What they mean is
 * the door's.
 */
#include "engine/inside.h"
#include "time/instant.h"
#include "time/shown.h"

enum { VERSION = 1 };

enum {
	MEMBER_AT,
	MEMBER_BY,
	MEMBER_CASE,
	MEMBER_DATA,
	MEMBER_EVENT,
	MEMBER_ID,
	MEMBER_OPEN,
	MEMBER_PLAYBOOK,
	MEMBER_SUBJECT,
	MEMBER_V,
	MEMBERS
};
static const char *const members[MEMBERS] = {"at", "by", "case", "data", "event", "id", "open", "playbook", "subject", "v"};

/* Every member of every envelope is asked for: by size first, so that one comparison decides. */
static int number_of(const apl_cell *name) {
	const char *text = name->as.text;
#define IS(member, literal)                                                                                                                \
	if (memcmp(text, literal, sizeof(literal) - 1) == 0) return (member)
	switch (name->count) {
	case 1: IS(MEMBER_V, "v"); break;
	case 2:
		IS(MEMBER_AT, "at");
		IS(MEMBER_BY, "by");
		IS(MEMBER_ID, "id");
		break;
	case 4:
		IS(MEMBER_CASE, "case");
		IS(MEMBER_DATA, "data");
		IS(MEMBER_OPEN, "open");
		break;
	case 5: IS(MEMBER_EVENT, "event"); break;
	case 7: IS(MEMBER_SUBJECT, "subject"); break;
	case 8: IS(MEMBER_PLAYBOOK, "playbook"); break;
	default: break;
	}
#undef IS
	return MEMBERS;
}

/* Line and column of a cell's text within the envelope; unknown when it had escapes and lives elsewhere. */
static void locate(aplomb_error *error, const char *text, size_t size, const char *at) {
	if (error == NULL) return;
	uintptr_t begin = (uintptr_t)text, where = (uintptr_t)at;
	if (where < begin || where >= begin + size) return;
	error->line = error->column = 1;
	for (const char *p = text; p < at; p++) {
		if (*p == '\n') {
			error->line++;
			error->column = 1;
		} else if (((unsigned char)*p & 0xC0) != 0x80) {
			error->column++;
		}
	}
}

static int unknown_member(const apl_cell *name, const char *text, size_t size, aplomb_error *error) {
	char shown[APL_SHOWN], hint[128];
	apl_nearest nearest = apl_nearest_to(name->as.text, name->count);
	for (int i = 0; i < MEMBERS; i++) apl_nearest_try(&nearest, members[i]);
	int code = apl_fail(error, APLOMB_EJSON, "unknown-member", "an envelope has no member \"%s\"%s",
	    apl_shown(name->as.text, name->count, shown), apl_nearest_hint(&nearest, hint, sizeof hint));
	locate(error, text, size, name->as.text);
	return code;
}

static int wrong_member(int number, const char *expected, const apl_cell *name, const char *text, size_t size, aplomb_error *error) {
	int code = apl_fail(error, APLOMB_EJSON, "wrong-member", "%s: expected %s", members[number], expected);
	locate(error, text, size, name->as.text);
	return code;
}

static int take_member(apl_inbound *in, const apl_tape *tape, uint32_t cell, int number, const char **expected) {
	const apl_cell *value = &tape->cells[cell];
	apl_given *text = NULL;
	switch (number) {
	case MEMBER_CASE: text = &in->case_id; break;
	case MEMBER_EVENT: text = &in->event; break;
	case MEMBER_ID: text = &in->id; break;
	case MEMBER_BY: text = &in->by; break;
	case MEMBER_PLAYBOOK: text = &in->playbook; break;
	case MEMBER_SUBJECT: text = &in->subject; break;
	default: break;
	}
	if (text != NULL) {
		*expected = "a text";
		if (value->kind != APLOMB_TEXT) return -1;
		text->bytes = value->as.text;
		text->size = value->count;
		return 0;
	}
	switch (number) {
	case MEMBER_AT:
		*expected = "an instant like \"2026-11-23T13:06:00Z\"";
		if (value->kind != APLOMB_TEXT || apl_instant_read(value->as.text, value->count, &in->at, NULL)) return -1;
		in->has_at = true;
		return 0;
	case MEMBER_DATA:
		*expected = "a map";
		in->data = tape;
		in->data_cell = cell;
		return value->kind == APLOMB_MAP ? 0 : -1;
	case MEMBER_OPEN:
		*expected = "a map";
		in->open = tape;
		in->open_cell = cell;
		return value->kind == APLOMB_MAP ? 0 : -1;
	default: *expected = "an integer"; return value->kind == APLOMB_INTEGER ? 0 : -1;
	}
}

static int read_envelope(apl_inbound *in, const apl_tape *tape, const char *text, size_t size, aplomb_error *error) {
	if (tape->cells[0].kind != APLOMB_MAP) return apl_fail(error, APLOMB_EJSON, "wrong-member", "an envelope is a map");
	uint32_t name = 1;
	for (uint32_t i = 0; i < tape->cells[0].count; i++, name = apl_tape_next(tape, name + 1)) {
		const apl_cell *cell = &tape->cells[name];
		int number = number_of(cell);
		if (number == MEMBERS) return unknown_member(cell, text, size, error);
		if (tape->cells[name + 1].kind == APLOMB_NULL) continue; /* as if it were not there */
		const char *expected;
		if (take_member(in, tape, name + 1, number, &expected)) return wrong_member(number, expected, cell, text, size, error);
		if (number == MEMBER_V && tape->cells[name + 1].as.integer != VERSION) {
			return apl_fail(error, APLOMB_EVERSION, "envelope-version", "this envelope has format %lld; this library reads %d",
			    (long long)tape->cells[name + 1].as.integer, VERSION);
		}
	}
	if (in->case_id.bytes == NULL) return apl_fail(error, APLOMB_EJSON, "missing-member", "the envelope has no member \"case\"");
	if (in->event.bytes == NULL) return apl_fail(error, APLOMB_EJSON, "missing-member", "the envelope has no member \"event\"");
	return APLOMB_OK;
}

int apl_engine_post_json(apl_engine *engine, const char *text, size_t size, aplomb_receipt_fn done, void *payload, aplomb_error *error) {
	const size_t around = 8192; /* ids and names around the data, which have bounds of their own */
	const apl_json_bounds bounds = {
	    engine->limits.depth + 2, engine->limits.data < SIZE_MAX - around ? engine->limits.data + around : SIZE_MAX};
	int code = apl_json_read(&engine->tape, text, size, &bounds, error);
	if (code) return code;
	apl_inbound in = {.has_at = false};
	code = read_envelope(&in, &engine->tape, text, size, error);
	if (code) return code;
	apl_queued *queued;
	return apl_door(engine, &in, done, payload, &queued, error);
}
