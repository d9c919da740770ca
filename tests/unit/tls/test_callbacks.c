/* SPDX-License-Identifier: MIT */
/* The callbacks of a session, called as wolfSSL calls them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pair.h"
#include "tls/session.h"
#include "tls/verify.h"

enum { OVERHEAD_BYTES = 32 * 1024 };

/* Bytes that lie in the socket of a session. */
static void put_bytes(int fd, const char *bytes, size_t len)
{
	if (len > 0)
		assert_int_equal(send(fd, bytes, len, 0), len);
}

static void reads_within_its_budgets(void **state)
{
	static const struct {
		bool done;
		size_t call, handshake, overhead;
		int size;
		int result;
		size_t call_after, handshake_after, overhead_after;
	} cases[] = {
	    /* of ten bytes */
	    {false, 100, 100, 0, 50, 10, 90, 90, 0},
	    {false, 100, 100, 0, 4, 4, 96, 96, 0},
	    {false, 3, 100, 0, 50, 3, 0, 97, 0},
	    {false, 100, 5, 0, 50, 5, 95, 0, 0},
	    {false, 3, 5, 0, 50, 3, 0, 2, 0},
	    {false, 0, 100, 0, 50, WOLFSSL_CBIO_ERR_WANT_READ, 0, 100, 0},
	    {false, 100, 0, 0, 50, WOLFSSL_CBIO_ERR_GENERAL, 100, 0, 0},
	    {false, 100, 1, 0, 50, 1, 99, 0, 0},
	    {false, 100, 100, 0, 0, WOLFSSL_CBIO_ERR_WANT_READ, 100, 100, 0},
	    {false, 100, 100, 0, -1, WOLFSSL_CBIO_ERR_WANT_READ, 100, 100, 0},
	    {false, 100, 100, OVERHEAD_BYTES + 1, 50, 10, 90, 90, OVERHEAD_BYTES + 1},
	    {true, 100, 0, 0, 50, 10, 90, 0, 10},
	    {true, 100, 4, 0, 50, 10, 90, 4, 10},
	    {true, 3, 100, 7, 50, 3, 0, 100, 10},
	    {true, 100, 0, OVERHEAD_BYTES, 50, 10, 90, 0, OVERHEAD_BYTES + 10},
	    {true, 100, 0, OVERHEAD_BYTES + 1, 50, WOLFSSL_CBIO_ERR_GENERAL, 100, 0,
	     OVERHEAD_BYTES + 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_tls_session session = {.done = cases[i].done,
						  .call_budget = cases[i].call,
						  .handshake_budget = cases[i].handshake,
						  .overhead = cases[i].overhead};
		char buf[64];
		int fds[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
		session.fd = fds[0];
		put_bytes(fds[1], "\x16\x03\x01\x00\x40\x01\x00\x00\x3c\x03", 10);
		if (awh_session_receive(NULL, buf, cases[i].size, &session) != cases[i].result)
			fail_msg("case %zu", i);
		assert_int_equal(session.call_budget, cases[i].call_after);
		assert_int_equal(session.handshake_budget, cases[i].handshake_after);
		assert_int_equal(session.overhead, cases[i].overhead_after);
		awh_ahead_drop(&session.ahead);
		close(fds[0]);
		close(fds[1]);
	}
}

static void knows_http_by_the_first_bytes_of_a_connection(void **state)
{
	static const struct {
		const char *bytes;
		size_t before; /* bytes of the handshake that came before */
		bool done, is_http;
	} cases[] = {
	    {"GET / HTTP/1.1\r\n", 0, false, true},
	    {"GET ", 0, false, true},
	    {"GET", 0, false, false},
	    {"get ", 0, false, false},
	    {"POST /validate HTTP/1.1\r\n", 0, false, true},
	    {"POST", 0, false, true},
	    {"POSTS", 0, false, false},
	    {"HEAD ", 0, false, true},
	    {"PUT ", 0, false, true},
	    {"PATCH", 0, false, true},
	    {"DELETE", 0, false, true},
	    {"OPTIONS", 0, false, true},
	    {"PRI * HTTP/2.0\r\n", 0, false, true},
	    {"PRI ", 0, false, true},
	    {"PRI - HTTP/2.0\r\n", 0, false, false},
	    {"\x16\x03\x01\x00\x40", 0, false, false},
	    {"GET / HTTP/1.1\r\n", 1, false, false},
	    {"GET / HTTP/1.1\r\n", 0, true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_tls_session session = {.done = cases[i].done,
						  .call_budget = 100,
						  .handshake_budget =
						      AWH_HANDSHAKE_BYTES - cases[i].before};
		char buf[64];
		int fds[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
		session.fd = fds[0];
		put_bytes(fds[1], cases[i].bytes, strlen(cases[i].bytes));
		assert_true(awh_session_receive(NULL, buf, sizeof(buf), &session) > 0);
		if (session.plain_http != cases[i].is_http)
			fail_msg("%s: %d", cases[i].bytes, session.plain_http);
		close(fds[0]);
		close(fds[1]);
	}
}

static void tells_what_a_socket_says(void **state)
{
	struct awh_tls_session session = {.call_budget = 100, .handshake_budget = 100};
	char buf[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	session.fd = fds[0];
	assert_int_equal(awh_session_receive(NULL, buf, 8, &session), WOLFSSL_CBIO_ERR_WANT_READ);
	assert_int_equal(awh_session_send(NULL, buf, 8, &session), 8);
	assert_int_equal(awh_session_send(NULL, buf, 0, &session), 0);
	while (send(fds[0], buf, sizeof(buf), 0) > 0)
		;
	assert_int_equal(awh_session_send(NULL, buf, 8, &session), WOLFSSL_CBIO_ERR_WANT_WRITE);
	close(fds[1]); /* with bytes unread */
	assert_int_equal(awh_session_receive(NULL, buf, 8, &session), WOLFSSL_CBIO_ERR_CONN_RST);
	assert_int_equal(awh_session_receive(NULL, buf, 8, &session), WOLFSSL_CBIO_ERR_CONN_CLOSE);
	assert_int_equal(awh_session_send(NULL, buf, 8, &session), WOLFSSL_CBIO_ERR_CONN_RST);
	close(fds[0]);
	session.fd = -1;
	assert_int_equal(awh_session_receive(NULL, buf, 8, &session), WOLFSSL_CBIO_ERR_GENERAL);
	assert_int_equal(awh_session_send(NULL, buf, 8, &session), WOLFSSL_CBIO_ERR_GENERAL);
	assert_int_equal(session.call_budget, 100);
}

/* What the callback of verification makes of a list of certificates that are none. */
static void hold_chain_to_limits(size_t n, size_t bytes, enum awh_chain_limit limit,
				 const char *reason)
{
	static byte data[AWH_CHAIN_BYTES + 1];
	WOLFSSL_BUFFER_INFO certs[AWH_CHAIN_MAX + 1];
	struct awh_tls_context context = {.auth = AWH_TLS_AUTH_REQUEST};
	struct awh_tls_session session = {.context = &context, .peer = awh_peer_new()};
	WOLFSSL_X509_STORE_CTX store = {
	    .userCtx = &session, .certs = certs, .totalCerts = (int)n, .error_depth = 1};

	assert_non_null(session.peer);
	for (size_t i = 0; i < n; i++)
		certs[i] = (WOLFSSL_BUFFER_INFO){data, (unsigned int)(bytes / n)};
	certs[0].length += (unsigned int)(bytes % n);
	assert_int_equal(awh_session_verify(1, &store), 1);
	assert_true(session.presented);
	assert_int_equal(session.peer->limit, limit);
	assert_int_equal(session.peer->proof, AWH_PROOF_UNFIT);
	assert_string_equal(session.peer->reason, reason);
	awh_peer_unref(session.peer);
}

static void holds_chains_to_their_limits(void **state)
{
	static const char malformed[] = "malformed certificate";

	(void)state;
	hold_chain_to_limits(1, 100, AWH_CHAIN_LIMIT_NONE, malformed);
	hold_chain_to_limits(AWH_CHAIN_MAX, 100, AWH_CHAIN_LIMIT_NONE, malformed);
	hold_chain_to_limits(AWH_CHAIN_MAX + 1, 100, AWH_CHAIN_LIMIT_CERTIFICATES,
			     "too many certificates in the client's chain");
	hold_chain_to_limits(1, AWH_CHAIN_BYTES, AWH_CHAIN_LIMIT_NONE, malformed);
	hold_chain_to_limits(3, AWH_CHAIN_BYTES, AWH_CHAIN_LIMIT_NONE, malformed);
	hold_chain_to_limits(1, AWH_CHAIN_BYTES + 1, AWH_CHAIN_LIMIT_BYTES,
			     "the client's chain is too large");
	hold_chain_to_limits(3, AWH_CHAIN_BYTES + 1, AWH_CHAIN_LIMIT_BYTES,
			     "the client's chain is too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_within_its_budgets),
	    cmocka_unit_test(knows_http_by_the_first_bytes_of_a_connection),
	    cmocka_unit_test(tells_what_a_socket_says),
	    cmocka_unit_test(holds_chains_to_their_limits),
	};

	return cmocka_run_group_tests_name("callbacks", tests, start_wolfssl, NULL);
}
