/* SPDX-License-Identifier: MIT */
#include "tls/ahead.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static char *get_memory(struct awh_tls_buffer *buffer)
{
	char *data = buffer ? buffer->spare : NULL;

	if (!data)
		return malloc(AWH_AHEAD_MOST);
	buffer->spare = NULL;
	return data;
}

static void give_back(struct awh_tls_buffer *buffer, char *data)
{
	if (buffer && !buffer->spare)
		buffer->spare = data;
	else
		free(data);
}

void awh_tls_buffer_deinit(struct awh_tls_buffer *buffer)
{
	free(buffer->spare);
	buffer->spare = NULL;
}

void awh_ahead_drop(struct awh_ahead *ahead)
{
	if (ahead->data)
		give_back(ahead->buffer, ahead->data);
	ahead->data = NULL;
	ahead->at = ahead->len = 0;
}

static ssize_t read_socket(struct awh_ahead *ahead, int fd, void *data, size_t size)
{
	ssize_t got;

	do
		got = recv(fd, data, size, MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	ahead->filled = got > 0 && (size_t)got == size;
	ahead->emptied = got > 0 && (size_t)got < size;
	return got;
}

/* A connection that sends little is not read far ahead: its bytes stay in the kernel's memory. */
static size_t size_of_read(const struct awh_ahead *ahead, size_t most)
{
	const size_t size = ahead->filled ? AWH_AHEAD_MOST : AWH_AHEAD_FIRST;

	return size < most ? size : most;
}

static ssize_t fill(struct awh_ahead *ahead, int fd, size_t most)
{
	ssize_t got = read_socket(ahead, fd, ahead->data, size_of_read(ahead, most));

	ahead->len = got > 0 ? (size_t)got : 0;
	if (got <= 0) {
		const int cause = errno; /* of the read, which the caller asks for */

		awh_ahead_drop(ahead);
		errno = cause;
	}
	return got;
}

ssize_t awh_ahead_take(struct awh_ahead *ahead, int fd, void *data, size_t want, size_t most)
{
	size_t n;

	if (!ahead->data) {
		ssize_t got;

		if (want < AWH_AHEAD_FIRST)
			ahead->data = get_memory(ahead->buffer);
		if (!ahead->data)
			return read_socket(ahead, fd, data, want);
		got = fill(ahead, fd, most);
		if (got <= 0)
			return got;
	}
	n = awh_ahead_len(ahead);
	if (n > want)
		n = want;
	memcpy(data, ahead->data + ahead->at, n);
	ahead->at += n;
	if (ahead->at == ahead->len)
		awh_ahead_drop(ahead);
	return (ssize_t)n;
}
