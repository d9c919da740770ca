/* SPDX-License-Identifier: MIT */
/*
 * PEM (RFC 7468): blocks, with any text around them, as `openssl x509 -text`,
 * `openssl pkcs12` and bundles with titles have it. A block that was cut off, at
 * its beginning or at its end, is an error, so that a half-written file never
 * loads as fewer certificates.
 */
#ifndef AWH_TLS_PEM_H
#define AWH_TLS_PEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* What a block is, by its label and, for an encrypted key, by its header (RFC 1421). */
enum awh_pem_kind {
	AWH_PEM_CERTIFICATE,
	AWH_PEM_KEY, /* a private key */
	AWH_PEM_ENCRYPTED_KEY,
	AWH_PEM_REQUEST, /* for a certificate */
	AWH_PEM_TRUSTED, /* a certificate with OpenSSL's own trust settings */
	AWH_PEM_CRL,
	AWH_PEM_PKCS7, /* which may hold certificates */
	AWH_PEM_OTHER, /* parameters, public keys */
	AWH_PEM_KINDS
};

/* One block: a part of the text it was found in. */
struct awh_pem_block {
	enum awh_pem_kind kind;
	const char *text; /* with its boundaries */
	size_t len;
	const char *body; /* between them */
	size_t body_len;
};

struct awh_pem {
	const char *at;
	const char *end;
	bool has[AWH_PEM_KINDS]; /* blocks so far */
};

void awh_pem_begin(struct awh_pem *pem, const char *text, size_t len);

/*
 * The next block, of any kind.
 *
 * Returns 1; 0 at the end; ADMWH_E_INVAL (problem: what is wrong, static).
 */
int awh_pem_next(struct awh_pem *pem, struct awh_pem_block *block, const char **problem);

/*
 * The next certificate's bytes, put into der (reset first). Keys, requests and parameters are
 * passed over, see pem->has; what holds certificates or revocations in a form that is not read is
 * an error.
 *
 * Returns 1; 0 at the end; ADMWH_E_INVAL (problem: what is wrong, static) or the failure of der.
 */
int awh_pem_next_certificate(struct awh_pem *pem, struct awh_buf *der, const char **problem);

/* Append a certificate as a PEM block. */
void awh_pem_put_certificate(struct awh_buf *buf, const void *der, size_t len);

/* What a text without a PEM block is instead, after "the file ": "is empty". Static. */
const char *awh_pem_foreign(const char *text, size_t len);

#endif
