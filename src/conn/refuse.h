/* SPDX-License-Identifier: MIT */
/*
 * The words of a refusal: the library's own, or those the program puts in their
 * place. A refusal stays one, whatever it is told as.
 */
#ifndef AWH_CONN_REFUSE_H
#define AWH_CONN_REFUSE_H

#include <admwh/hooks.h>

#include "base/buf.h"

struct awh_conn;

struct admwh_reply {
	int status; /* 0: the program has said nothing */
	struct awh_buf content_type;
	struct awh_buf body;
};

/* What a refusal is about beside the request's head. */
struct awh_refused {
	int status;
	int code;            /* ADMWH_E_...; 0 when there is none */
	const char *message; /* what the library says */
};

/*
 * Ask the program for its words. True: reply holds them. False: it has none, or there is no memory
 * for them. Either way awh_reply_deinit() follows.
 */
bool awh_refuse_in_its_words(const struct awh_conn *conn, const struct awh_refused *refused,
			     struct admwh_reply *reply);
void awh_reply_deinit(struct admwh_reply *reply);

/* The code that goes with a status the library refuses by; 0 for none. */
int awh_refusal_code(int status);

#endif
