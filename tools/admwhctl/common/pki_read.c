/* SPDX-License-Identifier: MIT */
/* Reading of certificates. Signatures are not looked at here. */
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/asn_public.h>

#include "common/pki.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/files.h"

static const char begin_line[] = "-----BEGIN CERTIFICATE-----";

/* Where the certificate at place i begins; NULL: there is none. */
static const char *find_pem(const char *pem, size_t i)
{
	const char *at = strstr(pem, begin_line);

	while (at && i-- > 0)
		at = strstr(at + 1, begin_line);
	return at;
}

char *pki_pem(const char *pem, size_t i)
{
	static const char end_line[] = "-----END CERTIFICATE-----";
	const char *at = find_pem(pem, i), *end = at ? strstr(at, end_line) : NULL;

	return end ? text_new("%.*s\n", (int)(end - at + (long)strlen(end_line)), at) : NULL;
}

static int decode_pem(struct pki_certificate *certificate, const char *pem)
{
	size_t size = strlen(pem);
	int len;

	certificate->der = memory_grown(NULL, size);
	len = wc_CertPemToDer((const unsigned char *)pem, (int)size, certificate->der, (int)size,
			      CERT_TYPE);
	certificate->len = len > 0 ? (size_t)len : 0;
	return len > 0 ? 0 : -1;
}

/* Two digits; -1: they are none. */
static int pair_of_digits(const unsigned char *at)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return -1;
	return 10 * (at[0] - '0') + at[1] - '0';
}

/* YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ: RFC 5280, section 4.1.2.5. */
static bool read_time(struct der_view *from, int64_t *seconds)
{
	struct der_view text;
	struct tm tm = {0};
	unsigned int tag;
	int part[7], n = 0;

	if (!der_take(from, &tag, &text, NULL) || text.len != (tag == DER_UTC_TIME           ? 13
							       : tag == DER_GENERALIZED_TIME ? 15
											     : 0))
		return false;
	for (size_t i = 0; i + 1 < text.len; i += 2) {
		part[n] = pair_of_digits(text.at + i);
		if (part[n++] < 0)
			return false;
	}
	if (tag == DER_GENERALIZED_TIME)
		tm.tm_year = 100 * part[0] + part[1] - 1900;
	else
		tm.tm_year = part[0] < 50 ? part[0] + 100 : part[0];
	tm.tm_mon = part[n - 5] - 1;
	tm.tm_mday = part[n - 4];
	tm.tm_hour = part[n - 3];
	tm.tm_min = part[n - 2];
	tm.tm_sec = part[n - 1];
	*seconds = (int64_t)timegm(&tm);
	return true;
}

static bool read_validity(struct der_view *from, struct pki_certificate *certificate)
{
	struct der_view validity;

	return der_take_tag(from, DER_SEQUENCE, &validity) &&
	       read_time(&validity, &certificate->from) && read_time(&validity, &certificate->to);
}

static char *text_of(const struct der_view *view)
{
	return text_new("%.*s", (int)view->len, (const char *)view->at);
}

/* The first common name, 2.5.4.3. */
static char *find_common_name(const struct der_view *name)
{
	static const unsigned char oid[] = {0x55, 0x04, 0x03};
	struct der_view rest = *name, sets, set, pair, type, value;
	unsigned int tag;

	if (!der_take_tag(&rest, DER_SEQUENCE, &sets))
		return text_new("%s", "");
	while (der_take_tag(&sets, DER_SET, &set))
		while (der_take_tag(&set, DER_SEQUENCE, &pair))
			if (der_take_tag(&pair, DER_OID, &type) &&
			    der_equal(&type, oid, sizeof(oid)) &&
			    der_take(&pair, &tag, &value, NULL))
				return text_of(&value);
	return text_new("%s", "");
}

/* steals text */
static void add_text(char ***list, char *text)
{
	size_t n = 0;

	while ((*list)[n])
		n++;
	*list = memory_grown(*list, (n + 2) * sizeof(**list));
	(*list)[n] = text;
	(*list)[n + 1] = NULL;
}

static void read_alt_names(struct pki_certificate *certificate, struct der_view value)
{
	struct der_view names, name;
	char text[INET6_ADDRSTRLEN];
	unsigned int tag;

	if (!der_take_tag(&value, DER_SEQUENCE, &names))
		return;
	while (der_take(&names, &tag, &name, NULL)) {
		if (tag == (DER_CONTEXT | 2))
			add_text(&certificate->dns, text_of(&name));
		if (tag != (DER_CONTEXT | 7) || (name.len != 4 && name.len != 16))
			continue;
		if (inet_ntop(name.len == 4 ? AF_INET : AF_INET6, name.at, text, sizeof(text)))
			add_text(&certificate->ip, text_new("%s", text));
	}
}

