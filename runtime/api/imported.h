/* SPDX-License-Identifier: MIT */
#ifndef APL_API_IMPORTED_H
#define APL_API_IMPORTED_H

/* Documents of SCXML on their way into a runtime: imported.c. */

#include "api/runtime.h"
#include "api/sources.h"
#include "scxml/import.h"

/* What a document without a path is called. */
#define APL_IMPORTED_NAME "chart.scxml"

/* The playbooks that the document in options->source becomes; findings are left for the caller to tell. */
int apl_import(aplomb_runtime *rt, const aplomb_load_options *options, apl_scxml_charts *out, apl_findings *findings, aplomb_error *error);

/*
 * What the n-th playbook's file would be called, in [out]: the first like the document at [path], with the ending ".lua", the others
 * like their ids, beside it.
 */
const char *apl_imported_path(apl_buf *out, const char *path, const apl_scxml_charts *charts, uint32_t n);

#endif
