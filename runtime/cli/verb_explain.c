/* SPDX-License-Identifier: MIT */
/* Decides how the page of a slug is shown. The pages are docs/findings.md, inside the library. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "tell/tell.h"

/* Paragraphs are wrapped; indented lines, lists and tables stay as they are. */
static void show_markdown(const tell_screen *screen, const char *text, size_t size) {
	tell_page page = {screen, 2, 0, false};
	const char *end = text + size;
	for (const char *line = text; line < end;) {
		const char *eol = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((eol != NULL ? eol : end) - line);
		bool is_verbatim = length > 0 && (strchr(" \t-|", line[0]) != NULL);
		if (length == 0 || is_verbatim) tell_page_end(&page);
		if (length == 0) {
			tell_print(screen, "\n");
		} else if (is_verbatim) {
			tell_print(screen, "  ");
			tell_put_text(screen, line, length, -1);
			tell_print(screen, "\n");
		} else {
			tell_page_words(&page, line, length);
			page.wants_space = page.column > page.indent;
		}
		line += length + 1;
	}
	tell_page_end(&page);
}

/* All slugs, terminated, in the order of the page; free_slugs frees them. */
static char **all_slugs(size_t *count) {
	char **slugs = NULL;
	size_t capacity = 0, size;
	*count = 0;
	for (const char *slug; (slug = aplomb_explained(*count, &size)) != NULL; (*count)++) {
		tell_need_room(&slugs, *count, 1, &capacity, sizeof *slugs);
		slugs[*count] = tell_need(size + 1);
		memcpy(slugs[*count], slug, size);
	}
	return slugs;
}

static void free_slugs(char **slugs, size_t count) {
	for (size_t i = 0; i < count; i++) free(slugs[i]);
	free(slugs);
}

static int list(const cli_screens *cli) {
	size_t count;
	char **slugs = all_slugs(&count);
	tell_page page = {&cli->out, 2, 0, false};
	tell_print_styled(&cli->out, TELL_STRONG, "Slugs that can be explained");
	tell_print(&cli->out, "\n");
	for (size_t i = 0; i < count; i++) {
		tell_page_text(&page, slugs[i]);
		page.wants_space = true;
	}
	tell_page_end(&page);
	free_slugs(slugs, count);
	return CLI_OK;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	struct {
		char nothing;
	} options = {0};
	if (!cli_take(cli, &cli_explain, &options, arguments, &count)) return CLI_USAGE;
	if (count == 0) return list(cli);
	size_t size;
	const char *slug = arguments[0];
	const char *text = aplomb_explain(slug, &size);
	if (text != NULL) {
		tell_print_styled(&cli->out, TELL_STRONG, "%s", slug);
		tell_print(&cli->out, "\n");
		show_markdown(&cli->out, text, size);
		return CLI_OK;
	}
	size_t n_slugs;
	char **slugs = all_slugs(&n_slugs);
	const char *nearest = aplomb_nearest(slug, (const char *const *)slugs, n_slugs);
	cli_complain(cli, &cli_explain, "there is no slug \"%.60s\"%s%s%s", slug, nearest != NULL ? "; did you mean \"" : "",
	    nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "; `aplomb explain` lists all there are");
	free_slugs(slugs, n_slugs);
	return CLI_USAGE;
}

const cli_verb cli_explain = {
    .name = "explain",
    .operands = "[SLUG]",
    .sentence = "say what a finding's slug means and what to do about it",
    .about = "Every message of aplomb ends in a slug, [unknown-target] say. This tells what it means, how it comes about, and the way out. "
             "Without a slug it lists all of them.",
    .examples = "aplomb explain unknown-target",
    .options = NULL,
    .n_options = 0,
    .least = 0,
    .most = 1,
    .run = run,
};
