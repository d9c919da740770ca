/* SPDX-License-Identifier: MIT */
/*
 * kube: what Kubernetes objects look like. It knows a review, and no webhook. This header is where
 * the kinds that have a Pod have it.
 */
#ifndef AWH_KUBE_WORKLOAD_H
#define AWH_KUBE_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/workload.h>

#include "base/error.h"
#include "review/request.h"

/* The lists of containers of a Pod's spec, in the order of enum admwh_container_kind. */
enum { AWH_CONTAINER_LISTS = 3 };
extern const char *const awh_container_lists[AWH_CONTAINER_LISTS];

/* A kind beyond those of Kubernetes. */
struct awh_workload {
	char *group;
	char *kind;
	char *pod; /* JSON Pointer */
};

struct awh_workloads {
	struct awh_workload *items;
	size_t n_items;
};

/*
 * Add a kind; the texts are copied. 0; ADMWH_E_INVAL; ADMWH_E_POINTER for what is no JSON Pointer
 * of members of objects without "~"; ADMWH_E_EXISTS; ADMWH_E_NOMEM.
 */
int awh_workloads_add(struct awh_workloads *workloads, const char *group, const char *kind,
		      const char *pod, struct awh_error *error);

/* Where the Pod of a kind is; NULL when the kind has none here. */
const char *awh_workloads_find(const struct awh_workloads *workloads, const struct admwh_gvk *kind);

void awh_workloads_deinit(struct awh_workloads *workloads);

/*
 * The Pod of an object, or a list of its containers: what names lead to. pointer: NULL for none.
 * strict: what is set and of another kind than expected is remembered; it is absent either way.
 */
struct admwh_value awh_pod_of(struct admwh_value object, const char *pointer, bool strict);

#endif
