/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of invokes (SCXML 6.4, 6.5): which child begins and when, what a parent's step
 * does about its children, what crosses between the two, and when a child's
 * word counts no more. A child is opened, cancelled and spoken to through
 * postings, after the commit; nothing here steps another case.
 *
 * What was begun stands in the parent's entry, with the version of the child's
 * playbook. While a recorded line is stepped again it is taken from there, so
 * that a parent's journal replays where the child's playbook is unknown.
 */
#include <stdio.h>

#include "engine/inside.h"
#include "time/shown.h"

static const char child_prefix[] = "child:";

/* ---- what hangs on a case ------------------------------------------------------ */

static size_t parent_size(const apl_parent *parent) {
	return sizeof *parent + parent->id_size + parent->invoke_size + 2;
}

apl_parent *apl_parent_new(const apl_alloc *alloc, apl_given id, apl_given invoke, uint32_t depth) {
	apl_parent *parent = apl_new(alloc, sizeof *parent + id.size + invoke.size + 2);
	if (parent == NULL) return NULL;
	parent->depth = depth;
	parent->id_size = (uint32_t)id.size;
	parent->invoke_size = (uint32_t)invoke.size;
	memcpy(parent->texts, id.bytes, id.size);
	memcpy(parent->texts + id.size + 1, invoke.bytes, invoke.size);
	return parent;
}

apl_child *apl_child_new(const apl_alloc *alloc, apl_given id, apl_given hash) {
	apl_child *child = apl_new(alloc, sizeof *child + id.size + 1);
	if (child == NULL) return NULL;
	memcpy(child->hash, hash.bytes, hash.size < APL_SHA256_HEX ? hash.size : APL_SHA256_HEX);
	child->id_size = (uint32_t)id.size;
	memcpy(child->id, id.bytes, id.size);
	return child;
}

void apl_child_free(const apl_alloc *alloc, apl_child *child) {
	if (child != NULL) apl_free(alloc, child, sizeof *child + child->id_size + 1);
}

void apl_children_free(const apl_alloc *alloc, apl_case *c) {
	apl_case_more *more = c->more;
	uint32_t n_invokes = c->program->chart->n_invokes;
	if (more->parent != NULL) apl_free(alloc, more->parent, parent_size(more->parent));
	more->parent = NULL;
	if (more->children == NULL) return;
	for (uint32_t i = 0; i < n_invokes; i++) apl_child_free(alloc, more->children[i]);
	apl_free(alloc, more->children, n_invokes * sizeof(apl_child *));
	more->children = NULL;
}

/* [child] (or NULL) takes the place, so that it can be undone; false without memory, and then it is freed. */
static bool replace(apl_engine *engine, apl_case *c, uint32_t number, apl_child *child) {
	apl_did *did = apl_did_reserve(engine);
	if (did == NULL) {
		apl_child_free(&engine->alloc, child);
		return false;
	}
	did->deed = APL_DID_CHILD;
	did->the_case = c;
	did->number = number;
	did->what = c->more->children[number];
	did->before = child;
	apl_did_done(engine);
	c->more->children[number] = child;
	return true;
}

void apl_child_undo(apl_engine *engine, const apl_did *did) {
	did->the_case->more->children[did->number] = did->what;
	apl_child_free(&engine->alloc, did->before);
}

static apl_given id_of(const apl_child *child) {
	return (apl_given){child->id, child->id_size};
}

static const apl_given nothing = {NULL, 0};

/* ---- items ------------------------------------------------------------------------ */

/* {"child":…,"do":"cancelled","id":…}, or "ended". */
static void item_over(apl_step *step, const apl_child *child, const char *what, const char *id) {
	apl_buf *items = step->turn.engine->line;
	apl_item_begin(step);
	APL_BUF_LITERAL(items, "\"child\":");
	apl_json_write_text(items, child->id, child->id_size);
	APL_BUF_LITERAL(items, ",\"do\":\"");
	apl_buf_text(items, what);
	APL_BUF_LITERAL(items, "\",\"id\":");
	apl_json_write_text(items, id, strlen(id));
	apl_buf_byte(items, '}');
}

