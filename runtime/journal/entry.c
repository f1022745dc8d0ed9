/* SPDX-License-Identifier: MIT */
/*
 * Decides the bytes of an entry's line: the order of its members and its two
 * hashes. What stands in cause and items is decided by whoever writes them in
 * between. This is on the path of every event: each byte is written once, at
 * its place; only the digest, which is known last, is filled in.
 */
#include "journal/entry.h"

#include "base/assert.h"

const char *apl_entry_kind_name(apl_entry_kind kind) {
	static const char *const names[APL_ENTRY_KINDS] = {
	    "opened", "event", "timer", "refused", "faulted", "away", "statement", "cancelled", "mended", "calendar"};
	APL_ASSERT(kind < APL_ENTRY_KINDS);
	return names[kind];
}

static char *put(char *to, const char *bytes, size_t size) {
	memcpy(to, bytes, size);
	return to + size;
}
#define PUT(to, literal) put((to), (literal), sizeof(literal) - 1)

void apl_entry_begin(apl_buf *out, apl_instant_writer *instants, aplomb_instant at, const char *case_id, size_t case_id_size, bool plain) {
	if (!plain) {
		APL_BUF_LITERAL(out, "{\"at\":\"");
		apl_instant_append(out, instants, at);
		APL_BUF_LITERAL(out, "\",\"case\":");
		apl_json_write_text(out, case_id, case_id_size);
		APL_BUF_LITERAL(out, ",\"cause\":");
		return;
	}
	char *to = apl_buf_reserve(out, sizeof "{\"at\":\"\",\"case\":\"\",\"cause\":" + APL_INSTANT_TEXT + case_id_size);
	if (to == NULL) return;
	to = PUT(to, "{\"at\":\"");
	to = apl_instant_put(to, instants, at);
	to = PUT(to, "\",\"case\":\"");
	apl_copy_short(to, case_id, case_id_size);
	to = PUT(to + case_id_size, "\",\"cause\":");
	out->size = (size_t)(to - out->bytes);
}

void apl_entry_items(apl_buf *out) {
	static const char between[] = ",\"digest\":\"00000000000000000000000000000000\",\"items\":[";
	APL_BUF_LITERAL(out, between);
}

/* How far before the items the digest's digits begin. */
#define DIGEST_BEFORE_ITEMS (APL_HASH_HEX + sizeof("\",\"items\":[") - 1)

static char *put_kind(char *to, apl_entry_kind kind) {
	if (kind == APL_ENTRY_EVENT) return PUT(to, "],\"kind\":\"event\",\"prev\":\"");
	const char *name = apl_entry_kind_name(kind);
	to = PUT(to, "],\"kind\":\"");
	to = put(to, name, strlen(name));
	return PUT(to, "\",\"prev\":\"");
}

void apl_entry_end(apl_buf *out, size_t items, apl_entry_kind kind, uint64_t seq, apl_hash128 digest, apl_hash128 prev) {
	const size_t most = 128; /* all that follows the items, with the longest kind and number */
	char *to = apl_buf_reserve(out, most);
	if (to == NULL) return;
	apl_hash_hex(digest, out->bytes + items - DIGEST_BEFORE_ITEMS);
	to = put_kind(to, kind);
	apl_hash_hex(prev, to);
	to = PUT(to + APL_HASH_HEX, "\",\"seq\":");
	to = apl_put_integer(to, (int64_t)seq);
	to = PUT(to, ",\"v\":1}\n");
	out->size = (size_t)(to - out->bytes);
}
