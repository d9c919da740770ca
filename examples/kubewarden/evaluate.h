/* SPDX-License-Identifier: MIT */
/*
 * From a configured policy and a review to the answer: the members' verdicts,
 * the group's expression, the patch, and then what the configuration makes of
 * it (monitor mode, no mutation, a message of one's own). No I/O, no threads.
 */
#ifndef KW_EVALUATE_H
#define KW_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "policies_file.h"
#include "policy.h"

/* Who asks, and so what counts. */
enum kw_origin {
	KW_VALIDATE, /* the API server: everything counts */
	KW_AUDIT     /* the audit scanner: what the policy says, and nothing else */
};

/* One of status.details.causes. */
struct kw_cause {
	char *message, *field; /* each may be NULL */
};

struct kw_answer {
	bool allowed;
	int code;      /* 0: none */
	char *message; /* NULL: none */
	struct kw_cause *causes;
	size_t n_causes;
	json_t *patch;  /* operations; NULL: none */
	bool monitored; /* it is allowed in monitor mode: the rest tells what the policy said */
	bool said;      /* with monitored: whether the policy allowed */
};

/*
 * Ask a policy. The review's own time is set from its configuration, or default_timeout_s (0: none)
 * where it has none. The answer is always set: what goes wrong is a denial with code 500.
 */
void kw_evaluate(const struct kw_policy *policy, struct kw_review *review,
		 int64_t default_timeout_s, struct kw_answer *answer);

/* What is answered for a policy that is still at it when its time has passed. */
void kw_answer_timeout(struct kw_answer *answer);

/* Make of an answer what the configuration wants. */
void kw_answer_finish(const struct kw_policy *policy, enum kw_origin origin,
		      struct kw_answer *answer);

/* Longest time that kw_evaluate() may take, in milliseconds; 0: no bound. */
int64_t kw_policy_timeout_ms(const struct kw_policy *policy, int64_t default_timeout_s);

void kw_answer_deinit(struct kw_answer *answer);

#endif
