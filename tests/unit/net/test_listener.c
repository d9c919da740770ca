/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/listener.h"

static struct sockaddr_storage loopback(uint16_t port)
{
	struct sockaddr_storage address = {0};
	struct sockaddr_in *v4 = (void *)&address;

	v4->sin_family = AF_INET;
	v4->sin_port = htons(port);
	v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static int connect_to(uint16_t port)
{
	struct sockaddr_storage address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(struct sockaddr_in)), 0);
	return fd;
}

static void writes_addresses_as_people_do(void **state)
{
	struct sockaddr_storage address = loopback(9443);
	struct sockaddr_in6 *v6 = (void *)&address;
	char text[AWH_ADDRESS_TEXT];

	(void)state;
	awh_address_text(&address, text, sizeof(text));
	assert_string_equal(text, "127.0.0.1:9443");
	memset(&address, 0, sizeof(address));
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(1);
	assert_int_equal(inet_pton(AF_INET6, "::1", &v6->sin6_addr), 1);
	awh_address_text(&address, text, sizeof(text));
	assert_string_equal(text, "[::1]:1");
	assert_int_equal(inet_pton(AF_INET6, "::ffff:10.0.0.7", &v6->sin6_addr), 1);
	awh_address_text(&address, text, sizeof(text));
	assert_string_equal(text, "10.0.0.7:1");
}

static void says_which_address_is_taken(void **state)
{
	struct awh_error error = {0};
	struct sockaddr_storage address = loopback(0);
	struct awh_listener *first = awh_listener_new(&address, &error);

	(void)state;
	assert_non_null(first);
	address = loopback(awh_listener_port(first));
	assert_null(awh_listener_new(&address, &error));
	assert_int_equal(error.code, ADMWH_E_LISTEN);
	assert_non_null(strstr(error.text, "127.0.0.1:"));
	awh_listener_free(first);
	awh_listener_free(NULL);
}

struct fixture {
	struct awh_loop *loop;
	struct awh_listener *listener;
	int accepted;
	int wanted;
	struct awh_task finish;
};

static void finish(struct awh_task *task)
{
	struct fixture *fixture =
	    (struct fixture *)((char *)task - offsetof(struct fixture, finish));

	awh_listener_free(fixture->listener);
	awh_loop_end(fixture->loop);
}

static bool accept_one(void *userdata, int fd, const struct sockaddr_storage *address)
{
	struct fixture *fixture = userdata;

	assert_int_equal(address->ss_family, AF_INET);
	close(fd);
	if (++fixture->accepted == fixture->wanted)
		awh_loop_post(fixture->loop, &fixture->finish);
	return true;
}

static void accept_failed(void *userdata, int error)
{
	(void)userdata;
	fail_msg("accept: %s", strerror(error));
}

static void hands_on_every_connection(void **state)
{
	struct sockaddr_storage address = loopback(0);
	struct awh_error error = {0};
	struct fixture fixture = {.wanted = 20, .finish.run = finish};
	int fds[20];

	(void)state;
	fixture.loop = awh_loop_new(&error);
	fixture.listener = awh_listener_new(&address, &error);
	assert_int_equal(
	    awh_listener_start(fixture.listener, fixture.loop, accept_one, accept_failed, &fixture),
	    0);
	for (int i = 0; i < 20; i++)
		fds[i] = connect_to(awh_listener_port(fixture.listener));
	assert_int_equal(awh_loop_start(fixture.loop, NULL, &error), 0);
	awh_loop_join(fixture.loop);
	assert_int_equal(fixture.accepted, 20);
	for (int i = 0; i < 20; i++)
		close(fds[i]);
	awh_loop_free(fixture.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_addresses_as_people_do),
	    cmocka_unit_test(says_which_address_is_taken),
	    cmocka_unit_test(hands_on_every_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
