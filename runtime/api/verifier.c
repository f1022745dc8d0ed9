/* SPDX-License-Identifier: MIT */
/*
 * Decides how a whole journal is verified: which rehearsal steps a line, that a
 * case's lines follow one another, where it stops, and what a line that follows
 * says about the one that differs. How a line is stepped again and held against
 * what came out is decided by room engine.
 */
#include <string.h>

#include "api/runtime.h"
#include "base/map.h"
#include "chart/chart.h"
#include "time/shown.h"

/* A case that the journal has begun. */
typedef struct known_case {
	apl_case *the_case; /* NULL: its head was not stepped */
	uint64_t seq;       /* of its newest line, and that line's number */
	uint64_t line;
	const char *head; /* as recorded, when it stands on something else here; or NULL */
	size_t head_size;
	uint32_t grounds; /* on what else, one bit each */
	uint32_t rehearsal;
	uint32_t id_size;
	bool is_lost; /* of a verifier that goes on: it could not take a line, and takes none from then on */
	char id[];
} known_case;

/* A runtime for the cases under these limits. */
typedef struct rehearsal {
	aplomb_runtime *rt;
	aplomb_limits limits;
} rehearsal;

/* What was loaded, to be loaded again where there are other limits. Texts are in the arena. */
typedef struct loaded {
	const aplomb_playbook *playbook; /* of the first rehearsal */
	aplomb_load_options options;
} loaded;

struct aplomb_verifier {
	apl_alloc alloc;
	apl_arena arena; /* everything that lives as long as the verifier */
	apl_map cases;
	rehearsal *rehearsals; /* the first has the defaults */
	uint32_t n_rehearsals, rehearsals_capacity;
	loaded *loaded;
	uint32_t n_loaded, loaded_capacity;
	aplomb_verifier_options options;
	aplomb_instant horizon; /* the newest instant in the journal */
	bool has_horizon, has_begun;
	bool lacked_memory;                       /* so a line may have been stepped and not been told of: nothing can be said any more */
	bool is_settled;                          /* nothing can be added to the difference */
	const known_case *differing;              /* whose line it is; or NULL */
	apl_hash128 recorded_hash, produced_hash; /* of that line, and of the one that came out */
	uint64_t line_before;                     /* the number of the line before it */
	aplomb_difference difference;
	bool has_difference;
	aplomb_verified verified;
};

/* ---- life ------------------------------------------------------------------- */

/*
 * How much memory is too much is a fact of the journal and not asked again: four times as much as its head allows is only a bound against
 * what never ends. The limits that heads name stay what they are.
 */
static size_t more_memory(size_t limit) {
	return limit < SIZE_MAX / 4 ? 4 * limit : SIZE_MAX;
}

static int open_rehearsal(aplomb_verifier *v, const aplomb_limits *limits, aplomb_error *error) {
	if (!APL_GROW(&v->alloc, v->rehearsals, v->n_rehearsals, v->rehearsals_capacity)) return apl_fail_memory(error);
	aplomb_options options = APLOMB_OPTIONS_INIT;
	options.allocator = &v->alloc;
	options.time_follows_events = options.forget_journal = options.rehearsal = true;
	options.limits = limits;
	rehearsal *made = &v->rehearsals[v->n_rehearsals];
	*made = (rehearsal){.limits = apl_limits_or_default(limits)};
	int code = aplomb_open(&made->rt, &options, error);
	if (code != APLOMB_OK) return code;
	made->rt->limits.memory = more_memory(made->rt->limits.memory);
	v->n_rehearsals++;
	return APLOMB_OK;
}

