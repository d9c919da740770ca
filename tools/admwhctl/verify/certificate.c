/* SPDX-License-Identifier: MIT */
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/coding.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include "verify/certificate.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/files.h"
#include "verify/folder.h"

#define IS_OID(value, ...)                                                                         \
	is_oid(value, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static bool is_oid(struct der_view value, const uint8_t *bytes, size_t len)
{
	return der_equal(&value, bytes, len);
}

static const char malformed[] = "a certificate in it is malformed";

/* What is no text, a NUL among it, is shown as \xHH. */
static void add_text(json_t *array, struct der_view value)
{
	char *text = text_new("%s", "");

	for (size_t i = 0; i < value.len; i++) {
		bool is_plain = value.at[i] > 0x1f && value.at[i] < 0x7f;
		char *longer = is_plain ? text_new("%s%c", text, value.at[i])
					: text_new("%s\\x%02x", text, value.at[i]);

		free(text);
		text = longer;
	}
	json_array_append_new(array, json_string(text));
	free(text);
}

static void add_address(json_t *array, struct der_view value)
{
	char text[INET6_ADDRSTRLEN] = "malformed address";

	if (value.len == 4)
		inet_ntop(AF_INET, value.at, text, sizeof(text));
	else if (value.len == 16)
		inet_ntop(AF_INET6, value.at, text, sizeof(text));
	json_array_append_new(array, json_string(text));
}

static bool read_subject(struct certificate *cert)
{
	struct der_view rest = cert->subject;
	struct der_view names, set, pair, oid, value;
	unsigned int tag;

	if (!der_take_tag(&rest, DER_SEQUENCE, &names))
		return false;
	while (names.len > 0) {
		if (!der_take_tag(&names, DER_SET, &set) ||
		    !der_take_tag(&set, DER_SEQUENCE, &pair) ||
		    !der_take_tag(&pair, DER_OID, &oid) || !der_take(&pair, &tag, &value, NULL))
			return false;
		if (IS_OID(oid, 0x55, 0x04, 0x03))
			add_text(cert->common_names, value);
	}
	return true;
}

static bool read_alternative_names(struct certificate *cert, struct der_view rest)
{
	struct der_view names, value;
	unsigned int tag;

	if (!der_take_tag(&rest, DER_SEQUENCE, &names))
		return false;
	while (names.len > 0) {
		if (!der_take(&names, &tag, &value, NULL))
			return false;
		if (tag == (DER_CONTEXT | 2))
			add_text(cert->dns, value);
		else if (tag == (DER_CONTEXT | 6))
			add_text(cert->uris, value);
		else if (tag == (DER_CONTEXT | 7))
			add_address(cert->addresses, value);
	}
	return true;
}

static bool read_extended_usage(struct certificate *cert, struct der_view rest)
{
	struct der_view oids, oid;

	if (!der_take_tag(&rest, DER_SEQUENCE, &oids))
		return false;
	cert->has_extended_usage = true;
	while (der_take_tag(&oids, DER_OID, &oid)) {
		bool any = IS_OID(oid, 0x55, 0x1d, 0x25, 0x00);

		cert->for_server |= any || IS_OID(oid, 0x2b, 6, 1, 5, 5, 7, 3, 1);
		cert->for_client |= any || IS_OID(oid, 0x2b, 6, 1, 5, 5, 7, 3, 2);
	}
	return true;
}

static bool read_extension(struct certificate *cert, struct der_view extension)
{
	struct der_view oid, flag, value, fields;

	if (!der_take_tag(&extension, DER_OID, &oid))
		return false;
	der_take_tag(&extension, DER_BOOLEAN, &flag);
	if (!der_take_tag(&extension, DER_OCTET_STRING, &value))
		return false;
	if (IS_OID(oid, 0x55, 0x1d, 0x11))
		return read_alternative_names(cert, value);
	if (IS_OID(oid, 0x55, 0x1d, 0x25))
		return read_extended_usage(cert, value);
	cert->has_name_constraints |= IS_OID(oid, 0x55, 0x1d, 0x1e);
	if (IS_OID(oid, 0x55, 0x1d, 0x13)) {
		cert->is_ca = der_take_tag(&value, DER_SEQUENCE, &fields) &&
			      der_take_tag(&fields, DER_BOOLEAN, &flag) && flag.len == 1 &&
			      flag.at[0] != 0;
	} else if (IS_OID(oid, 0x55, 0x1d, 0x0f)) {
		cert->has_usage = der_take_tag(&value, DER_BIT_STRING, &fields) && fields.len >= 2;
		cert->usage = cert->has_usage ? fields.at[1] : 0;
	}
	return true;
}

static bool read_extensions(struct certificate *cert, struct der_view rest)
{
	struct der_view wrapped, list, extension;
	unsigned int tag;

	while (der_take(&rest, &tag, &wrapped, NULL)) {
		if (tag != (DER_CONTEXT_COMPOUND | 3))
			continue;
		if (!der_take_tag(&wrapped, DER_SEQUENCE, &list))
			return false;
		while (der_take_tag(&list, DER_SEQUENCE, &extension))
			if (!read_extension(cert, extension))
				return false;
	}
	return true;
}

/* The modulus of an RSAPublicKey, in bits. */
static size_t rsa_size(struct der_view key)
{
	struct der_view numbers, modulus;
	unsigned int tag;

	if (!der_take_tag(&key, DER_SEQUENCE, &numbers) ||
	    !der_take(&numbers, &tag, &modulus, NULL) || modulus.len == 0)
		return 0;
	return (modulus.len - (modulus.at[0] == 0)) * 8;
}

static bool read_key(struct certificate *cert)
{
	struct der_view rest = cert->key_info;
	struct der_view info, algorithm, oid;

	if (!der_take_tag(&rest, DER_SEQUENCE, &info) ||
	    !der_take_tag(&info, DER_SEQUENCE, &algorithm) ||
	    !der_take_tag(&algorithm, DER_OID, &oid) ||
	    !der_take_tag(&info, DER_BIT_STRING, &cert->key_bits) || cert->key_bits.len < 2)
		return false;
	cert->key_bits.at++; /* the count of unused bits */
	cert->key_bits.len--;
	cert->key = KEY_OTHER;
	if (IS_OID(oid, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01)) {
		cert->key = KEY_EC;
		cert->key_size = (cert->key_bits.len - 1) / 2 * 8;
	} else if (IS_OID(oid, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01)) {
		cert->key = KEY_RSA;
		cert->key_size = rsa_size(cert->key_bits);
	} else if (IS_OID(oid, 0x2b, 0x65, 0x70)) {
		cert->key = KEY_ED25519;
	}
	return true;
}

static bool is_weak(struct der_view oid)
{
	return IS_OID(oid, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04) ||
	       IS_OID(oid, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05) ||
	       IS_OID(oid, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01);
}

/* UTCTime or GeneralizedTime, RFC 5280 section 4.1.2.5. */
static bool read_time(struct der_view *in, int64_t *seconds)
{
	struct tm parts = {0};
	struct der_view value;
	char text[18] = "";
	const char *end;
	unsigned int tag;

	if (!der_take(in, &tag, &value, NULL) || value.len > 15)
		return false;
	memcpy(text, value.at, value.len);
	if (tag == DER_UTC_TIME) {
		/* strptime's two digits begin with 1969, these with 1950. */
		memmove(text + 2, text, 14);
		memcpy(text, text[2] < '5' ? "20" : "19", 2);
	}
	end = strptime(text, "%Y%m%d%H%M%S", &parts);
	if (!end || strcmp(end, "Z") != 0)
		return false;
	*seconds = timegm(&parts);
	return true;
}

static bool read_dates(struct certificate *cert, struct der_view dates)
{
	return read_time(&dates, &cert->from) && read_time(&dates, &cert->to);
}

/* TBSCertificate, RFC 5280 section 4.1. */
static bool read_fields(struct certificate *cert)
{
	struct der_view in = cert->der;
	struct der_view outer, tbs, value, oid;
	unsigned int tag;

	if (!der_take_tag(&in, DER_SEQUENCE, &outer) || !der_take_tag(&outer, DER_SEQUENCE, &tbs))
		return false;
	der_take_tag(&tbs, DER_CONTEXT_COMPOUND, &value); /* the version */
	if (!der_take(&tbs, &tag, &cert->serial, NULL) ||
	    !der_take_tag(&tbs, DER_SEQUENCE, &value) || !der_take_tag(&value, DER_OID, &oid) ||
	    !der_take(&tbs, &tag, &value, &cert->issuer) ||
	    !der_take_tag(&tbs, DER_SEQUENCE, &value) || !read_dates(cert, value) ||
	    !der_take(&tbs, &tag, &value, &cert->subject) ||
	    !der_take(&tbs, &tag, &value, &cert->key_info))
		return false;
	cert->is_weak = is_weak(oid);
	return read_subject(cert) && read_key(cert) && read_extensions(cert, tbs);
}

static void certificate_init(struct certificate *cert, uint8_t *bytes, size_t len)
{
	*cert = (struct certificate){.bytes = bytes, .der = {bytes, len}};
	cert->common_names = json_array();
	cert->dns = json_array();
	cert->addresses = json_array();
	cert->uris = json_array();
}

static void certificate_deinit(struct certificate *cert)
{
	json_decref(cert->common_names);
	json_decref(cert->dns);
	json_decref(cert->addresses);
	json_decref(cert->uris);
	free(cert->bytes);
}

/* The base64 between two lines of PEM, as bytes; NULL: it is none. */
static uint8_t *decode(const char *begin, const char *end, size_t *len)
{
	word32 size = (word32)(end - begin);
	uint8_t *bytes = memory_grown(NULL, size + 1);

	if (Base64_Decode((const byte *)begin, size, bytes, &size) != 0) {
		free(bytes);
		return NULL;
	}
	*len = size;
	return bytes;
}

static bool add_certificate(struct certificates *all, uint8_t *bytes, size_t len)
{
	all->list = memory_grown(all->list, (all->n + 1) * sizeof(*all->list));
	certificate_init(&all->list[all->n++], bytes, len);
	return read_fields(&all->list[all->n - 1]);
}

const char *certificates_read(struct certificates *all, const char *pem, size_t len)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	static const char end[] = "-----END CERTIFICATE-----";
	const char *at = pem;

	*all = (struct certificates){.has_key = memmem(pem, len, "PRIVATE KEY-----", 16) != NULL};
	while ((at = memmem(at, len - (size_t)(at - pem), begin, strlen(begin)))) {
		const char *body = at + strlen(begin);
		const char *stop = memmem(body, len - (size_t)(body - pem), end, strlen(end));
		size_t size = 0;
		uint8_t *bytes = stop ? decode(body, stop, &size) : NULL;

		if (!bytes || !add_certificate(all, bytes, size))
			return malformed;
		at = stop;
	}
	return all->n > 0 ? NULL : "there is no certificate in it";
}

