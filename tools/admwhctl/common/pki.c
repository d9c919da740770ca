/* SPDX-License-Identifier: MIT */
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/random.h>
#include <wolfssl/wolfcrypt/sha256.h>

#include "common/pki.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/certificate.h"
#include "common/der.h"
#include "common/files.h"
#include "common/print.h"

enum { KEY_BYTES = 32, SERIAL_BYTES = 16, KEY_ID_BYTES = 20, DER_KEY_BYTES = 256 };

static const unsigned char ecdsa_with_sha256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const unsigned char common_name_oid[] = {0x55, 0x04, 0x03};

/* The last byte of id-ce, 2.5.29. */
enum { KEY_ID = 14, KEY_USAGE = 15, ALT_NAME = 17, CONSTRAINTS = 19, AUTHORITY = 35, PURPOSE = 37 };

struct maker {
	WC_RNG rng;
	ecc_key key, issuer_key;
	bool has_rng, has_key, has_issuer_key;
	struct certificates issuer; /* the first is the one */
	unsigned char public_key[DER_KEY_BYTES];
	size_t public_key_len;
	unsigned char key_id[KEY_ID_BYTES];
};

static int fail(const char *what, int err)
{
	complain("%s: wolfSSL: %s", what, wc_GetErrorString(err));
	return -1;
}

/* The leftmost 160 bits of SHA-256 of the key's bits: RFC 7093, section 2, method 1. The point is
 * the last 65 bytes of the SubjectPublicKeyInfo. */
static int find_key_id(struct maker *maker)
{
	unsigned char digest[WC_SHA256_DIGEST_SIZE];
	const size_t point = 1 + 2 * KEY_BYTES;
	int err =
	    wc_Sha256Hash(maker->public_key + maker->public_key_len - point, (word32)point, digest);

	if (err == 0)
		memcpy(maker->key_id, digest, KEY_ID_BYTES);
	return err;
}

static int make_key(struct maker *maker)
{
	int err = wc_InitRng(&maker->rng);

	maker->has_rng = err == 0;
	if (err == 0)
		err = wc_ecc_init(&maker->key);
	maker->has_key = maker->has_rng && err == 0;
	if (err == 0)
		err = wc_ecc_make_key_ex(&maker->rng, KEY_BYTES, &maker->key, ECC_SECP256R1);
	if (err == 0) {
		err = wc_EccPublicKeyToDer(&maker->key, maker->public_key,
					   sizeof(maker->public_key), 1);
		maker->public_key_len = err > 0 ? (size_t)err : 0;
		err = err > 0 ? find_key_id(maker) : err;
	}
	return err ? fail("making a key", err) : 0;
}

/* A P-256 key of PEM; *is_init says whether wc_ecc_free() is due. Returns an error of wolfSSL. */
static int load_key(ecc_key *key, bool *is_init, const char *pem)
{
	unsigned char der[4096];
	word32 at = 0;
	int len =
	    wc_KeyPemToDer((const unsigned char *)pem, (int)strlen(pem), der, sizeof(der), NULL);
	int err = len > 0 ? wc_ecc_init(key) : len;

	*is_init = len > 0 && err == 0;
	if (*is_init)
		err = wc_EccPrivateKeyDecode(der, &at, key, (word32)len);
	if (*is_init && err == 0)
		err = wc_ecc_make_pub(key, NULL);
	explicit_bzero(der, sizeof(der));
	return err;
}

static int read_issuer(struct maker *maker, const struct pki_pair *issuer)
{
	const char *problem =
	    certificates_read(&maker->issuer, issuer->certificate, strlen(issuer->certificate));
	int err;

	if (problem) {
		complain("the issuer's certificate: %s", problem);
		return -1;
	}
	err = load_key(&maker->issuer_key, &maker->has_issuer_key, issuer->key);
	if (err)
		return fail("the issuer's key, which has to be one of P-256", err);
	problem = certificate_key_problem(maker->issuer.list, issuer->key, strlen(issuer->key));
	if (problem)
		complain("the issuer's key: %s", problem);
	return problem ? -1 : 0;
}