static void item_invoke(
    apl_step *step, const apl_invoke *invoke, const apl_child *child, apl_given open, apl_given playbook, const char *version) {
	apl_buf *items = step->turn.engine->line;
	apl_item_begin(step);
	if (invoke->because != NULL) {
		APL_BUF_LITERAL(items, "\"because\":");
		apl_json_write_text(items, invoke->because, strlen(invoke->because));
		apl_buf_byte(items, ',');
	}
	APL_BUF_LITERAL(items, "\"child\":");
	apl_json_write_text(items, child->id, child->id_size);
	APL_BUF_LITERAL(items, ",\"do\":\"invoke\",\"id\":");
	apl_json_write_text(items, invoke->id, strlen(invoke->id));
	APL_BUF_LITERAL(items, ",\"open\":");
	apl_buf_add(items, open.bytes, open.size);
	APL_BUF_LITERAL(items, ",\"playbook\":{\"hash\":");
	apl_json_write_text(items, child->hash, strlen(child->hash));
	APL_BUF_LITERAL(items, ",\"id\":");
	apl_json_write_text(items, playbook.bytes, playbook.size);
	APL_BUF_LITERAL(items, ",\"version\":");
	if (version != NULL) {
		apl_json_write_text(items, version, strlen(version));
	} else {
		APL_BUF_LITERAL(items, "null");
	}
	APL_BUF_LITERAL(items, "}}");
}

/* ---- states ------------------------------------------------------------------------- */

void apl_invokes_entered(apl_step *step, uint32_t state) {
	apl_engine *engine = step->turn.engine;
	/* The count is the step's; this one is how far the list was ever filled. */
	engine->invoking_count = step->n_invoking;
	if (!APL_GROW(&engine->alloc, engine->invoking, engine->invoking_count, engine->invoking_capacity)) {
		step->no_memory = true;
		return;
	}
	engine->invoking[step->n_invoking++] = state;
}

/* What the line that is stepped again says was done with the child, "invoke" or "cancelled": the item, or 0. */
static uint32_t recorded_item(const apl_tape *tape, const char *done, apl_given child) {
	uint32_t items = apl_tape_find(tape, 0, "items", 5), item = items + 1;
	for (uint32_t i = 0; items != 0 && i < tape->cells[items].count; i++, item = apl_tape_next(tape, item)) {
		uint32_t what = apl_tape_find(tape, item, "do", 2), id = apl_tape_find(tape, item, "child", 5);
		if (what != 0 && id != 0 && apl_cell_is(&tape->cells[what], done, strlen(done)) &&
		    apl_cell_is(&tape->cells[id], child.bytes, child.size))
			return item;
	}
	return 0;
}

/*
 * Did the child come to its end by itself, so that the word of it is on its way? Then there is nothing to cancel, and what it said before
 * comes in yet: it was said before the state was left. A parent's journal tells, where the child is not there.
 */
static bool is_ending(const apl_step *step, const apl_child *child) {
	apl_engine *engine = step->turn.engine;
	if (engine->replay != NULL) return recorded_item(engine->replay->tape, "cancelled", id_of(child)) == 0;
	const apl_case *c = apl_cases_find(&engine->cases, child->id, child->id_size);
	return c != NULL ? c->status == APLOMB_CASE_CLOSED : apl_page_is_closed(engine, child->id, child->id_size);
}

static bool cancel(apl_step *step, uint32_t number) {
	apl_engine *engine = step->turn.engine;
	apl_case *c = step->turn.the_case;
	const apl_child *child = c->more->children[number];
	const apl_invoke *invoke = &step->turn.program->chart->invokes[number];
	item_over(step, child, "cancelled", invoke->id);
	return apl_posting_add(engine, APL_POST_CANCEL, c, step->n_items, step->turn.now, nothing, id_of(child), nothing,
	           apl_given_text(invoke->id), nothing) &&
	       replace(engine, c, number, NULL);
}

void apl_invokes_left(apl_step *step, uint32_t state) {
	const apl_engine *engine = step->turn.engine;
	const apl_state *left = &step->turn.program->chart->states[state];
	uint32_t kept = 0;
	for (uint32_t i = 0; i < step->n_invoking; i++)
		if (engine->invoking[i] != state) engine->invoking[kept++] = engine->invoking[i];
	step->n_invoking = kept;
	for (uint32_t i = left->first_invoke; i < left->first_invoke + left->n_invokes; i++) {
		const apl_child *child = step->turn.the_case->more->children[i];
		if (child == NULL || is_ending(step, child)) continue;
		if (!cancel(step, i)) step->no_memory = true;
	}
}

