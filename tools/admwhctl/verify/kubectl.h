/* SPDX-License-Identifier: MIT */
/* kubectl as a process: one call, or a port-forward that lasts. */
#ifndef ADMWHCTL_VERIFY_KUBECTL_H
#define ADMWHCTL_VERIFY_KUBECTL_H

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

struct kubectl {
	const char *program;
	const char *context; /* NULL: kubectl's own */
};

struct kubectl_answer {
	int exit_status; /* -1: it could not be run, or was ended */
	char *out, *err; /* New, NUL-terminated; free with kubectl_answer_deinit() */
};

/* Run it with these arguments, NULL-terminated, and an input (NULL: none), and wait for its end. */
void kubectl_run(const struct kubectl *kubectl, const char *const *arguments, const char *input,
		 struct kubectl_answer *answer);

void kubectl_answer_deinit(struct kubectl_answer *answer);

/* Likewise, an object that it prints as JSON. New; NULL: there is none, reason is set, new. */
json_t *kubectl_json(const struct kubectl *kubectl, const char *const *arguments, char **reason);

struct kubectl_forward {
	pid_t pid; /* 0: none */
	int fd;    /* of what it prints; -1: none */
};

/*
 * Forward a free port of 127.0.0.1 to a port of "pod/NAME", or of a Pod of "deployment/NAME".
 * Returns HOST:PORT, new, until kubectl_forward_end(); NULL: reason is set, new.
 */
char *kubectl_forward(const struct kubectl *kubectl, const char *namespace, const char *target,
		      unsigned int port, struct kubectl_forward *forward, char **reason);

void kubectl_forward_end(struct kubectl_forward *forward);

#endif
