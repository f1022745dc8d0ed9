/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_LOG_H
#define APL_BASE_LOG_H

/*
 * The log is for operators: levels, fields, the host's sink, a rate limit per
 * code that counts what it drops and says so with the next line it lets
 * through. Formatting is not done here (api/log_sink.c).
 */

#include "base/alloc.h"

typedef struct apl_log {
	aplomb_log_fn sink; /* NULL: nothing is ever logged */
	void *payload;
	aplomb_level level;
	uint32_t per_second;
	const char *trace_case;     /* owned by whoever owns the log; or NULL */
	struct apl_log_rate *rates; /* fixed table by code */
} apl_log;

/* Returns false without memory. */
bool apl_log_init(apl_log *log, const apl_alloc *alloc, aplomb_log_fn sink, void *payload, aplomb_level level, uint32_t per_second);
void apl_log_dispose(apl_log *log, const apl_alloc *alloc);

/* Would a line of this level about this case go anywhere? Cheap; ask before gathering fields. A traced case gets every level. */
static inline bool apl_log_wants(const apl_log *log, aplomb_level level, const char *case_id) {
	if (log->sink == NULL) return false;
	if (level <= log->level) return true;
	return log->trace_case != NULL && case_id != NULL && __builtin_strcmp(log->trace_case, case_id) == 0;
}
/* Sends [record] (size and dropped are filled in here) if wanted and within the rate; lines of a traced case are not limited. */
void apl_log_send(apl_log *log, aplomb_log_record *record);

#endif
