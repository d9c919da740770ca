/* SPDX-License-Identifier: MIT */
/* Certificates of PEM files, read from their DER. wolfSSL verifies signatures and keys. */
#ifndef ADMWHCTL_CERTIFICATE_H
#define ADMWHCTL_CERTIFICATE_H

#include <jansson.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/der.h"

enum key_kind { KEY_EC, KEY_RSA, KEY_ED25519, KEY_OTHER };

enum {
	USAGE_DIGITAL_SIGNATURE = 0x80, /* the first byte of keyUsage, RFC 5280 section 4.2.1.3 */
	USAGE_KEY_CERT_SIGN = 0x04,
};

struct certificate {
	uint8_t *bytes; /* owned */
	struct der_view der, serial, issuer, subject, key_info, key_bits;
	struct der_view key_id; /* subjectKeyIdentifier; empty: none */
	enum key_kind key;
	size_t key_size;  /* bits of an RSA modulus or of an EC field, about */
	bool is_weak;     /* signed with MD5 or SHA-1 */
	int64_t from, to; /* seconds since 1970 */
	/* Arrays of texts, as print_shown() shows them. */
	json_t *common_names, *dns, *addresses, *uris;
	bool is_ca, has_name_constraints;
	bool has_usage, has_extended_usage, for_server, for_client;
	unsigned int usage;
};

struct certificates {
	struct certificate *list; /* in their order */
	size_t n;
	bool has_key; /* there is a private key among them */
};

/* Read PEM. NULL, or what is wrong with it (static); free it in both cases. */
const char *certificates_read(struct certificates *certificates, const char *pem, size_t len);

void certificates_deinit(struct certificates *certificates);

/* One of DER. Returns 0, or -1: it is malformed; certificate_deinit() in both cases. */
int certificate_read(struct certificate *certificate, const void *der, size_t len);

void certificate_deinit(struct certificate *certificate);

/* In lower-case letters. */
enum { SHA256_HEX_BYTES = 65 };
void sha256_hex(const void *bytes, size_t len, char hex[SHA256_HEX_BYTES]);

/* The text of the certificate at a place of a PEM file, its own lines alone. New. NULL: there are
 * not so many. */
char *certificate_pem(const char *pem, size_t i);

/* The first common name; "": there is none. */
const char *certificate_name(const struct certificate *certificate);

/* Is this host (a DNS name or an address) among its subject alternative names? Go's rule
 * (crypto/x509): one wildcard as the whole first label. */
bool certificate_is_for(const struct certificate *certificate, const char *host);

/* Is it an address? text: in the form in which those of certificates are read. */
bool host_address(const char *host, char text[INET6_ADDRSTRLEN]);

/* Is it signed by this CA, and has it the CA's name as its issuer's? Dates do not count. */
bool certificate_issued_by(const struct certificate *certificate, const struct certificate *ca);

/* Did one of these CAs issue the first certificate, directly or by those that follow it? */
bool certificates_end_at(const struct certificates *chain, const struct certificates *cas);

/* Does a PEM private key belong to the certificate? NULL, or why not (static). */
const char *certificate_key_problem(const struct certificate *certificate, const char *pem,
				    size_t len);

#endif