int aplomb_verifier_open(aplomb_verifier **out, const aplomb_verifier_options *given, aplomb_error *error) {
	if (out == NULL) return apl_fail_null(error, "aplomb_verifier_open", "out");
	aplomb_verifier_options options = APLOMB_VERIFIER_OPTIONS_INIT;
	int code = given != NULL ? apl_take_struct(&options, sizeof options, given, "aplomb_verifier_options", error) : APLOMB_OK;
	if (code != APLOMB_OK) return code;
	if (options.allocator != NULL && options.allocator->fn == NULL)
		return apl_fail_null(error, "aplomb_verifier_open", "options->allocator->fn");
	apl_alloc alloc = options.allocator != NULL ? *options.allocator : apl_alloc_system();
	aplomb_verifier *v = apl_new(&alloc, sizeof *v);
	if (v == NULL) return apl_fail_memory(error);
	v->alloc = alloc;
	apl_arena_init(&v->arena, &v->alloc);
	apl_map_init(&v->cases, &v->alloc);
	v->options = options;
	v->verified = (aplomb_verified)APLOMB_VERIFIED_INIT;
	if (options.case_id != NULL) v->options.case_id = apl_arena_text(&v->arena, options.case_id, strlen(options.case_id));
	code = options.case_id != NULL && v->options.case_id == NULL ? apl_fail_memory(error) : open_rehearsal(v, NULL, error);
	if (code != APLOMB_OK) {
		aplomb_verifier_close(v);
		return code;
	}
	*out = v;
	return APLOMB_OK;
}

void aplomb_verifier_close(aplomb_verifier *v) {
	if (v == NULL) return;
	for (uint32_t i = 0; i < v->n_rehearsals; i++) aplomb_close(v->rehearsals[i].rt);
	apl_map_dispose(&v->cases);
	apl_arena_dispose(&v->arena);
	apl_alloc alloc = v->alloc;
	apl_free(&alloc, v->rehearsals, v->rehearsals_capacity * sizeof *v->rehearsals);
	apl_free(&alloc, v->loaded, v->loaded_capacity * sizeof *v->loaded);
	apl_free(&alloc, v, sizeof *v);
}

/* ---- playbooks ------------------------------------------------------------------ */

/* [*text] becomes a copy that lives as long as the verifier; size 0: it is terminated. false without memory. */
static bool keep_text(aplomb_verifier *v, const char **text, size_t size) {
	if (*text == NULL) return true;
	*text = apl_arena_text(&v->arena, *text, size != 0 ? size : strlen(*text));
	return *text != NULL;
}

/* What loads the same again: the bundle, for files may be others by then. */
static bool keep_options(aplomb_verifier *v, aplomb_load_options *o, const aplomb_playbook *playbook) {
	o->source = aplomb_playbook_source(playbook, &o->source_size);
	o->on_finding = NULL;
	o->roots = NULL;
	o->n_roots = 0;
	o->examine = false;
	if (o->policy != NULL && o->policy_size == 0) o->policy_size = strlen(o->policy);
	if (o->params != NULL && o->params_size == 0) o->params_size = strlen(o->params);
	return keep_text(v, &o->path, 0) && keep_text(v, &o->policy_path, 0) && keep_text(v, &o->policy, o->policy_size) &&
	       keep_text(v, &o->params, o->params_size) && keep_text(v, &o->params_path, 0);
}

int aplomb_verifier_load(aplomb_verifier *v, const aplomb_load_options *given, aplomb_playbook **out, aplomb_error *error) {
	if (v == NULL) return apl_fail_null(error, "aplomb_verifier_load", "the verifier");
	if (given == NULL) return apl_fail_null(error, "aplomb_verifier_load", "options");
	if (v->has_begun)
		return apl_fail(
		    error, APLOMB_EINVAL, "verifier-begun", "aplomb_verifier_load: lines were handed in already; load playbooks before them");
	aplomb_load_options options;
	aplomb_playbook *playbook;
	int code = apl_take_struct(&options, sizeof options, given, "aplomb_load_options", error);
	if (code != APLOMB_OK) return code;
	if (!APL_GROW(&v->alloc, v->loaded, v->n_loaded, v->loaded_capacity)) return apl_fail_memory(error);
	code = aplomb_load(v->rehearsals[0].rt, &options, &playbook, error);
	if (code != APLOMB_OK) return code;
	if (!keep_options(v, &options, playbook)) return apl_fail_memory(error);
	v->loaded[v->n_loaded++] = (loaded){playbook, options};
	if (out != NULL) *out = playbook;
	return APLOMB_OK;
}

static bool same_limits(const aplomb_limits *a, const aplomb_limits *b) {
	return memcmp(a, b, sizeof *a) == 0;
}

