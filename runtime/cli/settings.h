/* SPDX-License-Identifier: MIT */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

/* --policy and --params, as every verb takes them that loads a playbook. */
#include "cli/cli.h"

typedef struct cli_settings {
	const char *policy;
	const char *params; /* a file, or JSON */
	char *read;         /* what the file of params holds, or NULL; its own, see cli_settings_dispose */
} cli_settings;

#define CLI_SETTINGS_POLICY(struct_name, member)                                                                                           \
	{ "policy", 0, CLI_TEXT, CLI_OFFSET(struct_name, member.policy), "FILE", "a policy, in place of policy.lua beside the playbook", NULL }
#define CLI_SETTINGS_OPTIONS(struct_name, member) CLI_SETTINGS_POLICY(struct_name, member), CLI_SETTINGS_PARAMS(struct_name, member, 'p')
/* The second of them, with another letter or none (0). */
#define CLI_SETTINGS_PARAMS(struct_name, member, letter)                                                                                   \
	{                                                                                                                                      \
		"params", letter, CLI_TEXT, CLI_OFFSET(struct_name, member.params), "FILE|JSON",                                                   \
		    "parameters that stand before the policy's: a JSON map, or a file that holds one", NULL                                        \
	}

/* Into the options of a load, for as long as [settings] live. A status; what is wrong was told. */
int cli_settings_apply(cli_settings *settings, const cli_screens *cli, const cli_verb *verb, aplomb_load_options *load);
/*
 * Loads the playbook that [given] names with them, looking for modules in [roots], too. Its errors are told, and nothing else of what was
 * found. A status.
 */
int cli_settings_load(cli_settings *settings, const cli_screens *cli, const cli_verb *verb, aplomb_runtime *rt, const cli_texts *roots,
    const char *given, aplomb_playbook **out);
void cli_settings_dispose(cli_settings *settings);

#endif
