/* SPDX-License-Identifier: MIT */
/*
 * What a chain costs: which paths names give, how many signatures are computed, and
 * with whose keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pki.h"
#include "tls/signature.h"
#include "tls/verify.h"

/* 2026-01-01 */
static const struct awh_verify_params now = {.now = 1767225600};

static size_t with_presented; /* signatures that were computed with a presented key */

int __real_awh_signature_holds(const struct awh_x509 *cert, const struct awh_x509 *issuer,
			       int *code);
int __wrap_awh_signature_holds(const struct awh_x509 *cert, const struct awh_x509 *issuer,
			       int *code);
struct chain {
	struct pki_chain pki;
	struct awh_x509 certs[AWH_CHAIN_MAX];
};

static const struct chain *presented;

int __wrap_awh_signature_holds(const struct awh_x509 *cert, const struct awh_x509 *issuer,
			       int *code)
{
	for (size_t i = 0; i < presented->pki.n; i++)
		with_presented += issuer == &presented->certs[i];
	return __real_awh_signature_holds(cert, issuer, code);
}

static void chain_load(struct chain *chain, const char *client)
{
	char file[128];

	snprintf(file, sizeof(file), "client/%s.chain.crt", client);
	pki_chain_load(&chain->pki, file);
	for (size_t i = 0; i < chain->pki.n; i++)
		assert_null(awh_x509_parse(&chain->certs[i], chain->pki.spans[i]));
}

static void trust_file(struct awh_trust *trust, const char *name)
{
	char file[64];
	char *pem;
	size_t len;

	snprintf(file, sizeof(file), "ca/%s.crt", name);
	pem = pki_load(file, &len);
	*trust = (struct awh_trust){0};
	assert_int_equal(awh_trust_add(trust, &(struct awh_tls_bundle){0, "test", pem, len, false},
				       now.now, NULL),
			 0);
	free(pem);
}

struct cost {
	const char *ca, *client;
	enum awh_proof proof;
	unsigned int checks;
	size_t with_presented;
	enum awh_chain_limit limit;
};

static void check_costs(const struct cost *costs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct awh_finding finding;
		struct awh_trust trust;
		struct chain chain;

		trust_file(&trust, costs[i].ca);
		chain_load(&chain, costs[i].client);
		presented = &chain;
		with_presented = 0;
		assert_int_equal(awh_verify(&trust, chain.certs, chain.pki.n, &now, &finding), 0);
		if (finding.proof != costs[i].proof || finding.checks != costs[i].checks ||
		    with_presented != costs[i].with_presented || finding.limit != costs[i].limit)
			fail_msg("%s: %s, %u checks, %zu with presented keys, limit \"%s\" (%s)",
				 costs[i].client, awh_proof_name(finding.proof), finding.checks,
				 with_presented, awh_chain_limit_name(finding.limit),
				 finding.reason);
		pki_chain_deinit(&chain.pki);
		awh_trust_deinit(&trust);
	}
}

static void computes_one_signature_a_certificate(void **state)
{
	static const struct cost costs[] = {
	    {"good", "good", AWH_PROOF_VERIFIED, 1, 0, AWH_CHAIN_LIMIT_NONE},
	    {"good", "good-with-another", AWH_PROOF_VERIFIED, 1, 0, AWH_CHAIN_LIMIT_NONE},
	    {"good", "intermediate", AWH_PROOF_VERIFIED, 2, 1, AWH_CHAIN_LIMIT_NONE},
	    {"good", "intermediate-and-root", AWH_PROOF_VERIFIED, 2, 1, AWH_CHAIN_LIMIT_NONE},
	    {"good", "intermediate-twice", AWH_PROOF_VERIFIED, 2, 1, AWH_CHAIN_LIMIT_NONE},
	    {"good", "two-intermediates", AWH_PROOF_VERIFIED, 3, 2, AWH_CHAIN_LIMIT_NONE},
	    {"and-between", "intermediate", AWH_PROOF_VERIFIED, 1, 0, AWH_CHAIN_LIMIT_NONE},
	    {"of-rsa", "by-rsa", AWH_PROOF_VERIFIED, 1, 0, AWH_CHAIN_LIMIT_NONE},
	    {"of-rsa", "by-rsa-pss", AWH_PROOF_VERIFIED, 1, 0, AWH_CHAIN_LIMIT_NONE},
	    {"of-p384", "by-p384", AWH_PROOF_VERIFIED, 1, 0, AWH_CHAIN_LIMIT_NONE},
	    {"of-p521", "by-p521", AWH_PROOF_VERIFIED, 1, 0, AWH_CHAIN_LIMIT_NONE},
	    {"of-ed25519", "by-ed25519", AWH_PROOF_VERIFIED, 1, 0, AWH_CHAIN_LIMIT_NONE},
	};

	(void)state;
	check_costs(costs, sizeof(costs) / sizeof(*costs));
}

