/* SPDX-License-Identifier: MIT */
#include "server/share.h"

#include <stdio.h>
#include <string.h>

#include "server/conn.h"

enum { NAME_BYTES = 512 }; /* of a caller; a longer issuer is cut */

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
	if (!awh_door_is_main(conn->door))
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

void awh_share_end(struct admwh_server *server, struct awh_review *review)
{
	if (!review->caller)
		return;
	atomic_fetch_sub(&review->caller->bodies, review->body.len);
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

void awh_share_press(struct admwh_server *server)
{
	awh_callers_press(server->callers, awh_server_share(server, ADMWH_LIMIT_CONNECTIONS));
}
