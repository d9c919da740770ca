/* SPDX-License-Identifier: MIT */
/* calls: whether the API server calls this server and trusts it, and which namespaces it leaves
 * out. */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/selector.h"
#include "common/values.h"
#include "verify/checks.h"
#include "verify/inspect.h"

static char *where(const struct hook *hook, const char *member)
{
	return place(hook->document, "/webhooks/%zu/%s", hook->i, member);
}

static void inspect_url(struct verdict *verdict, const struct hook *hook, const char *url)
{
	if (strncmp(url, "https://", 8) != 0)
		fault(verdict, where(hook, "clientConfig/url"),
		      text_new("%s does not begin with https://", url),
		      "write https://HOST[:PORT]/PATH");
	else if (strpbrk(url, "?#@"))
		fault(verdict, where(hook, "clientConfig/url"),
		      text_new("%s has a query, a fragment or a user", url),
		      "leave that out: the API server refuses it");
}

static void check_target(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];
		const char *url = text_at(hook->value, "clientConfig/url");
		json_t *service = at(hook->value, "clientConfig/service");

		examine(verdict);
		if ((url != NULL) == (service != NULL))
			fault(verdict, where(hook, "clientConfig"),
			      text_new("%s has %s", hook->name,
				       url ? "both a url and a service"
					   : "neither a url nor a service"),
			      "give it one of them");
		else if (url)
			inspect_url(verdict, hook, url);
		else if (!hook->host)
			fault(verdict, where(hook, "clientConfig/service"),
			      text_new("the service of %s has no name or no namespace", hook->name),
			      "give it both");
	}
}

/* The Service that a webhook names; one without a namespace may be applied to any. */
static const struct document *find_service(const struct facts *facts, const struct hook *hook)
{
	const struct document *document;
	size_t from = 0;

	while ((document = folder_next(&facts->folder, "Service", &from))) {
		const char *name = text_at(document->value, "metadata/name");
		const char *namespace = text_at(document->value, "metadata/namespace");
		const char *wanted = text_at(hook->value, "clientConfig/service/namespace");

		if (name && strcmp(name, text_at(hook->value, "clientConfig/service/name")) == 0 &&
		    (!namespace || strcmp(namespace, wanted) == 0))
			return document;
	}
	return NULL;
}

static void check_service(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];

		if (!hook->is_service || !folder_find(&facts->folder, "Service", NULL))
			continue;
		examine(verdict);
		if (!find_service(facts, hook))
			fault(verdict, where(hook, "clientConfig/service"),
			      text_new("there is no Service of %s", hook->host),
			      "correct name and namespace, here or of the Service");
	}
}

static bool has_port(json_t *service, unsigned int port)
{
	json_t *entry;
	size_t i;

	json_array_foreach(at(service, "spec/ports"), i, entry)
		if (json_integer_value(at(entry, "port")) == port)
			return true;
	return false;
}

static void check_port(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];
		const struct document *service =
		    hook->is_service ? find_service(facts, hook) : NULL;

		if (!service)
			continue;
		examine(verdict);
		if (!has_port(service->value, hook->port))
			fault(verdict, where(hook, "clientConfig/service"),
			      text_new("Service %s has no port %u", hook->host, hook->port),
			      "write the Service's port, not that of the Pods; without one it is "
			      "443");
	}
}

static const struct route *find_route(const struct facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->installation->n_routes; i++)
		if (strcmp(facts->installation->routes[i].path, path) == 0)
			return &facts->installation->routes[i];
	return NULL;
}

static void check_path(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];
		const struct route *route;

		if (!hook->path)
			continue;
		examine(verdict);
		route = facts->installation ? find_route(facts, hook->path) : NULL;
		if (*hook->path != '/')
			fault(verdict, where(hook, "clientConfig/service"),
			      text_new("path %s does not begin with a slash", hook->path),
			      "write /PATH");
		else if (facts->installation && !route)
			fault(verdict, where(hook, "clientConfig"),
			      text_new("installation.yaml has no route of path %s", hook->path),
			      "correct the path, here or in installation.yaml");
		else if (route && route->mutating != hook->is_mutating)
			fault(verdict, where(hook, "clientConfig"),
			      text_new("the route of path %s is %s, and this webhook is not",
				       hook->path, route->mutating ? "mutating" : "validating"),
			      "move it to the other kind of configuration");
	}
}

