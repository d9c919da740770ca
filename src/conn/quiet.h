/* SPDX-License-Identifier: MIT */
/*
 * What an event loop's thread keeps for handshakes, and memory that connections
 * have left, is given back after a while in which none begins or ends.
 */
#ifndef AWH_CONN_QUIET_H
#define AWH_CONN_QUIET_H

#include "conn/trim.h"

enum { AWH_QUIET_MS = 60000 };

/* Zeroed, there is nothing to put off or to end. All on the loop's thread once it runs. */
struct awh_quiet {
	struct awh_watch *timer;
	struct awh_trim *trim;
	int64_t ms;
};

/* loop, trim: *borrowed* until awh_quiet_end(). 0 or ADMWH_E_NOMEM. */
int awh_quiet_make(struct awh_quiet *quiet, struct awh_loop *loop, struct awh_trim *trim,
		   int64_t ms);
void awh_quiet_end(struct awh_quiet *quiet);

/* A handshake is over, or a connection: give back once nothing like it has been for so long. */
void awh_quiet_put_off(struct awh_quiet *quiet);

#endif
