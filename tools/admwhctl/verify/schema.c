/* SPDX-License-Identifier: MIT */
#include "verify/schema.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/files.h"
#include "common/values.h"

#define SELECTOR(path)                                                                             \
	{path, "matchLabels matchExpressions"},                                                    \
	{                                                                                          \
		path "/matchExpressions/*", "key operator values"                                  \
	}

/* k8s.io/apiserver, pkg/apis/apiserver/v1 and pkg/admission/plugin/webhook/config. */
const struct level admission_levels[] = {
    {"", "apiVersion kind plugins"},
    {"plugins/*", "name path configuration"},
    {0},
};

/* k8s.io/client-go, tools/clientcmd/api/v1. */
const struct level kubeconfig_levels[] = {
    {"", "kind apiVersion preferences clusters users contexts current-context extensions"},
    {"users/*", "name user"},
    {"users/*/user",
     "client-certificate client-certificate-data client-key client-key-data token tokenFile as "
     "as-uid as-groups as-user-extra username password auth-provider exec extensions"},
    {"clusters/*", "name cluster"},
    {"clusters/*/cluster", "server tls-server-name insecure-skip-tls-verify certificate-authority "
			   "certificate-authority-data proxy-url disable-compression extensions"},
    {"contexts/*", "name context"},
    {"contexts/*/context", "cluster user namespace extensions"},
    {0},
};

/* k8s.io/api/admissionregistration/v1. */
const struct level webhooks_levels[] = {
    {"", "apiVersion kind metadata webhooks"},
    {"metadata", "name generateName namespace labels annotations finalizers ownerReferences uid "
		 "resourceVersion generation creationTimestamp managedFields selfLink"},
    {"webhooks/*", "name clientConfig rules failurePolicy matchPolicy namespaceSelector "
		   "objectSelector sideEffects timeoutSeconds admissionReviewVersions "
		   "reinvocationPolicy matchConditions"},
    {"webhooks/*/clientConfig", "url service caBundle"},
    {"webhooks/*/clientConfig/service", "namespace name path port"},
    {"webhooks/*/rules/*", "operations apiGroups apiVersions resources scope"},
    {"webhooks/*/matchConditions/*", "name expression"},
    SELECTOR("webhooks/*/namespaceSelector"),
    SELECTOR("webhooks/*/objectSelector"),
    {0},
};

static const struct kind {
	const char *name;
	const char *versions[3]; /* NULL-terminated */
	const char *version_todo;
	const struct level *levels;
	const char *fields_todo;
} kinds[] = {
    {"AdmissionConfiguration",
     {"apiserver.config.k8s.io/v1", "apiserver.k8s.io/v1alpha1"},
     "write apiserver.config.k8s.io/v1: the API server does not start with it",
     admission_levels,
     "correct it: the API server does not start with it"},
    {"Config",
     {"v1"},
     "write v1: the API server does not start with it",
     kubeconfig_levels,
     "correct it: the API server ignores what it does not know"},
    {"MutatingWebhookConfiguration",
     {"admissionregistration.k8s.io/v1"},
     "write admissionregistration.k8s.io/v1",
     webhooks_levels,
     "correct it: the API server drops what it does not know"},
    {"ValidatingWebhookConfiguration",
     {"admissionregistration.k8s.io/v1"},
     "write admissionregistration.k8s.io/v1",
     webhooks_levels,
     "correct it: the API server drops what it does not know"},
};

struct walk {
	struct verdict *verdict;
	const struct document *document;
	const struct level *levels;
	const char *todo;
};

static const char *members_of(const struct walk *walk, const char *path)
{
	for (const struct level *level = walk->levels; level->path; level++)
		if (strcmp(level->path, path) == 0)
			return level->members;
	return NULL;
}

/* Is the name among these, or, without regard to case, nearly? */
static bool is_member(const char *members, const char *name, const char **nearly, size_t *len)
{
	*nearly = NULL;
	for (const char *word = members; *word; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");

		if (n == strlen(name) && strncmp(word, name, n) == 0)
			return true;
		if (n == strlen(name) && strncasecmp(word, name, n) == 0) {
			*nearly = word;
			*len = n;
		}
		word += n;
	}
	return false;
}

static void inspect_name(const struct walk *walk, const char *members, const char *name,
			 const char *pointer)
{
	const char *nearly;
	size_t len;

	if (is_member(members, name, &nearly, &len))
		return;
	fault(walk->verdict, place(walk->document, "%s/%s", pointer, name),
	      nearly
		  ? text_new("there is no field %s%s%s: it is %.*s", pointer + 1 * (*pointer != 0),
			     *pointer ? "/" : "", name, (int)len, nearly)
		  : text_new("there is no field %s%s%s", pointer + 1 * (*pointer != 0),
			     *pointer ? "/" : "", name),
	      walk->todo);
}

/* path: with * for elements; pointer: with their numbers. */
static void inspect_value(const struct walk *walk, json_t *value, const char *path,
			  const char *pointer)
{
	const char *members = members_of(walk, path);
	const char *name;
	json_t *child;
	size_t i;

	json_array_foreach(value, i, child) {
		char *inner = text_new("%s%s*", path, *path ? "/" : "");
		char *where = text_new("%s/%zu", pointer, i);

		inspect_value(walk, child, inner, where);
		free(inner);
		free(where);
	}
	json_object_foreach(value, name, child) {
		char *inner = text_new("%s%s%s", path, *path ? "/" : "", name);
		char *where = text_new("%s/%s", pointer, name);

		if (members)
			inspect_name(walk, members, name, pointer);
		inspect_value(walk, child, inner, where);
		free(inner);
		free(where);
	}
}

void inspect_members(struct verdict *verdict, const struct document *document,
		     const struct level *levels, const char *todo)
{
	const struct walk walk = {verdict, document, levels, todo};

	examine(verdict);
	inspect_value(&walk, document->value, "", "");
}

static const struct kind *find_kind(const char *name)
{
	const struct kind *kind = kinds;

	while (strcmp(kind->name, name) != 0)
		kind++;
	return kind;
}

static void inspect_version(struct verdict *verdict, const struct document *document,
			    const struct kind *kind)
{
	const char *version = text_at(document->value, "apiVersion");

	examine(verdict);
	if (!version || !is_among(version, kind->versions))
		fault(verdict, place(document, "/apiVersion"),
		      text_new("its apiVersion is %s", version ? version : "missing"),
		      kind->version_todo);
}

void inspect_versions(const struct facts *facts, struct verdict *verdict, const char *kind)
{
	const struct document *document;
	size_t from = 0;

	while ((document = folder_next(&facts->folder, kind, &from)))
		inspect_version(verdict, document, find_kind(kind));
}

void inspect_fields(const struct facts *facts, struct verdict *verdict, const char *kind)
{
	const struct kind *found = find_kind(kind);
	const struct document *document;
	size_t from = 0;

	while ((document = folder_next(&facts->folder, kind, &from)))
		inspect_members(verdict, document, found->levels, found->fields_todo);
}
