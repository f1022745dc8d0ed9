/* SPDX-License-Identifier: MIT */
/* Decides how is told what a store holds: its cases by version and status, its bytes by what they are for, when it was stepped last. */
#include <stdlib.h>
#include <string.h>

#include "cli/store.h"
#include "tell/tell.h"

typedef struct stats_options {
	cli_kept_options kept;
} stats_options;

static const cli_option OPTIONS[] = {
    CLI_KEPT_AT(stats_options, kept),
    CLI_KEPT_JSON(stats_options, kept, "the same as one JSON map"),
};

typedef struct version {
	char hash[65];
	const aplomb_playbook *playbook; /* or NULL */
	uint64_t by_status[3];
} version;

typedef struct counting {
	version *versions;
	size_t count, capacity;
	uint64_t by_status[3];
	aplomb_instant next_due;
} counting;

const char *cli_bytes(uint64_t bytes, char out[32]) {
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	double size = (double)bytes;
	size_t unit = 0;
	for (; size >= 1024 && unit < 4; unit++) size /= 1024;
	snprintf(out, 32, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
	return out;
}

static int note(const aplomb_case_brief *brief, void *payload) {
	counting *c = payload;
	size_t i = 0;
	while (i < c->count && strcmp(c->versions[i].hash, brief->playbook_hash) != 0) i++;
	if (i == c->count) {
		tell_need_room(&c->versions, c->count, 1, &c->capacity, sizeof *c->versions);
		c->versions[c->count++] = (version){.playbook = brief->playbook};
		snprintf(c->versions[i].hash, sizeof c->versions[i].hash, "%s", brief->playbook_hash);
	}
	c->versions[i].by_status[brief->status]++;
	c->by_status[brief->status]++;
	if (brief->due_at < c->next_due) c->next_due = brief->due_at;
	return 0;
}

/* ---- for people ---------------------------------------------------------------------- */

enum { NAME = 32, NUMBER = 12 };

static void heading(const tell_screen *out, const char *name, const char *const *columns, size_t count) {
	tell_print(out, "\n");
	tell_print_styled(out, TELL_STRONG, "%-*s", NAME, name);
	for (size_t i = 0; i < count; i++) tell_print_styled(out, TELL_STRONG, "%*s", NUMBER, columns[i]);
	tell_print(out, "\n");
}

static void name_of(const tell_screen *out, int indent, const char *name) {
	tell_print(out, "  %*s", indent, "");
	tell_put_text(out, name, strlen(name), NAME - 2 - indent);
}

static void number(const tell_screen *out, uint64_t count) {
	char text[32];
	tell_print(out, "%*s", NUMBER, tell_count(count, text));
}

static void put_versions(const tell_screen *out, const counting *c) {
	static const char *const columns[] = {"open", "closed", "faulted"};
	heading(out, "Cases by version", columns, 3);
	for (size_t i = 0; i < c->count; i++) {
		const version *v = &c->versions[i];
		char name[160];
		const char *own = v->playbook != NULL ? aplomb_playbook_version(v->playbook) : NULL;
		snprintf(name, sizeof name, "%.60s%s%.30s (%.12s)", v->playbook != NULL ? aplomb_playbook_id(v->playbook) : "?",
		    own != NULL ? " " : "", own != NULL ? own : "", v->hash);
		name_of(out, 0, name);
		for (size_t s = 0; s < 3; s++) {
			tell_style_set(out, s == APLOMB_CASE_FAULTED && v->by_status[s] > 0 ? TELL_BAD : TELL_PLAIN);
			number(out, v->by_status[s]);
		}
		tell_style_set(out, TELL_PLAIN);
		tell_print(out, "\n");
	}
	if (c->count > 1) {
		name_of(out, 0, "in all");
		for (size_t s = 0; s < 3; s++) number(out, c->by_status[s]);
		tell_print(out, "\n");
	}
}

static void row(const tell_screen *out, int indent, const char *name, bool has_count, uint64_t count, uint64_t bytes) {
	char size[32];
	name_of(out, indent, name);
	if (has_count)
		number(out, count);
	else
		tell_print(out, "%*s", NUMBER, "");
	tell_print(out, "%*s\n", NUMBER, cli_bytes(bytes, size));
}

static void put_bytes(const tell_screen *out, const aplomb_store_measure *m) {
	static const char *const columns[] = {"how many", "bytes"};
	const uint64_t said = m->entry_bytes + m->snapshot_bytes;
	heading(out, "What it holds", columns, 2);
	row(out, 0, "the log", true, m->commits, m->log_bytes);
	row(out, 2, "lines of journals", true, m->entries + m->cases, m->entry_bytes);
	row(out, 2, "snapshots", true, m->snapshots, m->snapshot_bytes);
	row(out, 4, "with a newer one behind", false, 0, m->old_snapshot_bytes);
	row(out, 2, "around them", false, 0, m->log_bytes > said ? m->log_bytes - said : 0);
	row(out, 0, "where cases stand", true, m->cases, m->head_bytes);
	row(out, 0, "effects that wait", true, m->effects, m->effect_bytes);
	row(out, 0, "sent, and not there yet", true, m->sent, m->sent_bytes);
	row(out, 0, "versions of playbooks", true, m->playbooks, m->source_bytes);
	row(out, 0, "pages that hold nothing", false, 0, m->free_bytes);
}

static void put_all(const cli_kept *kept, const counting *c, const aplomb_store_measure *m) {
	const tell_screen *out = &kept->cli->out;
	char size[32], wal[32], words[64], when[48], count[32];
	tell_style_set(out, TELL_STRONG);
	tell_put_text(out, kept->path, strlen(kept->path), -1);
	tell_style_set(out, TELL_PLAIN);
	tell_print(out, "  %s case%s, %s", tell_count(m->cases, count), m->cases == 1 ? "" : "s", cli_bytes(m->file_bytes, size));
	if (m->wal_bytes > 0) tell_print(out, ", and %s beside it (-wal)", cli_bytes(m->wal_bytes, wal));
	tell_print(out, "\n");
	if (m->last_at != APLOMB_NEVER)
		tell_print(out, "stepped last  %s, %s\n", tell_due_words(m->last_at, kept->now, words), cli_kept_when(m->last_at, kept->now, when));
	tell_print(out, "next due      ");
	tell_style_set(out, c->next_due < kept->now ? TELL_CAREFUL : TELL_PLAIN);
	if (c->next_due != APLOMB_NEVER)
		tell_print(out, "%s, %s", tell_due_words(c->next_due, kept->now, words), cli_kept_when(c->next_due, kept->now, when));
	else
		tell_print(out, "nothing");
	tell_style_set(out, TELL_PLAIN);
	tell_print(out, "\n");
	if (c->count > 0) put_versions(out, c);
	put_bytes(out, m);
}

/* ---- for programs ---------------------------------------------------------------------- */

static void put_json(const cli_kept *kept, const counting *c, const aplomb_store_measure *m) {
	const tell_screen *out = &kept->cli->out;
	const struct {
		const char *name;
		uint64_t number;
	} numbers[] = {{"open", c->by_status[0]}, {"closed", c->by_status[1]}, {"faulted", c->by_status[2]}, {"playbooks", m->playbooks},
	    {"commits", m->commits}, {"entries", m->entries}, {"snapshots", m->snapshots}, {"effects", m->effects}, {"sent", m->sent},
	    {"entry_bytes", m->entry_bytes}, {"snapshot_bytes", m->snapshot_bytes}, {"old_snapshot_bytes", m->old_snapshot_bytes},
	    {"log_bytes", m->log_bytes}, {"head_bytes", m->head_bytes}, {"effect_bytes", m->effect_bytes}, {"sent_bytes", m->sent_bytes},
	    {"source_bytes", m->source_bytes}, {"file_bytes", m->file_bytes}, {"wal_bytes", m->wal_bytes}, {"free_bytes", m->free_bytes}};
	tell_print(out, "{\"cases\":%llu", (unsigned long long)m->cases);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) tell_json_number_member(out, numbers[i].name, numbers[i].number);
	tell_json_instant_member(out, "last_at", m->last_at);
	tell_json_instant_member(out, "next_due", c->next_due);
	tell_json_member(out, "versions", false);
	tell_print(out, "[");
	for (size_t i = 0; i < c->count; i++) {
		const version *v = &c->versions[i];
		tell_print(out, i > 0 ? ",{" : "{");
		tell_json_member(out, "hash", true);
		tell_json_text(out, v->hash);
		tell_json_text_member(out, "playbook", v->playbook != NULL ? aplomb_playbook_id(v->playbook) : NULL);
		tell_json_text_member(out, "version", v->playbook != NULL ? aplomb_playbook_version(v->playbook) : NULL);
		tell_json_number_member(out, "open", v->by_status[0]);
		tell_json_number_member(out, "closed", v->by_status[1]);
		tell_json_number_member(out, "faulted", v->by_status[2]);
		tell_print(out, "}");
	}
	tell_print(out, "]}\n");
}

