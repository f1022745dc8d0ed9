/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPLAY_TOLD_H
#define CLI_REPLAY_TOLD_H

/* What a verification came to, for people and for programs. */
#include "cli/cli.h"

typedef struct cli_replay_told {
	const char *journal;  /* its name, for messages */
	const char *playbook; /* the file that was loaded last, for its lines; or NULL */
	double seconds;
} cli_replay_told;

/* "items[2].data.text" as people count: "item 3: data.text". Returns [out]. */
const char *cli_replay_member(const char *member, char *out, size_t size);
/* The whole of it: the first difference, or that there is none; what cases stand on that is another thing here; what is missing at the end.
 */
void cli_replay_tell(const cli_screens *cli, const cli_replay_told *told, const aplomb_verified *verified);
/* The same as one line of JSON. */
void cli_replay_tell_json(const cli_screens *cli, const cli_replay_told *told, const aplomb_verified *verified);

#endif