void certificates_deinit(struct certificates *all)
{
	for (size_t i = 0; i < all->n; i++)
		certificate_deinit(&all->list[i]);
	free(all->list);
	*all = (struct certificates){0};
}

bool certificate_issued_by(const struct certificate *cert, const struct certificate *ca)
{
	static const int kinds[] = {[KEY_EC] = ECDSAk, [KEY_RSA] = RSAk, [KEY_ED25519] = ED25519k};
	/* wolfSSL 5.5.4 wants an Ed25519 key alone, against its documentation. */
	struct der_view key = ca->key == KEY_ED25519 ? ca->key_bits : ca->key_info;

	return ca->key != KEY_OTHER && der_equal(&cert->issuer, ca->subject.at, ca->subject.len) &&
	       wc_CheckCertSigPubKey(cert->der.at, (word32)cert->der.len, NULL, key.at,
				     (word32)key.len, kinds[ca->key]) == 0;
}

/* wolfSSL_CTX_check_private_key() takes any EC key (5.5.4): the public key is computed instead. */
static bool ec_key_belongs(const struct certificate *cert, const uint8_t *der, word32 len)
{
	byte point[2 * MAX_ECC_BYTES + 1];
	word32 size = sizeof(point);
	word32 at = 0;
	bool belongs;
	ecc_key key;

	if (wc_ecc_init(&key) != 0)
		return false;
	belongs = wc_EccPrivateKeyDecode(der, &at, &key, len) == 0 &&
		  wc_ecc_make_pub(&key, NULL) == 0 && wc_ecc_export_x963(&key, point, &size) == 0 &&
		  der_equal(&cert->key_bits, point, size);
	wc_ecc_free(&key);
	return belongs;
}

