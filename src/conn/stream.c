/* SPDX-License-Identifier: MIT */
#include "conn/stream.h"

#include <errno.h>
#include <sys/socket.h>

/* The peer of a connection without TLS. Nothing is proved of it, so nothing of it changes. */
static struct awh_peer no_peer = {.proof = AWH_PROOF_NONE, .references = 1};

int awh_stream_init_tls(struct awh_stream *stream, struct awh_tls_context *context,
			struct awh_path_cache *cache, int fd)
{
	*stream = (struct awh_stream){.fd = fd};
	stream->tls = context ? awh_tls_session_new(context, cache, fd) : NULL;
	return stream->tls ? 0 : ADMWH_E_NOMEM;
}

void awh_stream_init_plain(struct awh_stream *stream, int fd)
{
	*stream = (struct awh_stream){.fd = fd};
}

void awh_stream_deinit(struct awh_stream *stream)
{
	awh_tls_session_free(stream->tls);
	stream->tls = NULL;
}

int awh_stream_handshake(struct awh_stream *stream, struct awh_error *error)
{
	return stream->tls ? awh_tls_handshake(stream->tls, error) : 0;
}

void awh_stream_remember_path(struct awh_stream *stream)
{
	if (stream->tls)
		awh_tls_remember_path(stream->tls);
}

int awh_stream_read(struct awh_stream *stream, void *buf, size_t size, size_t *got)
{
	ssize_t result;

	if (stream->tls)
		return awh_tls_read(stream->tls, buf, size, got);
	do {
		result = recv(stream->fd, buf, size, MSG_DONTWAIT);
	} while (result < 0 && errno == EINTR);
	if (result < 0 && errno == EAGAIN)
		return AWH_TLS_WANT_READ;
	*got = result > 0 ? (size_t)result : 0;
	stream->spoke = stream->spoke || result > 0;
	stream->emptied = result > 0 && (size_t)result < size;
	return 0;
}

int awh_stream_write(struct awh_stream *stream, const void *data, size_t len, size_t *put)
{
	ssize_t result;

	if (stream->tls)
		return awh_tls_write(stream->tls, data, len, put);
	do {
		result = send(stream->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (result < 0 && errno == EINTR);
	if (result < 0)
		return errno == EAGAIN ? AWH_TLS_WANT_WRITE : ADMWH_E_WRITE;
	*put = (size_t)result;
	return 0;
}

size_t awh_stream_pending(const struct awh_stream *stream)
{
	return stream->tls ? awh_tls_pending(stream->tls) : 0;
}

size_t awh_stream_held(const struct awh_stream *stream)
{
	return stream->tls ? awh_tls_held(stream->tls) : 0;
}

bool awh_stream_is_emptied(const struct awh_stream *stream)
{
	return stream->tls ? awh_tls_is_emptied(stream->tls) : stream->emptied;
}

bool awh_stream_is_silent(const struct awh_stream *stream)
{
	return stream->tls ? awh_tls_is_silent(stream->tls) : !stream->spoke;
}

bool awh_stream_is_plain_http(const struct awh_stream *stream)
{
	return stream->tls && awh_tls_is_plain_http(stream->tls);
}

void awh_stream_close(struct awh_stream *stream)
{
	if (stream->tls)
		awh_tls_close(stream->tls);
	shutdown(stream->fd, SHUT_WR);
}

struct awh_peer *awh_stream_peer(const struct awh_stream *stream)
{
	return stream->tls ? awh_tls_peer(stream->tls) : &no_peer;
}
