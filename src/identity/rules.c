/* SPDX-License-Identifier: MIT */
#include "identity/rules.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

enum { SERIAL = 1, FINGERPRINT = 2, KEY = 3, DENIAL_KINDS };
enum { HEX_MAX = 1024, DIGEST_DIGITS = 64 };

#define COUNT(id, number, text, compared) +1
enum { RULE_KINDS = 1 ADMWH_RULE_MAP(COUNT) }; /* numbers begin at 1, without gaps */
#undef COUNT

static bool is_visible_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!awh_is_visible(text[i]))
			return false;
	return true;
}

static int put_cn(struct awh_buf *buf, const char *value, size_t len, size_t max,
		  struct awh_error *error)
{
	if (len > max)
		return awh_fail(error, ADMWH_E_INVAL,
				"CN of %zu bytes is longer than the limit of %zu", len, max);
	awh_buf_put(buf, value, len);
	return 0;
}

static int put_text(struct awh_buf *buf, const char *value, size_t len, size_t max,
		    struct awh_error *error)
{
	if (len > max)
		return awh_fail(error, ADMWH_E_INVAL, "value of %zu bytes is longer than %zu", len,
				max);
	awh_buf_put(buf, value, len);
	return 0;
}

/* IA5String in a certificate: a value with other bytes could never match. */
static int put_uri(struct awh_buf *buf, const char *value, size_t len, size_t max,
		   struct awh_error *error)
{
	if (!is_visible_ascii(value, len))
		return awh_fail(error, ADMWH_E_INVAL, "expected visible ASCII characters");
	return put_text(buf, value, len, max, error);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int put_dns(struct awh_buf *buf, const char *value, size_t len, size_t max,
		   struct awh_error *error)
{
	size_t start = buf->len;
	int err = put_uri(buf, value, len, max, error);

	for (size_t i = start; i < buf->len; i++)
		buf->data[i] = lower(buf->data[i]);
	return err;
}

/* One text for each address, that of inet_ntop(), as in the facts. */
static int put_ip(struct awh_buf *buf, const char *value, size_t len, size_t max,
		  struct awh_error *error)
{
	char text[INET6_ADDRSTRLEN] = "";
	unsigned char address[16];
	int family = memchr(value, ':', len) ? AF_INET6 : AF_INET;

	(void)max;
	if (len < sizeof(text))
		memcpy(text, value, len);
	if (len >= sizeof(text) || inet_pton(family, text, address) != 1 ||
	    !inet_ntop(family, address, text, sizeof(text)))
		return awh_fail(error, ADMWH_E_INVAL, "expected an IPv4 or IPv6 address");
	awh_buf_puts(buf, text);
	return 0;
}

/* Digits in any case, colons between bytes as openssl writes them. */
static bool put_digits(struct awh_buf *buf, const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (value[i] == ':' && i > 0 && i + 1 < len && value[i - 1] != ':')
			continue;
		if (awh_hex_digit((unsigned char)value[i]) < 0)
			return false;
		if (value[i] >= 'A' && value[i] <= 'F')
			awh_buf_put(buf, &(char){lower(value[i])}, 1);
		else
			awh_buf_put(buf, value + i, 1);
	}
	return true;
}

static int put_digest(struct awh_buf *buf, const char *value, size_t len, size_t max,
		      struct awh_error *error)
{
	size_t start = buf->len;

	(void)max;
	if (len > 2 * DIGEST_DIGITS || !put_digits(buf, value, len) ||
	    (!buf->err && buf->len - start != DIGEST_DIGITS))
		return awh_fail(error, ADMWH_E_INVAL,
				"expected the %d hexadecimal digits of a SHA-256 digest",
				DIGEST_DIGITS);
	return 0;
}

/* A number: leading zeros do not count. */
static void put_number(struct awh_buf *buf, const char *digits, size_t len)
{
	while (len > 1 && *digits == '0') {
		digits++;
		len--;
	}
	awh_buf_put(buf, digits, len);
}

static int put_serial(struct awh_buf *buf, const char *value, size_t len, size_t max,
		      struct awh_error *error)
{
	struct awh_buf digits;
	bool valid;

	awh_buf_init(&digits, HEX_MAX);
	valid = len <= max && put_digits(&digits, value, len) && (digits.err || digits.len > 0);
	if (digits.err)
		buf->err = digits.err;
	else if (valid)
		put_number(buf, digits.data, digits.len);
	awh_buf_deinit(&digits);
	return valid ? 0
		     : awh_fail(error, ADMWH_E_INVAL,
				"expected the hexadecimal digits of a serial number");
}

static const struct awh_value_kind rule_kinds[] = {
    [ADMWH_RULE_CN - 1] = {ADMWH_RULE_CN, "cn", put_cn},
    [ADMWH_RULE_DNS - 1] = {ADMWH_RULE_DNS, "dns", put_dns},
    [ADMWH_RULE_URI - 1] = {ADMWH_RULE_URI, "uri", put_uri},
    [ADMWH_RULE_IP - 1] = {ADMWH_RULE_IP, "ip", put_ip},
    [ADMWH_RULE_O - 1] = {ADMWH_RULE_O, "o", put_text},
    [ADMWH_RULE_OU - 1] = {ADMWH_RULE_OU, "ou", put_text},
    [ADMWH_RULE_SHA256 - 1] = {ADMWH_RULE_SHA256, "sha256", put_digest},
    [ADMWH_RULE_SPKI_SHA256 - 1] = {ADMWH_RULE_SPKI_SHA256, "spki-sha256", put_digest},
};

static const struct awh_value_kinds rules_known = {rule_kinds, RULE_KINDS - 1,
						   "cn:, dns:, uri:, ip:, o:, ou:, sha256: or "
						   "spki-sha256:"};

