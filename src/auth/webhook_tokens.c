/* SPDX-License-Identifier: MIT */
#include "auth/webhook_tokens.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "auth/jwt.h"
#include "base/clock.h"
#include "config/webhook_tokens.h"
#include "tls/tls.h"

/* An API server shows one token for each webhook of its own. */
enum { PLACES = 64 };

/* By the first byte of its digest; a new token takes the place of an old one. */
struct place {
	uint8_t digest[AWH_SOURCE_DIGEST];
	struct awh_webhook_token *token; /* NULL: empty */
};

struct awh_webhook_tokens {
	const struct admwh_config *config; /* *borrowed* */
	struct awh_jwks jwks;
	pthread_mutex_t mutex; /* guards the places */
	struct place places[PLACES];
};

int awh_webhook_tokens_new(struct awh_webhook_tokens **tokens, const struct admwh_config *config,
			   const struct awh_sources *sources, struct awh_error *error)
{
	const struct awh_source *source = awh_sources_find(sources, AWH_SOURCE_TOKEN_KEYS, 0);
	struct awh_webhook_tokens *made;
	int err;

	*tokens = NULL;
	if (!source)
		return 0;
	made = calloc(1, sizeof(*made));
	if (!made || pthread_mutex_init(&made->mutex, NULL)) {
		free(made);
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	}
	made->config = config;
	err = awh_token_keys_read(&made->jwks, source, error);
	if (err)
		awh_webhook_tokens_free(made);
	else
		*tokens = made;
	return err;
}

void awh_webhook_tokens_free(struct awh_webhook_tokens *tokens)
{
	if (!tokens)
		return;
	for (size_t i = 0; i < PLACES; i++)
		awh_webhook_token_unref(tokens->places[i].token);
	pthread_mutex_destroy(&tokens->mutex);
	awh_jwks_deinit(&tokens->jwks);
	free(tokens);
}

size_t awh_webhook_tokens_keys(const struct awh_webhook_tokens *tokens)
{
	return tokens->jwks.n_keys;
}

static struct place *place_of(struct awh_webhook_tokens *tokens, const uint8_t *digest)
{
	return &tokens->places[digest[0] % PLACES];
}

/* A reference; NULL: it was not verified lately. */
static struct awh_webhook_token *recall(struct awh_webhook_tokens *tokens, const uint8_t *digest)
{
	const struct place *place = place_of(tokens, digest);
	struct awh_webhook_token *token = NULL;

	pthread_mutex_lock(&tokens->mutex);
	if (place->token && memcmp(place->digest, digest, sizeof(place->digest)) == 0)
		token = awh_webhook_token_ref(place->token);
	pthread_mutex_unlock(&tokens->mutex);
	return token;
}

static void remember(struct awh_webhook_tokens *tokens, const uint8_t *digest,
		     struct awh_webhook_token *token)
{
	struct place *place = place_of(tokens, digest);
	struct awh_webhook_token *old;

	awh_webhook_token_ref(token);
	pthread_mutex_lock(&tokens->mutex);
	old = place->token;
	place->token = token;
	memcpy(place->digest, digest, sizeof(place->digest));
	pthread_mutex_unlock(&tokens->mutex);
	awh_webhook_token_unref(old);
}

static bool is_allowed_webhook(const struct admwh_config *config,
			       const struct admwh_webhook_token *facts)
{
	const struct awh_webhook_names *names = &config->webhooks[facts->kind];

	return names->any || awh_text_list_has(&names->list, facts->webhook);
}

/* What does not change while the snapshot is in force. */
static enum awh_token_result check_claims(const struct admwh_config *config,
					  const struct awh_webhook_token *token)
{
	if (strcmp(token->facts.issuer, config->token_issuer) != 0)
		return AWH_TOKEN_ISSUER;
	return is_allowed_webhook(config, &token->facts) ? AWH_TOKEN_OK : AWH_TOKEN_WEBHOOK;
}

static enum awh_token_result verify(struct awh_webhook_tokens *tokens, const char *text, size_t len,
				    const uint8_t *digest, struct awh_webhook_token **token)
{
	enum awh_token_result result = awh_jwt_verify(token, text, len, &tokens->jwks);

	if (result != AWH_TOKEN_OK)
		return result;
	result = check_claims(tokens->config, *token);
	if (result == AWH_TOKEN_OK)
		remember(tokens, digest, *token);
	return result;
}

static enum awh_token_result check_request(const struct admwh_config *config,
					   const struct awh_webhook_token *token, const char *path)
{
	if (!awh_token_is_for(token->audience, (const char *const *)config->token_origins.items,
			      config->token_origins.n_items, path))
		return AWH_TOKEN_AUDIENCE;
	return awh_webhook_token_check_time(token, awh_clock_wall_s());
}

enum awh_token_result awh_webhook_tokens_check(struct awh_webhook_tokens *tokens, const char *text,
					       size_t len, const char *path,
					       struct awh_webhook_token **found)
{
	enum awh_token_result result = AWH_TOKEN_OK;
	struct awh_webhook_token *token;
	uint8_t digest[AWH_SOURCE_DIGEST];

	if (awh_tls_sha256(text, len, digest))
		return AWH_TOKEN_ERROR;
	token = recall(tokens, digest);
	if (!token)
		result = verify(tokens, text, len, digest, &token);
	if (result == AWH_TOKEN_OK)
		result = check_request(tokens->config, token, path);
	if (result == AWH_TOKEN_OK)
		*found = token;
	else
		awh_webhook_token_unref(token);
	return result;
}
