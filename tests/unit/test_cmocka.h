/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_CMOCKA_H
#define APL_TEST_CMOCKA_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
