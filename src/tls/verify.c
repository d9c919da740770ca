/* SPDX-License-Identifier: MIT */
#include "tls/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tls/pem.h"

/* A manager that trusts this one certificate as a CA and nothing else. */
static int new_manager(const struct awh_x509 *ca, WOLFSSL_CERT_MANAGER **manager)
{
	int status;

	*manager = wolfSSL_CertManagerNew();
	if (!*manager)
		return ADMWH_E_NOMEM;
	status = awh_manager_add(*manager, ca);
	if (status < 0) {
		wolfSSL_CertManagerFree(*manager);
		*manager = NULL;
	}
	return status;
}

/* What rules out a key, wherever in a chain; NULL: nothing. */
static const char *key_problem(const struct awh_x509 *cert)
{
	if (cert->key == AWH_KEY_UNKNOWN)
		return "has a key of an unknown kind";
	if (cert->key == AWH_KEY_RSA && cert->rsa_bits < AWH_RSA_BITS_MIN)
		return "has an RSA key below 2048 bits";
	return NULL;
}

/* What rules out an extension, wherever in a chain. */
static const char *extension_problem(const struct awh_x509 *cert)
{
	if (cert->version != 3)
		return "is not an X.509 version 3 certificate";
	if (cert->has_name_constraints)
		return "has name constraints, which are not supported";
	return NULL;
}

static const char *critical_problem(const struct awh_x509 *cert)
{
	return cert->has_unknown_critical ? "has an unknown critical extension" : NULL;
}

/* What keeps a certificate from being an issuer. */
static const char *issuer_problem(const struct awh_x509 *cert)
{
	if (!cert->has_basic_constraints || !cert->is_ca)
		return "is not a CA certificate (basicConstraints)";
	if (cert->has_key_usage && !(cert->key_usage & AWH_USAGE_KEY_CERT_SIGN))
		return "may not sign certificates (keyUsage)";
	return NULL;
}

static const char *anchor_problem(const struct awh_x509 *cert, bool was_good, int64_t now)
{
	const char *problem = extension_problem(cert);

	if (!problem)
		problem = issuer_problem(cert);
	if (!problem)
		problem = key_problem(cert);
	if (!problem && now > cert->not_after && !was_good)
		problem = "has expired";
	if (!problem && now < cert->not_before)
		problem = "is not valid yet";
	return problem;
}

/* Another bundle's CA with this name and key: which bundle vouches would be a matter of order. */
static const struct awh_anchor *find_rival(const struct awh_trust *trust,
					   const struct awh_anchor *anchor)
{
	for (size_t i = 0; i < trust->n; i++)
		if (trust->anchors[i].bundle != anchor->bundle &&
		    awh_der_equal(trust->anchors[i].cert.subject, anchor->cert.subject) &&
		    awh_der_equal(trust->anchors[i].cert.key_info, anchor->cert.key_info))
			return &trust->anchors[i];
	return NULL;
}

static bool has_twin(const struct awh_trust *trust, const struct awh_anchor *anchor)
{
	for (size_t i = 0; i < trust->n; i++)
		if (awh_der_equal(trust->anchors[i].cert.der, anchor->cert.der))
			return true;
	return false;
}

static void anchor_deinit(struct awh_anchor *anchor)
{
	if (anchor->manager)
		wolfSSL_CertManagerFree(anchor->manager);
	/* The span is const for its readers; the bytes are this anchor's own. */
	free((void *)(uintptr_t)anchor->cert.der.data);
}

static int append_anchor(struct awh_trust *trust, const struct awh_anchor *anchor)
{
	struct awh_anchor *anchors =
	    realloc(trust->anchors, (trust->n + 1) * sizeof(*trust->anchors));

	if (!anchors)
		return ADMWH_E_NOMEM;
	anchors[trust->n++] = *anchor;
	trust->anchors = anchors;
	return 0;
}

static int ca_fail(struct awh_error *error, const char *name, size_t number, const char *problem)
{
	return awh_fail(error, ADMWH_E_CLIENT_CA, "%s%scertificate %zu %s", name ? name : "",
			name ? ": " : "", number, problem);
}

/* What makes a certificate that is issued anew the same CA: it vouches for the same chains. */
static int set_id(struct awh_anchor *anchor)
{
	const struct awh_x509 *cert = &anchor->cert;
	wc_Sha256 hash;
	bool done = wc_InitSha256(&hash) == 0 &&
		    wc_Sha256Update(&hash, cert->subject.data, (word32)cert->subject.len) == 0 &&
		    wc_Sha256Update(&hash, cert->key_info.data, (word32)cert->key_info.len) == 0 &&
		    wc_Sha256Update(&hash, (const byte *)&cert->path_length,
				    sizeof(cert->path_length)) == 0 &&
		    wc_Sha256Final(&hash, anchor->id) == 0;

	wc_Sha256Free(&hash);
	return done ? 0 : ADMWH_E_CLIENT_CA;
}

