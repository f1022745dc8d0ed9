/* SPDX-License-Identifier: MIT */
/*
 * Decides what is a constructor, a key, an item and a call in a Lua file. No
 * grammar is needed for that: brackets and blocks tell what lies in what, and
 * what stands directly before a text, "{" or "(" tells whether it is called.
 * The file is known to compile; where it does not, reading ends.
 */

#include "lua/places.h"

#include <stdio.h>
#include <string.h>

/* Lua itself nests at most 200 deep, and each of its levels opens a few of these. */
enum { MOST_FRAMES = 1200 };

typedef enum frame_kind {
	FRAME_BLOCK, /* the file, function … end, if … end, do … end, repeat … until */
	FRAME_BRACE,
	FRAME_ARGUMENTS,
	FRAME_PARAMETERS,
	FRAME_GROUP, /* ( … ) that calls nothing */
	FRAME_INDEX, /* t[ … ] */
	FRAME_KEY    /* { [ … ] = } */
} frame_kind;

/* What stands before the next token and may be called. */
typedef enum chain_state { CHAIN_NONE, CHAIN_PREFIX, CHAIN_DOT } chain_state;

typedef struct chain {
	uint8_t state;
	uint32_t at, line;
	uint32_t word, word_size;
	uint32_t call; /* its last link was this call, or APL_NO_SITE */
} chain;

typedef struct frame {
	uint8_t kind;
	bool is_repeat, awaits_parameters;
	bool skips_name;            /* of a label behind goto, of an attribute in < > */
	bool in_local;              /* between "local" and "=" */
	uint32_t n_locals;          /* names there so far */
	uint32_t local, local_size; /* the first of them */
	chain chain;
	/* brace and arguments */
	uint32_t table;
	bool is_called; /* [callee] is called with it */
	uint32_t args_line;
	chain callee;
	uint32_t base; /* of its entries on the stack of entries */
	bool has_entry;
	bool is_fresh;        /* the entry has a key and no value yet */
	apl_site_entry entry; /* being read */
	/* key */
	uint32_t n_tokens;
	apl_token tokens[2];
} frame;

typedef struct parser {
	apl_places *places;
	apl_lexer lexer;
	apl_findings *findings;
	apl_token before, token, ahead;
	frame *frames;
	uint32_t n_frames, frames_capacity;
	apl_site_entry *stack; /* entries of tables that are not closed */
	uint32_t n_stack, stack_capacity;
	bool is_local_begun; /* "local NAME =" was read just now */
	bool line_is_of_arguments;
	bool is_over, no_memory;
} parser;

static frame *top(parser *p) {
	return &p->frames[p->n_frames - 1];
}

static void advance(parser *p) {
	p->before = p->token;
	p->token = p->ahead;
	p->ahead = apl_lexer_next(&p->lexer);
}

static bool is_sign(const apl_token *token, apl_symbol symbol) {
	return token->symbol == symbol;
}

static void push(parser *p, frame_kind kind) {
	if (p->n_frames == MOST_FRAMES) {
		p->is_over = true;
		return;
	}
	if (!APL_GROW(&p->places->alloc, p->frames, p->n_frames, p->frames_capacity)) {
		p->is_over = p->no_memory = true;
		return;
	}
	frame *f = &p->frames[p->n_frames++];
	memset(f, 0, sizeof *f);
	f->kind = (uint8_t)kind;
	f->table = APL_NO_SITE;
	f->base = p->n_stack;
}

/* ---- texts that are kept ------------------------------------------------------------ */

static uint32_t keep_value(parser *p, const apl_token *token, uint32_t *size) {
	apl_buf *texts = &p->places->texts;
	uint32_t at = (uint32_t)texts->size;
	if (token->kind == APL_TOKEN_NAME)
		apl_buf_add(texts, p->places->source + token->offset, token->size);
	else
		apl_token_value(p->places->source, token, texts);
	if (texts->failed) p->is_over = p->no_memory = true;
	*size = (uint32_t)texts->size - at;
	return at;
}

