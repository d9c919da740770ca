/* SPDX-License-Identifier: MIT */
/* An answer in the library's terms, and the original's words where there is no review. */
#ifndef KW_REPLY_H
#define KW_REPLY_H

#include <admwh/hooks.h>
#include <admwh/patch.h>
#include <admwh/response.h>

#include "evaluate.h"

/*
 * Put an answer into a response. patch is NULL for a validator. 0, or negative: the review has
 * failed.
 */
int kw_reply(const struct kw_answer *answer, struct admwh_response *response,
	     struct admwh_patch *patch);

/* Words a refusal as policy-server does: an admwh_refusal_fn. */
void kw_word_refusal(const struct admwh_refusal *refusal, struct admwh_reply *reply,
		     void *userdata);

#endif
