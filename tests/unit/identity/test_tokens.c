/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "identity/tokens.h"

/* Any 32 bytes do for a digest. */
static const uint8_t *digest_of(unsigned int number)
{
	static uint8_t digest[AWH_DIGEST_BYTES];

	memset(digest, 0x5a, sizeof(digest));
	for (size_t i = 0; i < sizeof(number); i++)
		digest[i] = (uint8_t)(number >> 8 * i);
	return digest;
}

static struct awh_tokens *some_tokens(unsigned int n)
{
	static const char *const groups[] = {"readers", "writers"};
	struct awh_tokens *tokens = awh_tokens_new();

	assert_non_null(tokens);
	for (unsigned int i = 0; i < n; i++) {
		char name[16];

		snprintf(name, sizeof(name), "holder-%u", i);
		assert_int_equal(awh_tokens_add(tokens, digest_of(i), name, groups, i % 3, NULL),
				 0);
	}
	return tokens;
}

static void finds_no_one_by_a_digest_that_differs_in_one_bit(void **state)
{
	struct awh_tokens *tokens = some_tokens(3);
	uint8_t digest[AWH_DIGEST_BYTES];

	(void)state;
	for (unsigned int bit = 0; bit < 8 * AWH_DIGEST_BYTES; bit++) {
		memcpy(digest, digest_of(2), sizeof(digest));
		assert_non_null(awh_tokens_find(tokens, digest));
		digest[bit / 8] ^= (uint8_t)(1U << bit % 8);
		/* Numbers 0 and 1 are there, too. */
		if (bit != 1)
			assert_null(awh_tokens_find(tokens, digest));
	}
	awh_tokens_unref(tokens);
}

static void finds_no_one_in_an_empty_set(void **state)
{
	struct awh_tokens *tokens = some_tokens(0);
	uint8_t zeros[AWH_DIGEST_BYTES] = {0};

	(void)state;
	assert_null(awh_tokens_find(tokens, zeros));
	assert_null(awh_tokens_find(tokens, digest_of(0)));
	assert_null(awh_tokens_find(NULL, zeros));
	assert_int_equal(awh_tokens_count(tokens), 0);
	awh_tokens_unref(tokens);
	awh_tokens_unref(NULL);
}

static void refuses_names_and_groups_that_are_not_clean_text(void **state)
{
	static const char *const bad[] = {NULL, "", "a\nb", "a\x7f", "\xff", "\xc2\x85"};
	struct awh_tokens *tokens = awh_tokens_new();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *const groups[] = {"good", bad[i]};
		struct awh_error error = {0};

		assert_int_equal(awh_tokens_add(tokens, digest_of(0), bad[i], NULL, 0, &error),
				 ADMWH_E_INVAL);
		assert_int_equal(awh_tokens_add(tokens, digest_of(0), "name", groups, 2, &error),
				 ADMWH_E_INVAL);
		assert_true(error.text[0] != '\0');
	}
	assert_int_equal(awh_tokens_count(tokens), 0);
	awh_tokens_unref(tokens);
}

static void refuses_a_token_twice(void **state)
{
	struct awh_tokens *tokens = some_tokens(2);
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(awh_tokens_add(tokens, digest_of(1), "other", NULL, 0, &error),
			 ADMWH_E_EXISTS);
	assert_string_equal(awh_tokens_find(tokens, digest_of(1))->name, "holder-1");
	awh_tokens_unref(tokens);
}

static void holds_so_many_and_no_more(void **state)
{
	struct awh_tokens *tokens = some_tokens(AWH_TOKENS_MAX);
	struct awh_error error = {0};

	(void)state;
	assert_int_equal(awh_tokens_add(tokens, digest_of(AWH_TOKENS_MAX), "x", NULL, 0, &error),
			 ADMWH_E_LIMIT);
	assert_non_null(awh_tokens_find(tokens, digest_of(AWH_TOKENS_MAX - 1)));
	awh_tokens_unref(tokens);
}

static void finds_the_holder_of_a_token(void **state)
{
	struct awh_tokens *tokens = some_tokens(100);

	(void)state;
	assert_int_equal(awh_tokens_count(tokens), 100);
	for (unsigned int i = 0; i < 100; i++) {
		const struct admwh_bearer *bearer = awh_tokens_find(tokens, digest_of(i));
		char name[16];

		snprintf(name, sizeof(name), "holder-%u", i);
		assert_string_equal(bearer->name, name);
		assert_int_equal(bearer->n_groups, i % 3);
		assert_int_equal(awh_bearer_is_in(bearer, "readers"), i % 3 > 0);
		assert_int_equal(awh_bearer_is_in(bearer, "writers"), i % 3 > 1);
		assert_false(awh_bearer_is_in(bearer, "reader"));
		assert_false(awh_bearer_is_in(bearer, ""));
	}
	awh_tokens_unref(tokens);
}

static void lives_as_long_as_its_last_reference(void **state)
{
	struct awh_tokens *tokens = some_tokens(1);
	const struct admwh_bearer *bearer = awh_tokens_find(tokens, digest_of(0));

	(void)state;
	assert_ptr_equal(awh_tokens_ref(tokens), tokens);
	awh_tokens_unref(tokens);
	assert_string_equal(bearer->name, "holder-0");
	awh_tokens_unref(tokens);
}

