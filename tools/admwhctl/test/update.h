/* SPDX-License-Identifier: MIT */
/* New expectations in the text of a suite. */
#ifndef ADMWHCTL_UPDATE_H
#define ADMWHCTL_UPDATE_H

#include <jansson.h>
#include <stddef.h>

struct yaml_file;

/*
 * Replace /cases/i/expect, or append one to the case. All other lines stay as they are; comments
 * within the old expectations go. text: new, *replaced*. Only places above case i keep their lines:
 * begin with the last case. Returns 0, or -1: it has complained.
 */
int update_expect(char **text, const struct yaml_file *suite, size_t i, const json_t *expect);

#endif
