/* SPDX-License-Identifier: MIT */
#include "tls/trust.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "tls/pem.h"
#include "tls/requirements.h"

int awh_manager_add(WOLFSSL_CERT_MANAGER *manager, const struct awh_x509 *ca)
{
	int code = wolfSSL_CertManagerLoadCABuffer(manager, ca->der.data, (long)ca->der.len,
						   WOLFSSL_FILETYPE_ASN1);

#ifdef WOLFSSL_TRUST_PEER_CERT
	/*
	 * Such builds make every CA a trusted peer too: a client that copies its name and
	 * signature bytes around a key of its own passes without any check (CVE-2026-93302).
	 */
	if (code == WOLFSSL_SUCCESS)
		code = wolfSSL_CertManagerUnload_trust_peers(manager);
#endif
	if (code == WOLFSSL_SUCCESS)
		return 0;
	wolfSSL_ERR_clear_error();
	return code == MEMORY_E || code == MEMORY_ERROR ? ADMWH_E_NOMEM : ADMWH_E_CLIENT_CA;
}

int awh_manager_new(const struct awh_x509 *ca, WOLFSSL_CERT_MANAGER **manager)
{
	int err;

	*manager = wolfSSL_CertManagerNew();
	if (!*manager)
		return ADMWH_E_NOMEM;
	err = awh_manager_add(*manager, ca);
	if (err < 0) {
		wolfSSL_CertManagerFree(*manager);
		*manager = NULL;
	}
	return err;
}

/* What no CA file may have in it. */
static const char *anchor_problem(const struct awh_x509 *cert)
{
	const char *problem = awh_x509_extension_problem(cert);

	if (!problem)
		problem = awh_x509_issuer_problem(cert);
	return problem ? problem : awh_x509_key_problem(cert);
}

/* What keeps a CA from being trusted, though it may stand beside others. */
static const char *unusable_problem(const struct awh_x509 *cert, int64_t now)
{
	if (cert->has_unknown_critical)
		return awh_x509_critical_problem(cert);
	if (now > cert->not_after)
		return "has expired";
	return now < cert->not_before ? "is not valid yet" : NULL;
}

/* Another bundle's CA with this name and key: the bundle of a chain would depend on their order. */
static const struct awh_anchor *find_same_ca(const struct awh_trust *trust,
					     const struct awh_anchor *anchor)
{
	for (size_t i = 0; i < trust->n; i++)
		if (trust->anchors[i].bundle != anchor->bundle &&
		    awh_der_equal(trust->anchors[i].cert.subject, anchor->cert.subject) &&
		    awh_der_equal(trust->anchors[i].cert.key_info, anchor->cert.key_info))
			return &trust->anchors[i];
	return NULL;
}

static bool has_duplicate(const struct awh_trust *trust, const struct awh_anchor *anchor)
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

/* Two certificates with this id are the same CA: they issued the same chains. */
static int set_digests(struct awh_anchor *anchor)
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
	if (done && wc_Sha256Hash(cert->der.data, (word32)cert->der.len, anchor->sha256) == 0)
		return 0;
	return ADMWH_E_CLIENT_CA;
}

static int make_manager(struct awh_anchor *anchor, int64_t now)
{
	anchor->unusable = unusable_problem(&anchor->cert, now);
	return anchor->unusable ? 0 : awh_manager_new(&anchor->cert, &anchor->manager);
}

static int add_anchor(struct awh_trust *trust, const struct awh_tls_bundle *bundle, size_t number,
		      const struct awh_buf *der, int64_t now, struct awh_error *error)
{
	struct awh_anchor anchor = {.bundle = bundle->index, .number = number};
	const char *name = bundle->name;
	const char *problem;
	char *copy = awh_strndup(der->data, der->len);
	int err = ADMWH_E_CLIENT_CA;

	if (!copy)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	problem = awh_x509_parse(&anchor.cert, (struct awh_der){(uint8_t *)copy, der->len});
	if (problem) {
		ca_fail(error, name, number, "cannot be read");
		goto out;
	}
	problem = anchor_problem(&anchor.cert);
	if (!problem && find_same_ca(trust, &anchor))
		problem = "is also in another bundle";
	if (problem) {
		ca_fail(error, name, number, problem);
		goto out;
	}
	if (has_duplicate(trust, &anchor)) { /* twice in one bundle is once */
		free(copy);
		return 0;
	}
	err = set_digests(&anchor);
	if (err == 0)
		err = make_manager(&anchor, now);
	if (err == 0)
		err = append_anchor(trust, &anchor);
	if (err == 0)
		return 0;
	if (err == ADMWH_E_NOMEM)
		awh_fail(error, err, "out of memory");
	else
		ca_fail(error, name, number, "is not accepted by the TLS library");
out:
	anchor_deinit(&anchor);
	return err;
}

