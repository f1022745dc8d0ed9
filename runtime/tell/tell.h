/* SPDX-License-Identifier: MIT */
#ifndef TELL_TELL_H
#define TELL_TELL_H

/*
 * How a program that embeds the runtime tells people what happened: screens and
 * pages, a case's timeline, and what those stand on. The one header of the room.
 */
#include "tell/account.h"
#include "tell/casebook.h"
#include "tell/json.h"
#include "tell/lines.h"
#include "tell/need.h"
#include "tell/screen.h"
#include "tell/timeline.h"
#include "tell/wall.h"
#include "tell/word.h"

#endif
