/* SPDX-License-Identifier: MIT */
/* callers: certificates that clients show, against the CAs and rules of the server's flags. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/files.h"
#include "common/values.h"
#include "verify/checks.h"
#include "verify/inspect.h"

static const char make_client[] = "admwhctl renew FOLDER client makes a new pair";

static const struct certificate *leaf(const struct pair *pair)
{
	return pair->chain.n > 0 ? &pair->chain.list[0] : NULL;
}

static char *where(const struct pair *pair)
{
	return text_new("%s", pair->certificate.where);
}

static void check_files(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_pairs; i++) {
		const struct pair *pair = &facts->pairs[i];

		inspect_source(verdict, &pair->certificate);
		inspect_source(verdict, &pair->key);
		if (pair->problem)
			fault(verdict, where(pair), text_new("%s", pair->problem), make_client);
	}
}

static void check_pairs(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_pairs; i++) {
		const struct pair *pair = &facts->pairs[i];

		if (leaf(pair) && pair->key.bytes)
			inspect_pair(verdict, leaf(pair), &pair->certificate, &pair->key,
				     make_client);
	}
}

static void check_dates(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_pairs; i++)
		if (leaf(&facts->pairs[i]))
			inspect_dates(facts, verdict, leaf(&facts->pairs[i]),
				      facts->pairs[i].certificate.where, make_client);
}

/* ub-common-name of X.520 and RFC 5280, appendix A.1. */
enum { COMMON_NAME_MAX = 64 };

static void inspect_name(struct verdict *verdict, const struct pair *pair)
{
	json_t *name;
	size_t i;

	json_array_foreach(leaf(pair)->common_names, i, name) {
		if (json_string_length(name) > COMMON_NAME_MAX)
			fault(verdict, where(pair),
			      text_new("its CN has %zu bytes, and may have %d",
				       json_string_length(name), COMMON_NAME_MAX),
			      "make a pair of a shorter name, and allow that");
	}
}

static void check_usage(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_pairs; i++) {
		const struct certificate *cert = leaf(&facts->pairs[i]);

		if (!cert)
			continue;
		examine(verdict);
		inspect_name(verdict, &facts->pairs[i]);
		if (cert->is_ca)
			fault(verdict, where(&facts->pairs[i]), text_new("it is a CA"),
			      "issue a certificate for the caller, and keep the CA's key apart");
		if (cert->has_extended_usage && !cert->for_client)
			fault(verdict, where(&facts->pairs[i]),
			      text_new("its extended key usage has no clientAuth"), make_client);
		if (cert->is_weak)
			fault(verdict, where(&facts->pairs[i]),
			      text_new("it is signed with MD5 or SHA-1"), make_client);
		if (cert->key == KEY_OTHER || (cert->key == KEY_RSA && cert->key_size < 2048))
			fault(verdict, where(&facts->pairs[i]),
			      text_new("its key is of a kind that the server does not take"),
			      "use P-256, P-384 or RSA of 2048 bits");
	}
}

/* A caller of installation.yaml has a bundle of its name; otherwise any may have issued it. */
static bool may_be_of(const struct facts *facts, const struct pair *pair,
		      const struct bundle *bundle)
{
	if (!pair->caller)
		return true;
	for (size_t i = 0; i < facts->n_bundles; i++)
		if (strcmp(facts->bundles[i].name, pair->caller->name) == 0)
			return strcmp(bundle->name, pair->caller->name) == 0;
	return true;
}

static const struct bundle *find_issuer(const struct facts *facts, const struct pair *pair)
{
	for (size_t i = 0; i < facts->n_bundles; i++)
		if (may_be_of(facts, pair, &facts->bundles[i]) &&
		    certificates_end_at(&pair->chain, &facts->bundles[i].cas))
			return &facts->bundles[i];
	return NULL;
}

