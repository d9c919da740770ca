/* SPDX-License-Identifier: MIT */
/* The webhook configurations. */
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/files.h"
#include "common/values.h"
#include "init/manifests.h"

static const char configuration_text[] = "apiVersion: admissionregistration.k8s.io/v1\n"
					 "kind: ${kind}\n"
					 "metadata:\n"
					 "  name: ${name}\n"
					 "  labels:\n"
					 "    app.kubernetes.io/name: ${name}\n"
					 "    " WEBHOOKS_LABEL ": " WEBHOOKS_LABEL_VALUE "\n"
					 "webhooks:\n"
					 "${webhooks}\n";

static const char head_text[] =
    "# Apply them last: once the API servers show their credentials, and the server is ready. "
    "caBundle\n"
    "# is the CA of the server's certificate, private/server-ca.crt. The namespaces that are left "
    "out\n"
    "# are those whose Pods must start without the server: its own, and that of the cluster.\n";

static const char head_text_public[] =
    "# Apply them last: once the API servers show their credentials, and the server is ready. "
    "Without\n"
    "# caBundle they trust the CAs of their own hosts. The namespaces that are left out are those\n"
    "# whose Pods must start without the server.\n";

static const char namespace_key[] = "kubernetes.io/metadata.name";

/* The expression of a selector that leaves namespaces out by their names; NULL: none. */
static json_t *names_left_out(const json_t *expressions)
{
	size_t i;
	json_t *expression;

	json_array_foreach(expressions, i, expression) {
		if (strcmp(member_text(expression, "key"), namespace_key) == 0 &&
		    strcmp(member_text(expression, "operator"), "NotIn") == 0)
			return json_object_get(expression, "values");
	}
	return NULL;
}

static void leave_out(json_t *names, const char *namespace)
{
	size_t i;
	json_t *name;

	json_array_foreach(names, i, name) {
		if (json_is_string(name) && strcmp(json_string_value(name), namespace) == 0)
			return;
	}
	json_array_append_new(names, json_made(json_string(namespace)));
}

/* The selector of a route, which leaves out what must start without the server. New. */
static json_t *namespace_selector(const struct installation *installation,
				  const struct route *route)
{
	const json_t *given = json_object_get(route->object, "namespaceSelector");
	json_t *selector = json_made(given ? json_deep_copy(given) : json_object());
	json_t *expressions = json_object_get(selector, "matchExpressions");
	json_t *names = names_left_out(expressions);

	if (!json_is_array(expressions)) {
		expressions = json_made(json_array());
		json_object_set_new(selector, "matchExpressions", expressions);
	}
	if (!json_is_array(names)) {
		names = json_made(json_array());
		json_array_append_new(expressions,
				      json_made(json_pack("{s:s,s:s,s:o}", "key", namespace_key,
							  "operator", "NotIn", "values", names)));
	}
	leave_out(names, "kube-system");
	if (installation->image)
		leave_out(names, installation->namespace);
	return selector;
}

/* The port is there unless it is 443, or the address is one of IPv6: kube-apiserver would put one
 * without a port into brackets twice. New. */
static char *url_of(const struct installation *installation, const struct route *route)
{
	const char *host = installation->host;

	if (strchr(host, ':'))
		return text_new("https://[%s]:%u%s", host, installation->port, route->path);
	if (installation->port == 443)
		return text_new("https://%s%s", host, route->path);
	return text_new("https://%s:%u%s", host, installation->port, route->path);
}

static json_t *client_config(const struct installation *installation, const struct route *route,
			     const struct material *material)
{
	json_t *config;

	if (installation->service) {
		config = json_pack("{s:{s:s,s:s,s:s,s:I}}", "service", "namespace",
				   installation->namespace, "name", installation->service, "path",
				   route->path, "port", (json_int_t)installation->port);
	} else {
		char *url = url_of(installation, route);

		config = json_pack("{s:s}", "url", url);
		free(url);
	}
	json_made(config);
	if (material->server_ca) {
		char *bundle = base64_encoded(material->server_ca);

		json_object_set_new(config, "caBundle", json_made(json_string(bundle)));
		free(bundle);
	}
	return config;
}

/* What the API takes when the installation does not say it, written out: readers need not know. */
static void set_defaults(json_t *webhook)
{
	static const char *const presets[][2] = {{"sideEffects", "None"},
						 {"matchPolicy", "Equivalent"}};

	for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
		if (!json_object_get(webhook, presets[i][0]))
			json_object_set_new(webhook, presets[i][0],
					    json_made(json_string(presets[i][1])));
}

static json_t *webhook_of(const struct installation *installation, const struct route *route,
			  const struct material *material)
{
	json_t *webhook = json_made(json_pack("{s:s}", "name", route->name));
	json_t *rules = json_made(json_deep_copy(route->rules));

	json_object_set_new(webhook, "rules", rules);
	json_object_set_new(webhook, "namespaceSelector", namespace_selector(installation, route));
	for (const char *const *name = route_passed_through; *name; name++) {
		const json_t *value = json_object_get(route->object, *name);

		if (value && strcmp(*name, "namespaceSelector") != 0)
			json_object_set_new(webhook, *name, json_made(json_deep_copy(value)));
	}
	set_defaults(webhook);
	json_object_set_new(webhook, "clientConfig", client_config(installation, route, material));
	json_object_set_new(webhook, "admissionReviewVersions", json_made(json_pack("[s]", "v1")));
	json_object_set_new(webhook, "failurePolicy",
			    json_made(json_string(route->failure_policy)));
	json_object_set_new(webhook, "timeoutSeconds",
			    json_made(json_integer(route->timeout_seconds)));
	return webhook;
}

/* The configuration of all routes of a type; "" where there is none. New. */
static char *configuration_of(const struct installation *installation, bool mutating,
			      const struct material *material)
{
	struct template places = {0};
	json_t *webhooks = json_made(json_array());
	char *text;

	for (size_t i = 0; i < installation->n_routes; i++)
		if (installation->routes[i].mutating == mutating)
			json_array_append_new(
			    webhooks, webhook_of(installation, &installation->routes[i], material));
	template_set_scalar(&places, "name", installation->name);
	template_set_scalar(&places, "kind",
			    mutating ? "MutatingWebhookConfiguration"
				     : "ValidatingWebhookConfiguration");
	template_set(&places, "webhooks", block_new(webhooks, 0));
	text = json_array_size(webhooks) > 0 ? template_fill(&places, configuration_text)
					     : text_new("%s", "");
	template_deinit(&places);
	json_decref(webhooks);
	return text;
}

void manifests_add_webhooks(const struct installation *installation,
			    const struct material *material, struct output *output)
{
	char *validating = configuration_of(installation, false, material);
	char *mutating = configuration_of(installation, true, material);

	output_addf(output, "base/webhooks.yaml", "%s%s%s%s",
		    material->server_ca ? head_text : head_text_public, mutating,
		    *mutating && *validating ? "---\n" : "", validating);
	free(validating);
	free(mutating);
}
