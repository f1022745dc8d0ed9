/* SPDX-License-Identifier: MIT */
/*
 * Decides how the parameters of a playbook look to those who set them: each
 * knob with what it means, how far it turns, where it stands and who put it
 * there. Which value counts was decided by the library.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "tell/tell.h"
#include "cli/settings.h"

typedef struct params_options {
	cli_settings settings;
	cli_texts roots;
	int format;
} params_options;

static const cli_option OPTIONS[] = {
    CLI_SETTINGS_OPTIONS(params_options, settings),
    {"root", 0, CLI_TEXTS, CLI_OFFSET(params_options, roots), "DIR", "look for modules there too, after the playbook's own folder", NULL},
    {"format", 0, CLI_CHOICE, CLI_OFFSET(params_options, format), "text|json", "a page for people, or a JSON map a parameter (JSON Lines)",
        "text json"},
};

typedef struct page {
	const cli_screens *cli;
	bool is_json;
	size_t told;
} page;

/* ---- JSON ---------------------------------------------------------------- */

static void json_member(const tell_screen *out, const char *name, const char *text) {
	tell_print(out, ",\"%s\":", name);
	if (text == NULL)
		tell_print(out, "null");
	else
		tell_json_text(out, text);
}

static void tell_json(const tell_screen *out, const aplomb_param *param) {
	static const char *const who[] = {"nobody", "default", "policy", "given"};
	tell_print(out, "{\"path\":");
	tell_json_text(out, param->path);
	json_member(out, "type", param->type);
	json_member(out, "meaning", param->meaning);
	tell_print(out, ",\"value\":%s,\"default\":%s", param->value != NULL ? param->value : "null",
	    param->default_value != NULL ? param->default_value : "null");
	json_member(out, "from", who[param->from]);
	json_member(out, "file", param->file);
	tell_print(out, ",\"line\":%u,\"column\":%u", param->line, param->column);
	json_member(out, "min", param->min);
	json_member(out, "max", param->max);
	tell_print(out, ",\"choices\":[");
	for (size_t i = 0; i < param->n_choices; i++) {
		tell_print(out, "%s", i > 0 ? "," : "");
		tell_json_text(out, param->choices[i]);
	}
	tell_print(out, "],\"required\":%s,\"personal\":%s}\n", param->required ? "true" : "false", param->personal ? "true" : "false");
}

/* ---- a page ---------------------------------------------------------------- */

/* A value without the quotes of JSON, for people; yours to free. */
static char *shown_value(const char *json) {
	aplomb_json *document;
	char *text = NULL;
	if (aplomb_json_read(&document, json, strlen(json), NULL) == APLOMB_OK) {
		text = tell_need_copy(aplomb_value_text(aplomb_json_root(document), NULL));
		aplomb_json_free(document);
	}
	return text != NULL ? text : tell_need_copy(json);
}

/* Several on one line, with spaces between them. */
static void put(tell_page *out, const char *text) {
	tell_page_text(out, text);
	out->wants_space = true;
}

static void put_shown(tell_page *out, const char *before, const char *json) {
	char *value = shown_value(json);
	put(out, before);
	put(out, value);
	free(value);
}

/* "money, at least 1.00 GBP and at most 200.00 GBP" */
static void put_range(tell_page *out, const aplomb_param *param) {
	bool has_length = strcmp(param->type, "text") == 0 || strcmp(param->type, "list") == 0;
	const char *unit = !has_length ? "" : strcmp(param->type, "text") == 0 ? " characters" : " items";
	char line[256];
	if (param->n_choices > 0) {
		put(out, "one of");
		for (size_t i = 0; i < param->n_choices; i++) {
			snprintf(line, sizeof line, "%.200s%s", param->choices[i], i + 1 < param->n_choices ? "," : "");
			put(out, line);
		}
		return;
	}
	if (param->min == NULL && param->max == NULL)
		snprintf(line, sizeof line, "%s", param->type);
	else if (param->min != NULL && param->max != NULL)
		snprintf(line, sizeof line, "%s, %s to %s%s", param->type, param->min, param->max, unit);
	else
		snprintf(line, sizeof line, "%s, %s %s%s", param->type, param->min != NULL ? "at least" : "at most",
		    param->min != NULL ? param->min : param->max, unit);
	put(out, line);
}

