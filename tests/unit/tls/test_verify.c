/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pki.h"
#include "tls/verify.h"

static unsigned int digests, failing_digest; /* so far; the one that fails, 0 for none */

int __real_wc_Sha256Hash(const byte *data, word32 len, byte *digest);
int __wrap_wc_Sha256Hash(const byte *data, word32 len, byte *digest);

int __wrap_wc_Sha256Hash(const byte *data, word32 len, byte *digest)
{
	return ++digests == failing_digest ? BAD_FUNC_ARG : __real_wc_Sha256Hash(data, len, digest);
}

/* 2026-01-01 */
static const int64_t now = 1767225600;

static int add(struct awh_trust *trust, size_t bundle, const char *file, struct awh_error *error)
{
	size_t len;
	char *pem = pki_load(file, &len);
	int err = awh_trust_add(trust, &(struct awh_tls_bundle){bundle, "test", pem, len, false},
				now, error);

	free(pem);
	return err;
}

static int verify_file(const struct awh_trust *trust, const char *file, int64_t when,
		       struct awh_finding *verdict)
{
	struct awh_x509 certs[AWH_CHAIN_MAX];
	struct pki_chain chain;
	const char *problem = NULL;
	int err = 0;

	pki_chain_load(&chain, file);
	for (size_t i = 0; i < chain.n && !problem; i++)
		problem = awh_x509_parse(&certs[i], chain.spans[i]);
	if (problem)
		*verdict = (struct awh_finding){.proof = AWH_PROOF_UNFIT, .reason = "unreadable"};
	else
		err = awh_verify(trust, certs, chain.n, &(struct awh_verify_params){.now = when},
				 verdict);
	pki_chain_deinit(&chain);
	return err;
}

static const char *const bundles[] = {"default", "scanner"};

static void trust_bundles(struct awh_trust *trust)
{
	struct awh_error error = {0};

	assert_int_equal(add(trust, 0, "ca/good.crt", &error), 0);
	assert_int_equal(add(trust, 1, "ca/scanner.crt", &error), 0);
}

static void gives_the_right_verdict_on_every_client(void **state)
{
	struct awh_trust trust = {0};
	json_t *index = pki_index();
	json_t *entry;
	size_t i;

	(void)state;
	trust_bundles(&trust);
	json_array_foreach(json_object_get(index, "clients"), i, entry) {
		const char *name = pki_text(entry, "case");
		struct awh_finding verdict;

		assert_int_equal(verify_file(&trust, pki_text(entry, "chain"), now, &verdict), 0);
		if (strcmp(awh_proof_name(verdict.proof), pki_text(entry, "proof")) != 0)
			fail_msg("%s: %s (%s)", name, awh_proof_name(verdict.proof),
				 verdict.reason);
		assert_int_equal(verdict.proof == AWH_PROOF_VERIFIED, verdict.reason[0] == '\0');
		if (verdict.proof == AWH_PROOF_VERIFIED)
			assert_string_equal(bundles[verdict.bundle], pki_text(entry, "bundle"));
	}
	json_decref(index);
	awh_trust_deinit(&trust);
}

/* Of three certificates: theirs, and that of the path, which is made again when it is taken. */
static void knows_no_path_without_its_digest(void **state)
{
	enum { DIGESTS = 5 };
	struct awh_path_cache *cache = awh_path_cache_new();
	const struct awh_verify_params params = {.now = now, .cache = cache, .context = 1};
	struct awh_trust trust = {0};
	struct awh_x509 certs[AWH_CHAIN_MAX];
	struct pki_chain chain;

	(void)state;
	trust_bundles(&trust);
	pki_chain_load(&chain, "client/two-intermediates.chain.crt");
	assert_int_equal(chain.n, 3);
	for (size_t i = 0; i < chain.n; i++)
		assert_null(awh_x509_parse(&certs[i], chain.spans[i]));
	for (unsigned int nth = 0; nth <= DIGESTS; nth++) {
		struct awh_finding finding;

		digests = 0;
		failing_digest = nth;
		assert_int_equal(awh_verify(&trust, certs, chain.n, &params, &finding),
				 nth > 0 ? ADMWH_E_TLS : 0);
		failing_digest = 0;
		if (nth == 0) {
			assert_int_equal(finding.proof, AWH_PROOF_VERIFIED);
			assert_int_equal(digests, DIGESTS);
		}
	}
	pki_chain_deinit(&chain);
	awh_path_cache_free(cache);
	awh_trust_deinit(&trust);
}

