/* SPDX-License-Identifier: MIT */
#include "conn/share.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/address.h"

enum {
	NAME_BYTES = 512,          /* of a caller; a longer issuer is cut */
	LARGE_BUILT = 1024 * 1024, /* worth a look for free memory */
	ANNOUNCED_PART = 64,       /* of the budget, to one body that has not come yet */
	ANNOUNCED_PARTS = 8,       /* of these at once */
};

static atomic_llong *bodies_of(const struct awh_shared *shared)
{
	return &awh_shared_gauges(shared)->bodies;
}

/* address: "HOST:PORT" */
static struct awh_caller *by_address(struct awh_shared *shared, const char *address)
{
	char host[AWH_ADDRESS_TEXT];
	char *colon;

	snprintf(host, sizeof(host), "%s", address);
	colon = strrchr(host, ':');
	if (colon)
		*colon = '\0';
	return awh_callers_get(shared->callers, "ip", NULL, host);
}

/*
 * By issuer and serial number, which its CA has signed: the holder of a certificate can write an
 * ECDSA signature in another valid way, and so change the fingerprint of the whole.
 */
static struct awh_caller *by_certificate(struct awh_shared *shared, const struct admwh_peer *facts)
{
	char name[NAME_BYTES];

	snprintf(name, sizeof(name), "%s %s", facts->serial, facts->issuer);
	return awh_callers_get(shared->callers, "cert", facts->bundle, name);
}

struct awh_caller *awh_share_join(struct awh_shared *shared, const struct awh_peer *peer,
				  bool certified, const char *address)
{
	struct awh_caller *caller =
	    certified ? by_certificate(shared, &peer->facts) : by_address(shared, address);

	if (caller)
		atomic_fetch_add(&caller->conns, 1);
	return caller;
}

void awh_share_leave(struct awh_shared *shared, struct awh_caller *caller)
{
	if (!caller)
		return;
	atomic_fetch_sub(&caller->conns, 1);
	awh_callers_unref(shared->callers, caller);
}

static void forget_announced(struct awh_shared *shared, struct awh_review *review, size_t len)
{
	const size_t n = len < review->announced ? len : review->announced;

	review->announced -= n;
	atomic_fetch_sub(&shared->announced, n);
}

static void give_back(struct awh_shared *shared, struct awh_review *review)
{
	pthread_mutex_lock(&review->counting);
	forget_announced(shared, review, review->announced);
	atomic_fetch_sub(bodies_of(shared), (long long)(review->body.len + review->built));
	if (review->caller) {
		const void *first = review;

		atomic_compare_exchange_strong(&review->caller->first, &first, NULL);
		atomic_fetch_sub(&review->caller->bodies, review->body.len);
		atomic_fetch_sub(&review->caller->built, review->built);
		awh_callers_unref(shared->callers, review->caller);
		review->caller = NULL;
	}
	pthread_mutex_unlock(&review->counting);
}

void awh_share_end(struct awh_shared *shared, struct awh_review *review)
{
	if (!review)
		return;
	if (review->built >= LARGE_BUILT)
		awh_trim_ask(&shared->trim);
	give_back(shared, review);
	awh_review_unref(review);
}

void awh_share_add_body(struct awh_shared *shared, struct awh_review *review, size_t len)
{
	forget_announced(shared, review, len);
	atomic_fetch_add(bodies_of(shared), (long long)len);
	atomic_fetch_add(&review->caller->bodies, len);
}

static uint64_t left_of(uint64_t limit, uint64_t used)
{
	return used < limit ? limit - used : 0;
}

/* Of the budget, and of the caller's share unless this is its only body. */
static uint64_t room_for(const struct awh_shared *shared, const struct awh_review *review)
{
	const size_t limit = awh_shared_limit(shared, ADMWH_LIMIT_BODIES_IN_FLIGHT);
	const long long bodies = atomic_load(bodies_of(shared));
	const size_t of_caller = atomic_load(&review->caller->bodies);
	const uint64_t room = left_of(limit, bodies > 0 ? (uint64_t)bodies : 0);
	uint64_t share;

	if (of_caller <= review->body.len)
		return room;
	share = left_of(awh_shared_caller_limit(shared, ADMWH_LIMIT_BODIES_IN_FLIGHT), of_caller);
	return share < room ? share : room;
}

size_t awh_share_announce(struct awh_shared *shared, struct awh_review *review, uint64_t size)
{
	const uint64_t part =
	    awh_shared_limit(shared, ADMWH_LIMIT_BODIES_IN_FLIGHT) / ANNOUNCED_PART;
	const uint64_t room = room_for(shared, review);

	size = size < room ? size : room;
	size = size < part ? size : part;
	if (atomic_fetch_add(&shared->announced, size) + size > part * ANNOUNCED_PARTS) {
		atomic_fetch_sub(&shared->announced, size);
		return 0;
	}
	review->announced += (size_t)size;
	return (size_t)size;
}

bool awh_share_is_full(const struct awh_shared *shared)
{
	return atomic_load(bodies_of(shared)) >=
	       (long long)awh_shared_limit(shared, ADMWH_LIMIT_BODIES_IN_FLIGHT);
}