/* ca/many.crt: six CAs of one name, two of them with one key. */
static void tries_each_key_of_a_name_once(void **state)
{
	static const struct cost costs[] = {
	    {"renewed", "rogue", AWH_PROOF_UNTRUSTED, 0, 0, AWH_CHAIN_LIMIT_NONE},
	    {"renewed", "self-made-with-issuer-name", AWH_PROOF_UNTRUSTED, 1, 0,
	     AWH_CHAIN_LIMIT_NONE},
	    {"many", "by-the-last-of-many", AWH_PROOF_VERIFIED, 5, 0, AWH_CHAIN_LIMIT_NONE},
	    {"many", "good", AWH_PROOF_VERIFIED, 1, 0, AWH_CHAIN_LIMIT_NONE},
	    {"many", "rollover-new-key", AWH_PROOF_UNTRUSTED, 5, 0, AWH_CHAIN_LIMIT_NONE},
	};

	(void)state;
	check_costs(costs, sizeof(costs) / sizeof(*costs));
}

/* Not one with a presented key. */
static void computes_with_no_key_that_no_trusted_ca_has_signed_for(void **state)
{
	static const struct cost costs[] = {
	    {"good", "rogue-intermediate", AWH_PROOF_UNTRUSTED, 0, 0, AWH_CHAIN_LIMIT_NONE},
	    {"good", "knot", AWH_PROOF_UNTRUSTED, 0, 0, AWH_CHAIN_LIMIT_NONE},
	    {"good", "seven-alike", AWH_PROOF_UNTRUSTED, 0, 0, AWH_CHAIN_LIMIT_NONE},
	    {"good", "seven-and-a-forged-link", AWH_PROOF_UNTRUSTED, 1, 0, AWH_CHAIN_LIMIT_CHECKS},
	    {"good", "intermediate-forged", AWH_PROOF_UNTRUSTED, 1, 0, AWH_CHAIN_LIMIT_NONE},
	    {"good", "self-made-issuer-sent", AWH_PROOF_UNTRUSTED, 2, 0, AWH_CHAIN_LIMIT_NONE},
	    {"good", "ca-clone-as-issuer", AWH_PROOF_UNTRUSTED, 2, 0, AWH_CHAIN_LIMIT_NONE},
	    {"good", "seven-like-ca", AWH_PROOF_UNTRUSTED, 2, 0, AWH_CHAIN_LIMIT_CHECKS},
	    {"good", "three-like-ca", AWH_PROOF_UNTRUSTED, 2, 0, AWH_CHAIN_LIMIT_CHECKS},
	    {"good", "self-made-rsa-4096", AWH_PROOF_UNTRUSTED, 0, 0, AWH_CHAIN_LIMIT_NONE},
	    {"good", "self-made-many-names", AWH_PROOF_UNTRUSTED, 1, 0, AWH_CHAIN_LIMIT_NONE},
	};

	(void)state;
	check_costs(costs, sizeof(costs) / sizeof(*costs));
}

