/* SPDX-License-Identifier: MIT */
/* Keys and certificates, made and read by wolfSSL. */
#ifndef ADMWHCTL_PKI_H
#define ADMWHCTL_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pki_usage { PKI_CA, PKI_SERVER, PKI_CLIENT };

struct pki_names {
	const char *common_name;
	const char *const *dns; /* NULL-terminated; NULL: none */
	const char *const *ip;  /* texts; NULL-terminated; NULL: none */
};

/* A certificate and its P-256 key, both PEM. */
struct pki_pair {
	char *certificate, *key; /* New; key is wiped before it is freed */
};

/*
 * Make a key and a certificate. issuer NULL: a CA that issues itself, pathlen 0. A serial of 16
 * random bytes; exact extended key usage; from: seconds since 1970, 0: now less an hour; to: end.
 * Returns 0, or -1: it has complained.
 */
int pki_make(struct pki_pair *pair, enum pki_usage usage, const struct pki_names *names,
	     const struct pki_pair *issuer, int64_t from, int64_t to);

void pki_pair_deinit(struct pki_pair *pair);

#endif
