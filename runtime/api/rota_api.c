/* SPDX-License-Identifier: MIT */
/*
 * Decides how a playbook's rotas are handed to its host. Who is on duty is
 * decided in room time.
 */
#include <string.h>

#include "api/runtime.h"

static const apl_rota *inner(const aplomb_rota *rota) {
	return (const apl_rota *)rota;
}

static const aplomb_rota *outer(const apl_rota *rota) {
	return (const aplomb_rota *)rota;
}

size_t aplomb_playbook_rotas(
    const aplomb_playbook *playbook, void (*tell)(const char *name, const aplomb_rota *rota, void *payload), void *payload) {
	if (playbook == NULL) return 0;
	const apl_program *program = apl_program_of(playbook);
	for (uint32_t i = 0; i < program->n_rotas && tell != NULL; i++) tell(program->rotas[i].name, outer(program->rotas[i].rota), payload);
	return program->n_rotas;
}

const aplomb_rota *aplomb_playbook_rota(const aplomb_playbook *playbook, const char *name) {
	if (playbook == NULL || name == NULL) return NULL;
	const apl_program *program = apl_program_of(playbook);
	for (uint32_t i = 0; i < program->n_rotas; i++) {
		if (strcmp(program->rotas[i].name, name) == 0) return outer(program->rotas[i].rota);
	}
	return NULL;
}

const char *aplomb_rota_version(const aplomb_rota *rota) {
	return rota == NULL ? NULL : apl_rota_version(inner(rota));
}

const char *aplomb_rota_zone(const aplomb_rota *rota) {
	return rota == NULL ? NULL : apl_rota_zone(inner(rota))->name;
}

const char *aplomb_rota_text(const aplomb_rota *rota, size_t *size) {
	size_t own;
	if (rota == NULL) return NULL;
	return apl_rota_text(inner(rota), size != NULL ? size : &own);
}

const char *aplomb_rota_who(const aplomb_rota *rota, aplomb_instant at) {
	return rota == NULL || at < APL_INSTANT_MIN || at > APL_INSTANT_MAX ? NULL : apl_rota_who(inner(rota), at);
}

bool aplomb_rota_next(aplomb_instant *out, const aplomb_rota *rota, aplomb_instant at) {
	return out != NULL && rota != NULL && at >= APL_INSTANT_MIN && at <= APL_INSTANT_MAX && apl_rota_next(inner(rota), at, out);
}

static int check(const aplomb_rota *rota, aplomb_instant at, const void *out, const char *call, aplomb_error *error) {
	if (rota == NULL) return apl_fail_null(error, call, "rota");
	if (out == NULL) return apl_fail_null(error, call, "out");
	if (at >= APL_INSTANT_MIN && at <= APL_INSTANT_MAX) return APLOMB_OK;
	return apl_fail(
	    error, APLOMB_EINVAL, "instant", "%s: %lld microseconds since 1970 lie outside of the years 1 to 9999", call, (long long)at);
}

int aplomb_rota_duty_at(const aplomb_rota *rota, aplomb_instant at, aplomb_duty *out, aplomb_error *error) {
	int code = check(rota, at, out, "aplomb_rota_duty_at", error);
	if (code != APLOMB_OK) return code;
	apl_rota_duty found;
	apl_rota_duty_at(inner(rota), at, &found);
	const aplomb_duty all = {sizeof all, found.from > APL_INSTANT_MIN ? found.from : APL_INSTANT_MIN,
	    found.until < APL_INSTANT_MAX ? found.until : APL_INSTANT_MAX, found.who, found.source};
	apl_give_struct(out, &all, sizeof all);
	return APLOMB_OK;
}

int aplomb_rota_wall(const aplomb_rota *rota, aplomb_instant at, aplomb_wall *out, aplomb_error *error) {
	int code = check(rota, at, out, "aplomb_rota_wall", error);
	if (code != APLOMB_OK) return code;
	apl_give_wall(apl_rota_zone(inner(rota)), at, out);
	return APLOMB_OK;
}
