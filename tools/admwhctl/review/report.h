/* SPDX-License-Identifier: MIT */
/* What came of a request, for people. */
#ifndef ADMWHCTL_REPORT_H
#define ADMWHCTL_REPORT_H

#include <jansson.h>
#include <stdio.h>

/* where: "FILE:LINE". outcome: of run_request(). */
void report_outcome(FILE *to, const char *where, const json_t *outcome);

/* One line that says what came of it: "denied by NAME: MESSAGE". New. */
char *report_line(const json_t *outcome);

#endif