/* The rehearsal for the limits that the map at [cell] names. */
static int find_rehearsal(aplomb_verifier *v, const apl_tape *tape, uint32_t cell, uint32_t *out, aplomb_error *error) {
	aplomb_limits found, limits;
	memset(&found, 0, sizeof found);
	memset(&limits, 0, sizeof limits); /* they are compared as bytes */
	found.size = sizeof found;
	apl_limits_read(tape, cell, &found);
	found = apl_limits_or_default(&found);
	memcpy(&limits, &found, sizeof limits);
	int code = APLOMB_OK;
	for (uint32_t i = 0; i < v->n_rehearsals; i++) {
		*out = i;
		if (same_limits(&v->rehearsals[i].limits, &limits)) return APLOMB_OK;
	}
	code = open_rehearsal(v, &limits, error);
	if (code != APLOMB_OK) return code;
	*out = v->n_rehearsals - 1;
	aplomb_runtime *rt = v->rehearsals[*out].rt;
	for (uint32_t i = 0; i < v->n_loaded && code == APLOMB_OK; i++) {
		aplomb_playbook *again;
		code = aplomb_load(rt, &v->loaded[i].options, &again, error);
	}
	if (code != APLOMB_OK) aplomb_close(v->rehearsals[--v->n_rehearsals].rt);
	return code;
}

/* ---- what differs ------------------------------------------------------------------ */

static apl_engine *engine_of(const aplomb_verifier *v, const known_case *known) {
	return v->rehearsals[known != NULL ? known->rehearsal : 0].rt->engine;
}

static const char *keep(aplomb_verifier *v, const char *text, size_t size) {
	return text != NULL ? apl_arena_text(&v->arena, text, size) : NULL;
}

/* What the case stands on, each as its head says it and as it is here; NULL without memory. */
static aplomb_stands_on *stands_on(aplomb_verifier *v, const known_case *known, aplomb_error *error) {
	aplomb_stands_on *ones = apl_arena_take(&v->arena, APL_GROUNDS * sizeof *ones);
	if (ones == NULL) {
		apl_fail_memory(error);
		return NULL;
	}
	static const char *const names[APL_GROUNDS] = {"engine", "playbook", "params", "tzdata", "limits"};
	for (int i = 0; i < APL_GROUNDS; i++) {
		ones[i] = (aplomb_stands_on){.size = sizeof *ones, .ground = (aplomb_ground)i, .name = names[i]};
		int code = apl_verify_ground(engine_of(v, known), known->the_case, known->head, known->head_size, ones[i].ground, &v->arena,
		    &ones[i].recorded, &ones[i].here, error);
		if (code != APLOMB_OK) return NULL;
		bool is_unknown = known->the_case == NULL && ones[i].here == NULL;
		if (known->the_case != NULL)
			ones[i].same = (known->grounds & 1u << i) == 0;
		else
			ones[i].same = is_unknown || (ones[i].recorded != NULL && strcmp(ones[i].recorded, ones[i].here) == 0);
		/* What is the same is told as the head says it: an older one may say less. */
		if (ones[i].same && ones[i].recorded != NULL) ones[i].here = ones[i].recorded;
	}
	return ones;
}

static void add_path(apl_buf *out, apl_case *c) {
	const apl_chart *chart = c->program->chart;
	for (uint32_t s = 0; s < chart->n_states; s++) {
		bool is_atomic = chart->states[s].kind == APL_ATOMIC || chart->states[s].kind == APL_FINAL;
		if (!is_atomic || !apl_set_has(apl_case_configuration(c), s)) continue;
		if (out->size > 0) apl_buf_byte(out, ' ');
		apl_buf_text(out, chart->states[s].path);
	}
}

/* Where the case stands here. */
static bool tell_case(aplomb_verifier *v, apl_case *c) {
	aplomb_difference *d = &v->difference;
	apl_buf text;
	apl_buf_init(&text, &v->alloc);
	add_path(&text, c);
	d->states = text.failed ? NULL : keep(v, text.bytes, text.size);
	apl_buf_clear(&text);
	apl_record_write(&text, c->program->data, apl_case_data(c), false);
	d->data = text.failed ? NULL : keep(v, text.bytes, text.size);
	apl_buf_dispose(&text);
	return d->states != NULL && d->data != NULL;
}