static void put_source(tell_page *out, const aplomb_param *param) {
	static const char *const who[] = {"", "the default, in", "set in", "set in"};
	char line[512];
	if (param->from == APLOMB_PARAM_NOBODY) {
		put(out, param->required ? "must be given when a case opens" : "may be given when a case opens");
		return;
	}
	if (param->from == APLOMB_PARAM_GIVEN)
		snprintf(line, sizeof line, "%s %.400s", who[param->from], param->file != NULL ? param->file : "?");
	else
		snprintf(line, sizeof line, "%s %.400s:%u", who[param->from], param->file != NULL ? param->file : "?", param->line);
	put(out, line);
	if (param->from != APLOMB_PARAM_DEFAULT && param->default_value != NULL) put_shown(out, "in place of", param->default_value);
}

static void tell_text(const tell_screen *screen, const aplomb_param *param) {
	tell_page out = {.screen = screen, .indent = 4};
	char *value = param->value != NULL ? shown_value(param->value) : NULL;
	tell_print_styled(screen, TELL_STRONG, "%s", param->path);
	tell_print(screen, "  ");
	if (value != NULL)
		tell_put_text(screen, value, strlen(value), -1);
	else
		tell_print_styled(screen, TELL_FAINT, "not set");
	tell_print(screen, "\n");
	free(value);
	if (param->meaning != NULL) {
		tell_page_break(&out);
		tell_page_text(&out, param->meaning);
		tell_page_end(&out);
	}
	out = (tell_page){.screen = screen, .indent = 4};
	tell_page_break(&out);
	put_range(&out, param);
	tell_page_end(&out);
	out = (tell_page){.screen = screen, .indent = 4};
	tell_page_break(&out);
	put_source(&out, param);
	tell_page_end(&out);
}

static void tell(const aplomb_param *param, void *payload) {
	page *p = payload;
	const tell_screen *out = &p->cli->out;
	if (p->is_json) {
		tell_json(out, param);
	} else {
		tell_print(out, "\n");
		tell_text(out, param);
	}
	p->told++;
}

static void tell_playbook(const page *p, const aplomb_playbook *playbook) {
	const tell_screen *out = &p->cli->out;
	const char *title = aplomb_playbook_title(playbook), *version = aplomb_playbook_version(playbook);
	if (p->is_json) return;
	tell_style_set(out, TELL_STRONG);
	if (title != NULL) {
		tell_put_text(out, title, strlen(title), -1);
		tell_print(out, " (%s", aplomb_playbook_id(playbook));
	} else {
		tell_print(out, "%s", aplomb_playbook_id(playbook));
	}
	tell_style_set(out, TELL_PLAIN);
	if (version != NULL) tell_print(out, "%sversion %s", title != NULL ? ", " : " (", version);
	tell_print(out, "%s\n", title != NULL || version != NULL ? ")" : "");
	if (aplomb_playbook_params(playbook, NULL, NULL) == 0) tell_print(out, "\nIt has no parameters.\n");
}

/* ---- the verb ---------------------------------------------------------------- */

static int show(page *p, params_options *options, const char *path) {
	aplomb_error error = {0};
	aplomb_runtime *rt;
	aplomb_playbook *playbook;
	if (aplomb_open(&rt, NULL, &error) != APLOMB_OK) {
		cli_tell_error(p->cli, NULL, 0, 0, error.message, error.slug);
		return CLI_INTERNAL;
	}
	int status = cli_settings_load(&options->settings, p->cli, &cli_params, rt, &options->roots, path, &playbook);
	if (status == CLI_OK) {
		tell_playbook(p, playbook);
		aplomb_playbook_params(playbook, tell, p);
	}
	aplomb_close(rt);
	return status;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	params_options options = {0};
	if (!cli_take(cli, &cli_params, &options, arguments, &count)) return CLI_USAGE;
	page p = {.cli = cli, .is_json = options.format == 1};
	int status = show(&p, &options, arguments[0]);
	cli_settings_dispose(&options.settings);
	return status;
}

const cli_verb cli_params = {
    .name = "params",
    .operands = "PLAYBOOK",
    .sentence = "show a playbook's knobs: what each means, and who set it",
    .about = "Tells every parameter of the playbook: its value as cases will have it, what it means, its bounds, and where the value comes "
             "from. What a case is opened with stands before all of it.",
    .examples = "aplomb params playbook.lua\naplomb params playbook.lua --policy winter.lua --params '{\"warnings\":3}'",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run,
};
