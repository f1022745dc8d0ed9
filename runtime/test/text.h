/* SPDX-License-Identifier: MIT */
#ifndef APL_TEST_TEXT_H
#define APL_TEST_TEXT_H

/* Text that grows. It belongs to a file of tests and not to a C function, for Lua's errors jump over C functions. */
#include <stdbool.h>
#include <stddef.h>

typedef struct apl_test_text {
	char *bytes; /* terminated, or NULL: nothing was added yet */
	size_t size, capacity;
	bool failed; /* there was no memory: it stays as it was */
} apl_test_text;

void apl_test_text_add(apl_test_text *text, const char *bytes, size_t size);
void apl_test_text_put(apl_test_text *text, const char *string);
void apl_test_text_format(apl_test_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Back to [size] bytes of what it was. */
void apl_test_text_cut(apl_test_text *text, size_t size);
/* Without its first [size] bytes. */
void apl_test_text_cut_front(apl_test_text *text, size_t size);
void apl_test_text_dispose(apl_test_text *text);
/* What is in it; "" when nothing is. */
static inline const char *apl_test_text_of(const apl_test_text *text) {
	return text->bytes != NULL ? text->bytes : "";
}

#endif