/* Where the CAs that should have issued it stand. */
static const struct bundle *first_bundle(const struct facts *facts, const struct pair *pair)
{
	for (size_t i = 0; i < facts->n_bundles; i++)
		if (may_be_of(facts, pair, &facts->bundles[i]))
			return &facts->bundles[i];
	return NULL;
}

static void check_issuer(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_pairs; i++) {
		const struct pair *pair = &facts->pairs[i];
		const struct bundle *bundle = first_bundle(facts, pair);

		if (!leaf(pair) || !bundle)
			continue;
		examine(verdict);
		if (find_issuer(facts, pair))
			continue;
		if (bundle->file.bytes)
			fault(verdict, where(pair),
			      text_new("%s did not issue it, and that is what the server trusts "
				       "for bundle %s",
				       bundle->file.where, bundle->name),
			      make_client);
		else
			unchecked(
			    verdict, where(pair),
			    bundle->file.where
				? text_new("the CA %s is not in the folder", bundle->file.where)
				: text_new("bundle %s has no CA", bundle->name),
			    NULL);
	}
}

/* What the server refuses in a CA of callers, beyond what is wrong in any. */
static void inspect_strength(struct verdict *verdict, const struct bundle *bundle)
{
	for (size_t i = 0; i < bundle->cas.n; i++) {
		const struct certificate *ca = &bundle->cas.list[i];

		if (ca->has_name_constraints)
			fault(verdict, text_new("%s", bundle->file.where),
			      text_new("it has name constraints, which the server does not read"),
			      "use a CA without them, and name the callers by --client-allow");
		if (ca->key == KEY_OTHER || (ca->key == KEY_RSA && ca->key_size < 2048))
			fault(verdict, text_new("%s", bundle->file.where),
			      text_new("its key is of a kind that the server does not take"),
			      "use P-256, P-384 or RSA of 2048 bits");
	}
}

static void check_cas(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_bundles; i++) {
		const struct bundle *bundle = &facts->bundles[i];

		if (!bundle->file.where) {
			examine(verdict);
			fault(verdict, NULL, text_new("bundle %s has no --client-ca", bundle->name),
			      "give it one, or correct the name before the rule");
			continue;
		}
		inspect_source(verdict, &bundle->file);
		if (bundle->problem)
			fault(verdict, text_new("%s", bundle->file.where),
			      text_new("%s", bundle->problem),
			      "the file has the CA's certificate alone, as PEM");
		if (bundle->cas.has_key)
			fault(verdict, text_new("%s", bundle->file.where),
			      text_new("there is a private key in it"),
			      "leave the key out: the server needs the certificate alone");
		inspect_strength(verdict, bundle);
		inspect_cas(facts, verdict, &bundle->cas, bundle->file.where,
			    "admwhctl renew FOLDER client-ca makes a new CA");
	}
}

static void check_rules(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_bundles; i++) {
		const struct bundle *bundle = &facts->bundles[i];

		examine(verdict);
		if (json_array_size(bundle->rules) == 0 && !facts->installation)
			unchecked(verdict, NULL,
				  text_new("bundle %s has no --client-allow", bundle->name),
				  "unless the program has rules by flags of its own, give it one");
		else if (json_array_size(bundle->rules) == 0)
			fault(verdict, NULL,
			      text_new("bundle %s has no --client-allow: the server does not start",
				       bundle->name),
			      "say which certificates are allowed, such as --client-allow "
			      "cn:kube-apiserver");
		else if (has_text(bundle->rules, "any"))
			warn(verdict, NULL,
			     text_new("bundle %s allows every certificate that its CA issued",
				      bundle->name),
			     "name the callers, such as --client-allow cn:kube-apiserver");
	}
}

static bool has_digest(struct der_view bytes, const char *hex)
{
	char text[SHA256_HEX_BYTES];

	sha256_hex(bytes.at, bytes.len, text);
	return strcasecmp(text, hex) == 0;
}

enum answer { RULE_DENIES, RULE_ALLOWS, RULE_UNKNOWN };