/* ---- beginning ------------------------------------------------------------------------ */

/* PARENT/ID.SEQ, so that it is the same at every replay; .ROUND behind it for what begins again in one step. */
static apl_given child_id(const apl_step *step, const apl_invoke *invoke, uint32_t round, char out[APL_MOST_CASE_ID + 1]) {
	const apl_case *c = step->turn.the_case;
	char behind[48];
	int behind_size = round == 0 ? snprintf(behind, sizeof behind, ".%llu", (unsigned long long)c->seq + 1)
	                             : snprintf(behind, sizeof behind, ".%llu.%u", (unsigned long long)c->seq + 1, round);
	size_t id_size = strlen(invoke->id), size = c->id_size + 1 + id_size;
	memcpy(out, apl_case_id(c), c->id_size);
	if (size + (size_t)behind_size <= APL_MOST_CASE_ID) {
		out[c->id_size] = '/';
		memcpy(out + c->id_size + 1, invoke->id, id_size);
	} else {
		/* Too long to be a case's id: what is distinct about it is kept. */
		apl_hash128 hash[2] = {apl_hash_bytes(apl_case_id(c), c->id_size), apl_hash_bytes(invoke->id, id_size)};
		out[0] = '~';
		apl_hash_hex(hash[0], out + 1);
		out[1 + APL_HASH_HEX] = '/';
		apl_hash_hex(hash[1], out + 2 + APL_HASH_HEX);
		size = 2 + 2 * APL_HASH_HEX;
	}
	memcpy(out + size, behind, (size_t)behind_size + 1);
	return (apl_given){out, size + (size_t)behind_size};
}

/* Every finding about an invocation that could not begin is put like this. */
static void begin_message(char out[APL_SHOWN + 16], const apl_invoke *invoke) {
	char shown[APL_SHOWN];
	snprintf(out, APL_SHOWN + 16, "invoke \"%s\": ", apl_shown(invoke->id, strlen(invoke->id), shown));
}

/* What a recorded line says of why it did not begin; false: nothing. */
static bool recorded_refusal(const apl_tape *tape, const apl_invoke *invoke, aplomb_error *error) {
	char begins[APL_SHOWN + 16];
	begin_message(begins, invoke);
	uint32_t items = apl_tape_find(tape, 0, "items", 5), item = items + 1;
	for (uint32_t i = 0; items != 0 && i < tape->cells[items].count; i++, item = apl_tape_next(tape, item)) {
		uint32_t message = apl_tape_find(tape, item, "message", 7), slug = apl_tape_find(tape, item, "slug", 4);
		if (message == 0 || slug == 0 || tape->cells[message].kind != APLOMB_TEXT || tape->cells[slug].kind != APLOMB_TEXT) continue;
		const apl_cell *text = &tape->cells[message];
		if (text->count < strlen(begins) || memcmp(text->as.text, begins, strlen(begins)) != 0) continue;
		char name[sizeof error->slug];
		snprintf(name, sizeof name, "%.*s", (int)tape->cells[slug].count, tape->cells[slug].as.text);
		apl_fail_at(error, APLOMB_EPLAYBOOK, name, invoke->place, "%.*s", (int)text->count, text->as.text);
		return true;
	}
	return false;
}

static int refuse(const apl_invoke *invoke, const char *slug, const char *why, aplomb_error *error) {
	char begins[APL_SHOWN + 16];
	begin_message(begins, invoke);
	return apl_fail_at(error, APLOMB_EPLAYBOOK, slug, invoke->place, "%s%s", begins, why);
}

static int refuse_unknown(const apl_engine *engine, const apl_invoke *invoke, apl_given playbook, aplomb_error *error) {
	char shown[APL_SHOWN], hint[128], why[APL_SHOWN + 192];
	apl_nearest nearest = apl_nearest_to(playbook.bytes, playbook.size);
	for (const apl_prepared *p = engine->programs; p != NULL; p = p->next) apl_nearest_try(&nearest, p->program->id);
	snprintf(why, sizeof why, "playbook \"%s\" is not loaded%s", apl_shown(playbook.bytes, playbook.size, shown),
	    apl_nearest_hint(&nearest, hint, sizeof hint));
	return refuse(invoke, "unknown-playbook", why, error);
}

