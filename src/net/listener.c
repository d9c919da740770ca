/* SPDX-License-Identifier: MIT */
#include "net/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BACKLOG = 1024,
	ACCEPTS = 64,     /* at once, so that the loop's other work is not delayed */
	BACK_OFF_MS = 50, /* how long to leave the queue alone when there is no descriptor */
	TURN_MS = 5,      /* how long to leave it to other processes */
};

struct awh_listener {
	int fd;
	uint16_t port;
	struct awh_watch *watch;
	awh_accepted_fn *accepted;
	awh_accept_failed_fn *failed;
	awh_turn_fn *turn; /* NULL: no other process listens */
	bool waits;        /* for other processes to accept */
	void *userdata;
};

static int open_socket(const struct sockaddr_storage *address)
{
	const int on = 1, off = 0;
	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, (const struct sockaddr *)address, awh_address_length(address)) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

struct awh_listener *awh_listener_new(const struct sockaddr_storage *address,
				      struct awh_error *error)
{
	struct awh_listener *listener = calloc(1, sizeof(*listener));
	struct sockaddr_storage bound;
	socklen_t length = sizeof(bound);
	char text[AWH_ADDRESS_TEXT];

	if (!listener) {
		awh_fail(error, ADMWH_E_NOMEM, "out of memory");
		return NULL;
	}
	listener->fd = open_socket(address);
	if (listener->fd < 0 && errno == EAFNOSUPPORT && awh_address_is_any(address))
		listener->fd = open_socket(awh_address_any_v4(address, &bound));
	if (listener->fd < 0) {
		awh_address_text(address, text, sizeof(text));
		awh_fail(error, ADMWH_E_LISTEN, "cannot listen on %s: %s", text, strerror(errno));
		free(listener);
		return NULL;
	}
	if (getsockname(listener->fd, (struct sockaddr *)&bound, &length) == 0)
		listener->port = awh_address_port(&bound);
	return listener;
}

/* The connection that was to be accepted is gone; the next one may be good. */
static bool is_its_own(int err)
{
	return err == ECONNABORTED || err == EPROTO || err == EINTR || err == EPERM ||
	       err == ENETDOWN || err == ENETUNREACH || err == EHOSTDOWN || err == EHOSTUNREACH ||
	       err == ENOPROTOOPT || err == EOPNOTSUPP;
}

/* Out of descriptors or memory: connections stay in the kernel's queue for a moment. */
static void back_off(struct awh_listener *listener, int err)
{
	listener->failed(listener->userdata, err);
	awh_watch_for(listener->watch, 0);
	awh_watch_timer(listener->watch, BACK_OFF_MS);
}

static bool is_others_turn(struct awh_listener *listener)
{
	if (!listener->turn || listener->turn(listener->userdata))
		return false;
	listener->waits = true;
	awh_watch_for(listener->watch, 0);
	awh_watch_timer(listener->watch, TURN_MS);
	return true;
}

/* Whether there may be more. has_waited: the first one is taken in any case. */
static bool accept_some(struct awh_listener *listener, bool has_waited)
{
	struct sockaddr_storage address;
	const int on = 1;

	/* The watch reports again what is left. */
	for (int i = 0; i < ACCEPTS; i++) {
		socklen_t length = sizeof(address);
		int fd;

		if (!has_waited && is_others_turn(listener))
			return false;
		has_waited = false;
		fd = accept4(listener->fd, (struct sockaddr *)&address, &length,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && is_its_own(errno))
			continue;
		if (fd < 0) {
			if (errno != EAGAIN)
				back_off(listener, errno);
			return false;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		if (!listener->accepted(listener->userdata, fd, &address)) {
			awh_watch_for(listener->watch, 0);
			awh_watch_timer(listener->watch, -1); /* no back-off ends this pause */
			return false;
		}
	}
	return true;
}

void awh_listener_resume(struct awh_listener *listener)
{
	awh_watch_for(listener->watch, AWH_READABLE);
}

void awh_listener_finish(struct awh_listener *listener)
{
	int rounds = BACKLOG / ACCEPTS; /* of new ones there is no end */

	listener->turn = NULL;
	while (rounds-- > 0 && accept_some(listener, false))
		;
	awh_watch_for(listener->watch, 0);
}

static void on_watch(void *userdata, unsigned int happened)
{
	struct awh_listener *listener = userdata;

	bool has_waited = listener->waits && (happened & AWH_TIME_UP);

	if (happened & AWH_TIME_UP) {
		listener->waits = false;
		awh_listener_resume(listener);
	}
	if (has_waited || !(happened & AWH_TIME_UP))
		accept_some(listener, has_waited);
}

void awh_listener_set_turn(struct awh_listener *listener, awh_turn_fn *turn)
{
	listener->turn = turn;
}

int awh_listener_start(struct awh_listener *listener, struct awh_loop *loop,
		       awh_accepted_fn *accepted, awh_accept_failed_fn *failed, void *userdata)
{
	listener->watch = awh_watch_new(loop, listener->fd, on_watch, listener);
	if (!listener->watch)
		return ADMWH_E_NOMEM;
	listener->accepted = accepted;
	listener->failed = failed;
	listener->userdata = userdata;
	awh_listener_resume(listener);
	return 0;
}

void awh_listener_free(struct awh_listener *listener)
{
	if (!listener)
		return;
	awh_watch_free(listener->watch);
	close(listener->fd);
	free(listener);
}

uint16_t awh_listener_port(const struct awh_listener *listener)
{
	return listener->port;
}
