/* SPDX-License-Identifier: MIT */
#include "conn/share.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conn/conn.h"

/*
 * What values take once built, with jansson on a 64-bit machine: an empty object, the largest for
 * its text, takes VALUE bytes; a mutating handler that edits has the object three times while the
 * difference is found. Strings come on top, as often as the text.
 */
enum {
	VALUE = 320,
	MUTATED_VALUE = 800,
	FEW_VALUES = 1000,
	SMALL_BODY = 1024 * 1024,
	NAME_BYTES = 512, /* of a caller; a longer issuer is cut */
};

static struct awh_caller *by_address(struct awh_conn *conn)
{
	char host[sizeof(conn->address)];
	char *colon;

	memcpy(host, conn->address, sizeof(host));
	colon = strrchr(host, ':');
	if (colon)
		*colon = '\0';
	return awh_callers_get(awh_conn_server(conn)->callers, "ip", NULL, host);
}

/*
 * By what its CA has signed: whoever has a certificate can write its signature in another way, and
 * so change the fingerprint of the whole.
 */
static struct awh_caller *by_certificate(struct awh_conn *conn)
{
	const struct admwh_peer *facts = &awh_stream_peer(&conn->stream)->facts;
	char name[NAME_BYTES];

	snprintf(name, sizeof(name), "%s %s", facts->serial, facts->issuer);
	return awh_callers_get(awh_conn_server(conn)->callers, "cert", facts->bundle, name);
}

bool awh_share_join(struct awh_conn *conn)
{
	if (!awh_endpoint_is_main(conn->endpoint))
		return true;
	if (conn->certified)
		conn->caller = by_certificate(conn);
	else
		conn->caller = by_address(conn);
	if (!conn->caller)
		return false;
	atomic_fetch_add(&conn->caller->conns, 1);
	return true;
}

void awh_share_leave(struct awh_conn *conn)
{
	if (!conn->caller)
		return;
	atomic_fetch_sub(&conn->caller->conns, 1);
	awh_callers_unref(awh_conn_server(conn)->callers, conn->caller);
	conn->caller = NULL;
}

bool awh_share_begin(struct awh_conn *conn)
{
	struct awh_callers *callers = awh_conn_server(conn)->callers;
	const struct admwh_bearer *bearer = conn->admission.bearer;

	if (bearer && !conn->certified)
		conn->review->caller = awh_callers_get(callers, "token", NULL, bearer->name);
	else
		conn->review->caller = awh_callers_ref(callers, conn->caller);
	return conn->review->caller != NULL;
}

/* What the values may take. Small reviews are not worth the counting. */
static size_t built_size(const struct awh_review *review)
{
	bool mutates = review->route->kind == AWH_ROUTE_MUTATE;
	size_t values = review->request.values;

	if (values < FEW_VALUES && review->body.len < SMALL_BODY)
		return 0;
	if (mutates)
		return values * MUTATED_VALUE + review->body.len * 2;
	return values * VALUE + review->body.len;
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

/* The only one of its caller that is built has no share to keep to. */
static bool add_to_caller(struct awh_caller *caller, size_t more, size_t share)
{
	size_t now = atomic_load(&caller->built);

	do {
		if (now > 0 && atomic_load(&caller->bodies) + now + more > share)
			return false;
	} while (!atomic_compare_exchange_weak(&caller->built, &now, now + more));
	return true;
}

static bool shed(struct awh_review *review, int status, const char *why)
{
	review->status = status;
	awh_fail(&review->error, status == 503 ? ADMWH_E_OVERLOAD : ADMWH_E_LIMIT, "%s", why);
	return false;
}

static bool refuse_as_too_large(struct awh_review *review, size_t size, uint64_t limit)
{
	review->status = 413;
	awh_fail(&review->error, ADMWH_E_LIMIT,
		 "a review of %zu values may take %zu bytes: bodies-in-flight is %" PRIu64,
		 review->request.values, size, limit);
	return false;
}

bool awh_share_build(struct admwh_server *server, struct awh_review *review)
{
	const uint64_t limit = awh_server_limit(server, ADMWH_LIMIT_BODIES_IN_FLIGHT);
	const size_t share = awh_server_share(server, ADMWH_LIMIT_BODIES_IN_FLIGHT);
	size_t size = built_size(review);

	if (size == 0)
		return true;
	if (size + review->body.len > limit)
		return refuse_as_too_large(review, size + review->body.len, limit);
	if (!add_to_caller(review->caller, size, share))
		return shed(review, 429, "too many values of this caller in flight");
	if (!add_within(&server->events.metrics.gauges->bodies, size, limit)) {
		atomic_fetch_sub(&review->caller->built, size);
		return shed(review, 503, "too many values in flight");
	}
	review->built = size;
	return true;
}

void awh_share_end(struct admwh_server *server, struct awh_review *review)
{
	if (!review->caller)
		return;
	atomic_fetch_sub(&review->caller->bodies, review->body.len);
	atomic_fetch_sub(&review->caller->built, review->built);
	awh_callers_unref(server->callers, review->caller);
	review->caller = NULL;
}

bool awh_share_is_used_up(const struct awh_conn *conn)
{
	size_t bodies = atomic_load(&conn->review->caller->bodies);

	return bodies > conn->review->body.len &&
	       bodies >= awh_server_share(awh_conn_server(conn), ADMWH_LIMIT_BODIES_IN_FLIGHT);
}

void awh_share_abandon(struct admwh_server *server, struct awh_review *review)
{
	atomic_fetch_add(&server->abandoned, 1);
	atomic_fetch_add(&review->caller->abandoned, 1);
}

void awh_share_abandoned_over(struct admwh_server *server, struct awh_review *review)
{
	atomic_fetch_sub(&server->abandoned, 1);
	atomic_fetch_sub(&review->caller->abandoned, 1);
}

int awh_share_check(const struct awh_conn *conn)
{
	const struct admwh_server *server = awh_conn_server(conn);

	if (atomic_load(&server->abandoned) >= awh_server_limit(server, ADMWH_LIMIT_QUEUE))
		return ADMWH_E_OVERLOAD;
	if (atomic_load(&conn->review->caller->abandoned) >=
	    awh_server_share(server, ADMWH_LIMIT_QUEUE))
		return ADMWH_E_LIMIT;
	return 0;
}

static void count_answer(struct awh_conn *conn, long long size)
{
	conn->held += (size_t)size;
	atomic_fetch_add(&awh_conn_gauges(conn)->bodies, size);
	if (conn->caller)
		atomic_fetch_add(&conn->caller->bodies, (size_t)size);
}

void awh_share_hold_answer(struct awh_conn *conn, size_t size)
{
	count_answer(conn, (long long)size);
}

void awh_share_let_answer_go(struct awh_conn *conn)
{
	count_answer(conn, -(long long)conn->held);
}

void awh_share_press(struct admwh_server *server)
{
	awh_callers_press(server->callers, awh_server_share(server, ADMWH_LIMIT_CONNECTIONS));
}
