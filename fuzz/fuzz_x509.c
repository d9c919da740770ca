/* SPDX-License-Identifier: MIT */
/*
 * The certificate reader on any bytes, as DER and as PEM. What it accepts can be
 * walked to the end, turned into facts and into text, and every span of it lies
 * inside the input.
 */
#include <string.h>

#include "base/text.h"
#include "check.h"
#include "tls/context.h"
#include "tls/pem.h"

static void check_inside(struct awh_der part, struct awh_der whole)
{
	check(part.len == 0 || (part.data >= whole.data &&
				part.len <= whole.len - (size_t)(part.data - whole.data)),
	      "a span lies outside of the certificate");
}

static void check_texts(const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(texts[i] && awh_text_is_clean(texts[i], strlen(texts[i])),
		      "a name is not clean");
}

static void check_facts(const struct awh_x509 *cert)
{
	struct awh_peer *peer = awh_peer_new();
	const struct admwh_peer *facts;

	if (!peer)
		return;
	facts = &peer->facts;
	if (awh_peer_begin(peer, cert) == 0 && awh_peer_fill(peer, cert) == 0) {
		check((peer->cn_form == AWH_CN_ONE) == (facts->common_name != NULL),
		      "the CN's form and the CN disagree");
		if (facts->common_name)
			check_texts(&facts->common_name, 1);
		check_texts(facts->organizations, facts->n_organizations);
		check_texts(facts->organizational_units, facts->n_organizational_units);
		check_texts(facts->dns_names, facts->n_dns_names);
		check_texts(facts->uris, facts->n_uris);
		check_texts(facts->ip_addresses, facts->n_ip_addresses);
	}
	awh_peer_unref(peer);
}

static void read_der(const uint8_t *bytes, size_t len)
{
	const struct awh_der der = {bytes, len};
	struct awh_x509 cert;

	if (awh_x509_parse(&cert, der) != NULL)
		return;
	check_inside(cert.serial, der);
	check_inside(cert.issuer, der);
	check_inside(cert.subject, der);
	check_inside(cert.key_info, der);
	check_inside(cert.key_bits, der);
	check_inside(cert.alternative_names, der);
	check_facts(&cert);
}

/* What was read, written as a block between lines of text, is read again as the same. */
static void read_again(const struct awh_buf *wanted)
{
	const char *problem = NULL;
	struct awh_buf text, der;
	struct awh_pem pem;

	awh_buf_init(&text, 4 * AWH_X509_BYTES_MAX);
	awh_buf_init(&der, AWH_X509_BYTES_MAX);
	awh_buf_puts(&text, "title\n");
	awh_pem_put_certificate(&text, wanted->data, wanted->len);
	awh_buf_puts(&text, "the end");
	awh_pem_begin(&pem, text.data, text.len);
	if (!text.err) {
		check(awh_pem_next_certificate(&pem, &der, &problem) == 1, "a block is lost");
		check(der.len == wanted->len &&
			  (der.len == 0 || memcmp(der.data, wanted->data, der.len) == 0),
		      "a block is read as something else");
		check(awh_pem_next_certificate(&pem, &der, &problem) == 0,
		      "text is not passed over");
	}
	awh_buf_deinit(&text);
	awh_buf_deinit(&der);
}

/* Each block is a part of the text, and the next one begins behind it. */
static void read_blocks(const char *text, size_t len)
{
	const char *at = text, *problem = NULL;
	struct awh_pem_block block;
	struct awh_pem pem;

	awh_pem_begin(&pem, text, len);
	while (awh_pem_next(&pem, &block, &problem) > 0) {
		check(block.text >= at && block.text + block.len <= text + len,
		      "a block is outside");
		check(block.body >= block.text &&
			  block.body + block.body_len <= block.text + block.len,
		      "a body is outside of its block");
		at = block.text + block.len;
	}
}

static void read_pem(const uint8_t *bytes, size_t len)
{
	const char *problem = NULL;
	struct awh_pem pem;
	struct awh_buf der;

	awh_buf_init(&der, AWH_X509_BYTES_MAX);
	awh_pem_begin(&pem, (const char *)bytes, len);
	while (awh_pem_next_certificate(&pem, &der, &problem) > 0) {
		read_der((const uint8_t *)der.data, der.len);
		read_again(&der);
	}
	awh_buf_deinit(&der);
	read_blocks((const char *)bytes, len);
	check(*awh_pem_foreign((const char *)bytes, len), "a file is nothing");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	read_der(bytes, len);
	read_pem(bytes, len);
	return 0;
}