static int make_manager(struct awh_anchor *anchor, int64_t now)
{
	if (anchor->cert.has_unknown_critical || now > anchor->cert.not_after)
		return 0;
	return new_manager(&anchor->cert, &anchor->manager);
}

static int add_anchor(struct awh_trust *trust, const struct awh_tls_bundle *bundle, size_t number,
		      const struct awh_buf *der, int64_t now, struct awh_error *error)
{
	struct awh_anchor anchor = {.bundle = bundle->index};
	const char *name = bundle->name;
	const char *problem;
	char *copy = awh_strndup(der->data, der->len);
	int status = ADMWH_E_CLIENT_CA;

	if (!copy)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	problem = awh_x509_parse(&anchor.cert, (struct awh_der){(uint8_t *)copy, der->len});
	if (problem) {
		ca_fail(error, name, number, "cannot be read");
		goto out;
	}
	problem = anchor_problem(&anchor.cert, bundle->was_good, now);
	if (!problem && find_rival(trust, &anchor))
		problem = "is also in another bundle";
	if (problem) {
		ca_fail(error, name, number, problem);
		goto out;
	}
	if (has_twin(trust, &anchor)) { /* twice in one bundle is once */
		free(copy);
		return 0;
	}
	status = set_id(&anchor);
	if (status == 0)
		status = make_manager(&anchor, now);
	if (status == 0)
		status = append_anchor(trust, &anchor);
	if (status == 0)
		return 0;
	if (status == ADMWH_E_NOMEM)
		awh_fail(error, status, "out of memory");
	else
		ca_fail(error, name, number, "is not accepted by the TLS library");
out:
	anchor_deinit(&anchor);
	return status;
}

static bool any_vouches(const struct awh_trust *trust, size_t bundle)
{
	for (size_t i = 0; i < trust->n; i++)
		if (trust->anchors[i].bundle == bundle && trust->anchors[i].manager)
			return true;
	return false;
}

/* One verification in progress. */
struct search {
	const struct awh_trust *trust;
	const struct awh_x509 *chain;
	size_t n;
	int64_t now;
	bool used[AWH_CHAIN_MAX];
	unsigned int checks; /* signatures computed */
	struct awh_finding *finding;
	int status; /* ADMWH_E_NOMEM */
};

/* The first reason that is more than "no issuer found" stays. */
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
	const char *problem = extension_problem(leaf);

	if (!problem)
		problem = critical_problem(leaf);
	if (!problem)
		problem = key_problem(leaf);
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

static bool manager_vouches(struct search *search, WOLFSSL_CERT_MANAGER *manager,
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
		search->status = ADMWH_E_NOMEM;
	return refuse(search, AWH_PROOF_UNTRUSTED, "signature check failed: %s",
		      awh_wolfssl_text(code, text));
}

/* Certificates below an issuer that count against its pathLenConstraint, RFC 5280 section 6.1.4. */
static bool length_allowed(const struct awh_x509 *issuer, int below)
{
	return issuer->path_length < 0 || below <= issuer->path_length;
}

static bool anchor_vouches(struct search *search, const struct awh_anchor *anchor,
			   const struct awh_x509 *cert, int below)
{
	if (!awh_der_equal(anchor->cert.subject, cert->issuer))
		return false;
	if (!dates_hold(search, &anchor->cert, "the CA that issued the chain"))
		return false;
	if (!anchor->manager)
		return refuse(search, AWH_PROOF_UNFIT, "the CA that issued the chain %s",
			      anchor->cert.has_unknown_critical ? critical_problem(&anchor->cert)
								: "had expired when it was loaded");
	if (!length_allowed(&anchor->cert, below))
		return refuse(search, AWH_PROOF_UNTRUSTED,
			      "the chain is longer than its CA allows");
	return manager_vouches(search, anchor->manager, &anchor->cert, cert);
}

