/* SPDX-License-Identifier: MIT */
#ifndef APL_SCXML_IMPORT_H
#define APL_SCXML_IMPORT_H

/*
 * The door of this room: the text of an SCXML document becomes the text of a
 * playbook. Nothing is loaded, nothing is run. docs/scxml.md says what becomes
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

/* Does the text begin as an XML document does, in any encoding that is read? No playbook does. */
bool apl_scxml_is(const char *text, size_t size);

/*
 * Adds the playbook to [out], and to [places] (or NULL) which element each piece of it came from (lua/origin.h). What cannot be carried
 * over is an error in [findings], what will fail when it is reached a warning. EPLAYBOOK with the first error; ENOMEM.
 */
int apl_scxml_import(
    apl_buf *out, apl_buf *places, const apl_alloc *alloc, const apl_scxml_options *options, apl_findings *findings, aplomb_error *error);

#endif
