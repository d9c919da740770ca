/* SPDX-License-Identifier: MIT */
/*
 * What a policy is: a check of its settings and a function from a review to a
 * verdict, without I/O and without threads. All there are stand in one table,
 * in policy.c.
 */
#ifndef KW_POLICY_H
#define KW_POLICY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <admwh/value.h>

#include "common/text.h"

/* What is asked. Everything is borrowed until the policy returns. */
struct kw_review {
	const char *group, *version, *kind; /* of the object; never NULL */
	struct admwh_value object;          /* absent: there is none (DELETE) */
	struct admwh_value old;             /* what it was before an UPDATE; absent: nothing */
	struct admwh_value raw;             /* the whole request of /validate_raw; else absent */
	json_t *object_json, *raw_json;     /* the same as trees; NULL, too, for reads_values */
	const atomic_bool *stop;            /* set: nobody waits for the verdict any more */
	int64_t until_ms;                   /* on kw_now_ms()'s clock; 0: however long it takes */
};

/* What a policy says. Zeroed, it is a denial without words: failure is never an allow. */
struct kw_verdict {
	bool allowed;
	int code;        /* 0: none */
	char *message;   /* new; NULL: none */
	json_t *mutated; /* new; the object as it is to be; NULL: as it is */
};

struct kw_policy_type {
	const char *name;
	/* New settings, ready to be used; NULL: error says what is wrong. settings is an object. */
	void *(*load)(const json_t *settings, struct text *error);
	void (*unload)(void *settings);
	/* 0; -1 when memory ran out: there is no verdict then. May run concurrently. */
	int (*evaluate)(const void *settings, const struct kw_review *review,
			struct kw_verdict *verdict);
	bool of_raw;       /* it is about the whole of a raw request, not about an object */
	bool reads_values; /* it takes no tree */
};

/*
 * The policy behind a module of policies.yml: "builtin://pod-privileged", or by the last part of
 * "registry://ghcr.io/kubewarden/policies/pod-privileged:v1.0.10". NULL: there is none.
 */
const struct kw_policy_type *kw_policy_find(const char *module);
/* The name of a policy by its number, in the order of the alphabet; NULL behind the last. */
const char *kw_policy_name(size_t i);

/* For the policies. These return 0, or -1 when memory ran out. */
int kw_allow(struct kw_verdict *verdict);
int kw_deny(struct kw_verdict *verdict, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Allow, with the object changed. *Steals* mutated; NULL counts as memory that ran out. */
int kw_mutate(struct kw_verdict *verdict, json_t *mutated);
void kw_verdict_deinit(struct kw_verdict *verdict);
/* A copy to be changed: all of it, or NULL. json_deep_copy() leaves out what it has no memory for.
 */
json_t *kw_copy(const json_t *value);

/*
 * The text of a string, borrowed from it; NULL for another value, and for text that U+0000 would
 * end early: no policy takes a part of a text for the whole.
 */
const char *kw_text(const json_t *value);
/*
 * The same of a value. A C string of such text would fail the review, also in monitor mode, so it
 * is not asked for.
 */
const char *kw_value_text(struct admwh_value value);

/* Milliseconds of a clock that only goes forward. */
int64_t kw_now_ms(void);
/* Has the time of this review passed? A policy that takes long asks now and then. */
bool kw_review_expired(const struct kw_review *review);

extern const struct kw_policy_type kw_allow_privilege_escalation_psp, kw_capabilities_psp,
    kw_disallow_service_loadbalancer, kw_disallow_service_nodeport, kw_host_namespaces_psp,
    kw_pod_privileged, kw_psa_label_enforcer, kw_raw_mutation, kw_raw_validation,
    kw_safe_annotations, kw_safe_labels, kw_sleeping, kw_trusted_repos;

#endif
