/* SPDX-License-Identifier: MIT */
/*
 * The expression of a policy group: "pod_privileged() && (labels() || !repos())".
 * Read once, at start; nothing but calls of members, true, false, !, &&, || and
 * parentheses is understood.
 */
#ifndef KW_GROUP_H
#define KW_GROUP_H

#include <stddef.h>

#include "common/text.h"

struct kw_expression;

/*
 * New, free with kw_expression_free(); NULL: error says why. members are the names that may be
 * called.
 */
struct kw_expression *kw_expression_new(const char *text, const char *const *members,
					size_t n_members, struct text *error);
void kw_expression_free(struct kw_expression *expression);

/* Evaluate a member: 1 or 0; negative ends the evaluation. */
typedef int kw_member_fn(size_t member, void *userdata);

/* 1 or 0; negative when a member said so. What does not matter any more is not called. */
int kw_expression_evaluate(const struct kw_expression *expression, kw_member_fn *call,
			   void *userdata);

#endif
