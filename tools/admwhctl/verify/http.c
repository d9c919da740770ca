/* SPDX-License-Identifier: MIT */
/* One GET of the health port: plain HTTP, for which client.h is not made. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/connection.h"
#include "common/files.h"
#include "verify/live.h"

enum { BODY_MAX = 4 << 20, PART_BYTES = 65536 };

/* All that comes until the connection ends; NULL: it does not end in time, or is too much. */
static char *read_all(int fd, int64_t until_ms)
{
	char *text = NULL;
	size_t len = 0;
	ssize_t got;

	do {
		text = memory_grown(text, len + PART_BYTES + 1);
		got = connection_wait(fd, POLLIN, until_ms) ? recv(fd, text + len, PART_BYTES, 0)
							    : -1;
		len += got > 0 ? (size_t)got : 0;
	} while (got > 0 && len < BODY_MAX && clock_ms() < until_ms);
	text[len] = '\0';
	if (got == 0)
		return text;
	free(text);
	return NULL;
}

char *http_get(const char *address, const char *path, unsigned int timeout_ms)
{
	/* HTTP/1.0: the body ends with the connection, and is in one piece. */
	char *request = text_new("GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", path);
	const int64_t until_ms = clock_ms() + timeout_ms;
	char host[256], reason[256], *answer = NULL, *body = NULL;
	const char *port;
	int fd = address_split(address, host, sizeof(host), &port)
		     ? -1
		     : connection_open(host, port, until_ms, reason, sizeof(reason));

	/* A few bytes, which the socket's buffer takes. */
	if (fd >= 0 && send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request))
		answer = read_all(fd, until_ms);
	if (answer && strncmp(answer, "HTTP/1.", 7) == 0 && strncmp(answer + 8, " 200", 4) == 0)
		body = strstr(answer, "\r\n\r\n");
	body = body ? text_new("%s", body + 4) : NULL;
	if (fd >= 0)
		close(fd);
	free(answer);
	free(request);
	return body;
}
