/* SPDX-License-Identifier: MIT */
#include "common/connection.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"

int address_split(const char *address, char *host, size_t size, const char **port)
{
	const char *colon = strrchr(address, ':');
	const bool is_bracketed = *address == '[' && colon && colon > address && colon[-1] == ']';
	const char *first = address + is_bracketed;
	size_t len = colon ? (size_t)(colon - is_bracketed - first) : 0;

	if (len == 0 || len >= size || !colon[1])
		return -1;
	memcpy(host, first, len);
	host[len] = '\0';
	*port = colon + 1;
	return 0;
}

bool connection_wait(int fd, short events, int64_t until_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = events};
	int64_t left = until_ms - clock_ms();
	int n;

	do
		n = poll(&poll_fd, 1, left > 0 ? (int)left : 0);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

/* Returns the socket, or the negative errno. */
static int open_one(const struct addrinfo *info, int64_t until_ms)
{
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(int);
	int error = 0, on = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, info->ai_addr, info->ai_addrlen) && errno != EINPROGRESS)
		error = errno;
	else if (!connection_wait(fd, POLLOUT, until_ms))
		error = ETIMEDOUT;
	else
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error == 0)
		return fd;
	close(fd);
	return -error;
}

int connection_open(const char *host, const char *port, int64_t until_ms, char *reason, size_t size)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	int error = getaddrinfo(host, port, &hints, &list), fd = -1;

	if (error) {
		snprintf(reason, size, "%s: %s", host, gai_strerror(error));
		return -1;
	}
	for (const struct addrinfo *info = list; info && fd < 0; info = info->ai_next)
		fd = open_one(info, until_ms);
	freeaddrinfo(list);
	if (fd < 0)
		snprintf(reason, size, "%s port %s: %s", host, port, strerror(-fd));
	return fd < 0 ? -1 : fd;
}