static const struct awh_value_kind denial_kinds[] = {
    {SERIAL, "serial", put_serial},
    {FINGERPRINT, "sha256", put_digest},
    {KEY, "spki-sha256", put_digest},
};

static const struct awh_value_kinds denials_known = {denial_kinds, DENIAL_KINDS - 1,
						     "serial:, sha256: or spki-sha256:"};

static size_t max_of(enum admwh_rule kind, size_t cn_length)
{
	return kind == ADMWH_RULE_CN ? cn_length : AWH_RULE_BYTES_MAX;
}

int awh_rules_add(struct awh_values *rules, enum admwh_rule kind, const char *value,
		  size_t cn_length, struct awh_error *error)
{
	if ((int)kind < 1 || (int)kind >= RULE_KINDS)
		return awh_fail(error, ADMWH_E_INVAL, "no such kind of rule");
	return awh_values_add(rules, &rule_kinds[kind - 1], value, value ? strlen(value) : 0,
			      max_of(kind, cn_length), error);
}

int awh_rules_read(struct awh_values *rules, const char *text, size_t len, size_t cn_length,
		   struct awh_error *error)
{
	size_t max[RULE_KINDS];

	for (int kind = 0; kind < RULE_KINDS; kind++)
		max[kind] = max_of((enum admwh_rule)kind, cn_length);
	return awh_values_read(rules, &rules_known, text, len, max, error);
}

int awh_denials_read(struct awh_values *denials, const char *text, size_t len,
		     struct awh_error *error)
{
	static const size_t max[DENIAL_KINDS] = {
	    [SERIAL] = HEX_MAX, [FINGERPRINT] = HEX_MAX, [KEY] = HEX_MAX};

	return awh_values_read(denials, &denials_known, text, len, max, error);
}

static const struct awh_value *find_cn(const struct awh_values *rules, const struct awh_peer *peer,
				       size_t cn_length)
{
	const char *cn = peer->facts.common_name;
	size_t len = peer->cn_form == AWH_CN_ONE && cn ? strlen(cn) : 0;

	if (len < 1 || len > cn_length)
		return NULL;
	return awh_values_find(rules, ADMWH_RULE_CN, cn);
}

static const struct awh_value *find_any(const struct awh_values *rules, enum admwh_rule kind,
					const char *const *names, size_t n_names)
{
	const struct awh_value *found = NULL;

	if (!(rules->kinds & 1U << kind))
		return NULL;
	for (size_t i = 0; i < n_names && !found; i++)
		found = awh_values_find(rules, kind, names[i]);
	return found;
}

static const struct awh_value *find_dns(const struct awh_values *rules, const struct awh_peer *peer)
{
	const struct awh_value *found = NULL;

	if (!(rules->kinds & 1U << ADMWH_RULE_DNS))
		return NULL;
	for (size_t i = 0; i < peer->facts.n_dns_names && !found; i++) {
		const char *name = peer->facts.dns_names[i];
		char text[AWH_RULE_BYTES_MAX + 1] = "";
		size_t len = strlen(name);

		for (size_t j = 0; len < sizeof(text) && j < len; j++)
			text[j] = lower(name[j]);
		if (len > 0 && len < sizeof(text))
			found = awh_values_find(rules, ADMWH_RULE_DNS, text);
	}
	return found;
}

const struct awh_value *awh_rules_find(const struct awh_values *rules, const struct awh_peer *peer,
				       size_t cn_length)
{
	const struct admwh_peer *facts = &peer->facts;
	const struct awh_value *found;

	if (!rules || rules->n_items == 0)
		return NULL;
	found = find_cn(rules, peer, cn_length);
	if (!found)
		found = find_dns(rules, peer);
	if (!found)
		found = find_any(rules, ADMWH_RULE_URI, facts->uris, facts->n_uris);
	if (!found)
		found = find_any(rules, ADMWH_RULE_IP, facts->ip_addresses, facts->n_ip_addresses);
	if (!found)
		found = find_any(rules, ADMWH_RULE_O, facts->organizations, facts->n_organizations);
	if (!found)
		found = find_any(rules, ADMWH_RULE_OU, facts->organizational_units,
				 facts->n_organizational_units);
	if (!found && facts->fingerprint)
		found = awh_values_find(rules, ADMWH_RULE_SHA256, facts->fingerprint);
	if (!found && peer->key)
		found = awh_values_find(rules, ADMWH_RULE_SPKI_SHA256, peer->key);
	return found;
}

const struct awh_value *awh_denials_match(const struct awh_values *denials,
					  const struct awh_cert_ids *ids)
{
	const char *serial = ids->serial;
	const struct awh_value *found = NULL;

	if (!denials || denials->n_items == 0)
		return NULL;
	if (ids->key)
		found = awh_values_find(denials, KEY, ids->key);
	while (serial && serial[0] == '0' && serial[1] != '\0')
		serial++;
	if (!found && serial)
		found = awh_values_find(denials, SERIAL, serial);
	if (!found && ids->fingerprint)
		found = awh_values_find(denials, FINGERPRINT, ids->fingerprint);
	return found;
}

bool awh_denial_is_key(const struct awh_value *denial)
{
	return denial->kind == KEY;
}

const struct awh_value *awh_denials_find(const struct awh_values *denials,
					 const struct awh_peer *peer)
{
	const struct awh_cert_ids own = {peer->facts.serial, peer->facts.fingerprint, peer->key};
	const struct awh_value *found = awh_denials_match(denials, &own);

	for (size_t i = 0; i < peer->n_issuers && !found; i++)
		found = awh_denials_match(denials, &peer->issuers[i]);
	return found;
}
