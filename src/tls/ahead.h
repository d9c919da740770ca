/* SPDX-License-Identifier: MIT */
/*
 * ahead: bytes of a socket that were read before TLS asked for them. TLS asks for a
 * record's header, then for its fragment; one read of the socket serves many records.
 * No TLS here.
 */
#ifndef AWH_TLS_AHEAD_H
#define AWH_TLS_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tls/tls.h"

enum {
	AWH_AHEAD_FIRST = 17 * 1024, /* of a read: a whole record of any size */
	AWH_AHEAD_MOST = 64 * 1024,  /* likewise, while there is more each time */
};

/* A zeroed one has nothing. */
struct awh_ahead {
	char *data; /* AWH_AHEAD_MOST bytes; NULL while nothing is buffered */
	size_t at;  /* the first byte that is still to be taken */
	size_t len;
	bool filled;                   /* the last read had all it asked for */
	bool emptied;                  /* it had less: nothing was left in the socket */
	struct awh_tls_buffer *buffer; /* *borrowed*: where memory comes from; NULL: malloc() */
};

/*
 * As recv() does, through the buffer; the socket is not read while there is something in it, so an
 * end or an error of the socket is told after all bytes that came before. most: bytes that may be
 * taken off the socket by this call, at least want
 */
ssize_t awh_ahead_take(struct awh_ahead *ahead, int fd, void *data, size_t want, size_t most);

/* Forget what is buffered, and give the memory back. */
void awh_ahead_drop(struct awh_ahead *ahead);

static inline size_t awh_ahead_len(const struct awh_ahead *ahead)
{
	return ahead->len - ahead->at;
}

#endif
