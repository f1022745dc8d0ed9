/* SPDX-License-Identifier: MIT */
#ifndef APL_LUA_LEXER_H
#define APL_LUA_LEXER_H

/*
 * The words and signs of Lua 5.4, one by one, each with its place. Lines are
 * counted as Lua counts them: "\n", "\r", "\r\n" and "\n\r" end one. Columns
 * count characters (code points, not bytes) from 1; a tab is one character.
 *
 * It reads any bytes and always moves on, so a caller's loop ends. Of a valid
 * file it gives exactly the tokens that Lua's own reader gives; what that
 * reader would refuse is a token of the kind APL_TOKEN_WRONG.
 */

#include "base/buf.h"

typedef enum apl_token_kind {
	APL_TOKEN_END,
	APL_TOKEN_NAME,
	APL_TOKEN_KEYWORD, /* [symbol] says which */
	APL_TOKEN_SIGN,    /* likewise */
	APL_TOKEN_NUMBER,
	APL_TOKEN_TEXT,      /* "…" or '…' */
	APL_TOKEN_LONG_TEXT, /* [[…]] or [=[…]=] */
	APL_TOKEN_WRONG      /* no token: an unfinished text, an unknown escape, a character that has no place in Lua */
} apl_token_kind;

/* Keywords in the order of the alphabet, then signs. */
typedef enum apl_symbol {
	APL_LUA_AND,
	APL_LUA_BREAK,
	APL_LUA_DO,
	APL_LUA_ELSE,
	APL_LUA_ELSEIF,
	APL_LUA_END,
	APL_LUA_FALSE,
	APL_LUA_FOR,
	APL_LUA_FUNCTION_WORD,
	APL_LUA_GOTO,
	APL_LUA_IF,
	APL_LUA_IN,
	APL_LUA_LOCAL,
	APL_LUA_NIL,
	APL_LUA_NOT,
	APL_LUA_OR,
	APL_LUA_REPEAT,
	APL_LUA_RETURN,
	APL_LUA_THEN,
	APL_LUA_TRUE,
	APL_LUA_UNTIL,
	APL_LUA_WHILE,
	APL_LUA_KEYWORDS,

	APL_SIGN_PLUS = APL_LUA_KEYWORDS,
	APL_SIGN_MINUS,
	APL_SIGN_TIMES,
	APL_SIGN_SLASH,
	APL_SIGN_DOUBLE_SLASH,
	APL_SIGN_PERCENT,
	APL_SIGN_POWER,
	APL_SIGN_LENGTH,
	APL_SIGN_AMPERSAND,
	APL_SIGN_TILDE,
	APL_SIGN_BAR,
	APL_SIGN_SHIFT_LEFT,
	APL_SIGN_SHIFT_RIGHT,
	APL_SIGN_EQUAL,
	APL_SIGN_NOT_EQUAL,
	APL_SIGN_LESS_EQUAL,
	APL_SIGN_GREATER_EQUAL,
	APL_SIGN_LESS,
	APL_SIGN_GREATER,
	APL_SIGN_ASSIGN,
	APL_SIGN_OPEN_PAREN,
	APL_SIGN_CLOSE_PAREN,
	APL_SIGN_OPEN_BRACE,
	APL_SIGN_CLOSE_BRACE,
	APL_SIGN_OPEN_BRACKET,
	APL_SIGN_CLOSE_BRACKET,
	APL_SIGN_LABEL, /* :: */
	APL_SIGN_SEMICOLON,
	APL_SIGN_COLON,
	APL_SIGN_COMMA,
	APL_SIGN_DOT,
	APL_SIGN_CONCAT,
	APL_SIGN_ELLIPSIS,
	APL_SYMBOLS
} apl_symbol;

typedef struct apl_token {
	uint8_t kind;    /* apl_token_kind */
	uint8_t symbol;  /* apl_symbol; APL_SYMBOLS when it is neither keyword nor sign */
	bool is_plain;   /* a text whose bytes are, one by one, those between its quotes or brackets */
	uint32_t level;  /* of a long text: how many "=" stand in its brackets */
	uint32_t offset; /* in the source */
	uint32_t size;
	uint32_t line;
	uint32_t column;
} apl_token;

typedef struct apl_lexer {
	const char *source;
	uint32_t size;
	uint32_t next; /* offset of what is read next */
	uint32_t line;
	uint32_t counted; /* how far columns are counted: an offset in the line */
	uint32_t column;  /* of [counted] */
} apl_lexer;

/* Sources beyond 4 GiB are read as if they ended there. The first line is 1. */
void apl_lexer_init(apl_lexer *lexer, const char *source, size_t size);
/* APL_TOKEN_END from the end on. */
apl_token apl_lexer_next(apl_lexer *lexer);

/* The token that begins at [offset]. Its line and column are not those of the file. */
apl_token apl_token_at(const char *source, size_t size, uint32_t offset);

/* Where the bytes between a text's quotes or brackets begin (behind the line break that a long text does not count), and where they end. */
void apl_token_inside(const char *source, const apl_token *text, uint32_t *from, uint32_t *to);
/* Adds the value of a text token to [out], as Lua makes it: escapes read, line breaks "\n". */
void apl_token_value(const char *source, const apl_token *text, apl_buf *out);

typedef enum apl_token_number { APL_NUMBER_INTEGER, APL_NUMBER_FLOAT, APL_NUMBER_UNREAD } apl_token_number;
/* What a number token is worth. Hexadecimal fractions, and decimals of more than 800 digits, are left unread. */
apl_token_number apl_token_to_number(const char *source, const apl_token *number, int64_t *integer, double *real);

#endif