/* Does the record that the map's member holds fit? Nothing is kept of it. */
static int check_record(
    apl_step *step, const apl_schema *schema, const char *what, const apl_tape *tape, uint32_t cell, aplomb_error *error) {
	uint64_t *words = apl_arena_take(step->turn.arena, schema->n_words * sizeof *words);
	if (words == NULL) return apl_fail_memory(error);
	memset(words, 0, schema->n_words * sizeof *words);
	const apl_writer writer = {.schema = schema, .words = words, .keep = {&step->turn.engine->alloc, step->turn.arena}, .what = what};
	return apl_record_read(&writer, tape, cell != 0 ? cell : APL_NO_FIELD, error);
}

/* Would the child's door let it in, as far as its playbook says? */
static int check_open(apl_step *step, const apl_invoke *invoke, const apl_program *program, apl_given open, aplomb_error *error) {
	apl_engine *engine = step->turn.engine;
	const apl_json_bounds bounds = {engine->limits.depth, engine->limits.data};
	aplomb_error own;
	int code = apl_json_read(&engine->open_tape, open.bytes, open.size, &bounds, &own);
	const apl_tape *tape = &engine->open_tape;
	if (!code) code = check_record(step, program->data, "data", tape, apl_tape_find(tape, 0, "data", 4), &own);
	if (!code) code = check_record(step, program->params, "params", tape, apl_tape_find(tape, 0, "params", 6), &own);
	if (code == APLOMB_OK) return code;
	if (code == APLOMB_ENOMEM) return apl_fail_memory(error);
	return refuse(invoke, own.slug, own.message, error);
}

/* Which version begins: by what the line says that is stepped again, or by what is loaded now. */
static int find_version(apl_step *step, const apl_invoke *invoke, apl_given child, apl_given playbook, apl_given open, apl_given *hash,
    apl_given *version, aplomb_error *error) {
	apl_engine *engine = step->turn.engine;
	const apl_tape *tape = engine->replay != NULL ? engine->replay->tape : NULL;
	uint32_t item = tape != NULL ? recorded_item(tape, "invoke", child) : 0;
	uint32_t recorded = item != 0 ? apl_tape_find(tape, item, "playbook", 8) : 0;
	uint32_t its_hash = recorded != 0 ? apl_tape_find(tape, recorded, "hash", 4) : 0;
	if (its_hash != 0 && tape->cells[its_hash].kind == APLOMB_TEXT && tape->cells[its_hash].count == APL_SHA256_HEX) {
		uint32_t its_version = apl_tape_find(tape, recorded, "version", 7);
		*hash = (apl_given){tape->cells[its_hash].as.text, tape->cells[its_hash].count};
		if (its_version != 0 && tape->cells[its_version].kind == APLOMB_TEXT)
			*version = (apl_given){tape->cells[its_version].as.text, tape->cells[its_version].count};
		return APLOMB_OK;
	}
	if (tape != NULL && recorded_refusal(tape, invoke, error)) return error->code;
	const apl_program *program = apl_engine_program(engine, playbook.bytes, playbook.size);
	if (program == NULL) return refuse_unknown(engine, invoke, playbook, error);
	*hash = apl_given_text(program->hash);
	*version = apl_given_text(program->version);
	return check_open(step, invoke, program, open, error);
}

static uint32_t depth_of(const apl_case *c) {
	return c->more->parent != NULL ? c->more->parent->depth : 0;
}

/* The limits; false with the turn's breach. */
static bool is_within(apl_step *step, const apl_invoke *invoke) {
	const apl_case *c = step->turn.the_case;
	const aplomb_limits *limits = &step->turn.engine->limits;
	uint32_t count = 0;
	for (uint32_t i = 0; i < step->turn.program->chart->n_invokes; i++) count += c->more->children[i] != NULL;
	if (count >= apl_children_limit(step->turn.engine, c)) {
		apl_turn_breach(
		    &step->turn, "limit-children", invoke->place, "the case has %u invoked cases, the most that its limits allow", count);
		return false;
	}
	if (!apl_hop_is_within(&step->turn, invoke->place)) return false;
	if (depth_of(c) < limits->invoke_depth) return true;
	apl_turn_breach(&step->turn, "limit-invoke-depth", invoke->place,
	    "this case was itself invoked %u deep, the most that its limits allow: does a playbook invoke itself?", depth_of(c));
	return false;
}