/* What it is known by, as a CA and in a deny list. */
static void trusts_no_ca_without_its_digests(void **state)
{
	static const struct {
		unsigned int nth;
		int err;
	} cases[] = {{1, ADMWH_E_CLIENT_CA}, {2, ADMWH_E_NOMEM}, {3, ADMWH_E_NOMEM}, {4, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_trust trust = {0};
		struct awh_error error = {0};
		int err;

		digests = 0;
		failing_digest = cases[i].nth;
		err = add(&trust, 0, "ca/good.crt", &error);
		failing_digest = 0;
		assert_int_equal(err, cases[i].err);
		assert_int_equal(trust.n, err == 0);
		if (err == ADMWH_E_CLIENT_CA)
			assert_string_equal(
			    error.text, "test: certificate 1 is not accepted by the TLS library");
		awh_trust_deinit(&trust);
	}
}

static void says_why(void **state)
{
	static const char *const cases[][2] = {
	    {"client/expired.crt", "client certificate has expired"},
	    {"client/not-yet-valid.crt", "client certificate is not valid yet"},
	    {"client/rogue.crt", "no trusted CA issued the certificate"},
	    {"client/ca-clone.crt", "client certificate is a CA certificate"},
	    {"client/ca-clone-as-leaf.crt", "client certificate is named like a trusted CA"},
	    {"client/sha1.crt", "a certificate of the chain is signed with a weak algorithm"},
	    {"client/name-constraints-intermediate.chain.crt",
	     "an intermediate has name constraints, which are not supported"},
	    {"client/signature-without-digest.crt",
	     "a signature is not of the kind of its issuer's key"},
	    {"client/path-length-exceeded.chain.crt",
	     "the chain is longer than an intermediate allows"},
	    {"client/intermediate-not-a-ca.chain.crt",
	     "an intermediate is not a CA certificate (basicConstraints)"},
	};
	struct awh_trust trust = {0};

	(void)state;
	trust_bundles(&trust);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_finding verdict;

		assert_int_equal(verify_file(&trust, cases[i][0], now, &verdict), 0);
		assert_string_equal(verdict.reason, cases[i][1]);
	}
	awh_trust_deinit(&trust);
}

static void gives_the_path_it_has_verified(void **state)
{
	static const struct {
		const char *file;
		bool trusted;
		size_t n, places[2]; /* of the intermediates, in the chain as it was sent */
	} cases[] = {
	    {"client/good.chain.crt", true, 0, {0}},
	    {"client/good-with-another.chain.crt", true, 0, {0}},
	    {"client/intermediate.chain.crt", true, 1, {1}},
	    {"client/intermediate-and-root.chain.crt", true, 1, {1}},
	    {"client/two-intermediates.chain.crt", true, 2, {2, 1}},
	    {"client/rogue-intermediate.chain.crt", false, 0, {0}},
	    {"client/knot.chain.crt", false, 0, {0}},
	};
	struct awh_trust trust = {0};

	(void)state;
	trust_bundles(&trust);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_x509 certs[AWH_CHAIN_MAX];
		struct awh_finding finding;
		struct pki_chain chain;

		pki_chain_load(&chain, cases[i].file);
		for (size_t j = 0; j < chain.n; j++)
			assert_null(awh_x509_parse(&certs[j], chain.spans[j]));
		assert_int_equal(awh_verify(&trust, certs, chain.n,
					    &(struct awh_verify_params){.now = now}, &finding),
				 0);
		assert_int_equal(finding.n_issuers, cases[i].trusted ? cases[i].n + 1 : 0);
		for (size_t j = 1; j < finding.n_issuers; j++)
			assert_ptr_equal(finding.issuers[j], &certs[cases[i].places[j - 1]]);
		if (cases[i].trusted)
			assert_ptr_equal(finding.issuers[0], &trust.anchors[0].cert);
		pki_chain_deinit(&chain);
	}
	awh_trust_deinit(&trust);
}

static void trusts_two_cas_of_one_name_while_they_roll_over(void **state)
{
	static const char *const files[] = {"client/good.crt", "client/rollover-new-key.crt",
					    "client/no-authority-key-id.crt"};
	struct awh_trust trust = {0};
	struct awh_error error = {0};
	struct awh_finding verdict;

	(void)state;
	assert_int_equal(add(&trust, 0, "ca/rollover.crt", &error), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(verify_file(&trust, files[i], now, &verdict), 0);
		assert_int_equal(verdict.proof, AWH_PROOF_VERIFIED);
		assert_string_equal(verdict.reason, "");
	}
	awh_trust_deinit(&trust);
}