/* One rule of --client-allow on a certificate. */
static enum answer ask_rule(const char *rule, const struct certificate *cert)
{
	const char *colon = strchr(rule, ':');
	const char *value = colon ? colon + 1 : "";
	size_t len = colon ? (size_t)(colon - rule) : 0;
	bool allows;

	if (strcmp(rule, "any") == 0)
		allows = true;
	else if (len == 2 && strncmp(rule, "cn", len) == 0)
		allows =
		    json_array_size(cert->common_names) == 1 && has_text(cert->common_names, value);
	else if (len == 3 && strncmp(rule, "dns", len) == 0)
		allows = has_text(cert->dns, value);
	else if (len == 3 && strncmp(rule, "uri", len) == 0)
		allows = has_text(cert->uris, value);
	else if (len == 2 && strncmp(rule, "ip", len) == 0)
		allows = has_text(cert->addresses, value);
	else if (len == 6 && strncmp(rule, "sha256", len) == 0)
		allows = has_digest(cert->der, value);
	else if (len == 11 && strncmp(rule, "spki-sha256", len) == 0)
		allows = has_digest(cert->key_info, value);
	else
		return RULE_UNKNOWN;
	return allows ? RULE_ALLOWS : RULE_DENIES;
}

static enum answer ask_rules(const struct bundle *bundle, const struct certificate *cert)
{
	enum answer best = RULE_DENIES;
	json_t *rule;
	size_t i;

	json_array_foreach(bundle->rules, i, rule) {
		enum answer answer = ask_rule(json_string_value(rule), cert);

		if (answer == RULE_ALLOWS)
			return answer;
		if (answer == RULE_UNKNOWN)
			best = answer;
	}
	return best;
}

static void check_allowed(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_pairs; i++) {
		const struct pair *pair = &facts->pairs[i];
		const struct bundle *bundle = leaf(pair) ? find_issuer(facts, pair) : NULL;
		enum answer answer;
		char *rules, *names;

		if (!bundle || json_array_size(bundle->rules) == 0)
			continue;
		examine(verdict);
		answer = ask_rules(bundle, leaf(pair));
		rules = texts_joined(bundle->rules);
		names = texts_joined(leaf(pair)->common_names);
		if (answer == RULE_DENIES)
			fault(verdict, where(pair),
			      text_new("its CN is \"%s\"; the server allows %s", names, rules),
			      "correct --client-allow in the Deployment, or make a pair of the "
			      "allowed name");
		if (answer == RULE_UNKNOWN)
			unchecked(verdict, where(pair), text_new("the rules are %s", rules), NULL);
		free(rules);
		free(names);
	}
}

/* "serial:HEX", in hexadecimal digits of either case. */
static bool has_serial(const struct certificate *cert, const char *hex)
{
	char digits[3];
	size_t i = 0;

	while (*hex == '0')
		hex++;
	while (i < cert->serial.len && cert->serial.at[i] == 0)
		i++;
	if (i < cert->serial.len && cert->serial.at[i] < 0x10) {
		snprintf(digits, sizeof(digits), "%x", cert->serial.at[i++]);
		if (strncasecmp(hex++, digits, 1) != 0)
			return false;
	}
	for (; i < cert->serial.len; i++, hex += 2) {
		snprintf(digits, sizeof(digits), "%02x", cert->serial.at[i]);
		if (strncasecmp(hex, digits, 2) != 0)
			return false;
	}
	return !*hex;
}

static enum answer ask_denial(const char *line, const struct certificates *chain)
{
	enum answer answer = RULE_DENIES;

	for (size_t i = 0; i < chain->n && answer == RULE_DENIES; i++) {
		const struct certificate *cert = &chain->list[i];

		if (strncmp(line, "serial:", 7) == 0)
			answer = has_serial(cert, line + 7) ? RULE_ALLOWS : RULE_DENIES;
		else
			answer = ask_rule(line, cert);
	}
	return answer;
}

