/* SPDX-License-Identifier: MIT */
/* The monotonic clock. */
#ifndef ADMWHCTL_CLOCK_H
#define ADMWHCTL_CLOCK_H

#include <stdint.h>

int64_t clock_ms(void);
double clock_s(void);

#endif
