/* SPDX-License-Identifier: MIT */
#include "common/kubeconfig_lookup.h"

#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/values.h"

static json_t *named(const json_t *list, const char *name)
{
	size_t i;
	json_t *entry;

	json_array_foreach(list, i, entry) {
		if (strcmp(member_text(entry, "name"), name) == 0)
			return entry;
	}
	return NULL;
}

/* The name itself, then with "*" in place of one, two, ... of its leading labels. */
static json_t *exact_or_star(const json_t *users, const char *target)
{
	json_t *found = named(users, target);

	for (const char *dot = strchr(target, '.'); dot && !found; dot = strchr(dot + 1, '.')) {
		char *name = text_new("*%s", dot);

		found = named(users, name);
		free(name);
	}
	return found;
}

static json_t *user_of_current_context(const json_t *config)
{
	const char *current = member_text_or_null(config, "current-context");
	json_t *context = current ? named(json_object_get(config, "contexts"), current) : NULL;
	const char *user = member_text_or_null(json_object_get(context, "context"), "user");

	return user ? named(json_object_get(config, "users"), user) : NULL;
}

static char *with_port(const char *host, unsigned int port)
{
	return text_new(strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port);
}

json_t *kubeconfig_lookup(const json_t *config, const char *host, unsigned int port)
{
	const json_t *users = json_object_get(config, "users");
	char *target = with_port(host, port);
	json_t *found = exact_or_star(users, target);

	free(target);
	if (!found && port == 443)
		found = exact_or_star(users, host);
	if (!found && port == 443 && strcmp(host, "kubernetes.default.svc") == 0)
		return NULL; /* it is the API server itself, with credentials of its own */
	if (!found)
		found = named(users, "*");
	return found ? found : user_of_current_context(config);
}

char *kubeconfig_user_name(const char *host, unsigned int port)
{
	return port == 443 && !strchr(host, ':') ? text_new("%s", host) : with_port(host, port);
}