/* ---- entries of tables ----------------------------------------------------------------- */

static void begin_item(frame *f, uint32_t at) {
	f->has_entry = true;
	f->entry = (apl_site_entry){.key_kind = APL_KEY_NONE, .key_at = at, .value_at = at, .ref = APL_NO_SITE};
	f->is_fresh = true;
}

/* Something that a value begins with, or goes on with. */
static void note(parser *p, apl_value_kind kind, uint32_t ref) {
	frame *f = top(p);
	if (f->kind != FRAME_BRACE && f->kind != FRAME_ARGUMENTS) return;
	if (!f->has_entry) begin_item(f, p->token.offset);
	if (f->is_fresh) f->entry.value_at = p->token.offset;
	f->entry.value_kind = (uint8_t)(f->is_fresh ? kind : APL_VALUE_OTHER);
	f->entry.ref = f->is_fresh ? ref : APL_NO_SITE;
	f->is_fresh = false;
}

/* The chain that the value is has gone on: with a call, or with ".name" or "[…]". */
static void note_chain(parser *p, uint32_t call) {
	frame *f = top(p);
	if (f->kind != FRAME_BRACE && f->kind != FRAME_ARGUMENTS) return;
	/* Another one began the value: "a + f {}", "not f {}". */
	if (!f->has_entry || f->entry.value_at != f->chain.at) return;
	f->entry.value_kind = call != APL_NO_SITE ? APL_VALUE_CALL : APL_VALUE_OTHER;
	f->entry.ref = call;
}

static void end_item(parser *p) {
	frame *f = top(p);
	f->chain.state = CHAIN_NONE;
	if (!f->has_entry) return;
	f->has_entry = false;
	if (!APL_GROW(&p->places->alloc, p->stack, p->n_stack, p->stack_capacity)) {
		p->is_over = p->no_memory = true;
		return;
	}
	p->stack[p->n_stack++] = f->entry;
}

static int compare_entries(const void *texts, const void *left, const void *right) {
	return apl_places_compare_keys(texts, left, right);
}

static const char *shown_key(const parser *p, const apl_site_entry *entry, char *out, size_t size) {
	switch ((apl_key_kind)entry->key_kind) {
	case APL_KEY_TEXT: {
		const char *text = p->places->texts.bytes + entry->key.text.at;
		int shown = entry->key.text.size < 60 ? (int)entry->key.text.size : 60;
		while (shown < (int)entry->key.text.size && shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80) shown--;
		snprintf(out, size, "\"%.*s\"", shown, text);
		break;
	}
	case APL_KEY_INTEGER: snprintf(out, size, "[%lld]", (long long)entry->key.integer); break;
	case APL_KEY_NUMBER: snprintf(out, size, "[%.17g]", entry->key.number); break;
	default: snprintf(out, size, "[%s]", entry->key.integer != 0 ? "true" : "false"); break;
	}
	return out;
}

/* `on "customer.message": `, or nothing. */
static const char *shown_call(const parser *p, const frame *f, char *out, size_t size) {
	const char *source = p->places->source;
	out[0] = '\0';
	if (!f->is_called || f->callee.word_size == 0) return out;
	int word_size = f->callee.word_size < 40 ? (int)f->callee.word_size : 40;
	const apl_site_call *before = f->callee.call != APL_NO_SITE ? &p->places->calls[f->callee.call] : NULL;
	if (before == NULL || before->name_size == UINT32_MAX || before->name_size > 60)
		snprintf(out, size, "%.*s: ", word_size, source + f->callee.word);
	else
		snprintf(out, size, "%.*s \"%.*s\": ", word_size, source + f->callee.word, (int)before->name_size,
		    p->places->texts.bytes + before->name);
	return out;
}

