/* SPDX-License-Identifier: MIT */
#ifndef APL_BASE_BUF_H
#define APL_BASE_BUF_H

/*
 * Growable bytes. An append that finds no memory sets [failed] and leaves the
 * buffer as it was; later appends do nothing. So a writer appends freely and
 * looks once at the end.
 */

#include <string.h>

#include "base/alloc.h"
#include "base/copy.h"

typedef struct apl_buf {
	apl_alloc alloc;
	char *bytes; /* never NULL; not terminated unless apl_buf_terminate; not ours to free when capacity is 0 */
	size_t size;
	size_t capacity;
	bool failed;
} apl_buf;

void apl_buf_init(apl_buf *buf, const apl_alloc *alloc);
void apl_buf_dispose(apl_buf *buf);
static inline void apl_buf_clear(apl_buf *buf) {
	buf->size = 0;
	buf->failed = false;
}
/* Room for [size] more bytes, returned; NULL (and failed) without memory. Does not change size. */
char *apl_buf_reserve_slow(apl_buf *buf, size_t size);
APL_INLINE char *apl_buf_reserve(apl_buf *buf, size_t size) {
	if (!buf->failed && size <= buf->capacity - buf->size) return buf->bytes + buf->size;
	return apl_buf_reserve_slow(buf, size);
}
APL_INLINE void apl_buf_add(apl_buf *buf, const void *bytes, size_t size) {
	char *to = apl_buf_reserve(buf, size);
	if (to == NULL || size == 0) return;
	memcpy(to, bytes, size);
	buf->size += size;
}
/* The same for bytes behind which APL_BLOCK more may be read: see copy.h. */
static inline void apl_buf_add_blocks(apl_buf *buf, const char *bytes, size_t size) {
	char *to = apl_buf_reserve(buf, size + APL_BLOCK);
	if (to == NULL) return;
	apl_copy_blocks(to, bytes, size);
	buf->size += size;
}
static inline void apl_buf_byte(apl_buf *buf, char byte) {
	char *to = apl_buf_reserve(buf, 1);
	if (to == NULL) return;
	*to = byte;
	buf->size += 1;
}
static inline void apl_buf_text(apl_buf *buf, const char *text) {
	apl_buf_add(buf, text, strlen(text));
}
#define APL_BUF_LITERAL(buf, literal) apl_buf_add((buf), (literal), sizeof(literal) - 1)
/* Decimal digits at [to], at most APL_INTEGER_SIZE bytes, not terminated; returns behind them. */
#define APL_INTEGER_SIZE 20
char *apl_put_integer(char *to, int64_t value);
/* Decimal digits. */
void apl_buf_integer(apl_buf *buf, int64_t value);
/* printf; for messages, not for the path of an event. */
void apl_buf_format(apl_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A NUL behind the last byte, not counted in size. Returns bytes, or "" when failed. */
const char *apl_buf_terminate(apl_buf *buf);

#endif