static void refuses_a_signature_with_one_bit_changed(void **state)
{
	static const char *const cases[][2] = {
	    {"good", "good"},       {"of-rsa", "by-rsa"},   {"of-rsa", "by-rsa-pss"},
	    {"of-p384", "by-p384"}, {"of-p521", "by-p521"}, {"of-ed25519", "by-ed25519"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_finding finding;
		struct awh_trust trust;
		struct chain chain;

		trust_file(&trust, cases[i][0]);
		chain_load(&chain, cases[i][1]);
		presented = &chain;
		chain.pki.der[0].data[chain.pki.der[0].len - 1] ^= 1;
		assert_int_equal(awh_verify(&trust, chain.certs, chain.pki.n, &now, &finding), 0);
		assert_int_equal(finding.proof, AWH_PROOF_UNTRUSTED);
		assert_int_equal(finding.checks, 1);
		assert_memory_equal(finding.reason, "signature check failed: ", 24);
		pki_chain_deinit(&chain.pki);
		awh_trust_deinit(&trust);
	}
}

static void finds_paths_by_names(void **state)
{
	static const struct {
		const char *ca, *client;
		size_t n;
		bool is_cut;
	} cases[] = {
	    {"good", "good", 1, false},
	    {"good", "rogue", 0, false},
	    {"good", "intermediate", 1, false},
	    {"good", "intermediate-missing", 0, false},
	    {"good", "intermediate-and-root", 2, false},
	    {"good", "intermediate-twice", 2, false},
	    {"crossed", "intermediate-crossed", 2, false},
	    {"and-between", "intermediate", 2, false},
	    {"many", "good", 6, false},
	    {"good", "seven-alike", 0, false},
	    {"good", "seven-and-a-forged-link", 64, true},
	    {"good", "seven-like-ca", 64, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_paths paths;
		struct awh_trust trust;
		struct chain chain;

		trust_file(&trust, cases[i].ca);
		chain_load(&chain, cases[i].client);
		awh_paths_find(&paths, &trust, chain.certs, chain.pki.n);
		if (paths.n != cases[i].n || paths.is_cut != cases[i].is_cut)
			fail_msg("%s: %zu paths%s", cases[i].client, paths.n,
				 paths.is_cut ? " and more" : "");
		for (size_t j = 0; j < paths.n; j++)
			assert_int_equal(paths.items[j].certs[0], 0);
		pki_chain_deinit(&chain.pki);
		awh_trust_deinit(&trust);
	}
}

static struct awh_der name_of(const char *text)
{
	return (struct awh_der){(const uint8_t *)text, strlen(text)};
}

/* Two intermediates name each other: the way up goes through each of them once. */
static void takes_no_certificate_twice(void **state)
{
	static const struct {
		const char *subject, *issuer;
	} names[] = {{"leaf", "x"}, {"x", "y"}, {"y", "x"}, {"p", "q"}, {"q", "p"}, {"r", "y"}};
	struct awh_anchor anchor = {.cert = {.subject = name_of("y")}};
	const struct awh_trust trust = {.anchors = &anchor, .n = 1};
	struct awh_x509 chain[sizeof(names) / sizeof(*names)] = {0};
	struct awh_paths paths;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		chain[i].subject = name_of(names[i].subject);
		chain[i].issuer = name_of(names[i].issuer);
	}
	awh_paths_find(&paths, &trust, chain, sizeof(names) / sizeof(*names));
	assert_int_equal(paths.n, 1);
	assert_int_equal(paths.items[0].n, 2);
	assert_memory_equal(paths.items[0].certs, ((uint8_t[]){0, 1}), 2);
	assert_false(paths.is_cut);
}

static void says_when_there_are_more_paths_than_it_takes(void **state)
{
	static struct awh_anchor anchors[AWH_CHAIN_PATHS + 1];
	struct awh_trust trust = {.anchors = anchors};
	struct awh_paths paths;
	struct chain chain;

	(void)state;
	chain_load(&chain, "good");
	for (size_t i = 0; i <= AWH_CHAIN_PATHS; i++)
		anchors[i].cert.subject = chain.certs[0].issuer;
	for (trust.n = AWH_CHAIN_PATHS - 1; trust.n <= AWH_CHAIN_PATHS + 1; trust.n++) {
		awh_paths_find(&paths, &trust, chain.certs, 1);
		assert_int_equal(paths.n, trust.n > AWH_CHAIN_PATHS ? AWH_CHAIN_PATHS : trust.n);
		assert_int_equal(paths.is_cut, trust.n > AWH_CHAIN_PATHS);
		for (size_t i = 0; i < paths.n; i++)
			assert_ptr_equal(paths.items[i].anchor, &anchors[i]);
	}
	pki_chain_deinit(&chain.pki);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(computes_one_signature_a_certificate),
	    cmocka_unit_test(tries_each_key_of_a_name_once),
	    cmocka_unit_test(computes_with_no_key_that_no_trusted_ca_has_signed_for),
	    cmocka_unit_test(refuses_a_signature_with_one_bit_changed),
	    cmocka_unit_test(finds_paths_by_names),
	    cmocka_unit_test(takes_no_certificate_twice),
	    cmocka_unit_test(says_when_there_are_more_paths_than_it_takes),
	};

	return cmocka_run_group_tests_name("path", tests, start_wolfssl, NULL);
}