static void tell_duplicate(parser *p, const frame *f, const apl_site_entry *first, const apl_site_entry *second) {
	char key[96], call[128];
	apl_place at = apl_places_at(p->places, first->key_at);
	apl_found(p->findings, APLOMB_ERROR, "duplicate-key", apl_places_at(p->places, second->key_at),
	    "%s%s is given twice, first in line %u, column %u; Lua would keep one of them and say nothing", shown_call(p, f, call, sizeof call),
	    shown_key(p, second, key, sizeof key), (unsigned)at.line, (unsigned)at.column);
}

static void find_duplicates(parser *p, const frame *f, const apl_site_table *table) {
	const apl_site_entry *items = p->places->entries + table->first_entry;
	const apl_site_entry *keys = items + table->n_items;
	for (uint32_t i = 0; i < table->n_keys && keys[i].key_kind != APL_KEY_COMPUTED; i++) {
		if (i > 0 && apl_places_compare_keys(p->places->texts.bytes, &keys[i - 1], &keys[i]) == 0) {
			tell_duplicate(p, f, &keys[i - 1], &keys[i]);
		} else if (keys[i].key_kind == APL_KEY_INTEGER && keys[i].key.integer >= 1 && keys[i].key.integer <= (int64_t)table->n_items) {
			/* [2] = beside a second item. */
			apl_site_entry item = keys[i];
			item.key_at = items[keys[i].key.integer - 1].key_at;
			bool is_first = keys[i].key_at < item.key_at;
			tell_duplicate(p, f, is_first ? &keys[i] : &item, is_first ? &item : &keys[i]);
		}
	}
}

/* The entries of the table at the top move from the stack to the list: items first, then keys in order. */
static void close_table(parser *p) {
	frame *f = top(p);
	apl_places *places = p->places;
	end_item(p);
	uint32_t count = p->n_stack - f->base;
	apl_site_table *table = &places->tables[f->table];
	table->first_entry = places->n_entries;
	for (uint32_t i = 0; i < count && !p->is_over; i++) {
		if (!APL_GROW(&places->alloc, places->entries, places->n_entries, places->entries_capacity))
			p->is_over = p->no_memory = true;
		else
			places->n_entries++;
	}
	if (p->is_over) return;
	apl_site_entry *to = places->entries + table->first_entry;
	for (uint32_t i = 0; i < count; i++)
		if (p->stack[f->base + i].key_kind == APL_KEY_NONE) to[table->n_items++] = p->stack[f->base + i];
	for (uint32_t i = 0; i < count; i++)
		if (p->stack[f->base + i].key_kind != APL_KEY_NONE) to[table->n_items + table->n_keys++] = p->stack[f->base + i];
	/* What lies on the stack has been copied: it is room for sorting. */
	apl_places_sort(to + table->n_items, p->stack + f->base, table->n_keys, sizeof *to, compare_entries, places->texts.bytes);
	p->n_stack = f->base;
	if (!table->is_arguments) find_duplicates(p, f, table);
}

/* ---- calls -------------------------------------------------------------------------------- */

static void open_table(parser *p, bool is_called) {
	apl_places *places = p->places;
	bool is_arguments = is_sign(&p->token, APL_SIGN_OPEN_PAREN);
	if (!APL_GROW(&places->alloc, places->tables, places->n_tables, places->tables_capacity)) {
		p->is_over = p->no_memory = true;
		return;
	}
	uint32_t number = places->n_tables++;
	places->tables[number] = (apl_site_table){.at = p->token.offset, .is_arguments = is_arguments};
	chain callee = top(p)->chain;
	if (!is_called) note(p, APL_VALUE_TABLE, number);
	top(p)->chain.state = CHAIN_NONE;
	push(p, is_arguments ? FRAME_ARGUMENTS : FRAME_BRACE);
	if (p->is_over) return;
	frame *f = top(p);
	f->table = number;
	f->is_called = is_called;
	f->args_line = p->token.line;
	f->callee = callee;
}

