/* SPDX-License-Identifier: MIT */
#include "config/jwks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "base/text.h"
#include "json/json.h"

enum { DEPTH = 8 };

/* Of a number in base64url. */
enum { NUMBER_CHARACTERS_MAX = 1024 };

/* Members of private and of symmetric keys, RFC 7518 section 6. */
static const char *const secrets[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

/* The curves of RFC 7518 section 6.2.1.1. */
static const struct {
	const char *name;
	enum awh_jws jws;
} curves[] = {{"P-256", AWH_JWS_ES256}, {"P-384", AWH_JWS_ES384}, {"P-521", AWH_JWS_ES512}};

static const char *text_of(const json_t *key, const char *name)
{
	return json_string_value(json_object_get(key, name));
}

static bool is(const json_t *key, const char *name, const char *text)
{
	const char *value = text_of(key, name);

	return value && strcmp(value, text) == 0;
}

static bool holds_secret(const json_t *key)
{
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		if (json_object_get(key, secrets[i]))
			return true;
	return false;
}

static bool has_text(const json_t *array, const char *text)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *item = json_string_value(json_array_get(array, i));

		if (item && strcmp(item, text) == 0)
			return true;
	}
	return false;
}

/* RFC 7517 sections 4.2 and 4.3: is the key meant for other than signatures? */
static bool has_other_use(const json_t *key)
{
	const json_t *operations = json_object_get(key, "key_ops");

	return (json_object_get(key, "use") && !is(key, "use", "sig")) ||
	       (operations && !has_text(operations, "verify"));
}

/* What a key of its type and curve signs with; AWH_JWS_COUNT: neither is known. */
static enum awh_jws preset_of(const json_t *key)
{
	if (is(key, "kty", "RSA"))
		return AWH_JWS_RS256;
	for (size_t i = 0; is(key, "kty", "EC") && i < sizeof(curves) / sizeof(curves[0]); i++)
		if (is(key, "crv", curves[i].name))
			return curves[i].jws;
	return AWH_JWS_COUNT;
}

/* Set the key's algorithm; AWH_JWS_COUNT: the key is left out. 0 or ADMWH_E_INVAL. */
static int choose(enum awh_jws *jws, const json_t *key, struct awh_error *error)
{
	const enum awh_jws preset = preset_of(key);
	const char *name = text_of(key, "alg");

	*jws = AWH_JWS_COUNT;
	if (preset == AWH_JWS_COUNT || has_other_use(key))
		return 0;
	*jws = json_object_get(key, "alg") ? awh_jws_find(name ? name : "") : preset;
	if (*jws == AWH_JWS_COUNT || awh_jws_curve(*jws) == awh_jws_curve(preset))
		return 0;
	return awh_fail(error, ADMWH_E_INVAL, "alg: not an algorithm of its kty and crv");
}

/* A number of the key; size: bytes that out has. 0 or ADMWH_E_INVAL. */
static int take_number(const json_t *key, const char *name, uint8_t *out, size_t size,
		       size_t *out_len, struct awh_error *error)
{
	uint8_t bytes[AWH_BASE64URL_BYTES(NUMBER_CHARACTERS_MAX)];
	const json_t *value = json_object_get(key, name);
	const size_t len = json_string_length(value);

	if (len == 0 || len > NUMBER_CHARACTERS_MAX ||
	    !awh_base64url_decode(json_string_value(value), len, bytes, out_len) || *out_len > size)
		return awh_fail(error, ADMWH_E_INVAL, "%s: expected 1 to %zu bytes in base64url",
				name, size);
	memcpy(out, bytes, *out_len);
	return 0;
}

static int take_key(struct awh_signing_key *out, const json_t *key, struct awh_error *error)
{
	const bool is_ecc = awh_jws_curve(out->jws) != 0;
	int err = take_number(key, is_ecc ? "x" : "n", out->first, sizeof(out->first),
			      &out->first_len, error);

	if (err == 0)
		err = take_number(key, is_ecc ? "y" : "e", out->second, sizeof(out->second),
				  &out->second_len, error);
	return err ? err : awh_signing_key_check(out, error);
}

static const struct awh_jwk *find(const struct awh_jwks *jwks, const char *id)
{
	for (size_t i = 0; i < jwks->n_keys; i++)
		if (jwks->keys[i].id && strcmp(jwks->keys[i].id, id) == 0)
			return &jwks->keys[i];
	return NULL;
}

