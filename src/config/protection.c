/* SPDX-License-Identifier: MIT */
/* What a program sets of TLS, and of its processes, beyond the safe default. */
#include <stdlib.h>

#include "base/text.h"
#include "config/config.h"
#include "tls/tls.h"

int admwh_config_set_tls_profile(struct admwh_config *config, enum admwh_tls_profile profile)
{
	int err = awh_config_begin_set(config);

	if (err == 0 && profile != ADMWH_TLS_INTERMEDIATE && profile != ADMWH_TLS_MODERN)
		return awh_fail(&config->error, ADMWH_E_INVAL, "no such TLS profile");
	if (err == 0)
		config->tls_profile = profile;
	return err;
}

/* Of the widest profile here; of the one that is set once the config is checked as a whole. */
int admwh_config_set_tls_ciphers(struct admwh_config *config, const char *ciphers)
{
	int err = awh_config_begin_set(config);
	const char *problem;
	char *copy;

	if (err)
		return err;
	problem = ciphers ? awh_tls_ciphers_problem(ADMWH_TLS_INTERMEDIATE, ciphers) : NULL;
	if (problem)
		return awh_fail(&config->error, ADMWH_E_INVAL, "cipher suites: %s", problem);
	copy = awh_strdup(ciphers);
	if (ciphers && !copy)
		return awh_fail(&config->error, ADMWH_E_NOMEM, "out of memory");
	free(config->tls_ciphers);
	config->tls_ciphers = copy;
	return 0;
}

int admwh_config_set_aes_offload(struct admwh_config *config, bool on)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		config->aes_offload = on;
	return err;
}

int admwh_config_set_hardening(struct admwh_config *config, bool on)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		config->hardening = on;
	return err;
}