/* The call is complete: what it answers may be called in turn. */
static void add_call(parser *p, const chain *callee, apl_site_call call, uint32_t args_line) {
	apl_places *places = p->places;
	if (!APL_GROW(&places->alloc, places->calls, places->n_calls, places->calls_capacity)) {
		p->is_over = p->no_memory = true;
		return;
	}
	call.at = callee->at;
	call.line = p->line_is_of_arguments ? args_line : callee->line;
	call.word = callee->word;
	call.word_size = callee->word_size;
	call.before = callee->call;
	call.next = 0;
	frame *f = top(p);
	f->chain = *callee;
	f->chain.call = places->n_calls;
	places->calls[places->n_calls++] = call;
	note_chain(p, f->chain.call);
}

/* word "name" */
static void call_text(parser *p) {
	apl_site_call call = {.text_at = p->token.offset, .table = APL_NO_SITE};
	call.name = keep_value(p, &p->token, &call.name_size);
	chain callee = top(p)->chain;
	add_call(p, &callee, call, p->token.line);
}

/* The text that the only argument, or the first of two, is. */
static void find_name(const apl_places *places, apl_site_call *call) {
	const apl_site_table *table = &places->tables[call->table];
	if (!table->is_arguments || table->n_items == 0 || table->n_items > 2) return;
	const apl_site_entry *item = &places->entries[table->first_entry];
	if (item->value_kind != APL_VALUE_TEXT) return;
	call->text_at = item->value_at;
}

/* "}" or ")": the table is closed, and what it was given to is called. */
static void end_table(parser *p) {
	close_table(p);
	if (p->is_over) return;
	frame closed = *top(p);
	p->n_frames--;
	if (!closed.is_called) {
		top(p)->chain.state = CHAIN_NONE;
		return;
	}
	apl_site_call call = {.text_at = APL_NO_SITE, .table = closed.table, .name_size = UINT32_MAX};
	find_name(p->places, &call);
	if (call.text_at != APL_NO_SITE) {
		apl_token text = apl_token_at(p->places->source, p->places->size, call.text_at);
		call.name = keep_value(p, &text, &call.name_size);
	}
	add_call(p, &closed.callee, call, closed.args_line);
}

/* ---- tokens --------------------------------------------------------------------------------- */

static void begin_chain(parser *p) {
	frame *f = top(p);
	const apl_token *token = &p->token;
	f->chain = (chain){CHAIN_PREFIX, token->offset, token->line, token->offset, token->size, APL_NO_SITE};
	note(p, APL_VALUE_NAME, APL_NO_SITE);
}

/* name = within a constructor */
static void take_named_key(parser *p) {
	frame *f = top(p);
	begin_item(f, p->token.offset);
	f->entry.key_kind = APL_KEY_TEXT;
	f->entry.key.text.at = keep_value(p, &p->token, &f->entry.key.text.size);
	advance(p); /* "=" */
}

static void take_local_name(parser *p, frame *f) {
	if (f->n_locals++ > 0) return;
	f->local = p->token.offset;
	f->local_size = p->token.size;
}

static void take_name(parser *p) {
	frame *f = top(p);
	if (f->kind == FRAME_PARAMETERS || f->awaits_parameters) return;
	if (f->skips_name) {
		f->skips_name = false;
	} else if (f->chain.state == CHAIN_DOT) {
		f->chain.state = CHAIN_PREFIX;
		f->chain.word = p->token.offset;
		f->chain.word_size = p->token.size;
		f->chain.call = APL_NO_SITE;
		note_chain(p, APL_NO_SITE);
	} else if (f->in_local) {
		take_local_name(p, f);
	} else if (f->kind == FRAME_BRACE && !f->has_entry && is_sign(&p->ahead, APL_SIGN_ASSIGN)) {
		take_named_key(p);
	} else {
		begin_chain(p);
	}
}

static void take_text(parser *p) {
	frame *f = top(p);
	if (f->chain.state == CHAIN_PREFIX) {
		call_text(p);
		return;
	}
	f->chain.state = CHAIN_NONE;
	note(p, APL_VALUE_TEXT, APL_NO_SITE);
}

