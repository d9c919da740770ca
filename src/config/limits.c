/* SPDX-License-Identifier: MIT */
/*
 * What limits there are: the rows of ADMWH_LIMIT_MAP.
 */
#include <string.h>

#include "config/config.h"

static const struct awh_limit_facts limits[AWH_LIMITS] = {
#define LIMIT_ROW(id, number, text, preset, least, greatest, unit, past)                           \
	[ADMWH_LIMIT_##id] = {text, preset, least, greatest, unit},
    ADMWH_LIMIT_MAP(LIMIT_ROW)
#undef LIMIT_ROW
};

const struct awh_limit_facts *awh_limit_facts(enum admwh_limit limit)
{
	return &limits[limit];
}

bool awh_is_limit(enum admwh_limit limit)
{
	return (int)limit > 0 && (int)limit < AWH_LIMITS;
}

int admwh_limit_by_name(const char *name, enum admwh_limit *limit)
{
	for (int i = 1; name && i < AWH_LIMITS; i++) {
		if (strcmp(limits[i].name, name) == 0) {
			*limit = (enum admwh_limit)i;
			return 0;
		}
	}
	return ADMWH_E_NOT_FOUND;
}

const char *admwh_limit_name(enum admwh_limit limit)
{
	return awh_is_limit(limit) ? limits[limit].name : NULL;
}
