/* SPDX-License-Identifier: MIT */
#include "auth/jwt.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "base/text.h"
#include "identity/tokens.h"
#include "json/json.h"
#include "tls/signing_key.h"

enum {
	DEPTH = 8,
	BYTES_MAX = AWH_BASE64URL_BYTES(AWH_TOKEN_BYTES_MAX),
	TEXT_MAX = 1024, /* bytes of a claim */
	GROUPS = 3,
};

#define TIME_MAX (INT64_C(1) << 53)

/* The claims that are read, as pkg/serviceaccount/claims.go of Kubernetes 1.37 names them. */
static const struct {
	const char *issuer, *subject, *audience, *expiry, *not_before, *issued_at, *id;
	const char *kubernetes; /* of which the following are members */
	const char *ns, *service_account;
	const char *webhooks[ADMWH_WEBHOOK_MUTATING + 1]; /* by kind */
	const char *attestations, *api_groups;
	const char *name, *uid; /* of what a claim refers to */
} claims = {
    .issuer = "iss",
    .subject = "sub",
    .audience = "aud",
    .expiry = "exp",
    .not_before = "nbf",
    .issued_at = "iat",
    .id = "jti",
    .kubernetes = "kubernetes.io",
    .ns = "namespace",
    .service_account = "serviceaccount",
    .webhooks = {[ADMWH_WEBHOOK_VALIDATING] = "validatingwebhookconfiguration",
		 [ADMWH_WEBHOOK_MUTATING] = "mutatingwebhookconfiguration"},
    .attestations = "attestations",
    .api_groups = "admissionReviewAPIGroups",
    .name = "name",
    .uid = "uid",
};

/* A part of a token: *borrowed*, in base64url. */
struct part {
	const char *text;
	size_t len;
};

struct parts {
	struct part header, payload, signature;
	struct part signed_part; /* header and payload, with the dot between them */
};

/* Up to the next dot, or to the end for the last one. */
static bool split_one(struct part *part, const char **text, const char *end, bool is_last)
{
	const char *dot = memchr(*text, '.', (size_t)(end - *text));

	if (is_last ? dot != NULL : dot == NULL)
		return false;
	part->text = *text;
	part->len = (size_t)((is_last ? end : dot) - *text);
	*text += part->len + !is_last;
	return part->len > 0;
}

static bool split(struct parts *parts, const char *text, size_t len)
{
	const char *at = text, *end = text + len;

	if (len > AWH_TOKEN_BYTES_MAX || !split_one(&parts->header, &at, end, false) ||
	    !split_one(&parts->payload, &at, end, false))
		return false;
	parts->signed_part = (struct part){text, (size_t)(at - 1 - text)};
	return split_one(&parts->signature, &at, end, true);
}