static void take_other(parser *p) {
	top(p)->chain.state = CHAIN_NONE;
	note(p, APL_VALUE_OTHER, APL_NO_SITE);
}

static void open_paren(parser *p) {
	frame *f = top(p);
	if (f->awaits_parameters) {
		f->awaits_parameters = false;
		push(p, FRAME_PARAMETERS);
	} else if (f->chain.state == CHAIN_PREFIX) {
		open_table(p, true);
	} else {
		note(p, APL_VALUE_OTHER, APL_NO_SITE);
		f->chain = (chain){CHAIN_NONE, p->token.offset, p->token.line, 0, 0, APL_NO_SITE};
		push(p, FRAME_GROUP);
	}
}

static void close_paren(parser *p) {
	frame *f = top(p);
	if (f->kind == FRAME_ARGUMENTS) {
		end_table(p);
	} else if (f->kind == FRAME_GROUP) {
		p->n_frames--;
		top(p)->chain.state = CHAIN_PREFIX; /* with no word */
	} else if (f->kind == FRAME_PARAMETERS) {
		p->n_frames--;
	} else {
		p->is_over = true;
	}
}

static void open_bracket(parser *p) {
	frame *f = top(p);
	if (f->kind == FRAME_BRACE && !f->has_entry) {
		begin_item(f, p->ahead.offset);
		f->entry.key_kind = APL_KEY_COMPUTED;
		push(p, FRAME_KEY);
	} else if (f->chain.state == CHAIN_PREFIX) {
		f->chain.state = CHAIN_NONE;
		push(p, FRAME_INDEX);
	} else {
		p->is_over = true;
	}
}

/* What the one token, or a minus and a number, between the brackets says. */
static void read_key(parser *p, const frame *key, apl_site_entry *entry) {
	bool is_negative = key->n_tokens == 2 && key->tokens[0].symbol == APL_SIGN_MINUS && key->tokens[1].kind == APL_TOKEN_NUMBER;
	if (key->n_tokens != 1 && !is_negative) return;
	const apl_token *token = &key->tokens[is_negative];
	if (token->kind == APL_TOKEN_TEXT || token->kind == APL_TOKEN_LONG_TEXT) {
		entry->key_kind = APL_KEY_TEXT;
		entry->key.text.at = keep_value(p, token, &entry->key.text.size);
	} else if (token->kind == APL_TOKEN_KEYWORD && (token->symbol == APL_LUA_TRUE || token->symbol == APL_LUA_FALSE)) {
		entry->key_kind = APL_KEY_BOOLEAN;
		entry->key.integer = token->symbol == APL_LUA_TRUE;
	} else if (token->kind == APL_TOKEN_NUMBER) {
		int64_t integer = 0;
		double real = 0;
		apl_token_number kind = apl_token_to_number(p->places->source, token, &integer, &real);
		if (kind == APL_NUMBER_UNREAD) return;
		if (is_negative) {
			integer = (int64_t)(0 - (uint64_t)integer);
			real = -real;
		}
		/* A float that is whole is the same key as the integer. */
		if (kind == APL_NUMBER_FLOAT && real >= -0x1p63 && real < 0x1p63 && real == (double)(int64_t)real) {
			kind = APL_NUMBER_INTEGER;
			integer = (int64_t)real;
		}
		entry->key_kind = kind == APL_NUMBER_INTEGER ? APL_KEY_INTEGER : APL_KEY_NUMBER;
		if (kind == APL_NUMBER_INTEGER)
			entry->key.integer = integer;
		else
			entry->key.number = real;
	}
}