static bool other_key_belongs(const struct certificate *cert, const uint8_t *der, word32 len)
{
	WOLFSSL_CTX *ctx = wolfSSL_CTX_new(wolfTLS_server_method());
	bool belongs =
	    ctx &&
	    wolfSSL_CTX_use_certificate_buffer(ctx, cert->der.at, (long)cert->der.len,
					       WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS &&
	    wolfSSL_CTX_use_PrivateKey_buffer(ctx, der, len, WOLFSSL_FILETYPE_ASN1) ==
		WOLFSSL_SUCCESS &&
	    wolfSSL_CTX_check_private_key(ctx) == WOLFSSL_SUCCESS;

	wolfSSL_CTX_free(ctx);
	return belongs;
}

const char *certificate_key_problem(const struct certificate *cert, const char *pem, size_t len)
{
	uint8_t *der = memory_grown(NULL, len + 1);
	const char *problem = "the private key belongs to another certificate";
	int size = wc_KeyPemToDer((const byte *)pem, (int)len, der, (int)len, NULL);

	if (memmem(pem, len, "ENCRYPTED", 9))
		problem = "the private key is encrypted, and nothing asks for a passphrase";
	else if (size <= 0)
		problem = "there is no private key in it that can be read";
	else if (cert->key == KEY_EC ? ec_key_belongs(cert, der, (word32)size)
				     : other_key_belongs(cert, der, (word32)size))
		problem = NULL;
	explicit_bzero(der, len);
	free(der);
	return problem;
}

static bool name_matches(const char *pattern, const char *host)
{
	const char *rest = strchr(host, '.');

	if (strncmp(pattern, "*.", 2) == 0)
		return rest && rest > host && strcasecmp(pattern + 1, rest) == 0;
	return strcasecmp(pattern, host) == 0;
}

/* In the form of add_address(); false: it is a name. */
static bool is_address(const char *host, char text[INET6_ADDRSTRLEN])
{
	unsigned char bytes[16];
	int family = strchr(host, ':') ? AF_INET6 : AF_INET;

	return inet_pton(family, host, bytes) == 1 &&
	       inet_ntop(family, bytes, text, INET6_ADDRSTRLEN);
}

bool certificate_is_for(const struct certificate *cert, const char *host)
{
	char address[INET6_ADDRSTRLEN];
	json_t *name;
	size_t i;

	if (is_address(host, address))
		return has_text(cert->addresses, address);
	json_array_foreach(cert->dns, i, name)
	{
		if (name_matches(json_string_value(name), host))
			return true;
	}
	return false;
}
