/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a connection: through TLS, or as they are. The stages do not care
 * which. What a call waits for is AWH_TLS_WANT_READ or _WRITE in both cases, and
 * results are those of the TLS session's own functions, see tls.h.
 */
#ifndef AWH_CONN_STREAM_H
#define AWH_CONN_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "identity/identity.h"
#include "tls/tls.h"

struct awh_stream {
	int fd;
	struct awh_tls_session *tls; /* NULL: plain */
	bool spoke;                  /* plain: a byte has come */
	bool emptied;                /* likewise: the last read left nothing in the socket */
};

/*
 * cache: as for awh_tls_session_new()
 * fd: *borrowed*, non-blocking. One without a context is never plain: ADMWH_E_NOMEM.
 */
int awh_stream_init_tls(struct awh_stream *stream, struct awh_tls_context *context,
			struct awh_path_cache *cache, int fd);
void awh_stream_init_plain(struct awh_stream *stream, int fd);
void awh_stream_deinit(struct awh_stream *stream);

int awh_stream_handshake(struct awh_stream *stream, struct awh_error *error);
/* The client is allowed, see awh_tls_remember_path(). */
void awh_stream_remember_path(struct awh_stream *stream);
int awh_stream_read(struct awh_stream *stream, void *buf, size_t size, size_t *got);
int awh_stream_write(struct awh_stream *stream, const void *data, size_t len, size_t *put);

/* Bytes that wait inside, so that no poll will tell of them. */
size_t awh_stream_pending(const struct awh_stream *stream);

/* Bytes of memory that those take which were read before TLS asked for them. */
size_t awh_stream_held(const struct awh_stream *stream);

/* Has the last read had all there was? A poll tells of more; another read mostly finds none. */
bool awh_stream_is_emptied(const struct awh_stream *stream);
bool awh_stream_is_silent(const struct awh_stream *stream);

/* Has the handshake failed because the client speaks HTTP without TLS? */
bool awh_stream_is_plain_http(const struct awh_stream *stream);

/* Nothing more is written. Never waits. */
void awh_stream_close(struct awh_stream *stream);

/* Never NULL; without TLS its proof is AWH_PROOF_NONE. */
struct awh_peer *awh_stream_peer(const struct awh_stream *stream);

#endif
