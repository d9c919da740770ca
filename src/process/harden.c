/* SPDX-License-Identifier: MIT */
#include "process/harden.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

int awh_process_harden(struct awh_error *error)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return awh_fail(error, ADMWH_E_STATE, "the process cannot be hardened: %s",
				strerror(errno));
	return 0;
}
