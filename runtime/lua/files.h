/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_FILES_H
#define APL_LUA_FILES_H

/*
 * The files that a playbook is made of: its own, the modules it requires, and
 * what else stands beside it. Together they are its source, its identity, and
 * what the store keeps of it.
 */

#include "lua/host.h"
#include "lua/load.h"

/* More files than anybody can keep in mind, and more text than anybody writes by hand. */
enum { APL_LUA_MOST_FILES = 256, APL_LUA_MOST_FILE_MIB = 4 };

/* Takes the main file's text in, or all that a bundle holds. EPLAYBOOK with a finding, ENOMEM. */
int apl_lua_files_begin(apl_lua *host, const apl_lua_options *options, aplomb_error *error);
/*
 * Every file is known: makes the bundle of them, which is the program's source,
 * and its hash. ENOMEM.
 */
int apl_lua_files_end(apl_lua *host, aplomb_error *error);
/* For the host's end. */
void apl_lua_files_dispose(apl_lua *host);

/*
 * The file of that relative name ("policy.lua", "x/y.lua"): taken from the
 * bundle if the playbook came as one, else from the library (aplomb/…), else
 * read through the host's reader. Known from then on; asking again gives the
 * same. [*out] is its number in host->files. Does not raise.
 * ENOTFOUND: there is none ([error] says nothing). ELIMIT: too many files.
 * EIO: it is there and cannot be read. ENOMEM.
 */
int apl_lua_fetch(apl_lua *host, const char *name, uint32_t *out, aplomb_error *error);
/* The same of the playbook's own folder only, or the bundle. */
int apl_lua_fetch_beside(apl_lua *host, const char *name, uint32_t *out, aplomb_error *error);
/* A text of that name becomes one of the playbook's files, and so part of its hash. [shown]: what findings call it. The number, or
 * APL_NONE without memory. Does not raise. */
uint32_t apl_lua_add_source(apl_lua *host, const char *name, const char *shown, const char *text, size_t size);
/* Tells the name of each file that apl_lua_fetch may find. Does not raise. */
void apl_lua_each_file(apl_lua *host, void (*tell)(const char *name, void *payload), void *payload);

/* The name of the chunk that is compiled of a file, "=playbook" or "=@3": [out] holds 16 bytes. */
const char *apl_lua_chunk_name(uint32_t file, char out[16]);
/* What is no file of the playbook's, aside.c's, has a chunk of this name, and this number. */
#define APL_LUA_ASIDE_CHUNK "=?"
#define APL_LUA_ASIDE_FILE (UINT32_MAX - 1)
/* The file of the chunk that Lua calls so; 0, the main one, for any other. */
uint32_t apl_lua_file_of_chunk(const apl_lua *host, const char *chunk);
static inline apl_place apl_lua_place_in(const apl_lua *host, uint32_t file, uint32_t line) {
	const char *aside = file == APL_LUA_ASIDE_FILE ? host->aside : NULL;
	return (apl_place){host->n_files > file ? host->files[file].shown : aside, line, 0};
}

/* Is it a file's name: parts of it are names, none begins with a dot, and nothing leads out of the playbook's folder? */
bool apl_lua_is_file_name(const char *name, size_t size);

/* What comes with Aplomb: stdlib/aplomb, compiled in. */
typedef struct apl_library_file {
	const char *name; /* "aplomb/talk.lua" */
	const unsigned char *text;
	size_t size;
} apl_library_file;
extern const apl_library_file apl_library[];
extern const size_t apl_library_count;

#endif