static void add_name(struct der *der, const char *common_name)
{
	size_t name = der_begin(der, DER_SEQUENCE);
	size_t set = der_begin(der, DER_SET);
	size_t pair = der_begin(der, DER_SEQUENCE);

	der_add(der, DER_OID, common_name_oid, sizeof(common_name_oid));
	der_add(der, DER_UTF8_STRING, common_name, strlen(common_name));
	der_end(der, pair);
	der_end(der, set);
	der_end(der, name);
}

/* RFC 5280, section 4.1.2.5: UTCTime through 2049. */
static void add_time(struct der *der, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;
	char text[32];

	gmtime_r(&when, &tm);
	strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	if (tm.tm_year < 150)
		der_add(der, DER_UTC_TIME, text + 2, strlen(text + 2));
	else
		der_add(der, DER_GENERALIZED_TIME, text, strlen(text));
}

static void add_validity(struct der *der, int64_t from, int64_t to)
{
	size_t validity = der_begin(der, DER_SEQUENCE);

	add_time(der, from);
	add_time(der, to);
	der_end(der, validity);
}

static void add_algorithm(struct der *der)
{
	size_t algorithm = der_begin(der, DER_SEQUENCE);

	der_add(der, DER_OID, ecdsa_with_sha256, sizeof(ecdsa_with_sha256));
	der_end(der, algorithm);
}

/* Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue OCTET STRING } */
static void add_extension(struct der *der, unsigned char id, bool is_critical,
			  const struct der *value)
{
	const unsigned char oid[] = {0x55, 0x1d, id}, yes = 0xff;
	size_t extension = der_begin(der, DER_SEQUENCE);

	der_add(der, DER_OID, oid, sizeof(oid));
	if (is_critical)
		der_add(der, DER_BOOLEAN, &yes, 1);
	der_add(der, DER_OCTET_STRING, value->bytes, value->len);
	der_end(der, extension);
}

static void add_constraints(struct der *der, bool is_ca)
{
	const unsigned char yes = 0xff, pathlen = 0;
	struct der value = {0};
	size_t sequence = der_begin(&value, DER_SEQUENCE);

	if (is_ca) {
		der_add(&value, DER_BOOLEAN, &yes, 1);
		der_add(&value, DER_INTEGER, &pathlen, 1);
	}
	der_end(&value, sequence);
	add_extension(der, CONSTRAINTS, true, &value);
	der_deinit(&value);
}

/* A BIT STRING begins with the number of its unused bits: keyCertSign and cRLSign are bits 5 and 6,
 * digitalSignature is bit 0. */
static void add_usage(struct der *der, bool is_ca)
{
	const unsigned char of_ca[] = {1, 0x06}, of_leaf[] = {7, 0x80};
	struct der value = {0};

	der_add(&value, DER_BIT_STRING, is_ca ? of_ca : of_leaf, 2);
	add_extension(der, KEY_USAGE, true, &value);
	der_deinit(&value);
}

/* id-kp-serverAuth is 1.3.6.1.5.5.7.3.1, id-kp-clientAuth ends with 2. */
static void add_purpose(struct der *der, enum pki_usage usage)
{
	const unsigned char oid[] = {0x2b, 6, 1, 5, 5, 7, 3, usage == PKI_SERVER ? 1 : 2};
	struct der value = {0};
	size_t sequence = der_begin(&value, DER_SEQUENCE);

	der_add(&value, DER_OID, oid, sizeof(oid));
	der_end(&value, sequence);
	add_extension(der, PURPOSE, false, &value);
	der_deinit(&value);
}