/* Asks the playbook what is to be opened: APL_PORT_FALSE, or as the port answers. */
static int ask(apl_step *step, uint32_t number, apl_invocation *out) {
	static const char empty[] = "{}";
	const apl_program *program = step->turn.program;
	const apl_invoke *invoke = &program->chart->invokes[number];
	*out = (apl_invocation){.open = empty, .open_size = sizeof empty - 1};
	if (invoke->playbook != NULL) {
		out->playbook = invoke->playbook;
		out->playbook_size = strlen(invoke->playbook);
	}
	return program->ops->invoke != NULL ? program->ops->invoke(program->self, &step->turn, number, out) : APL_PORT_FALSE;
}

static bool begin_child(apl_step *step, uint32_t number, apl_given id, apl_given hash, const char *version, const apl_invocation *asked) {
	apl_engine *engine = step->turn.engine;
	apl_case *c = step->turn.the_case;
	const apl_invoke *invoke = &step->turn.program->chart->invokes[number];
	const apl_given open = {asked->open, asked->open_size}, playbook = {asked->playbook, asked->playbook_size};
	apl_child *child = apl_child_new(&engine->alloc, id, hash);
	if (child == NULL || !replace(engine, c, number, child)) return false;
	item_invoke(step, invoke, child, open, playbook, version);
	return apl_posting_add(engine, APL_POST_OPENING, c, step->n_items, step->turn.now, apl_given_text(child->hash), id_of(child), open,
	    apl_given_text(invoke->id), nothing);
}

/* false: a limit was broken, or there is no memory. */
static bool begin_one(apl_step *step, uint32_t number, uint32_t round) {
	apl_turn *turn = &step->turn;
	const apl_invoke *invoke = &turn->program->chart->invokes[number];
	if (!is_within(step, invoke)) return false;
	apl_invocation asked;
	int answer = ask(step, number, &asked);
	if (answer == APL_PORT_BREACH) return false;
	if (answer != APL_PORT_FALSE) return true;
	char id[APL_MOST_CASE_ID + 1];
	const apl_given child = child_id(step, invoke, round, id), open = {asked.open, asked.open_size};
	apl_given hash = nothing, version = nothing;
	aplomb_error error = {0};
	int code = find_version(step, invoke, child, (apl_given){asked.playbook, asked.playbook_size}, open, &hash, &version, &error);
	if (code == APLOMB_ENOMEM) {
		step->no_memory = true;
		return false;
	}
	if (code != APLOMB_OK) {
		/* A playbook that is not there is out of reach; data that do not fit are a mistake. */
		if (strcmp(error.slug, "unknown-playbook") == 0)
			apl_turn_send_failed(turn, &error, true, NULL);
		else
			apl_turn_error(turn, &error);
		return true;
	}
	const char *kept = version.bytes != NULL ? apl_arena_text(turn->arena, version.bytes, version.size) : NULL;
	if ((version.bytes != NULL && kept == NULL) || !begin_child(step, number, child, hash, kept, &asked)) {
		step->no_memory = true;
		return false;
	}
	return true;
}

static apl_step_result stop(const apl_step *step) {
	return step->no_memory ? APL_STEP_NO_MEMORY : APL_STEP_BREACH;
}

apl_step_result apl_invokes_begin(apl_step *step, apl_step_result so_far) {
	apl_engine *engine = step->turn.engine;
	const apl_chart *chart = step->turn.program->chart;
	for (uint32_t round = 0; step->n_invoking > 0; round++) {
		if (so_far != APL_STEP_STABLE && so_far != APL_STEP_UNHANDLED) return so_far;
		while (step->n_invoking > 0) {
			const apl_state *state = &chart->states[engine->invoking[0]];
			step->n_invoking--;
			memmove(engine->invoking, engine->invoking + 1, step->n_invoking * sizeof *engine->invoking);
			for (uint32_t i = state->first_invoke; i < state->first_invoke + state->n_invokes; i++)
				if (!begin_one(step, i, round)) return stop(step);
		}
		if (step->no_memory) return APL_STEP_NO_MEMORY;
		/* What could not begin raised an error, which may lead elsewhere. */
		if (apl_machine_is_waiting(engine->machine)) so_far = apl_machine_go_on(engine->machine, so_far);
	}
	return so_far;
}