/* A line as it is handed in. */
typedef struct given_line {
	const char *text;
	size_t size;
	uint64_t number;
	apl_line_head head;
	const apl_tape *tape; /* NULL: it could not be read */
} given_line;

static const char *instant_of(const given_line *line, size_t *size) {
	uint32_t at = line->tape != NULL ? apl_tape_find(line->tape, 0, "at", 2) : 0;
	if (at == 0 || line->tape->cells[at].kind != APLOMB_TEXT) return NULL;
	*size = line->tape->cells[at].count;
	return line->tape->cells[at].as.text;
}

/*
 * Begins to tell of a difference. The first one stays; false: there is one already (of a verifier that goes on), or there is no memory,
 * which [*code] says.
 */
static bool begin_difference(aplomb_verifier *v, aplomb_differs how, const given_line *line, known_case *known, const aplomb_error *why,
    int *code, aplomb_error *error) {
	v->verified.differing++;
	*code = APLOMB_OK;
	if (v->has_difference) return false;
	size_t at_size = 0;
	const char *at = instant_of(line, &at_size);
	aplomb_difference *d = &v->difference;
	*d = (aplomb_difference){.size = sizeof *d, .how = how, .line = line->number};
	d->recorded_line = keep(v, line->text, line->size);
	bool lacks = d->recorded_line == NULL;
	if (line->tape != NULL) {
		d->case_id = keep(v, line->head.id, line->head.id_size);
		d->seq = line->head.seq;
		d->at = keep(v, at, at_size);
		lacks = lacks || d->case_id == NULL || (at != NULL && d->at == NULL);
	}
	if (why != NULL) {
		d->slug = keep(v, why->slug, strlen(why->slug));
		d->message = keep(v, why->message, strlen(why->message));
		lacks = lacks || d->slug == NULL || d->message == NULL;
	}
	if (lacks) {
		*code = apl_fail_memory(error);
		return false;
	}
	v->has_difference = true;
	v->differing = known;
	v->line_before = known != NULL ? known->line : 0;
	v->recorded_hash = apl_hash_bytes(line->text, line->size);
	v->is_settled = how == APLOMB_DIFFERS_DAMAGE || how == APLOMB_DIFFERS_ORDER || known == NULL;
	if (known == NULL) return true;
	/* A head that was refused: it is the one that says what is meant. */
	if (known->the_case == NULL) {
		known->head = d->recorded_line;
		known->head_size = line->size;
	}
	d->ones = stands_on(v, known, error);
	d->n_ones = APL_GROUNDS;
	if (d->ones != NULL && (known->the_case == NULL || tell_case(v, known->the_case))) return true;
	*code = apl_fail_memory(error);
	return false;
}

static void tell_line(
    aplomb_verifier *v, const given_line *line, const aplomb_replayed *out, const apl_verdict *verdict, const aplomb_error *why) {
	if (v->options.on_line == NULL) return;
	const aplomb_stepped_line told = {
	    .size = sizeof told,
	    .number = line->number,
	    .case_id = out != NULL ? out->case_id : "",
	    .seq = line->tape != NULL ? line->head.seq : 0,
	    .recorded = line->text,
	    .recorded_size = line->size,
	    .produced = out != NULL ? out->text : NULL,
	    .produced_size = out != NULL ? out->text_size : 0,
	    .same = verdict != NULL && verdict->kind <= APL_VERDICT_GROUNDS,
	    .error = why,
	    .member = verdict != NULL ? verdict->member : NULL,
	    .recorded_value = verdict != NULL ? verdict->recorded : NULL,
	    .produced_value = verdict != NULL ? verdict->produced : NULL,
	};
	v->options.on_line(&told, v->options.payload);
}

/* EDIFFERS when whoever hands in lines may stop. */
static int stop(const aplomb_verifier *v, aplomb_error *error) {
	if (v->options.goes_on || !v->has_difference || !v->is_settled) return APLOMB_OK;
	return apl_fail(
	    error, APLOMB_EDIFFERS, "replay-differs", "line %llu is not what a replay gives", (unsigned long long)v->difference.line);
}

