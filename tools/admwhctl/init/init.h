/* SPDX-License-Identifier: MIT */
/* The parts of admwhctl init. Each returns 0, or -1: it has complained. */
#ifndef ADMWHCTL_INIT_H
#define ADMWHCTL_INIT_H

#include "common/installation.h"
#include "init/output.h"

/* What webhook configurations have and other objects have not: those are applied before these. */
#define WEBHOOKS_LABEL "app.kubernetes.io/component"
#define WEBHOOKS_LABEL_VALUE "webhook-configuration"

/* What the files of base/ and control-plane/ take from private/. */
struct material {
	/* PEM, for caBundle: private/server-ca.crt, one or two certificates; NULL: there is none.
	 */
	char *server_ca;
};

/* base/ and kustomization.yaml. */
int manifests_make(const struct installation *installation, const struct material *material,
		   struct output *output);

/* control-plane/. */
int control_plane_make(const struct installation *installation, const struct material *material,
		       struct output *output);

/* All files of FOLDER; text is that of installation.yaml. */
int init_make(const struct installation *installation, const char *folder, const char *text,
	      struct output *output);

/*
 * The path of control-plane/kubeconfig.yaml on the nodes: NODES_FOLDER/kubeconfig.yaml, or that of
 * the file that is merged into. New, free with free(). NULL: it has complained.
 */
char *nodes_kubeconfig(const struct installation *installation);

/* README.md. */
int readme_make(const struct installation *installation, struct output *output);

#endif
