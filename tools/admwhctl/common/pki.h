/* SPDX-License-Identifier: MIT */
/*
 * Keys and certificates that are made: P-256, ECDSA with SHA-256. The profiles are those of RFC
 * 5280: critical basicConstraints and keyUsage, one purpose, key identifiers.
 */
#ifndef ADMWHCTL_PKI_H
#define ADMWHCTL_PKI_H

#include <stddef.h>
#include <stdint.h>

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

#endif
