/* SPDX-License-Identifier: MIT */
/* Decides what all stores say in the same words, and how a sink is asked. */
#include "store/store.h"

int apl_store_fail_conflict(const apl_store_line *line, aplomb_error *error) {
	return apl_fail(error, APLOMB_ESTORE, "store-conflict",
	    "case \"%.*s\": entry %llu does not follow the newest one in the store: somebody else stepped the case", (int)line->case_id_size,
	    line->case_id, (unsigned long long)line->seq);
}

int apl_store_fail_no_case(const char *case_id, uint32_t case_id_size, aplomb_error *error) {
	return apl_fail(error, APLOMB_ENOTFOUND, "no-case", "the store holds no case \"%.*s\"", (int)case_id_size, case_id);
}

int apl_store_fail_no_snapshot(const char *case_id, uint32_t case_id_size, aplomb_error *error) {
	return apl_fail(error, APLOMB_ENOTFOUND, "no-snapshot", "case \"%.*s\" has no snapshot in the store", (int)case_id_size, case_id);
}

int apl_store_fail_no_source(const char *hash, aplomb_error *error) {
	return apl_fail(error, APLOMB_ENOTFOUND, "no-source", "the store holds no playbook of hash %s", hash);
}

int apl_store_ask_sink(aplomb_journal_fn sink, void *payload, const apl_store_batch *batch, aplomb_error *error) {
	if (sink == NULL || batch->bytes_size == 0) return APLOMB_OK;
	int answer = sink(batch->bytes, batch->bytes_size, payload);
	if (answer == 0) return APLOMB_OK;
	return apl_fail(error, APLOMB_ESTORE, "journal-sink", "the journal's sink did not take %zu bytes of lines and answered %d",
	    batch->bytes_size, answer);
}
