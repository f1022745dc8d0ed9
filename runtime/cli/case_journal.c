/* SPDX-License-Identifier: MIT */
/*
 * Decides which part of a case's journal `aplomb case journal` tells. How an
 * entry looks is decided by room tell, as in `aplomb journal`.
 */
#include <string.h>

#include "cli/case.h"
#include "tell/tell.h"

typedef struct journal_options {
	cli_kept_options kept;
	uint64_t from, last;
	bool places;
} journal_options;

static const cli_option OPTIONS[] = {
    {"from", 0, CLI_NUMBER, CLI_OFFSET(journal_options, from), "N", "from this entry on", NULL},
    {"last", 0, CLI_NUMBER, CLI_OFFSET(journal_options, last), "N", "so many entries, the newest", NULL},
    {"places", 0, CLI_FLAG, CLI_OFFSET(journal_options, places), NULL, "say which line of the playbook took each transition", NULL},
    CLI_KEPT_JSON(journal_options, kept, "the lines themselves, as the store has them; all of them are a journal for `aplomb replay`"),
};

typedef struct reading {
	cli_kept kept;
	const journal_options *options;
	tell_casebook book;
	tell_timeline timeline;
	bool has_head;
	int status;
} reading;

/* What the chain of hashes says is told by `aplomb store verify`: a part of a journal has no beginning that it could be held against. */
static int note(const char *line, size_t size, void *payload) {
	reading *r = payload;
	const tell_screen *out = &r->kept.cli->out;
	aplomb_json *json;
	aplomb_error error;
	if (r->options->kept.json) {
		fwrite(line, 1, size, out->file);
		fputc('\n', out->file);
		return ferror(out->file);
	}
	if (aplomb_json_read(&json, line, size, &error) != APLOMB_OK) {
		r->status = cli_kept_failed(r->kept.cli, r->kept.verb, r->kept.path, &error);
		return 1;
	}
	tell_case *c = tell_casebook_note(&r->book, aplomb_json_root(json));
	if (c != NULL) tell_timeline_show(&r->timeline, c, aplomb_json_root(json));
	aplomb_json_free(json);
	return ferror(out->file);
}

/* The head, and no more. */
static int note_head(const char *line, size_t size, void *payload) {
	note(line, size, payload);
	return 1;
}

static int tell(reading *r, const char *id, uint64_t seq) {
	aplomb_error error = {0};
	const journal_options *o = r->options;
	uint64_t from = o->from;
	if (o->last > 0) from = o->last > seq ? 0 : seq - o->last + 1;
	if (from > seq) {
		cli_complain(r->kept.cli, r->kept.verb, "case \"%.80s\" has %llu entries, and none is numbered %llu", id, (unsigned long long)seq,
		    (unsigned long long)from);
		return CLI_USAGE;
	}
	/* Its first entry stands behind its head, which says whose it is. */
	if (from == 1) from = 0;
	r->timeline.is_part = from > 0;
	int code = APLOMB_OK;
	if (from > 0 && !o->kept.json) aplomb_journal_each(r->kept.rt, id, note_head, r, NULL);
	code = aplomb_journal_from(r->kept.rt, id, from, note, r, &error);
	if (code < 0) return cli_kept_failed(r->kept.cli, r->kept.verb, r->kept.path, &error);
	return r->status;
}

static int run(const cli_screens *cli, char **arguments, int count) {
	journal_options options = {0};
	aplomb_case_info info;
	if (!cli_take(cli, &cli_case_journal, &options, arguments, &count)) return CLI_USAGE;
	if (options.from > 0 && options.last > 0) {
		cli_complain(cli, &cli_case_journal, "--from and --last both say where to begin; give one");
		return CLI_USAGE;
	}
	reading r = {.options = &options, .timeline = {.screen = &cli->out, .shows_places = options.places}};
	int status = cli_kept_open(&r.kept, cli, &cli_case_journal, arguments[0], &options.kept, NULL);
	if (status != CLI_OK) return status;
	tell_casebook_init(&r.book);
	status = cli_kept_case(&r.kept, arguments[1], &info);
	if (status == CLI_OK) status = tell(&r, arguments[1], info.seq);
	tell_casebook_dispose(&r.book);
	cli_kept_close(&r.kept);
	return status;
}

const cli_verb cli_case_journal = {
    .name = "case journal",
    .operands = "STORE CASE",
    .sentence = "show what happened to a case, as a person reads it, or the lines",
    .about =
        "Each entry of the case's journal as `aplomb journal` shows it: who said what, where the case went and why, what it wants done. "
        "Of a part, what is due is not told, for that is the sum of all before.",
    .examples = "aplomb case journal cases.db order-2077 --last 5\n"
                "aplomb case journal cases.db order-2077 --json >order.journal",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 2,
    .most = 2,
    .run = run,
};
