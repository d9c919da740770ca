/* SPDX-License-Identifier: MIT */
/* One GET of the health port: plain HTTP, for which client.h is not made. */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/files.h"
#include "verify/live.h"

enum { BODY_MAX = 4 << 20 };

static int connect_to(const char *address)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	const struct timeval patience = {.tv_sec = 10};
	const char *colon = strrchr(address, ':');
	char *host = text_new("%.*s", (int)(colon - address), address);
	struct addrinfo *found = NULL;
	int fd = -1;

	if (getaddrinfo(host, colon + 1, &hints, &found) == 0) {
		fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0) {
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
			setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		}
		if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
		freeaddrinfo(found);
	}
	free(host);
	return fd;
}

static char *read_all(int fd)
{
	char *text = NULL;
	size_t len = 0;
	ssize_t got;

	do {
		text = memory_grown(text, len + 65536);
		got = recv(fd, text + len, 65535, 0);
		len += got > 0 ? (size_t)got : 0;
	} while (got > 0 && len < BODY_MAX);
	text[len] = '\0';
	return text;
}

char *http_get(const char *address, const char *path)
{
	/* HTTP/1.0: the body ends with the connection, and is in one piece. */
	char *request = text_new("GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", path);
	int fd = connect_to(address);
	char *answer = NULL, *body = NULL;

	if (fd >= 0 && send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request))
		answer = read_all(fd);
	if (answer && strncmp(answer, "HTTP/1.", 7) == 0 && strncmp(answer + 8, " 200", 4) == 0)
		body = strstr(answer, "\r\n\r\n");
	body = body ? text_new("%s", body + 4) : NULL;
	if (fd >= 0)
		close(fd);
	free(answer);
	free(request);
	return body;
}
