/* SPDX-License-Identifier: MIT */
/* A connection without TLS: what it makes of its socket. TLS is tests/unit/tls. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "conn/stream.h"

static int error_number, left; /* the errno of so many calls */

ssize_t __real_recv(int fd, void *data, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t size, int flags);
ssize_t __real_send(int fd, const void *data, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t size, int flags);

static bool fails(void)
{
	if (left == 0)
		return false;
	left--;
	errno = error_number;
	return true;
}

ssize_t __wrap_recv(int fd, void *data, size_t size, int flags)
{
	return fails() ? -1 : __real_recv(fd, data, size, flags);
}

ssize_t __wrap_send(int fd, const void *data, size_t size, int flags)
{
	return fails() ? -1 : __real_send(fd, data, size, flags);
}

struct fixture {
	struct awh_stream stream;
	int fds[2];
};

static int set_up(void **state)
{
	static struct fixture fixture;

	left = 0;
	*state = &fixture;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fixture.fds))
		return -1;
	awh_stream_init_plain(&fixture.stream, fixture.fds[0]);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	awh_stream_deinit(&fixture->stream);
	close(fixture->fds[0]);
	close(fixture->fds[1]);
	return 0;
}

static void needs_no_handshake_and_proves_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct awh_error error;

	assert_int_equal(awh_stream_handshake(&fixture->stream, &error), 0);
	awh_stream_remember_path(&fixture->stream);
	assert_int_equal(awh_stream_peer(&fixture->stream)->proof, AWH_PROOF_NONE);
	assert_int_equal(awh_stream_pending(&fixture->stream), 0);
	assert_false(awh_stream_is_plain_http(&fixture->stream));
}

static void reads_and_writes(void **state)
{
	struct fixture *fixture = *state;
	char room[8];
	size_t n;

	assert_true(awh_stream_is_silent(&fixture->stream));
	assert_int_equal(awh_stream_read(&fixture->stream, room, sizeof(room), &n),
			 AWH_TLS_WANT_READ);
	assert_true(awh_stream_is_silent(&fixture->stream));
	assert_int_equal(write(fixture->fds[1], "abc", 3), 3);
	assert_int_equal(awh_stream_read(&fixture->stream, room, sizeof(room), &n), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(room, "abc", 3);
	assert_false(awh_stream_is_silent(&fixture->stream));
	assert_int_equal(awh_stream_write(&fixture->stream, "defg", 4, &n), 0);
	assert_int_equal(n, 4);
	assert_int_equal(read(fixture->fds[1], room, sizeof(room)), 4);
	awh_stream_close(&fixture->stream);
	assert_int_equal(read(fixture->fds[1], room, sizeof(room)), 0);
	/* Its own side is closed, the client's is not. */
	assert_int_equal(awh_stream_write(&fixture->stream, "x", 1, &n), ADMWH_E_WRITE);
	assert_int_equal(awh_stream_read(&fixture->stream, room, sizeof(room), &n),
			 AWH_TLS_WANT_READ);
}

/* EINTR is no result: the call is made again. */
static void tells_what_the_socket_said(void **state)
{
	static const struct {
		int error_number;
		int read, written;
		size_t n_read;
	} cases[] = {
	    {EAGAIN, AWH_TLS_WANT_READ, AWH_TLS_WANT_WRITE, 0},
	    {EINTR, 0, 0, 1},
	    {ECONNRESET, 0, ADMWH_E_WRITE, 0}, /* the end */
	    {EPIPE, 0, ADMWH_E_WRITE, 0},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t n = 0;
		char byte;

		error_number = cases[i].error_number;
		left = 2 - (error_number != EINTR);
		assert_int_equal(awh_stream_write(&fixture->stream, "x", 1, &n), cases[i].written);
		assert_int_equal(write(fixture->fds[1], "y", 1), 1);
		n = 0;
		left = 2 - (error_number != EINTR);
		assert_int_equal(awh_stream_read(&fixture->stream, &byte, 1, &n), cases[i].read);
		assert_int_equal(n, cases[i].n_read);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(needs_no_handshake_and_proves_nothing, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(reads_and_writes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(tells_what_the_socket_said, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