/* The shortest of many runs: what the machine does beside it only makes them longer. */
static int64_t shortest_find_ns(const struct awh_tokens *tokens, const uint8_t *digest)
{
	int64_t shortest = INT64_MAX;

	for (int i = 0; i < 2000; i++) {
		struct timespec before, after;
		int64_t ns;

		clock_gettime(CLOCK_MONOTONIC, &before);
		(void)awh_tokens_find(tokens, digest);
		clock_gettime(CLOCK_MONOTONIC, &after);
		ns = (int64_t)(after.tv_sec - before.tv_sec) * 1000000000 +
		     (after.tv_nsec - before.tv_nsec);
		shortest = ns < shortest ? ns : shortest;
	}
	return shortest;
}

/* A search that ended at its find would need a thousandth of the time for the first. */
static void compares_every_token_wherever_the_right_one_is(void **state)
{
	enum { N = 1000 };
	struct awh_tokens *tokens = some_tokens(N);
	uint8_t digests[3][AWH_DIGEST_BYTES];
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	memcpy(digests[0], digest_of(0), AWH_DIGEST_BYTES);
	memcpy(digests[1], digest_of(N - 1), AWH_DIGEST_BYTES);
	memcpy(digests[2], digest_of(N), AWH_DIGEST_BYTES); /* no one's */
	for (size_t i = 0; i < 3; i++) {
		int64_t ns = shortest_find_ns(tokens, digests[i]);

		least = ns < least ? ns : least;
		most = ns > most ? ns : most;
	}
	if (most > 2 * least)
		fail_msg("%ld ns at least, %ld ns at most", (long)least, (long)most);
	awh_tokens_unref(tokens);
}

static void finds_no_token_in_what_is_none(void **state)
{
	static const char *const cases[] = {
	    "",
	    "Bearer",
	    "Bearer ",
	    "Bearer  ",
	    "Bearertoken",
	    "Bearer\ttoken",
	    "Bearer:token",
	    "Bearer to ken",
	    "Bearer token\x7f",
	    "Bearer t\xc3\xb6ken",
	    "Bearer token\t",
	    "Basic token",
	    "Beare token",
	    "Bearerr token",
	    "BearerBearer token",
	    " Bearer token",
	    "token",
	    "token=\"Bearer token\"",
	};
	size_t len;

	(void)state;
	assert_null(awh_bearer_token(NULL, false, &len));
	assert_null(awh_bearer_token(NULL, true, &len));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_null(awh_bearer_token(cases[i], false, &len));
}

static void finds_no_bare_token_in_what_is_none(void **state)
{
	static const char *const cases[] = {"",          "Bearer",      "bearer", "BEARER ",
					    "a b",       "Basic token", "a\tb",   " token",
					    "token\x7f", "t\xc3\xb6ken"};
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_null(awh_bearer_token(cases[i], true, &len));
}

static void takes_a_token_of_so_many_bytes_and_no_more(void **state)
{
	char text[7 + AWH_TOKEN_BYTES_MAX + 2] = "Bearer ";
	size_t len;

	(void)state;
	memset(text + 7, 't', AWH_TOKEN_BYTES_MAX);
	assert_ptr_equal(awh_bearer_token(text, false, &len), text + 7);
	assert_int_equal(len, AWH_TOKEN_BYTES_MAX);
	text[7 + AWH_TOKEN_BYTES_MAX] = 't';
	assert_null(awh_bearer_token(text, false, &len));
	assert_null(awh_bearer_token(text + 7, true, &len));
}

static void finds_the_token_behind_the_scheme(void **state)
{
	static const struct {
		const char *authorization;
		bool bare;
		const char *token;
	} cases[] = {
	    {"Bearer t", false, "t"},
	    {"bearer token", false, "token"},
	    {"BEARER   token", false, "token"},
	    {"bEaReR abc-._~+/09==", false, "abc-._~+/09=="},
	    {"Bearer Bearer", false, "Bearer"},
	    {"Bearer !\"#$%&'()*,:;<>?@[\\]^`{|}", false, "!\"#$%&'()*,:;<>?@[\\]^`{|}"},
	    {"Bearer token", true, "token"},
	    {"token", true, "token"},
	    {"Bearertoken", true, "Bearertoken"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t len;
		const char *token = awh_bearer_token(cases[i].authorization, cases[i].bare, &len);

		assert_non_null(token);
		assert_string_equal(token, cases[i].token);
		assert_int_equal(len, strlen(cases[i].token));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_no_one_by_a_digest_that_differs_in_one_bit),
	    cmocka_unit_test(finds_no_one_in_an_empty_set),
	    cmocka_unit_test(refuses_names_and_groups_that_are_not_clean_text),
	    cmocka_unit_test(refuses_a_token_twice),
	    cmocka_unit_test(holds_so_many_and_no_more),
	    cmocka_unit_test(finds_no_token_in_what_is_none),
	    cmocka_unit_test(finds_no_bare_token_in_what_is_none),
	    cmocka_unit_test(takes_a_token_of_so_many_bytes_and_no_more),
	    cmocka_unit_test(finds_the_holder_of_a_token),
	    cmocka_unit_test(lives_as_long_as_its_last_reference),
	    cmocka_unit_test(compares_every_token_wherever_the_right_one_is),
	    cmocka_unit_test(finds_the_token_behind_the_scheme),
	};

	return cmocka_run_group_tests_name("tokens", tests, NULL, NULL);
}
