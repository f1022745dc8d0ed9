/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_ORIGIN_H
#define APL_LUA_ORIGIN_H

/*
 * A playbook whose file was made of another document (room scxml makes such)
 * speaks of the document: findings and errors name its lines. Which piece of
 * the file came from where says a text that is one of the playbook's files, and
 * so in its bundle: "counter.lua.places" beside "counter.lua". Its first line
 * is the document's name, each of the others
 *
 *     LINE COLUMN LINE COLUMN [+]
 *
 * a place of the file and the place of the document that it and what follows
 * came from; with "+", the lines that follow came from the lines that follow.
 */

#include "lua/host.h"

/* Behind the main file's name. */
#define APL_ORIGIN_ENDING ".places"

/*
 * Reads the file of that number. [shown]: what findings call the document; NULL: its name. false with a finding (bundle-shape), or without
 * memory (host_is_out_of_memory).
 */
bool apl_origin_read(apl_lua *host, uint32_t file, const char *shown);
/* The place of the document; any place that is not the main file's stays what it is. Does not raise. */
apl_place apl_origin_place(const apl_lua *host, apl_place place);
void apl_origin_error(const apl_lua *host, aplomb_error *error);
/* Everything that was loaded and has a place that is told. Last of all, for until then the file's own are asked for. */
void apl_origin_apply(apl_lua *host, apl_findings *findings);

#endif
