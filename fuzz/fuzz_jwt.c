/* SPDX-License-Identifier: MIT */
/*
 * Webhook tokens and key sets, on any bytes; the first byte says which: 'k' a key
 * set, 't' a token, 'h' the JSON of a header and, after a line end, of a payload, 'p' a
 * payload whose signature has held. No token is accepted without its key's signature, and
 * what is accepted of a payload is whole and clean.
 */
#include <string.h>

#include "auth/jwt.h"
#include "base/buf.h"
#include "base/text.h"
#include "check.h"
#include "identity/tokens.h"

/* RFC 7515 A.3.1; the fuzzer does not have the private key. */
static const char set[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\","
			  "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
			  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

static void read_set(const char *text, size_t len)
{
	const uint8_t signature[AWH_RSA_BYTES_MAX] = {1};
	struct awh_error error = {0};
	struct awh_jwks jwks;
	int err = awh_jwks_read(&jwks, text, len, &error);

	check(err == 0 || err == ADMWH_E_INVAL || err == ADMWH_E_LIMIT || err == ADMWH_E_NOMEM,
	      "an unexpected code");
	check(err == error.code, "code and error disagree");
	check(awh_text_is_clean(error.text, strlen(error.text)), "a message is not clean");
	for (size_t i = 0; err == 0 && i < jwks.n_keys; i++) {
		const struct awh_jwk *jwk = &jwks.keys[i];

		check(awh_jwks_find(&jwks, jwk->id) == &jwk->key, "a key is not found");
		check(awh_signing_key_verify(&jwk->key, "a", 1, signature, jwk->key.first_len) <= 0,
		      "a signature of nobody's holds");
	}
	awh_jwks_deinit(&jwks);
}

static void read_token(const char *text, size_t len)
{
	struct awh_webhook_token *token = NULL;
	struct awh_jwks jwks;

	check(awh_jwks_read(&jwks, set, strlen(set), NULL) == 0, "the key set is not read");
	check(awh_jwt_verify(&token, text, len, &jwks) != AWH_TOKEN_OK && !token,
	      "a token without a signature is accepted");
	awh_jwks_deinit(&jwks);
}

/* RFC 7515 section 2. */
static void put_base64url(struct awh_buf *buf, const char *data, size_t len)
{
	struct awh_buf padded;

	awh_buf_init(&padded, SIZE_MAX / 2);
	awh_put_base64(&padded, data, len);
	for (size_t i = 0; !padded.err && i < padded.len && padded.data[i] != '='; i++) {
		const char c = padded.data[i];
		const char made = (char)(c == '+' ? '-' : c == '/' ? '_' : c);

		awh_buf_put(buf, &made, 1);
	}
	awh_buf_deinit(&padded);
}

static void read_parts(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);
	const size_t header = end ? (size_t)(end - text) : len;
	struct awh_buf token;

	awh_buf_init(&token, SIZE_MAX / 2);
	put_base64url(&token, text, header);
	awh_buf_puts(&token, ".");
	if (end)
		put_base64url(&token, end + 1, len - header - 1);
	awh_buf_puts(&token, ".");
	put_base64url(&token, set, 64);
	if (!token.err)
		read_token(token.data, token.len);
	awh_buf_deinit(&token);
}

static void check_text(const char *text)
{
	check(text && *text && awh_text_is_clean(text, strlen(text)), "a claim is not clean");
}

static void read_payload(const char *text, size_t len)
{
	struct awh_webhook_token *token = NULL;
	const struct admwh_webhook_token *facts;

	if (awh_jwt_read(&token, text, len) != AWH_TOKEN_OK) {
		check(!token, "a token that is not accepted");
		return;
	}
	facts = token->bearer.webhook;
	check_text(token->bearer.name);
	check_text(token->audience);
	check_text(facts->issuer);
	check_text(facts->ns);
	check_text(facts->service_account);
	check_text(facts->service_account_uid);
	check_text(facts->webhook);
	check_text(facts->webhook_uid);
	check_text(facts->api_group);
	check(facts->kind == ADMWH_WEBHOOK_VALIDATING || facts->kind == ADMWH_WEBHOOK_MUTATING,
	      "no kind");
	check(facts->not_after >= 0 && token->not_before >= 0, "a time before 1970");
	check(strstr(token->bearer.name, facts->service_account) != NULL, "another's name");
	awh_webhook_token_unref(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (size > 0 && text[0] == 'k')
		read_set(text + 1, size - 1);
	else if (size > 0 && text[0] == 't')
		read_token(text + 1, size - 1);
	else if (size > 0 && text[0] == 'h')
		read_parts(text + 1, size - 1);
	else if (size > 0 && text[0] == 'p')
		read_payload(text + 1, size - 1);
	free(text);
	return 0;
}
