/* SPDX-License-Identifier: MIT */
#include "auth/admit.h"

#include <stdlib.h>

#include "base/clock.h"
#include "conn/conn.h"
#include "telemetry/events.h"
#include "config/tokens.h"

/*
 * RFC 6750 section 3. Its error="invalid_token" is left out: a wrong token, and one that is no
 * bearer's, learn no more than none does, and callers that look for the scheme alone find it.
 */
static const char challenge[] = "Bearer";

static const struct admwh_config *config_of(const struct awh_conn *conn)
{
	return awh_conn_server(conn)->config;
}

/* Who was let in by the handshake's snapshot is judged again where another is current by now. */
static int judge(struct awh_conn *conn)
{
	const struct admwh_config *config = config_of(conn);
	const struct awh_snapshot *snapshot = conn->shard->snapshot;
	struct awh_peer *peer = awh_stream_peer(&conn->stream);

	if (snapshot != conn->snapshot &&
	    awh_snapshot_identify_again(snapshot, peer, &conn->verdict))
		return conn->verdict.code;
	if (config->auth == ADMWH_CLIENT_AUTH_REQUEST || config->observe)
		return awh_snapshot_identify(snapshot, peer, &conn->verdict);
	return 0;
}

void awh_admit_connection(struct awh_conn *conn)
{
	const struct admwh_config *config = config_of(conn);
	struct awh_peer *peer = awh_stream_peer(&conn->stream);

	if (config->n_bundles > 0 && !conn->endpoint->is_open)
		conn->certified = judge(conn) == 0;
	conn->allowed =
	    conn->endpoint->is_open || config->insecure || config->observe || conn->certified;
	if (!config->observe || conn->certified || peer->proof != AWH_PROOF_VERIFIED)
		return;
	/* Without memory for its bundle's name it is shown to no handler. */
	awh_peer_admit(peer, config->bundles[peer->bundle]->name, NULL);
}

static bool is_out_of_date(const struct awh_conn *conn)
{
	const struct awh_peer *peer = awh_stream_peer(&conn->stream);

	return peer->proof == AWH_PROOF_VERIFIED && awh_clock_wall_s() > peer->valid_until;
}

/* A certificate, its CA's included, may end while its connection is open. */
static void check_still_valid(struct awh_conn *conn)
{
	if (!conn->certified || !is_out_of_date(conn))
		return;
	conn->certified = false;
	conn->allowed = config_of(conn)->observe;
	awh_fail(&conn->verdict, ADMWH_E_UNTRUSTED,
		 "the client's certificate, or its CA's, has expired");
}

bool awh_admit_shows_peer(const struct awh_conn *conn)
{
	const struct awh_peer *peer = awh_stream_peer(&conn->stream);

	if (peer->proof != AWH_PROOF_VERIFIED || !peer->facts.bundle)
		return false;
	return conn->certified || (config_of(conn)->observe && !is_out_of_date(conn));
}

static void refuse(struct awh_admission *admission, int status, enum awh_verdict verdict)
{
	admission->status = status;
	admission->verdict = verdict;
}

static bool judge_certificate(struct awh_conn *conn, struct awh_admission *admission)
{
	const struct awh_peer *peer = awh_stream_peer(&conn->stream);
	const struct admwh_route *route = conn->route;
	size_t cn_length = config_of(conn)->limits[ADMWH_LIMIT_CN_LENGTH];

	if (!conn->certified) {
		admission->error = conn->verdict;
		refuse(admission, 401,
		       is_out_of_date(conn) ? AWH_VERDICT_EXPIRED
					    : awh_verdict_of(conn->verdict.code, peer));
		return false;
	}
	if (!route || awh_access_admits(&route->access, peer, cn_length))
		return true;
	awh_fail(&admission->error, ADMWH_E_REFUSED,
		 "route %s: no rule of its own lets it in (bundle %s, subject %.200s)", route->path,
		 peer->facts.bundle, peer->facts.subject);
	refuse(admission, 403, AWH_VERDICT_NAME_REFUSED);
	return false;
}

static bool judge_token(struct awh_conn *conn, const struct awh_http_head *head,
			struct awh_admission *admission)
{
	const struct admwh_bearer *bearer = admission->bearer;
	const struct admwh_route *route = conn->route;

	if (!bearer) {
		awh_fail(&admission->error, ADMWH_E_TOKEN, "%s",
			 head->authorization ? "the bearer token is not known" : "no bearer token");
		refuse(admission, 401, AWH_VERDICT_TOKEN_REFUSED);
		admission->challenge = challenge;
		return false;
	}
	if (!route || awh_access_admits_bearer(&route->access, bearer))
		return true;
	awh_fail(&admission->error, ADMWH_E_REFUSED,
		 "route %s: \"%.200s\" is in none of its groups", route->path, bearer->name);
	refuse(admission, 403, AWH_VERDICT_GROUP_REFUSED);
	return false;
}

/* One will do. What is told is about the one that was shown, if any was. */
static bool judge_either(struct awh_conn *conn, const struct awh_http_head *head,
			 struct awh_admission *admission)
{
	const struct awh_peer *peer = awh_stream_peer(&conn->stream);
	struct awh_admission by_certificate = *admission;

	if (judge_certificate(conn, &by_certificate) || judge_token(conn, head, admission))
		return true;
	if (!head->authorization && peer->proof != AWH_PROOF_NONE) {
		*admission = by_certificate;
		if (admission->status == 401)
			admission->challenge = challenge;
	}
	return false;
}

