/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/files.h"
#include "verify/live.h"

/* A server of one connection: what it sends, and whether bytes without an end follow. */
struct server {
	int fd;
	char *address;
	const char *answer;
	bool is_endless;
	pthread_t thread;
};

static void drip(int fd)
{
	const struct timespec moment = {.tv_nsec = 10000000};

	while (send(fd, "x", 1, MSG_NOSIGNAL) == 1)
		nanosleep(&moment, NULL);
}

static void *serve(void *context)
{
	const struct server *server = context;
	int fd = accept(server->fd, NULL, NULL);
	char request[1024];

	if (fd >= 0 && recv(fd, request, sizeof(request), 0) > 0 &&
	    send(fd, server->answer, strlen(server->answer), MSG_NOSIGNAL) >= 0 &&
	    server->is_endless)
		drip(fd);
	close(fd);
	return NULL;
}

static void server_start(struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	server->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(server->fd, 1), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
	server->address = text_new("127.0.0.1:%u", ntohs(address.sin_port));
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_stop(struct server *server)
{
	pthread_join(server->thread, NULL);
	close(server->fd);
	free(server->address);
}

static void gives_the_body_of_200_alone(void **state)
{
	static const struct {
		const char *answer, *body;
	} cases[] = {
	    {"HTTP/1.1 200 OK\r\n\r\na 1\n", "a 1\n"},
	    {"HTTP/1.0 200 OK\r\nA: b\r\n\r\n", ""},
	    {"HTTP/1.1 404 Not Found\r\n\r\na 1\n", NULL},
	    {"HTTP/1.1 200 OK\r\nA: b\r\n", NULL},
	    {"nothing", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct server server = {.answer = cases[i].answer};
		char *body;

		server_start(&server);
		body = http_get(server.address, "/metrics", 10000);
		if (cases[i].body)
			assert_string_equal(body, cases[i].body);
		else
			assert_null(body);
		free(body);
		server_stop(&server);
	}
}

static void waits_for_no_answer_without_an_end(void **state)
{
	struct server server = {.answer = "HTTP/1.1 200 OK\r\n\r\n", .is_endless = true};
	int64_t begin = clock_ms();

	(void)state;
	server_start(&server);
	assert_null(http_get(server.address, "/metrics", 200));
	assert_true(clock_ms() - begin >= 200);
	server_stop(&server);
}

static void asks_no_address_that_is_none(void **state)
{
	static const char *const addresses[] = {"",           ":",           ":80",  "a",
						"127.0.0.1:", "127.0.0.1:0", "[]:80"};

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		assert_null(http_get(addresses[i], "/metrics", 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_the_body_of_200_alone),
	    cmocka_unit_test(waits_for_no_answer_without_an_end),
	    cmocka_unit_test(asks_no_address_that_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
