/* SPDX-License-Identifier: MIT */
#include "conn/handshake.h"

#include "conn/share.h"
#include "telemetry/ca_use.h"

enum { REFUSED_LINGER_MS = 500 }; /* of a handshake that failed: its alert must arrive */

static void tell(const struct awh_conn *conn, const struct awh_error *error)
{
	if (!conn->endpoint->is_plain)
		awh_tell_handshake(awh_conn_events(conn), conn->address, awh_conn_peer(conn), error,
				   awh_stream_is_plain_http(&conn->stream));
}

enum awh_step awh_handshake(struct awh_conn *conn)
{
	struct awh_error error = {0};
	int got = awh_stream_handshake(&conn->stream, &error);

	if (got > 0)
		return awh_conn_wait(conn, got);
	awh_endpoint_handshake_over(conn->endpoint);
	if (!conn->endpoint->is_plain)
		awh_quiet_put_off(&conn->shard->quiet);
	conn->stage = AWH_STAGE_IDENTIFY;
	tell(conn, got < 0 ? &error : NULL);
	if (got == 0)
		return AWH_STEP_GO;
	return awh_conn_linger(conn, REFUSED_LINGER_MS);
}

enum awh_step awh_handshake_late(struct awh_conn *conn)
{
	struct awh_error error = {0};

	awh_fail(&error, ADMWH_E_TIMEOUT, "no handshake in time");
	tell(conn, &error);
	awh_shared_tell_limit(awh_conn_shared(conn), ADMWH_LIMIT_HANDSHAKE_TIME);
	return AWH_STEP_END;
}

static bool join(struct awh_conn *conn)
{
	if (!awh_endpoint_has_reviews(conn->endpoint))
		return true;
	conn->caller = awh_share_join(awh_conn_shared(conn), awh_conn_peer(conn),
				      conn->standing.certified, conn->address);
	return conn->caller;
}

/* The caller is known, or that there is no telling; its CA is counted while the connection is open.
 */
static void tell_accepted(struct awh_conn *conn)
{
	const struct awh_peer *peer = awh_conn_peer(conn);

	if (conn->endpoint->is_open || conn->endpoint->is_plain)
		return;
	if (peer->proof == AWH_PROOF_VERIFIED) {
		conn->ca_place = awh_ca_use_enter(&awh_conn_events(conn)->metrics, peer);
		conn->has_ca = true;
	}
	awh_tell_accepted(awh_conn_events(conn), conn->address, peer, conn->standing.certified);
}

/*
 * In handshake mode the rules have been applied already, but others may be current by now. Per
 * request the verdict is kept for later.
 */
enum awh_step awh_identify_caller(struct awh_conn *conn)
{
	const struct admwh_config *config = awh_conn_config(conn);
	const struct awh_admit_facts facts = awh_conn_admit_facts(conn);
	struct awh_standing *standing = &conn->standing;

	if (conn->endpoint->is_open)
		standing->allowed = true;
	else
		awh_admit_connection(standing, &facts, conn->snapshot);
	if (standing->certified)
		awh_stream_remember_path(&conn->stream);
	if (standing->allowed || config->auth == ADMWH_CLIENT_AUTH_REQUEST ||
	    config->n_bundles == 0) {
		tell_accepted(conn);
		return join(conn) ? awh_conn_enter_now(conn, AWH_STAGE_NEXT_REQUEST) : AWH_STEP_END;
	}
	awh_tell_untrusted(awh_conn_events(conn), conn->address, facts.peer, &standing->verdict,
			   true);
	return awh_conn_linger(conn, REFUSED_LINGER_MS);
}
