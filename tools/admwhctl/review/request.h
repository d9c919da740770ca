/* SPDX-License-Identifier: MIT */
/* The AdmissionReview that kube-apiserver sends of a manifest. */
#ifndef ADMWHCTL_REQUEST_H
#define ADMWHCTL_REQUEST_H

#include <jansson.h>
#include <stdbool.h>

#include "common/resources.h"

/* What a manifest does not say of the request. */
struct circumstances {
	const char *operation; /* CREATE, UPDATE, DELETE or CONNECT */
	const char *namespace; /* of namespaced objects without one */
	const char *name;      /* of CONNECT and of subresources; NULL: metadata.name */
	const char *resource;  /* "deployments.v1.apps/scale"; NULL: by the kind */
	const char *subresource;
	const char *user, *uid;
	const json_t *groups; /* an array; NULL: system:authenticated */
	const json_t *extra;  /* an object of arrays; NULL: none */
	bool is_dry_run;
	bool is_beta; /* admission.k8s.io/v1beta1 */
	const struct resources *resources;
};

/* One request, before any webhook. */
struct request {
	const struct circumstances *circumstances;
	struct resource resource;
	char *resource_text; /* which resource may point into */
	const char *name, *namespace;
	json_t *object, *old; /* NULL: null */
	json_t *made;         /* what the names may be of */
};

/*
 * Make a request of a document; old: of UPDATE. They are copied. Returns 0, or -1: the reason is
 * set, new.
 */
int request_make(struct request *request, const struct circumstances *circumstances,
		 const json_t *document, const json_t *old, char **reason);

void request_deinit(struct request *request);

/* Steals object: what a patch made of the object of the request. */
void request_set_object(struct request *request, json_t *object);

/* Let the object have what it has in validation: a uid, creationTimestamp, a generated name. */
void request_fill(struct request *request);

/* A new AdmissionReview with a uid of its own. */
json_t *request_review(const struct request *request);

/* The bytes of a review as Go writes them: "<" is \u003c, and it ends in a newline. New. */
char *review_text(const json_t *review, size_t *len);

#endif
