/* SPDX-License-Identifier: MIT */
/* The lines in which two texts differ. */
#ifndef ADMWHCTL_DIFF_H
#define ADMWHCTL_DIFF_H

#include <stdio.h>

enum { DIFF_LINES = 4000 };

/* Print a unified diff with three lines around each change, each line behind indent; coloured where
 * the stream has colours. Of texts of more than DIFF_LINES lines, or NULL: that they differ. */
void diff_print(FILE *to, const char *indent, const char *before, const char *after);

#endif
