/* SPDX-License-Identifier: MIT */
#include "tls/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "identity/rules.h"
#include "tls/requirements.h"
#include "tls/signature.h"
#include "tls/wolfssl.h"

/* A signature that was computed: of a certificate, by index, with a key. */
struct check {
	size_t cert;
	struct awh_der key;
	bool holds;
};

/* A path's standing with the deny list of its CA's bundle. */
enum denial { DENIED_NOT, DENIED_CERTIFICATE, DENIED_KEY };

/* One verification in progress. */
struct search {
	const struct awh_trust *trust;
	const struct awh_x509 *chain;
	size_t n;
	const struct awh_verify_params *params;
	struct awh_paths paths;
	bool is_fit[AWH_CHAIN_PATHS]; /* all but the signatures of a path is right */
	enum denial denial[AWH_CHAIN_PATHS];
	struct check checks[AWH_CHAIN_CHECKS]; /* the first finding->checks of them */
	unsigned int forged; /* bits by index: a check failed, and none has held */
	uint8_t digests[AWH_CHAIN_MAX][AWH_PATH_ID]; /* SHA-256 of a certificate */
	bool has_digest[AWH_CHAIN_MAX];
	struct awh_finding *finding;
	int err; /* ADMWH_E_NOMEM, ADMWH_E_TLS */
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

static const char too_many[] = "too many ways to build the chain";

/* A limit ends the verification, and says so whatever was wrong before. */
static bool stop_at(struct search *search, const char *reason)
{
	search->finding->limit = AWH_CHAIN_LIMIT_CHECKS;
	search->finding->reason[0] = '\0';
	return refuse(search, AWH_PROOF_UNTRUSTED, "%s", reason);
}

static bool is_over(const struct search *search)
{
	return search->err < 0 || search->finding->limit != AWH_CHAIN_LIMIT_NONE;
}

static bool dates_hold(struct search *search, const struct awh_x509 *cert, const char *what)
{
	if (search->params->now > cert->not_after)
		return refuse(search, AWH_PROOF_EXPIRED, "%s has expired", what);
	if (search->params->now < cert->not_before)
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

static bool edge_agrees(struct search *search, const struct awh_x509 *cert,
			const struct awh_x509 *issuer)
{
	if (!awh_signature_kind_agrees(cert, issuer))
		return refuse(search, AWH_PROOF_UNTRUSTED,
			      "a signature is not of the kind of its issuer's key");
	return true;
}

/* Certificates below an issuer that count against its pathLenConstraint, RFC 5280 section 6.1.4. */
static bool length_allowed(const struct awh_x509 *issuer, int below)
{
	return issuer->path_length < 0 || below <= issuer->path_length;
}

/* below: intermediates under the issuer, not counting self-issued ones */
static bool anchor_is_fit(struct search *search, const struct awh_anchor *anchor, int below)
{
	if (!dates_hold(search, &anchor->cert, "the CA that issued the chain"))
		return false;
	if (anchor->unusable)
		return refuse(search, AWH_PROOF_UNFIT, "the CA that issued the chain %s",
			      anchor->cert.has_unknown_critical
				  ? anchor->unusable
				  : "was out of its dates when it was loaded");
	if (!length_allowed(&anchor->cert, below))
		return refuse(search, AWH_PROOF_UNTRUSTED,
			      "the chain is longer than its CA allows");
	return true;
}

static bool intermediate_is_fit(struct search *search, const struct awh_x509 *ca, int below)
{
	const char *problem = awh_x509_extension_problem(ca);

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
	return true;
}

/* The certificate above another on a path; for the topmost, the CA's. */
static const struct awh_x509 *issuer_on(const struct search *search, const struct awh_path *path,
					size_t i)
{
	return i + 1 < path->n ? &search->chain[path->certs[i + 1]] : &path->anchor->cert;
}

/* Is everything right on this path but, maybe, its signatures? */
static bool path_is_fit(struct search *search, const struct awh_path *path)
{
	int below = 0;

	for (size_t i = 0; i < path->n; i++) {
		const struct awh_x509 *cert = &search->chain[path->certs[i]];

		if (i > 0 && !intermediate_is_fit(search, cert, below))
			return false;
		if (i > 0 && !awh_x509_self_issued(cert))
			below++;
	}
	if (!anchor_is_fit(search, path->anchor, below))
		return false;
	for (size_t i = 0; i < path->n; i++)
		if (!edge_agrees(search, &search->chain[path->certs[i]],
				 issuer_on(search, path, i)))
			return false;
	return true;
}

static enum denial denial_of(const struct awh_value *value)
{
	if (!value)
		return DENIED_NOT;
	return awh_denial_is_key(value) ? DENIED_KEY : DENIED_CERTIFICATE;
}

static enum denial path_denial(struct search *search, const struct awh_path *path)
{
	const struct awh_verify_params *params = search->params;
	enum denial worst = denial_of(path->anchor->denial);

	for (size_t i = 1; i < path->n && params->deny && search->err == 0; i++) {
		const struct awh_value *value = NULL;
		enum denial denial;

		search->err = params->deny(&search->chain[path->certs[i]], path->anchor->bundle,
					   &value, params->userdata);
		denial = denial_of(value);
		if (denial > worst)
			worst = denial;
	}
	return worst;
}

/* Was it computed before, with this key in whatever certificate? */
static const struct check *find_check(const struct search *search, size_t cert, struct awh_der key)
{
	for (size_t i = 0; i < search->finding->checks; i++)
		if (search->checks[i].cert == cert && awh_der_equal(search->checks[i].key, key))
			return &search->checks[i];
	return NULL;
}

static bool may_check(struct search *search, size_t cert)
{
	unsigned int others = search->forged & ~(1U << cert);

	if (search->finding->checks == AWH_CHAIN_CHECKS)
		return stop_at(search, too_many);
	if (__builtin_popcount(others) >= AWH_CHAIN_FORGED)
		return stop_at(search,
			       "too many certificates that the CA they name has not signed");
	return true;
}

static bool compute(struct search *search, size_t cert, const struct awh_x509 *issuer)
{
	char text[WOLFSSL_MAX_ERROR_SZ];
	int code, holds;

	if (!may_check(search, cert))
		return false;
	holds = awh_signature_holds(&search->chain[cert], issuer, &code);
	if (holds < 0)
		search->err = holds;
	search->checks[search->finding->checks++] =
	    (struct check){cert, issuer->key_info, holds > 0};
	if (holds > 0) {
		search->forged &= ~(1U << cert);
		return true;
	}
	search->forged |= 1U << cert;
	return refuse(search, AWH_PROOF_UNTRUSTED, "signature check failed: %s",
		      awh_wolfssl_text(code, text));
}

static bool edge_is_signed(struct search *search, const struct awh_path *path, size_t i)
{
	const struct awh_x509 *issuer = issuer_on(search, path, i);
	const struct check *done = find_check(search, path->certs[i], issuer->key_info);

	return done ? done->holds : compute(search, path->certs[i], issuer);
}

/* From the trusted CA down: each key was signed for before it is used. */
static bool path_is_signed(struct search *search, const struct awh_path *path)
{
	for (size_t i = path->n; i-- > 0;)
		if (!edge_is_signed(search, path, i))
			return false;
	return true;
}

static const uint8_t *digest_of(struct search *search, size_t cert)
{
	const struct awh_der *der = &search->chain[cert].der;

	if (!search->has_digest[cert] &&
	    wc_Sha256Hash(der->data, (word32)der->len, search->digests[cert]) != 0)
		search->err = ADMWH_E_TLS;
	search->has_digest[cert] = true;
	return search->digests[cert];
}

/* SHA-256 over the SHA-256 of each certificate, the leaf's first and the CA's last. */
static void identify_path(struct search *search, const struct awh_path *path,
			  uint8_t id[AWH_PATH_ID])
{
	uint8_t digests[AWH_CHAIN_MAX + 1][AWH_PATH_ID];

	for (size_t i = 0; i < path->n; i++)
		memcpy(digests[i], digest_of(search, path->certs[i]), AWH_PATH_ID);
	memcpy(digests[path->n], path->anchor->sha256, AWH_PATH_ID);
	if (wc_Sha256Hash(digests[0], (word32)((path->n + 1) * AWH_PATH_ID), id) != 0)
		search->err = ADMWH_E_TLS;
}

static bool path_is_known(struct search *search, const struct awh_path *path)
{
	uint8_t id[AWH_PATH_ID];

	if (!search->params->cache)
		return false;
	identify_path(search, path, id);
	return search->err == 0 &&
	       awh_path_cache_has(search->params->cache, search->params->context, id);
}

/* The first path of this standing that holds. */
static const struct awh_path *find_path(struct search *search, enum denial denial,
					bool (*holds)(struct search *, const struct awh_path *))
{
	for (size_t i = 0; i < search->paths.n && !is_over(search); i++) {
		const struct awh_path *path = &search->paths.items[i];

		if (search->is_fit[i] && search->denial[i] == denial && holds(search, path))
			return path;
	}
	return NULL;
}

static const struct awh_path *choose_path(struct search *search)
{
	const struct awh_path *path = find_path(search, DENIED_KEY, path_is_signed);

	if (!path)
		path = find_path(search, DENIED_NOT, path_is_known);
	if (!path)
		path = find_path(search, DENIED_NOT, path_is_signed);
	if (!path)
		path = find_path(search, DENIED_CERTIFICATE, path_is_signed);
	return is_over(search) ? NULL : path;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void take(struct search *search, const struct awh_path *path)
{
	struct awh_finding *finding = search->finding;

	finding->proof = AWH_PROOF_VERIFIED;
	finding->reason[0] = '\0';
	finding->bundle = path->anchor->bundle;
	finding->anchor = path->anchor;
	finding->valid_until = path->anchor->cert.not_after;
	for (size_t i = path->n; i-- > 0;) {
		finding->issuers[finding->n_issuers++] = issuer_on(search, path, i);
		finding->valid_until =
		    earlier(finding->valid_until, search->chain[path->certs[i]].not_after);
	}
	identify_path(search, path, finding->path);
}

static void look_for_path(struct search *search)
{
	const struct awh_path *path;

	awh_paths_find(&search->paths, search->trust, search->chain, search->n);
	/* One of the paths that were left out could have a denied key. */
	if (search->paths.is_cut && search->params->deny) {
		stop_at(search, too_many);
		return;
	}
	for (size_t i = 0; i < search->paths.n; i++) {
		path = &search->paths.items[i];
		search->is_fit[i] = path_is_fit(search, path);
		if (search->is_fit[i])
			search->denial[i] = path_denial(search, path);
	}
	path = choose_path(search);
	if (path)
		take(search, path);
	else if (search->paths.is_cut)
		stop_at(search, too_many);
}

int awh_verify(const struct awh_trust *trust, const struct awh_x509 *chain, size_t n,
	       const struct awh_verify_params *params, struct awh_finding *finding)
{
	struct search search = {
	    .trust = trust, .chain = chain, .n = n, .params = params, .finding = finding};

	*finding = (struct awh_finding){.proof = AWH_PROOF_UNTRUSTED};
	if (leaf_is_fit(&search) && signature_is_strong(&search, chain))
		look_for_path(&search);
	if (finding->proof != AWH_PROOF_VERIFIED)
		refuse(&search, AWH_PROOF_UNTRUSTED, "no trusted CA issued the certificate");
	return search.err;
}
