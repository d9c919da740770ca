/* SPDX-License-Identifier: MIT */
/*
 * The control thread: a loop of its own for what has to go on while handlers
 * block the others. The health endpoint is on it, and what looks after the files.
 */
#ifndef AWH_SERVER_CONTROL_H
#define AWH_SERVER_CONTROL_H

#include "conn/endpoint.h"
#include "conn/shard.h"
#include "health/page.h"
#include "net/loop.h"
#include "server/rotate.h"

struct awh_control {
	struct awh_shared *shared;
	struct awh_pages *pages;
	struct awh_endpoint endpoint; /* of health; without a listener where there is none */
	struct awh_rotation rotation;
	struct awh_shard shard; /* its connections, and the loop */
	struct awh_shards shards;
	struct awh_task end;
};

/* Its parts; the health endpoint is bound already, if there is one. 0 or a code, error set. */
int awh_control_make(struct awh_control *control, struct awh_error *error);
int awh_control_start(struct awh_control *control, struct awh_error *error);

/* Have it end: it answers nothing more. Any thread, once. */
void awh_control_end(struct awh_control *control);

/* Wait for its end. Its loop was started. */
void awh_control_join(struct awh_control *control);

/* Wait for its end and free its parts. A zeroed one is allowed. */
void awh_control_free(struct awh_control *control);

#endif
