/* SPDX-License-Identifier: MIT */
/*
 * A counter that wakes a loop or a poll(): what a signal handler may write to.
 */
#ifndef AWH_BASE_EVENTFD_H
#define AWH_BASE_EVENTFD_H

/* Non-blocking and close-on-exec. -1 with errno when there is none. */
int awh_eventfd_new(void);

/*
 * Add one. Any thread, and in a signal handler: errno stays. It only fails when the counter is
 * full, so that its reader has been woken often enough.
 */
void awh_eventfd_add(int fd);

#endif
