/* SPDX-License-Identifier: MIT */
/* network: policies of Kubernetes, Calico and Cilium, as far as they are about the server's Pods.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/selector.h"
#include "common/values.h"
#include "verify/checks.h"

static const char *const kinds[] = {"NetworkPolicy", "CiliumNetworkPolicy"};

/* What a term of a Calico selector comes to. */
enum term { TERM_HOLDS, TERM_FAILS, TERM_UNKNOWN };

static const char *skip(const char *text, const char *bytes)
{
	return text + strspn(text, bytes);
}

/* 'VALUE' or "VALUE"; NULL: it is none. Behind it in *rest. */
static char *take_value(const char *text, const char **rest)
{
	const char *end = *text == '\'' || *text == '"' ? strchr(text + 1, *text) : NULL;

	if (!end)
		return NULL;
	*rest = end + 1;
	return text_new("%.*s", (int)(end - text - 1), text + 1);
}

static bool is_value(const char *label, const char *value)
{
	return label && value && strcmp(label, value) == 0;
}

/* "{'a', 'b'}", of which the label is one. */
static enum term take_set(const char *label, const char *text, const char **rest)
{
	enum term result = TERM_FAILS;

	for (text = skip(text, "{ "); *text && *text != '}'; text = skip(text, ", ")) {
		char *value = take_value(text, &text);

		if (!value)
			return TERM_UNKNOWN;
		if (is_value(label, value))
			result = TERM_HOLDS;
		free(value);
	}
	*rest = *text ? text + 1 : text;
	return result;
}

/* "KEY == 'VALUE'" or "KEY in {'VALUE'}". */
static enum term take_term(json_t *labels, const char *text, const char **rest)
{
	size_t len = strcspn(text, " =!{");
	char *key = text_new("%.*s", (int)len, text);
	const char *label = member_text_or_null(labels, key);
	enum term result = TERM_UNKNOWN;
	char *value;

	free(key);
	text = skip(text + len, " ");
	if (strncmp(text, "==", 2) == 0) {
		value = take_value(skip(text + 2, " "), rest);
		if (value)
			result = is_value(label, value) ? TERM_HOLDS : TERM_FAILS;
		free(value);
	} else if (strncmp(text, "in", 2) == 0 && strchr(" {", text[2])) {
		result = take_set(label, skip(text + 2, " "), rest);
	}
	return result;
}

/* Terms with && between; what else Calico knows is not read. */
static enum term ask_calico(const char *selector, json_t *labels)
{
	for (selector = skip(selector, " "); *selector; selector = skip(selector, " &")) {
		enum term term = take_term(labels, selector, &selector);

		if (term != TERM_HOLDS)
			return term;
		if (*skip(selector, " ") && strncmp(skip(selector, " "), "&&", 2) != 0)
			return TERM_UNKNOWN;
	}
	return TERM_HOLDS;
}

static bool is_calico(const struct document *policy)
{
	const char *version = text_at(policy->value, "apiVersion");

	return version && strstr(version, "projectcalico.org/");
}

/* The matchLabels of a Cilium selector, whose keys may name the source of a label. New. */
static json_t *without_sources(json_t *labels)
{
	json_t *plain = json_made(json_object()), *value;
	const char *key;

	json_object_foreach(labels, key, value) {
		bool has_source = strncmp(key, "k8s:", 4) == 0 || strncmp(key, "any:", 4) == 0;

		member_set(plain, key + (has_source ? 4 : 0), json_incref(value));
	}
	return plain;
}

static bool cilium_selects(json_t *selector, json_t *labels)
{
	json_t *plain = json_made(json_copy(selector));
	bool selects;

	if (at(plain, "matchLabels"))
		member_set(plain, "matchLabels", without_sources(at(plain, "matchLabels")));
	selects = selector_matches(plain, labels);
	json_decref(plain);
	return selects;
}

/* Is a policy about the Pods of the Deployment? */
static enum term selects(const struct facts *facts, const struct document *policy)
{
	json_t *labels = at(facts->deployment->value, "spec/template/metadata/labels");
	bool is_cilium = strcmp(policy->kind, "CiliumNetworkPolicy") == 0;
	const char *calico = text_at(policy->value, "spec/selector");
	json_t *selector =
	    at(policy->value, is_cilium ? "spec/endpointSelector" : "spec/podSelector");
	bool selects;

