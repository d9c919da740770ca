/* SPDX-License-Identifier: MIT */
#include "auth/admit.h"

#include "auth/webhook_tokens.h"
#include "base/clock.h"
#include "config/tokens.h"

/*
 * RFC 6750 section 3. Its error="invalid_token" is left out: the answer to a wrong token, and to an
 * Authorization field that holds none, tells no more than the answer to no token, and callers that
 * look for the scheme alone find it.
 */
static const char challenge[] = "Bearer";

/* A certificate that the handshake allowed is authorized again where the snapshot has changed. */
static int authorize_certificate(struct awh_standing *standing, const struct awh_admit_facts *facts,
				 const struct awh_snapshot *accepted_under)
{
	const struct admwh_config *config = facts->config;

	if (facts->snapshot != accepted_under &&
	    awh_snapshot_identify_again(facts->snapshot, facts->peer, &standing->verdict))
		return standing->verdict.code;
	if (config->auth == ADMWH_CLIENT_AUTH_REQUEST || config->observe)
		return awh_snapshot_identify(facts->snapshot, facts->peer, &standing->verdict);
	return 0;
}

void awh_admit_connection(struct awh_standing *standing, const struct awh_admit_facts *facts,
			  const struct awh_snapshot *accepted_under)
{
	const struct admwh_config *config = facts->config;
	struct awh_peer *peer = facts->peer;

	if (config->n_bundles > 0)
		standing->certified = authorize_certificate(standing, facts, accepted_under) == 0;
	standing->allowed = config->insecure || config->observe || standing->certified;
	if (!config->observe || standing->certified || peer->proof != AWH_PROOF_VERIFIED)
		return;
	/* Without memory for its bundle's name it is shown to no handler. */
	awh_peer_admit(peer, config->bundles[peer->bundle]->name, NULL);
}

static bool is_out_of_date(const struct awh_peer *peer)
{
	return peer->proof == AWH_PROOF_VERIFIED && awh_clock_wall_s() > peer->valid_until;
}

/* A certificate, its CA's included, may expire while its connection is open. */
static void check_still_valid(struct awh_standing *standing, const struct awh_admit_facts *facts)
{
	if (!standing->certified || !is_out_of_date(facts->peer))
		return;
	standing->certified = false;
	standing->allowed = facts->config->observe;
	awh_fail(&standing->verdict, ADMWH_E_UNTRUSTED,
		 "the client's certificate, or its CA's, has expired");
}

bool awh_admit_shows_peer(const struct awh_standing *standing, const struct awh_admit_facts *facts)
{
	const struct awh_peer *peer = facts->peer;

	if (peer->proof != AWH_PROOF_VERIFIED || !peer->facts.bundle)
		return false;
	return standing->certified || (facts->config->observe && !is_out_of_date(peer));
}

/* What a request is admitted by. */
struct question {
	const struct awh_standing *standing;
	const struct awh_admit_facts *facts;
	const struct admwh_route *route; /* NULL for a path without a handler */
	const struct awh_http_head *head;
};

static void refuse(struct awh_admission *admission, int status, enum awh_verdict verdict)
{
	admission->status = status;
	admission->verdict = verdict;
}

static bool by_certificate(const struct question *question, struct awh_admission *admission)
{
	const struct awh_standing *standing = question->standing;
	const struct awh_peer *peer = question->facts->peer;
	const struct admwh_route *route = question->route;
	const size_t cn_length = (size_t)question->facts->config->limits[ADMWH_LIMIT_CN_LENGTH];

	if (!standing->certified) {
		admission->error = standing->verdict;
		refuse(admission, 401,
		       is_out_of_date(peer) ? AWH_VERDICT_EXPIRED
					    : awh_verdict_of(standing->verdict.code, peer));
		return false;
	}
	if (!route || awh_access_admits(&route->access, peer, cn_length))
		return true;
	awh_fail(&admission->error, ADMWH_E_REFUSED,
		 "route %s: none of its own rules allows the caller (bundle %s, subject %.200s)",
		 route->path, peer->facts.bundle, peer->facts.subject);
	refuse(admission, 403, AWH_VERDICT_NAME_REFUSED);
	return false;
}

static void explain(const struct question *question, struct awh_admission *admission)
{
	struct awh_error *error = &admission->error;

	if (!question->head->authorization)
		awh_fail(error, ADMWH_E_TOKEN, "no bearer token");
	else if (admission->has_token_result && question->facts->snapshot->tokens)
		awh_fail(error, ADMWH_E_TOKEN,
			 "the bearer token is not known, and as a webhook token: %s",
			 awh_token_result_reason(admission->token_result));
	else if (admission->has_token_result)
		awh_fail(error, ADMWH_E_TOKEN, "the webhook token: %s",
			 awh_token_result_reason(admission->token_result));
	else
		awh_fail(error, ADMWH_E_TOKEN, "the bearer token is not known");
}

