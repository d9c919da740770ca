/* SPDX-License-Identifier: MIT */
/* Reading the program's own files: from bytes to a new version, or a reason why not. */
#ifndef AWH_CONFIG_PROGRAM_FILE_H
#define AWH_CONFIG_PROGRAM_FILE_H

#include "base/buf.h"
#include "dispatch/files.h"

enum { AWH_PROGRAM_FILE_MAX = 64 * 1024 * 1024 };

/*
 * Read a file whole; bytes is set in any case, for awh_buf_deinit(). digest: of the contents, or of
 * the reason why they cannot be read. Never waits, as for a pipe.
 *
 * Returns 0; ADMWH_E_IO, ADMWH_E_LIMIT, ADMWH_E_TLS, ADMWH_E_NOMEM with the file named.
 */
int awh_program_file_read(const struct admwh_file *file, struct awh_buf *bytes,
			  uint8_t digest[AWH_FILE_DIGEST], struct awh_error *error);

/* Parse what was read, and swap it in. 0; ADMWH_E_INVAL with the file named; ADMWH_E_NOMEM. */
int awh_program_file_parse(struct admwh_file *file, const struct awh_buf *bytes,
			   const uint8_t digest[AWH_FILE_DIGEST], struct awh_error *error);

/*
 * Take what is on the disk now, where it differs: before the server's threads are there. keeps: a
 * file that cannot be used keeps what it has, otherwise it has nothing then. 0, or the code of the
 * first such file.
 */
int awh_program_files_catch_up(const struct awh_files *files, bool keeps, struct awh_error *error);

#endif
