/* SPDX-License-Identifier: MIT */
/*
 * What TLS reads beside the wire: files of client CAs (first byte 'a'), a certificate
 * chain and, behind a NUL byte, its key ('k'), and the chain that a client presents
 * ('c': how many of the certificates that follow are trusted CAs, then certificates in
 * DER, each behind its length in two bytes).
 *
 * What must hold: what is refused is refused in a clean sentence that quotes no key;
 * each certificate of a verified chain was signed by a key of the corpus (they are
 * listed, so that a forgery is found); a chain that was verified is verified again from
 * the cache, without a signature computed; and a denied key above it is never missed.
 */
#include <string.h>

#include "base/text.h"
#include "check.h"
#include "identity/rules.h"
#include "signed_parts.h"
#include "tls/context.h"
#include "tls/pem.h"
#include "tls/requirements.h"

enum { TEXT_MAX = 1024 * 1024 };

/* 2026-01-01 */
static const int64_t now = 1767225600;

static void check_message(const struct awh_error *error, int err, int wanted)
{
	check(err == wanted && error->code == err, "an unexpected code");
	check(error->text[0] && awh_text_is_clean(error->text, strlen(error->text)),
	      "a message is empty or not clean");
}

/* No part of a key may stand in a message, or in a log. A message has words and spaces. */
static void check_secret(const struct awh_error *error, const char *key, size_t len)
{
	enum { PIECE = 16 };

	for (const char *word = error->text; *word; word += strcspn(word, " ") + (*word == ' '))
		for (size_t i = 0; i + PIECE <= strcspn(word, " "); i++)
			check(!memmem(key, len, word + i, PIECE), "a message quotes a key");
}

static size_t count_blocks(const char *text, size_t len, enum awh_pem_kind kind)
{
	struct awh_pem_block block;
	const char *problem = NULL;
	struct awh_pem pem;
	size_t n = 0;

	awh_pem_begin(&pem, text, len);
	while (awh_pem_next(&pem, &block, &problem) > 0)
		n += block.kind == kind;
	return n;
}

/* CAs */

static void check_anchor(const struct awh_anchor *anchor)
{
	check(!awh_x509_issuer_problem(&anchor->cert) && !awh_x509_key_problem(&anchor->cert),
	      "a trusted CA is none");
	check(anchor->unusable || (now >= anchor->cert.not_before && now <= anchor->cert.not_after),
	      "a CA is used out of its dates");
	check(anchor->ids.serial && anchor->ids.fingerprint && anchor->ids.key,
	      "a deny list cannot name a CA");
}

static void read_cas(const char *text, size_t len)
{
	const struct awh_tls_bundle bundle = {.name = "a", .pem = text, .pem_len = len};
	struct awh_trust trust = {0};
	struct awh_error error = {0};
	int err = awh_trust_add(&trust, &bundle, now, &error);

	if (err) {
		check_message(&error, err, ADMWH_E_CLIENT_CA);
	} else {
		const size_t n = count_blocks(text, len, AWH_PEM_CERTIFICATE);

		check(trust.n > 0 && trust.n <= n, "a file of CAs without any");
		check(count_blocks(text, len, AWH_PEM_KEY) == 0, "a CA file with a private key");
		for (size_t i = 0; i < trust.n; i++)
			check_anchor(&trust.anchors[i]);
		err = awh_trust_check(&trust, &bundle, 1, &error);
		if (err)
			check_message(&error, err, ADMWH_E_CLIENT_CA);
	}
	awh_trust_deinit(&trust);
}

/* a key pair */

static void check_pair(const struct awh_tls_params *params)
{
	struct awh_tls_context *context = awh_tls_context_new(params, NULL);

	check(context != NULL, "a good key pair makes no context");
	check(awh_tls_context_own(context)->fingerprint != NULL, "a certificate without facts");
	check(count_blocks(params->key_pem, params->key_len, AWH_PEM_KEY) > 0,
	      "a key from nowhere");
	check(awh_tls_may_hold_key(params->key_pem, params->key_len), "a key is not seen");
	awh_tls_context_unref(context);
}