	if (is_calico(policy))
		return calico ? ask_calico(calico, labels) : TERM_HOLDS;
	selects = json_is_object(selector) && (is_cilium ? cilium_selects(selector, labels)
							 : selector_matches(selector, labels));
	return selects ? TERM_HOLDS : TERM_FAILS;
}

static bool is_same_api(const struct document *a, const struct document *b)
{
	const char *version = text_at(a->value, "apiVersion");
	const char *other = text_at(b->value, "apiVersion");

	return version && other && strcmp(version, other) == 0;
}

/* Is it the first of its API? Each API has to do for itself: a cluster has one. */
static bool is_first(const struct facts *facts, const struct document *policy)
{
	for (const struct document *d = facts->folder.documents; d < policy; d++)
		if (strcmp(d->kind, policy->kind) == 0 && is_same_api(d, policy))
			return false;
	return true;
}

/* The best of all policies of this API. */
static enum term any_selects(const struct facts *facts, const struct document *policy)
{
	const struct document *other;
	enum term best = TERM_FAILS;
	size_t from = 0;

	while ((other = folder_next(&facts->folder, policy->kind, &from))) {
		enum term term = is_same_api(other, policy) ? selects(facts, other) : TERM_FAILS;

		if (term == TERM_HOLDS)
			return term;
		if (term == TERM_UNKNOWN)
			best = term;
	}
	return best;
}

static void inspect_selectors(const struct facts *facts, struct verdict *verdict,
			      const struct document *policy)
{
	enum term term = any_selects(facts, policy);

	examine(verdict);
	if (term == TERM_FAILS)
		fault(verdict, place(policy, "/spec"),
		      text_new("it does not select the Pods of the Deployment"),
		      "write the labels of the Deployment's template");
	if (term == TERM_UNKNOWN)
		unchecked(verdict, place(policy, "/spec/selector"),
			  text_new("%s", text_at(policy->value, "spec/selector")), NULL);
}

static void check_policies(const struct facts *facts, struct verdict *verdict)
{
	const struct document *policy;

	for (size_t kind = 0; facts->deployment && kind < 2; kind++)
		for (size_t from = 0; (policy = folder_next(&facts->folder, kinds[kind], &from));)
			if (is_first(facts, policy))
				inspect_selectors(facts, verdict, policy);
}

/* Does this number stand anywhere in the value, as one or as a text? */
static bool has_port(json_t *value, long long port)
{
	const char *name;
	json_t *child;
	size_t i;

	if (json_is_integer(value))
		return json_integer_value(value) == port;
	if (json_is_string(value))
		return isdigit((unsigned char)*json_string_value(value)) &&
		       strtoll(json_string_value(value), NULL, 10) == port;
	json_array_foreach(value, i, child)
		if (has_port(child, port))
			return true;
	json_object_foreach(value, name, child)
		if (has_port(child, port))
			return true;
	return false;
}

/* Does a policy of this API that is about the Pods, or may be, admit the port? */
static bool any_admits(const struct facts *facts, const struct document *policy, long long port)
{
	const struct document *other;
	size_t from = 0;

	while ((other = folder_next(&facts->folder, policy->kind, &from)))
		if (is_same_api(other, policy) && selects(facts, other) != TERM_FAILS &&
		    has_port(at(other->value, "spec/ingress"), port))
			return true;
	return false;
}

static void check_ports(const struct facts *facts, struct verdict *verdict)
{
	long long port = server_port(facts, "listen", 0);
	const struct document *policy;

	for (size_t kind = 0; facts->deployment && port && kind < 2; kind++)
		for (size_t from = 0; (policy = folder_next(&facts->folder, kinds[kind], &from));) {
			if (!is_first(facts, policy) || any_selects(facts, policy) == TERM_FAILS)
				continue;
			examine(verdict);
			if (!any_admits(facts, policy, port))
				fault(verdict, place(policy, "/spec/ingress"),
				      text_new("it does not admit port %lld, where the server "
					       "listens",
					       port),
				      "write the port of the Pods, not that of the Service");
		}
}

const struct check network_checks[] = {
    {"network.selector", "network policies select the Pods", check_policies},
    {"network.port", "they admit the port that the server listens on", check_ports},
    {0},
};
