/* SPDX-License-Identifier: MIT */
/*
 * What installation.yaml says: one webhook server, its routes, its callers, and the control plane.
 * admwhctl init writes FOLDER from it, verify and renew read it there.
 */
#ifndef ADMWHCTL_INSTALLATION_H
#define ADMWHCTL_INSTALLATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum distribution { KUBEADM, K3S, RKE2, GENERIC };

/* Bits, so that a caller that shows both is BY_BOTH. */
enum authentication { BY_MTLS = 1, BY_TOKEN = 2, BY_BOTH = BY_MTLS | BY_TOKEN };

struct route {
	const char *name; /* the webhook's */
	bool mutating;
	const char *path;
	const char *failure_policy;   /* Fail or Ignore */
	unsigned int timeout_seconds; /* 1 to 30 */
	const json_t *rules;          /* an array, not empty */
	/* The element of spec.routes, with what is passed through (see route_passed_through). */
	const json_t *object;
};

struct caller {
	const char *name;
	const char *common_name;
	const char *namespace;    /* of its Pods; NULL: none, as of the API server */
	const char *const *nodes; /* NULL-terminated, one pair each; NULL: one pair for all */
};

struct installation {
	const char *name, *namespace;
	/* Others have Pods in the namespace: it is there, and stays as it is. */
	bool is_namespace_shared;
	enum distribution distribution;
	/* Exactly one of service and url is set. */
	const char *service;
	unsigned int port; /* the Service's, or the URL's */
	const char *url;   /* "https://HOST" or "https://HOST:PORT", no path */
	const char *host; /* SERVICE.NAMESPACE.svc, or the URL's; an IPv6 address has no brackets */
	unsigned int target_port, health_port;
	const char *image;       /* NULL: the server does not run in this cluster, and url is set */
	const char *const *args; /* NULL-terminated, never NULL */
	unsigned int replicas;
	const struct route *routes;
	size_t n_routes;
	const struct caller *callers; /* the first is the API server */
	size_t n_callers;
	enum authentication authentication;
	unsigned int ca_days, days;
	/* The server's certificate is of a CA that API servers trust without a caBundle: there is
	 * none, and no server pair is made. */
	bool is_server_public;
	int64_t from;                /* seconds since 1970; 0: when the files are made */
	const char *existing_secret; /* NULL: generated from private/ */
	bool calico, cilium;
	const char *const *control_plane; /* CIDRs; NULL-terminated, never NULL */
	bool service_monitor, alerts;
	unsigned int autoscaler_min, autoscaler_max; /* 0: no autoscaler */
	const char *nodes_folder;                    /* absolute, on the control plane's nodes */
	const char *there_admission;  /* file to merge into, to be opened; NULL: none */
	const char *there_kubeconfig; /* likewise */
	json_t *document;             /* the whole of it */
	struct installation_memory *memory;
};

/* The members of a route that go into the webhook configuration as they are. NULL-terminated. */
extern const char *const route_passed_through[];

/* The folder of FOLDER with copies of the files that the installation names. */
#define GIVEN_FOLDER "given"

/*
 * Check a text; name is for errors. Files that it names are looked for in folder; if is_kept,
 * as of FOLDER/installation.yaml, they are FOLDER/given/admission.yaml and kubeconfig.yaml. New,
 * free with installation_free(). NULL: it has complained of each fault, with its line.
 */
struct installation *installation_parse(const char *name, const char *text, size_t len,
					const char *folder, bool is_kept);

/* Likewise, of a file, whose names are relative to its folder. */
struct installation *installation_read(const char *name);

/* Likewise, of FOLDER/installation.yaml. */
struct installation *installation_of_folder(const char *folder);

void installation_free(struct installation *installation);

const char *distribution_name(enum distribution distribution);

/*
 * Paths, relative to FOLDER; ending is "crt" or "key". New.
 *   private/client-ca.crt          of the first caller; of others private/CALLER-ca.crt
 *   private/callers/CALLER.crt     private/callers/CALLER.NODE.crt; node NULL: of none
 *   private/callers/CALLER.token
 * A ca.crt has, while a CA is renewed, two certificates; the first is that of ca.key.
 */
char *caller_ca_path(const struct installation *installation, const struct caller *caller,
		     const char *ending);
char *caller_pair_path(const struct caller *caller, const char *node, const char *ending);
char *caller_token_path(const struct caller *caller);

/* Where a node of the control plane has its file: NODES_FOLDER/INSTALLATION.ENDING, where ending is
 * "crt", "key" or "token". New. */
char *node_file_path(const struct installation *installation, const char *ending);

/* The bundle of a caller in the server's flags, --client-ca BUNDLE=FILE, is its name; the file in
 * the Secret is "client-ca.crt" or "CALLER-ca.crt", as in private/. New. */
char *caller_ca_key(const struct installation *installation, const struct caller *caller);

/*
 * Names of the server's certificate, NULL-terminated, new: SERVICE.NAMESPACE.svc, then
 * SERVICE.NAMESPACE.svc.cluster.local, or the URL's host if it is a name. ip: that host if it is an
 * address. Free with names_free().
 */
char **server_dns_names(const struct installation *installation);
char **server_ip_names(const struct installation *installation);
void names_free(char **names);

#endif
