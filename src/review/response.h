/* SPDX-License-Identifier: MIT */
/*
 * The response that a handler fills in. encode.h writes it. No I/O.
 *
 * A response can only be filled with what the API server accepts: each value is
 * brought into its form when it is set, so that encoding can fail only for want
 * of memory. A failure is final: no later decision undoes it.
 */
#ifndef AWH_REVIEW_RESPONSE_H
#define AWH_REVIEW_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/response.h>

#include "base/error.h"

enum {
	/* The API server cuts and drops warnings past this many characters in all. */
	AWH_WARNINGS_MAX = 4096,
	/* Bytes of a message; the API server sets no limit, terminals and logs do. */
	AWH_MESSAGE_MAX = 65536,
	/*
	 * Causes, and bytes of their texts in all and of one text: an object chooses how many of
	 * its fields are wrong and how long their paths are. The message of all of them fits.
	 */
	AWH_CAUSES_MAX = 256,
	AWH_CAUSES_BYTES_MAX = 60 * 1024,
	AWH_CAUSE_TEXT_MAX = 16 * 1024,
	/* Characters of an audit annotation's key. */
	AWH_ANNOTATION_KEY_MAX = 63,
};

enum awh_decision { AWH_UNDECIDED, AWH_ALLOWED, AWH_DENIED };

struct awh_cause {
	char *type, *message, *field; /* each may be NULL */
};

/* What a denial is about; each may be NULL. */
struct awh_details {
	char *group, *kind, *name;
};

struct awh_annotation {
	char *key, *value;
};

struct admwh_response {
	enum awh_decision decision;
	int code;      /* of a denial, 400 to 599; 0: the dialect's */
	char *message; /* of a denial */
	char *shown;   /* an earlier message that an after hook reads; NULL for none */
	char *reason;  /* NULL: follows from the code */
	struct awh_cause *causes;
	size_t n_causes;
	size_t cause_bytes; /* of their texts */
	size_t n_more;      /* causes that were too many, or too long */
	bool lists_causes;  /* the message is theirs */
	struct awh_details details;
	int retry_after; /* seconds; 0: none */
	char **warnings;
	size_t n_warnings;
	size_t warning_characters;
	struct awh_annotation *annotations;
	size_t n_annotations;
	bool sealed;               /* decided: an allow can no longer undo a denial */
	void *review;              /* of dispatch: may be deferred; NULL outside a handler */
	struct admwh_patch *patch; /* that goes along; likewise */
	struct awh_error failure;  /* by admwh_response_fail(), or memory that ran out; the first */
};

void awh_response_init(struct admwh_response *response);
void awh_response_deinit(struct admwh_response *response);

/*
 * A part of the answer is lost, so the rest must not be sent: the review fails. Returns err, or
 * ADMWH_E_NOMEM.
 */
int awh_response_lose(struct admwh_response *response, int err, const char *what);
int awh_response_lose_memory(struct admwh_response *response);

/* The audit annotation of a denial that is not enforced: its value is the message. */
#define AWH_WOULD_DENY "would-deny"

/*
 * Make an allow of a denial: what it says becomes warnings and an audit annotation. 0, or an error
 * that the response has then.
 */
int awh_response_warn(struct admwh_response *response);

/* A copy in valid UTF-8 of at most max bytes, cut between characters. *new* or NULL. */
char *awh_response_copy(const char *text, size_t max);

/* Room for one more element of an array; NULL when memory runs out. */
void *awh_response_grow(void *array, size_t count, size_t size);

#endif
