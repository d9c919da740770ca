/* SPDX-License-Identifier: MIT */
/* What is read ahead of TLS, from a socket and from a stand-in of recv() that fails. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tls/ahead.h"

static int error_number, times; /* the errno of so many calls; then of none */
static unsigned int calls;
static size_t asked; /* bytes, by the last call */
static bool no_memory;

ssize_t __real_recv(int fd, void *data, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t size, int flags);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

ssize_t __wrap_recv(int fd, void *data, size_t size, int flags)
{
	calls++;
	asked = size;
	if (times > 0) {
		times--;
		errno = error_number;
		return -1;
	}
	return __real_recv(fd, data, size, flags);
}

void *__wrap_malloc(size_t size)
{
	return no_memory ? NULL : __real_malloc(size);
}

struct fixture {
	struct awh_ahead ahead;
	struct awh_tls_buffer buffer;
	int fds[2]; /* the reader's, the sender's */
	char sent[200 * 1024];
	char taken[200 * 1024];
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	int size = 1 << 20;

	*state = fixture;
	times = 0;
	calls = 0;
	no_memory = false;
	if (!fixture || socketpair(AF_UNIX, SOCK_STREAM, 0, fixture->fds))
		return -1;
	if (setsockopt(fixture->fds[1], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) &&
	    setsockopt(fixture->fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)))
		return -1;
	for (size_t i = 0; i < sizeof(fixture->sent); i++)
		fixture->sent[i] = (char)(i * 7 >> 3);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	awh_ahead_drop(&fixture->ahead);
	awh_tls_buffer_deinit(&fixture->buffer);
	close(fixture->fds[0]);
	close(fixture->fds[1]);
	free(fixture);
	return 0;
}

static void send_bytes(struct fixture *fixture, size_t at, size_t len)
{
	assert_int_equal(send(fixture->fds[1], fixture->sent + at, len, 0), len);
}

static ssize_t take(struct fixture *fixture, size_t at, size_t want)
{
	return awh_ahead_take(&fixture->ahead, fixture->fds[0], fixture->taken + at, want,
			      AWH_AHEAD_MOST);
}

static void takes_pieces_from_one_read(void **state)
{
	static const size_t pieces[] = {5, 600, 5, 300, 5, 85};
	struct fixture *fixture = *state;
	size_t at = 0;

	send_bytes(fixture, 0, 1000);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		assert_int_equal(take(fixture, at, pieces[i]), pieces[i]);
		at += pieces[i];
		assert_int_equal(awh_ahead_len(&fixture->ahead), 1000 - at);
		assert_true(fixture->ahead.emptied);
	}
	assert_int_equal(calls, 1);
	assert_memory_equal(fixture->taken, fixture->sent, 1000);
}

static void takes_what_there_is_before_it_reads_again(void **state)
{
	struct fixture *fixture = *state;

	send_bytes(fixture, 0, 8);
	assert_int_equal(take(fixture, 0, 5), 5);
	send_bytes(fixture, 8, 8);
	assert_int_equal(take(fixture, 5, 100), 3);
	assert_int_equal(take(fixture, 8, 100), 8);
	assert_memory_equal(fixture->taken, fixture->sent, 16);
}

static void tells_an_end_behind_the_bytes_before_it(void **state)
{
	struct fixture *fixture = *state;

	send_bytes(fixture, 0, 7);
	shutdown(fixture->fds[1], SHUT_WR);
	assert_int_equal(take(fixture, 0, 5), 5);
	assert_int_equal(take(fixture, 5, 5), 2);
	assert_int_equal(take(fixture, 7, 5), 0);
	assert_int_equal(take(fixture, 7, 5), 0);
}

static void tells_an_error_behind_the_bytes_before_it(void **state)
{
	static const int errors[] = {EAGAIN, ECONNRESET, EIO, ENOMEM};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		send_bytes(fixture, 0, 7);
		assert_int_equal(take(fixture, 0, 5), 5);
		error_number = errors[i];
		times = 1;
		assert_int_equal(take(fixture, 5, 5), 2);
		assert_int_equal(times, 1);
		assert_int_equal(take(fixture, 7, 5), -1);
		assert_int_equal(errno, errors[i]);
		assert_false(fixture->ahead.emptied);
		assert_null(fixture->ahead.data);
	}
}