static int take_id(struct awh_jwk *jwk, const struct awh_jwks *jwks, const json_t *key,
		   struct awh_error *error)
{
	const json_t *value = json_object_get(key, "kid");
	const char *id = json_string_value(value);
	const size_t len = json_string_length(value);

	if (!value)
		return 0;
	if (len == 0 || len > AWH_KEY_ID_MAX || !awh_text_is_clean(id, len))
		return awh_fail(error, ADMWH_E_INVAL, "kid: expected 1 to %d bytes of text",
				AWH_KEY_ID_MAX);
	if (find(jwks, id))
		return awh_fail(error, ADMWH_E_INVAL, "kid: another key has the same");
	jwk->id = awh_strdup(id);
	return jwk->id ? 0 : awh_fail(error, ADMWH_E_NOMEM, "out of memory");
}

static int add(struct awh_jwks *jwks, const json_t *key, struct awh_error *error)
{
	struct awh_jwk *jwk = &jwks->keys[jwks->n_keys];
	int err;

	if (!json_is_object(key))
		return awh_fail(error, ADMWH_E_INVAL, "expected an object");
	if (holds_secret(key))
		return awh_fail(error, ADMWH_E_INVAL, "a private or secret key is in it");
	err = choose(&jwk->key.jws, key, error);
	if (err || jwk->key.jws == AWH_JWS_COUNT)
		return err;
	err = take_key(&jwk->key, key, error);
	if (err == 0)
		err = take_id(jwk, jwks, key, error);
	if (err == 0)
		jwks->n_keys++;
	return err;
}

static int check_whole(const struct awh_jwks *jwks, struct awh_error *error)
{
	if (jwks->n_keys == 0)
		return awh_fail(error, ADMWH_E_INVAL,
				"no RSA or EC key to verify signatures with is in it");
	for (size_t i = 0; jwks->n_keys > 1 && i < jwks->n_keys; i++)
		if (!jwks->keys[i].id)
			return awh_fail(error, ADMWH_E_INVAL,
					"several keys, and one of them has no kid");
	return 0;
}

static int add_all(struct awh_jwks *jwks, const json_t *set, struct awh_error *error)
{
	const json_t *keys = json_object_get(set, "keys");
	const size_t n = json_array_size(keys);

	if (!json_is_array(keys))
		return awh_fail(error, ADMWH_E_INVAL, "expected a JSON Web Key Set: {\"keys\":[]}");
	if (n > AWH_JWKS_MAX)
		return awh_fail(error, ADMWH_E_LIMIT, "more than %d keys", AWH_JWKS_MAX);
	jwks->keys = calloc(n + 1, sizeof(*jwks->keys));
	if (!jwks->keys)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		struct awh_error reason = {0};
		int err = add(jwks, json_array_get(keys, i), &reason);

		if (err)
			return awh_fail(error, err, "keys[%zu]: %s", i, reason.text);
	}
	return check_whole(jwks, error);
}

int awh_jwks_read(struct awh_jwks *jwks, const char *text, size_t len, struct awh_error *error)
{
	struct awh_error reason = {0};
	json_t *set = awh_json_parse_without_nul(text, len, DEPTH, NULL, &reason);
	int err;

	*jwks = (struct awh_jwks){0};
	if (!set)
		return awh_fail(error, reason.code == ADMWH_E_NOMEM ? reason.code : ADMWH_E_INVAL,
				"%s", reason.text);
	err = add_all(jwks, set, error);
	json_decref(set);
	return err;
}

void awh_jwks_deinit(struct awh_jwks *jwks)
{
	for (size_t i = 0; i < jwks->n_keys; i++)
		free(jwks->keys[i].id);
	free(jwks->keys);
	*jwks = (struct awh_jwks){0};
}

const struct awh_signing_key *awh_jwks_find(const struct awh_jwks *jwks, const char *id)
{
	const struct awh_jwk *only = jwks->n_keys == 1 ? &jwks->keys[0] : NULL;
	const struct awh_jwk *found = id ? find(jwks, id) : only;

	if (!found && only && !only->id)
		found = only;
	return found ? &found->key : NULL;
}
