/* SPDX-License-Identifier: MIT */
/* A look at the program's own files: each is taken by itself once it has settled. */
#ifndef AWH_RELOAD_PROGRAM_FILES_H
#define AWH_RELOAD_PROGRAM_FILES_H

#include <stdbool.h>

#include "dispatch/files.h"
#include "telemetry/events.h"

/* What a look has found. */
struct awh_files_look {
	bool failing;   /* a file cannot be used; it keeps what it has */
	bool unsettled; /* look again soon: a file may be half written */
};

struct awh_files_look awh_program_files_look(const struct awh_files *files,
					     struct awh_events *events);

#endif
