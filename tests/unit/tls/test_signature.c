/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pki.h"
#include "tls/signature.h"

#include <wolfssl/wolfcrypt/asn.h>

static int forced; /* wolfSSL's code; 0: what it computes */
static int calls;

int __real_wc_CheckCertSigPubKey(const byte *cert, word32 len, void *heap, const byte *key,
				 word32 key_len, int kind);
int __wrap_wc_CheckCertSigPubKey(const byte *cert, word32 len, void *heap, const byte *key,
				 word32 key_len, int kind);

int __wrap_wc_CheckCertSigPubKey(const byte *cert, word32 len, void *heap, const byte *key,
				 word32 key_len, int kind)
{
	calls++;
	return forced ? forced : __real_wc_CheckCertSigPubKey(cert, len, heap, key, key_len, kind);
}

static const char *const kinds[] = {"rsa", "p384", "p521", "ed25519"};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

/* A CA of each kind of key, and a certificate that it has signed. */
struct pairs {
	struct pki_chain files[KINDS][2];
	struct awh_x509 ca[KINDS], cert[KINDS];
};

static void load(struct pki_chain *chain, struct awh_x509 *cert, const char *prefix,
		 const char *kind)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-%s.crt", prefix, kind);
	pki_chain_load(chain, name);
	assert_null(awh_x509_parse(cert, chain->spans[0]));
}

static int set_up(void **state)
{
	static struct pairs pairs;

	for (size_t i = 0; i < KINDS; i++) {
		load(&pairs.files[i][0], &pairs.ca[i], "ca/of", kinds[i]);
		load(&pairs.files[i][1], &pairs.cert[i], "client/by", kinds[i]);
	}
	forced = 0;
	calls = 0;
	*state = &pairs;
	return 0;
}

static int tear_down(void **state)
{
	struct pairs *pairs = *state;

	for (size_t i = 0; i < KINDS; i++) {
		pki_chain_deinit(&pairs->files[i][0]);
		pki_chain_deinit(&pairs->files[i][1]);
	}
	return 0;
}

static void holds_under_its_own_ca_alone(void **state)
{
	const struct pairs *pairs = *state;

	for (size_t i = 0; i < KINDS; i++)
		for (size_t j = 0; j < KINDS; j++) {
			int code = 1;

			assert_int_equal(awh_signature_holds(&pairs->cert[i], &pairs->ca[j], &code),
					 i == j);
			assert_int_equal(code == 0, i == j);
		}
}

/* CVE-2026-5194: wolfSSL is not asked about a kind that the key cannot make. */
static void computes_nothing_where_the_kinds_differ(void **state)
{
	static const enum awh_signature others[] = {AWH_SIGNATURE_RSA, AWH_SIGNATURE_ECDSA,
						    AWH_SIGNATURE_ED25519, AWH_SIGNATURE_WEAK,
						    AWH_SIGNATURE_UNKNOWN};
	const struct pairs *pairs = *state;

	for (size_t i = 0; i < KINDS; i++)
		for (size_t j = 0; j < sizeof(others) / sizeof(*others); j++) {
			struct awh_x509 cert = pairs->cert[i];
			int code = 0;

			if (cert.signature == others[j])
				continue;
			cert.signature = others[j];
			assert_false(awh_signature_kind_agrees(&cert, &pairs->ca[i]));
			assert_int_equal(awh_signature_holds(&cert, &pairs->ca[i], &code), 0);
			assert_int_equal(code, ASN_SIG_OID_E);
		}
	assert_int_equal(calls, 0);
}

static void takes_no_key_of_an_unknown_kind(void **state)
{
	const struct pairs *pairs = *state;
	struct awh_x509 ca = pairs->ca[0];
	int code;

	ca.key = AWH_KEY_UNKNOWN;
	for (size_t i = 0; i < KINDS; i++)
		assert_int_equal(awh_signature_holds(&pairs->cert[i], &ca, &code), 0);
	assert_int_equal(calls, 0);
}

/* It is no proof of a forged signature, and must not be reported as one. */
static void tells_a_lack_of_memory_from_a_forgery(void **state)
{
	const struct pairs *pairs = *state;

	for (size_t i = 0; i < KINDS; i++) {
		int code;

		forced = MEMORY_E;
		assert_int_equal(awh_signature_holds(&pairs->cert[i], &pairs->ca[i], &code),
				 ADMWH_E_NOMEM);
		forced = ASN_SIG_CONFIRM_E;
		assert_int_equal(awh_signature_holds(&pairs->cert[i], &pairs->ca[i], &code), 0);
		assert_int_equal(code, ASN_SIG_CONFIRM_E);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(holds_under_its_own_ca_alone, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(computes_nothing_where_the_kinds_differ, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(takes_no_key_of_an_unknown_kind, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(tells_a_lack_of_memory_from_a_forgery, set_up,
					    tear_down),
	};

	return cmocka_run_group_tests_name("signature", tests, start_wolfssl, NULL);
}
