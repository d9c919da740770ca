/* SPDX-License-Identifier: MIT */
#include "verify/harmless.h"

#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/pki.h"
#include "common/values.h"

/* As PodSecurity's level restricted admits it. */
#define POD_SPEC                                                                                   \
	"{\"securityContext\":{\"runAsNonRoot\":true,\"runAsUser\":65532,"                         \
	"\"seccompProfile\":{\"type\":\"RuntimeDefault\"}},\"containers\":[{\"name\":\"pause\","   \
	"\"image\":\"registry.k8s.io/pause:3.10\",\"securityContext\":{"                           \
	"\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]}},"               \
	"\"resources\":{\"requests\":{\"cpu\":\"1m\",\"memory\":\"1Mi\"},"                         \
	"\"limits\":{\"cpu\":\"1m\",\"memory\":\"1Mi\"}}}]}"
#define TEMPLATE "{\"metadata\":{\"labels\":{\"app\":\"admwhctl-verify\"}},\"spec\":" POD_SPEC "}"
#define SELECTOR "\"selector\":{\"matchLabels\":{\"app\":\"admwhctl-verify\"}}"

static const struct kind {
	const char *group, *version, *kind, *resource;
	bool is_cluster_wide;
	const char *spec; /* NULL: none */
} kinds[] = {
    {"", "v1", "Pod", "pods", false, POD_SPEC},
    {"", "v1", "ConfigMap", "configmaps", false, NULL},
    {"apps", "v1", "Deployment", "deployments", false,
     "{" SELECTOR ",\"replicas\":0,\"template\":" TEMPLATE "}"},
    {"apps", "v1", "ReplicaSet", "replicasets", false,
     "{" SELECTOR ",\"replicas\":0,\"template\":" TEMPLATE "}"},
    {"", "v1", "Service", "services", false, "{\"ports\":[{\"port\":80}]}"},
    {"", "v1", "ServiceAccount", "serviceaccounts", false, NULL},
    {"", "v1", "Secret", "secrets", false, NULL},
    {"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", false, "{\"podSelector\":{}}"},
    {"", "v1", "Namespace", "namespaces", true, NULL},
};

static bool covers(json_t *rule, const struct kind *kind)
{
	const char *scope = text_at(rule, "scope");

	if (scope && strcmp(scope, "*") != 0 &&
	    (strcmp(scope, "Cluster") == 0) != kind->is_cluster_wide)
		return false;
	return has_text_or_star(at(rule, "operations"), "CREATE") &&
	       has_text_or_star(at(rule, "apiGroups"), kind->group) &&
	       has_text_or_star(at(rule, "apiVersions"), kind->version) &&
	       (has_text_or_star(at(rule, "resources"), kind->resource) ||
		has_text(at(rule, "resources"), "*/*"));
}

static const struct kind *find(const struct hook *hook)
{
	json_t *rule;
	size_t i;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		json_array_foreach(at(hook->value, "rules"), i, rule)
			if (covers(rule, &kinds[k]))
				return &kinds[k];
	return NULL;
}

static json_t *make(const struct kind *kind, const struct hook *hook, const char *namespace)
{
	char *version = text_new("%s%s%s", kind->group, *kind->group ? "/" : "", kind->version);
	json_t *labels = json_deep_copy(at(hook->value, "objectSelector/matchLabels"));
	json_t *metadata = json_made(json_pack("{s:s}", "name", "admwhctl-verify"));
	json_t *object = json_made(json_pack("{s:s, s:s, s:O}", "apiVersion", version, "kind",
					     kind->kind, "metadata", metadata));

	if (labels)
		json_object_set_new(metadata, "labels", labels);
	if (!kind->is_cluster_wide && namespace)
		json_object_set_new(metadata, "namespace", json_string(namespace));
	if (kind->spec)
		json_object_set_new(object, "spec", json_made(json_loads(kind->spec, 0, NULL)));
	json_decref(metadata);
	free(version);
	return object;
}

json_t *harmless_object(const struct hook *hook, const char *namespace)
{
	const struct kind *kind = find(hook);

	return kind ? make(kind, hook, namespace) : NULL;
}

bool harmless_is_cluster_wide(const struct hook *hook)
{
	const struct kind *kind = find(hook);

	return kind && kind->is_cluster_wide;
}

/* The first text of a list of the first rule that is no wildcard. */
static const char *first(const struct hook *hook, const char *list, const char *preset)
{
	const char *text =
	    json_string_value(json_array_get(at(at(hook->value, "rules/0"), list), 0));

	return text && !strchr(text, '*') ? text : preset;
}

/* What kind the resources of a rule have is not told: their own name will do for a review. */
static struct kind kind_of(const struct hook *hook)
{
	const struct kind *known = find(hook);

	if (known)
		return *known;
	return (struct kind){.group = first(hook, "apiGroups", ""),
			     .version = first(hook, "apiVersions", "v1"),
			     .kind = first(hook, "resources", "pods"),
			     .resource = first(hook, "resources", "pods")};
}

static json_t *make_request(const struct kind *kind, const struct hook *hook, const char *uid)
{
	json_t *request = json_made(json_pack(
	    "{s:s, s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s}, s:s, s:s, s:{s:s, s:[s]}, s:b, s:o, s:n, "
	    "s:{s:s, s:s}}",
	    "uid", uid, "kind", "group", kind->group, "version", kind->version, "kind", kind->kind,
	    "resource", "group", kind->group, "version", kind->version, "resource", kind->resource,
	    "name", "admwhctl-verify", "operation", "CREATE", "userInfo", "username",
	    "admwhctl-verify", "groups", "system:authenticated", "dryRun", 1, "object",
	    make(kind, hook, "default"), "oldObject", "options", "apiVersion", "meta.k8s.io/v1",
	    "kind", "CreateOptions"));

	json_object_set(request, "requestKind", json_object_get(request, "kind"));
	json_object_set(request, "requestResource", json_object_get(request, "resource"));
	if (!kind->is_cluster_wide)
		json_object_set_new(request, "namespace", json_string("default"));
	return request;
}

char *harmless_review(const struct hook *hook)
{
	bool is_beta = !has_text(at(hook->value, "admissionReviewVersions"), "v1");
	struct kind kind = kind_of(hook);
	char *uid = pki_random_hex(16);
	json_t *review = json_made(json_pack(
	    "{s:s, s:s, s:o}", "apiVersion",
	    is_beta ? "admission.k8s.io/v1beta1" : "admission.k8s.io/v1", "kind", "AdmissionReview",
	    "request", make_request(&kind, hook, uid ? uid : "admwhctl-verify")));
	char *text = json_dumps(review, JSON_COMPACT);

	free(uid);
	json_decref(review);
	return text;
}
