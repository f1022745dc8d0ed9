/* SPDX-License-Identifier: MIT */
/*
 * Decides what of a case's journal a drawing takes note of. How a chart looks is
 * decided by chart/draw*.c, where a case has been by chart/trail.c.
 */
#include <string.h>

#include "api/runtime.h"
#include "chart/draw.h"
#include "time/instant.h"

struct aplomb_drawing {
	aplomb_runtime *rt;
	const apl_program *program;
	apl_trail trail;
	uint64_t *leaves; /* scratch */
	char *case_id;    /* of the entries noted; NULL: none */
	uint64_t n_unknown;
};

static int write_drawing(aplomb_runtime *rt, const apl_program *program, const apl_trail *trail, const char *case_id,
    const aplomb_draw_options *given, char **text, size_t *size, aplomb_error *error) {
	static void (*const writers[])(const apl_drawing *, apl_buf *) = {apl_draw_text, apl_draw_mermaid, apl_draw_dot, apl_draw_scxml};
	aplomb_draw_options options = APLOMB_DRAW_OPTIONS_INIT;
	if (given != NULL) {
		int code = apl_take_struct(&options, sizeof options, given, "aplomb_draw_options", error);
		if (code != APLOMB_OK) return code;
	}
	if ((unsigned)options.form >= sizeof writers / sizeof *writers)
		return apl_fail(error, APLOMB_EINVAL, "draw-form", "a drawing of form %d is not known", (int)options.form);
	const apl_drawing drawing = {.chart = program->chart,
	    .title = program->title,
	    .version = program->version,
	    .self = program->self,
	    .label = program->ops->label,
	    .trail = trail != NULL && trail->is_open ? trail : NULL,
	    .case_id = case_id,
	    .width = options.width,
	    .is_ascii = options.ascii,
	    .has_colour = options.colour};
	apl_buf out;
	apl_buf_init(&out, &rt->alloc);
	apl_enter(rt);
	writers[options.form](&drawing, &out);
	apl_leave(rt);
	int code = apl_give_text(rt, &out, text, size, error);
	apl_buf_dispose(&out);
	return code;
}

int aplomb_playbook_draw(aplomb_runtime *rt, const aplomb_playbook *playbook, const aplomb_draw_options *options, char **text, size_t *size,
    aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_playbook_draw", error);
	if (code != APLOMB_OK) return code;
	if (playbook == NULL) return apl_fail_null(error, "aplomb_playbook_draw", "playbook");
	if (text == NULL) return apl_fail_null(error, "aplomb_playbook_draw", "text");
	return write_drawing(rt, apl_program_of(playbook), NULL, NULL, options, text, size, error);
}

int aplomb_drawing_open(aplomb_drawing **out, aplomb_runtime *rt, const aplomb_playbook *playbook, aplomb_error *error) {
	int code = apl_may_enter(rt, "aplomb_drawing_open", error);
	if (code != APLOMB_OK) return code;
	if (out == NULL) return apl_fail_null(error, "aplomb_drawing_open", "out");
	if (playbook == NULL) return apl_fail_null(error, "aplomb_drawing_open", "playbook");
	const apl_program *program = apl_program_of(playbook);
	aplomb_drawing *drawing = apl_new(&rt->alloc, sizeof *drawing);
	if (drawing == NULL) return apl_fail_memory(error);
	drawing->rt = rt;
	drawing->program = program;
	drawing->leaves = apl_new(&rt->alloc, program->chart->n_words * sizeof *drawing->leaves);
	if (!apl_trail_init(&drawing->trail, program->chart) || drawing->leaves == NULL) {
		aplomb_drawing_close(drawing);
		return apl_fail_memory(error);
	}
	*out = drawing;
	return APLOMB_OK;
}

void aplomb_drawing_close(aplomb_drawing *drawing) {
	if (drawing == NULL) return;
	const apl_alloc alloc = drawing->rt->alloc;
	const apl_chart *chart = drawing->program->chart;
	apl_trail_dispose(&drawing->trail);
	apl_free(&alloc, drawing->leaves, chart->n_words * sizeof *drawing->leaves);
	if (drawing->case_id != NULL) apl_free(&alloc, drawing->case_id, strlen(drawing->case_id) + 1);
	apl_free(&alloc, drawing, sizeof *drawing);
}

static const char *text_of(aplomb_value map, const char *key) {
	return aplomb_value_text(aplomb_value_get(map, key), NULL);
}