static int file_fail(struct awh_error *error, const struct awh_tls_bundle *bundle,
		     const char *problem, const char *rest)
{
	return awh_fail(error, ADMWH_E_CLIENT_CA, "%s%s%s%s", bundle->name ? bundle->name : "",
			bundle->name ? ": " : "", problem, rest);
}

/* After its last block: a file of CAs has certificates in it, and no private key. */
static int check_file(const struct awh_pem *blocks, const struct awh_tls_bundle *bundle,
		      size_t number, struct awh_error *error)
{
	if (number > 0 && (blocks->has[AWH_PEM_KEY] || blocks->has[AWH_PEM_ENCRYPTED_KEY]))
		return file_fail(error, bundle,
				 "a private key beside the certificates (take it out of the CA "
				 "file)",
				 "");
	if (number > 0)
		return 0;
	if (blocks->has[AWH_PEM_KEY] || blocks->has[AWH_PEM_ENCRYPTED_KEY])
		return file_fail(error, bundle,
				 "a private key, where the certificate of a CA is expected", "");
	if (blocks->has[AWH_PEM_REQUEST])
		return file_fail(error, bundle,
				 "a certificate request, where the certificate of a CA is expected",
				 "");
	return file_fail(error, bundle, "no certificate in it: the file ",
			 awh_pem_foreign(bundle->pem, bundle->pem_len));
}

static int problem_fail(struct awh_error *error, const char *name, size_t number,
			const char *problem)
{
	char place[sizeof(" after certificate ") + 20] = "";

	if (number > 0)
		snprintf(place, sizeof(place), " after certificate %zu", number);
	return awh_fail(error, ADMWH_E_CLIENT_CA, "%s%s%s%s", name ? name : "", name ? ": " : "",
			problem, place);
}

int awh_trust_add(struct awh_trust *trust, const struct awh_tls_bundle *bundle, int64_t now,
		  struct awh_error *error)
{
	const char *name = bundle->name;
	const char *problem = NULL;
	struct awh_pem blocks;
	struct awh_buf der;
	size_t number = 0;
	int err;

	awh_buf_init(&der, AWH_X509_BYTES_MAX);
	awh_pem_begin(&blocks, bundle->pem, bundle->pem_len);
	while ((err = awh_pem_next_certificate(&blocks, &der, &problem)) > 0) {
		err = add_anchor(trust, bundle, ++number, &der, now, error);
		if (err < 0)
			break;
	}
	if (problem)
		err = problem_fail(error, name, number, problem);
	else if (err == 0)
		err = check_file(&blocks, bundle, number, error);
	else if (der.err)
		err = awh_fail(error, der.err == ADMWH_E_LIMIT ? ADMWH_E_CLIENT_CA : der.err, "%s",
			       admwh_strerror(der.err));
	awh_buf_deinit(&der);
	return err;
}

static const struct awh_anchor *find_usable(const struct awh_trust *trust, size_t bundle)
{
	for (size_t i = 0; i < trust->n; i++)
		if (trust->anchors[i].bundle == bundle && trust->anchors[i].manager)
			return &trust->anchors[i];
	return NULL;
}

/* Have all files of a bundle been good together? */
static bool was_good(const struct awh_tls_bundle *files, size_t n, size_t bundle)
{
	for (size_t i = 0; i < n; i++)
		if (files[i].index == bundle && !files[i].was_good)
			return false;
	return true;
}

int awh_trust_check(const struct awh_trust *trust, const struct awh_tls_bundle *files, size_t n,
		    struct awh_error *error)
{
	for (size_t i = 0; i < n; i++) {
		const struct awh_tls_bundle *file = &files[i];
		size_t first = 0;

		if (find_usable(trust, file->index) || was_good(files, n, file->index))
			continue;
		while (trust->anchors[first].bundle != file->index)
			first++;
		return ca_fail(error, file->name, trust->anchors[first].number,
			       trust->anchors[first].unusable);
	}
	return 0;
}

void awh_trust_deinit(struct awh_trust *trust)
{
	for (size_t i = 0; i < trust->n; i++)
		anchor_deinit(&trust->anchors[i]);
	free(trust->anchors);
	*trust = (struct awh_trust){0};
}
