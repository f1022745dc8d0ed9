/* SPDX-License-Identifier: MIT */
#ifndef APL_API_IMPORTED_H
#define APL_API_IMPORTED_H

/* Documents of SCXML on their way into a runtime: imported.c. */

#include "api/runtime.h"
#include "api/sources.h"
#include "scxml/import.h"

/* What a document without a path is called. */
#define APL_IMPORTED_NAME "chart.scxml"

/*
 * The document that options->source holds, as a playbook's text in [out], and in [places] (or NULL) where each piece of it came from;
 * findings are left for the caller to tell.
 */
int apl_import(
    aplomb_runtime *rt, const aplomb_load_options *options, apl_buf *out, apl_buf *places, apl_findings *findings, aplomb_error *error);

/* What the playbook's file would be called: the document's path with the ending ".lua", in [out]. */
const char *apl_imported_path(apl_buf *out, const char *path);

#endif
