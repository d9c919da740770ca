/* SPDX-License-Identifier: MIT */
/* Where reviews are sent to: one URL, or the routes of an installation. */
#ifndef ADMWHCTL_TARGET_H
#define ADMWHCTL_TARGET_H

#include <jansson.h>
#include <stdbool.h>

#include "common/client.h"
#include "common/installation.h"

struct target_flags {
	const char *url, *installation;
	const char *address, *ca, *cert, *key, *token_file;
	const char *type; /* mutating or validating; NULL: either is taken, of a URL */
	unsigned int timeout_s;
};

struct webhook {
	const char *name, *path;
	bool is_mutating; /* asked first; its patches are applied */
	bool is_either;   /* as mutating, and its object is that of mutation */
	bool is_ignored;  /* failurePolicy Ignore */
	unsigned int timeout_s;
	const json_t *object; /* rules and selectors; NULL: all requests are sent */
};

struct target {
	struct client_target client;
	struct webhook *webhooks; /* mutating ones first */
	size_t count;
	struct installation *installation;
	char *host, *path, *ca, *cert, *key, *token; /* what the rest points to */
};

/* Whether the flags name a target. */
bool target_is_set(const struct target_flags *flags);

/* Returns 0, or -1: it has complained. */
int target_open(struct target *target, const struct target_flags *flags);

void target_close(struct target *target);

#endif
