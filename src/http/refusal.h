/* SPDX-License-Identifier: MIT */
/*
 * Why a request is refused. Each check of this folder returns true to go on, or
 * false after it has filled in one of these.
 */
#ifndef AWH_HTTP_REFUSAL_H
#define AWH_HTTP_REFUSAL_H

#include <stdbool.h>

struct awh_refusal {
	int status;         /* of the response */
	const char *reason; /* static text, without a byte of the request */
};

static inline bool awh_refuse(struct awh_refusal *refusal, int status, const char *reason)
{
	refusal->status = status;
	refusal->reason = reason;
	return false;
}

#endif
