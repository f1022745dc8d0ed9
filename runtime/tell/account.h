/* SPDX-License-Identifier: MIT */
#ifndef TELL_ACCOUNT_H
#define TELL_ACCOUNT_H

/* Why a clock stands where it does, as a table for people or as JSON for programs. */
#include "aplomb.h"
#include "tell/screen.h"

/*
 * The account as of [*at], or of the newest entry when it is NULL. Nothing is
 * shown unless all of it holds: otherwise the library's code, with [error].
 */
int tell_account(const tell_screen *screen, aplomb_account *account, const aplomb_instant *at, aplomb_error *error);
/* The same data as one line of JSON. */
int tell_account_json(const tell_screen *screen, aplomb_account *account, const aplomb_instant *at, aplomb_error *error);

#endif
