/* SPDX-License-Identifier: MIT */
/*
 * Decides what it means that a store is sound: that its file is (room store looks
 * at that), that each version's source is the one that its hash names, and that
 * every case comes out of a replay of its lines as it is recorded, and back out of
 * its newest snapshot. And in which order a file is copied, verified and
 * put in its place.
 */
#include <stdio.h>
#include <string.h>

#include "api/runtime.h"
#include "store/sqlite.h"

enum { LONGEST_PATH = 4000, CASES_A_VERIFIER = 2000 };

static apl_alloc alloc_of(const aplomb_allocator *given) {
	return given != NULL ? *given : apl_alloc_system();
}

/* ---- how much of what --------------------------------------------------------------------- */

static void give_measure(aplomb_store_measure *out, const char *path, const apl_store_measure *m) {
	char wal[LONGEST_PATH + 8];
	snprintf(wal, sizeof wal, "%s-wal", path);
	*out = (aplomb_store_measure){.size = sizeof *out,
	    .cases = m->cases,
	    .playbooks = m->playbooks,
	    .commits = m->commits,
	    .entries = m->entries,
	    .snapshots = m->snapshots,
	    .effects = m->effects,
	    .entry_bytes = m->line_bytes,
	    .snapshot_bytes = m->snapshot_bytes,
	    .old_snapshot_bytes = m->old_snapshot_bytes,
	    .log_bytes = m->log_bytes,
	    .head_bytes = m->head_bytes,
	    .source_bytes = m->source_bytes,
	    .effect_bytes = m->effect_bytes,
	    .file_bytes = apl_store_sqlite_size(path),
	    .wal_bytes = apl_store_sqlite_size(wal),
	    .free_bytes = m->free_bytes,
	    .last_at = m->last_at,
	    .sent = m->sent,
	    .sent_bytes = m->sent_bytes};
}

typedef struct first_damage {
	char message[400];
} first_damage;

static void keep_first(const apl_store_damage *damage, void *payload) {
	first_damage *first = payload;
	if (first->message[0] != '\0') return;
	if (damage->row >= 0)
		snprintf(first->message, sizeof first->message, "%s, row %lld: %.300s", damage->table, (long long)damage->row, damage->message);
	else
		snprintf(first->message, sizeof first->message, "%s: %.300s", damage->table, damage->message);
}

static int check_path(const char *call, const char *what, const char *path, aplomb_error *error) {
	if (path == NULL) return apl_fail_null(error, call, what);
	if (strlen(path) > LONGEST_PATH) return apl_fail(error, APLOMB_EINVAL, "store-io", "%s: %.200s…: the path is too long", call, path);
	return APLOMB_OK;
}

static int measure(const apl_alloc *alloc, const char *path, aplomb_store_measure *out, aplomb_error *error) {
	first_damage first = {""};
	apl_store_examination examination = {.damage = keep_first, .payload = &first};
	const apl_store_sqlite_options options = {.path = path, .reads_only = true, .examines = &examination};
	apl_store store;
	int code = apl_store_sqlite_open(&store, alloc, &options, error);
	if (code) return code;
	store.ops->close(store.self);
	if (examination.damages > 0) return apl_fail(error, APLOMB_EDAMAGED, "store-damaged", "%s is damaged: %s", path, first.message);
	give_measure(out, path, &examination.measure);
	return APLOMB_OK;
}

int aplomb_store_measured(const char *path, const aplomb_allocator *allocator, aplomb_store_measure *out, aplomb_error *error) {
	static const char call[] = "aplomb_store_measured";
	int code = check_path(call, "path", path, error);
	if (code) return code;
	if (out == NULL) return apl_fail_null(error, call, "out");
	const apl_alloc alloc = alloc_of(allocator);
	aplomb_store_measure measured;
	code = measure(&alloc, path, &measured, error);
	if (code == APLOMB_OK) apl_give_struct(out, &measured, sizeof measured);
	return code;
}

/* ---- verifying ------------------------------------------------------------------------------- */

typedef struct verifying {
	apl_alloc alloc;
	const aplomb_store_verify_options *options;
	apl_store store;
	apl_store_examination examination;
	aplomb_store_verified *out;
	apl_buf sound; /* hashes of versions whose source is theirs, each terminated */
	aplomb_verifier *verifier;
	uint32_t in_verifier; /* cases that it has seen */
	/* The case that is replayed. */
	uint32_t number;
	char id[1024];
	uint64_t lines;
	bool is_told, has_beginning, is_begun;
	aplomb_error *error;
} verifying;

