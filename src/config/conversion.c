/* SPDX-License-Identifier: MIT */
/* What is set for the conversion listener alone. */
#include <admwh/conversion.h>

#include "config/config.h"

enum admwh_limit awh_conversion_limit(enum admwh_limit limit)
{
	switch (limit) {
	case ADMWH_LIMIT_CONNECTIONS:
		return ADMWH_LIMIT_CONVERSION_CONNECTIONS;
	case ADMWH_LIMIT_HANDSHAKES:
		return ADMWH_LIMIT_CONVERSION_HANDSHAKES;
	case ADMWH_LIMIT_HANDSHAKE_TIME:
		return ADMWH_LIMIT_CONVERSION_HANDSHAKE_TIME;
	case ADMWH_LIMIT_HEADER_TIME:
		return ADMWH_LIMIT_CONVERSION_HEADER_TIME;
	case ADMWH_LIMIT_IDLE_TIME:
		return ADMWH_LIMIT_CONVERSION_IDLE_TIME;
	case ADMWH_LIMIT_BODY:
		return ADMWH_LIMIT_CONVERSION_BODY;
	case ADMWH_LIMIT_BODIES_IN_FLIGHT:
		return ADMWH_LIMIT_CONVERSION_BODIES_IN_FLIGHT;
	case ADMWH_LIMIT_JSON_VALUES:
		return ADMWH_LIMIT_CONVERSION_JSON_VALUES;
	case ADMWH_LIMIT_QUEUE:
		return ADMWH_LIMIT_CONVERSION_QUEUE;
	default:
		return limit;
	}
}

int admwh_config_set_conversion_listen(struct admwh_config *config, const char *address)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		err = awh_config_set_address(config, "conversion", address,
					     &config->conversion_address);
	if (err == 0)
		config->has_conversion = true;
	return err;
}
