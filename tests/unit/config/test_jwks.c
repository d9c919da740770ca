/* SPDX-License-Identifier: MIT */
/*
 * Key sets: what is refused, what is left out, and which key a token's kid finds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "config/jwks.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* RFC 7515 A.3.1, and RFC 7517 A.1. */
#define X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define POINT "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\",\"y\":\"" Y "\""
#define N                                                                                          \
	"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"  \
	"BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-"          \
	"65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrd"  \
	"kt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDK"  \
	"gw"
#define RSA "\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" N "\""
#define KEYS(text) "{\"keys\":[" text "]}"

static int read_text(struct awh_jwks *jwks, const char *text, struct awh_error *error)
{
	return awh_jwks_read(jwks, text, strlen(text), error);
}

static void refuses_what_is_no_key_set(void **state)
{
	static const struct {
		const char *text, *contains;
	} cases[] = {
	    {"", ""},
	    {"null", "expected a JSON Web Key Set"},
	    {"[]", "expected a JSON Web Key Set"},
	    {"{}", "expected a JSON Web Key Set"},
	    {"{\"keys\":{}}", "expected a JSON Web Key Set"},
	    {"{" POINT "}", "expected a JSON Web Key Set"},
	    {"{\"keys\":[],\"keys\":[]}", "keys"},
	    {KEYS(""), "no RSA or EC key"},
	    {KEYS("1"), "keys[0]: expected an object"},
	    {KEYS("{}"), "no RSA or EC key"},
	    {KEYS("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}"), "no RSA or EC key"},
	    {KEYS("{\"kty\":\"oct\",\"k\":\"AA\"}"), "keys[0]: a private or secret key"},
	    {KEYS("{" POINT "},{" POINT ",\"d\":\"AA\"}"), "keys[1]: a private or secret key"},
	    {KEYS("{" RSA ",\"p\":\"AA\"}"), "keys[0]: a private or secret key"},
	    {KEYS("{" POINT ",\"use\":\"enc\"}"), "no RSA or EC key"},
	    {KEYS("{" POINT ",\"use\":1}"), "no RSA or EC key"},
	    {KEYS("{" POINT ",\"key_ops\":[\"sign\"]}"), "no RSA or EC key"},
	    {KEYS("{" POINT ",\"alg\":\"ES256K\"}"), "no RSA or EC key"},
	    {KEYS("{" POINT ",\"alg\":1}"), "no RSA or EC key"},
	    {KEYS("{" POINT ",\"alg\":\"HS256\"}"), "no RSA or EC key"},
	    {KEYS("{" POINT ",\"alg\":\"none\"}"), "no RSA or EC key"},
	    {KEYS("{" POINT ",\"alg\":\"ES384\"}"), "keys[0]: alg: not an algorithm"},
	    {KEYS("{" POINT ",\"alg\":\"RS256\"}"), "keys[0]: alg: not an algorithm"},
	    {KEYS("{" RSA ",\"alg\":\"ES256\"}"), "keys[0]: alg: not an algorithm"},
	    {KEYS("{" POINT ",\"kid\":\"\"}"), "keys[0]: kid: expected"},
	    {KEYS("{" POINT ",\"kid\":1}"), "keys[0]: kid: expected"},
	    {KEYS("{" POINT ",\"kid\":\"a\\n\"}"), "keys[0]: kid: expected"},
	    {KEYS("{" POINT ",\"kid\":\"a\\u0000\"}"), ""},
	    {KEYS("{" POINT ",\"kid\":\"a\"},{" RSA ",\"kid\":\"a\"}"),
	     "keys[1]: kid: another key"},
	    {KEYS("{" POINT ",\"kid\":\"a\"},{" RSA "}"), "several keys"},
	    {KEYS("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\"}"), "keys[0]: y: expected"},
	    {KEYS("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\",\"y\":\"" X "\"}"),
	     "keys[0]: x, y: not a point"},
	    {KEYS("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}"),
	     "keys[0]: x, y: expected 32 bytes"},
	    {KEYS("{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" X "\",\"y\":\"" Y "\"}"),
	     "keys[0]: x, y: expected 48 bytes"},
	    {KEYS("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "=\",\"y\":\"" Y "\"}"),
	     "keys[0]: x: expected"},
	    {KEYS("{\"kty\":\"RSA\",\"n\":\"" N "\"}"), "keys[0]: e: expected"},
	    {KEYS("{\"kty\":\"RSA\",\"e\":\"AQAB\"}"), "keys[0]: n: expected"},
	    {KEYS("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AQAB\"}"),
	     "keys[0]: n: expected an odd"},
	    {KEYS("{\"kty\":\"RSA\",\"e\":\"Aw\",\"n\":\"" N "\"}"), "keys[0]: e: expected an odd"},
	    {KEYS("{\"kty\":\"RSA\",\"e\":\"AQAA\",\"n\":\"" N "\"}"),
	     "keys[0]: e: expected an odd"},
	    {KEYS("{\"kty\":\"RSA\",\"e\":\"AAEAAQ\",\"n\":\"" N "\"}"),
	     "keys[0]: e: expected an odd"},
	    {KEYS("{\"kty\":\"RSA\",\"e\":\"AQAAAAE\",\"n\":\"" N "\"}"),
	     "keys[0]: e: expected an odd"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_error error = {0};
		struct awh_jwks jwks;

		if (read_text(&jwks, cases[i].text, &error) != ADMWH_E_INVAL ||
		    !strstr(error.text, cases[i].contains))
			fail_msg("case %zu: %d %s", i, error.code, error.text);
		awh_jwks_deinit(&jwks);
	}
}

static void leaves_out_what_it_does_not_know(void **state)
{
	static const char text[] = KEYS(
	    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\",\"kid\":\"a\"},"
	    "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"kid\":\"b\"},"
	    "{" POINT ",\"kid\":\"c\",\"use\":\"sig\",\"key_ops\":[\"verify\"],\"x5t\":\"AA\"},"
	    "{" RSA ",\"kid\":\"d\",\"use\":\"enc\"},{" RSA ",\"kid\":\"e\",\"alg\":\"PS256\"},"
	    "{" RSA ",\"kid\":\"f\",\"alg\":\"RS512\"}");
	struct awh_error error = {0};
	struct awh_jwks jwks;

	(void)state;
	assert_int_equal(read_text(&jwks, text, &error), 0);
	assert_int_equal(jwks.n_keys, 2);
	assert_int_equal(awh_jwks_find(&jwks, "c")->jws, AWH_JWS_ES256);
	assert_int_equal(awh_jwks_find(&jwks, "f")->jws, AWH_JWS_RS512);
	assert_null(awh_jwks_find(&jwks, "a"));
	assert_null(awh_jwks_find(&jwks, "d"));
	assert_null(awh_jwks_find(&jwks, NULL));
	awh_jwks_deinit(&jwks);
}

static void a_single_key_needs_no_kid(void **state)
{
	static const struct {
		const char *text, *id;
		bool found;
	} cases[] = {
	    {KEYS("{" RSA "}"), NULL, true},
	    {KEYS("{" RSA "}"), "a", true},
	    {KEYS("{" RSA ",\"kid\":\"a\"}"), NULL, true},
	    {KEYS("{" RSA ",\"kid\":\"a\"}"), "a", true},
	    {KEYS("{" RSA ",\"kid\":\"a\"}"), "b", false},
	    {KEYS("{" RSA ",\"kid\":\"a\"}"), "", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct awh_error error = {0};
		struct awh_jwks jwks;

		assert_int_equal(read_text(&jwks, cases[i].text, &error), 0);
		assert_int_equal(jwks.keys[0].key.jws, AWH_JWS_RS256);
		assert_true((awh_jwks_find(&jwks, cases[i].id) != NULL) == cases[i].found);
		awh_jwks_deinit(&jwks);
	}
}

static void has_a_limit_of_keys(void **state)
{
	char text[64 * 1024] = "{\"keys\":[";
	size_t len = strlen(text);
	struct awh_error error = {0};
	struct awh_jwks jwks;

	(void)state;
	for (int i = 0; i < AWH_JWKS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s{" POINT ",\"kid\":\"%d\"}", i ? "," : "", i);
	memcpy(text + len, "]}", 3);
	assert_int_equal(read_text(&jwks, text, &error), 0);
	assert_int_equal(jwks.n_keys, AWH_JWKS_MAX);
	awh_jwks_deinit(&jwks);
	memcpy(text + len, ",{}]}", 6);
	assert_int_equal(read_text(&jwks, text, &error), ADMWH_E_LIMIT);
	awh_jwks_deinit(&jwks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_what_is_no_key_set),
	    cmocka_unit_test(leaves_out_what_it_does_not_know),
	    cmocka_unit_test(a_single_key_needs_no_kid),
	    cmocka_unit_test(has_a_limit_of_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
