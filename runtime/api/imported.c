/* SPDX-License-Identifier: MIT */
/*
 * Decides how a host's SCXML document becomes a playbook's text, or a loaded
 * playbook, and how a loaded playbook becomes such a document. What becomes of
 * elements and words is decided by room scxml.
 */
#include "api/imported.h"

#include <stdio.h>
#include <string.h>

#include "scxml/export.h"

int apl_import(aplomb_runtime *rt, const aplomb_load_options *options, apl_scxml_charts *out, apl_findings *findings, aplomb_error *error) {
	apl_sources sources;
	apl_lua_reader reader;
	apl_sources_init(&sources, options, &reader);
	const apl_scxml_options scxml = {.path = options->path != NULL ? options->path : APL_IMPORTED_NAME,
	    .text = options->source,
	    .size = options->source_size,
	    .reader = &reader};
	apl_enter(rt);
	int code = apl_scxml_import(out, &rt->alloc, &scxml, findings, error);
	apl_leave(rt);
	return code;
}

const char *apl_imported_path(apl_buf *out, const char *path, const apl_scxml_charts *charts, uint32_t n) {
	if (path == NULL) path = APL_IMPORTED_NAME;
	const char *name = apl_file_name(path);
	const char *dot = strrchr(name, '.');
	apl_buf_clear(out);
	apl_buf_add(out, path, (size_t)(name - path));
	if (n > 0)
		apl_buf_text(out, charts->items[n].id);
	else
		apl_buf_add(out, name, dot != NULL && dot > name ? (size_t)(dot - name) : strlen(name));
	apl_buf_text(out, ".lua");
	return apl_buf_terminate(out);
}

const char *aplomb_playbook_imported(const aplomb_playbook *playbook) {
	return playbook == NULL ? NULL : apl_program_of(playbook)->imported;
}

int aplomb_export_scxml(aplomb_runtime *rt, const aplomb_playbook *playbook, aplomb_finding_fn on_finding, void *payload, char **text,
    size_t *size, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_export_scxml", error);
	if (code != APLOMB_OK) return code;
	if (playbook == NULL) return apl_fail_null(error, "aplomb_export_scxml", "playbook");
	if (text == NULL) return apl_fail_null(error, "aplomb_export_scxml", "text");
	apl_buf out;
	apl_findings findings;
	apl_buf_init(&out, &rt->alloc);
	apl_findings_init(&findings, &rt->alloc);
	apl_enter(rt);
	code = apl_scxml_export(&out, &rt->alloc, apl_program_of(playbook), &findings, error);
	apl_leave(rt);
	if (on_finding != NULL) apl_findings_tell(&findings, on_finding, payload);
	if (code == APLOMB_OK) code = apl_give_text(rt, &out, text, size, error);
	apl_findings_dispose(&findings);
	apl_buf_dispose(&out);
	return code;
}
