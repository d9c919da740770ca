/* SPDX-License-Identifier: MIT */
/*
 * The format of kube-apiserver's --token-auth-file: CSV as Go's encoding/csv
 * reads it (RFC 4180), `token,name,uid[,"group1,group2"]`, one record a line.
 */
#ifndef AWH_IDENTITY_TOKEN_FILE_H
#define AWH_IDENTITY_TOKEN_FILE_H

#include <stddef.h>

#include "base/error.h"

/* Takes one record; texts are *borrowed* until it returns. 0 or a negative code with a message. */
typedef int awh_token_record_fn(const char *token, const char *name, const char *const *groups,
				size_t n_groups, void *userdata, struct awh_error *error);

/*
 * Give every record of a file to take(). Empty lines and those that begin with "#" are skipped.
 * Messages name the line and never quote of it. What was copied of the file is wiped.
 *
 * Returns 0; ADMWH_E_INVAL; ADMWH_E_NOMEM.
 */
int awh_token_file_read(const char *text, size_t len, awh_token_record_fn *take, void *userdata,
			struct awh_error *error);

#endif
