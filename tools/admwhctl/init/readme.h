/* SPDX-License-Identifier: MIT */
#ifndef ADMWHCTL_README_H
#define ADMWHCTL_README_H

#include <stdio.h>

#include "common/installation.h"

/* The commands that copy pairs or tokens of the API server to the control plane's hosts, each line
 * behind indent. */
void readme_credentials(FILE *to, const struct installation *installation, enum authentication what,
			const char *indent);

#endif
