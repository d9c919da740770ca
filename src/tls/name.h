/* SPDX-License-Identifier: MIT */
/*
 * The names in a certificate that x509.h has read: attributes of subject and
 * issuer, alternative names, and their text.
 */
#ifndef AWH_TLS_NAME_H
#define AWH_TLS_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "tls/der.h"
#include "tls/x509.h"

enum awh_attribute_type {
	AWH_ATTRIBUTE_CN,
	AWH_ATTRIBUTE_O,
	AWH_ATTRIBUTE_OU,
	AWH_ATTRIBUTE_OTHER
};

struct awh_attribute {
	enum awh_attribute_type type;
	struct awh_der oid;
	uint8_t tag; /* of the value */
	struct awh_der value;
	struct awh_der element; /* the value with its header */
	bool first;             /* of its RDN */
};

struct awh_attributes {
	struct awh_der rdns;
	struct awh_der rdn;
	bool first;
};

/* Walk the attributes of a Name in the order of the certificate. */
void awh_attributes_begin(struct awh_attributes *walk, struct awh_der name);
bool awh_attributes_next(struct awh_attributes *walk, struct awh_attribute *attribute);

enum awh_alternative_type { AWH_ALTERNATIVE_DNS, AWH_ALTERNATIVE_URI, AWH_ALTERNATIVE_IP };

/*
 * Take the next dNSName, URI or iPAddress off the front of names (first: a copy of
 * alternative_names). DNS names and URIs are printable ASCII, addresses 4 or 16 bytes.
 */
bool awh_alternative_next(struct awh_der *names, enum awh_alternative_type *type,
			  struct awh_der *value);

/* Append a Name as RFC 4514 text: last RDN first, control characters as \XX, never a NUL. */
void awh_x509_put_name(struct awh_buf *buf, struct awh_der name);

#endif