static bool intermediate_vouches(struct search *search, const struct awh_x509 *ca,
				 const struct awh_x509 *cert, int below)
{
	const char *problem = extension_problem(ca);
	WOLFSSL_CERT_MANAGER *manager;
	bool vouches;
	int status;

	if (!problem)
		problem = critical_problem(ca);
	if (!problem)
		problem = key_problem(ca);
	if (problem)
		return refuse(search, AWH_PROOF_UNFIT, "an intermediate %s", problem);
	problem = issuer_problem(ca);
	if (problem)
		return refuse(search, AWH_PROOF_UNTRUSTED, "an intermediate %s", problem);
	if (!dates_hold(search, ca, "an intermediate") || !signature_is_strong(search, ca))
		return false;
	if (!length_allowed(ca, below))
		return refuse(search, AWH_PROOF_UNTRUSTED,
			      "the chain is longer than an intermediate allows");
	status = new_manager(ca, &manager);
	if (status == ADMWH_E_NOMEM)
		search->status = status;
	if (status < 0)
		return refuse(search, AWH_PROOF_UNTRUSTED,
			      "an intermediate is not accepted by the TLS library");
	vouches = manager_vouches(search, manager, ca, cert);
	wolfSSL_CertManagerFree(manager);
	return vouches;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * Is there a way from this certificate up to a trusted CA? Depth is bounded by the presented
 * certificates, work by AWH_CHAIN_CHECKS.
 *
 * below: intermediates under the issuer that is looked for, not counting self-issued ones
 */
static bool find_way(struct search *search, const struct awh_x509 *cert, int below)
{
	for (size_t i = 0; i < search->trust->n; i++)
		if (anchor_vouches(search, &search->trust->anchors[i], cert, below)) {
			search->finding->proof = AWH_PROOF_VERIFIED;
			search->finding->valid_until =
			    earlier(search->trust->anchors[i].cert.not_after, cert->not_after);
			search->finding->bundle = search->trust->anchors[i].bundle;
			search->finding->anchor = search->trust->anchors[i].id;
			search->finding->reason[0] = '\0';
			return true;
		}
	for (size_t i = 1; i < search->n && search->status == 0; i++) {
		const struct awh_x509 *ca = &search->chain[i];
		bool found;

		if (search->used[i] || !awh_der_equal(ca->subject, cert->issuer) ||
		    !intermediate_vouches(search, ca, cert, below))
			continue;
		search->used[i] = true;
		found = find_way(search, ca, below + !awh_x509_self_issued(ca));
		search->used[i] = false;
		if (found) {
			search->finding->valid_until =
			    earlier(search->finding->valid_until, cert->not_after);
			search->finding->way[search->finding->n_way++] = ca;
			return true;
		}
	}
	return false;
}

int awh_manager_add(WOLFSSL_CERT_MANAGER *manager, const struct awh_x509 *ca)
{
	int code = wolfSSL_CertManagerLoadCABuffer(manager, ca->der.data, (long)ca->der.len,
						   WOLFSSL_FILETYPE_ASN1);

#ifdef WOLFSSL_TRUST_PEER_CERT
	/*
	 * Such builds make every CA a trusted peer too: who copies its name and signature bytes
	 * around a key of his own is let in without any check (CVE-2026-93302).
	 */
	if (code == WOLFSSL_SUCCESS)
		code = wolfSSL_CertManagerUnload_trust_peers(manager);
#endif
	if (code == WOLFSSL_SUCCESS)
		return 0;
	wolfSSL_ERR_clear_error();
	return code == MEMORY_E || code == MEMORY_ERROR ? ADMWH_E_NOMEM : ADMWH_E_CLIENT_CA;
}

int awh_trust_add(struct awh_trust *trust, const struct awh_tls_bundle *bundle, int64_t now,
		  struct awh_error *error)
{
	struct awh_pem blocks = {bundle->pem, bundle->pem + bundle->pem_len};
	const char *name = bundle->name;
	const char *problem = NULL;
	struct awh_buf der;
	size_t number = 0;
	int status;

	awh_buf_init(&der, AWH_X509_BYTES_MAX);
	while ((status = awh_pem_next_certificate(&blocks, &der, &problem)) > 0) {
		status = add_anchor(trust, bundle, ++number, &der, now, error);
		if (status < 0)
			break;
	}
	if (problem)
		status = awh_fail(error, ADMWH_E_CLIENT_CA, "%s%s%s after certificate %zu",
				  name ? name : "", name ? ": " : "", problem, number);
	else if (status == 0 && number > 0 && !bundle->was_good &&
		 !any_vouches(trust, bundle->index))
		status = ca_fail(error, name, number, "has an unknown critical extension");
	else if (status == 0 && number == 0)
		status = awh_fail(error, ADMWH_E_CLIENT_CA, "%s%sno certificate in it",
				  name ? name : "", name ? ": " : "");
	else if (der.failed)
		status =
		    awh_fail(error, der.failed == ADMWH_E_LIMIT ? ADMWH_E_CLIENT_CA : der.failed,
			     "%s", admwh_strerror(der.failed));
	awh_buf_deinit(&der);
	return status;
}

void awh_trust_deinit(struct awh_trust *trust)
{
	for (size_t i = 0; i < trust->n; i++)
		anchor_deinit(&trust->anchors[i]);
	free(trust->anchors);
	*trust = (struct awh_trust){0};
}

int awh_verify(const struct awh_trust *trust, const struct awh_x509 *chain, size_t n, int64_t now,
	       struct awh_finding *finding)
{
	struct search search = {
	    .trust = trust, .chain = chain, .n = n, .now = now, .finding = finding};

	*finding = (struct awh_finding){.proof = AWH_PROOF_UNTRUSTED};
	if (!leaf_is_fit(&search) || !signature_is_strong(&search, chain) ||
	    find_way(&search, chain, 0))
		return search.status;
	refuse(&search, AWH_PROOF_UNTRUSTED, "no trusted CA issued the certificate");
	return search.status;
}