/* The line cannot be stepped. [how]: because of what it is, or because of what it says. */
static int refuse(
    aplomb_verifier *v, aplomb_differs how, const given_line *line, known_case *known, const aplomb_error *why, aplomb_error *error) {
	int code;
	begin_difference(v, how, line, known, why, &code, error);
	if (code != APLOMB_OK) return code;
	if (v->has_difference && v->difference.line == line->number && how == APLOMB_DIFFERS_CAUSE && known != NULL)
		v->difference.recorded_place = apl_verify_place(engine_of(v, known), &v->arena);
	if (known != NULL && how != APLOMB_DIFFERS_DAMAGE) known->is_lost = true;
	tell_line(v, line, NULL, NULL, why);
	return stop(v, error);
}

/* ---- a line that comes out -------------------------------------------------------------- */

static int note_ground(aplomb_verifier *v, known_case *known, const given_line *line, uint32_t grounds, aplomb_error *error) {
	known->head = keep(v, line->text, line->size);
	known->head_size = line->size;
	known->grounds = grounds;
	v->verified.elsewhere++;
	return known->head != NULL ? APLOMB_OK : apl_fail_memory(error);
}

static int note_difference(aplomb_verifier *v, known_case *known, const given_line *line, const aplomb_replayed *out,
    const apl_verdict *verdict, aplomb_error *error) {
	static const char unchained[] =
	    "it does not hold the hash of its case's line before it: one of the two was changed after it was written";
	bool is_chain = verdict->kind == APL_VERDICT_CHAIN;
	aplomb_error why = {.slug = "journal-chain"};
	memcpy(why.message, unchained, sizeof unchained);
	int code;
	if (!begin_difference(v, is_chain ? APLOMB_DIFFERS_CHAIN : APLOMB_DIFFERS_LINE, line, known, is_chain ? &why : NULL, &code, error))
		return code;
	aplomb_difference *d = &v->difference;
	d->produced_line = keep(v, out->text, out->text_size);
	if (d->produced_line == NULL) return apl_fail_memory(error);
	d->member = verdict->member;
	d->recorded = verdict->recorded;
	d->produced = verdict->produced;
	d->item = verdict->item;
	d->recorded_place = verdict->recorded_place;
	d->produced_place = verdict->produced_place;
	v->produced_hash = apl_hash_bytes(out->text, out->text_size);
	return APLOMB_OK;
}

static int came_out(aplomb_verifier *v, known_case *known, const given_line *line, const aplomb_replayed *out, aplomb_error *error) {
	apl_verdict verdict = {.kind = APL_VERDICT_SAME};
	apl_engine *engine = engine_of(v, known);
	bool is_other_version = (known->grounds & 1u << APLOMB_GROUND_PLAYBOOK) != 0;
	int code = out->same ? APLOMB_OK : apl_verify_line(engine, line->head.is_head, is_other_version, &v->arena, &verdict, error);
	if (code == APLOMB_OK && verdict.kind == APL_VERDICT_GROUNDS) code = note_ground(v, known, line, verdict.grounds, error);
	bool same = verdict.kind <= APL_VERDICT_GROUNDS;
	if (code == APLOMB_OK && !same) code = note_difference(v, known, line, out, &verdict, error);
	if (code != APLOMB_OK) return code;
	known->seq = line->head.seq;
	known->line = line->number;
	v->verified.lines += same;
	v->verified.cases += line->head.is_head;
	v->verified.entries += !line->head.is_head;
	tell_line(v, line, out, &verdict, NULL);
	return stop(v, error);
}

static void look_at_time(aplomb_verifier *v, const known_case *known) {
	aplomb_instant at = known->the_case->at;
	if (v->has_horizon && at <= v->horizon) return;
	v->has_horizon = true;
	v->horizon = at;
}

/* What a line says happened cannot come about, and that is not for want of something of ours. */
static bool is_of_the_line(int code) {
	return code == APLOMB_EREFUSED || code == APLOMB_EDAMAGED || code == APLOMB_EINVAL || code == APLOMB_EFAULTED || code == APLOMB_ELIMIT;
}

