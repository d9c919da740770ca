/* SPDX-License-Identifier: MIT */
/* The webhooks of a folder. */
#ifndef ADMWHCTL_VERIFY_HOOKS_H
#define ADMWHCTL_VERIFY_HOOKS_H

#include "verify/facts.h"

/* The webhooks of facts->folder. */
void hooks_read(struct facts *facts);

void hooks_deinit(struct facts *facts);

#endif
