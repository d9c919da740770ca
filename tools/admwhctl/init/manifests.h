/* SPDX-License-Identifier: MIT */
/* Parts of base/. Each adds the files that the installation asks for. */
#ifndef ADMWHCTL_MANIFESTS_H
#define ADMWHCTL_MANIFESTS_H

#include "init/init.h"
#include "init/template.h"

/* Where the server has the files of its Secret. */
#define SERVER_FOLDER "/etc/webhook"

/* The name of that Secret. Borrowed. */
const char *manifests_secret(const struct installation *installation);

/* Who may reach the server: base/calico.yaml, calico-crd.yaml, cilium.yaml. places has name,
 * namespace, target_port, health_port. */
void manifests_add_network(const struct installation *installation, struct template *places,
			   struct output *output);

/* base/service-monitor.yaml, base/alerts.yaml, base/autoscaler.yaml. Likewise. */
void manifests_add_watching(const struct installation *installation, struct template *places,
			    struct output *output);

/* base/webhooks.yaml. */
void manifests_add_webhooks(const struct installation *installation,
			    const struct material *material, struct output *output);

/* A file of a template. */
void manifests_add(struct output *output, const char *path, const struct template *places,
		   const char *text);

#endif