static int step(aplomb_verifier *v, known_case *known, const given_line *line, aplomb_error *error) {
	const apl_recorded_line recorded = {line->text, line->size, line->head, true};
	aplomb_replayed out = APLOMB_REPLAYED_INIT;
	aplomb_runtime *rt = v->rehearsals[known->rehearsal].rt;
	aplomb_error why = {0};
	apl_enter(rt);
	int code = apl_replay_step(rt->engine, NULL, &recorded, &out, &why);
	apl_leave(rt);
	if (code == APLOMB_OK) {
		if (line->head.is_head)
			known->the_case = apl_verify_case(rt->engine, known->id, known->id_size);
		else
			look_at_time(v, known);
		return came_out(v, known, line, &out, error);
	}
	if (is_of_the_line(code)) return refuse(v, APLOMB_DIFFERS_CAUSE, line, known, &why, error);
	if (error != NULL) *error = why;
	return code;
}

/* ---- a line, and whose it is -------------------------------------------------------------- */

static known_case *begin_case(aplomb_verifier *v, const given_line *line, aplomb_error *error) {
	known_case *known = apl_arena_take(&v->arena, sizeof *known + line->head.id_size);
	if (known == NULL) {
		apl_fail_memory(error);
		return NULL;
	}
	*known = (known_case){.id_size = line->head.id_size, .line = line->number};
	memcpy(known->id, line->head.id, line->head.id_size);
	if (apl_map_put(&v->cases, known->id, known->id_size, known)) return known;
	apl_fail_memory(error);
	return NULL;
}

static int begin(aplomb_verifier *v, given_line *line, aplomb_error *error) {
	known_case *known = begin_case(v, line, error);
	if (known == NULL) return APLOMB_ENOMEM;
	int code = find_rehearsal(v, line->tape, apl_tape_find(line->tape, 0, "limits", 6), &known->rehearsal, error);
	if (code != APLOMB_OK) return code;
	apl_engine *engine = engine_of(v, known);
	/* It was read by the first one. */
	if (known->rehearsal != 0) code = apl_replay_read(engine, line->text, line->size, &line->head, error);
	line->tape = apl_replay_tape(engine);
	return code != APLOMB_OK ? code : step(v, known, line, error);
}

/* The limits that a line names which resumes the case under them; 0: it is no such line. */
static uint32_t limits_in(const apl_tape *tape) {
	const uint32_t kind = apl_tape_find(tape, 0, "kind", 4), cause = apl_tape_find(tape, 0, "cause", 5);
	if (kind == 0 || cause == 0 || !apl_cell_is(&tape->cells[kind], "mended", 6) || tape->cells[cause].kind != APLOMB_MAP) return 0;
	const uint32_t limits = apl_tape_find(tape, cause, "limits", 6);
	return limits != 0 && tape->cells[limits].kind == APLOMB_MAP ? limits : 0;
}

/* From now on the case is stepped where these limits hold: somebody allowed it more. */
static int move_case(aplomb_verifier *v, known_case *known, uint32_t to, aplomb_error *error) {
	aplomb_runtime *from = v->rehearsals[known->rehearsal].rt, *other = v->rehearsals[to].rt;
	char *id = apl_arena_text(&v->arena, known->id, known->id_size), *snapshot;
	size_t size;
	if (id == NULL) return apl_fail_memory(error);
	int code = aplomb_case_snapshot(from, id, &snapshot, &size, error);
	if (code != APLOMB_OK) return code;
	code = aplomb_case_restore(other, snapshot, size, error);
	aplomb_text_free(from, snapshot);
	if (code != APLOMB_OK) return code;
	known->rehearsal = to;
	known->the_case = apl_verify_case(other->engine, known->id, known->id_size);
	return aplomb_case_forget(from, id, error);
}

/* Is it the line of its case that comes next? */
static int out_of_order(aplomb_verifier *v, const given_line *line, known_case *known, aplomb_error *error) {
	char shown[APL_SHOWN];
	apl_shown(line->head.id, line->head.id_size, shown);
	aplomb_error why = {0};
	unsigned long long seq = line->head.seq, next = known != NULL ? known->seq + 1 : 0;
	if (known == NULL)
		apl_fail(&why, APLOMB_EDAMAGED, "journal-headless", "case \"%s\" begins with entry %llu: its head is missing", shown, seq);
	else if (line->head.is_head)
		apl_fail(&why, APLOMB_EDAMAGED, "journal-seq", "case \"%s\" has a second head after entry %llu", shown, next - 1);
	else if (seq < next)
		apl_fail(
		    &why, APLOMB_EDAMAGED, "journal-seq", "case \"%s\": entry %llu stands here once more, entry %llu is next", shown, seq, next);
	else if (seq == next + 1)
		apl_fail(&why, APLOMB_EDAMAGED, "journal-seq", "case \"%s\": entry %llu is missing before entry %llu, or stands elsewhere", shown,
		    next, seq);
	else
		apl_fail(&why, APLOMB_EDAMAGED, "journal-seq",
		    "case \"%s\": entries %llu to %llu are missing before entry %llu, or stand elsewhere", shown, next, seq - 1, seq);
	return refuse(v, APLOMB_DIFFERS_ORDER, line, known, &why, error);
}

