/* SPDX-License-Identifier: MIT */
/*
 * From a certificate to facts: the strings of struct admwh_peer, in the peer's arena.
 */
#include "tls/context.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"
#include "tls/ids.h"
#include "tls/name.h"

enum { NAME_TEXT_MAX = 4 * AWH_X509_BYTES_MAX };

/* Move a finished text into the arena; NULL when memory ran out. */
static const char *keep(struct awh_peer *peer, struct awh_buf *buf)
{
	const char *text = buf->err ? NULL : awh_arena_strndup(&peer->arena, buf->data, buf->len);

	awh_buf_deinit(buf);
	return text;
}

static const char *name_text(struct awh_peer *peer, struct awh_der name)
{
	struct awh_buf buf;

	awh_buf_init(&buf, NAME_TEXT_MAX);
	awh_x509_put_name(&buf, name);
	return keep(peer, &buf);
}

/* Is it UTF8String or PrintableString, which CAs use today, and clean UTF-8? */
static bool is_clean_name(const struct awh_attribute *attribute)
{
	return (attribute->tag == AWH_DER_UTF8_STRING ||
		attribute->tag == AWH_DER_PRINTABLE_STRING) &&
	       attribute->value.len > 0 &&
	       awh_text_is_clean((const char *)attribute->value.data, attribute->value.len);
}

static int fill_common_name(struct awh_peer *peer, struct awh_der subject)
{
	struct awh_attribute attribute, cn;
	struct awh_attributes walk;
	size_t n = 0;

	awh_attributes_begin(&walk, subject);
	while (awh_attributes_next(&walk, &attribute))
		if (attribute.type == AWH_ATTRIBUTE_CN && n++ == 0)
			cn = attribute;
	if (n == 0)
		peer->cn_form = AWH_CN_ABSENT;
	else if (n > 1)
		peer->cn_form = AWH_CN_SEVERAL;
	else
		peer->cn_form = is_clean_name(&cn) ? AWH_CN_ONE : AWH_CN_UNFIT;
	if (peer->cn_form != AWH_CN_ONE)
		return 0;
	peer->facts.common_name =
	    awh_arena_strndup(&peer->arena, (const char *)cn.value.data, cn.value.len);
	return peer->facts.common_name ? 0 : ADMWH_E_NOMEM;
}

/* The next O or OU value that is clean text; others are left out. */
static bool next_unit(struct awh_attributes *walk, enum awh_attribute_type type,
		      struct awh_attribute *attribute)
{
	while (awh_attributes_next(walk, attribute))
		if (attribute->type == type && is_clean_name(attribute))
			return true;
	return false;
}

static size_t count_units(struct awh_der subject, enum awh_attribute_type type)
{
	struct awh_attribute attribute;
	struct awh_attributes walk;
	size_t n = 0;

	awh_attributes_begin(&walk, subject);
	while (next_unit(&walk, type, &attribute))
		n++;
	return n;
}

static int fill_units(struct awh_peer *peer, struct awh_der subject, enum awh_attribute_type type,
		      const char *const **list, size_t *n_list)
{
	size_t n = count_units(subject, type);
	struct awh_attribute attribute;
	struct awh_attributes walk;
	const char **names;

	if (n == 0)
		return 0;
	names = awh_arena_array(&peer->arena, n, sizeof(*names));
	if (!names)
		return ADMWH_E_NOMEM;
	n = 0;
	awh_attributes_begin(&walk, subject);
	while (next_unit(&walk, type, &attribute)) {
		names[n] = awh_arena_strndup(&peer->arena, (const char *)attribute.value.data,
					     attribute.value.len);
		if (!names[n++])
			return ADMWH_E_NOMEM;
	}
	*list = names;
	*n_list = n;
	return 0;
}

static const char *address_text(struct awh_peer *peer, struct awh_der address)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(address.len == 4 ? AF_INET : AF_INET6, address.data, text, sizeof(text)))
		return NULL;
	return awh_arena_strndup(&peer->arena, text, strlen(text));
}

