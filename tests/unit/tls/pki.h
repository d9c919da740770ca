/* SPDX-License-Identifier: MIT */
/*
 * The certificates that tests/pki/make_pki.py made: files and the index of the
 * right verdicts. ADMWH_PKI names their folder.
 */
#ifndef PKI_H
#define PKI_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "tls/pem.h"
#include "tls/wolfssl.h"
#include "tls/x509.h"

/* A whole file of the folder, NUL-terminated; *new*. */
static inline char *pki_load(const char *name, size_t *len)
{
	const char *folder = getenv("ADMWH_PKI");
	char path[4096];
	char *data = NULL;
	FILE *file;
	long size;

	snprintf(path, sizeof(path), "%s/%s", folder ? folder : "pki", name);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	assert_true(size >= 0);
	rewind(file);
	data = malloc((size_t)size + 1);
	assert_non_null(data);
	*len = fread(data, 1, (size_t)size, file);
	data[*len] = '\0';
	fclose(file);
	return data;
}

/* *new* */
static inline json_t *pki_index(void)
{
	size_t len;
	char *text = pki_load("index.json", &len);
	json_t *index = json_loads(text, 0, NULL);

	free(text);
	assert_non_null(index);
	return index;
}

static inline const char *pki_text(const json_t *entry, const char *key)
{
	return json_string_value(json_object_get(entry, key));
}

/* The entry of this case in "clients", "cas" or "servers"; *borrowed*. */
static inline json_t *pki_case(const json_t *index, const char *list, const char *name)
{
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(index, list), i, entry)
		if (strcmp(pki_text(entry, "case"), name) == 0)
			return entry;
	fail_msg("no case %s in %s", name, list);
	return NULL;
}

static inline word32 pki_version(const char *text)
{
	unsigned int major = 0, minor = 0, patch = 0;

	assert_int_equal(sscanf(text, "%u.%u.%u", &major, &minor, &patch), 3);
	return major << 24 | minor << 12 | patch;
}

/* Is a row of tests/tls-library.json, which says why, about this wolfSSL? */
static inline bool pki_differs(const json_t *index, const char *list, const char *name)
{
	const json_t *rows = json_object_get(json_object_get(index, "tls_library"), list);
	word32 version = wolfSSL_lib_version_hex();
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *before = pki_text(row, "before");

		if (strcmp(pki_text(row, "case"), name) == 0)
			return version >= pki_version(pki_text(row, "since")) &&
			       (!before || version < pki_version(before));
	}
	return false;
}

/* Does this wolfSSL itself end the handshake at this client? */
static inline bool pki_is_unreadable(const json_t *index, const char *name)
{
	return pki_differs(index, "unreadable", name);
}

enum { PKI_CHAIN_MAX = 9 };

/* The certificates of a PEM file, as DER. */
struct pki_chain {
	struct awh_buf der[PKI_CHAIN_MAX];
	struct awh_der spans[PKI_CHAIN_MAX];
	size_t n;
};

static inline void pki_chain_load(struct pki_chain *chain, const char *name)
{
	const char *problem = NULL;
	size_t len;
	char *text = pki_load(name, &len);
	struct awh_pem pem;

	chain->n = 0;
	awh_pem_begin(&pem, text, len);
	for (;;) {
		struct awh_buf *der = &chain->der[chain->n];

		assert_true(chain->n < PKI_CHAIN_MAX);
		awh_buf_init(der, AWH_X509_BYTES_MAX);
		if (awh_pem_next_certificate(&pem, der, &problem) <= 0)
			break;
		chain->spans[chain->n++] = (struct awh_der){(uint8_t *)der->data, der->len};
	}
	assert_null(problem);
	free(text);
}

static inline void pki_chain_deinit(struct pki_chain *chain)
{
	for (size_t i = 0; i < chain->n; i++)
		awh_buf_deinit(&chain->der[i]);
	chain->n = 0;
}

/* A group's set-up, where no context starts the library. */
static inline int start_wolfssl(void **state)
{
	(void)state;
	return awh_wolfssl_start(NULL);
}

#endif
