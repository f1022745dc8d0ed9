/* SPDX-License-Identifier: MIT */
#ifndef APL_SCXML_IMPORT_H
#define APL_SCXML_IMPORT_H

/*
 * The door of this room: the text of an SCXML document becomes the text of a
 * playbook, and those that it invokes the texts of others. Nothing is loaded, nothing is run. docs/scxml.md says what becomes
 * of each element.
 */

#include "base/buf.h"
#include "base/error.h"
#include "lua/load.h"

typedef struct apl_scxml_options {
	const char *path; /* what findings call the document; the playbook's id is made of its last part */
	const char *text;
	size_t size;
	const apl_lua_reader *reader; /* of files that stand beside it, or NULL */
} apl_scxml_options;

/* A playbook that came out. */
typedef struct apl_scxml_chart {
	const char *id;       /* its playbook's id */
	const char *document; /* what findings call the document it stands in */
	apl_buf text;
	apl_buf places; /* which element each piece of the text came from (lua/origin.h) */
} apl_scxml_chart;

/* The document's own chart first, then those that it invokes, and those that they invoke. */
typedef struct apl_scxml_charts {
	apl_arena arena;
	apl_scxml_chart *items;
	uint32_t count;
} apl_scxml_charts;
void apl_scxml_charts_init(apl_scxml_charts *charts, const apl_alloc *alloc);
void apl_scxml_charts_dispose(apl_scxml_charts *charts);

/* Does the text begin as an XML document does, in any encoding that is read? No playbook does. */
bool apl_scxml_is(const char *text, size_t size);

/*
 * The playbooks, in [out]. What cannot be carried over is an error in
 * [findings], what will fail when it is reached a warning. EPLAYBOOK with the
 * first error; ENOMEM.
 */
int apl_scxml_import(
    apl_scxml_charts *out, const apl_alloc *alloc, const apl_scxml_options *options, apl_findings *findings, aplomb_error *error);

#endif