static void read_pair(const char *text, size_t len)
{
	const size_t first = strnlen(text, len), rest = first < len ? first + 1 : len;
	struct awh_tls_params params = {
	    .certificate_pem = text,
	    .certificate_len = first,
	    .key_pem = text + rest,
	    .key_len = len - rest,
	};
	struct awh_error error = {0};
	int err = awh_tls_check_keypair(params.certificate_pem, params.certificate_len,
					params.key_pem, params.key_len, &error);

	if (err) {
		check_message(&error, err, ADMWH_E_KEYPAIR);
		check_secret(&error, params.key_pem, params.key_len);
	} else {
		check_pair(&params);
	}
}

/* a chain */

/* A client's chain, and the CAs it is verified with. */
struct presented {
	struct awh_x509 certs[AWH_CHAIN_MAX];
	size_t n;
	struct awh_trust trust;
};

/* The part of a certificate that its issuer has signed (RFC 5280 section 4.1). */
static bool was_signed(const struct awh_x509 *cert)
{
	struct awh_der outer = cert->der, inside, content, part;
	uint8_t digest[32], tag;

	if (!awh_der_expect(&outer, AWH_DER_SEQUENCE, &inside) ||
	    !awh_der_next(&inside, &tag, &content, &part) ||
	    wc_Sha256Hash(part.data, (word32)part.len, digest) != 0)
		return false;
	for (size_t i = 0; i < sizeof(signed_parts) / sizeof(signed_parts[0]); i++)
		if (memcmp(digest, signed_parts[i], sizeof(digest)) == 0)
			return true;
	return false;
}

static const struct awh_value *deny_all(const struct awh_cert_ids *ids, size_t bundle,
					void *userdata)
{
	(void)ids, (void)bundle;
	return userdata;
}

static int deny_each(const struct awh_x509 *cert, size_t bundle, const struct awh_value **value,
		     void *userdata)
{
	(void)cert, (void)bundle;
	*value = userdata;
	return 0;
}

static struct awh_finding verify(const struct presented *presented,
				 const struct awh_verify_params *params)
{
	struct awh_finding finding;

	check(awh_verify(&presented->trust, presented->certs, presented->n, params, &finding) == 0,
	      "no memory");
	check((finding.proof == AWH_PROOF_VERIFIED) == (finding.reason[0] == '\0'),
	      "refused without a reason, or verified with one");
	check((finding.proof == AWH_PROOF_VERIFIED) == (finding.anchor != NULL),
	      "verified by no CA");
	check(finding.checks <= AWH_CHAIN_CHECKS, "too many signatures");
	check(!finding.limit || finding.proof == AWH_PROOF_UNTRUSTED, "verified past a limit");
	return finding;
}

static void check_path(const struct presented *presented, const struct awh_finding *finding)
{
	const struct awh_x509 *leaf = &presented->certs[0], *issuer = &finding->anchor->cert;

	check(finding->n_issuers > 0 && finding->issuers[0] == issuer, "a path without its CA");
	check(!finding->anchor->unusable, "verified by a CA that is not to be used");
	for (size_t i = 1; i < finding->n_issuers; i++) {
		check(awh_der_equal(finding->issuers[i]->issuer, issuer->subject), "a gap");
		check(was_signed(finding->issuers[i]), "an intermediate was forged");
		issuer = finding->issuers[i];
	}
	check(awh_der_equal(leaf->issuer, issuer->subject) && was_signed(leaf),
	      "a certificate was forged");
	check(!leaf->is_ca && now >= leaf->not_before && now <= leaf->not_after &&
		  finding->valid_until >= now,
	      "a certificate that is no client's, or out of its dates");
}

/* From the cache: the same verdict, and no signature is computed. */
static void verify_again(const struct presented *presented, const struct awh_finding *first)
{
	struct awh_verify_params params = {.now = now, .cache = awh_path_cache_new(), .context = 1};
	struct awh_finding again;

	check(params.cache != NULL, "no memory");
	again = verify(presented, &params);
	check(again.proof == first->proof && again.checks == first->checks,
	      "an empty cache changes the verdict");
	if (first->proof == AWH_PROOF_VERIFIED) {
		awh_path_cache_add(params.cache, params.context, first->path);
		again = verify(presented, &params);
		check(again.proof == AWH_PROOF_VERIFIED && again.checks == 0,
		      "a path that is known is verified again");
		check(memcmp(again.path, first->path, sizeof(again.path)) == 0, "another path");
	}
	awh_path_cache_free(params.cache);
}

