/* SPDX-License-Identifier: MIT */
/* Plays one chart of this folder: README.md tells the format. Prints what differs from what was expected, and then returns 1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage.h"

static char *read_file(const char *path) {
	FILE *file = fopen(path, "rb");
	if (file == NULL) return NULL;
	enum { MOST = 1 << 16 };
	char *text = calloc(1, MOST);
	if (text != NULL && fread(text, 1, MOST - 1, file) == MOST - 1) text[0] = '\0'; /* too long */
	fclose(file);
	return text;
}

typedef struct play {
	stage stage;
	const char *path;
	unsigned line;
	int failures;
	bool acted, result_told;
	apl_step_result result;
} play;

static void expect(play *p, const char *what, const char *expected, const char *got) {
	if (strcmp(expected, got) == 0) return;
	fprintf(stderr, "%s:%u: %s\n  expected: %s\n  got:      %s\n", p->path, p->line, what, expected, got);
	p->failures++;
}

static void end_action(play *p) {
	if (p->acted && !p->result_told) expect(p, "result", "stable", stage_result_name(p->result));
	p->result_told = false;
}

/* The line's argument when it begins with [word], or NULL. */
static const char *argument(const char *line, const char *word) {
	size_t size = strlen(word);
	if (strncmp(line, word, size) != 0 || (line[size] != ' ' && line[size] != '\0')) return NULL;
	return line[size] == ' ' ? line + size + 1 : line + size;
}

static void act(play *p, const char *line) {
	const char *rest;
	if ((rest = argument(line, "in")) != NULL) {
		expect(p, "in", rest, stage_leaves(&p->stage));
	} else if ((rest = argument(line, "log")) != NULL) {
		expect(p, "log", rest, p->stage.log);
	} else if ((rest = argument(line, "moves")) != NULL) {
		expect(p, "moves", rest, p->stage.moves);
	} else if ((rest = argument(line, "events")) != NULL) {
		expect(p, "events", rest, p->stage.events);
	} else if ((rest = argument(line, "result")) != NULL) {
		expect(p, "result", rest, stage_result_name(p->result));
		p->result_told = true;
	} else {
		end_action(p);
		p->acted = true;
		char path[256];
		unsigned n;
		if (argument(line, "start") != NULL)
			p->result = stage_start(&p->stage);
		else if ((rest = argument(line, "send")) != NULL)
			p->result = stage_send(&p->stage, rest);
		else if (sscanf(line, "delay %255s %u", path, &n) == 2)
			p->result = stage_delay(&p->stage, path, n);
		else
			expect(p, "a line", "one of the words of README.md", line);
	}
}

int main(int argc, char **argv) {
	if (argc != 2) return 2;
	char *text = read_file(argv[1]);
	char *script = text != NULL ? strstr(text, "\n---\n") : NULL;
	if (script == NULL) {
		fprintf(stderr, "%s: there is no chart and script in it\n", argv[1]);
		free(text);
		return 2;
	}
	static play p;
	p.path = argv[1];
	for (const char *c = text; c <= script; c++) p.line += *c == '\n';
	script[1] = '\0';
	script += strlen("\n---\n");
	p.line++;
	/* The first line is a comment that tells the clause. */
	char *chart = text + strcspn(text, "\n") + 1;
	bool free_targets = strncmp(chart, "free\n", 5) == 0;
	if (free_targets) chart += strlen("free\n");
	stage_open(&p.stage, chart, &(apl_build_options){.name = "conformance", .free_targets = free_targets, .any_event = true});
	while (*script != '\0') {
		size_t size = strcspn(script, "\n");
		char *next = script + size + (script[size] == '\n');
		script[size] = '\0';
		p.line++;
		script += strspn(script, " ");
		if (*script != '\0' && *script != '#') act(&p, script);
		script = next;
	}
	end_action(&p);
	stage_close(&p.stage);
	free(text);
	if (!p.acted) expect(&p, "the script", "at least one event", "nothing");
	return p.failures > 0;
}
