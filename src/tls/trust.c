/* SPDX-License-Identifier: MIT */
#include "tls/trust.h"

#include <stdlib.h>

#include "base/text.h"
#include "identity/rules.h"
#include "tls/ids.h"
#include "tls/manager.h"
#include "tls/pem.h"
#include "tls/requirements.h"
#include "tls/signature.h"

static const char *anchor_problem(const struct awh_x509 *cert, bool was_good, int64_t now)
{
	const char *problem = awh_x509_extension_problem(cert);

	if (!problem)
		problem = awh_x509_issuer_problem(cert);
	if (!problem)
		problem = awh_x509_key_problem(cert);
	if (!problem && now > cert->not_after && !was_good)
		problem = "has expired";
	if (!problem && now < cert->not_before)
		problem = "is not valid yet";
	return problem;
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
	if (done && awh_tls_sha256(cert->der.data, cert->der.len, anchor->sha256) < 0)
		done = false;
	return done ? 0 : ADMWH_E_CLIENT_CA;
}

/* wolfSSL takes it as a CA, or its file cannot be used. */
static int try_anchor(struct awh_anchor *anchor, int64_t now)
{
	WOLFSSL_CERT_MANAGER *manager;
	int err;

	if (anchor->cert.has_unknown_critical || now > anchor->cert.not_after)
		return 0;
	err = awh_manager_new(&anchor->cert, &manager);
	if (err < 0)
		return err;
	wolfSSL_CertManagerFree(manager);
	anchor->is_usable = true;
	return 0;
}

static int add_anchor(struct awh_trust *trust, const struct awh_tls_bundle *bundle, size_t number,
		      const struct awh_buf *der, int64_t now, struct awh_error *error)
{
	struct awh_anchor anchor = {.bundle = bundle->index};
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
	problem = anchor_problem(&anchor.cert, bundle->was_good, now);
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
	err = set_id(&anchor);
	if (err == 0)
		err = awh_cert_ids_read(&anchor.ids, &trust->arena, &anchor.cert);
	if (err == 0)
		err = try_anchor(&anchor, now);
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

static bool any_usable(const struct awh_trust *trust, size_t bundle)
{
	for (size_t i = 0; i < trust->n; i++)
		if (trust->anchors[i].bundle == bundle && trust->anchors[i].is_usable)
			return true;
	return false;
}

int awh_trust_add(struct awh_trust *trust, const struct awh_tls_bundle *bundle, int64_t now,
		  struct awh_error *error)
{
	struct awh_pem blocks = {bundle->pem, bundle->pem + bundle->pem_len};
	const char *name = bundle->name;
	const char *problem = NULL;
	struct awh_buf der;
	size_t number = 0;
	int err;

	awh_buf_init(&der, AWH_X509_BYTES_MAX);
	while ((err = awh_pem_next_certificate(&blocks, &der, &problem)) > 0) {
		err = add_anchor(trust, bundle, ++number, &der, now, error);
		if (err < 0)
			break;
	}
	if (problem)
		err = awh_fail(error, ADMWH_E_CLIENT_CA, "%s%s%s after certificate %zu",
			       name ? name : "", name ? ": " : "", problem, number);
	else if (err == 0 && number > 0 && !bundle->was_good && !any_usable(trust, bundle->index))
		err = ca_fail(error, name, number, "has an unknown critical extension");
	else if (err == 0 && number == 0)
		err = awh_fail(error, ADMWH_E_CLIENT_CA, "%s%sno certificate in it",
			       name ? name : "", name ? ": " : "");
	else if (der.err)
		err = awh_fail(error, der.err == ADMWH_E_LIMIT ? ADMWH_E_CLIENT_CA : der.err, "%s",
			       admwh_strerror(der.err));
	awh_buf_deinit(&der);
	return err;
}

/* 1, 0 or ADMWH_E_NOMEM */
static int is_issued_by(const struct awh_x509 *ca, const struct awh_x509 *issuer)
{
	int code;

	if (!awh_der_equal(ca->issuer, issuer->subject))
		return 0;
	return awh_signature_holds(ca, issuer, &code);
}

static bool has_denied_key(const struct awh_anchor *anchor)
{
	return anchor->denial && awh_denial_is_key(anchor->denial);
}

/*
 * A denied key denies what it signed, trusted CAs of the bundle included, so that it makes no
 * difference whether a client sends the certificates between. more: another one was found
 */
static int deny_issued(struct awh_trust *trust, const struct awh_anchor *issuer, bool *more)
{
	for (size_t i = 0; i < trust->n; i++) {
		struct awh_anchor *ca = &trust->anchors[i];
		int issued;

		if (ca == issuer || ca->bundle != issuer->bundle || has_denied_key(ca))
			continue;
		issued = is_issued_by(&ca->cert, &issuer->cert);
		if (issued < 0)
			return issued;
		if (!issued)
			continue;
		ca->denial = issuer->denial;
		ca->denied_by = issuer->denied_by ? issuer->denied_by : issuer;
		*more = true;
	}
	return 0;
}

int awh_trust_deny(struct awh_trust *trust, awh_tls_denial_fn *find, void *userdata)
{
	bool more = true;

	for (size_t i = 0; i < trust->n; i++) {
		struct awh_anchor *anchor = &trust->anchors[i];

		anchor->denial = find(&anchor->ids, anchor->bundle, userdata);
	}
	while (more) {
		more = false;
		for (size_t i = 0; i < trust->n; i++) {
			int err = has_denied_key(&trust->anchors[i])
				      ? deny_issued(trust, &trust->anchors[i], &more)
				      : 0;

			if (err < 0)
				return err;
		}
	}
	return 0;
}

void awh_trust_deinit(struct awh_trust *trust)
{
	for (size_t i = 0; i < trust->n; i++)
		anchor_deinit(&trust->anchors[i]);
	free(trust->anchors);
	awh_arena_deinit(&trust->arena);
	*trust = (struct awh_trust){0};
}
