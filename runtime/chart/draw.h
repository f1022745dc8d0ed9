/* SPDX-License-Identifier: MIT */
#ifndef APL_CHART_DRAW_H
#define APL_CHART_DRAW_H

/*
 * A chart as people look at it: as text, and in the languages of programs that draw
 * (Mermaid, Graphviz) or read charts (SCXML). Given a trail, the drawing shows
 * where that case has been and where it is.
 *
 * Everything that comes from the playbook is made harmless for the language it is
 * written into; control characters are in none of them. Time and size grow with
 * states, transitions and their texts.
 */

#include "base/buf.h"
#include "chart/trail.h"

typedef struct apl_drawing {
	const apl_chart *chart;
	const char *title;   /* or NULL */
	const char *version; /* or NULL */
	void *self;
	const char *(*label)(void *self, int32_t handler); /* what people call a handler; NULL: by its number */
	const apl_trail *trail;                            /* or NULL */
	const char *case_id;                               /* whose trail it is; or NULL */
	uint32_t width;                                    /* of text: columns; 0: 80 */
	bool is_ascii;                                     /* of text: no lines and arrows beyond ASCII */
	bool has_colour;                                   /* of text: with a terminal's colours */
} apl_drawing;

/* Each adds to [out], whose [failed] says that there was no memory. */
void apl_draw_text(const apl_drawing *drawing, apl_buf *out);
void apl_draw_mermaid(const apl_drawing *drawing, apl_buf *out);
void apl_draw_dot(const apl_drawing *drawing, apl_buf *out);
void apl_draw_scxml(const apl_drawing *drawing, apl_buf *out); /* of the trail it shows nothing: SCXML has no word for it */

#endif
