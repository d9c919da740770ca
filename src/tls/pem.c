/* SPDX-License-Identifier: MIT */
#include "tls/pem.h"

#include <stdint.h>
#include <string.h>

#include <admwh/error.h>

#include "base/text.h"
#include "tls/tls.h"

static const char begin_word[] = "-----BEGIN ", end_word[] = "-----END ", dashes[] = "-----";

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool starts_with(const char *at, const char *end, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(end - at) >= len && memcmp(at, text, len) == 0;
}

/* Is what is left the beginning of a boundary, and no more? */
static bool is_cut_boundary(const char *at, const char *end)
{
	size_t len = (size_t)(end - at);

	return len > 0 && len < strlen(begin_word) && memcmp(at, begin_word, len) == 0;
}

static const char *skip_line(const char *at, const char *end)
{
	while (at < end && *at != '\n' && *at != '\r')
		at++;
	return at < end ? at + 1 : at;
}

/*
 * Over the text before the next block; lines end in LF, CR or both. A file that has lost its
 * beginning has an END without a BEGIN.
 */
static int skip_text(struct awh_pem *pem, const char **problem)
{
	while (pem->at < pem->end) {
		while (pem->at < pem->end && is_space(*pem->at))
			pem->at++;
		if (starts_with(pem->at, pem->end, begin_word))
			return 1;
		if (starts_with(pem->at, pem->end, end_word)) {
			*problem = "the end of a PEM block whose beginning is missing";
			return ADMWH_E_INVAL;
		}
		if (is_cut_boundary(pem->at, pem->end)) {
			*problem = "a PEM block that is malformed or cut off";
			return ADMWH_E_INVAL;
		}
		pem->at = skip_line(pem->at, pem->end);
	}
	return 0;
}

static bool label_is(const char *label, size_t len, const char *text)
{
	return len == strlen(text) && memcmp(label, text, len) == 0;
}

static bool label_ends_in(const char *label, size_t len, const char *text)
{
	size_t wanted = strlen(text);

	return len >= wanted && memcmp(label + len - wanted, text, wanted) == 0;
}

