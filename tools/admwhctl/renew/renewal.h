/* SPDX-License-Identifier: MIT */
/*
 * A renewal goes by phases: overlap (the new CA or token is trusted beside the old one), switch
 * (the new pairs or tokens are used), cut (the old one is trusted no longer). What a CA has issued
 * is renewed in one phase. private/renewal.yaml says which phase was the last.
 */
#ifndef ADMWHCTL_RENEWAL_H
#define ADMWHCTL_RENEWAL_H

#include <stdio.h>

#include "common/installation.h"
#include "init/output.h"

enum renewal_kind { RENEW_SERVER, RENEW_SERVER_CA, RENEW_CLIENT, RENEW_CLIENT_CA, RENEW_TOKEN };

/* NULL-terminated, in the order of enum renewal_kind. */
extern const char *const renewal_kinds[];

struct renewal {
	const struct installation *installation;
	const char *folder;
	enum renewal_kind kind;
	char *caller;         /* NULL: all */
	unsigned int phase;   /* 0: not begun; else the last that was written */
	int64_t since;        /* when */
	struct output output; /* what the next phase writes */
	char **removed;       /* what it removes after that; paths in FOLDER */
	size_t n_removed;
};

#define RENEWAL_PATH "private/renewal.yaml"

/* Read private/renewal.yaml. Returns 0; 1: there is none; -1: it has complained. */
int renewal_read(struct renewal *renewal);

int renewal_write(const struct renewal *renewal);

/* Write the next phase's files, and which phase it was. Returns 0, or -1: it has complained, and
 * nothing was written. */
int renewal_proceed(struct renewal *renewal);

/* 1, or 3 with an overlap. */
unsigned int renewal_phases(enum renewal_kind kind);

/* How long to wait after a phase before the next, in seconds. */
unsigned int renewal_wait(enum renewal_kind kind, unsigned int phase);

/* What to do now that the phase is written. */
void renewal_print_steps(FILE *to, const struct renewal *renewal);

/* Print which certificates end when. Returns how many end within so many days; -1: it has
 * complained. */
int renewal_check(const struct installation *installation, const char *folder, unsigned int days);

void renewal_deinit(struct renewal *renewal);

#endif