static void tell(verifying *v, const char *table, int64_t row, const char *case_id, uint64_t seq, const char *slug, const char *message) {
	v->out->damages++;
	const aplomb_store_damage damage = {
	    .size = sizeof damage, .table = table, .row = row, .case_id = case_id, .seq = seq, .slug = slug, .message = message};
	if (v->options->on_damage != NULL) v->options->on_damage(&damage, v->options->payload);
}

static void tell_of_file(const apl_store_damage *damage, void *payload) {
	tell(payload, damage->table, damage->row, damage->case_id, 0, "store-damaged", damage->message);
}

/* ---- sources ---- */

static int load_source(verifying *v, aplomb_runtime *rt, const char *hash, const aplomb_playbook **out, aplomb_error *error) {
	aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
	aplomb_playbook *playbook = NULL;
	int code = v->store.ops->get_source(v->store.self, hash, &load.source, &load.source_size, error);
	if (code == APLOMB_OK) code = aplomb_load(rt, &load, &playbook, error);
	*out = playbook;
	return code;
}

typedef struct versions {
	apl_buf hashes, numbers;
} versions;

static int note_version(int64_t number, const char *hash, void *payload) {
	versions *all = payload;
	char kept[APL_SHA256_HEX + 1] = "";
	memcpy(kept, hash, strnlen(hash, APL_SHA256_HEX));
	apl_buf_add(&all->hashes, kept, sizeof kept);
	apl_buf_add(&all->numbers, (const char *)&number, sizeof number);
	return all->hashes.failed || all->numbers.failed ? APLOMB_ENOMEM : APLOMB_OK;
}

/* Each in the same runtime: that they get along is asked of no store. */
static int verify_sources(verifying *v, aplomb_error *error) {
	versions all;
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt = NULL;
	options.allocator = &v->alloc;
	apl_buf_init(&all.hashes, &v->alloc);
	apl_buf_init(&all.numbers, &v->alloc);
	int code = apl_store_sqlite_playbooks(&v->store, note_version, &all, error);
	if (!code) code = aplomb_open(&rt, &options, error);
	for (size_t i = 0; i < all.numbers.size / sizeof(int64_t) && !code; i++) {
		const char *hash = all.hashes.bytes + i * (APL_SHA256_HEX + 1);
		const aplomb_playbook *playbook;
		aplomb_error why;
		int64_t number;
		memcpy(&number, all.numbers.bytes + i * sizeof number, sizeof number);
		code = load_source(v, rt, hash, &playbook, &why);
		if (code == APLOMB_ENOMEM) {
			code = apl_fail_memory(error);
		} else if (code) {
			tell(v, "playbooks", number, NULL, 0, why.slug, why.message);
			code = APLOMB_OK;
		} else if (strcmp(aplomb_playbook_hash(playbook), hash) != 0) {
			tell(v, "playbooks", number, NULL, 0, "store-damaged", "its source is that of another version than its hash says");
		} else {
			apl_buf_add(&v->sound, hash, APL_SHA256_HEX + 1);
		}
	}
	if (!code && v->sound.failed) code = apl_fail_memory(error);
	aplomb_close(rt);
	apl_buf_dispose(&all.hashes);
	apl_buf_dispose(&all.numbers);
	return code;
}

/* ---- replays ---- */

static void note_line(const aplomb_stepped_line *line, void *payload) {
	verifying *v = payload;
	char message[700];
	if (v->is_told) return;
	if (line->case_id[0] != '\0' && strcmp(line->case_id, v->id) != 0) {
		v->is_told = true;
		snprintf(message, sizeof message, "its lines are those of case \"%.300s\"", line->case_id);
		tell(v, "cases", v->number, v->id, 0, "store-damaged", message);
		return;
	}
	if (line->same) return;
	v->is_told = true;
	if (line->error != NULL) {
		tell(v, "log", -1, v->id, line->seq, line->error->slug, line->error->message);
		return;
	}
	const bool is_chain = line->member != NULL && strcmp(line->member, "prev") == 0;
	snprintf(message, sizeof message,
	    is_chain ? "entry %llu does not hold the hash of the line before it: one of the two was changed after it was written"
	             : "entry %llu comes out of a replay otherwise than it is recorded%s%.80s",
	    (unsigned long long)line->seq, line->member != NULL ? ": " : "", line->member != NULL ? line->member : "");
	tell(v, "log", -1, v->id, line->seq, is_chain ? "journal-chain" : "replay-differs", message);
}