/* With every key above the certificate denied: what is verified has such a key in its path. */
static void verify_denied(struct presented *presented, const struct awh_finding *first)
{
	static const char line[] =
	    "spki-sha256:0000000000000000000000000000000000000000000000000000"
	    "000000000000\n";
	struct awh_verify_params params = {.now = now, .deny = deny_each};
	struct awh_values denials = {0};
	struct awh_finding again;

	check(awh_denials_read(&denials, line, strlen(line), NULL) == 0, "a deny list");
	awh_values_seal(&denials);
	params.userdata = denials.items;
	again = verify(presented, &params);
	check(again.limit || again.proof == first->proof, "a denial changes the proof");
	check(first->n_issuers < 2 || again.limit || again.n_issuers > 1,
	      "a path without the denied key is preferred");
	check(awh_trust_deny(&presented->trust, deny_all, denials.items) == 0, "no memory");
	again = verify(presented, &params);
	check(again.limit || again.proof == first->proof, "a denial changes the proof");
	check(!again.anchor || again.anchor->denial, "a denied CA is not told");
	awh_values_deinit(&denials);
}

/* One certificate off the front; false at the end. */
static bool next_der(const uint8_t **at, const uint8_t *end, struct awh_der *der)
{
	size_t len;

	if (end - *at < 2)
		return false;
	len = (size_t)(*at)[0] << 8 | (*at)[1];
	*at += 2;
	if (len > (size_t)(end - *at))
		len = (size_t)(end - *at);
	*der = (struct awh_der){*at, len};
	*at += len;
	return true;
}

static bool add_ca(struct presented *presented, struct awh_der der, size_t bundle)
{
	struct awh_tls_bundle file = {.index = bundle, .name = "a"};
	struct awh_buf text;
	int err;

	awh_buf_init(&text, TEXT_MAX);
	awh_pem_put_certificate(&text, der.data, der.len);
	file.pem = text.data;
	file.pem_len = text.len;
	err = awh_trust_add(&presented->trust, &file, now, NULL);
	awh_buf_deinit(&text);
	return err == 0;
}

/* False: a certificate cannot be read, as the session would say. */
static bool read_presented(struct presented *presented, const uint8_t *bytes, size_t len)
{
	const uint8_t *at = bytes + 1, *end = bytes + len;
	size_t n_cas = bytes[0] % 8;
	struct awh_der der;

	for (size_t i = 0; i < n_cas && next_der(&at, end, &der); i++)
		if (!add_ca(presented, der, bytes[0] / 8 % 2 ? i : 0))
			return false;
	while (presented->n < AWH_CHAIN_MAX && next_der(&at, end, &der))
		if (awh_x509_parse(&presented->certs[presented->n++], der))
			return false;
	return presented->n > 0;
}

static void read_chain(const uint8_t *bytes, size_t len)
{
	struct presented presented = {.n = 0};

	if (len > 0 && read_presented(&presented, bytes, len)) {
		const struct awh_finding finding =
		    verify(&presented, &(struct awh_verify_params){.now = now});

		if (finding.proof == AWH_PROOF_VERIFIED)
			check_path(&presented, &finding);
		verify_again(&presented, &finding);
		verify_denied(&presented, &finding);
	}
	awh_trust_deinit(&presented.trust);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	check(awh_wolfssl_start(NULL) == 0, "wolfSSL does not start");
	if (len == 0)
		return 0;
	if (bytes[0] == 'a')
		read_cas((const char *)bytes + 1, len - 1);
	if (bytes[0] == 'k')
		read_pair((const char *)bytes + 1, len - 1);
	if (bytes[0] == 'c')
		read_chain(bytes + 1, len - 1);
	return 0;
}
