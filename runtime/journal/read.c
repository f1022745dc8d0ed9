/* SPDX-License-Identifier: MIT */
/*
 * Decides whether a line of a journal is what it must be, and whether it
 * follows the line before it. It repairs nothing and does not look into cause
 * and items beyond their shape: what they mean is for a replay.
 */
#include "journal/entry.h"

#include "base/map.h"
#include "time/shown.h"

/* What is remembered of a case: its newest line. */
typedef struct known_case {
	uint64_t seq;
	apl_hash128 line;
	uint32_t id_size;
	char id[];
} known_case;

struct apl_journal_reader {
	apl_alloc alloc;
	apl_map cases;
};

apl_journal_reader *apl_journal_reader_new(const apl_alloc *alloc) {
	apl_journal_reader *reader = apl_new(alloc, sizeof *reader);
	if (reader == NULL) return NULL;
	reader->alloc = *alloc;
	apl_map_init(&reader->cases, alloc);
	return reader;
}

static size_t known_size(uint32_t id_size) {
	return sizeof(known_case) + id_size + 1;
}

void apl_journal_reader_free(apl_journal_reader *reader) {
	if (reader == NULL) return;
	for (uint32_t i = 0; i < reader->cases.capacity; i++) {
		known_case *known = reader->cases.slots[i].value;
		if (reader->cases.slots[i].hash > 1) apl_free(&reader->alloc, known, known_size(known->id_size));
	}
	apl_map_dispose(&reader->cases);
	apl_alloc alloc = reader->alloc;
	apl_free(&alloc, reader, sizeof *reader);
}

static int misshapen(aplomb_error *error, const char *what) {
	return apl_fail(error, APLOMB_EDAMAGED, "journal-shape", "this line is no journal entry: %s", what);
}

static const apl_cell *member(const apl_tape *tape, const char *name, uint8_t kind) {
	uint32_t cell = apl_tape_find(tape, 0, name, strlen(name));
	return cell != 0 && tape->cells[cell].kind == kind ? &tape->cells[cell] : NULL;
}

static bool is_text(const apl_cell *cell, const char *text) {
	return cell != NULL && apl_cell_is(cell, text, strlen(text));
}

static bool is_hash(const apl_cell *cell, apl_hash128 *out) {
	return cell != NULL && apl_hash_from_hex(cell->as.text, cell->count, out) == 0;
}

static bool is_kind(const apl_cell *cell) {
	for (apl_entry_kind kind = 0; kind < APL_ENTRY_KINDS; kind++) {
		if (is_text(cell, apl_entry_kind_name(kind))) return true;
	}
	return false;
}

static int check_items(const apl_tape *tape, aplomb_error *error) {
	const apl_cell *items = member(tape, "items", APLOMB_LIST);
	if (items == NULL) return misshapen(error, "items: a list is missing");
	uint32_t item = (uint32_t)(items - tape->cells) + 1;
	for (uint32_t i = 0; i < items->count; i++, item = apl_tape_next(tape, item)) {
		uint32_t what = tape->cells[item].kind == APLOMB_MAP ? apl_tape_find(tape, item, "do", 2) : 0;
		if (what == 0 || tape->cells[what].kind != APLOMB_TEXT)
			return misshapen(error, "items: each is a map whose \"do\" says what it is");
	}
	return APLOMB_OK;
}

