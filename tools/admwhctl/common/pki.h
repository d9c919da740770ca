/* SPDX-License-Identifier: MIT */
/*
 * Keys and certificates: made (P-256, ECDSA with SHA-256) and read. The profiles are those of RFC
 * 5280: critical basicConstraints and keyUsage, one purpose, key identifiers.
 */
#ifndef ADMWHCTL_PKI_H
#define ADMWHCTL_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/der.h"

enum pki_usage { PKI_CA, PKI_SERVER, PKI_CLIENT };

struct pki_names {
	const char *common_name; /* at most 64 bytes */
	const char *const *dns;  /* NULL-terminated; NULL: none */
	const char *const *ip;   /* texts; NULL-terminated; NULL: none */
};

/* A certificate and its P-256 key, both PEM. */
struct pki_pair {
	char *certificate, *key; /* New; key is wiped before it is freed */
};

/*
 * Make a key and a certificate. issuer NULL: a CA that issues itself, pathlen 0; else a pair whose
 * first certificate is the issuer's. A serial of 16 random bytes; exact extended key usage; from:
 * seconds since 1970, 0: now less an hour; to: end. Returns 0, or -1: it has complained.
 */
int pki_make(struct pki_pair *pair, enum pki_usage usage, const struct pki_names *names,
	     const struct pki_pair *issuer, int64_t from, int64_t to);

void pki_pair_deinit(struct pki_pair *pair);

/* A new text of 2 * bytes random lower-case hex digits. NULL: it has complained. */
char *pki_random_hex(size_t bytes);

/* What a certificate says. Its views are of its DER. */
struct pki_certificate {
	unsigned char *der;
	size_t len;
	struct der_view issuer, subject;          /* Names, whole */
	struct der_view public_key;               /* SubjectPublicKeyInfo, whole */
	struct der_view key_id, authority_key_id; /* empty: none */
	int64_t from, to;                         /* seconds since 1970 */
	char *common_name;                        /* the first; "" without one */
	char **dns, **ip;                         /* NULL-terminated, never NULL */
	bool is_ca;
};

/*
 * The certificate at a place, from 0, of a PEM file. Returns 0; 1: there are not so many; -1: it is
 * none that can be read. Says nothing.
 */
int pki_read(const char *pem, size_t i, struct pki_certificate *certificate);

void pki_certificate_deinit(struct pki_certificate *certificate);

/* The text of the certificate at a place of a PEM file, its own lines alone. New. NULL: there are
 * not so many. */
char *pki_pem(const char *pem, size_t i);

/* By names and key identifiers; the signature is not looked at. */
bool pki_is_issued_by(const struct pki_certificate *certificate, const struct pki_certificate *ca);

/* Whether a PEM key, P-256, is that of a certificate; false for other kinds of keys. */
bool pki_is_key_of(const char *key, const struct pki_certificate *certificate);

#endif
