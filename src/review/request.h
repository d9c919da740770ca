/* SPDX-License-Identifier: MIT */
/*
 * A decoded review: the public struct, and the private one around it. object,
 * oldObject and options become trees when a callback first asks for them.
 */
#ifndef AWH_REVIEW_REQUEST_H
#define AWH_REVIEW_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/config.h>
#include <admwh/limits.h>
#include <admwh/request.h>

#include "base/arena.h"
#include "base/error.h"
#include "json/index.h"
#include "json/json.h"
#include "json/value.h"

/*
 * What a request asks before it takes memory that may count: for its index beyond a first part, and
 * for each tree. bytes: how much more. 0; or why not, with error set, ADMWH_E_LIMIT or
 * ADMWH_E_OVERLOAD.
 */
typedef int awh_take_fn(void *owner, size_t bytes, struct awh_error *error);

/*
 * What is not counted, beside trees of AWH_TREE_UNCOUNTED. An index of this size is one of 1,024
 * entries: the queue holds at most 16 MiB of them with its default length. A worker holds at most
 * four such trees, the edited copy included: 1 MiB.
 */
enum {
	AWH_INDEX_UNCOUNTED = 16 * 1024,
	AWH_INDEX_KEPT = 32 * 1024, /* for the next review: of a Pod with its managedFields */
};

/* object, oldObject, options: in this order everywhere. */
enum awh_payload { AWH_OBJECT, AWH_OLD_OBJECT, AWH_OPTIONS, AWH_PAYLOADS };

struct awh_payload_span {
	const char *text; /* into body; NULL when absent or null */
	size_t len;
	uint32_t entry; /* in the request's index; 0 when absent, or null but for a raw request */
	bool has_nul;   /* U+0000 in a string or a name */
	json_t *value;  /* built when first asked for */
};

/* What a ConversionReview asks for. */
struct awh_conversion_request {
	const char *desired; /* desiredAPIVersion, in the arena; NULL in an AdmissionReview */
	uint32_t objects;    /* the entry of the array */
	uint32_t count;      /* of them: the entry changes while values are read */
};

/* What one request leaves to the next. */
struct awh_request_memory {
	struct awh_arena arena;
	struct awh_index index; /* its entries alone */
};

struct awh_clock;
struct awh_pin;

struct awh_request {
	struct admwh_request pub; /* first: a callback's pointer is this one's */
	const char *body;         /* *borrowed* from the caller of awh_request_decode() */
	size_t body_len;
	struct awh_index index; /* of body */
	const char *text;       /* of the review's request, into body; NULL when absent */
	size_t len;
	struct awh_conversion_request conversion;
	struct awh_payload_span payloads[AWH_PAYLOADS];
	struct awh_numbers *numbers; /* made with the first payload */
	struct admwh_text values;    /* of body; begun when one is first asked for */
	struct admwh_value patched;  /* by mutators of a chain before this one; absent: as sent */
	bool nul_in_trees;           /* callbacks take trees of payloads that hold U+0000 */
	bool raw;                    /* the object is any JSON value */
	const char *pod;             /* where a kind that the route added has its Pod; or NULL */
	const char *segment_name;    /* of the path, by the pattern of its route; or NULL */
	const char *segment;         /* decoded */
	struct awh_pin *pins;        /* of dispatch: n_pins versions of the program's files */
	size_t n_pins;
	awh_take_fn *take;             /* NULL: nothing counts */
	void *owner;                   /* take's */
	bool may_edit;                 /* a copy of the object was asked for, and counts */
	struct awh_error error;        /* a payload could not be given, or a value is malformed */
	int64_t deadline_us;           /* by the clock; 0 for none */
	const struct awh_clock *clock; /* *borrowed*; NULL: the monotonic one */
	struct awh_arena arena;
};

/* A payload is this entry. */
void awh_payload_set(struct awh_payload_span *payload, const struct awh_index *index,
		     uint32_t entry);

/* The text that values of the body are of. */
struct admwh_text *awh_request_text(struct awh_request *request);

/* A payload as a value, absent when there is none; an object as it came to this mutator. */
struct admwh_value awh_request_value(struct awh_request *request, enum awh_payload which);

/* Free what reading values has taken beside the arena. None may be read afterwards. */
void awh_request_release_values(struct awh_request *request);

void awh_request_deinit(struct awh_request *request);

/*
 * Deinit, and keep a first block of the arena and a small index. Returns the bytes that are kept. A
 * request that was not decoded has left the memory as it is.
 */
size_t awh_request_recycle(struct awh_request *request, struct awh_request_memory *memory);

void awh_request_memory_deinit(struct awh_request_memory *memory);

/* Free what was built of the payloads; the envelope stays. */
void awh_request_release(struct awh_request *request);

/*
 * A payload, whatever it holds; *borrowed*, built when first asked for. NULL when it is absent; and
 * when there is no room for it, or memory runs out: the request's error is set then.
 */
json_t *awh_request_tree(struct awh_request *request, enum awh_payload which);

/* A tree of an entry of an index. *new*; NULL as awh_request_tree(). */
json_t *awh_request_build(struct awh_request *request, const struct awh_index *index,
			  uint32_t entry);

/*
 * May the object be copied to be edited? 0; or why not, likewise in the request's error. The trees
 * that follow of it count with the copy.
 */
int awh_request_take_edit(struct awh_request *request);

/* May a callback have it as a tree? False, with the request's error set, for U+0000 in it. */
bool awh_request_allows_tree(struct awh_request *request, enum awh_payload which);

/* The table of number texts, made if need be; NULL when memory runs out. */
struct awh_numbers *awh_request_numbers(struct awh_request *request);

#endif
