/* SPDX-License-Identifier: MIT */
#include "config/tokens.h"

#include <string.h>

#include "identity/token_file.h"
#include "tls/tls.h"

struct admwh_tokens {
	struct awh_tokens *set;
	struct awh_error error; /* of the call that failed last */
};

static int take_record(const char *token, const char *name, const char *const *groups,
		       size_t n_groups, void *userdata, struct awh_error *error)
{
	struct admwh_tokens *tokens = userdata;
	int err = admwh_tokens_add(tokens, token, name, groups, n_groups);

	if (err)
		*error = tokens->error;
	return err;
}

static int read_csv(const char *text, size_t len, struct admwh_tokens *tokens, void *userdata)
{
	(void)userdata;
	return awh_token_file_read(text, len, take_record, tokens, &tokens->error);
}

/* The error of a reader's failure. A token that is there twice is a mistake of the file. */
static int reader_failure(const struct awh_source *source, const struct awh_error *reason,
			  struct awh_error *error)
{
	int code = reason->code == ADMWH_E_NOMEM || reason->code == ADMWH_E_LIMIT ? reason->code
										  : ADMWH_E_INVAL;

	return awh_fail(error, code, "%s: %s", source->file,
			reason->code ? reason->text : "its reader cannot understand it");
}

static int read_source(struct awh_tokens *set, const struct admwh_config *config,
		       const struct awh_source *source, struct awh_error *error)
{
	struct admwh_tokens tokens = {.set = set};
	const char *text = source->bytes.data ? source->bytes.data : "";
	admwh_token_reader_fn *reader = config->token_reader ? config->token_reader : read_csv;
	int err;

	if (source->missing)
		return 0;
	err = reader(text, source->bytes.len, &tokens, config->token_data);
	/* Half a file is none, whatever its reader makes of that. */
	if (err < 0 || tokens.error.code == ADMWH_E_NOMEM)
		return reader_failure(source, &tokens.error, error);
	return 0;
}

int awh_tokens_read(struct awh_tokens **tokens, const struct admwh_config *config,
		    const struct awh_sources *sources, struct awh_error *error)
{
	const struct awh_source *source = awh_sources_find(sources, AWH_SOURCE_TOKENS, 0);
	struct awh_tokens *set;
	int err;

	*tokens = NULL;
	if (!source)
		return 0;
	set = awh_tokens_new();
	if (!set)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	err = read_source(set, config, source, error);
	if (err)
		awh_tokens_unref(set);
	else
		*tokens = set;
	return err;
}

const struct admwh_bearer *awh_tokens_bearer(const struct awh_tokens *tokens,
					     const char *authorization, bool bare)
{
	uint8_t digest[AWH_DIGEST_BYTES];
	size_t len;
	const char *token = tokens ? awh_bearer_token(authorization, bare, &len) : NULL;

	if (!token || awh_tls_sha256(token, len, digest))
		return NULL;
	return awh_tokens_find(tokens, digest);
}

int admwh_tokens_add(struct admwh_tokens *tokens, const char *token, const char *name,
		     const char *const *groups, size_t n_groups)
{
	uint8_t digest[AWH_DIGEST_BYTES];
	struct awh_error *error;

	if (!tokens)
		return ADMWH_E_INVAL;
	error = &tokens->error;
	if (error->code == ADMWH_E_NOMEM)
		return ADMWH_E_NOMEM;
	awh_error_clear(error);
	if (!token || !awh_token_is_valid(token, strlen(token)))
		return awh_fail(error, ADMWH_E_INVAL,
				"a token: expected 1 to %d visible ASCII characters",
				AWH_TOKEN_BYTES_MAX);
	if (n_groups > 0 && !groups)
		return awh_fail(error, ADMWH_E_INVAL, "groups: expected %zu texts", n_groups);
	if (awh_tls_sha256(token, strlen(token), digest))
		return awh_fail(error, ADMWH_E_TLS, "no SHA-256");
	return awh_tokens_add(tokens->set, digest, name, groups, n_groups, error);
}

int admwh_tokens_fail(struct admwh_tokens *tokens, const char *format, ...)
{
	va_list args;

	if (!tokens || tokens->error.code == ADMWH_E_NOMEM)
		return ADMWH_E_INVAL;
	va_start(args, format);
	awh_vfail(&tokens->error, ADMWH_E_INVAL, format, args);
	va_end(args);
	return ADMWH_E_INVAL;
}

int admwh_config_set_token_file(struct admwh_config *config, const char *file,
				admwh_token_reader_fn *reader, void *userdata)
{
	struct admwh_config trial = {.token_reader = reader, .token_data = userdata};
	struct awh_source source = {0};
	struct awh_tokens *tokens = NULL;
	int err = awh_config_begin_set(config);

	if (err == 0)
		err = awh_config_read(config, &source, AWH_SOURCE_TOKENS, 0, file);
	if (err)
		return err;
	trial.sources = (struct awh_sources){&source, 1, 1};
	err = awh_config_tolerate_text(
	    config, awh_tokens_read(&tokens, &trial, &trial.sources, &config->error));
	awh_tokens_unref(tokens);
	if (err == 0 && awh_sources_put(&config->sources, &source))
		err = awh_config_no_memory(config);
	if (err) {
		awh_source_deinit(&source);
		return err;
	}
	config->token_reader = reader;
	config->token_data = userdata;
	return 0;
}