/* RFC 7468 section 5.1 has the two older labels of certificates. */
static enum awh_pem_kind kind_of(const char *label, size_t len)
{
	static const struct {
		const char *label;
		enum awh_pem_kind kind;
	} kinds[] = {
	    {"CERTIFICATE", AWH_PEM_CERTIFICATE},
	    {"X509 CERTIFICATE", AWH_PEM_CERTIFICATE},
	    {"X.509 CERTIFICATE", AWH_PEM_CERTIFICATE},
	    {"TRUSTED CERTIFICATE", AWH_PEM_TRUSTED},
	    {"CERTIFICATE REQUEST", AWH_PEM_REQUEST},
	    {"NEW CERTIFICATE REQUEST", AWH_PEM_REQUEST},
	    {"X509 CRL", AWH_PEM_CRL},
	    {"PKCS7", AWH_PEM_PKCS7},
	    {"PKCS #7 SIGNED DATA", AWH_PEM_PKCS7},
	    {"CMS", AWH_PEM_PKCS7},
	    {"ENCRYPTED PRIVATE KEY", AWH_PEM_ENCRYPTED_KEY},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (label_is(label, len, kinds[i].label))
			return kinds[i].kind;
	return label_ends_in(label, len, "PRIVATE KEY") ? AWH_PEM_KEY : AWH_PEM_OTHER;
}

static bool contains(const char *text, size_t len, const char *word)
{
	return len > 0 && memmem(text, len, word, strlen(word)) != NULL;
}

/* RFC 1421: "Proc-Type: 4,ENCRYPTED". */
static bool has_encryption_header(const struct awh_pem_block *block)
{
	return contains(block->body, block->body_len, "Proc-Type:") &&
	       contains(block->body, block->body_len, "ENCRYPTED");
}

/* The five dashes that end a boundary's label, in its line; NULL: there are none. */
static const char *find_dashes(const char *at, const char *end)
{
	for (; at < end && *at != '\n' && *at != '\r'; at++)
		if (starts_with(at, end, dashes))
			return at;
	return NULL;
}

/* Behind an END there is nothing in its line, except where files were put together. */
static bool is_line_over(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at == end || *at == '\n' || *at == '\r' || starts_with(at, end, begin_word);
}

/* At a BEGIN: the block up to its own END. False: malformed, or cut off. */
static bool take_block(struct awh_pem *pem, struct awh_pem_block *block)
{
	const char *label = pem->at + strlen(begin_word);
	const char *stop = find_dashes(label, pem->end), *last;
	size_t len = stop ? (size_t)(stop - label) : 0;

	if (len == 0)
		return false;
	block->text = pem->at;
	block->body = stop + strlen(dashes);
	last = memmem(block->body, (size_t)(pem->end - block->body), dashes, strlen(dashes));
	if (!last || !starts_with(last, pem->end, end_word))
		return false;
	block->body_len = (size_t)(last - block->body);
	last += strlen(end_word);
	if ((size_t)(pem->end - last) < len || memcmp(last, label, len) != 0 ||
	    !starts_with(last + len, pem->end, dashes))
		return false;
	pem->at = last + len + strlen(dashes);
	block->len = (size_t)(pem->at - block->text);
	block->kind = kind_of(label, len);
	if (block->kind == AWH_PEM_KEY && has_encryption_header(block))
		block->kind = AWH_PEM_ENCRYPTED_KEY;
	return is_line_over(pem->at, pem->end);
}

void awh_pem_begin(struct awh_pem *pem, const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, by editors */

	*pem = (struct awh_pem){.at = text, .end = text + len};
	if (starts_with(pem->at, pem->end, mark))
		pem->at += strlen(mark);
}

int awh_pem_next(struct awh_pem *pem, struct awh_pem_block *block, const char **problem)
{
	int err = skip_text(pem, problem);

	if (err <= 0)
		return err;
	if (!take_block(pem, block)) {
		*problem = "a PEM block that is malformed or cut off";
		return ADMWH_E_INVAL;
	}
	pem->has[block->kind] = true;
	return 1;
}

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four digits, of which so many are padding. False: bits that padding leaves over are not zero. */
static bool put_word(struct awh_buf *der, uint32_t word, unsigned int pads)
{
	const uint8_t out[3] = {(uint8_t)(word >> 16), (uint8_t)(word >> 8), (uint8_t)word};

	if (pads > 2 || (pads > 0 && out[3 - pads] != 0))
		return false;
	awh_buf_put(der, out, 3 - pads);
	return true;
}

/* False: something else than base64 and white space, or not whole, or not canonical. */
static bool decode(const struct awh_pem_block *block, struct awh_buf *der)
{
	uint32_t word = 0;
	unsigned int n = 0; /* digits in word */
	unsigned int pads = 0;

	for (size_t i = 0; i < block->body_len; i++) {
		char c = block->body[i];
		int value = digit(c);

		if (is_space(c))
			continue;
		if (value < 0 && c != '=')
			return false;
		if (value >= 0 && pads > 0)
			return false;
		pads += value < 0;
		word = word << 6 | (uint32_t)(value < 0 ? 0 : value);
		if (++n < 4)
			continue;
		if (!put_word(der, word, pads))
			return false;
		word = 0;
		n = 0;
	}
	return n == 0;
}

/* What such a block is in a file of certificates; NULL: nothing that matters there. */
static const char *problem_of(enum awh_pem_kind kind)
{
	switch (kind) {
	case AWH_PEM_TRUSTED:
		return "an OpenSSL TRUSTED CERTIFICATE (write it with openssl x509, without "
		       "-trustout)";
	case AWH_PEM_CRL:
		return "a CRL, which is not read (list what it revokes in a deny file)";
	case AWH_PEM_PKCS7:
		return "a PKCS #7 block (write its certificates with openssl pkcs7 -print_certs)";
	default:
		return NULL;
	}
}

int awh_pem_next_certificate(struct awh_pem *pem, struct awh_buf *der, const char **problem)
{
	struct awh_pem_block block;
	int err;

	awh_buf_reset(der);
	do {
		err = awh_pem_next(pem, &block, problem);
		if (err <= 0)
			return err;
		*problem = problem_of(block.kind);
		if (*problem)
			return ADMWH_E_INVAL;
	} while (block.kind != AWH_PEM_CERTIFICATE);
	if (!decode(&block, der)) {
		*problem = "a PEM block that is malformed or cut off";
		return ADMWH_E_INVAL;
	}
	return der->err ? der->err : 1;
}

void awh_pem_put_certificate(struct awh_buf *buf, const void *der, size_t len)
{
	enum { LINE_BYTES = 48 };
	const char *bytes = der;

	awh_buf_puts(buf, "-----BEGIN CERTIFICATE-----\n");
	for (size_t at = 0; at < len; at += LINE_BYTES) {
		awh_put_base64(buf, bytes + at, len - at < LINE_BYTES ? len - at : LINE_BYTES);
		awh_buf_put(buf, "\n", 1);
	}
	awh_buf_puts(buf, "-----END CERTIFICATE-----\n");
}

/* A SEQUENCE's first element; NULL: it is no DER of a certificate, a key or PKCS #12. */
static const uint8_t *first_element(const uint8_t *bytes, size_t len)
{
	size_t at = len > 1 && (bytes[1] & 0x80) ? 2 + (size_t)(bytes[1] & 0x7f) : 2;

	if (len < at + 3 || bytes[0] != 0x30 || (bytes[at] != 0x02 && bytes[at] != 0x30))
		return NULL;
	return bytes + at;
}

bool awh_tls_may_hold_key(const char *text, size_t len)
{
	return contains(text, len, "PRIVATE KEY-----") ||
	       first_element((const uint8_t *)text, len) != NULL;
}

/* Which of these it is. PFX (RFC 7292 section 4) begins with its version, 3; keys with 0 or 1. */
static const char *foreign_der(const uint8_t *first)
{
	if (memcmp(first, "\x02\x01\x03", 3) == 0)
		return "is PKCS #12, not PEM (convert it with openssl pkcs12 -nodes -in FILE)";
	if (first[0] == 0x02)
		return "is a private key in DER, not PEM (convert it with openssl pkey -inform DER "
		       "-in FILE)";
	return "is DER, not PEM (convert it with openssl x509 -inform DER -in FILE)";
}

const char *awh_pem_foreign(const char *text, size_t len)
{
	const uint8_t *bytes = (const uint8_t *)text;
	const uint8_t *first = first_element(bytes, len);
	size_t i = 0;

	while (i < len && is_space(text[i]))
		i++;
	if (i == len)
		return "is empty";
	if (first)
		return foreign_der(first);
	if (len > 1 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
		return "is UTF-16 text (save it as ASCII)";
	return "has no PEM block (\"-----BEGIN ...\") in it";
}