static void reads_again_after_a_signal(void **state)
{
	struct fixture *fixture = *state;

	send_bytes(fixture, 0, 5);
	error_number = EINTR;
	times = 3;
	assert_int_equal(take(fixture, 0, 5), 5);
	assert_int_equal(calls, 4);
}

/* Those that send much are read further ahead, and never past what a call may take. */
static void reads_far_ahead_only_where_much_comes(void **state)
{
	struct fixture *fixture = *state;
	const size_t len = sizeof(fixture->sent);
	size_t at = 0;

	send_bytes(fixture, 0, len);
	while (at < len) {
		ssize_t got = take(fixture, at, at % 3 ? 5 : 16384);

		assert_true(got > 0);
		assert_int_equal(asked, calls == 1 ? AWH_AHEAD_FIRST : AWH_AHEAD_MOST);
		at += (size_t)got;
	}
	assert_int_equal(calls, 1 + (len - AWH_AHEAD_FIRST + AWH_AHEAD_MOST - 1) / AWH_AHEAD_MOST);
	assert_memory_equal(fixture->taken, fixture->sent, len);

	send_bytes(fixture, 0, 10);
	assert_int_equal(take(fixture, 0, 10), 10);
	send_bytes(fixture, 0, 10);
	assert_int_equal(take(fixture, 0, 10), 10);
	assert_int_equal(asked, AWH_AHEAD_FIRST);

	send_bytes(fixture, 0, 300);
	assert_int_equal(awh_ahead_take(&fixture->ahead, fixture->fds[0], fixture->taken, 5, 200),
			 5);
	assert_int_equal(asked, 200);
	assert_int_equal(awh_ahead_len(&fixture->ahead), 195);
}

/* The memory goes from one connection to the next, and none has it that waits for its client. */
static void keeps_no_memory_when_nothing_is_buffered(void **state)
{
	struct fixture *fixture = *state;
	struct awh_ahead other = {.buffer = &fixture->buffer};
	const void *memory;

	fixture->ahead.buffer = &fixture->buffer;
	send_bytes(fixture, 0, 10);
	assert_int_equal(take(fixture, 0, 5), 5);
	memory = fixture->ahead.data;
	assert_non_null(memory);
	assert_null(fixture->buffer.spare);
	assert_int_equal(take(fixture, 5, 5), 5);
	assert_null(fixture->ahead.data);
	assert_ptr_equal(fixture->buffer.spare, memory);

	times = 1;
	error_number = EAGAIN;
	assert_int_equal(take(fixture, 0, 5), -1);
	assert_ptr_equal(fixture->buffer.spare, memory);

	send_bytes(fixture, 0, 10);
	assert_int_equal(awh_ahead_take(&other, fixture->fds[0], fixture->taken, 5, AWH_AHEAD_MOST),
			 5);
	assert_ptr_equal(other.data, memory);
	send_bytes(fixture, 0, 10);
	assert_int_equal(take(fixture, 0, 5), 5);
	assert_ptr_not_equal(fixture->ahead.data, memory);
	awh_ahead_drop(&other);
	assert_int_equal(awh_ahead_len(&other), 0);
	assert_ptr_equal(fixture->buffer.spare, memory);
}

static void reads_without_a_buffer_when_memory_runs_out(void **state)
{
	struct fixture *fixture = *state;

	send_bytes(fixture, 0, 12);
	no_memory = true;
	assert_int_equal(take(fixture, 0, 5), 5);
	assert_false(fixture->ahead.emptied);
	assert_int_equal(take(fixture, 5, 20), 7);
	assert_true(fixture->ahead.emptied);
	no_memory = false;
	assert_memory_equal(fixture->taken, fixture->sent, 12);
	assert_int_equal(awh_ahead_len(&fixture->ahead), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(takes_pieces_from_one_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(takes_what_there_is_before_it_reads_again, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(tells_an_end_behind_the_bytes_before_it, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(tells_an_error_behind_the_bytes_before_it, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(reads_again_after_a_signal, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(reads_far_ahead_only_where_much_comes, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(keeps_no_memory_when_nothing_is_buffered, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(reads_without_a_buffer_when_memory_runs_out, set_up,
					    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
