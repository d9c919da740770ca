/* SPDX-License-Identifier: MIT */
#include "config/webhook_tokens.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "identity/webhook_token.h"

enum {
	ISSUER_MAX = 1024,
	WEBHOOK_NAME_MAX = 253, /* metadata.name of a cluster-scoped object */
};

int awh_token_keys_read(struct awh_jwks *jwks, const struct awh_source *source,
			struct awh_error *error)
{
	struct awh_error reason = {0};
	const char *text = source->bytes.data ? source->bytes.data : "";
	int err = awh_jwks_read(jwks, text, source->bytes.len, &reason);

	if (err == ADMWH_E_NOMEM)
		return awh_fail(error, err, "out of memory");
	return err ? awh_fail(error, err, "%s: %s", source->file, reason.text) : 0;
}

/* What is missing of the four that belong together; NULL: nothing. */
static const char *missing(const struct admwh_config *config, bool has_webhook)
{
	if (!config->token_issuer)
		return "no issuer is set";
	if (!awh_sources_find(&config->sources, AWH_SOURCE_TOKEN_KEYS, 0))
		return "no file of the issuer's keys is set";
	if (config->token_origins.n_items == 0)
		return "no origin of the webhook's URLs is set";
	return has_webhook ? NULL : "no webhook configuration is allowed";
}

int awh_webhook_tokens_check_config(const struct admwh_config *config, struct awh_error *error)
{
	bool has_webhook = false;
	const char *problem;

	for (size_t i = 0; i < sizeof(config->webhooks) / sizeof(config->webhooks[0]); i++)
		has_webhook |= config->webhooks[i].any || config->webhooks[i].list.n_items > 0;
	if (!config->token_issuer && !has_webhook && config->token_origins.n_items == 0 &&
	    !awh_sources_find(&config->sources, AWH_SOURCE_TOKEN_KEYS, 0))
		return 0;
	problem = missing(config, has_webhook);
	return problem ? awh_fail(error, ADMWH_E_INVAL, "webhook tokens: %s", problem) : 0;
}

static bool is_text(const char *text, size_t max)
{
	const size_t len = text ? strnlen(text, max + 1) : 0;

	return len > 0 && len <= max && awh_text_is_clean(text, len);
}

static int check_keys(struct admwh_config *config, const struct awh_source *source)
{
	struct awh_jwks jwks;
	int err;

	if (source->missing)
		return 0;
	err = awh_token_keys_read(&jwks, source, &config->error);
	awh_jwks_deinit(&jwks);
	return awh_config_tolerate_text(config, err);
}

int admwh_config_experimental_set_token_issuer(struct admwh_config *config, const char *issuer)
{
	int err = awh_config_begin_set(config);
	char *copy;

	if (err)
		return err;
	if (!is_text(issuer, ISSUER_MAX))
		return awh_fail(&config->error, ADMWH_E_INVAL,
				"issuer of webhook tokens: expected 1 to %d bytes of text",
				ISSUER_MAX);
	copy = awh_strdup(issuer);
	if (!copy)
		return awh_config_no_memory(config);
	free(config->token_issuer);
	config->token_issuer = copy;
	return 0;
}

int admwh_config_experimental_set_token_keys_file(struct admwh_config *config, const char *file)
{
	struct awh_source source = {0};
	int err = awh_config_begin_set(config);

	if (err == 0)
		err = awh_config_read(config, &source, AWH_SOURCE_TOKEN_KEYS, 0, file);
	if (err)
		return err;
	err = check_keys(config, &source);
	if (err == 0 && awh_sources_put(&config->sources, &source))
		err = awh_config_no_memory(config);
	if (err)
		awh_source_deinit(&source);
	return err;
}

int admwh_config_experimental_add_token_origin(struct admwh_config *config, const char *origin)
{
	int err = awh_config_begin_set(config);

	if (err)
		return err;
	if (!origin || !awh_token_origin_is_valid(origin))
		return awh_fail(
		    &config->error, ADMWH_E_INVAL,
		    "origin of the webhook's URLs: expected https://HOST[:PORT] without "
		    "a path");
	if (awh_text_list_has(&config->token_origins, origin))
		return awh_fail(&config->error, ADMWH_E_EXISTS, "origin %s is set already", origin);
	return awh_text_list_add(&config->token_origins, origin) ? awh_config_no_memory(config) : 0;
}

int admwh_config_experimental_allow_webhook(struct admwh_config *config,
					    enum admwh_webhook_kind kind, const char *name)
{
	int err = awh_config_begin_set(config);

	if (err)
		return err;
	if (kind != ADMWH_WEBHOOK_VALIDATING && kind != ADMWH_WEBHOOK_MUTATING)
		return awh_fail(&config->error, ADMWH_E_INVAL, "no such kind of webhook");
	if (name && !is_text(name, WEBHOOK_NAME_MAX))
		return awh_fail(&config->error, ADMWH_E_INVAL,
				"name of a webhook configuration: expected 1 to %d bytes of text",
				WEBHOOK_NAME_MAX);
	if (name)
		return awh_text_list_add(&config->webhooks[kind].list, name)
			   ? awh_config_no_memory(config)
			   : 0;
	config->webhooks[kind].any = true;
	return 0;
}