/* Is a certificate of this chain in the list? */
static enum answer ask_list(const char *list, const struct certificates *chain)
{
	enum answer best = RULE_DENIES;

	while (*list && best != RULE_ALLOWS) {
		size_t len = strcspn(list, "\r\n");
		char *line = text_new("%.*s", (int)len, list);
		enum answer answer =
		    len == 0 || *line == '#' ? RULE_DENIES : ask_denial(line, chain);

		best = answer == RULE_DENIES ? best : answer;
		free(line);
		list += len + (list[len] != '\0');
	}
	return best;
}

/* name: of the bundle whose list it is; it says nothing of others */
static void inspect_list(const struct facts *facts, struct verdict *verdict, const char *name,
			 const struct source *list)
{
	for (size_t i = 0; i < facts->n_pairs; i++) {
		const struct pair *pair = &facts->pairs[i];
		const struct bundle *bundle = leaf(pair) ? find_issuer(facts, pair) : NULL;
		enum answer answer, of_ca;

		if (!bundle || strcmp(bundle->name, name) != 0)
			continue;
		answer = ask_list(list->bytes, &pair->chain);
		of_ca = ask_list(list->bytes, &bundle->cas);
		if (answer == RULE_ALLOWS || of_ca == RULE_ALLOWS)
			fault(verdict, where(pair),
			      text_new("%s denies %s", list->where,
				       answer == RULE_ALLOWS ? "it" : "its CA"),
			      "take the line out, or make a new pair");
		else if (answer == RULE_UNKNOWN)
			unchecked(verdict, text_new("%s", list->where),
				  text_new("a line of it is of a kind that is not read"), NULL);
	}
}

/* Deny lists, "[BUNDLE=]FILE"; bundle "default" has those without a name. */
static void check_denied(const struct facts *facts, struct verdict *verdict)
{
	json_t *files = server_flag(facts, "client-deny-file"), *file;
	size_t i;

	json_array_foreach(files, i, file) {
		const char *text = json_is_string(file) ? json_string_value(file) : "";
		const char *equals = *text == '/' ? NULL : strchr(text, '=');
		char *name =
		    equals ? text_new("%.*s", (int)(equals - text), text) : text_new("default");
		struct source list;

		text = equals ? equals + 1 : text;
		examine(verdict);
		source_mounted(facts, text, &list);
		if (list.bytes)
			inspect_list(facts, verdict, name, &list);
		else
			unchecked(verdict, text_new("%s", list.where),
				  text_new("%s", list.why ? list.why : "it is not there"), NULL);
		source_deinit(&list);
		free(name);
	}
	json_decref(files);
}

/* The pair of the server, which is in a Secret, must not pass for a caller's. */
static void check_separate(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; facts->server_chain.n > 0 && i < facts->n_bundles; i++) {
		const struct bundle *bundle = &facts->bundles[i];

		examine(verdict);
		if (certificates_end_at(&facts->server_chain, &bundle->cas))
			warn(verdict, text_new("%s", bundle->file.where),
			     text_new("it issued the server's certificate, too"),
			     "use a CA that issues certificates of callers alone");
	}
}

const struct check caller_checks[] = {
    {"callers.files", "each caller has its certificate and key", check_files},
    {"callers.pair", "each key belongs to its certificate", check_pairs},
    {"callers.dates", "certificates of callers are valid", check_dates},
    {"callers.usage", "they are those of clients, by names of 64 bytes, and no CAs", check_usage},
    {"callers.ca", "the CAs of callers are CAs, valid, and mounted", check_cas},
    {"callers.issuer", "each is issued by a CA that the server trusts", check_issuer},
    {"callers.rules", "each bundle of the server has rules", check_rules},
    {"callers.allowed", "the server allows each of them", check_allowed},
    {"callers.denied", "no deny list has one of them", check_denied},
    {"callers.separate", "their CA issues no server certificates", check_separate},
    {0},
};
