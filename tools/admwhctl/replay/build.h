/* SPDX-License-Identifier: MIT */
/*
 * A program that takes the flags of admwh_program_main(), as a server on loopback: for as long as
 * it is needed, with certificates that are made for it and removed with it.
 */
#ifndef ADMWHCTL_BUILD_H
#define ADMWHCTL_BUILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "review/target.h"

struct build {
	char *folder; /* of certificates, and of what the program prints */
	pid_t pid;    /* 0: it does not run */
	const char *program;
	char *url, *address, *ca, *cert, *key; /* what the flags of the target point to */
};

/*
 * Start a command, NULL-terminated, and wait until it listens; flags then have the target. Returns
 * 0, or -1: it has complained. build_end() in any case.
 */
int build_start(struct build *build, char **command, struct target_flags *flags);

/*
 * Stop it, and remove its files. Complains if it has ended by itself; has_failed: which an answer
 * that is missing may come of, so that it has a moment for it.
 */
void build_end(struct build *build, bool has_failed);

#endif