static int open_verifier(verifying *v, aplomb_error *error) {
	aplomb_verifier_options options = APLOMB_VERIFIER_OPTIONS_INIT;
	options.allocator = &v->alloc;
	options.goes_on = true;
	options.on_line = note_line;
	options.payload = v;
	v->in_verifier = 0;
	int code = aplomb_verifier_open(&v->verifier, &options, error);
	for (size_t at = 0; at < v->sound.size && !code; at += APL_SHA256_HEX + 1) {
		aplomb_load_options load = APLOMB_LOAD_OPTIONS_INIT;
		code = v->store.ops->get_source(v->store.self, v->sound.bytes + at, &load.source, &load.source_size, error);
		if (!code) code = aplomb_verifier_load(v->verifier, &load, NULL, error);
	}
	return code;
}

static int verify_line(const char *text, size_t size, void *payload) {
	verifying *v = payload;
	static const char head[] = "{\"aplomb\":\"journal\"";
	if (!v->is_begun) v->has_beginning = size >= sizeof head - 1 && memcmp(text, head, sizeof head - 1) == 0;
	v->is_begun = true;
	/* One that came as a snapshot has lines that nothing leads to. */
	if (!v->has_beginning) return 1;
	v->lines++;
	int code = aplomb_verify(v->verifier, text, size, v->lines, v->error);
	if (code == APLOMB_OK || code == APLOMB_EDIFFERS) return v->is_told;
	if (code == APLOMB_ENOMEM) return code;
	/* Its version is not there, or cannot be loaded: that was told of the version, and is why its cases cannot be replayed. */
	if (!v->is_told) tell(v, "log", -1, v->id, v->lines - 1, v->error->slug, v->error->message);
	v->is_told = true;
	return 1;
}

static int replay_case(verifying *v, uint32_t number, aplomb_error *error) {
	const char *id;
	uint32_t size;
	int code = apl_store_sqlite_case(&v->store, number, &id, &size, error);
	if (code == APLOMB_EDAMAGED) return APLOMB_OK; /* which was told */
	if (code) return code;
	if (size >= sizeof v->id) size = sizeof v->id - 1;
	memcpy(v->id, id, size);
	v->id[size] = '\0';
	if (v->verifier == NULL) {
		code = open_verifier(v, error);
		if (code) return code;
	}
	v->number = number;
	v->lines = 0;
	v->is_told = v->has_beginning = v->is_begun = false;
	v->error = error;
	code = v->store.ops->read(v->store.self, v->id, size, (uint64_t)number + 1, 0, verify_line, v, error);
	if (code == APLOMB_ENOMEM) return code;
	if (code < 0) {
		tell(v, "log", -1, v->id, v->lines, error->slug, error->message);
		v->is_told = true;
	}
	v->out->without_beginning += v->is_begun && !v->has_beginning;
	if (v->is_begun && v->has_beginning && !v->is_told) {
		v->out->replayed++;
		v->out->lines += v->lines;
	}
	/* One that met something may keep more of it than of others, and one that has seen many keeps them all. */
	if (v->is_told || ++v->in_verifier >= CASES_A_VERIFIER) {
		aplomb_verifier_close(v->verifier);
		v->verifier = NULL;
	}
	return APLOMB_OK;
}

/* As a restart would: out of its newest snapshot. */
static int bring_back(verifying *v, aplomb_runtime *rt, uint32_t number, aplomb_error *error) {
	const char *id;
	uint32_t size;
	aplomb_error why;
	aplomb_case_info info = APLOMB_CASE_INFO_INIT;
	int code = apl_store_sqlite_case(&v->store, number, &id, &size, error);
	if (code) return code == APLOMB_EDAMAGED ? APLOMB_OK : code;
	if (size >= sizeof v->id) return APLOMB_OK;
	memcpy(v->id, id, size + 1);
	code = aplomb_case_get(rt, v->id, &info, &why);
	if (code == APLOMB_ENOMEM) return apl_fail_memory(error);
	if (code) tell(v, "log", -1, v->id, 0, why.slug, why.message);
	return APLOMB_OK;
}

static int bring_all_back(verifying *v, const char *path, aplomb_error *error) {
	aplomb_options options = APLOMB_OPTIONS_INIT;
	aplomb_runtime *rt = NULL;
	options.allocator = &v->alloc;
	options.store = path;
	options.looks = true;
	options.resident = 256;
	int code = aplomb_open(&rt, &options, error);
	for (uint32_t i = 0; i < v->examination.measure.cases && !code; i++) code = bring_back(v, rt, i, error);
	aplomb_close(rt);
	if (code != APLOMB_EDAMAGED && code != APLOMB_EDIFFERS) return code;
	tell(v, "log", -1, NULL, 0, error->slug, error->message);
	return APLOMB_OK;
}