static int take(aplomb_verifier *v, given_line *line, aplomb_error *error) {
	known_case *known = apl_map_get(&v->cases, line->head.id, line->head.id_size);
	if (known != NULL && known->is_lost) {
		v->verified.lost++;
		return APLOMB_OK;
	}
	if (known == NULL && line->head.is_head) return begin(v, line, error);
	if (known == NULL || line->head.is_head || line->head.seq != known->seq + 1) return out_of_order(v, line, known, error);
	/* Only a faulted case is resumed. */
	const bool may_move = known->the_case != NULL && known->the_case->status == APLOMB_CASE_FAULTED;
	const uint32_t limits = may_move ? limits_in(line->tape) : 0;
	uint32_t where = known->rehearsal;
	int code = limits != 0 ? find_rehearsal(v, line->tape, limits, &where, error) : APLOMB_OK;
	if (code == APLOMB_OK && where != known->rehearsal) code = move_case(v, known, where, error);
	if (code != APLOMB_OK || known->rehearsal == 0) return code != APLOMB_OK ? code : step(v, known, line, error);
	apl_engine *engine = engine_of(v, known);
	code = apl_replay_read(engine, line->text, line->size, &line->head, error);
	line->tape = apl_replay_tape(engine);
	return code != APLOMB_OK ? code : step(v, known, line, error);
}

/* Looks only for the line behind the one that differs, which holds the hash of what was written there. */
static int look_for_voucher(aplomb_verifier *v, const given_line *line, aplomb_error *error) {
	const known_case *known = v->differing;
	aplomb_difference *d = &v->difference;
	bool follows = !line->head.is_head && line->head.seq == d->seq + 1 && line->head.id_size == known->id_size &&
	               memcmp(line->head.id, known->id, known->id_size) == 0;
	if (!follows) return APLOMB_OK;
	bool was_produced = d->produced_line != NULL && apl_hash128_equal(line->head.prev, v->produced_hash);
	d->vouched = apl_hash128_equal(line->head.prev, v->recorded_hash) ? APLOMB_VOUCHED_RECORDED
	             : was_produced                                       ? APLOMB_VOUCHED_PRODUCED
	                                                                  : APLOMB_VOUCHED_NEITHER;
	d->vouching_line = line->number;
	if (d->how == APLOMB_DIFFERS_CHAIN && d->vouched == APLOMB_VOUCHED_RECORDED) d->changed_line = v->line_before;
	if (d->vouched == APLOMB_VOUCHED_PRODUCED || (d->vouched == APLOMB_VOUCHED_NEITHER && d->how != APLOMB_DIFFERS_CHAIN))
		d->changed_line = d->line;
	v->is_settled = true;
	return stop(v, error);
}

static int verify(aplomb_verifier *v, const char *text, size_t size, uint64_t number, aplomb_error *error) {
	apl_engine *first = v->rehearsals[0].rt->engine;
	bool is_over = v->has_difference && !v->options.goes_on;
	if (is_over && v->is_settled) return stop(v, error);
	v->has_begun = true;
	given_line line = {.text = text, .size = size, .number = number};
	aplomb_error why = {0};
	int code = apl_replay_read(first, text, size, &line.head, &why);
	bool is_damage = code == APLOMB_EJSON || code == APLOMB_EDAMAGED || code == APLOMB_EVERSION;
	if (is_damage && is_over) return APLOMB_OK;
	if (is_damage) return refuse(v, APLOMB_DIFFERS_DAMAGE, &line, NULL, &why, error);
	if (code != APLOMB_OK) {
		if (error != NULL) *error = why;
		return code;
	}
	line.tape = apl_replay_tape(first);
	if (is_over || (v->has_difference && !v->is_settled && v->differing != NULL)) {
		code = look_for_voucher(v, &line, error);
		if (is_over || code != APLOMB_OK) return code;
	}
	const char *wanted = v->options.case_id;
	if (wanted != NULL && (strlen(wanted) != line.head.id_size || memcmp(wanted, line.head.id, line.head.id_size) != 0)) {
		v->verified.skipped++;
		return APLOMB_OK;
	}
	return take(v, &line, error);
}