static void close_bracket(parser *p) {
	frame closed = *top(p);
	if (closed.kind != FRAME_KEY && closed.kind != FRAME_INDEX) {
		p->is_over = true;
		return;
	}
	p->n_frames--;
	frame *f = top(p);
	if (closed.kind == FRAME_KEY) {
		read_key(p, &closed, &f->entry);
		if (is_sign(&p->ahead, APL_SIGN_ASSIGN)) advance(p);
		return;
	}
	f->chain.state = CHAIN_PREFIX;
	f->chain.word_size = 0;
	f->chain.call = APL_NO_SITE;
	note_chain(p, APL_NO_SITE);
}

static void open_brace(parser *p) {
	apl_places *places = p->places;
	bool is_local = p->is_local_begun;
	open_table(p, top(p)->chain.state == CHAIN_PREFIX);
	if (is_local && !p->is_over) places->locals[places->n_locals - 1].table = top(p)->table;
}

static void open_block(parser *p, bool is_repeat, bool is_function) {
	top(p)->chain.state = CHAIN_NONE;
	push(p, FRAME_BLOCK);
	if (p->is_over) return;
	top(p)->is_repeat = is_repeat;
	top(p)->awaits_parameters = is_function;
}

static void close_block(parser *p, bool is_until) {
	frame *f = top(p);
	if (f->kind != FRAME_BLOCK || f->is_repeat != is_until || p->n_frames == 1) {
		p->is_over = true;
		return;
	}
	p->n_frames--;
}

static void take_keyword(parser *p) {
	frame *f = top(p);
	f->chain.state = CHAIN_NONE;
	switch ((apl_symbol)p->token.symbol) {
	case APL_LUA_FUNCTION_WORD:
		f->in_local = false;
		note(p, APL_VALUE_FUNCTION, APL_NO_SITE);
		open_block(p, false, true);
		break;
	case APL_LUA_DO:
	case APL_LUA_IF: open_block(p, false, false); break;
	case APL_LUA_REPEAT: open_block(p, true, false); break;
	case APL_LUA_END: close_block(p, false); break;
	case APL_LUA_UNTIL: close_block(p, true); break;
	case APL_LUA_GOTO: f->skips_name = true; break;
	case APL_LUA_LOCAL:
		f->in_local = true;
		f->n_locals = 0;
		break;
	case APL_LUA_TRUE:
	case APL_LUA_FALSE:
	case APL_LUA_NIL:
	case APL_LUA_NOT:
	case APL_LUA_AND:
	case APL_LUA_OR: take_other(p); break;
	default: break;
	}
}

static void take_sign(parser *p) {
	frame *f = top(p);
	switch ((apl_symbol)p->token.symbol) {
	case APL_SIGN_OPEN_PAREN: open_paren(p); break;
	case APL_SIGN_CLOSE_PAREN: close_paren(p); break;
	case APL_SIGN_OPEN_BRACKET: open_bracket(p); break;
	case APL_SIGN_CLOSE_BRACKET: close_bracket(p); break;
	case APL_SIGN_OPEN_BRACE: open_brace(p); break;
	case APL_SIGN_CLOSE_BRACE:
		if (f->kind == FRAME_BRACE)
			end_table(p);
		else
			p->is_over = true;
		break;
	case APL_SIGN_DOT:
	case APL_SIGN_COLON:
		if (!f->awaits_parameters) f->chain.state = f->chain.state == CHAIN_PREFIX ? CHAIN_DOT : CHAIN_NONE;
		break;
	case APL_SIGN_COMMA:
	case APL_SIGN_SEMICOLON:
		f->chain.state = CHAIN_NONE;
		if (f->kind == FRAME_BRACE || f->kind == FRAME_ARGUMENTS) end_item(p);
		break;
	case APL_SIGN_ASSIGN:
	case APL_SIGN_LABEL: f->chain.state = CHAIN_NONE; break;
	default: take_other(p);
	}
}

