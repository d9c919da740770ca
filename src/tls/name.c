/* SPDX-License-Identifier: MIT */
#include "tls/name.h"

#include <string.h>

#include "base/text.h"

static enum awh_attribute_type attribute_type(struct awh_der oid)
{
	/* id-at is 2.5.4 */
	if (oid.len != 3 || oid.data[0] != 0x55 || oid.data[1] != 0x04)
		return AWH_ATTRIBUTE_OTHER;
	switch (oid.data[2]) {
	case 3:
		return AWH_ATTRIBUTE_CN;
	case 10:
		return AWH_ATTRIBUTE_O;
	case 11:
		return AWH_ATTRIBUTE_OU;
	default:
		return AWH_ATTRIBUTE_OTHER;
	}
}

static void put_oid(struct awh_buf *buf, struct awh_der oid)
{
	uint64_t number = 0;
	bool first = true;

	for (size_t i = 0; i < oid.len; i++) {
		/* A sub-identifier past 57 bits loses its high ones: it is text for a log. */
		number = (number << 7 & INT64_MAX) | (oid.data[i] & 0x7f);
		if (oid.data[i] >= 0x80)
			continue;
		if (first) {
			unsigned int root = number < 40 ? 0 : number < 80 ? 1 : 2;

			awh_buf_printf(buf, "%u.%llu", root,
				       (unsigned long long)(number - root * 40));
		} else {
			awh_buf_printf(buf, ".%llu", (unsigned long long)number);
		}
		first = false;
		number = 0;
	}
}

/* Attribute types with a short name, RFC 4514 section 3. */
static const char *short_name(struct awh_der oid)
{
	static const uint8_t dc[] = {0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19};
	static const uint8_t uid[] = {0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01};
	static const char *const names[] = {
	    [3] = "CN", [6] = "C", [7] = "L", [8] = "ST", [9] = "STREET", [10] = "O", [11] = "OU"};

	if (awh_der_equal(oid, (struct awh_der){dc, sizeof(dc)}))
		return "DC";
	if (awh_der_equal(oid, (struct awh_der){uid, sizeof(uid)}))
		return "UID";
	if (oid.len == 3 && oid.data[0] == 0x55 && oid.data[1] == 0x04 &&
	    oid.data[2] < sizeof(names) / sizeof(*names))
		return names[oid.data[2]];
	return NULL;
}

static bool needs_backslash(char c, bool first, bool last)
{
	return strchr("\"+,;<>\\", c) || (first && (c == ' ' || c == '#')) || (last && c == ' ');
}

/* RFC 4514 section 2.4 */
static void put_text(struct awh_buf *buf, struct awh_der text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = text.data[i];

		if (c < 0x20 || c == 0x7f)
			awh_buf_printf(buf, "\\%02x", c);
		else {
			if (needs_backslash((char)c, i == 0, i + 1 == text.len))
				awh_buf_put(buf, "\\", 1);
			awh_buf_put(buf, &c, 1);
		}
	}
}

static void put_attribute(struct awh_buf *buf, const struct awh_attribute *attribute)
{
	const char *name = short_name(attribute->oid);
	bool is_text = attribute->tag == AWH_DER_UTF8_STRING ||
		       attribute->tag == AWH_DER_PRINTABLE_STRING ||
		       attribute->tag == AWH_DER_IA5_STRING;

	if (name)
		awh_buf_puts(buf, name);
	else
		put_oid(buf, attribute->oid);
	awh_buf_puts(buf, "=");
	if (name && is_text &&
	    awh_utf8_valid((const char *)attribute->value.data, attribute->value.len)) {
		put_text(buf, attribute->value);
		return;
	}
	awh_buf_puts(buf, "#");
	awh_put_hex(buf, attribute->element.data, attribute->element.len);
}

void awh_attributes_begin(struct awh_attributes *walk, struct awh_der name)
{
	*walk = (struct awh_attributes){0};
	awh_der_expect(&name, AWH_DER_SEQUENCE, &walk->rdns);
}

bool awh_attributes_next(struct awh_attributes *walk, struct awh_attribute *attribute)
{
	struct awh_der pair;

	if (walk->rdn.len == 0) {
		walk->first = true;
		if (!awh_der_expect(&walk->rdns, AWH_DER_SET, &walk->rdn))
			return false;
	}
	if (!awh_der_expect(&walk->rdn, AWH_DER_SEQUENCE, &pair) ||
	    !awh_der_expect(&pair, AWH_DER_OID, &attribute->oid) ||
	    !awh_der_next(&pair, &attribute->tag, &attribute->value, &attribute->element))
		return false;
	attribute->type = attribute_type(attribute->oid);
	attribute->first = walk->first;
	walk->first = false;
	return true;
}

bool awh_alternative_next(struct awh_der *names, enum awh_alternative_type *type,
			  struct awh_der *value)
{
	uint8_t tag;

	while (awh_der_next(names, &tag, value, NULL)) {
		switch (tag) {
		case AWH_DER_CONTEXT(2):
			*type = AWH_ALTERNATIVE_DNS;
			return true;
		case AWH_DER_CONTEXT(6):
			*type = AWH_ALTERNATIVE_URI;
			return true;
		case AWH_DER_CONTEXT(7):
			*type = AWH_ALTERNATIVE_IP;
			return true;
		default:
			break;
		}
	}
	return false;
}

void awh_x509_put_name(struct awh_buf *buf, struct awh_der name)
{
	struct awh_attribute attributes[AWH_X509_RDNS_MAX];
	struct awh_attributes walk;
	size_t n = 0;
	size_t end;

	awh_attributes_begin(&walk, name);
	while (n < AWH_X509_RDNS_MAX && awh_attributes_next(&walk, &attributes[n]))
		n++;
	end = n;
	while (end > 0) {
		size_t start = end - 1;

		while (!attributes[start].first)
			start--;
		if (end < n)
			awh_buf_puts(buf, ",");
		for (size_t i = start; i < end; i++) {
			if (i > start)
				awh_buf_puts(buf, "+");
			put_attribute(buf, &attributes[i]);
		}
		end = start;
	}
}
