/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "identity/rules.h"
#include "identity/token_file.h"
#include "identity/tokens.h"

#include "../wrapped_alloc.h"

static unsigned long calls, failing; /* failing 0: none does */

static bool alloc_fails(void)
{
	return ++calls == failing;
}

/* Make each allocation fail in turn until none is left to fail. */
static void sweep(int (*run)(struct awh_error *error))
{
	int status = ADMWH_E_NOMEM;

	for (failing = 1; status != 0; failing++) {
		struct awh_error error = {0};

		calls = 0;
		status = run(&error);
		if (calls >= failing) {
			assert_int_equal(status, ADMWH_E_NOMEM);
			assert_string_equal(error.text, "out of memory");
		}
		assert_true(failing < 10000);
	}
	assert_true(failing > 2);
	failing = 0;
}

static int read_rules(struct awh_error *error)
{
	static const char text[] =
	    "cn:a\ndns:A\nuri:u\nip:::1\no:o\nou:u\n"
	    "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
	    "cn:b\ncn:c\ncn:d\n";
	struct awh_values rules = {0};
	int status = awh_rules_read(&rules, text, sizeof(text) - 1, 64, error);

	awh_values_seal(&rules);
	if (status == 0)
		assert_int_equal(rules.n_items, 10);
	awh_values_deinit(&rules);
	return status;
}

static int read_denials(struct awh_error *error)
{
	static const char text[] = "serial:00aff\nserial:1\n";
	struct awh_values denials = {0};
	int status = awh_denials_read(&denials, text, sizeof(text) - 1, error);

	if (status == 0)
		assert_int_equal(denials.n_items, 2);
	awh_values_deinit(&denials);
	return status;
}

static int take(const char *token, const char *name, const char *const *groups, size_t n_groups,
		void *userdata, struct awh_error *error)
{
	uint8_t digest[AWH_DIGEST_BYTES] = {(uint8_t)token[0]};

	return awh_tokens_add(userdata, digest, name, groups, n_groups, error);
}

static int read_tokens(struct awh_error *error)
{
	static const char text[] = "a,n,u,\"g,h\"\nb,n,u\nc,n,u\nd,n,u\ne,n,u\nf,n,u\ng,n,u\n"
				   "h,n,u\ni,n,u,g\n";
	struct awh_tokens *tokens = awh_tokens_new();
	int status = tokens ? awh_token_file_read(text, sizeof(text) - 1, take, tokens, error)
			    : awh_fail(error, ADMWH_E_NOMEM, "out of memory");

	if (status == 0)
		assert_int_equal(awh_tokens_count(tokens), 9);
	awh_tokens_unref(tokens);
	return status;
}

static int identify(struct awh_error *error)
{
	static const struct awh_rules rules = {.bundle = "b", .any_name = true, .cn_length = 64};
	struct awh_peer *peer = awh_peer_new();
	int status;

	if (!peer)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	peer->proof = AWH_PROOF_VERIFIED;
	status = awh_identify(peer, &rules, 1, error);
	assert_int_equal(status == 0, peer->facts.bundle != NULL);
	assert_int_equal(status == 0, peer->facts.rule != NULL);
	awh_peer_unref(peer);
	return status;
}

static void survives_every_failure(void **state)
{
	(void)state;
	sweep(read_rules);
	sweep(read_denials);
	sweep(read_tokens);
	sweep(identify);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(survives_every_failure),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