/* A JSON object: *new*, or NULL. Duplicate members are malformed. */
static json_t *parse(const char *text, size_t len, enum awh_token_result *result)
{
	struct awh_error error = {0};
	json_t *object = awh_json_parse_without_nul(text, len, DEPTH, NULL, &error);

	*result = error.code == ADMWH_E_NOMEM ? AWH_TOKEN_ERROR : AWH_TOKEN_MALFORMED;
	if (!object || json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

/* bytes: BYTES_MAX + 1, and a NUL comes behind them. */
static bool decode(const struct part *part, uint8_t *bytes, size_t *len)
{
	if (!awh_base64url_decode(part->text, part->len, bytes, len))
		return false;
	bytes[*len] = '\0';
	return true;
}

/* The key that the header names, and whose algorithm it names, too. */
static enum awh_token_result find_key(const struct awh_signing_key **key, const json_t *header,
				      const struct awh_jwks *jwks)
{
	const json_t *id = json_object_get(header, "kid");
	const char *algorithm = json_string_value(json_object_get(header, "alg"));

	/* RFC 7515 section 4.1.11: extensions that must be understood, and none is. */
	if (!algorithm || (id && !json_is_string(id)) || json_object_get(header, "crit"))
		return AWH_TOKEN_MALFORMED;
	*key = awh_jwks_find(jwks, json_string_value(id));
	if (!*key)
		return AWH_TOKEN_KEY;
	return strcmp(algorithm, awh_jws_name((*key)->jws)) == 0 ? AWH_TOKEN_OK
								 : AWH_TOKEN_ALGORITHM;
}

static enum awh_token_result read_header(const struct awh_signing_key **key,
					 const struct part *part, const struct awh_jwks *jwks)
{
	uint8_t bytes[BYTES_MAX + 1];
	enum awh_token_result result;
	json_t *header;
	size_t len;

	if (!decode(part, bytes, &len))
		return AWH_TOKEN_MALFORMED;
	header = parse((const char *)bytes, len, &result);
	if (header)
		result = find_key(key, header, jwks);
	json_decref(header);
	return result;
}

static enum awh_token_result check_signature(const struct parts *parts, const struct awh_jwks *jwks)
{
	uint8_t signature[BYTES_MAX + 1];
	const struct awh_signing_key *key = NULL;
	enum awh_token_result result = read_header(&key, &parts->header, jwks);
	size_t len;
	int holds;

	if (result != AWH_TOKEN_OK)
		return result;
	if (!decode(&parts->signature, signature, &len))
		return AWH_TOKEN_MALFORMED;
	holds = awh_signing_key_verify(key, parts->signed_part.text, parts->signed_part.len,
				       signature, len);
	if (holds < 0)
		return AWH_TOKEN_ERROR;
	return holds ? AWH_TOKEN_OK : AWH_TOKEN_SIGNATURE;
}

/* Claims that are read one after the other; the first that is not as expected decides. */
struct reader {
	struct awh_webhook_token *token;
	enum awh_token_result result;
};

static void fail(struct reader *reader, enum awh_token_result result)
{
	if (reader->result == AWH_TOKEN_OK)
		reader->result = result;
}

static const char *keep(struct reader *reader, const json_t *value)
{
	const char *text = json_string_value(value);
	const size_t len = json_string_length(value);
	const char *kept;

	if (!text || len == 0 || len > TEXT_MAX || !awh_text_is_clean(text, len)) {
		fail(reader, AWH_TOKEN_MALFORMED);
		return "";
	}
	kept = awh_arena_strndup(&reader->token->arena, text, len);
	if (!kept)
		fail(reader, AWH_TOKEN_ERROR);
	return kept ? kept : "";
}

static const char *text_claim(struct reader *reader, const json_t *object, const char *name)
{
	return keep(reader, json_object_get(object, name));
}

/* NumericDate, RFC 7519 section 2, of which Kubernetes issues whole seconds. */
static int64_t time_claim(struct reader *reader, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	const json_int_t seconds = json_integer_value(value);

	if (!json_is_integer(value) || seconds < 0 || seconds > TIME_MAX) {
		fail(reader, AWH_TOKEN_MALFORMED);
		return 0;
	}
	return seconds;
}

/* The one audience, which may be an array's only element (RFC 7519 section 4.1.3). */
static const json_t *only(const json_t *value)
{
	if (!json_is_array(value))
		return value;
	return json_array_size(value) == 1 ? json_array_get(value, 0) : NULL;
}

static void read_times(struct reader *reader, const json_t *payload)
{
	struct awh_webhook_token *token = reader->token;
	int64_t issued = 0;

	token->facts.not_after = time_claim(reader, payload, claims.expiry);
	if (json_object_get(payload, claims.not_before))
		token->not_before = time_claim(reader, payload, claims.not_before);
	if (json_object_get(payload, claims.issued_at))
		issued = time_claim(reader, payload, claims.issued_at);
	if (token->not_before < issued)
		token->not_before = issued;
}

static const char *join(struct reader *reader, const char *prefix, const char *ns,
			const char *separator, const char *name)
{
	char text[2 * TEXT_MAX + 64];
	int len = snprintf(text, sizeof(text), "%s%s%s%s", prefix, ns, separator, name);
	const char *kept = awh_arena_strndup(&reader->token->arena, text, (size_t)len);

	if (!kept)
		fail(reader, AWH_TOKEN_ERROR);
	return kept ? kept : "";
}

/* The groups of a service account, as apiserver/pkg/authentication/serviceaccount gives them. */
static void add_groups(struct reader *reader)
{
	struct admwh_bearer *bearer = &reader->token->bearer;
	const char **groups = awh_arena_array(&reader->token->arena, GROUPS, sizeof(*groups));

	if (!groups) {
		fail(reader, AWH_TOKEN_ERROR);
		return;
	}
	groups[0] = "system:serviceaccounts";
	groups[1] = join(reader, "system:serviceaccounts:", reader->token->facts.ns, "", "");
	groups[2] = "system:authenticated";
	bearer->groups = groups;
	bearer->n_groups = GROUPS;
}

/* Issuer and holder. The subject is the service account that the private claims name. */
static void read_holder(struct reader *reader, const json_t *payload, const json_t *private)
{
	const json_t *account = json_object_get(private, claims.service_account);
	struct admwh_webhook_token *facts = &reader->token->facts;
	struct admwh_bearer *bearer = &reader->token->bearer;

	facts->issuer = text_claim(reader, payload, claims.issuer);
	facts->ns = text_claim(reader, private, claims.ns);
	facts->service_account = text_claim(reader, account, claims.name);
	facts->service_account_uid = text_claim(reader, account, claims.uid);
	if (json_object_get(payload, claims.id))
		facts->id = text_claim(reader, payload, claims.id);
	bearer->name = text_claim(reader, payload, claims.subject);
	if (strcmp(bearer->name, join(reader, "system:serviceaccount:", facts->ns, ":",
				      facts->service_account)) != 0)
		fail(reader, AWH_TOKEN_MALFORMED);
	add_groups(reader);
}

/* One webhook configuration, and the one API group that a TokenRequest for it may attest. */
static void read_webhook(struct reader *reader, const json_t *private)
{
	const json_t *attestations = json_object_get(private, claims.attestations);
	const json_t *groups = json_object_get(attestations, claims.api_groups);
	struct admwh_webhook_token *facts = &reader->token->facts;
	const json_t *reference = NULL;

	for (int kind = ADMWH_WEBHOOK_VALIDATING; kind <= ADMWH_WEBHOOK_MUTATING; kind++) {
		const json_t *found = json_object_get(private, claims.webhooks[kind]);

		if (!found)
			continue;
		if (reference)
			fail(reader, AWH_TOKEN_MALFORMED);
		reference = found;
		facts->kind = (enum admwh_webhook_kind)kind;
	}
	if (!reference) {
		fail(reader, AWH_TOKEN_UNBOUND);
		return;
	}
	facts->webhook = text_claim(reader, reference, claims.name);
	facts->webhook_uid = text_claim(reader, reference, claims.uid);
	facts->api_group = keep(reader, json_is_array(groups) ? only(groups) : NULL);
}

static enum awh_token_result read_claims(struct awh_webhook_token *token, const json_t *payload)
{
	const json_t *private = json_object_get(payload, claims.kubernetes);
	struct reader reader = {.token = token, .result = AWH_TOKEN_OK};

	read_holder(&reader, payload, private);
	read_times(&reader, payload);
	token->audience = keep(&reader, only(json_object_get(payload, claims.audience)));
	read_webhook(&reader, private);
	return reader.result;
}

enum awh_token_result awh_jwt_read(struct awh_webhook_token **token, const char *text, size_t len)
{
	struct awh_webhook_token *made;
	enum awh_token_result result;
	json_t *payload = parse(text, len, &result);

	if (!payload)
		return result;
	made = awh_webhook_token_new();
	result = made ? read_claims(made, payload) : AWH_TOKEN_ERROR;
	json_decref(payload);
	if (result == AWH_TOKEN_OK)
		*token = made;
	else
		awh_webhook_token_unref(made);
	return result;
}

enum awh_token_result awh_jwt_verify(struct awh_webhook_token **token, const char *text, size_t len,
				     const struct awh_jwks *jwks)
{
	uint8_t payload[BYTES_MAX + 1];
	enum awh_token_result result;
	struct parts parts;
	size_t payload_len;

	if (!split(&parts, text, len))
		return AWH_TOKEN_MALFORMED;
	result = check_signature(&parts, jwks);
	if (result != AWH_TOKEN_OK)
		return result;
	if (!decode(&parts.payload, payload, &payload_len))
		return AWH_TOKEN_MALFORMED;
	return awh_jwt_read(token, (const char *)payload, payload_len);
}
