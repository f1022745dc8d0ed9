/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_ASSERT_H
#define APL_BASE_ASSERT_H

/*
 * For what cannot happen, on in every build; never for input. Prints file,
 * line and the condition, and aborts.
 */
_Noreturn void apl_assert_failed(const char *file, int line, const char *condition);
#define APL_ASSERT(condition) ((condition) ? (void)0 : apl_assert_failed(__FILE__, __LINE__, #condition))

#endif
