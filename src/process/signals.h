/* SPDX-License-Identifier: MIT */
/*
 * SIGTERM, SIGINT and SIGHUP of a server of several processes: the supervisor
 * catches them, its workers hear from it. One supervisor a process.
 */
#ifndef AWH_PROCESS_SIGNALS_H
#define AWH_PROCESS_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

enum { AWH_SIGNALS = 3 };

/* Which signals are caught, and the eventfds that tell of them. */
struct awh_signals {
	bool stop;   /* SIGTERM, SIGINT */
	bool reload; /* SIGHUP */
	int stop_fd, reload_fd;
	struct sigaction old[AWH_SIGNALS]; /* private */
};

void awh_signals_catch(struct awh_signals *signals);
/* Put back what was there before. */
void awh_signals_release(struct awh_signals *signals);

/*
 * fork(), without a signal that arrives at a process before it knows which one it is. In the child
 * the signals that were caught do nothing.
 */
pid_t awh_signals_fork(const struct awh_signals *signals);

#endif