static void trusts_no_chain_once_its_ca_has_expired(void **state)
{
	struct awh_trust trust = {0};
	struct awh_error error = {0};
	struct awh_finding verdict;

	(void)state;
	assert_int_equal(add(&trust, 0, "ca/until-2040.crt", &error), 0);
	assert_int_equal(verify_file(&trust, "client/good.crt", 2300000000, &verdict), 0);
	assert_int_equal(verdict.proof, AWH_PROOF_EXPIRED);
	assert_string_equal(verdict.reason, "the CA that issued the chain has expired");
	assert_int_equal(verify_file(&trust, "client/good.crt", 2208988800, &verdict), 0);
	assert_int_equal(verdict.proof, AWH_PROOF_VERIFIED);
	assert_int_equal(verify_file(&trust, "client/good.crt", 2208988801, &verdict), 0);
	assert_int_equal(verdict.proof, AWH_PROOF_EXPIRED);
	awh_trust_deinit(&trust);
}

/* A file that was good once and has expired since is no mistake, and nothing it issued is trusted.
 */
static void takes_a_ca_that_has_expired_since_it_was_good(void **state)
{
	struct awh_trust trust = {0};
	struct awh_finding verdict;
	size_t len;
	char *pem = pki_load("ca/expired.crt", &len);
	/* Allocated, so that a sanitizer sees a read behind it. */
	struct awh_tls_bundle *bundle = malloc(sizeof(*bundle));

	(void)state;
	assert_non_null(bundle);
	*bundle = (struct awh_tls_bundle){.name = "old", .pem = pem, .pem_len = len};
	assert_int_equal(awh_trust_add(&trust, bundle, now, NULL), 0);
	assert_int_equal(awh_trust_check(&trust, bundle, 1, NULL), ADMWH_E_CLIENT_CA);
	bundle->was_good = true;
	assert_int_equal(awh_trust_check(&trust, bundle, 1, NULL), 0);
	free(bundle);
	free(pem);
	assert_int_equal(trust.n, 1);
	assert_non_null(trust.anchors[0].unusable);
	assert_int_equal(verify_file(&trust, "client/good.crt", now, &verdict), 0);
	assert_int_equal(verdict.proof, AWH_PROOF_EXPIRED);
	/* Nor when the clock goes back: it was not loaded as a CA. */
	assert_int_equal(verify_file(&trust, "client/good.crt", 1609459200, &verdict), 0);
	assert_int_equal(verdict.proof, AWH_PROOF_UNFIT);
	awh_trust_deinit(&trust);
}

static void holds_dates_to_the_second(void **state)
{
	static const struct {
		int64_t when;
		enum awh_proof proof;
	} cases[] = {
	    {1577836799, AWH_PROOF_EXPIRED},
	    {2524608000, AWH_PROOF_EXPIRED},
	};
	struct awh_trust trust = {0};
	struct awh_finding verdict;

	(void)state;
	trust_bundles(&trust);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		verify_file(&trust, "client/good.crt", cases[i].when, &verdict);
		assert_int_equal(verdict.proof, cases[i].proof);
	}
	verify_file(&trust, "client/good.crt", 1577836800, &verdict);
	assert_int_equal(verdict.proof, AWH_PROOF_VERIFIED);
	verify_file(&trust, "client/good.crt", 2524607999, &verdict);
	assert_int_equal(verdict.proof, AWH_PROOF_VERIFIED);
	awh_trust_deinit(&trust);
}

/* pathLenConstraint of a CA that a bundle has: RFC 5280 section 6.1.4 (m). */
static void refuses_a_chain_longer_than_its_ca_allows(void **state)
{
	struct awh_trust trust = {0};
	struct awh_error error = {0};
	struct awh_finding verdict;
	struct pki_chain chain;
	struct awh_buf pem;

	(void)state;
	pki_chain_load(&chain, "client/path-length-exceeded.chain.crt");
	assert_int_equal(chain.n, 3);
	awh_buf_init(&pem, 1 << 16);
	awh_pem_put_certificate(&pem, chain.spans[2].data, chain.spans[2].len);
	assert_int_equal(awh_trust_add(&trust,
				       &(struct awh_tls_bundle){
					   .name = "test", .pem = pem.data, .pem_len = pem.len},
				       now, &error),
			 0);
	assert_int_equal(
	    verify_file(&trust, "client/path-length-exceeded.chain.crt", now, &verdict), 0);
	assert_int_equal(verdict.proof, AWH_PROOF_UNTRUSTED);
	assert_string_equal(verdict.reason, "the chain is longer than its CA allows");
	assert_int_equal(verify_file(&trust, "client/path-length-kept.chain.crt", now, &verdict),
			 0);
	assert_int_equal(verdict.proof, AWH_PROOF_VERIFIED);
	awh_buf_deinit(&pem);
	pki_chain_deinit(&chain);
	awh_trust_deinit(&trust);
}

