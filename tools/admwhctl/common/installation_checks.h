/* SPDX-License-Identifier: MIT */
/* Checks of single values of an installation: each makes a fault of its member. */
#ifndef ADMWHCTL_INSTALLATION_CHECKS_H
#define ADMWHCTL_INSTALLATION_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/fields.h"

/* value: that of the member; NULL passes, since its absence is a fault already. */
void check_label(const struct field *object, const char *name, const char *value);
void check_subdomain(const struct field *object, const char *name, const char *value);
void check_webhook_name(const struct field *route, const char *value);
void check_path(const struct field *route, const char *value);
void check_rules(const struct field *route);
void check_caller_name(const struct field *caller, const char *value);
void check_common_name(const struct field *caller, const char *value);
void check_nodes(const struct field *caller, const char *const *nodes);
void check_blocks(const struct field *list, const char *const *blocks);
void check_nodes_folder(const struct field *object, const char *value);

/* Is it a path without what a shell would take for more? README.md has it in command lines. */
bool is_plain_path(const char *path);
/* The host of a url: a name, or an address. len: of its text */
void check_url_host(const struct field *url, const char *host, size_t len);

/* A member that is a time of RFC 3339 in UTC. Returns seconds since 1970, 0: there is none. */
int64_t check_time(const struct field *object, const char *name);

#endif
