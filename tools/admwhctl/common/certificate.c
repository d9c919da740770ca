/* SPDX-License-Identifier: MIT */
#include "common/certificate.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base64.h"
#include "common/files.h"
#include "common/print.h"
#include "common/values.h"

#define IS_OID(value, ...)                                                                         \
	is_oid(value, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static bool is_oid(struct der_view value, const uint8_t *bytes, size_t len)
{
	return der_equal(&value, bytes, len);
}

static const char malformed[] = "a certificate in it is malformed";

static void add_text(json_t *array, struct der_view value)
{
	char *text = bytes_shown((const char *)value.at, value.len);

	json_array_append_new(array, json_made(json_string(text)));
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

/* RelativeDistinguishedName, RFC 5280 section 4.1.2.4. */
static bool read_names(struct certificate *cert, struct der_view set)
{
	struct der_view pair, oid, value;
	unsigned int tag;

	while (set.len > 0) {
		if (!der_take_tag(&set, DER_SEQUENCE, &pair) ||
		    !der_take_tag(&pair, DER_OID, &oid) || !der_take(&pair, &tag, &value, NULL))
			return false;
		if (IS_OID(oid, 0x55, 0x04, 0x03))
			add_text(cert->common_names, value);
	}
	return true;
}

static bool read_subject(struct certificate *cert)
{
	struct der_view rest = cert->subject;
	struct der_view names, set;

	if (!der_take_tag(&rest, DER_SEQUENCE, &names))
		return false;
	while (names.len > 0)
		if (!der_take_tag(&names, DER_SET, &set) || !read_names(cert, set))
			return false;
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
	if (IS_OID(oid, 0x55, 0x1d, 0x0e))
		return der_take_tag(&value, DER_OCTET_STRING, &cert->key_id);
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

/* YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ: RFC 5280, section 4.1.2.5. */
static bool read_time(struct der_view *in, int64_t *seconds)
{
	struct tm parts = {0};
	struct der_view value;
	char text[16] = "";
	const char *end;
	unsigned int tag;

	if (!der_take(in, &tag, &value, NULL) ||
	    !((tag == DER_UTC_TIME && value.len == 13) ||
	      (tag == DER_GENERALIZED_TIME && value.len == 15)))
		return false;
	memcpy(text + 15 - value.len, value.at, value.len);
	if (tag == DER_UTC_TIME) /* strptime's two digits begin with 1969, these with 1950 */
		memcpy(text, text[2] < '5' ? "20" : "19", 2);
	end = strspn(text, "0123456789") == 14 ? strptime(text, "%Y%m%d%H%M%SZ", &parts) : NULL;
	if (!end || *end)
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

/* Steals bytes. */
static bool read_one(struct certificate *cert, uint8_t *bytes, size_t len)
{
	*cert = (struct certificate){.bytes = bytes, .der = {bytes, len}};
	cert->common_names = json_made(json_array());
	cert->dns = json_made(json_array());
	cert->addresses = json_made(json_array());
	cert->uris = json_made(json_array());
	return read_fields(cert);
}

int certificate_read(struct certificate *cert, const void *der, size_t len)
{
	uint8_t *bytes = memory_grown(NULL, len + 1);

	memcpy(bytes, der, len);
	return read_one(cert, bytes, len) ? 0 : -1;
}

void certificate_deinit(struct certificate *cert)
{
	json_decref(cert->common_names);
	json_decref(cert->dns);
	json_decref(cert->addresses);
	json_decref(cert->uris);
	free(cert->bytes);
	*cert = (struct certificate){0};
}

static bool add_certificate(struct certificates *all, uint8_t *bytes, size_t len)
{
	all->list = memory_grown(all->list, (all->n + 1) * sizeof(*all->list));
	return read_one(&all->list[all->n++], bytes, len);
}

/* One of the certificates of PEM, from its first line on. */
struct pem {
	const char *begin, *body, *end_line, *end;
};

/* The first within a text; false: there is none, or it has no end, and begin is not NULL. */
static bool find_pem(const char *text, size_t len, struct pem *pem)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	static const char end[] = "-----END CERTIFICATE-----";
	const char *all = text + len;

	*pem = (struct pem){.begin = memmem(text, len, begin, strlen(begin))};
	if (!pem->begin)
		return false;
	pem->body = pem->begin + strlen(begin);
	pem->end_line = memmem(pem->body, (size_t)(all - pem->body), end, strlen(end));
	if (!pem->end_line)
		return false;
	pem->end = pem->end_line + strlen(end);
	return true;
}

const char *certificates_read(struct certificates *all, const char *pem, size_t len)
{
	const char *at = pem;
	struct pem one;

	*all = (struct certificates){.has_key = memmem(pem, len, "PRIVATE KEY-----", 16) != NULL};
	while (find_pem(at, len - (size_t)(at - pem), &one)) {
		size_t size = 0;
		uint8_t *bytes =
		    (uint8_t *)base64_decoded(one.body, (size_t)(one.end_line - one.body), &size);

		if (!bytes || !add_certificate(all, bytes, size))
			return malformed;
		at = one.end;
	}
	if (one.begin)
		return malformed;
	return all->n > 0 ? NULL : "there is no certificate in it";
}

char *certificate_pem(const char *pem, size_t i)
{
	struct pem one;

	do {
		if (!find_pem(pem, strlen(pem), &one))
			return NULL;
		pem = one.end;
	} while (i-- > 0);
	return text_new("%.*s\n", (int)(one.end - one.begin), one.begin);
}

void certificates_deinit(struct certificates *all)
{
	for (size_t i = 0; i < all->n; i++)
		certificate_deinit(&all->list[i]);
	free(all->list);
	*all = (struct certificates){0};
}

static bool name_matches(const char *pattern, const char *host)
{
	const char *rest = strchr(host, '.');

	if (strncmp(pattern, "*.", 2) == 0)
		return rest && rest > host && strcasecmp(pattern + 1, rest) == 0;
	return strcasecmp(pattern, host) == 0;
}

bool host_address(const char *host, char text[INET6_ADDRSTRLEN])
{
	unsigned char bytes[16];
	int family = strchr(host, ':') ? AF_INET6 : AF_INET;

	return inet_pton(family, host, bytes) == 1 &&
	       inet_ntop(family, bytes, text, INET6_ADDRSTRLEN);
}

const char *certificate_name(const struct certificate *cert)
{
	const char *name = json_string_value(json_array_get(cert->common_names, 0));

	return name ? name : "";
}

bool certificate_is_for(const struct certificate *cert, const char *host)
{
	char address[INET6_ADDRSTRLEN];
	json_t *name;
	size_t i;

	if (host_address(host, address))
		return has_text(cert->addresses, address);
	json_array_foreach(cert->dns, i, name) {
		if (name_matches(json_string_value(name), host))
			return true;
	}
	return false;
}
