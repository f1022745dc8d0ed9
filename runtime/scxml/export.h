/* SPDX-License-Identifier: MIT */
#ifndef APL_SCXML_EXPORT_H
#define APL_SCXML_EXPORT_H

/*
 * The door of this room on the way out: a loaded playbook becomes a document of
 * SCXML with the data model "lua". docs/scxml.md says what becomes of what, and what does not fit.
 */

#include "base/buf.h"
#include "base/error.h"
#include "engine/program.h"

/*
 * Adds the document to [out]. What SCXML has no word for is an error in
 * [findings], what another interpreter may do otherwise a warning. EPLAYBOOK with the
 * first error; ENOMEM. While nothing runs.
 */
int apl_scxml_export(apl_buf *out, const apl_alloc *alloc, const apl_program *program, apl_findings *findings, aplomb_error *error);

/* Elements and attributes of ours in such a document, and the types of a <send> that asks the world for something. */
#define APL_SCXML_OURS "urn:aplomb:playbook"
#define APL_SCXML_EFFECT "urn:aplomb:effect"

#endif
