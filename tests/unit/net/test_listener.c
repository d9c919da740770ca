/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/listener.h"

static bool has_no_v6;         /* this kernel */
static int accept_error, left; /* the errno of so many calls of accept4() */

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
int __real_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);

int __wrap_socket(int domain, int type, int protocol)
{
	if (!has_no_v6 || domain != AF_INET6)
		return __real_socket(domain, type, protocol);
	errno = EAFNOSUPPORT;
	return -1;
}

int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	if (left == 0)
		return __real_accept4(fd, address, length, flags);
	left--;
	errno = accept_error;
	return -1;
}

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

/* All addresses are of both families, or of the one that there is; a given one has to be there. */
static void listens_on_all_addresses_without_ipv6(void **state)
{
	struct sockaddr_storage address;
	struct awh_error error = {0};
	struct awh_listener *listener;

	(void)state;
	for (int i = 0; i < 2; i++) {
		has_no_v6 = i == 1;
		assert_true(awh_address_parse(":0", &address));
		listener = awh_listener_new(&address, &error);
		assert_non_null(listener);
		close(connect_to(awh_listener_port(listener)));
		awh_listener_free(listener);
	}
	assert_true(awh_address_parse("[::1]:0", &address));
	assert_null(awh_listener_new(&address, &error));
	has_no_v6 = false;
	assert_int_equal(error.code, ADMWH_E_LISTEN);
	assert_non_null(strstr(error.text, "[::1]:0"));
}

struct fixture {
	struct awh_loop *loop;
	struct awh_listener *listener;
	int accepted;
	int wanted;
	int failed; /* the errno of the last failure, 0 for none */
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
	struct fixture *fixture = userdata;

	fixture->failed = error;
}

/* Make so many connections, and wait until all of them were handed on. */
static void hand_on(struct fixture *fixture, int wanted)
{
	struct sockaddr_storage address = loopback(0);
	struct awh_error error = {0};
	int fds[20];

	*fixture = (struct fixture){.wanted = wanted, .finish.run = finish};
	fixture->loop = awh_loop_new(&error);
	fixture->listener = awh_listener_new(&address, &error);
	assert_int_equal(awh_listener_start(fixture->listener, fixture->loop, accept_one,
					    accept_failed, fixture),
			 0);
	for (int i = 0; i < wanted; i++)
		fds[i] = connect_to(awh_listener_port(fixture->listener));
	assert_int_equal(awh_loop_start(fixture->loop, NULL, &error), 0);
	awh_loop_join(fixture->loop);
	assert_int_equal(fixture->accepted, wanted);
	for (int i = 0; i < wanted; i++)
		close(fds[i]);
	awh_loop_free(fixture->loop);
}

static void hands_on_every_connection(void **state)
{
	struct fixture fixture;

	(void)state;
	hand_on(&fixture, 20);
	assert_int_equal(fixture.failed, 0);
}

/* accept(2): such an error is that of one connection, and the next may be good. */
static void goes_on_behind_a_connection_that_is_gone(void **state)
{
	static const int errors[] = {ECONNABORTED, EPROTO,    ENETDOWN,    EHOSTUNREACH,
				     ENETUNREACH,  EHOSTDOWN, ENOPROTOOPT, EOPNOTSUPP,
				     EPERM,        EINTR};
	struct fixture fixture;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		accept_error = errors[i];
		left = 3;
		hand_on(&fixture, 2);
		assert_int_equal(fixture.failed, 0);
		assert_int_equal(left, 0);
	}
}

static void tries_again_after_a_want_of_descriptors(void **state)
{
	static const int errors[] = {EMFILE, ENFILE, ENOMEM, ENOBUFS};
	struct fixture fixture;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		accept_error = errors[i];
		left = 1;
		hand_on(&fixture, 2);
		assert_int_equal(fixture.failed, errors[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_addresses_as_people_do),
	    cmocka_unit_test(says_which_address_is_taken),
	    cmocka_unit_test(listens_on_all_addresses_without_ipv6),
	    cmocka_unit_test(hands_on_every_connection),
	    cmocka_unit_test(goes_on_behind_a_connection_that_is_gone),
	    cmocka_unit_test(tries_again_after_a_want_of_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
