/* SPDX-License-Identifier: MIT */
/*
 * The limits of a config: the rows of ADMWH_LIMIT_MAP.
 */
#include <inttypes.h>
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

static bool is_limit(enum admwh_limit limit)
{
	return (int)limit > 0 && (int)limit < AWH_LIMITS;
}

int admwh_config_set_limit(struct admwh_config *config, enum admwh_limit limit, uint64_t value)
{
	int failed = awh_config_begin_set(config);

	if (failed)
		return failed;
	if (!is_limit(limit))
		return awh_fail(&config->error, ADMWH_E_INVAL, "no such limit");
	if (value < limits[limit].least || value > limits[limit].greatest)
		return awh_fail(&config->error, ADMWH_E_INVAL,
				"limit %s: %" PRIu64 " is not between %" PRIu64 " and %" PRIu64
				" %s",
				limits[limit].name, value, limits[limit].least,
				limits[limit].greatest, limits[limit].unit);
	config->limits[limit] = value;
	return 0;
}

uint64_t admwh_config_limit(const struct admwh_config *config, enum admwh_limit limit)
{
	return config && is_limit(limit) ? config->limits[limit] : 0;
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
	return is_limit(limit) ? limits[limit].name : NULL;
}
