/* SPDX-License-Identifier: MIT */
#include "review/match.h"

#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/selector.h"
#include "common/values.h"

/* "pods" is without its subresources; "*" behind the slash is with them (rules.go, Matcher). */
static bool is_resource(const char *rule, const struct resource *resource)
{
	const char *slash = strchr(rule, '/');
	size_t len = slash ? (size_t)(slash - rule) : strlen(rule);
	const char *subresource = slash ? slash + 1 : "";
	bool is_same =
	    strlen(resource->resource) == len && strncmp(rule, resource->resource, len) == 0;

	return (is_same || (len == 1 && *rule == '*')) &&
	       (strcmp(subresource, "*") == 0 || strcmp(subresource, resource->subresource) == 0);
}

static bool has_resource(const json_t *list, const struct resource *resource)
{
	const json_t *element;
	size_t i;

	json_array_foreach(list, i, element)
		if (json_is_string(element) && is_resource(json_string_value(element), resource))
			return true;
	return false;
}

/* A Namespace is of the cluster. */
static bool is_scope(const char *scope, const struct resource *resource)
{
	if (!scope || strcmp(scope, "*") == 0)
		return true;
	return (strcmp(scope, "Namespaced") == 0) == resource->is_namespaced;
}

static bool matches_rule(const json_t *rule, const struct request *request)
{
	const struct resource *resource = &request->resource;

	return has_text_or_star(json_object_get(rule, "operations"),
				request->circumstances->operation) &&
	       has_text_or_star(json_object_get(rule, "apiGroups"), resource->group) &&
	       has_text_or_star(json_object_get(rule, "apiVersions"), resource->version) &&
	       has_resource(json_object_get(rule, "resources"), resource) &&
	       is_scope(member_text_or_null(rule, "scope"), resource);
}

static bool matches_rules(const json_t *rules, const struct request *request)
{
	const json_t *rule;
	size_t i;

	json_array_foreach(rules, i, rule)
		if (matches_rule(rule, request))
			return true;
	return false;
}

static const json_t *labels_of(const json_t *object)
{
	return json_object_get(json_object_get(object, "metadata"), "labels");
}

/* Of objects of the cluster, a namespaceSelector is asked for Namespaces alone. */
static bool matches_namespace(const json_t *selector, const struct request *request,
			      const json_t *namespaces)
{
	bool is_namespace = strcmp(request->resource.kind, "Namespace") == 0;
	const json_t *known =
	    request->namespace ? json_object_get(namespaces, request->namespace) : NULL;
	json_t *labels;
	bool is_match;

	if (!request->resource.is_namespaced && !is_namespace)
		return true;
	if (is_namespace)
		known = labels_of(request->object ? request->object : request->old);
	labels =
	    json_is_object(known) ? json_made(json_deep_copy(known)) : json_made(json_object());
	if (request->namespace)
		json_object_set_new(labels, "kubernetes.io/metadata.name",
				    json_made(json_string(request->namespace)));
	is_match = selector_matches(selector, labels);
	json_decref(labels);
	return is_match;
}

static bool is_about_webhooks(const struct resource *resource)
{
	static const char *const resources[] = {
	    "mutatingwebhookconfigurations",   "validatingwebhookconfigurations",
	    "mutatingadmissionpolicies",       "validatingadmissionpolicies",
	    "mutatingadmissionpolicybindings", "validatingadmissionpolicybindings"};

	if (strcmp(resource->group, "admissionregistration.k8s.io") != 0)
		return false;
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
		if (strcmp(resource->resource, resources[i]) == 0)
			return true;
	return false;
}

const char *why_not_sent(const json_t *webhook, const struct request *request,
			 const json_t *namespaces)
{
	const json_t *selector = json_object_get(webhook, "objectSelector");

	if (is_about_webhooks(&request->resource))
		return "kube-apiserver asks no webhook of such objects";
	if (!matches_rules(json_object_get(webhook, "rules"), request))
		return "no rule matches";
	if (!matches_namespace(json_object_get(webhook, "namespaceSelector"), request, namespaces))
		return "namespaceSelector does not match";
	if (!selector_matches(selector, labels_of(request->object)) &&
	    (!request->old || !selector_matches(selector, labels_of(request->old))))
		return "objectSelector does not match";
	return NULL;
}