/* ---- what children say -------------------------------------------------------------------- */

/*
 * Is the event a child's of the case? Its id begins as the ids of the case's children do (child_id). A copy that was forwarded to the case
 * says which child it came from, too: one of the parent's.
 */
static bool is_from_child(const apl_case *c, const apl_payload *payload) {
	if (payload->invoke == NULL || payload->by == NULL || strncmp(payload->by, "case:", 5) != 0) return false;
	const char *by = payload->by + 5;
	if (strncmp(by, apl_case_id(c), c->id_size) == 0 && by[c->id_size] == '/') return true;
	char hash[APL_HASH_HEX + 1] = {0};
	apl_hash_hex(apl_hash_bytes(apl_case_id(c), c->id_size), hash);
	return by[0] == '~' && strncmp(by + 1, hash, APL_HASH_HEX) == 0 && by[1 + APL_HASH_HEX] == '/';
}

static uint32_t invoke_of(const apl_case *c, const apl_payload *payload) {
	return is_from_child(c, payload) ? apl_chart_invoke(c->program->chart, payload->invoke, strlen(payload->invoke)) : APL_NONE;
}

bool apl_child_is_over(const apl_case *c, const apl_payload *payload) {
	if (!is_from_child(c, payload)) return false;
	uint32_t number = invoke_of(c, payload);
	const apl_child *child = number != APL_NONE ? c->more->children[number] : NULL;
	if (child == NULL) return true;
	return strncmp(payload->by, "case:", 5) != 0 || strcmp(payload->by + 5, child->id) != 0;
}

bool apl_child_ended(apl_engine *engine, apl_case *c, int32_t event, const apl_payload *payload) {
	uint32_t number = apl_chart_invoke_ended_by(c->program->chart, event);
	const apl_child *child = number != APL_NONE ? c->more->children[number] : NULL;
	if (child == NULL) return true;
	/* One child does not speak for another. Whoever is no child, a person at a rehearsal say, does. */
	if (payload->invoke != NULL && invoke_of(c, payload) != number) return true;
	apl_step *step = &engine->step;
	const char *id = c->program->chart->invokes[number].id;
	step->prepared = apl_prepared_of(c);
	item_over(step, child, "ended", id);
	if (payload->invoke == NULL &&
	    !apl_posting_add(engine, APL_POST_CANCEL, c, 1, c->at, nothing, id_of(child), nothing, apl_given_text(id), nothing))
		return false;
	return replace(engine, c, number, NULL);
}

/* Which child's event it is: its invocation says so, or, when a person plays the child, its name. */
static uint32_t speaker(const apl_case *c, const apl_step_event *event, const apl_payload *payload) {
	uint32_t number = invoke_of(c, payload);
	return number != APL_NONE ? number : apl_chart_invoke_ended_by(c->program->chart, event->number);
}

/* A copy for the child, unless its playbook is known and declares no such event. */
static bool forward(apl_step *step, uint32_t number, const apl_step_event *event, const apl_payload *payload) {
	apl_engine *engine = step->turn.engine;
	const apl_child *child = step->turn.the_case->more->children[number];
	const apl_program *program = apl_engine_program_by_hash(engine, child->hash);
	if (engine->rehearses || (program != NULL && apl_prepared_event(program->prepared, event->name, event->size) < 0)) return true;
	apl_buf *data = &engine->scratch;
	apl_buf_clear(data);
	if (payload->schema != NULL && payload->words != NULL) apl_record_write(data, payload->schema, payload->words, false);
	if (data->failed) return false;
	return apl_posting_add(engine, APL_POST_EVENT, step->turn.the_case, 0, step->turn.now, (apl_given){event->name, event->size},
	    id_of(child), data->size > 0 ? (apl_given){data->bytes, data->size} : nothing, apl_given_text(payload->invoke),
	    apl_given_text(payload->by));
}