static int fill_alternatives(struct awh_peer *peer, struct awh_der names,
			     enum awh_alternative_type wanted, const char *const **list,
			     size_t *n_list)
{
	enum awh_alternative_type type;
	struct awh_der rest = names;
	struct awh_der value;
	const char **texts;
	size_t n = 0;

	while (awh_alternative_next(&rest, &type, &value))
		n += type == wanted;
	if (n == 0)
		return 0;
	texts = awh_arena_array(&peer->arena, n, sizeof(*texts));
	if (!texts)
		return ADMWH_E_NOMEM;
	n = 0;
	while (awh_alternative_next(&names, &type, &value)) {
		if (type != wanted)
			continue;
		texts[n] =
		    type == AWH_ALTERNATIVE_IP
			? address_text(peer, value)
			: awh_arena_strndup(&peer->arena, (const char *)value.data, value.len);
		if (!texts[n++])
			return ADMWH_E_NOMEM;
	}
	*list = texts;
	*n_list = n;
	return 0;
}

int awh_peer_begin(struct awh_peer *peer, const struct awh_x509 *leaf)
{
	struct admwh_peer *facts = &peer->facts;
	struct awh_cert_ids ids;

	if (awh_cert_ids_read(&ids, &peer->arena, leaf) < 0)
		return ADMWH_E_NOMEM;
	facts->not_before = leaf->not_before;
	facts->not_after = leaf->not_after;
	facts->serial = ids.serial;
	facts->fingerprint = ids.fingerprint;
	peer->key = ids.key;
	facts->subject = name_text(peer, leaf->subject);
	facts->issuer = name_text(peer, leaf->issuer);
	return facts->subject && facts->issuer ? 0 : ADMWH_E_NOMEM;
}

int awh_peer_fill(struct awh_peer *peer, const struct awh_x509 *leaf)
{
	struct admwh_peer *facts = &peer->facts;

	if (fill_common_name(peer, leaf->subject) < 0 ||
	    fill_units(peer, leaf->subject, AWH_ATTRIBUTE_O, &facts->organizations,
		       &facts->n_organizations) < 0 ||
	    fill_units(peer, leaf->subject, AWH_ATTRIBUTE_OU, &facts->organizational_units,
		       &facts->n_organizational_units) < 0 ||
	    fill_alternatives(peer, leaf->alternative_names, AWH_ALTERNATIVE_DNS, &facts->dns_names,
			      &facts->n_dns_names) < 0 ||
	    fill_alternatives(peer, leaf->alternative_names, AWH_ALTERNATIVE_URI, &facts->uris,
			      &facts->n_uris) < 0 ||
	    fill_alternatives(peer, leaf->alternative_names, AWH_ALTERNATIVE_IP,
			      &facts->ip_addresses, &facts->n_ip_addresses) < 0)
		return ADMWH_E_NOMEM;
	return 0;
}

static int add_issuer(struct awh_peer *peer, const struct awh_x509 *cert)
{
	if (peer->n_issuers == AWH_ISSUERS_MAX)
		return ADMWH_E_NOMEM; /* more than a path can have */
	return awh_cert_ids_read(&peer->issuers[peer->n_issuers++], &peer->arena, cert);
}

int awh_peer_fill_issuers(struct awh_peer *peer, const struct awh_finding *finding)
{
	const struct awh_anchor *above = finding->anchor ? finding->anchor->denied_by : NULL;

	peer->n_issuers = 0;
	for (size_t i = 0; i < finding->n_issuers; i++)
		if (add_issuer(peer, finding->issuers[i]) < 0)
			return ADMWH_E_NOMEM;
	return above ? add_issuer(peer, &above->cert) : 0;
}

int awh_peer_fill_anchor(struct awh_peer *peer, const struct awh_anchor *anchor)
{
	memcpy(peer->anchor, anchor->id, sizeof(peer->anchor));
	memcpy(peer->ca_sha256, anchor->sha256, sizeof(peer->ca_sha256));
	peer->ca_subject = name_text(peer, anchor->cert.subject);
	return peer->ca_subject ? 0 : ADMWH_E_NOMEM;
}
