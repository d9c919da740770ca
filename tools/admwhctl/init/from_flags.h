/* SPDX-License-Identifier: MIT */
/* The installation that flags of admwhctl init describe, as the YAML that is kept. */
#ifndef ADMWHCTL_FROM_FLAGS_H
#define ADMWHCTL_FROM_FLAGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum flag {
	FLAG_NAME,
	FLAG_NAMESPACE,
	FLAG_IMAGE,
	FLAG_URL,
	FLAG_PORT,
	FLAG_VALIDATE,
	FLAG_MUTATE,
	FLAG_DISTRIBUTION,
	FLAG_NODE,
	FLAG_CALLER,
	FLAG_AUTHENTICATION,
	FLAG_CNI,
	FLAG_CONTROL_PLANE,
	FLAG_ADMISSION,
	FLAG_KUBECONFIG,
	FLAG_MONITORING,
};

struct from_flags {
	json_t *document; /* NULL: there was no such flag */
};

/* Returns 0, or -1: it has complained. */
int from_flags_take(struct from_flags *flags, enum flag flag, const char *value);

/* The others need a name. */
bool from_flags_has_name(const struct from_flags *flags);

/* New, free with free(). */
char *from_flags_text(struct from_flags *flags, size_t *len);

void from_flags_deinit(struct from_flags *flags);

#endif
