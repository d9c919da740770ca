/* SPDX-License-Identifier: MIT */
/*
 * The body of a refusal: the library's own, or the one that the program puts in
 * its place. The program chooses the words, never whether to refuse.
 */
#ifndef AWH_CONN_REFUSE_H
#define AWH_CONN_REFUSE_H

#include <stdbool.h>

#include <admwh/config.h>

#include "base/buf.h"
#include "config/config.h"

struct admwh_reply {
	int status; /* 0: the program has said nothing */
	struct awh_buf content_type;
	struct awh_buf body;
};

/*
 * Ask the program for its reply. True: *reply holds it. False: it has none, or there is no memory
 * for it. Either way awh_reply_deinit() follows.
 */
bool awh_refuse_by_program(const struct admwh_config *config, const struct admwh_refusal *refusal,
			   struct admwh_reply *reply);
void awh_reply_deinit(struct admwh_reply *reply);

/* The error code that goes with a status the library refuses by; 0 for none. */
int awh_refusal_code(int status);

#endif
