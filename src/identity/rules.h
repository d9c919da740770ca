/* SPDX-License-Identifier: MIT */
/*
 * Rules for names in certificates, and lists of certificates that are denied
 * whatever their names.
 *
 * Both are sets of values (values.h): rules of the kinds in ADMWH_RULE_MAP, deny
 * lists of serial numbers, fingerprints and keys. Nothing is a pattern.
 */
#ifndef AWH_IDENTITY_RULES_H
#define AWH_IDENTITY_RULES_H

#include <admwh/identity.h>

#include "identity/identity.h"
#include "identity/values.h"

enum { AWH_RULE_BYTES_MAX = 1024 }; /* of a value that is no CN */

/*
 * Add a rule. cn_length: the most bytes a CN may have
 *
 * Returns 0; ADMWH_E_INVAL with what is wrong with it; ADMWH_E_NOMEM.
 */
int awh_rules_add(struct awh_values *rules, enum admwh_rule kind, const char *value,
		  size_t cn_length, struct awh_error *error);

/* Add the rules of an allow file, see awh_values_read(). */
int awh_rules_read(struct awh_values *rules, const char *text, size_t len, size_t cn_length,
		   struct awh_error *error);

/*
 * Add the lines of a deny file ("serial:HEX", "sha256:HEX", "spki-sha256:HEX"), see
 * awh_values_read().
 */
int awh_denials_read(struct awh_values *denials, const char *text, size_t len,
		     struct awh_error *error);

/*
 * The first rule of a sealed set that matches a peer, by kind and then by value; NULL: none.
 *
 * rules: NULL is an empty set
 */
const struct awh_value *awh_rules_find(const struct awh_values *rules, const struct awh_peer *peer,
				       size_t cn_length);

/* The entry of a sealed set that names a certificate; NULL: none. */
const struct awh_value *awh_denials_match(const struct awh_values *denials,
					  const struct awh_cert_ids *ids);

/* Does this entry name a key, whatever certificate has it? */
bool awh_denial_is_key(const struct awh_value *denial);

/* The entry that denies a peer, by its own certificate or by one above it; NULL: none. */
const struct awh_value *awh_denials_find(const struct awh_values *denials,
					 const struct awh_peer *peer);

#endif
