/* SPDX-License-Identifier: MIT */
/*
 * Decides how a host's SCXML document becomes a playbook's text, or a loaded
 * playbook. What becomes of its elements is decided by room scxml.
 */
#include "api/imported.h"

#include <stdio.h>
#include <string.h>

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