static int run(const cli_screens *cli, char **arguments, int count) {
	stats_options options = {0};
	cli_kept kept;
	aplomb_error error = {0};
	aplomb_store_measure measure = APLOMB_STORE_MEASURE_INIT;
	counting c = {.next_due = APLOMB_NEVER};
	if (!cli_take(cli, &cli_store_stats, &options, arguments, &count)) return CLI_USAGE;
	int status = cli_kept_open(&kept, cli, &cli_store_stats, arguments[0], &options.kept, NULL);
	if (status != CLI_OK) return status;
	int code = aplomb_case_each(kept.rt, note, &c, &error);
	if (code == APLOMB_OK) code = aplomb_store_measured(arguments[0], NULL, &measure, &error);
	if (code != APLOMB_OK)
		status = cli_kept_failed(cli, &cli_store_stats, arguments[0], &error);
	else if (options.kept.json)
		put_json(&kept, &c, &measure);
	else
		put_all(&kept, &c, &measure);
	free(c.versions);
	cli_kept_close(&kept);
	return status;
}

const cli_verb cli_store_stats = {
    .name = "store stats",
    .operands = "STORE",
    .sentence = "say what a store holds: cases by version and status, bytes by kind",
    .about =
        "How many cases are open, closed and faulted, by the version of the playbook that they run; how many entries and snapshots there "
        "are and what they take; when it was stepped last and when something is due next. All of the log is read for that. Nothing is "
        "locked.",
    .examples = "aplomb store stats cases.db\n"
                "aplomb store stats cases.db --json",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .least = 1,
    .most = 1,
    .run = run,
};