void apl_children_hear(apl_step *step, const apl_step_event *event) {
	static const apl_payload empty;
	const apl_program *program = step->turn.program;
	const apl_chart *chart = program->chart;
	const apl_case *c = step->turn.the_case;
	const apl_payload *payload = event->payload != NULL ? event->payload : &empty;
	if (apl_chart_is_delay(chart, event->number)) return;
	uint32_t by = speaker(c, event, payload);
	if (by != APL_NONE && chart->invokes[by].finalize != APL_NO_HANDLER && !step->breach_pending &&
	    program->ops->run(program->self, &step->turn, chart->invokes[by].finalize) == APL_PORT_BREACH)
		step->breach_pending = true;
	for (uint32_t i = 0; i < chart->n_invokes; i++) {
		if (!chart->invokes[i].autoforward || c->more->children[i] == NULL) continue;
		if (!forward(step, i, event, payload)) step->no_memory = true;
	}
}

/* ---- to the parent ----------------------------------------------------------------------- */

static bool tell_parent(apl_engine *engine, apl_case *c, apl_posting_kind kind, const char *word, apl_given data, aplomb_instant at) {
	const apl_parent *parent = c->more->parent;
	apl_buf name;
	apl_buf_init(&name, &engine->alloc);
	apl_buf_text(&name, word);
	apl_buf_text(&name, apl_parent_invoke(parent));
	bool is_told =
	    !name.failed && apl_posting_add(engine, kind, c, 0, at, (apl_given){name.bytes, name.size},
	                        (apl_given){parent->texts, parent->id_size}, data, apl_given_text(apl_parent_invoke(parent)), nothing);
	apl_buf_dispose(&name);
	return is_told;
}

bool apl_parent_hears_done(apl_step *step, uint32_t final) {
	apl_engine *engine = step->turn.engine;
	const apl_program *program = step->turn.program;
	const apl_schema *schema = NULL;
	uint64_t *words = NULL;
	if (final != APL_NONE && program->ops->done != NULL &&
	    program->ops->done(program->self, &step->turn, final, &schema, &words) == APL_PORT_BREACH) {
		step->breach_pending = true;
		return true;
	}
	apl_buf *data = &engine->scratch;
	apl_buf_clear(data);
	if (schema != NULL && words != NULL) apl_record_write(data, schema, words, false);
	if (data->failed) return false;
	return tell_parent(engine, step->turn.the_case, APL_POST_DONE, "done.invoke.",
	    data->size > 0 ? (apl_given){data->bytes, data->size} : nothing, step->turn.now);
}

bool apl_parent_hears_error(apl_engine *engine, apl_case *c, const aplomb_error *error, aplomb_instant at) {
	apl_buf data;
	apl_buf_init(&data, &engine->alloc);
	apl_error_write(&data, error);
	bool is_told = !data.failed && tell_parent(engine, c, APL_POST_EVENT, "error.invoke.", (apl_given){data.bytes, data.size}, at);
	apl_buf_dispose(&data);
	return is_told;
}

apl_relative apl_relative_of(const apl_case *c, apl_given to, apl_given *id, apl_given *invoke) {
	const size_t prefix = sizeof child_prefix - 1;
	if (to.size == 6 && memcmp(to.bytes, "parent", 6) == 0) {
		const apl_parent *parent = c->more != NULL ? c->more->parent : NULL;
		if (parent == NULL) return APL_TO_NOBODY;
		*id = (apl_given){parent->texts, parent->id_size};
		*invoke = (apl_given){apl_parent_invoke(parent), parent->invoke_size};
		return APL_TO_PARENT;
	}
	if (to.size <= prefix || memcmp(to.bytes, child_prefix, prefix) != 0) return APL_NO_RELATIVE;
	uint32_t number = apl_chart_invoke(c->program->chart, to.bytes + prefix, to.size - prefix);
	const apl_child *child = number != APL_NONE ? c->more->children[number] : NULL;
	if (child == NULL) return APL_TO_NOBODY;
	*id = id_of(child);
	return APL_TO_CHILD;
}

size_t apl_engine_children(const apl_case *c, void (*tell)(const char *invoke, const char *child, void *payload), void *payload) {
	const apl_chart *chart = c->program->chart;
	size_t count = 0;
	for (uint32_t i = 0; i < chart->n_invokes; i++) {
		const apl_child *child = c->more->children[i];
		if (child == NULL) continue;
		count++;
		if (tell != NULL) tell(chart->invokes[i].id, child->id, payload);
	}
	return count;
}
