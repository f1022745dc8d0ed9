/* SPDX-License-Identifier: MIT */
/* Decides how is told what is damaged in a store, and that nothing is. What is looked at is decided by the library. */
#include <string.h>

#include "cli/store.h"
#include "tell/tell.h"

enum { DAMAGE_TOLD = 50, PROGRESS_EVERY = 256 };

typedef struct verify_options {
	bool structure;
	bool json;
} verify_options;

static const cli_option OPTIONS[] = {
    {"structure", 0, CLI_FLAG, CLI_OFFSET(verify_options, structure), NULL, "look at the file and its tables only; no case is replayed",
        NULL},
    {"json", 0, CLI_FLAG, CLI_OFFSET(verify_options, json), NULL, "a JSON map for each damage, and one for the sum", NULL},
};

/* ---- while it goes on ---------------------------------------------------------------------- */

static void clear_progress(const cli_verifying *v) {
	if (v->is_terminal) tell_print(&v->cli->err, "\r%*s\r", 60, "");
}

static void tell_damage(const aplomb_store_damage *damage, void *payload) {
	cli_verifying *v = payload;
	const tell_screen *out = &v->cli->out;
	clear_progress(v);
	v->told++;
	if (v->json) {
		tell_print(out, "{");
		tell_json_member(out, "table", true);
		tell_json_text(out, damage->table);
		if (damage->row >= 0) tell_print(out, ",\"row\":%lld", (long long)damage->row);
		if (damage->case_id != NULL) tell_json_text_member(out, "case", damage->case_id);
		if (damage->seq > 0) tell_json_number_member(out, "entry", damage->seq);
		tell_json_text_member(out, "slug", damage->slug);
		tell_json_text_member(out, "message", damage->message);
		tell_print(out, "}\n");
		return;
	}
	if (v->told == DAMAGE_TOLD + 1) tell_print(out, "… and more; --json tells all\n");
	if (v->told > DAMAGE_TOLD) return;
	tell_print_styled(out, TELL_STRONG, "%s", damage->table);
	if (damage->row >= 0)
		tell_print_styled(out, TELL_STRONG, " %s %lld", strcmp(damage->table, "heads") == 0 ? "page" : "row", (long long)damage->row);
	if (damage->case_id != NULL) {
		tell_print(out, ", case ");
		tell_put_text(out, damage->case_id, strlen(damage->case_id), -1);
	}
	tell_print(out, ": ");
	tell_style_set(out, TELL_BAD);
	tell_put_text(out, damage->message, strlen(damage->message), -1);
	tell_style_set(out, TELL_PLAIN);
	tell_print_styled(out, TELL_FAINT, " [%s]", damage->slug);
	tell_print(out, "\n");
}

static void tell_progress(uint64_t cases, uint64_t of, void *payload) {
	const cli_verifying *v = payload;
	char one[32], other[32];
	if (!v->is_terminal || (cases % PROGRESS_EVERY != 0 && cases != of)) return;
	tell_print(&v->cli->err, "\r%s of %s cases replayed", tell_count(cases, one), tell_count(of, other));
	fflush(v->cli->err.file);
}

void cli_verifying_begin(cli_verifying *v, const cli_screens *cli, const char *path, bool json) {
	*v = (cli_verifying){.cli = cli, .path = path, .json = json, .is_terminal = cli->err.is_terminal};
	v->options = (aplomb_store_verify_options)APLOMB_STORE_VERIFY_OPTIONS_INIT;
	v->options.on_damage = tell_damage;
	v->options.on_progress = tell_progress;
	v->options.payload = v;
}

void cli_verifying_end(cli_verifying *v) {
	clear_progress(v);
}

/* ---- the verb --------------------------------------------------------------------------------- */

static void put_sum(const cli_screens *cli, const verify_options *options, const aplomb_store_verified *sum) {
	const tell_screen *out = &cli->out;
	const aplomb_store_measure *m = &sum->measure;
	char one[32], two[32], three[32], size[32];
	if (options->json) {
		tell_print(out, "{\"damages\":%llu", (unsigned long long)sum->damages);
		tell_json_number_member(out, "cases", m->cases);
		tell_json_number_member(out, "entries", m->entries);
		tell_json_number_member(out, "replayed", sum->replayed);
		tell_json_number_member(out, "lines", sum->lines);
		tell_json_number_member(out, "without_beginning", sum->without_beginning);
		tell_json_number_member(out, "log_bytes", m->log_bytes);
		tell_print(out, "}\n");
		return;
	}
	tell_print(out, "%s case%s, %s entries, %s of log", tell_count(m->cases, one), m->cases == 1 ? "" : "s", tell_count(m->entries, two),
	    cli_bytes(m->log_bytes, size));
	if (!options->structure)
		tell_print(out, "; %s replayed as they are recorded, %s lines", tell_count(sum->replayed, one), tell_count(sum->lines, three));
	tell_print(out, "\n");
	if (sum->without_beginning > 0)
		tell_print(out, "%s came as a snapshot, and cannot be replayed from their beginning\n", tell_count(sum->without_beginning, one));
	if (sum->damages == 0)
		tell_print_styled(out, TELL_GOOD, "nothing is damaged");
	else
		tell_print_styled(
		    out, TELL_BAD, "%s thing%s not as it was written", tell_count(sum->damages, one), sum->damages == 1 ? " is" : "s are");
	tell_print(out, "\n");
}

static int run(const cli_screens *cli, char **arguments, int count) {
	verify_options options = {0};
	cli_verifying v;
	aplomb_error error = {0};
	aplomb_store_verified sum = APLOMB_STORE_VERIFIED_INIT;
	if (!cli_take(cli, &cli_store_verify, &options, arguments, &count)) return CLI_USAGE;
	cli_verifying_begin(&v, cli, arguments[0], options.json);
	v.options.only_structure = options.structure;
	int code = aplomb_store_verify(arguments[0], &v.options, &sum, &error);
	cli_verifying_end(&v);
	if (code != APLOMB_OK && sum.damages == 0) return cli_kept_failed(cli, &cli_store_verify, arguments[0], &error);
	put_sum(cli, &options, &sum);
	return sum.damages == 0 ? CLI_OK : CLI_ERRORS;
}

const cli_verb cli_store_verify = {
    .name = "store verify",
    .operands = "STORE",
    .sentence = "look at all of a store, and say what is damaged and where",
    .about =
        "SQLite's own structure, the hash of each version's source, the checksum of every chunk of the log and every page of heads, that "
        "each case's entries follow one another and that the tables agree. Then every case is replayed from its first entry on, with "
        "the version that it ran and under its limits, each line is held against the recorded one to the byte, and the case is "
        "brought back from its newest snapshot. Nothing is locked: a runtime may have the store open.\n\n"
        "With status 2 when something is damaged.",
    .examples = "aplomb store verify cases.db\n"
                "aplomb store verify cases.db --structure",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run,
};
