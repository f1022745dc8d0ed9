/* SPDX-License-Identifier: MIT */
/*
 * Decides which lines reach the host's sink: wanted by level or by the case
 * that is traced, and within the rate of their code. How a line looks is
 * decided by the sink.
 */
#include "base/log.h"

#include <string.h>

#include "base/hash.h"

enum {
	CODES = 128, /* codes told apart; any beyond share one rate */
	PER_SECOND = 20,
	SECOND = 1000000
};

/* What one code said in the second that began with its first line. */
typedef struct rate {
	uint64_t code; /* hash of its text; 0: free */
	aplomb_instant since;
	uint32_t sent;
	uint64_t dropped; /* since the last line let through */
} rate;

struct apl_log_rate {
	rate codes[CODES];
	rate others;
};

bool apl_log_init(apl_log *log, const apl_alloc *alloc, aplomb_log_fn sink, void *payload, aplomb_level level, uint32_t per_second) {
	*log = (apl_log){.sink = sink, .payload = payload, .level = level, .per_second = per_second != 0 ? per_second : PER_SECOND};
	if (sink == NULL) return true;
	log->rates = apl_new(alloc, sizeof *log->rates);
	return log->rates != NULL;
}

void apl_log_dispose(apl_log *log, const apl_alloc *alloc) {
	apl_free(alloc, log->rates, sizeof *log->rates);
	*log = (apl_log){0};
}

static rate *rate_of(struct apl_log_rate *rates, const char *code) {
	uint64_t hash = apl_hash64(code, strlen(code)) | 1; /* never 0 */
	for (uint32_t i = 0; i < CODES; i++) {
		rate *at = &rates->codes[(hash / 2 + i) % CODES];
		if (at->code == 0) at->code = hash;
		if (at->code == hash) return at;
	}
	return &rates->others;
}

/* A second has passed, or time was turned back. */
static bool begins_anew(const rate *code, aplomb_instant at) {
	return code->sent == 0 || at < code->since || (uint64_t)at - (uint64_t)code->since >= SECOND;
}

/* Counts the line; false when it is one too many. */
static bool within(rate *code, aplomb_instant at, uint32_t per_second) {
	if (begins_anew(code, at)) {
		code->since = at;
		code->sent = 0;
	}
	if (code->sent >= per_second) {
		code->dropped++;
		return false;
	}
	code->sent++;
	return true;
}

void apl_log_send(apl_log *log, aplomb_log_record *record) {
	if (!apl_log_wants(log, record->level, record->case_id)) return;
	record->size = sizeof *record;
	record->dropped = 0;
	bool traced = log->trace_case != NULL && record->case_id != NULL && strcmp(log->trace_case, record->case_id) == 0;
	if (!traced) {
		rate *code = rate_of(log->rates, record->code);
		if (!within(code, record->at, log->per_second)) return;
		record->dropped = code->dropped;
		code->dropped = 0;
	}
	log->sink(record, log->payload);
}
