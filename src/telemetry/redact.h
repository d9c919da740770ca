/* SPDX-License-Identifier: MIT */
/*
 * What a recorded review leaves out, and the places it stood at. Trees in, trees out.
 */
#ifndef AWH_TELEMETRY_REDACT_H
#define AWH_TELEMETRY_REDACT_H

#include <stdbool.h>

#include <jansson.h>

#include "base/buf.h"

enum {
	AWH_OMITTED_PLACES = 16,   /* of one part of a record, one by one */
	AWH_OMITTED_POINTER = 512, /* bytes */
};

/*
 * The list of places is JSON Pointers into the record. It is bounded: a part with more places than
 * AWH_OMITTED_PLACES, or with one of a longer pointer, is listed itself in their stead. As it is
 * still there, and a value that was left out is not, a reader can tell the two apart.
 */
struct awh_redaction {
	json_t *omitted;     /* *new*, an array; NULL with failed */
	struct awh_buf path; /* private, as the next two */
	size_t first;        /* place of the part under way */
	bool is_whole;       /* that part is listed itself */
	bool failed;         /* memory ran out */
};

void awh_redaction_init(struct awh_redaction *redaction);
void awh_redaction_deinit(struct awh_redaction *redaction);

/* A review's request: userInfo.extra, and kubectl's annotation wherever an object has it. */
void awh_redact_request(struct awh_redaction *redaction, json_t *request);

/* The patch of an answer, as the record has it: what sets that annotation. NULL is allowed. */
void awh_redact_patch(struct awh_redaction *redaction, json_t *patch);

#endif