static void add_key_ids(struct der *der, const struct maker *maker)
{
	const struct der_view *authority =
	    maker->has_issuer_key ? &maker->issuer.list->key_id : NULL;
	struct der value = {0};
	size_t sequence;

	der_add(&value, DER_OCTET_STRING, maker->key_id, KEY_ID_BYTES);
	add_extension(der, KEY_ID, false, &value);
	der_deinit(&value);
	if (!authority || authority->len == 0)
		return;
	sequence = der_begin(&value, DER_SEQUENCE);
	der_add(&value, DER_CONTEXT, authority->at, authority->len);
	der_end(&value, sequence);
	add_extension(der, AUTHORITY, false, &value);
	der_deinit(&value);
}

/* dNSName is [2], iPAddress is [7] with its bytes. */
static void add_ip(struct der *value, const char *text)
{
	unsigned char bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		der_add(value, DER_CONTEXT | 7, bytes, 4);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		der_add(value, DER_CONTEXT | 7, bytes, 16);
}

static void add_alt_names(struct der *der, const struct pki_names *names)
{
	struct der value = {0};
	size_t sequence;

	if ((!names->dns || !*names->dns) && (!names->ip || !*names->ip))
		return;
	sequence = der_begin(&value, DER_SEQUENCE);
	for (const char *const *name = names->dns; name && *name; name++)
		der_add(&value, DER_CONTEXT | 2, *name, strlen(*name));
	for (const char *const *name = names->ip; name && *name; name++)
		add_ip(&value, *name);
	der_end(&value, sequence);
	add_extension(der, ALT_NAME, false, &value);
	der_deinit(&value);
}

static void add_extensions(struct der *der, const struct maker *maker, enum pki_usage usage,
			   const struct pki_names *names)
{
	size_t tagged = der_begin(der, DER_CONTEXT_COMPOUND | 3);
	size_t sequence = der_begin(der, DER_SEQUENCE);

	add_constraints(der, usage == PKI_CA);
	add_usage(der, usage == PKI_CA);
	if (usage != PKI_CA)
		add_purpose(der, usage);
	add_key_ids(der, maker);
	add_alt_names(der, names);
	der_end(der, sequence);
	der_end(der, tagged);
}

/* Sixteen bytes whatever they are: positive, and the first one not zero. */
static int add_serial(struct der *der, struct maker *maker)
{
	unsigned char serial[SERIAL_BYTES];
	int err = wc_RNG_GenerateBlock(&maker->rng, serial, sizeof(serial));

	if (err)
		return fail("a serial number", err);
	serial[0] = (serial[0] & 0x7f) | 0x40;
	der_add(der, DER_INTEGER, serial, sizeof(serial));
	return 0;
}

/* TBSCertificate of RFC 5280, section 4.1. */
static int write_body(struct der *der, struct maker *maker, enum pki_usage usage,
		      const struct pki_names *names, int64_t from, int64_t to)
{
	const unsigned char v3 = 2;
	size_t body = der_begin(der, DER_SEQUENCE);
	size_t version = der_begin(der, DER_CONTEXT_COMPOUND);

	der_add(der, DER_INTEGER, &v3, 1);
	der_end(der, version);
	if (add_serial(der, maker))
		return -1;
	add_algorithm(der);
	if (maker->has_issuer_key)
		der_raw(der, maker->issuer.list->subject.at, maker->issuer.list->subject.len);
	else
		add_name(der, names->common_name);
	add_validity(der, from, to);
	add_name(der, names->common_name);
	der_raw(der, maker->public_key, maker->public_key_len);
	add_extensions(der, maker, usage, names);
	der_end(der, body);
	return 0;
}

static int sign(struct der *certificate, struct maker *maker, const struct der *body)
{
	unsigned char digest[WC_SHA256_DIGEST_SIZE], signature[1 + ECC_MAX_SIG_SIZE];
	ecc_key *key = maker->has_issuer_key ? &maker->issuer_key : &maker->key;
	word32 len = sizeof(signature) - 1;
	int err = wc_Sha256Hash(body->bytes, (word32)body->len, digest);
	size_t sequence;

	if (err == 0)
		err =
		    wc_ecc_sign_hash(digest, sizeof(digest), signature + 1, &len, &maker->rng, key);
	if (err)
		return fail("signing a certificate", err);
	signature[0] = 0; /* no unused bits */
	sequence = der_begin(certificate, DER_SEQUENCE);
	der_raw(certificate, body->bytes, body->len);
	add_algorithm(certificate);
	der_add(certificate, DER_BIT_STRING, signature, 1 + (size_t)len);
	der_end(certificate, sequence);
	return 0;
}