/* pathLenConstraint of a trusted CA; the intermediate's own has no say in these. */
static void holds_chains_to_the_length_that_their_ca_allows(void **state)
{
	static const struct {
		const char *file;
		int path_length;
		bool is_good;
	} cases[] = {
	    {"client/good.chain.crt", 0, true},
	    {"client/intermediate.chain.crt", -1, true},
	    {"client/intermediate.chain.crt", 1, true},
	    {"client/intermediate.chain.crt", 0, false},
	    {"client/two-intermediates.chain.crt", 2, true},
	    {"client/two-intermediates.chain.crt", 1, false},
	};
	struct awh_trust trust = {0};

	(void)state;
	trust_bundles(&trust);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_finding verdict;

		trust.anchors[0].cert.path_length = cases[i].path_length;
		assert_int_equal(verify_file(&trust, cases[i].file, now, &verdict), 0);
		assert_int_equal(verdict.proof,
				 cases[i].is_good ? AWH_PROOF_VERIFIED : AWH_PROOF_UNTRUSTED);
		assert_string_equal(verdict.reason, cases[i].is_good
							? ""
							: "the chain is longer than its CA allows");
	}
	awh_trust_deinit(&trust);
}

/* A client's certificate and the intermediate that has signed it. */
static void load_two(struct pki_chain *chain, struct awh_x509 certs[2])
{
	pki_chain_load(chain, "client/intermediate.chain.crt");
	for (size_t i = 0; i < 2; i++)
		assert_null(awh_x509_parse(&certs[i], chain->spans[i]));
}

static int deny_fails(const struct awh_x509 *cert, size_t bundle, const struct awh_value **value,
		      void *userdata)
{
	(void)cert;
	(void)bundle;
	(void)value;
	(void)userdata;
	return ADMWH_E_NOMEM;
}

static void verifies_nothing_when_memory_runs_out_for_a_deny_list(void **state)
{
	const struct awh_verify_params params = {.now = now, .deny = deny_fails};
	struct awh_x509 certs[2];
	struct awh_trust trust = {0};
	struct awh_finding finding;
	struct pki_chain chain;

	(void)state;
	trust_bundles(&trust);
	load_two(&chain, certs);
	assert_int_equal(awh_verify(&trust, certs, 2, &params, &finding), ADMWH_E_NOMEM);
	assert_int_equal(finding.proof, AWH_PROOF_UNTRUSTED);
	assert_int_equal(finding.checks, 0);
	pki_chain_deinit(&chain);
	awh_trust_deinit(&trust);
}

/* Each certificate of a path is held against its own issuer, and none against another's. */
static void compares_each_signature_with_the_key_of_its_issuer(void **state)
{
	const struct awh_verify_params params = {.now = now};
	struct awh_x509 certs[2];
	struct awh_trust trust = {0};
	struct awh_finding finding;
	struct pki_chain chain;

	(void)state;
	trust_bundles(&trust);
	load_two(&chain, certs);
	assert_int_equal(certs[0].signature, AWH_SIGNATURE_ECDSA);
	certs[1].signature = AWH_SIGNATURE_RSA;
	trust.anchors[0].cert.key = AWH_KEY_RSA;
	assert_int_equal(awh_verify(&trust, certs, 2, &params, &finding), 0);
	assert_int_equal(finding.proof, AWH_PROOF_UNTRUSTED);
	assert_memory_equal(finding.reason, "signature check failed: ", 24);
	pki_chain_deinit(&chain);
	awh_trust_deinit(&trust);
}

static void refuses_everyone_without_a_ca(void **state)
{
	struct awh_trust trust = {0};
	struct awh_finding verdict;

	(void)state;
	assert_int_equal(verify_file(&trust, "client/good.crt", now, &verdict), 0);
	assert_int_equal(verdict.proof, AWH_PROOF_UNTRUSTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_the_right_verdict_on_every_client),
	    cmocka_unit_test(says_why),
	    cmocka_unit_test(knows_no_path_without_its_digest),
	    cmocka_unit_test(trusts_no_ca_without_its_digests),
	    cmocka_unit_test(gives_the_path_it_has_verified),
	    cmocka_unit_test(trusts_two_cas_of_one_name_while_they_roll_over),
	    cmocka_unit_test(trusts_no_chain_once_its_ca_has_expired),
	    cmocka_unit_test(takes_a_ca_that_has_expired_since_it_was_good),
	    cmocka_unit_test(holds_dates_to_the_second),
	    cmocka_unit_test(refuses_a_chain_longer_than_its_ca_allows),
	    cmocka_unit_test(holds_chains_to_the_length_that_their_ca_allows),
	    cmocka_unit_test(verifies_nothing_when_memory_runs_out_for_a_deny_list),
	    cmocka_unit_test(compares_each_signature_with_the_key_of_its_issuer),
	    cmocka_unit_test(refuses_everyone_without_a_ca),
	};

	return cmocka_run_group_tests_name("verify", tests, start_wolfssl, NULL);
}
