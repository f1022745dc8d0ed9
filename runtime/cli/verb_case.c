/* SPDX-License-Identifier: MIT */
/* Decides what can be done with a case of a store from the command line. Each act has a file of its own. */
#include "cli/case.h"

static const cli_verb *const ACTS[] = {&cli_case_list, &cli_case_show, &cli_case_journal, &cli_case_due, &cli_case_stuck, &cli_case_resume,
    &cli_case_skip, &cli_case_set, &cli_case_close, NULL};

const cli_verb cli_case = {
    .name = "case",
    .operands = "ACT STORE [CASE] …",
    .sentence = "look at the cases of a store, and mend one that is faulted",
    .about =
        "Whoever looks takes no lock and sees one moment of the store, whatever a runtime does to it meanwhile. Whoever mends needs the "
        "store for himself, and says why: that is an entry of the case's journal.",
    .examples = "aplomb case list cases.db --status faulted\n"
                "aplomb case show cases.db order-2077\n"
                "aplomb case resume cases.db order-2077 --because \"the limit was raised\"",
    .acts = ACTS,
};
