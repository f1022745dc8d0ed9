/* SPDX-License-Identifier: MIT */
/*
 * Decides how a failure becomes the caller's aplomb_error, and answers what a
 * code is called. What is a failure, and its words, is decided where it is met.
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *aplomb_version(void) {
	return APLOMB_VERSION;
}

const char *aplomb_code_name(int code) {
	switch (code) {
#define NAME(name, number, sentence)                                                                                                       \
	case number: return #name;
		APLOMB_CODES(NAME)
#undef NAME
	default: return "?";
	}
}

const char *aplomb_code_sentence(int code) {
	switch (code) {
#define SENTENCE(name, number, sentence)                                                                                                   \
	case number: return sentence;
		APLOMB_CODES(SENTENCE)
#undef SENTENCE
	default: return "this number is no code of aplomb's";
	}
}

static const char ELLIPSIS[] = "\xE2\x80\xA6";
#define ELLIPSIS_SIZE (sizeof ELLIPSIS - 1)

static bool continues_character(char byte) {
	return ((unsigned char)byte & 0xC0) == 0x80;
}

/* [text] fills its [size] bytes and was longer: ends it with "…" at a character's edge. */
static void cut(char *text, size_t size) {
	size_t kept = size - 1 - ELLIPSIS_SIZE;
	while (kept > 0 && continues_character(text[kept])) kept--;
	memcpy(text + kept, ELLIPSIS, ELLIPSIS_SIZE + 1);
}

static void copy_start(char *out, size_t size, const char *text) {
	size_t length = strlen(text);
	if (length < size) {
		memcpy(out, text, length + 1);
		return;
	}
	memcpy(out, text, size);
	cut(out, size);
}

/* A path that is too long keeps its end: that is where the file's name is. */
static void copy_end(char *out, size_t size, const char *path) {
	size_t length = strlen(path);
	if (length < size) {
		memcpy(out, path, length + 1);
		return;
	}
	const char *kept = path + length - (size - 1 - ELLIPSIS_SIZE);
	while (continues_character(*kept)) kept++;
	memcpy(out, ELLIPSIS, ELLIPSIS_SIZE);
	memcpy(out + ELLIPSIS_SIZE, kept, strlen(kept) + 1);
}

int apl_vfail(aplomb_error *error, int code, const char *slug, apl_place place, const char *format, va_list arguments) {
	if (error == NULL) return code;
	/* The message is made first and aside: an argument may be the very error that is filled here. */
	char message[sizeof error->message];
	int length = vsnprintf(message, sizeof message, format, arguments);
	if (length < 0) copy_start(message, sizeof message, aplomb_code_sentence(code));
	if (length >= (int)sizeof message) cut(message, sizeof message);
	error->code = code;
	error->line = place.line;
	error->column = place.column;
	copy_start(error->slug, sizeof error->slug, slug);
	copy_end(error->file, sizeof error->file, place.file != NULL ? place.file : "");
	memcpy(error->message, message, strlen(message) + 1);
	return code;
}

int apl_fail(aplomb_error *error, int code, const char *slug, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	apl_vfail(error, code, slug, APL_NOWHERE, format, arguments);
	va_end(arguments);
	return code;
}

int apl_fail_at(aplomb_error *error, int code, const char *slug, apl_place place, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	apl_vfail(error, code, slug, place, format, arguments);
	va_end(arguments);
	return code;
}

int apl_fail_memory(aplomb_error *error) {
	return apl_fail(error, APLOMB_ENOMEM, "no-memory", "there is no memory left: the allocator returned NULL; nothing was changed");
}

const char *apl_file_name(const char *path) {
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}
