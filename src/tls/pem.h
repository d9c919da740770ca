/* SPDX-License-Identifier: MIT */
/*
 * PEM (RFC 7468), strictly: blocks and white space, nothing else. A file that
 * was cut off in the middle of a block, or that holds anything between its
 * blocks, is an error, so that a half-written file never loads as fewer
 * certificates.
 */
#ifndef AWH_TLS_PEM_H
#define AWH_TLS_PEM_H

#include <stddef.h>

#include "base/buf.h"

struct awh_pem {
	const char *at;
	const char *end;
};

/*
 * The next CERTIFICATE block's bytes, put into der (reset first).
 *
 * Returns 1; 0 at the end; ADMWH_E_INVAL (problem: what is wrong, static) or the failure of der.
 */
int awh_pem_next_certificate(struct awh_pem *pem, struct awh_buf *der, const char **problem);

#endif
