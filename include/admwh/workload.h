/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The Pod of a workload, and its containers.
 *
 * Workloads are the kinds of Kubernetes that have a Pod: Pod, PodTemplate, ReplicationController,
 * Deployment, ReplicaSet, StatefulSet, DaemonSet, Job and CronJob, of their groups and in any
 * version. A route knows others by admwh_route_add_workload().
 *
 *     struct admwh_containers all = admwh_containers(req, ADMWH_ALL_CONTAINERS);
 *     struct admwh_container c;
 *
 *     while (admwh_containers_next(&all, &c))
 *             if (admwh_value_is_true(ADMWH_GET(c.value, "securityContext", "privileged")))
 *                     return admwh_response_deny(resp, 403, "%s: privileged",
 *                                                admwh_value_path(c.value));
 *
 * **The kind decides**, group and kind of the review, not the resource: the subresources
 * pods/ephemeralcontainers, pods/resize and pods/status are sent as a Pod, pods/exec and
 * deployments/scale are not. What is no workload has no Pod and no containers, and neither has a
 * review without an object (DELETE): a policy for workloads allows those.
 *
 * **What is malformed is remembered** (see value.h), and fails the review unless the handler
 * denies: a template, spec or list of containers of another kind than expected, an element of such
 * a list that is no object, a name that is no string. A Pod that is absent or null is not
 * malformed.
 */
#ifndef ADMWH_WORKLOAD_H
#define ADMWH_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include <admwh/export.h>
#include <admwh/request.h>
#include <admwh/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup workloads
 * @{ */

/**
 * Where the Pod is in the object under review.
 *
 * @param req  the request of the running callback, or of a deferral; NULL gives NULL
 * @return JSON Pointer of what has the metadata and the spec of the Pod: "" for a Pod, and for
 *         instance "/spec/template"; *borrowed* as the request; NULL when the kind is no workload
 * @since 0.1.0
 */
ADMWH_API const char *admwh_request_pod_pointer(const struct admwh_request *req);

/**
 * The Pod of the object under review: an object with "metadata" and "spec", which is the object
 * itself or the template in it.
 *
 * @param req  the request of the running callback, or of a deferral; NULL gives an absent value
 * @return its value; absent when the kind is no workload (admwh_request_pod_pointer() tells), when
 *         there is no object, and without a template
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_request_pod(const struct admwh_request *req);

/**
 * The Pod of the existing object (UPDATE, DELETE); otherwise as admwh_request_pod().
 *
 * @param req  the request of the running callback, or of a deferral; NULL gives an absent value
 * @return its value; absent as there
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_request_old_pod(const struct admwh_request *req);

/**
 * Where the Pod is in objects of a kind, for objects that are under no review.
 *
 * @param group  "" for the core group
 * @param kind   for instance "CronJob"
 * @return JSON Pointer as of admwh_request_pod_pointer(); *borrowed* (static); NULL when it is no
 *         workload of Kubernetes, and when group or kind is NULL
 * @since 0.1.0
 */
ADMWH_API const char *admwh_workload_pod_pointer(const char *group, const char *kind);

/** The lists of containers of a Pod. Their sum is a choice of several. */
enum admwh_container_kind {
	ADMWH_INIT_CONTAINERS = 1,      /**< spec.initContainers, sidecars among them */
	ADMWH_ORDINARY_CONTAINERS = 2,  /**< spec.containers */
	ADMWH_EPHEMERAL_CONTAINERS = 4, /**< spec.ephemeralContainers */
	ADMWH_ALL_CONTAINERS = 7        /**< all three, in this order */
};

/** A container. Filled by the library; minor versions may use the reserved words. */
struct admwh_container {
	struct admwh_value value;       /**< the container; null where the list has a null */
	enum admwh_container_kind kind; /**< its list, one of three */
	const char *name;               /**< *borrowed* as value; "" without one */
	void *reserved[4];              /**< private */
};

/** A walk over containers, which is passed by value and not freed. {0} has none. */
struct admwh_containers {
	struct admwh_value spec; /**< private */
	struct admwh_value next; /**< private */
	void *known;             /**< private */
	uint32_t which;          /**< private */
	uint32_t kind;           /**< private */
	void *reserved[4];       /**< private */
};

/* g++ -Wshadow takes a function with the name of a struct for a mistake; here it is meant. */
#if defined(__cplusplus) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif
/**
 * Begin to walk the containers of the object under review.
 *
 * @param req    the request of the running callback, or of a deferral; NULL has none
 * @param which  a sum of enum admwh_container_kind
 * @return the walk; valid as the request is; none of what is no workload
 * @since 0.1.0
 */
ADMWH_API struct admwh_containers admwh_containers(const struct admwh_request *req,
						   unsigned int which);
#if defined(__cplusplus) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

/**
 * Begin to walk the containers of the existing object (UPDATE, DELETE); otherwise as
 * admwh_containers().
 *
 * @param req    the request of the running callback, or of a deferral; NULL has none
 * @param which  a sum of enum admwh_container_kind
 * @return the walk
 * @since 0.1.0
 */
ADMWH_API struct admwh_containers admwh_old_containers(const struct admwh_request *req,
						       unsigned int which);

/**
 * Begin to walk the containers of the object under review that are new or changed: all but those
 * that stand in the same list of the existing object by the same name, and are equal
 * (admwh_value_equal()). With CREATE these are all. A policy that is stricter than what runs
 * already lets an object be updated that way, for instance its labels.
 *
 * A container of the existing object answers for one: of several by one name the second is changed.
 * A container without a name is changed. The existing object is not held to be well-formed: what is
 * odd in it answers for nothing. Only containers are compared: spec.hostNetwork and volumes may
 * have changed without them.
 *
 * @param req    the request of the running callback, or of a deferral; NULL has none
 * @param which  a sum of enum admwh_container_kind
 * @return the walk; of all containers when memory runs out, which is remembered
 * @since 0.1.0
 */
ADMWH_API struct admwh_containers admwh_changed_containers(const struct admwh_request *req,
							   unsigned int which);

/**
 * Begin to walk the containers of a Pod: of an object under no review, or of a kind that has
 * several Pods.
 *
 * @param pod    an object with "spec", as of admwh_request_pod()
 * @param which  a sum of enum admwh_container_kind
 * @return the walk; valid as pod is
 * @since 0.1.0
 */
ADMWH_API struct admwh_containers admwh_pod_containers(struct admwh_value pod, unsigned int which);

/**
 * The next container.
 *
 * @param containers  the walk
 * @param container   set to it; to an absent value, kind 0 and the name "" behind the last
 * @return false behind the last, and when one of both is NULL
 * @since 0.1.0
 */
ADMWH_API bool admwh_containers_next(struct admwh_containers *containers,
				     struct admwh_container *container);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