/* NULL: it has complained. */
static char *pem_of(const unsigned char *der, size_t len, int type)
{
	int size = wc_DerToPem(der, (word32)len, NULL, 0, type);
	char *pem = size > 0 ? memory_grown(NULL, (size_t)size + 1) : NULL;
	int err =
	    pem ? wc_DerToPem(der, (word32)len, (unsigned char *)pem, (word32)size, type) : size;

	if (err <= 0) {
		free(pem);
		fail("PEM", err);
		return NULL;
	}
	pem[err] = '\0';
	return pem;
}

static char *pem_of_key(struct maker *maker)
{
	unsigned char der[DER_KEY_BYTES];
	word32 len = sizeof(der);
	int size = wc_EccKeyToPKCS8(&maker->key, der, &len);
	char *pem = NULL;

	if (size > 0)
		pem = pem_of(der, (size_t)size, PKCS8_PRIVATEKEY_TYPE);
	else
		fail("a key", size);
	explicit_bzero(der, sizeof(der));
	return pem;
}

static void maker_deinit(struct maker *maker)
{
	if (maker->has_key)
		wc_ecc_free(&maker->key);
	if (maker->has_issuer_key)
		wc_ecc_free(&maker->issuer_key);
	if (maker->has_rng)
		wc_FreeRng(&maker->rng);
	certificates_deinit(&maker->issuer);
}

int pki_make(struct pki_pair *pair, enum pki_usage usage, const struct pki_names *names,
	     const struct pki_pair *issuer, int64_t from, int64_t to)
{
	struct maker maker = {0};
	struct der body = {0}, certificate = {0};
	struct pki_pair made = {0};
	int err = make_key(&maker);

	if (from == 0)
		from = (int64_t)time(NULL) - 3600;
	if (err == 0 && issuer)
		err = read_issuer(&maker, issuer);
	if (err == 0)
		err = write_body(&body, &maker, usage, names, from, to);
	if (err == 0)
		err = sign(&certificate, &maker, &body);
	if (err == 0) {
		made.certificate = pem_of(certificate.bytes, certificate.len, CERT_TYPE);
		made.key = pem_of_key(&maker);
		err = made.certificate && made.key ? 0 : -1;
	}
	if (err == 0)
		*pair = made;
	else
		pki_pair_deinit(&made);
	der_deinit(&body);
	der_deinit(&certificate);
	maker_deinit(&maker);
	return err;
}

void pki_pair_deinit(struct pki_pair *pair)
{
	secret_free(pair->key);
	free(pair->certificate);
	memset(pair, 0, sizeof(*pair));
}

char *pki_random_hex(size_t bytes)
{
	char *text = memory_grown(NULL, 2 * bytes + 1);
	WC_RNG rng;
	int err = wc_InitRng(&rng);

	if (err == 0) {
		err = wc_RNG_GenerateBlock(&rng, (unsigned char *)text + bytes, (word32)bytes);
		wc_FreeRng(&rng);
	}
	if (err) {
		free(text);
		fail("random bytes", err);
		return NULL;
	}
	/* From the second half forward: what is written never reaches what is still to be read. */
	for (size_t i = 0; i < bytes; i++) {
		unsigned char byte = (unsigned char)text[bytes + i];

		text[2 * i] = "0123456789abcdef"[byte >> 4];
		text[2 * i + 1] = "0123456789abcdef"[byte & 15];
	}
	text[2 * bytes] = '\0';
	return text;
}