/* What an effect's text says is read when it is handed out, and that of what was sent at a restart; that it says something is asked here.
 */
static int verify_effect(const apl_store_effect *effect, void *payload) {
	verifying *v = payload;
	aplomb_json *json = NULL;
	char id[1024];
	const bool is_sent = apl_store_is_sent(effect->item);
	snprintf(id, sizeof id, "%.*s", (int)effect->case_id_size, effect->case_id);
	if (aplomb_json_read(&json, effect->text, effect->size, NULL) != APLOMB_OK ||
	    aplomb_value_text(aplomb_value_get(aplomb_json_root(json), is_sent ? "sent" : "kind"), NULL) == NULL)
		tell(v, "effects", -1, id, effect->seq, "store-damaged",
		    is_sent ? "what is kept of an event that was sent says nothing of one"
		            : "what is kept of an effect that waits says nothing of one");
	aplomb_json_free(json);
	return APLOMB_OK;
}

static int verify(verifying *v, const char *path, aplomb_error *error) {
	v->examination = (apl_store_examination){.is_thorough = true, .damage = tell_of_file, .payload = v};
	const apl_store_sqlite_options how = {.path = path, .reads_only = true, .examines = &v->examination};
	int code = apl_store_sqlite_open(&v->store, &v->alloc, &how, error);
	if (code) return code;
	apl_buf_init(&v->sound, &v->alloc);
	const uint64_t cases = v->examination.measure.cases;
	code = verify_sources(v, error);
	for (uint32_t i = 0; i < cases && !code && !v->options->only_structure; i++) {
		code = replay_case(v, i, error);
		if (!code && v->options->on_progress != NULL) v->options->on_progress((uint64_t)i + 1, cases, v->options->payload);
	}
	if (!code) code = v->store.ops->effects(v->store.self, NULL, 0, 0, verify_effect, v, error);
	if (!code) code = v->store.ops->sent(v->store.self, verify_effect, v, error);
	/* What is damaged was told; this asks whether what is whole fits together. */
	if (!code && v->out->damages == 0 && !v->options->only_structure) code = bring_all_back(v, path, error);
	aplomb_verifier_close(v->verifier);
	apl_buf_dispose(&v->sound);
	v->store.ops->close(v->store.self);
	if (!code) give_measure(&v->out->measure, path, &v->examination.measure);
	return code;
}

static int take_options(const aplomb_store_verify_options *given, aplomb_store_verify_options *out, aplomb_error *error) {
	*out = (aplomb_store_verify_options)APLOMB_STORE_VERIFY_OPTIONS_INIT;
	return given != NULL ? apl_take_struct(out, sizeof *out, given, "aplomb_store_verify_options", error) : APLOMB_OK;
}

/* [path] is told as [name]. */
static int verify_as(
    const char *path, const char *name, const aplomb_store_verify_options *options, aplomb_store_verified *out, aplomb_error *error) {
	aplomb_store_verified verified = APLOMB_STORE_VERIFIED_INIT;
	verifying v = {.alloc = alloc_of(options->allocator), .options = options, .out = &verified};
	aplomb_error own;
	int code = verify(&v, path, error != NULL ? error : &own);
	if (code != APLOMB_OK) return code;
	if (out != NULL) apl_give_struct(out, &verified, sizeof verified);
	if (verified.damages == 0) return APLOMB_OK;
	return apl_fail(error, APLOMB_EDAMAGED, "store-damaged", "%s is damaged: %llu thing%s not as it was written", name,
	    (unsigned long long)verified.damages, verified.damages == 1 ? " is" : "s are");
}

int aplomb_store_verify(const char *path, const aplomb_store_verify_options *given, aplomb_store_verified *out, aplomb_error *error) {
	aplomb_store_verify_options options;
	int code = check_path("aplomb_store_verify", "path", path, error);
	if (!code) code = take_options(given, &options, error);
	return code ? code : verify_as(path, path, &options, out, error);
}

/* ---- copies -------------------------------------------------------------------------------------- */

static void part_of(const char *path, char out[LONGEST_PATH + 8]) {
	snprintf(out, LONGEST_PATH + 8, "%s-part", path);
}

static int fail_exists(const char *path, aplomb_error *error) {
	return apl_fail(error, APLOMB_EINVAL, "store-exists", "%s is there already, and nothing is written over it", path);
}

