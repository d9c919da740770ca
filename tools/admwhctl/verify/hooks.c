/* SPDX-License-Identifier: MIT */
/* Webhooks: where the API server calls them, and as which user of its kubeconfig. */
#include "verify/hooks.h"

#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/files.h"

/* "https://HOST[:PORT][/PATH]"; HOST may be an address in brackets. */
static void read_url(struct hook *hook, const char *url)
{
	const char *host = strncmp(url, "https://", 8) == 0 ? url + 8 : NULL;
	bool has_brackets = host && *host == '[';
	size_t len;

	if (!host)
		return;
	host += has_brackets;
	len = strcspn(host, has_brackets ? "]" : ":/?#");
	hook->host = text_new("%.*s", (int)len, host);
	host += len + has_brackets;
	hook->port = *host == ':' ? (unsigned int)strtoul(host + 1, NULL, 10) : 443;
	host += strcspn(host, "/");
	hook->path = text_new("%s", *host ? host : "/");
}

static void read_service(struct hook *hook, json_t *service)
{
	const char *name = text_at(service, "name");
	const char *namespace = text_at(service, "namespace");
	const char *path = text_at(service, "path");
	json_t *port = at(service, "port");

	if (!name || !namespace)
		return;
	hook->is_service = true;
	hook->host = text_new("%s.%s.svc", name, namespace);
	hook->port = port ? (unsigned int)json_integer_value(port) : 443;
	hook->path = text_new("%s", path ? path : "/");
}

static void read_bundle(struct hook *hook, const char *text)
{
	hook->bundle_problem = "there is no caBundle, and so the API server takes the CAs of its "
			       "own machine";
	if (!text || !*text)
		return;
	hook->bundle_pem = base64_decoded(text, strlen(text), &hook->bundle_len);
	hook->bundle_problem = "the caBundle is no base64";
	if (hook->bundle_pem)
		hook->bundle_problem =
		    certificates_read(&hook->bundle, hook->bundle_pem, hook->bundle_len);
}

static void add_hook(struct facts *facts, const struct document *document, size_t i, json_t *value)
{
	const char *name = text_at(value, "name");
	const char *url = text_at(value, "clientConfig/url");
	struct hook *hook;

	facts->hooks = memory_grown(facts->hooks, (facts->n_hooks + 1) * sizeof(*facts->hooks));
	hook = &facts->hooks[facts->n_hooks++];
	*hook =
	    (struct hook){.document = document, .i = i, .value = value, .name = name ? name : "?"};
	hook->is_mutating = strcmp(document->kind, "MutatingWebhookConfiguration") == 0;
	if (url)
		read_url(hook, url);
	else
		read_service(hook, at(value, "clientConfig/service"));
	read_bundle(hook, text_at(value, "clientConfig/caBundle"));
}

void hooks_read(struct facts *facts)
{
	static const char *const kinds[] = {"MutatingWebhookConfiguration",
					    "ValidatingWebhookConfiguration"};
	const struct document *document;
	json_t *value;

	for (size_t kind = 0; kind < 2; kind++) {
		size_t from = 0, i;

		while ((document = folder_next(&facts->folder, kinds[kind], &from)))
			json_array_foreach(at(document->value, "webhooks"), i, value)
				add_hook(facts, document, i, value);
	}
}

void hooks_deinit(struct facts *facts)
{
	for (size_t i = 0; i < facts->n_hooks; i++) {
		free(facts->hooks[i].host);
		free(facts->hooks[i].path);
		free(facts->hooks[i].bundle_pem);
		certificates_deinit(&facts->hooks[i].bundle);
	}
	free(facts->hooks);
}