static bool is_public(const struct facts *facts)
{
	return facts->installation && facts->installation->is_server_public;
}

static void check_bundle(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];

		if (is_public(facts))
			continue;
		examine(verdict);
		if (hook->bundle_problem)
			fault(verdict, where(hook, "clientConfig"),
			      text_new("%s: %s", hook->name, hook->bundle_problem),
			      "put the server's CA there: base64 -w0 private/server-ca.crt");
		else if (facts->server_chain.n > 0 &&
			 !certificates_end_at(&facts->server_chain, &hook->bundle))
			fault(verdict, where(hook, "clientConfig/caBundle"),
			      text_new("%s: its CAs did not issue %s", hook->name,
				       facts->server_certificate.where),
			      "put the server's CA there: base64 -w0 private/server-ca.crt");
		if (hook->bundle.has_key)
			fault(verdict, where(hook, "clientConfig/caBundle"),
			      text_new("there is a private key in it"),
			      "webhook configurations are no place for secrets: make a new "
			      "CA (admwhctl renew FOLDER server-ca)");
	}
}

static void check_bundle_dates(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		char *place = where(&facts->hooks[i], "clientConfig/caBundle");

		inspect_cas(facts, verdict, &facts->hooks[i].bundle, place,
			    "admwhctl renew FOLDER server-ca makes a new CA");
		free(place);
	}
}

/* The labels of a namespace of this name, which the API server itself sets. */
static bool matches_namespace(json_t *hook, const char *name)
{
	json_t *labels = json_pack("{s:s}", "kubernetes.io/metadata.name", name);
	bool matches = selector_matches(at(hook, "namespaceSelector"), labels);

	json_decref(labels);
	return matches;
}

/* Is it called for what its own Deployment is made of? */
static bool has_pods(json_t *hook)
{
	static const char *const resources[] = {"pods", "*", "*/*", "replicasets", "deployments"};
	json_t *rule;
	size_t i;

	json_array_foreach(at(hook, "rules"), i, rule) {
		const char *scope = text_at(rule, "scope");

		if ((scope && strcmp(scope, "Cluster") == 0) ||
		    (!has_text(at(rule, "apiGroups"), "") &&
		     !has_text(at(rule, "apiGroups"), "*") &&
		     !has_text(at(rule, "apiGroups"), "apps")))
			continue;
		for (size_t k = 0; k < sizeof(resources) / sizeof(*resources); k++)
			if (has_text(at(rule, "resources"), resources[k]))
				return true;
	}
	return false;
}

static void check_namespaces(const struct facts *facts, struct verdict *verdict)
{
	const char *own =
	    facts->deployment ? text_at(facts->deployment->value, "metadata/namespace") : NULL;

	for (size_t i = 0; i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];
		const char *policy = text_at(hook->value, "failurePolicy");
		const char *names[] = {own, "kube-system"};

		if (!has_pods(hook->value) || (policy && strcmp(policy, "Ignore") == 0) ||
		    json_object_size(at(hook->value, "objectSelector")) > 0)
			continue;
		examine(verdict);
		for (size_t k = 0; k < 2; k++)
			if (names[k] && matches_namespace(hook->value, names[k]))
				fault(
				    verdict, where(hook, "namespaceSelector"),
				    text_new("%s is called for Pods of namespace %s, too",
					     hook->name, names[k]),
				    "leave it out by kubernetes.io/metadata.name NotIn: Pods that "
				    "the webhook itself needs must start without it");
	}
}

const struct check call_checks[] = {
    {"calls.target", "webhooks have one url or service", check_target},
    {"calls.service", "the Service is that of the folder", check_service},
    {"calls.port", "the Service has the port", check_port},
    {"calls.path", "the path is that of a route", check_path},
    {"calls.bundle", "caBundle has the CA of the server's certificate", check_bundle},
    {"calls.bundleDates", "these CAs are valid", check_bundle_dates},
    {"calls.namespaces", "Pods that the webhook needs start without it", check_namespaces},
    {0},
};