/* `local a <const>, b` is over at the first token that cannot belong to it; "=" then gives the only name its value. */
static void leave_local(parser *p) {
	apl_places *places = p->places;
	frame *f = top(p);
	uint8_t symbol = p->token.symbol;
	if (symbol != APL_SIGN_OPEN_BRACE) p->is_local_begun = false;
	if (!f->in_local) return;
	if (symbol == APL_SIGN_LESS) f->skips_name = true;
	bool is_next = p->before.kind == APL_TOKEN_KEYWORD || p->before.symbol == APL_SIGN_COMMA || f->skips_name;
	if (p->token.kind == APL_TOKEN_NAME && is_next) return;
	if (symbol == APL_SIGN_COMMA || symbol == APL_SIGN_LESS || symbol == APL_SIGN_GREATER) return;
	f->in_local = false;
	if (symbol != APL_SIGN_ASSIGN || f->n_locals != 1) return;
	if (!APL_GROW(&places->alloc, places->locals, places->n_locals, places->locals_capacity)) {
		p->is_over = p->no_memory = true;
		return;
	}
	places->locals[places->n_locals++] = (apl_site_local){f->local, f->local_size, APL_NO_SITE};
	p->is_local_begun = true;
}

static void take_token(parser *p) {
	frame *f = top(p);
	leave_local(p);
	if (f->kind == FRAME_KEY && !is_sign(&p->token, APL_SIGN_CLOSE_BRACKET)) {
		if (f->n_tokens < 2) f->tokens[f->n_tokens] = p->token;
		f->n_tokens++;
	}
	switch ((apl_token_kind)p->token.kind) {
	case APL_TOKEN_NAME: take_name(p); break;
	case APL_TOKEN_KEYWORD: take_keyword(p); break;
	case APL_TOKEN_SIGN: take_sign(p); break;
	case APL_TOKEN_NUMBER: take_other(p); break;
	case APL_TOKEN_TEXT:
	case APL_TOKEN_LONG_TEXT: take_text(p); break;
	case APL_TOKEN_WRONG:
	case APL_TOKEN_END: p->is_over = true; break;
	}
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool read_all(apl_places *places, const apl_places_options *options, apl_findings *findings) {
	parser p = {.places = places, .findings = findings, .line_is_of_arguments = options->line_is_of_arguments};
	apl_lexer_init(&p.lexer, options->source, options->size);
	p.ahead = apl_lexer_next(&p.lexer);
	push(&p, FRAME_BLOCK);
	while (!p.is_over) {
		advance(&p);
		take_token(&p);
	}
	apl_free(&places->alloc, p.stack, p.stack_capacity * sizeof *p.stack);
	apl_free(&places->alloc, p.frames, p.frames_capacity * sizeof *p.frames);
	return !p.no_memory;
}

apl_places *apl_places_new(const apl_alloc *alloc, const apl_places_options *options, apl_findings *findings) {
	apl_places *places = apl_new(alloc, sizeof *places);
	if (places == NULL) return NULL;
	places->alloc = *alloc;
	places->file = options->file;
	places->source = options->source;
	places->size = options->size < UINT32_MAX ? (uint32_t)options->size : UINT32_MAX - 1;
	apl_buf_init(&places->texts, alloc);
	if (apl_places_measure(places) && read_all(places, options, findings) && apl_places_put_in_order(places)) return places;
	apl_places_free(places);
	return NULL;
}

void apl_places_free(apl_places *places) {
	if (places == NULL) return;
	apl_alloc alloc = places->alloc;
	apl_free(&alloc, places->lines, places->lines_capacity * sizeof *places->lines);
	apl_free(&alloc, places->columns, places->n_columns * sizeof *places->columns);
	apl_free(&alloc, places->sorted, (places->n_calls + 1) * sizeof *places->sorted);
	apl_free(&alloc, places->locals, places->locals_capacity * sizeof *places->locals);
	apl_free(&alloc, places->calls, places->calls_capacity * sizeof *places->calls);
	apl_free(&alloc, places->entries, places->entries_capacity * sizeof *places->entries);
	apl_free(&alloc, places->tables, places->tables_capacity * sizeof *places->tables);
	apl_buf_dispose(&places->texts);
	apl_free(&alloc, places, sizeof *places);
}
