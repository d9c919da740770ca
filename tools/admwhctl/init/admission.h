/* SPDX-License-Identifier: MIT */
/* AdmissionConfiguration and kubeconfig: made, or merged into a file that is there. */
#ifndef ADMWHCTL_ADMISSION_H
#define ADMWHCTL_ADMISSION_H

#include <jansson.h>

struct yaml_file;

struct admission {
	char *text;       /* the AdmissionConfiguration; new, free with free() */
	char *kubeconfig; /* the file that its webhook plugins name; new, free with free() */
};

/*
 * Give both webhook plugins of an AdmissionConfiguration the kubeconfig, an absolute path on the
 * nodes. A plugin that has one already keeps it, and the other gets the same: the users belong into
 * that file. there: the text of the file that is merged into; NULL: none. name is for errors.
 * Returns 0, or -1: it has complained.
 */
int admission_merge(const char *name, const char *there, const char *kubeconfig,
		    struct admission *admission);

/*
 * Give a kubeconfig the user of a webhook, so that kube-apiserver finds it for host:port. user:
 * what stands below `user`. Likewise. New, free with free(); NULL: it has complained.
 */
char *kubeconfig_merge(const char *name, const char *there, const char *host, unsigned int port,
		       json_t *user);

/* Complain that a file cannot be merged into, with the line of a pointer. Returns -1. */
int merge_refuse(const struct yaml_file *there, const char *pointer, const char *reason);

/* The file of a text to merge into, which has one document. New; NULL: it has complained. */
struct yaml_file *one_document(const char *name, const char *text);

#endif
