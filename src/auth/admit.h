/* SPDX-License-Identifier: MIT */
/*
 * Is this request's caller one its route is for? The certificate's verdict stands
 * since the handshake; here it meets the route, and the token that came along.
 */
#ifndef AWH_AUTH_ADMIT_H
#define AWH_AUTH_ADMIT_H

#include "base/error.h"
#include "http/http.h"
#include "identity/verdict.h"

struct awh_conn;
struct admwh_server;

/* What came of it. */
struct awh_admission {
	int status; /* 0: let in; 401: the caller has to prove who it is; 403: it is not for it */
	enum awh_verdict verdict;
	struct awh_error error; /* why not, for the log */
	const char *challenge;  /* WWW-Authenticate, with 401; NULL for none */
	bool showed_token;
	const struct admwh_bearer *bearer; /* of the shard's snapshot; NULL without a good token */
};

/* The certificate's verdict, once the handshake is over; conn->allowed with it. */
void awh_admit_connection(struct awh_conn *conn);

/*
 * Judge a request by its head; conn->route is set, or NULL for a path that nobody answers.
 * conn->admission tells; true: go on. In observe mode it is always true.
 */
bool awh_admit_request(struct awh_conn *conn, const struct awh_http_head *head);

/* Does the handler get to see the peer? */
bool awh_admit_shows_peer(const struct awh_conn *conn);

/* Can every route's callers do what it asks of them? 0; ADMWH_E_INVAL; ADMWH_E_NOMEM. */
int awh_admit_check(struct admwh_server *server, struct awh_error *error);

#endif