static int fail_lacked(aplomb_error *error) {
	return apl_fail(
	    error, APLOMB_ENOMEM, "no-memory", "this verifier had no memory for an earlier line: close it, and begin with another one");
}

int aplomb_verify(aplomb_verifier *v, const char *text, size_t size, uint64_t number, aplomb_error *error) {
	if (v == NULL) return apl_fail_null(error, "aplomb_verify", "the verifier");
	if (text == NULL) return apl_fail_null(error, "aplomb_verify", "line");
	if (v->lacked_memory) return fail_lacked(error);
	int code = verify(v, text, size, number, error);
	v->lacked_memory = code == APLOMB_ENOMEM;
	return code;
}

/* ---- the end ---------------------------------------------------------------------------------- */

static int find_unfinished(aplomb_verifier *v, aplomb_error *error) {
	for (uint32_t i = 0; i < v->n_rehearsals; i++) {
		apl_unfinished found;
		apl_verify_unfinished(v->rehearsals[i].rt->engine, v->horizon, &found);
		if (v->verified.unfinished == 0 && found.count > 0) {
			const apl_case *c = found.the_case;
			v->verified.unfinished_case = keep(v, apl_case_id(c), c->id_size);
			v->verified.unfinished_seq = c->seq;
			v->verified.unfinished_due = keep(v, found.name, strlen(found.name));
			v->verified.unfinished_at = found.due_at;
			if (v->verified.unfinished_case == NULL || v->verified.unfinished_due == NULL) return apl_fail_memory(error);
		}
		v->verified.unfinished += found.count;
	}
	return APLOMB_OK;
}

/* Of the cases that stand on something else the first in the journal's order. */
static int tell_elsewhere(aplomb_verifier *v, aplomb_error *error) {
	const known_case *first = NULL;
	for (uint32_t i = 0; i < v->cases.capacity; i++) {
		const known_case *known = v->cases.slots[i].hash > 1 ? v->cases.slots[i].value : NULL;
		if (known == NULL || known->head == NULL || known->the_case == NULL) continue;
		if (first == NULL || known->line < first->line) first = known;
	}
	if (first == NULL) return APLOMB_OK;
	v->verified.elsewhere_case = keep(v, first->id, first->id_size);
	v->verified.ones = stands_on(v, first, error);
	v->verified.n_ones = APL_GROUNDS;
	return v->verified.elsewhere_case != NULL && v->verified.ones != NULL ? APLOMB_OK : apl_fail_memory(error);
}

int aplomb_verifier_end(aplomb_verifier *v, aplomb_verified *out, aplomb_error *error) {
	if (v == NULL) return apl_fail_null(error, "aplomb_verifier_end", "the verifier");
	if (out != NULL && out->size < sizeof out->size)
		return apl_fail(
		    error, APLOMB_EINVAL, "struct-size", "aplomb_verified: size is %zu; begin with APLOMB_VERIFIED_INIT, which sets it", out->size);
	if (v->lacked_memory) return fail_lacked(error);
	v->is_settled = true;
	v->verified.unfinished = 0;
	int code = v->verified.elsewhere > 0 ? tell_elsewhere(v, error) : APLOMB_OK;
	if (code == APLOMB_OK && !v->has_difference && v->has_horizon) code = find_unfinished(v, error);
	if (code != APLOMB_OK) return code;
	v->verified.difference = v->has_difference ? &v->difference : NULL;
	if (out != NULL) apl_give_struct(out, &v->verified, sizeof v->verified);
	if (!v->has_difference) return APLOMB_OK;
	return apl_fail(
	    error, APLOMB_EDIFFERS, "replay-differs", "line %llu is not what a replay gives", (unsigned long long)v->difference.line);
}
