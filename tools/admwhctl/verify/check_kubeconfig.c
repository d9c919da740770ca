/* SPDX-License-Identifier: MIT */
/* kubeconfig: what the API server shows to which webhook. */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "verify/checks.h"
#include "verify/schema.h"

static const struct document *next(const struct facts *facts, size_t *from)
{
	return folder_next(&facts->folder, "Config", from);
}

static void check_version(const struct facts *facts, struct verdict *verdict)
{
	inspect_versions(facts, verdict, "Config");
}

static void check_fields(const struct facts *facts, struct verdict *verdict)
{
	inspect_fields(facts, verdict, "Config");
}

static void check_names(const struct facts *facts, struct verdict *verdict)
{
	const struct document *document;
	size_t from = 0, i;
	json_t *user;

	while ((document = next(facts, &from)))
		json_array_foreach(at(document->value, "users"), i, user) {
			const char *name = text_at(user, "name");

			examine(verdict);
			if (is_named_before(at(document->value, "users"), i))
				fault(verdict, place(document, "/users/%zu/name", i),
				      text_new("user %s is there twice", name),
				      "make one of them: the API server does not start with it");
			if (name && strstr(name, "://"))
				fault(verdict, place(document, "/users/%zu/name", i),
				      text_new("user %s has a scheme", name),
				      "write HOST or HOST:PORT: it is compared with that");
		}
}

/* By the API server's own look-up. */
static void check_users(const struct facts *facts, struct verdict *verdict)
{
	const struct document *document;
	size_t from = 0;

	while ((document = next(facts, &from)))
		for (size_t i = 0; i < facts->n_hooks; i++) {
			const struct hook *hook = &facts->hooks[i];

			if (!hook->host)
				continue;
			examine(verdict);
			if (hook_user(document, hook))
				continue;
			fault(verdict, place(document, "/users"),
			      text_new("no user is found for %s at %s:%u", hook->name, hook->host,
				       hook->port),
			      hook->port == 443
				  ? "name the user SERVICE.NAMESPACE.svc, or the host of the url: "
				    "the API server shows no credentials otherwise"
				  : "name the user SERVICE.NAMESPACE.svc:PORT, or the HOST:PORT of "
				    "the url: with the port, because it is not 443");
		}
}

static bool has_any(json_t *user, const char *a, const char *b)
{
	return at(user, a) || at(user, b);
}

static void inspect_user(const struct facts *facts, struct verdict *verdict,
			 const struct document *document, const struct hook *hook, json_t *user)
{
	bool has_certificate = has_any(user, "client-certificate", "client-certificate-data");
	bool has_key = has_any(user, "client-key", "client-key-data");
	bool has_token = has_any(user, "token", "tokenFile");

	examine(verdict);
	if (has_certificate != has_key)
		fault(verdict, place(document, "/users"),
		      text_new("the user of %s has %s", hook->name,
			       has_key ? "a key and no certificate" : "a certificate and no key"),
		      "give both client-certificate and client-key");
	else if (facts->n_bundles > 0 && !has_certificate)
		fault(
		    verdict, place(document, "/users"),
		    text_new("the user of %s has no client certificate, which the server asks for",
			     hook->name),
		    "give it client-certificate and client-key");
	if (facts->tokens.where && !has_token)
		fault(
		    verdict, place(document, "/users"),
		    text_new("the user of %s has no token, which the server asks for", hook->name),
		    "give it a tokenFile");
}

static void check_credentials(const struct facts *facts, struct verdict *verdict)
{
	const struct document *document;
	size_t from = 0;

	while ((document = next(facts, &from)))
		for (size_t i = 0; i < facts->n_hooks; i++) {
			json_t *user = hook_user(document, &facts->hooks[i]);

			if (user)
				inspect_user(facts, verdict, document, &facts->hooks[i],
					     at(user, "user"));
		}
}

static void check_paths(const struct facts *facts, struct verdict *verdict)
{
	static const char *const members[] = {"client-certificate", "client-key", "tokenFile"};
	const struct document *document;
	size_t from = 0, i;
	json_t *user;

	while ((document = next(facts, &from)))
		json_array_foreach(at(document->value, "users"), i, user)
			for (size_t k = 0; k < 3; k++) {
				const char *path = text_at(at(user, "user"), members[k]);

				if (!path)
					continue;
				examine(verdict);
				if (*path != '/')
					fault(verdict,
					      place(document, "/users/%zu/user/%s", i, members[k]),
					      text_new("%s is no absolute path", path),
					      "write the path on the control plane's nodes");
			}
}

/* Members with which client-go makes no client. */
static void check_useless(const struct facts *facts, struct verdict *verdict)
{
	const struct document *document;
	size_t from = 0, i;
	json_t *user;

	while ((document = next(facts, &from)))
		json_array_foreach(at(document->value, "users"), i, user) {
			examine(verdict);
			if (at(user, "user/auth-provider"))
				fault(verdict, place(document, "/users/%zu/user/auth-provider", i),
				      text_new("auth-provider makes each call fail"),
				      "use client-certificate and client-key, or tokenFile");
			if (at(user, "user/as"))
				warn(verdict, place(document, "/users/%zu/user/as", i),
				     text_new("as is sent as a header, Impersonate-User, which the "
					      "server does not read"),
				     "take it out: the server knows the API server by its "
				     "certificate or token");
			if (at(user, "user/token") && at(user, "user/username"))
				fault(
				    verdict, place(document, "/users/%zu/user", i),
				    text_new("a token and a password at once make each call fail"),
				    "leave one of them out");
		}
}

const struct check kubeconfig_checks[] = {
    {"kubeconfig.version", "the kubeconfig is of a version that is read", check_version},
    {"kubeconfig.fields", "it has no unknown field", check_fields},
    {"kubeconfig.names", "its users have names of their own", check_names},
    {"kubeconfig.users", "the API server finds a user for each webhook", check_users},
    {"kubeconfig.credentials", "this user has the credentials that the server asks for",
     check_credentials},
    {"kubeconfig.absolute", "its paths are absolute", check_paths},
    {"kubeconfig.useless", "its users have no member that makes calls fail, or is in vain",
     check_useless},
    {0},
};
