/* SPDX-License-Identifier: MIT */
/*
 * Decides the bytes of a case's first line, the head: what a replay must know
 * before it reads the first entry. One per case, so nothing here is hurried.
 */
#include "journal/entry.h"

#include "value/json.h"

static void text_or_null(apl_buf *out, const char *text) {
	if (text == NULL) {
		APL_BUF_LITERAL(out, "null");
	} else {
		apl_json_write_text(out, text, strlen(text));
	}
}

void apl_playbook_write(apl_buf *out, const char *hash, const char *id, const char *version) {
	APL_BUF_LITERAL(out, "{\"hash\":");
	text_or_null(out, hash);
	APL_BUF_LITERAL(out, ",\"id\":");
	text_or_null(out, id);
	APL_BUF_LITERAL(out, ",\"version\":");
	text_or_null(out, version);
	apl_buf_byte(out, '}');
}

apl_hash128 apl_head_write(apl_buf *out, const apl_head *head) {
	size_t begun = out->size;
	APL_BUF_LITERAL(out, "{\"aplomb\":\"journal\",\"case\":");
	apl_buf_add(out, head->case_json, head->case_json_size);
	APL_BUF_LITERAL(out, ",\"engine\":\"" APLOMB_VERSION "\",\"limits\":");
	apl_buf_add(out, head->limits, head->limits_size);
	APL_BUF_LITERAL(out, ",\"locale\":");
	text_or_null(out, head->locale);
	APL_BUF_LITERAL(out, ",\"params\":");
	apl_buf_add(out, head->params, head->params_size);
	char hex[APL_HASH_HEX];
	apl_hash_hex(apl_hash_bytes(head->params, head->params_size), hex);
	APL_BUF_LITERAL(out, ",\"params_hash\":\"");
	apl_buf_add(out, hex, sizeof hex);
	apl_buf_byte(out, '"');
	if (head->parent != NULL) {
		APL_BUF_LITERAL(out, ",\"parent\":{\"case\":");
		text_or_null(out, head->parent);
		APL_BUF_LITERAL(out, ",\"depth\":");
		apl_json_write_integer(out, head->parent_depth);
		APL_BUF_LITERAL(out, ",\"invoke\":");
		text_or_null(out, head->parent_invoke);
		apl_buf_byte(out, '}');
	}
	apl_buf_add(out, head->personal, head->personal_size);
	APL_BUF_LITERAL(out, ",\"playbook\":");
	apl_playbook_write(out, head->playbook_hash, head->playbook, head->playbook_version);
	APL_BUF_LITERAL(out, ",\"seed\":");
	apl_json_write_integer(out, head->seed);
	APL_BUF_LITERAL(out, ",\"seq\":0,\"subject\":");
	text_or_null(out, head->subject);
	APL_BUF_LITERAL(out, ",\"tzdata\":null,\"v\":1}\n");
	if (out->failed) return (apl_hash128){0, 0};
	return apl_hash_bytes(out->bytes + begun, out->size - begun - 1);
}

/*
 * member, its type, and when it is left out: those that came later are written only where they are not what they are by default, so that
 * heads from before them come out again as they are. In the order of the bytes of the names.
 */
enum { ALWAYS = 0 }; /* no limit is zero */
#define LIMITS(X)                                                                                                                          \
	X(children, uint32_t, APL_USUAL_CHILDREN)                                                                                              \
	X(data, size_t, ALWAYS)                                                                                                                \
	X(deferred, uint32_t, ALWAYS)                                                                                                          \
	X(depth, uint32_t, ALWAYS)                                                                                                             \
	X(effects, uint32_t, ALWAYS)                                                                                                           \
	X(hops, uint32_t, APL_USUAL_HOPS)                                                                                                      \
	X(ids, uint32_t, APL_USUAL_IDS)                                                                                                        \
	X(instructions, uint64_t, ALWAYS)                                                                                                      \
	X(internal_events, uint32_t, ALWAYS)                                                                                                   \
	X(invoke_depth, uint32_t, APL_USUAL_INVOKE_DEPTH)                                                                                      \
	X(memory, size_t, ALWAYS)                                                                                                              \
	X(microsteps, uint32_t, ALWAYS)                                                                                                        \
	X(own_steps, uint32_t, APL_USUAL_OWN_STEPS)                                                                                            \
	X(queue, uint32_t, ALWAYS)                                                                                                             \
	X(states, uint32_t, ALWAYS)                                                                                                            \
	X(timers, uint32_t, ALWAYS)

void apl_limits_write(apl_buf *out, const aplomb_limits *limits) {
	const struct {
		const char *name;
		uint64_t value, usual;
	} members[] = {
#define LIMIT(member, type, usual) {"\"" #member "\":", limits->member, usual},
	    LIMITS(LIMIT)
#undef LIMIT
	};
	bool is_first = true;
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		if (members[i].usual != ALWAYS && members[i].value == members[i].usual) continue;
		apl_buf_byte(out, is_first ? '{' : ',');
		is_first = false;
		apl_buf_text(out, members[i].name);
		apl_json_write_integer(out, members[i].value > INT64_MAX ? INT64_MAX : (int64_t)members[i].value);
	}
	apl_buf_byte(out, '}');
}

static uint64_t limit_in(const apl_tape *tape, uint32_t map, const char *name, uint64_t most, uint64_t otherwise) {
	uint32_t cell = apl_tape_find(tape, map, name, strlen(name));
	if (cell == 0 || tape->cells[cell].kind != APLOMB_INTEGER || tape->cells[cell].as.integer < 0) return otherwise;
	uint64_t value = (uint64_t)tape->cells[cell].as.integer;
	return value < most ? value : most;
}

void apl_limits_read(const apl_tape *tape, uint32_t cell, aplomb_limits *out) {
#define LIMIT(member, type, usual) out->member = (type)limit_in(tape, cell, #member, (type)-1, out->member);
	LIMITS(LIMIT)
#undef LIMIT
}
