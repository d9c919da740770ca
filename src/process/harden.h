/* SPDX-License-Identifier: MIT */
/* What a process gives up before it serves. Never undone. */
#ifndef AWH_PROCESS_HARDEN_H
#define AWH_PROCESS_HARDEN_H

#include "base/error.h"

/* No new privileges, not dumpable: prctl(2). 0 or ADMWH_E_STATE. */
int awh_process_harden(struct awh_error *error);

#endif
