/* SPDX-License-Identifier: MIT */
/* The lines in which two texts differ. */
#ifndef ADMWHCTL_DIFF_H
#define ADMWHCTL_DIFF_H

#include <stdio.h>

/* Print a unified diff with three lines around each change, each line behind indent; coloured where
 * the stream has colours. Of texts of more than 4000 lines: that they differ. */
void diff_print(FILE *to, const char *indent, const char *before, const char *after);

#endif
