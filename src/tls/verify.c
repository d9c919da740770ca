/* SPDX-License-Identifier: MIT */
#include "tls/verify.h"

#include <stdarg.h>
#include <stdio.h>

#include "tls/requirements.h"

/* One verification in progress. */
struct search {
	const struct awh_trust *trust;
	const struct awh_x509 *chain;
	size_t n;
	int64_t now;
	bool used[AWH_CHAIN_MAX];
	unsigned int checks; /* signatures computed */
	struct awh_finding *finding;
	int err; /* ADMWH_E_NOMEM */
};

/* Keep the first reason, which is closer to the cause than "no trusted CA". */
static bool refuse(struct search *search, enum awh_proof proof, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool refuse(struct search *search, enum awh_proof proof, const char *format, ...)
{
	struct awh_finding *finding = search->finding;
	va_list args;

	if (finding->reason[0] != '\0')
		return false;
	finding->proof = proof;
	va_start(args, format);
	vsnprintf(finding->reason, sizeof(finding->reason), format, args);
	va_end(args);
	return false;
}

static bool dates_hold(struct search *search, const struct awh_x509 *cert, const char *what)
{
	if (search->now > cert->not_after)
		return refuse(search, AWH_PROOF_EXPIRED, "%s has expired", what);
	if (search->now < cert->not_before)
		return refuse(search, AWH_PROOF_EXPIRED, "%s is not valid yet", what);
	return true;
}

static bool leaf_is_named_like_ca(const struct search *search)
{
	for (size_t i = 0; i < search->trust->n; i++)
		if (awh_der_equal(search->trust->anchors[i].cert.subject, search->chain[0].subject))
			return true;
	return false;
}

static bool leaf_is_fit(struct search *search)
{
	const struct awh_x509 *leaf = &search->chain[0];
	const char *problem = awh_x509_extension_problem(leaf);

	if (!problem)
		problem = awh_x509_critical_problem(leaf);
	if (!problem)
		problem = awh_x509_key_problem(leaf);
	if (problem)
		return refuse(search, AWH_PROOF_UNFIT, "client certificate %s", problem);
	if (leaf->is_ca)
		return refuse(search, AWH_PROOF_USAGE, "client certificate is a CA certificate");
	if (leaf_is_named_like_ca(search))
		return refuse(search, AWH_PROOF_UNTRUSTED,
			      "client certificate is named like a trusted CA");
	if (leaf->has_extended_usage && !leaf->for_client)
		return refuse(search, AWH_PROOF_USAGE,
			      "client certificate is not for client authentication (extKeyUsage)");
	if (leaf->has_key_usage && !(leaf->key_usage & AWH_USAGE_DIGITAL_SIGNATURE))
		return refuse(search, AWH_PROOF_USAGE,
			      "client certificate may not sign (keyUsage)");
	return dates_hold(search, leaf, "client certificate");
}

static bool signature_is_strong(struct search *search, const struct awh_x509 *cert)
{
	if (cert->signature < AWH_SIGNATURE_WEAK)
		return true;
	return refuse(search, AWH_PROOF_UNFIT, "a certificate of the chain is signed with %s",
		      cert->signature == AWH_SIGNATURE_WEAK ? "a weak algorithm"
							    : "an unknown algorithm");
}

/*
 * Does the certificate name a kind of signature that the issuer's key can make? wolfSSL did not
 * look (CVE-2026-5194): where the named kind has no digest, anyone can sign for any ECDSA key.
 */
static bool kinds_agree(enum awh_signature signature, enum awh_key key)
{
	switch (key) {
	case AWH_KEY_RSA:
		return signature == AWH_SIGNATURE_RSA;
	case AWH_KEY_P256:
	case AWH_KEY_P384:
	case AWH_KEY_P521:
		return signature == AWH_SIGNATURE_ECDSA;
	case AWH_KEY_ED25519:
		return signature == AWH_SIGNATURE_ED25519;
	case AWH_KEY_UNKNOWN:
		break;
	}
	return false;
}

static bool is_signed_by(struct search *search, WOLFSSL_CERT_MANAGER *manager,
			 const struct awh_x509 *ca, const struct awh_x509 *cert)
{
	char text[WOLFSSL_MAX_ERROR_SZ];
	int code;

	if (!kinds_agree(cert->signature, ca->key))
		return refuse(search, AWH_PROOF_UNTRUSTED,
			      "a signature is not of the kind of its issuer's key");
	if (search->checks == AWH_CHAIN_CHECKS)
		return refuse(search, AWH_PROOF_UNTRUSTED, "too many ways to build the chain");
	search->checks++;
	code = wolfSSL_CertManagerVerifyBuffer(manager, cert->der.data, (long)cert->der.len,
					       WOLFSSL_FILETYPE_ASN1);
	if (code == WOLFSSL_SUCCESS)
		return true;
	wolfSSL_ERR_clear_error();
	if (code == MEMORY_E || code == MEMORY_ERROR)
		search->err = ADMWH_E_NOMEM;
	return refuse(search, AWH_PROOF_UNTRUSTED, "signature check failed: %s",
		      awh_wolfssl_text(code, text));
}

/* Certificates below an issuer that count against its pathLenConstraint, RFC 5280 section 6.1.4. */
static bool length_allowed(const struct awh_x509 *issuer, int below)
{
	return issuer->path_length < 0 || below <= issuer->path_length;
}

static bool is_issued_by_anchor(struct search *search, const struct awh_anchor *anchor,
				const struct awh_x509 *cert, int below)
{
	if (!awh_der_equal(anchor->cert.subject, cert->issuer))
		return false;
	if (!dates_hold(search, &anchor->cert, "the CA that issued the chain"))
		return false;
	if (!anchor->manager)
		return refuse(search, AWH_PROOF_UNFIT, "the CA that issued the chain %s",
			      anchor->cert.has_unknown_critical
				  ? anchor->unusable
				  : "was out of its dates when it was loaded");
	if (!length_allowed(&anchor->cert, below))
		return refuse(search, AWH_PROOF_UNTRUSTED,
			      "the chain is longer than its CA allows");
	return is_signed_by(search, anchor->manager, &anchor->cert, cert);
}

static bool is_issued_by_intermediate(struct search *search, const struct awh_x509 *ca,
				      const struct awh_x509 *cert, int below)
{
	const char *problem = awh_x509_extension_problem(ca);
	WOLFSSL_CERT_MANAGER *manager;
	bool issued;
	int err;

	if (!problem)
		problem = awh_x509_critical_problem(ca);
	if (!problem)
		problem = awh_x509_key_problem(ca);
	if (problem)
		return refuse(search, AWH_PROOF_UNFIT, "an intermediate %s", problem);
	problem = awh_x509_issuer_problem(ca);
	if (problem)
		return refuse(search, AWH_PROOF_UNTRUSTED, "an intermediate %s", problem);
	if (!dates_hold(search, ca, "an intermediate") || !signature_is_strong(search, ca))
		return false;
	if (!length_allowed(ca, below))
		return refuse(search, AWH_PROOF_UNTRUSTED,
			      "the chain is longer than an intermediate allows");
	err = awh_manager_new(ca, &manager);
	if (err == ADMWH_E_NOMEM)
		search->err = err;
	if (err < 0)
		return refuse(search, AWH_PROOF_UNTRUSTED,
			      "an intermediate is not accepted by the TLS library");
	issued = is_signed_by(search, manager, ca, cert);
	wolfSSL_CertManagerFree(manager);
	return issued;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * Is there a path from this certificate up to a trusted CA? Depth is bounded by the presented
 * certificates, work by AWH_CHAIN_CHECKS.
 *
 * below: intermediates under the issuer that is looked for, not counting self-issued ones
 */
static bool find_path(struct search *search, const struct awh_x509 *cert, int below)
{
	for (size_t i = 0; i < search->trust->n; i++)
		if (is_issued_by_anchor(search, &search->trust->anchors[i], cert, below)) {
			search->finding->proof = AWH_PROOF_VERIFIED;
			search->finding->valid_until =
			    earlier(search->trust->anchors[i].cert.not_after, cert->not_after);
			search->finding->bundle = search->trust->anchors[i].bundle;
			search->finding->anchor = &search->trust->anchors[i];
			search->finding->reason[0] = '\0';
			return true;
		}
	for (size_t i = 1; i < search->n && search->err == 0; i++) {
		const struct awh_x509 *ca = &search->chain[i];
		bool found;

		if (search->used[i] || !awh_der_equal(ca->subject, cert->issuer) ||
		    !is_issued_by_intermediate(search, ca, cert, below))
			continue;
		search->used[i] = true;
		found = find_path(search, ca, below + !awh_x509_self_issued(ca));
		search->used[i] = false;
		if (found) {
			search->finding->valid_until =
			    earlier(search->finding->valid_until, cert->not_after);
			search->finding->path[search->finding->n_path++] = ca;
			return true;
		}
	}
	return false;
}

int awh_verify(const struct awh_trust *trust, const struct awh_x509 *chain, size_t n, int64_t now,
	       struct awh_finding *finding)
{
	struct search search = {
	    .trust = trust, .chain = chain, .n = n, .now = now, .finding = finding};

	*finding = (struct awh_finding){.proof = AWH_PROOF_UNTRUSTED};
	if (!leaf_is_fit(&search) || !signature_is_strong(&search, chain) ||
	    find_path(&search, chain, 0))
		return search.err;
	refuse(&search, AWH_PROOF_UNTRUSTED, "no trusted CA issued the certificate");
	return search.err;
}
