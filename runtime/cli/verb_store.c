/* SPDX-License-Identifier: MIT */
/* Decides what can be done with a store as a whole from the command line. Each act has a file of its own, or shares one. */
#include "cli/store.h"

static const cli_verb *const ACTS[] = {
    &cli_store_stats, &cli_store_verify, &cli_store_backup, &cli_store_restore, &cli_store_compact, NULL};

const cli_verb cli_store = {
    .name = "store",
    .operands = "ACT STORE …",
    .sentence = "say what a store holds and whether it is sound, copy and compact it",
    .about =
        "stats, verify and backup look at one moment of the store, whatever a runtime does to it meanwhile. restore and compact exchange "
        "a file, and no runtime may have it open then.",
    .examples = "aplomb store stats cases.db\n"
                "aplomb store verify cases.db\n"
                "aplomb store backup cases.db backups/2026-03-31.db",
    .acts = ACTS,
};