/* "late.lua:12" ends in the line. */
static uint32_t line_of(const char *place) {
	const char *colon = place != NULL ? strrchr(place, ':') : NULL;
	uint32_t line = 0;
	for (const char *c = colon != NULL ? colon + 1 : ""; *c >= '0' && *c <= '9' && line < 100000000; c++)
		line = line * 10 + (uint32_t)(*c - '0');
	return line;
}

static void note_transition(aplomb_drawing *drawing, aplomb_value item, aplomb_instant at) {
	enum { MOST_TARGETS = 64 };
	const char *to[MOST_TARGETS];
	aplomb_value targets = aplomb_value_get(item, "to");
	size_t n_to = aplomb_value_count(targets);
	apl_trail_step step = {.from = text_of(item, "from"),
	    .on = text_of(item, "on"),
	    .to = to,
	    .line = line_of(text_of(item, "place")),
	    .because = text_of(item, "because")};
	uint32_t found = APL_NONE;
	if (step.from != NULL && n_to <= MOST_TARGETS) {
		for (size_t i = 0; i < n_to; i++) {
			to[i] = aplomb_value_text(aplomb_value_at(targets, i, NULL), NULL);
			if (to[i] == NULL) to[i] = "";
		}
		step.n_to = (uint32_t)n_to;
		found = apl_trail_find(&drawing->trail, &step);
	}
	if (found != APL_NONE)
		apl_trail_take(&drawing->trail, found, at);
	else
		drawing->n_unknown++;
}

static void note_states(aplomb_drawing *drawing, aplomb_value active, aplomb_instant at) {
	const apl_chart *chart = drawing->program->chart;
	size_t count = aplomb_value_count(active);
	memset(drawing->leaves, 0, chart->n_words * sizeof *drawing->leaves);
	for (size_t i = 0; i < count; i++) {
		size_t size = 0;
		const char *path = aplomb_value_text(aplomb_value_at(active, i, NULL), &size);
		uint32_t state = path != NULL ? apl_chart_state(chart, path, size) : APL_NONE;
		if (state != APL_NONE) apl_set_add(drawing->leaves, state);
	}
	apl_trail_stands(&drawing->trail, drawing->leaves, at);
}

int aplomb_drawing_note(aplomb_drawing *drawing, aplomb_value entry, aplomb_error *error) {
	if (drawing == NULL) return apl_fail_null(error, "aplomb_drawing_note", "drawing");
	size_t size = 0;
	const char *id = aplomb_value_text(aplomb_value_get(entry, "case"), &size);
	if (id != NULL && drawing->case_id == NULL) {
		drawing->case_id = apl_copy_text(&drawing->rt->alloc, id, size);
		if (drawing->case_id == NULL) return apl_fail_memory(error);
	}
	const char *written = aplomb_value_text(aplomb_value_get(entry, "at"), &size);
	aplomb_instant at = 0;
	if (written == NULL) return APLOMB_OK; /* the head: nothing has happened */
	int code = apl_instant_read(written, size, &at, error);
	if (code != APLOMB_OK) return code;
	const char *kind = text_of(entry, "kind");
	if (kind != NULL && strcmp(kind, "opened") == 0) apl_trail_open(&drawing->trail, at);
	aplomb_value items = aplomb_value_get(entry, "items");
	size_t count = aplomb_value_count(items);
	for (size_t i = 0; i < count; i++) {
		aplomb_value item = aplomb_value_at(items, i, NULL);
		const char *what = text_of(item, "do");
		if (what == NULL) continue;
		if (strcmp(what, "transition") == 0) note_transition(drawing, item, at);
		if (strcmp(what, "state") == 0) note_states(drawing, aplomb_value_get(item, "active"), at);
		if (strcmp(what, "closed") == 0) apl_trail_close(&drawing->trail);
	}
	return APLOMB_OK;
}

uint64_t aplomb_drawing_unknown(const aplomb_drawing *drawing) {
	return drawing != NULL ? drawing->n_unknown : 0;
}

int aplomb_drawing_write(aplomb_drawing *drawing, const aplomb_draw_options *options, char **text, size_t *size, aplomb_error *error) {
	if (drawing == NULL) return apl_fail_null(error, "aplomb_drawing_write", "drawing");
	int code = apl_may_enter(drawing->rt, "aplomb_drawing_write", error);
	if (code != APLOMB_OK) return code;
	if (text == NULL) return apl_fail_null(error, "aplomb_drawing_write", "text");
	return write_drawing(drawing->rt, drawing->program, &drawing->trail, drawing->case_id, options, text, size, error);
}