/* Who asks for a path that nobody answers may learn so by whatever proves that it is a caller. */
static enum admwh_route_auth auth_of(const struct awh_conn *conn)
{
	const struct admwh_config *config = config_of(conn);
	enum admwh_route_auth auth =
	    conn->route ? conn->route->access.auth : ADMWH_ROUTE_AUTH_EITHER;

	if (config->n_bundles == 0)
		return ADMWH_ROUTE_AUTH_TOKEN;
	return conn->shard->snapshot->tokens ? auth : ADMWH_ROUTE_AUTH_CERTIFICATE;
}

static bool judge_request(struct awh_conn *conn, const struct awh_http_head *head,
			  struct awh_admission *admission)
{
	switch (auth_of(conn)) {
	case ADMWH_ROUTE_AUTH_CERTIFICATE:
		return judge_certificate(conn, admission);
	case ADMWH_ROUTE_AUTH_TOKEN:
		return judge_token(conn, head, admission);
	case ADMWH_ROUTE_AUTH_EITHER:
		return judge_either(conn, head, admission);
	case ADMWH_ROUTE_AUTH_ALL:
		break;
	}
	return judge_certificate(conn, admission) && judge_token(conn, head, admission);
}

static bool is_exempt(const struct awh_conn *conn, const char *path)
{
	return awh_text_list_has(&config_of(conn)->exempt, path);
}

bool awh_admit_request(struct awh_conn *conn, const struct awh_http_head *head)
{
	const struct admwh_config *config = config_of(conn);
	struct awh_admission *admission = &conn->admission;

	*admission = (struct awh_admission){
	    .verdict = AWH_VERDICT_OK,
	    .showed_token = head->authorization != NULL,
	};
	if (conn->endpoint->is_open || config->insecure)
		return true;
	check_still_valid(conn);
	admission->bearer = awh_tokens_bearer(conn->shard->snapshot->tokens, head->authorization,
					      config->bare_tokens);
	if (is_exempt(conn, head->path))
		return true;
	if (judge_request(conn, head, admission)) {
		conn->allowed = true;
		return true;
	}
	awh_tell_caller(&awh_conn_server(conn)->events, conn->address,
			awh_stream_peer(&conn->stream), conn->route, admission, config->observe);
	if (!config->observe)
		conn->allowed = false;
	return config->observe;
}

/* What a route asks for must be configured, and where it is refused must be per request. */
static int check_auth(const struct admwh_config *config, const struct admwh_route *route,
		      struct awh_error *error)
{
	bool has_cas = config->n_bundles > 0;
	bool has_tokens = awh_sources_find(&config->sources, AWH_SOURCE_TOKENS, 0);
	bool needs_ca = false, needs_tokens = route->access.n_groups > 0;
	bool by_request = config->auth == ADMWH_CLIENT_AUTH_REQUEST;

	switch (route->access.auth) {
	case ADMWH_ROUTE_AUTH_ALL:
		break;
	case ADMWH_ROUTE_AUTH_CERTIFICATE:
		needs_ca = true;
		break;
	case ADMWH_ROUTE_AUTH_TOKEN:
		needs_tokens = true;
		break;
	case ADMWH_ROUTE_AUTH_EITHER:
		needs_ca = needs_tokens = true;
		break;
	}
	if (needs_ca && !has_cas)
		return awh_fail(error, ADMWH_E_INVAL,
				"route %s asks for certificates, but no client CA is set",
				route->path);
	if (needs_tokens && !has_tokens)
		return awh_fail(error, ADMWH_E_INVAL,
				"route %s asks for tokens, but no token file is set", route->path);
	if (route->access.auth >= ADMWH_ROUTE_AUTH_TOKEN && has_cas && !by_request)
		return awh_fail(error, ADMWH_E_INVAL,
				"route %s takes callers without a certificate: that needs client "
				"authentication per request",
				route->path);
	return 0;
}

/* Rules that nobody is ever held against would only look like protection. */
static int check_rules(const struct admwh_route *route, struct awh_error *error)
{
	if (route->access.n_groups > 0 && route->access.auth == ADMWH_ROUTE_AUTH_CERTIFICATE)
		return awh_fail(error, ADMWH_E_INVAL,
				"route %s requires a group, but asks for certificates alone",
				route->path);
	if (route->access.n_bundles > 0 && route->access.auth == ADMWH_ROUTE_AUTH_TOKEN)
		return awh_fail(error, ADMWH_E_INVAL,
				"route %s has rules for certificates, but asks for tokens alone",
				route->path);
	return 0;
}

static int check_route(const struct admwh_config *config, struct admwh_route *route,
		       const char *const *names, struct awh_error *error)
{
	struct awh_error reason = {0};
	int failed = check_auth(config, route, error);

	if (failed == 0)
		failed = check_rules(route, error);
	if (failed == 0 && awh_access_resolve(&route->access, names, config->n_bundles, &reason))
		failed = awh_fail(error, ADMWH_E_INVAL, "route %s: %s", route->path, reason.text);
	return failed;
}

int awh_admit_check(struct admwh_server *server, struct awh_error *error)
{
	const struct admwh_config *config = server->config;
	const char **names = calloc(config->n_bundles + 1, sizeof(*names));
	int failed = 0;

	if (!names)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	for (size_t i = 0; i < config->n_bundles; i++)
		names[i] = config->bundles[i]->name;
	for (size_t i = 0; i < server->routes.n_items && failed == 0; i++)
		failed = check_route(config, server->routes.items[i], names, error);
	free(names);
	return failed;
}
