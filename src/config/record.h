/* SPDX-License-Identifier: MIT */
/* What is set about recording reviews. */
#ifndef AWH_CONFIG_RECORD_H
#define AWH_CONFIG_RECORD_H

#include <stdbool.h>

#include "config/config.h"

enum { AWH_RECORD_FILES = 1000 };

/* Is an object of this kind never recorded, whatever its group? kind may be NULL. */
bool awh_record_is_withheld(const char *kind);

/* Is this kind among those to record? */
bool awh_record_has_kind(const struct admwh_config *config, const char *group, const char *kind);

/*
 * Open the folder, which is made if it is missing.
 *
 * fd: set to a descriptor for close()
 * Returns 0; ADMWH_E_IO: it is no folder, not the user's own, or open to others.
 */
int awh_record_folder_open(int *fd, const char *folder, struct awh_error *error);

/* Are folder and kinds set, or neither? 0 or ADMWH_E_INVAL. */
int awh_record_check(const struct admwh_config *config, struct awh_error *error);

#endif