static bool by_token(const struct question *question, struct awh_admission *admission)
{
	const struct admwh_bearer *bearer = admission->bearer;
	const struct admwh_route *route = question->route;

	if (!bearer) {
		explain(question, admission);
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

/* The error is about the credential that was shown, if any was. */
static bool by_either(const struct question *question, struct awh_admission *admission)
{
	struct awh_admission certificate = *admission;

	if (by_certificate(question, &certificate) || by_token(question, admission))
		return true;
	if (!question->head->authorization && question->facts->peer->proof != AWH_PROOF_NONE) {
		*admission = certificate;
		if (admission->status == 401)
			admission->challenge = challenge;
	}
	return false;
}

static bool has_tokens(const struct awh_snapshot *snapshot)
{
	return snapshot->tokens || snapshot->webhook_tokens;
}

/* An unknown path is answered 404 to a caller with either credential. */
static enum admwh_route_auth auth_of(const struct question *question)
{
	enum admwh_route_auth auth =
	    question->route ? question->route->access.auth : ADMWH_ROUTE_AUTH_EITHER;

	if (question->facts->config->n_bundles == 0)
		return ADMWH_ROUTE_AUTH_TOKEN;
	return has_tokens(question->facts->snapshot) ? auth : ADMWH_ROUTE_AUTH_CERTIFICATE;
}

static bool authorize_request(const struct question *question, struct awh_admission *admission)
{
	switch (auth_of(question)) {
	case ADMWH_ROUTE_AUTH_CERTIFICATE:
		return by_certificate(question, admission);
	case ADMWH_ROUTE_AUTH_TOKEN:
		return by_token(question, admission);
	case ADMWH_ROUTE_AUTH_EITHER:
		return by_either(question, admission);
	case ADMWH_ROUTE_AUTH_ALL:
		break;
	}
	return by_certificate(question, admission) && by_token(question, admission);
}

void awh_admission_release(struct awh_admission *admission)
{
	awh_webhook_token_unref(admission->webhook_token);
	admission->webhook_token = NULL;
	admission->tokens = NULL;
	admission->bearer = NULL;
}

/* A token of the token file is looked for first: that costs no signature. */
static void find_bearer(struct awh_admission *admission, const struct awh_admit_facts *facts,
			const struct awh_http_head *head)
{
	const struct awh_snapshot *snapshot = facts->snapshot;
	const bool bare = facts->config->bare_tokens;
	const char *token;
	size_t len;

	admission->bearer = awh_tokens_bearer(snapshot->tokens, head->authorization, bare);
	if (admission->bearer) {
		admission->tokens = snapshot->tokens;
		return;
	}
	token = awh_bearer_token(head->authorization, bare, &len);
	if (!token || !snapshot->webhook_tokens)
		return;
	admission->has_token_result = true;
	admission->token_result = awh_webhook_tokens_check(snapshot->webhook_tokens, token, len,
							   head->path, &admission->webhook_token);
	if (admission->webhook_token)
		admission->bearer = &admission->webhook_token->bearer;
}

bool awh_admit_request(struct awh_standing *standing, struct awh_admission *admission,
		       const struct awh_admit_facts *facts, const struct admwh_route *route,
		       const struct awh_http_head *head)
{
	const struct admwh_config *config = facts->config;
	const struct question question = {standing, facts, route, head};

	*admission = (struct awh_admission){
	    .verdict = AWH_VERDICT_OK,
	    .showed_token = head->authorization != NULL,
	};
	if (config->insecure)
		return true;
	check_still_valid(standing, facts);
	find_bearer(admission, facts, head);
	if (awh_text_list_has(&config->exempt, head->path))
		return true;
	if (authorize_request(&question, admission)) {
		standing->allowed = true;
		return true;
	}
	if (!config->observe)
		standing->allowed = false;
	return config->observe;
}

bool awh_admit_again(struct awh_standing *standing, const struct awh_admit_facts *facts,
		     struct awh_error *error)
{
	if (awh_snapshot_identify_again(facts->snapshot, facts->peer, error) == 0)
		return true;
	if (!facts->config->observe)
		return false;
	standing->certified = false;
	standing->verdict = *error;
	return true;
}
