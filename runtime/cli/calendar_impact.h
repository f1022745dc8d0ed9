/* SPDX-License-Identifier: MIT */
#ifndef CLI_CALENDAR_IMPACT_H
#define CLI_CALENDAR_IMPACT_H

/* What a calendar that changed would move: an act of `aplomb calendar`. */
#include "cli/cli.h"

extern const cli_verb cli_calendar_impact;

#endif