/* A copy is of a store, or not made. */
static int check_store(const apl_alloc *alloc, const char *path, aplomb_error *error) {
	const apl_store_sqlite_options looks = {.path = path, .reads_only = true};
	apl_store store;
	int code = apl_store_sqlite_open(&store, alloc, &looks, error);
	if (!code) store.ops->close(store.self);
	return code;
}

int aplomb_store_backup(const char *path, const char *to, const aplomb_allocator *allocator, aplomb_error *error) {
	static const char call[] = "aplomb_store_backup";
	char part[LONGEST_PATH + 8];
	int code = check_path(call, "path", path, error);
	if (!code) code = check_path(call, "to", to, error);
	if (!code && apl_store_sqlite_is_there(to)) code = fail_exists(to, error);
	if (code) return code;
	const apl_alloc alloc = alloc_of(allocator);
	code = check_store(&alloc, path, error);
	if (code) return code;
	part_of(to, part);
	code = apl_store_sqlite_copy(path, part, error);
	if (code) return code;
	code = apl_store_sqlite_settle(part, to, false, error);
	if (code) apl_store_sqlite_remove(part);
	return code;
}

/* [part] is whole: is it sound, too? Then it gets its name. */
static int verify_and_settle(const char *part, const char *source, const char *to, bool replaces,
    const aplomb_store_verify_options *options, aplomb_store_verified *out, aplomb_error *error) {
	int code = verify_as(part, source, options, out, error);
	if (!code) code = apl_store_sqlite_settle(part, to, replaces, error);
	apl_store_sqlite_remove(part);
	return code;
}

int aplomb_store_restore(const char *path, const char *to, bool replaces, const aplomb_store_verify_options *given,
    aplomb_store_verified *out, aplomb_error *error) {
	static const char call[] = "aplomb_store_restore";
	aplomb_store_verify_options options;
	char part[LONGEST_PATH + 8];
	apl_store_lock held = {NULL};
	int code = check_path(call, "path", path, error);
	if (!code) code = check_path(call, "to", to, error);
	if (!code) code = take_options(given, &options, error);
	if (code) return code;
	const apl_alloc alloc = alloc_of(options.allocator);
	const bool is_there = apl_store_sqlite_is_there(to);
	if (is_there && !replaces) return fail_exists(to, error);
	code = check_store(&alloc, path, error);
	if (!code && is_there) code = apl_store_sqlite_lock(to, &held, error);
	if (code) return code;
	part_of(to, part);
	code = apl_store_sqlite_copy(path, part, error);
	if (!code) code = verify_and_settle(part, path, to, replaces, &options, out, error);
	apl_store_sqlite_unlock(&held);
	return code;
}

int aplomb_store_compact(const char *path, const aplomb_store_verify_options *given, aplomb_store_measure *before,
    aplomb_store_verified *out, aplomb_error *error) {
	static const char call[] = "aplomb_store_compact";
	aplomb_store_verify_options options;
	aplomb_store_measure measured;
	aplomb_store_verified verified = APLOMB_STORE_VERIFIED_INIT;
	char part[LONGEST_PATH + 8];
	apl_store_lock held = {NULL};
	int code = check_path(call, "path", path, error);
	if (!code) code = take_options(given, &options, error);
	if (code) return code;
	const apl_alloc alloc = alloc_of(options.allocator);
	code = check_store(&alloc, path, error);
	if (!code) code = apl_store_sqlite_lock(path, &held, error);
	if (code) return code;
	part_of(path, part);
	code = measure(&alloc, path, &measured, error);
	if (!code) code = apl_store_sqlite_rewrite(&alloc, path, part, error);
	if (!code) {
		code = verify_as(part, path, &options, &verified, error);
		/* Nothing is taken on trust: what is counted in the new one is what was counted in the old one. */
		const aplomb_store_measure *now = &verified.measure;
		if (!code && (now->cases != measured.cases || now->entries != measured.entries || now->entry_bytes != measured.entry_bytes))
			code = apl_fail(error, APLOMB_EDAMAGED, "store-damaged",
			    "%s: the file that was written anew holds something else; nothing was changed", path);
		if (!code) code = apl_store_sqlite_settle(part, path, true, error);
		apl_store_sqlite_remove(part);
	}
	apl_store_sqlite_unlock(&held);
	if (code) return code;
	verified.measure.file_bytes = apl_store_sqlite_size(path);
	verified.measure.wal_bytes = 0;
	if (before != NULL) apl_give_struct(before, &measured, sizeof measured);
	if (out != NULL) apl_give_struct(out, &verified, sizeof verified);
	return APLOMB_OK;
}