static void read_extension(struct pki_certificate *certificate, struct der_view extension)
{
	struct der_view oid, critical, value, sequence, flag;

	if (!der_take_tag(&extension, DER_OID, &oid) || oid.len != 3 || oid.at[0] != 0x55 ||
	    oid.at[1] != 0x1d)
		return;
	der_take_tag(&extension, DER_BOOLEAN, &critical);
	if (!der_take_tag(&extension, DER_OCTET_STRING, &value))
		return;
	if (oid.at[2] == 14)
		der_take_tag(&value, DER_OCTET_STRING, &certificate->key_id);
	if (oid.at[2] == 17)
		read_alt_names(certificate, value);
	if (oid.at[2] == 19 && der_take_tag(&value, DER_SEQUENCE, &sequence))
		certificate->is_ca =
		    der_take_tag(&sequence, DER_BOOLEAN, &flag) && flag.len == 1 && flag.at[0];
	if (oid.at[2] == 35 && der_take_tag(&value, DER_SEQUENCE, &sequence))
		der_take_tag(&sequence, DER_CONTEXT, &certificate->authority_key_id);
}

static void read_extensions(struct pki_certificate *certificate, struct der_view body)
{
	struct der_view tagged, extensions, extension, skipped;
	unsigned int tag;

	while (body.len > 0 && body.at[0] != (DER_CONTEXT_COMPOUND | 3))
		if (!der_take(&body, &tag, &skipped, NULL)) /* issuerUniqueID, subjectUniqueID */
			return;
	if (!der_take_tag(&body, DER_CONTEXT_COMPOUND | 3, &tagged) ||
	    !der_take_tag(&tagged, DER_SEQUENCE, &extensions))
		return;
	while (der_take_tag(&extensions, DER_SEQUENCE, &extension))
		read_extension(certificate, extension);
}

static int read_body(struct pki_certificate *certificate)
{
	struct der_view whole = {certificate->der, certificate->len};
	struct der_view outer, body, skipped;
	unsigned int tag;

	if (!der_take_tag(&whole, DER_SEQUENCE, &outer) ||
	    !der_take_tag(&outer, DER_SEQUENCE, &body))
		return -1;
	der_take_tag(&body, DER_CONTEXT_COMPOUND, &skipped); /* version */
	if (!der_take_tag(&body, DER_INTEGER, &skipped) ||
	    !der_take_tag(&body, DER_SEQUENCE, &skipped) ||
	    !der_take(&body, &tag, &skipped, &certificate->issuer) ||
	    !read_validity(&body, certificate) ||
	    !der_take(&body, &tag, &skipped, &certificate->subject) ||
	    !der_take(&body, &tag, &skipped, &certificate->public_key))
		return -1;
	certificate->common_name = find_common_name(&certificate->subject);
	read_extensions(certificate, body);
	return 0;
}

int pki_read(const char *pem, size_t i, struct pki_certificate *certificate)
{
	const char *at = find_pem(pem, i);

	if (!at)
		return 1;
	*certificate = (struct pki_certificate){0};
	certificate->dns = memory_grown(NULL, sizeof(*certificate->dns));
	certificate->ip = memory_grown(NULL, sizeof(*certificate->ip));
	certificate->dns[0] = certificate->ip[0] = NULL;
	if (decode_pem(certificate, at) == 0 && read_body(certificate) == 0)
		return 0;
	pki_certificate_deinit(certificate);
	return -1;
}

static void free_list(char **list)
{
	for (char **text = list; text && *text; text++)
		free(*text);
	free(list);
}

void pki_certificate_deinit(struct pki_certificate *certificate)
{
	free(certificate->der);
	free(certificate->common_name);
	free_list(certificate->dns);
	free_list(certificate->ip);
	memset(certificate, 0, sizeof(*certificate));
}

bool pki_is_issued_by(const struct pki_certificate *certificate, const struct pki_certificate *ca)
{
	const struct der_view *id = &certificate->authority_key_id;

	return der_equal(&certificate->issuer, ca->subject.at, ca->subject.len) &&
	       (id->len == 0 || ca->key_id.len == 0 ||
		der_equal(id, ca->key_id.at, ca->key_id.len));
}
