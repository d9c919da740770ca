/* SPDX-License-Identifier: MIT */
/*
 * Which user of a kubeconfig kube-apiserver takes for a webhook: the rule of k8s.io/apiserver's
 * pkg/util/webhook/authentication.go.
 */
#ifndef ADMWHCTL_KUBECONFIG_LOOKUP_H
#define ADMWHCTL_KUBECONFIG_LOOKUP_H

#include <jansson.h>

/*
 * The entry of `users` that is taken for host:port, {"name": ..., "user": {...}}. host is
 * SERVICE.NAMESPACE.svc or that of a URL, an IPv6 address without brackets; config is the whole
 * kubeconfig. Borrowed. NULL: none, the API server shows no credentials.
 */
json_t *kubeconfig_lookup(const json_t *config, const char *host, unsigned int port);

/*
 * The name to give the user of a webhook, which no other webhook's look-up finds: HOST for port
 * 443, else HOST:PORT; of an IPv6 address always with the port. New, free with free().
 */
char *kubeconfig_user_name(const char *host, unsigned int port);

#endif
