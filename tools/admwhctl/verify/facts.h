/* SPDX-License-Identifier: MIT */
/*
 * What the files of an installation say together: the server as its Deployment starts it, the
 * webhooks and where the API server calls them, and the pairs that callers show.
 */
#ifndef ADMWHCTL_VERIFY_FACTS_H
#define ADMWHCTL_VERIFY_FACTS_H

#include <stdint.h>

#include "common/certificate.h"
#include "common/installation.h"
#include "verify/folder.h"

/* A file of certificates, a key or tokens, by the path under which a process opens it. */
struct source {
	char *where;       /* in the folder; else the path, as given */
	const char *bytes; /* NULL: it is not in the folder */
	size_t len;
	char *decoded;     /* of a Secret's data; bytes points here */
	char *why;         /* why it is not in the folder; NULL: nothing says where it comes from */
	bool is_elsewhere; /* in a Secret that the cluster has, so that nothing is wrong */
};

/* The CAs of some callers, and which of their certificates are allowed. */
struct bundle {
	char *name;
	struct source file;
	struct certificates cas;
	const char *problem; /* of reading cas */
	json_t *rules;       /* "cn:kube-apiserver" */
};

/* A webhook of a configuration. */
struct hook {
	const struct document *document;
	size_t i; /* in webhooks */
	json_t *value;
	const char *name; /* "?": it has none */
	bool is_mutating;
	bool is_service;
	char *host; /* SERVICE.NAMESPACE.svc or the URL's; NULL: clientConfig has neither */
	unsigned int port;
	char *path;
	struct certificates bundle; /* of caBundle */
	char *bundle_pem;
	size_t bundle_len;
	const char *bundle_problem; /* NULL: it has been read */
};

/* A client certificate and its key. */
struct pair {
	char *label; /* "apiserver on cp-1", for messages */
	bool is_apiserver;
	const struct caller *caller; /* NULL: there is no installation.yaml */
	struct source certificate, key;
	struct certificates chain;
	const char *problem;
};

struct facts {
	struct folder folder;
	struct installation *installation; /* NULL: not made by init, or not to be read */
	bool installation_is_wrong;
	int64_t now;       /* seconds since 1970 */
	unsigned int days; /* what ends within so many is told */

	const struct document *deployment; /* NULL: none */
	json_t *container;
	struct source server_certificate, server_key, tokens;
	struct certificates server_chain;
	const char *server_problem;
	struct bundle *bundles;
	size_t n_bundles;

	struct hook *hooks;
	size_t n_hooks;
	struct pair *pairs;
	size_t n_pairs;

	const struct live *live; /* NULL: without --live, or not yet */
};

/* Returns 0, or -1: it has complained. */
int facts_read(struct facts *facts, const char *path);

void facts_deinit(struct facts *facts);

/* The Pod of the Deployment; NULL: there is no Deployment. */
json_t *pod_spec(const struct facts *facts);

/* Where a member of it stands. New. */
char *pod_place(const struct facts *facts, const char *pointer);

/* A volume of it by its name; NULL: there is none. */
json_t *pod_volume(const struct facts *facts, const char *name);

/* A member of a container's securityContext, else of the Pod's; NULL: neither has it. */
json_t *security_context(const struct facts *facts, json_t *container, const char *member);

/* The values of a flag of the server, "client-ca", from its args, else from its environment: a new
 * array of texts. */
json_t *server_flag(const struct facts *facts, const char *name);

/* Is a flag without a value given, or as --NAME=true? */
bool server_has_flag(const struct facts *facts, const char *name);

/* Does the server listen on the loopback interface alone? flag: listen or health-listen */
bool server_is_local(const struct facts *facts, const char *flag);

/* The port of the last "HOST:PORT" of a flag, else the preset. */
unsigned int server_port(const struct facts *facts, const char *name, unsigned int preset);

/* The file that a container's path leads to, by its mounts and the generators of Kustomize. */
void source_mounted(const struct facts *facts, const char *path, struct source *source);

void source_deinit(struct source *source);

/* The user of a kubeconfig that the API server takes for a webhook; NULL: none. */
json_t *hook_user(const struct document *kubeconfig, const struct hook *hook);

#endif
