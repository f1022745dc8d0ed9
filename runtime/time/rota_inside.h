/* SPDX-License-Identifier: MIT */
#ifndef APL_TIME_ROTA_INSIDE_H
#define APL_TIME_ROTA_INSIDE_H

/* How a rota lies in memory. */

#include "base/hash.h"
#include "time/rota.h"

struct apl_rota {
	apl_alloc alloc;
	apl_arena arena; /* names, starts */
	apl_zone *zones; /* the first is its own */
	uint32_t n_zones;
	apl_rota_shift *shifts;
	uint32_t n_shifts;
	apl_buf text;
	char version[APL_SHA256_HEX + 1];
};

#endif
