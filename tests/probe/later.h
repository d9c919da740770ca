/* SPDX-License-Identifier: MIT */
/*
 * The probe's handlers that decide later. How is chosen by the name of the
 * reviewed object:
 *
 *   now      before the handler returns
 *   give-up  never: the deferral is freed by a thread, after later_wait()
 *   keep     once the server is gone, in later_end()
 *   deny     as anything else: by a thread, after later_wait()
 *
 * Each tells an event "completed" with what completing it came to.
 */
#ifndef PROBE_LATER_H
#define PROBE_LATER_H

#include <admwh/admwh.h>

extern long later_ms;
extern const char *later_hold; /* a file, or NULL */

/* Wait for later_ms, or as long as there is the file later_hold. */
void later_wait(void);

/* Write an event. *steals* it. */
void tell(json_t *event);

int later_validate(const struct admwh_request *req, struct admwh_response *resp, void *userdata);
int later_mutate(const struct admwh_request *req, struct admwh_response *resp,
		 struct admwh_patch *patch, void *userdata);

/* Wait for all threads, complete what was kept. After admwh_server_free(). */
void later_end(void);

#endif
