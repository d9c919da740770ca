/* SPDX-License-Identifier: MIT */
/*
 * The Pod of a workload. What is looked at has the types Kubernetes gives it, or the
 * object is refused as malformed, in the words of the policies and in monitor mode as
 * well: the walks of the library would fail the review there.
 */
#ifndef KW_POD_H
#define KW_POD_H

#include <stdbool.h>

#include <jansson.h>

#include "policy.h"

enum kw_pod {
	KW_POD_FOUND,     /* *spec is the PodSpec */
	KW_POD_NONE,      /* such an object, but without a PodSpec */
	KW_POD_NO_OBJECT, /* there is no object (DELETE) */
	KW_POD_OTHER,     /* a kind that has no Pod */
	KW_POD_MALFORMED
};

/* The PodSpec of an object of the review's kind. */
enum kw_pod kw_pod_find(const struct kw_review *review, struct admwh_value object,
			struct admwh_value *spec);
/* The same in a tree of an object where it was found. *Borrowed*; NULL for none. */
json_t *kw_pod_spec_json(const struct kw_review *review, json_t *object);

/* The lists of containers a PodSpec has. Each is an array of objects, or absent. */
struct kw_containers {
	struct admwh_value containers, init, ephemeral;
};
bool kw_pod_containers(struct admwh_value spec, struct kw_containers *containers);

/*
 * Both of them for the review's object. False when the policy's decision is made, which *status is:
 * without a Pod it has nothing to say against the object, and one that is malformed it denies. An
 * object of a kind without a Pod, or none at all, is allowed when others is set and denied
 * otherwise.
 */
bool kw_pod_open(const struct kw_review *review, bool others, struct kw_verdict *verdict,
		 struct admwh_value *spec, struct kw_containers *containers, int *status);

/* Deny what a policy does not understand. As kw_deny(). */
int kw_pod_deny_malformed(struct kw_verdict *verdict);

/*
 * Is this member of the securityContext true in one of them? false in *understood: that cannot be
 * told.
 */
bool kw_pod_any(struct admwh_value containers, const char *member, bool *understood);

/*
 * The ephemeral containers the object had before; absent: none. Kubernetes adds to them and changes
 * none: a patch of one that is there already would make it refuse what is added.
 */
struct admwh_value kw_pod_old_ephemeral(const struct kw_review *review);
/* Is there one of the container's name in the list? */
bool kw_pod_has_container(struct admwh_value containers, const json_t *container);

/*
 * Members of an object that may be absent or null: *member is then absent, or false. They return
 * false when the member is of another type; object is an object, or absent.
 */
bool kw_get_object(struct admwh_value object, const char *name, struct admwh_value *member);
bool kw_get_array(struct admwh_value object, const char *name, struct admwh_value *member);
bool kw_get_bool(struct admwh_value object, const char *name, bool *member);

/* A number that is written as an integer of 64 bits: 80.0 is none. */
bool kw_integer(struct admwh_value value, int64_t *number);

/* The same in a tree; *value is NULL when the member is absent or null. */
bool kw_member_object(const json_t *object, const char *name, json_t **value);

#endif
