/* SPDX-License-Identifier: MIT */
/*
 * Decides how a host reads a journal file: one document, filled line by line.
 * What a sound journal is, is decided by room journal.
 */
#include "api/document.h"
#include "journal/entry.h"

struct aplomb_journal {
	apl_alloc alloc;
	apl_journal_reader *reader;
	aplomb_json line;
};

int aplomb_journal_open(aplomb_journal **out, aplomb_error *error) {
	if (out == NULL) return apl_fail(error, APLOMB_EINVAL, "null-argument", "aplomb_journal_open: out is NULL; it receives the reader");
	apl_alloc alloc = apl_alloc_system();
	aplomb_journal *journal = apl_new(&alloc, sizeof *journal);
	if (journal == NULL) return apl_fail_memory(error);
	journal->alloc = alloc;
	apl_document_init(&journal->line, &alloc);
	journal->reader = apl_journal_reader_new(&alloc);
	if (journal->reader == NULL) {
		aplomb_journal_close(journal);
		return apl_fail_memory(error);
	}
	*out = journal;
	return APLOMB_OK;
}

void aplomb_journal_close(aplomb_journal *journal) {
	if (journal == NULL) return;
	apl_alloc alloc = journal->alloc;
	if (journal->reader != NULL) apl_journal_reader_free(journal->reader);
	apl_document_dispose(&journal->line);
	apl_free(&alloc, journal, sizeof *journal);
}

int aplomb_journal_read(aplomb_journal *journal, const char *line, size_t size, aplomb_value *entry, aplomb_error *error) {
	if (journal == NULL || line == NULL)
		return apl_fail(error, APLOMB_EINVAL, "null-argument", "aplomb_journal_read: %s is NULL", journal == NULL ? "journal" : "line");
	if (!apl_document_copy(&journal->line, line, size)) return apl_fail_memory(error);
	int code = apl_journal_read(journal->reader, journal->line.text.bytes, size, &journal->line.tape, error);
	bool was_read = code == APLOMB_OK || code == APLOMB_EDAMAGED;
	if (!was_read) return code;
	if (!apl_document_terminate(&journal->line)) return apl_fail_memory(error);
	if (entry != NULL) *entry = journal->line.tape.count > 0 ? aplomb_json_root(&journal->line) : (aplomb_value){NULL, 0};
	return code;
}