bool awh_share_is_used_up(const struct awh_shared *shared, const struct awh_review *review)
{
	size_t bodies = atomic_load(&review->caller->bodies);

	return bodies > review->body.len &&
	       bodies >= awh_shared_caller_limit(shared, ADMWH_LIMIT_BODIES_IN_FLIGHT);
}

/* Add to a count, unless it comes past the limit by that. */
static bool add_within(atomic_llong *count, size_t more, uint64_t limit)
{
	long long now = atomic_load(count);

	do {
		if (now + (long long)more > (long long)limit)
			return false;
	} while (!atomic_compare_exchange_weak(count, &now, now + (long long)more));
	return true;
}

/*
 * Is it, or does it become, the first of its caller's? The first has no share to keep to: else
 * several that grow side by side would all be refused.
 */
static bool is_first(const struct awh_review *review)
{
	const void *none = NULL;

	return atomic_compare_exchange_strong(&review->caller->first, &none, review) ||
	       none == review;
}

static bool add_to_caller(const struct awh_review *review, size_t more, size_t share)
{
	struct awh_caller *caller = review->caller;
	const bool first = is_first(review);
	size_t now = atomic_load(&caller->built);

	do {
		if (!first && atomic_load(&caller->bodies) + now + more > share)
			return false;
	} while (!atomic_compare_exchange_weak(&caller->built, &now, now + more));
	return true;
}

static int refuse(struct awh_review *review, int status, struct awh_error *error, const char *why)
{
	review->status = status;
	return awh_fail(error, status == 503 ? ADMWH_E_OVERLOAD : ADMWH_E_LIMIT, "%s", why);
}

static int refuse_as_too_large(struct awh_review *review, struct awh_error *error, size_t size,
			       uint64_t limit)
{
	review->status = 413;
	return awh_fail(error, ADMWH_E_LIMIT,
			"the review may take %zu bytes: bodies-in-flight is %" PRIu64, size, limit);
}

static int count(struct awh_shared *shared, struct awh_review *review, size_t bytes,
		 struct awh_error *error)
{
	const size_t limit = awh_shared_limit(shared, ADMWH_LIMIT_BODIES_IN_FLIGHT);
	const size_t share = awh_shared_caller_limit(shared, ADMWH_LIMIT_BODIES_IN_FLIGHT);
	const size_t size = review->body.len + review->built + bytes;

	if (size > limit)
		return refuse_as_too_large(review, error, size, limit);
	if (!add_to_caller(review, bytes, share))
		return refuse(review, 429, error, "too many values of this caller in flight");
	if (!add_within(bodies_of(shared), bytes, limit)) {
		atomic_fetch_sub(&review->caller->built, bytes);
		return refuse(review, 503, error, "too many values in flight");
	}
	review->built += bytes;
	return 0;
}

/*
 * Before an index or a tree takes memory. A deferred review may be answered by now, and its server
 * gone: what its program still reads of it does not count any more.
 */
static int take(void *owner, size_t bytes, struct awh_error *error)
{
	struct awh_review *review = owner;
	int err = 0;

	pthread_mutex_lock(&review->counting);
	if (review->caller)
		err = count(review->budget, review, bytes, error);
	pthread_mutex_unlock(&review->counting);
	return err;
}

bool awh_share_begin(struct awh_shared *shared, struct awh_review *review,
		     struct awh_caller *caller, const struct admwh_bearer *bearer)
{
	if (bearer)
		review->caller = awh_callers_get(shared->callers, "token", NULL, bearer->name);
	else
		review->caller = awh_callers_ref(shared->callers, caller);
	review->budget = shared;
	review->decode.take = take;
	review->decode.owner = review;
	return review->caller != NULL;
}

void awh_share_abandon(struct awh_shared *shared, struct awh_review *review)
{
	atomic_fetch_add(&shared->abandoned, 1);
	atomic_fetch_add(&review->caller->abandoned, 1);
}

void awh_share_abandoned_over(struct awh_shared *shared, struct awh_review *review)
{
	atomic_fetch_sub(&shared->abandoned, 1);
	atomic_fetch_sub(&review->caller->abandoned, 1);
}

int awh_share_check(const struct awh_shared *shared, const struct awh_review *review)
{
	if (atomic_load(&shared->abandoned) >= awh_shared_limit(shared, ADMWH_LIMIT_QUEUE))
		return ADMWH_E_OVERLOAD;
	if (atomic_load(&review->caller->abandoned) >=
	    awh_shared_caller_limit(shared, ADMWH_LIMIT_QUEUE))
		return ADMWH_E_LIMIT;
	return 0;
}

void awh_share_hold(struct awh_shared *shared, struct awh_caller *caller, size_t size)
{
	atomic_fetch_add(bodies_of(shared), (long long)size);
	if (caller)
		atomic_fetch_add(&caller->bodies, size);
}

void awh_share_release(struct awh_shared *shared, struct awh_caller *caller, size_t size)
{
	atomic_fetch_sub(bodies_of(shared), (long long)size);
	if (caller)
		atomic_fetch_sub(&caller->bodies, size);
}

void awh_share_press(struct awh_shared *shared)
{
	awh_callers_press(shared->callers,
			  awh_shared_caller_limit(shared, ADMWH_LIMIT_CONNECTIONS));
}
