/* SPDX-License-Identifier: MIT */
/*
 * Is a config as a whole fit for a server? Each setter has checked its own part.
 */
#include "config/check.h"

#include "config/bundle.h"
#include "config/record.h"
#include "config/webhook_tokens.h"
#include "tls/tls.h"

/* Without TLS, what these promise could not be kept. */
static int check_plain(struct admwh_config *config)
{
	if (config->sources.n_items > 0 || config->n_bundles > 0)
		return awh_fail(&config->error, ADMWH_E_INVAL,
				"key pair, client CAs or tokens are set, and the insecure option "
				"of HTTP without TLS");
	if (config->exempt.n_items > 0)
		return awh_fail(&config->error, ADMWH_E_INVAL,
				"exempt paths need client authentication per request");
	if (config->observe)
		return awh_fail(&config->error, ADMWH_E_INVAL,
				"no client is authenticated: there is nothing to observe");
	return 0;
}

bool awh_config_has_tokens(const struct admwh_config *config)
{
	return awh_sources_find(&config->sources, AWH_SOURCE_TOKENS, 0) ||
	       awh_sources_find(&config->sources, AWH_SOURCE_TOKEN_KEYS, 0);
}

/* Before what is missing: a contradiction is not mended by adding something. */
static int check_insecure(const struct admwh_config *config, struct awh_error *error)
{

	if (config->insecure && config->n_bundles > 0)
		return awh_fail(
		    error, ADMWH_E_INVAL,
		    "client CAs are set, and the insecure option to ask for no certificate");
	if (config->insecure && awh_config_has_tokens(config))
		return awh_fail(error, ADMWH_E_INVAL,
				"tokens are set, and the insecure option to answer every client");
	if (config->insecure && config->observe)
		return awh_fail(error, ADMWH_E_INVAL,
				"no client is authenticated: there is nothing to observe");
	return 0;
}

static int check_callers(const struct admwh_config *config, struct awh_error *error)
{
	if (!config->insecure && config->n_bundles == 0 && !awh_config_has_tokens(config))
		return awh_fail(error, ADMWH_E_CLIENT_CA,
				"no client CA and no tokens are set: no caller could be allowed");
	if (config->exempt.n_items > 0 && config->n_bundles > 0 &&
	    config->auth != ADMWH_CLIENT_AUTH_REQUEST)
		return awh_fail(error, ADMWH_E_INVAL,
				"exempt paths need client authentication per request");
	return 0;
}

static int check_ciphers(struct admwh_config *config)
{
	const char *problem =
	    config->tls_ciphers ? awh_tls_ciphers_problem(config->tls_profile, config->tls_ciphers)
				: NULL;

	return problem ? awh_fail(&config->error, ADMWH_E_INVAL, "cipher suites: %s", problem) : 0;
}

static int check_whole(struct admwh_config *config)
{
	int err = awh_webhook_tokens_check_config(config, &config->error);

	if (err == 0)
		err = awh_record_check(config, &config->error);
	if (err)
		return err;
	if (config->plain)
		return check_plain(config);
	if (check_insecure(config, &config->error))
		return config->error.code;
	if (!awh_sources_find(&config->sources, AWH_SOURCE_CERTIFICATE, 0))
		return awh_fail(&config->error, ADMWH_E_KEYPAIR,
				"no server certificate and key are set");
	err = check_ciphers(config);
	if (err == 0)
		err = check_callers(config, &config->error);
	for (size_t i = 0; i < config->n_bundles && err == 0; i++)
		err = awh_bundle_check(config->bundles[i]);
	return err;
}

int awh_config_check(struct admwh_config *config)
{
	awh_error_clear(&config->error);
	return check_whole(config);
}
