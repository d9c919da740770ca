/* SPDX-License-Identifier: MIT */
/*
 * The verdict on a connection and on a request: the certificate's stands since
 * the handshake; with each request it meets the route, and the bearer token that
 * came along. Values in, verdict out: the stage that asked logs and answers.
 */
#ifndef AWH_AUTH_ADMIT_H
#define AWH_AUTH_ADMIT_H

#include <stdbool.h>

#include "auth/snapshot.h"
#include "base/error.h"
#include "config/config.h"
#include "dispatch/route.h"
#include "http/http.h"
#include "identity/identity.h"
#include "identity/verdict.h"

/* What is known of a connection's caller. Zeroed before its first use. */
struct awh_standing {
	bool certified;           /* its certificate is allowed */
	bool allowed;             /* it is authenticated: by its certificate, or by a token */
	struct awh_error verdict; /* why it is not certified */
};

/* The verdict on a request. */
struct awh_admission {
	int status; /* 0: admitted; 401: the caller is not authenticated; 403: not authorized */
	enum awh_verdict verdict;
	struct awh_error error; /* why not, for the log */
	const char *challenge;  /* WWW-Authenticate, with 401; NULL for none */
	bool showed_token;
	const struct admwh_bearer *bearer; /* of one of the next two; NULL without a valid token */
	struct awh_tokens *tokens;         /* *borrowed* from the snapshot */
	struct awh_webhook_token *webhook_token; /* a reference */
	enum awh_token_result token_result;      /* what became of a webhook token, where */
	bool has_token_result;                   /* one was looked at */
};

/* Give up what it refers to; the rest stays. A zeroed one is allowed. */
void awh_admission_release(struct awh_admission *admission);

/* Who calls, and what is in force: all *borrowed*. */
struct awh_admit_facts {
	const struct admwh_config *config;
	const struct awh_snapshot *snapshot; /* the current one */
	struct awh_peer *peer;
};

/*
 * Once the handshake is over.
 *
 * accepted_under: the snapshot that the handshake went by; another one may be current by now
 */
void awh_admit_connection(struct awh_standing *standing, const struct awh_admit_facts *facts,
			  const struct awh_snapshot *accepted_under);

/*
 * By its head.
 *
 * route: NULL for a path without a handler
 * Returns whether to go on, with *admission set. In observe mode that is always so, and
 * admission->status tells what would have been answered; 0: nothing to tell.
 */
bool awh_admit_request(struct awh_standing *standing, struct awh_admission *admission,
		       const struct awh_admit_facts *facts, const struct admwh_route *route,
		       const struct awh_http_head *head);

/*
 * Does the current snapshot still allow a certificate that an earlier one allowed? In observe mode
 * the answer is yes, and the next request tells.
 */
bool awh_admit_again(struct awh_standing *standing, const struct awh_admit_facts *facts,
		     struct awh_error *error);

/* Is the peer shown to the handler? */
bool awh_admit_shows_peer(const struct awh_standing *standing, const struct awh_admit_facts *facts);

#endif