int apl_line_shape(const apl_tape *tape, apl_line_head *out, aplomb_error *error) {
	if (tape->cells[0].kind != APLOMB_MAP) return misshapen(error, "it is not a map");
	const apl_cell *version = member(tape, "v", APLOMB_INTEGER);
	if (version == NULL || version->as.integer < 1) return misshapen(error, "v: the format's version is missing");
	if (version->as.integer > APL_JOURNAL_VERSION) {
		return apl_fail(error, APLOMB_EVERSION, "journal-version",
		    "this journal has format %lld; this library reads up to %d: use a newer one", (long long)version->as.integer,
		    APL_JOURNAL_VERSION);
	}
	const apl_cell *id = member(tape, "case", APLOMB_TEXT);
	if (id == NULL || id->count == 0) return misshapen(error, "case: the case's id is missing");
	const apl_cell *seq = member(tape, "seq", APLOMB_INTEGER);
	if (seq == NULL || seq->as.integer < 0) return misshapen(error, "seq: the entry's number is missing");
	*out = (apl_line_head){false, id->as.text, id->count, (uint64_t)seq->as.integer, {0, 0}};
	if (apl_tape_find(tape, 0, "aplomb", 6) != 0) {
		out->is_head = true;
		if (!is_text(member(tape, "aplomb", APLOMB_TEXT), "journal")) return misshapen(error, "aplomb: it is not a journal's head");
		if (out->seq != 0) return misshapen(error, "seq: a head has number 0");
		if (member(tape, "playbook", APLOMB_MAP) == NULL) return misshapen(error, "playbook: a map is missing");
		if (member(tape, "params", APLOMB_MAP) == NULL) return misshapen(error, "params: a map is missing");
		if (member(tape, "limits", APLOMB_MAP) == NULL) return misshapen(error, "limits: a map is missing");
		if (member(tape, "seed", APLOMB_INTEGER) == NULL) return misshapen(error, "seed: an integer is missing");
		return APLOMB_OK;
	}
	if (out->seq == 0) return misshapen(error, "seq: only a head has number 0");
	const apl_cell *at = member(tape, "at", APLOMB_TEXT);
	aplomb_instant instant;
	if (at == NULL || apl_instant_read(at->as.text, at->count, &instant, NULL)) return misshapen(error, "at: an instant is missing");
	if (member(tape, "cause", APLOMB_MAP) == NULL) return misshapen(error, "cause: a map is missing");
	if (!is_kind(member(tape, "kind", APLOMB_TEXT))) return misshapen(error, "kind: it is none that this version knows");
	apl_hash128 digest;
	if (!is_hash(member(tape, "digest", APLOMB_TEXT), &digest)) return misshapen(error, "digest: 32 hex digits are missing");
	if (!is_hash(member(tape, "prev", APLOMB_TEXT), &out->prev)) return misshapen(error, "prev: 32 hex digits are missing");
	return check_items(tape, error);
}

/* Remembers the line as its case's newest. */
static int remember(apl_journal_reader *reader, known_case *known, const apl_line_head *head, apl_hash128 line, aplomb_error *error) {
	if (known == NULL) {
		known = apl_new(&reader->alloc, known_size(head->id_size));
		if (known == NULL) return apl_fail_memory(error);
		known->id_size = head->id_size;
		memcpy(known->id, head->id, head->id_size);
		if (!apl_map_put(&reader->cases, known->id, known->id_size, known)) {
			apl_free(&reader->alloc, known, known_size(known->id_size));
			return apl_fail_memory(error);
		}
	}
	known->seq = head->seq;
	known->line = line;
	return APLOMB_OK;
}

/* Does the line follow what is known of its case? */
static int check_follows(const known_case *known, const apl_line_head *head, aplomb_error *error) {
	char shown[APL_SHOWN];
	apl_shown(head->id, head->id_size, shown);
	if (head->is_head) {
		if (known == NULL) return APLOMB_OK;
		return apl_fail(
		    error, APLOMB_EDAMAGED, "journal-seq", "case \"%s\" has a second head after entry %llu", shown, (unsigned long long)known->seq);
	}
	if (known == NULL) {
		return apl_fail(error, APLOMB_EDAMAGED, "journal-headless", "case \"%s\" begins with entry %llu: its head is missing", shown,
		    (unsigned long long)head->seq);
	}
	if (head->seq != known->seq + 1) {
		return apl_fail(error, APLOMB_EDAMAGED, "journal-seq", "case \"%s\": entry %llu follows entry %llu", shown,
		    (unsigned long long)head->seq, (unsigned long long)known->seq);
	}
	if (!apl_hash128_equal(head->prev, known->line)) {
		return apl_fail(error, APLOMB_EDAMAGED, "journal-chain",
		    "case \"%s\": entry %llu does not hold the hash of the line before it: one of the two was changed", shown,
		    (unsigned long long)head->seq);
	}
	return APLOMB_OK;
}

int apl_journal_read(apl_journal_reader *reader, const char *line, size_t size, apl_tape *tape, aplomb_error *error) {
	/* A line may hold an event of the largest size and effects besides; whoever wrote it kept the limits of its head. */
	const apl_json_bounds bounds = {.depth = 1024, .size = (size_t)1 << 30};
	int code = apl_json_read(tape, line, size, &bounds, error);
	if (code) return code;
	apl_line_head head;
	code = apl_line_shape(tape, &head, error);
	if (code) return code;
	known_case *known = apl_map_get(&reader->cases, head.id, head.id_size);
	int follows = check_follows(known, &head, error);
	code = remember(reader, known, &head, apl_hash_bytes(line, size), error);
	return code ? code : follows;
}
