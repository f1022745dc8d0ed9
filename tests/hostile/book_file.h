/* SPDX-License-Identifier: MIT */
#ifndef APL_HOSTILE_BOOK_FILE_H
#define APL_HOSTILE_BOOK_FILE_H

/* A file of books/: a playbook, and in its comments how it must end. README.md beside this says how they are written. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_POSTS = 8 };

typedef enum book_end {
	END_FAULTED,  /* the step is taken back, the case takes no more */
	END_REFUSED,  /* it is not loaded */
	END_MISTAKE,  /* a finding in the journal; the case goes on */
	END_DOOR,     /* what is posted is turned away */
	END_HARMLESS, /* it does not come to what it tries */
	N_ENDS
} book_end;

typedef enum book_when { WHEN_EVENT, WHEN_OPENING, WHEN_TIMER, WHEN_ROUNDS } book_when;

typedef struct book_file {
	char name[64];
	char *source; /* its macros expanded */
	size_t size;
	book_end end;
	book_when when;
	char slugs[96]; /* one of them, with "|" between */
	uint32_t line;  /* where "--!" stands, or 0 */
	size_t memory;  /* bytes it may want beyond what is there before its first step */
	double seconds;
	char *posts[MOST_POSTS]; /* envelopes; "@case{}" stands for the case */
	size_t n_posts;
	size_t times; /* they are posted so often, one round behind the other */
	char *policy; /* what stands in its policy, or NULL */
	size_t policy_size;
	char *also; /* another playbook that is loaded with it, or NULL */
	size_t also_size;
} book_file;

/* Fails the test when the file cannot be read or does not say how it ends. */
void book_file_read(book_file *out, const char *path);
/* Is it one of those with which it may end? */
bool book_file_ends_with(const book_file *book, const char *slug);
void book_file_dispose(book_file *book);
/* The text with its macros expanded and "@case{}" as the case's id, of [*size] bytes; the caller's, from malloc. */
char *book_expand(const char *text, size_t text_size, const char *case_id, size_t *size);

#endif
