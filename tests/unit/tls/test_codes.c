/* SPDX-License-Identifier: MIT */
/*
 * What a session makes of the codes of wolfSSL and of the socket: each is
 * returned by a stand-in of the function, whether or not this machine can
 * bring it about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pair.h"
#include "tls/aead.h"
#include "tls/session.h"

static int code;                /* of wolfSSL; 0: the real functions are called */
static int returned = -1;       /* of a call that has a code */
static bool resumed;            /* wolfSSL says so of the session */
static int error_number, times; /* the errno of so many calls; then of none */
static bool makes_none;         /* wolfSSL_new() fails: error_number says why, 0 does not */

static bool no_memory;  /* malloc() fails */
static int ca_code;     /* of loading a CA; 0: the real function is called */
static int ticket_code; /* of switching tickets off; likewise */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
int __real_wolfSSL_CTX_load_verify_buffer(WOLFSSL_CTX *ctx, const unsigned char *in, long size,
					  int format);
int __wrap_wolfSSL_CTX_load_verify_buffer(WOLFSSL_CTX *ctx, const unsigned char *in, long size,
					  int format);
int __real_wolfSSL_CTX_no_ticket_TLSv13(WOLFSSL_CTX *ctx);
int __wrap_wolfSSL_CTX_no_ticket_TLSv13(WOLFSSL_CTX *ctx);
WOLFSSL *__real_wolfSSL_new(WOLFSSL_CTX *ctx);
WOLFSSL *__wrap_wolfSSL_new(WOLFSSL_CTX *ctx);
int __real_wolfSSL_accept(WOLFSSL *ssl);
int __wrap_wolfSSL_accept(WOLFSSL *ssl);
int __real_wolfSSL_get_error(WOLFSSL *ssl, int result);
int __wrap_wolfSSL_get_error(WOLFSSL *ssl, int result);
int __real_wolfSSL_read(WOLFSSL *ssl, void *data, int size);
int __wrap_wolfSSL_read(WOLFSSL *ssl, void *data, int size);
int __real_wolfSSL_write(WOLFSSL *ssl, const void *data, int size);
int __wrap_wolfSSL_write(WOLFSSL *ssl, const void *data, int size);
int __real_wolfSSL_session_reused(WOLFSSL *ssl);
int __wrap_wolfSSL_session_reused(WOLFSSL *ssl);
ssize_t __real_recv(int fd, void *data, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t size, int flags);
ssize_t __real_send(int fd, const void *data, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t size, int flags);

void *__wrap_malloc(size_t size)
{
	return no_memory ? NULL : __real_malloc(size);
}

int __wrap_wolfSSL_CTX_load_verify_buffer(WOLFSSL_CTX *ctx, const unsigned char *in, long size,
					  int format)
{
	return ca_code ? ca_code : __real_wolfSSL_CTX_load_verify_buffer(ctx, in, size, format);
}

int __wrap_wolfSSL_CTX_no_ticket_TLSv13(WOLFSSL_CTX *ctx)
{
	return ticket_code ? ticket_code : __real_wolfSSL_CTX_no_ticket_TLSv13(ctx);
}

WOLFSSL *__wrap_wolfSSL_new(WOLFSSL_CTX *ctx)
{
	if (!makes_none)
		return __real_wolfSSL_new(ctx);
	if (error_number)
		errno = error_number;
	return NULL;
}

int __wrap_wolfSSL_accept(WOLFSSL *ssl)
{
	return code ? -1 : __real_wolfSSL_accept(ssl);
}

int __wrap_wolfSSL_get_error(WOLFSSL *ssl, int result)
{
	return code ? code : __real_wolfSSL_get_error(ssl, result);
}

int __wrap_wolfSSL_read(WOLFSSL *ssl, void *data, int size)
{
	return code ? returned : __real_wolfSSL_read(ssl, data, size);
}

int __wrap_wolfSSL_write(WOLFSSL *ssl, const void *data, int size)
{
	return code ? returned : __real_wolfSSL_write(ssl, data, size);
}

int __wrap_wolfSSL_session_reused(WOLFSSL *ssl)
{
	return resumed || __real_wolfSSL_session_reused(ssl);
}

static bool socket_fails(void)
{
	if (times == 0)
		return false;
	times--;
	errno = error_number;
	return true;
}

ssize_t __wrap_recv(int fd, void *data, size_t size, int flags)
{
	return socket_fails() ? -1 : __real_recv(fd, data, size, flags);
}

ssize_t __wrap_send(int fd, const void *data, size_t size, int flags)
{
	return socket_fails() ? -1 : __real_send(fd, data, size, flags);
}

struct fixture {
	struct pair_rules allowed;
	struct awh_tls_context *context;
	struct pair pair;
};

static void open_with(struct fixture *fixture)
{
	json_t *index = pki_index();
	json_t *client = pki_case(index, "clients", "good");

	pair_open(&fixture->pair, fixture->context, wolfTLSv1_3_client_method());
	assert_true(pair_use_certificate(&fixture->pair, pki_text(client, "chain"),
					 pki_text(client, "key")));
	json_decref(index);
}

static int set_up(void **state)
{
	static struct fixture fixture;
	struct awh_error error = {0};

	pair_allow_any(&fixture.allowed);
	fixture.context = make_context(AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/good.crt", NULL,
				       &fixture.allowed, &error);
	assert_non_null(fixture.context);
	open_with(&fixture);
	code = 0;
	returned = -1;
	resumed = false;
	makes_none = false;
	times = 0;
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	code = 0;
	times = 0;
	pair_close(&fixture->pair);
	awh_tls_context_unref(fixture->context);
	pair_rules_deinit(&fixture->allowed);
	return 0;
}

static void explains_why_a_handshake_failed(void **state)
{
	static const struct {
		int code;
		int err;
		const char *text; /* how it begins */
	} cases[] = {
	    {OPEN_RAN_E, ADMWH_E_IO, "no random bytes: "},
	    {READ_RAN_E, ADMWH_E_IO, "no random bytes: "},
	    {RAN_BLOCK_E, ADMWH_E_IO, "no random bytes: "},
	    {RNG_FAILURE_E, ADMWH_E_IO, "no random bytes: "},
	    {MEMORY_E, ADMWH_E_NOMEM, "out of memory"},
	    {MEMORY_ERROR, ADMWH_E_NOMEM, "out of memory"},
	    {NO_PEER_CERT, ADMWH_E_NO_CERTIFICATE, "no client certificate"},
	    {SOCKET_PEER_CLOSED_E, ADMWH_E_TLS, "closed by the peer"},
	    {WOLFSSL_ERROR_ZERO_RETURN, ADMWH_E_TLS, "closed by the peer"},
	    {ASN_NAME_INVALID_E, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {ASN_NO_SIGNER_E, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {ASN_PATHLEN_SIZE_E, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {ASN_SELF_SIGNED_E, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {ASN_PATHLEN_INV_E, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {ASN_PARSE_E + 1, ADMWH_E_TLS, ""},
	    {ASN_PARSE_E, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {ASN_NO_PEM_HEADER, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {ASN_NO_PEM_HEADER - 1, ADMWH_E_TLS, ""},
	    {ASN_AFTER_DATE_E, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {ECC_KEY_SIZE_E, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {RSA_KEY_SIZE_E, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {MAX_CHAIN_ERROR, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {NOT_CA_ERROR, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {PEER_KEY_ERROR, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {VERIFY_SIGN_ERROR, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {VERIFY_CERT_ERROR, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {SIG_VERIFY_E, ADMWH_E_UNTRUSTED, "client certificate: "},
	    {FATAL_ERROR, ADMWH_E_TLS, ""},
	    {MATCH_SUITE_ERROR, ADMWH_E_TLS, ""},
	    {VERSION_ERROR, ADMWH_E_TLS, ""},
	};
	struct fixture *fixture = *state;
	char byte;
	size_t n;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error = {0};

		code = cases[i].code;
		assert_int_equal(awh_tls_handshake(fixture->pair.server, &error), cases[i].err);
		if (strncmp(error.text, cases[i].text, strlen(cases[i].text)) != 0)
			fail_msg("%d: %s", code, error.text);
		assert_true(error.text[0]);
		/* Nothing is read from a connection whose handshake failed, nor written to it. */
		assert_int_equal(awh_tls_read(fixture->pair.server, &byte, 1, &n), ADMWH_E_TLS);
		assert_int_equal(awh_tls_write(fixture->pair.server, "x", 1, &n), ADMWH_E_WRITE);
	}
}

/* The certificate was verified: what is not the client's end says that it has not the key. */
static void takes_no_end_of_the_client_for_a_missing_proof(void **state)
{
	static const struct {
		int code;
		bool is_end;
	} cases[] = {
	    {SOCKET_ERROR_E, true},        {FATAL_ERROR, true},
	    {WOLFSSL_ERROR_SYSCALL, true}, {SOCKET_PEER_CLOSED_E, true},
	    {VERIFY_CERT_ERROR, false},    {VERIFY_FINISHED_ERROR, false},
	    {SIG_VERIFY_E, false},         {OUT_OF_ORDER_E, false},
	};
	struct fixture *fixture = *state;
	struct awh_peer *peer = awh_tls_peer(fixture->pair.server);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error = {0};

		peer->proof = AWH_PROOF_VERIFIED;
		code = cases[i].code;
		assert_int_equal(awh_tls_handshake(fixture->pair.server, &error),
				 cases[i].is_end ? ADMWH_E_TLS : ADMWH_E_UNTRUSTED);
		assert_int_equal(peer->proof,
				 cases[i].is_end ? AWH_PROOF_VERIFIED : AWH_PROOF_UNPROVED);
		assert_int_equal(strncmp(error.text, "the client did not prove ", 25) == 0,
				 !cases[i].is_end);
	}
}

static void counts_a_chain_that_is_too_long_for_wolfssl(void **state)
{
	struct fixture *fixture = *state;
	struct awh_error error = {0};

	code = MAX_CHAIN_ERROR;
	assert_int_equal(awh_tls_handshake(fixture->pair.server, &error), ADMWH_E_UNTRUSTED);
	assert_int_equal(awh_tls_peer(fixture->pair.server)->limit, AWH_CHAIN_LIMIT_CERTIFICATES);
}

static void waits_for_the_socket_as_wolfssl_says(void **state)
{
	struct fixture *fixture = *state;
	struct awh_tls_session *server = fixture->pair.server;
	struct awh_error error = {0};
	size_t n;
	char byte;

	code = WOLFSSL_ERROR_WANT_READ;
	assert_int_equal(awh_tls_handshake(server, &error), AWH_TLS_WANT_READ);
	assert_int_equal(awh_tls_read(server, &byte, 1, &n), AWH_TLS_WANT_READ);
	assert_int_equal(awh_tls_write(server, "x", 1, &n), AWH_TLS_WANT_READ);
	code = WOLFSSL_ERROR_WANT_WRITE;
	assert_int_equal(awh_tls_handshake(server, &error), AWH_TLS_WANT_WRITE);
	assert_int_equal(awh_tls_read(server, &byte, 1, &n), AWH_TLS_WANT_WRITE);
	assert_int_equal(awh_tls_write(server, "x", 1, &n), AWH_TLS_WANT_WRITE);
	assert_int_equal(error.code, 0);
	/* None of these broke it. */
	code = 0;
	pair_handshake(&fixture->pair);
	assert_int_equal(fixture->pair.status, 0);
}

static void is_broken_after_a_read_or_a_write_that_failed(void **state)
{
	struct fixture *fixture = *state;
	struct awh_tls_session *server = fixture->pair.server;
	char byte;
	size_t n;

	pair_handshake(&fixture->pair);
	assert_int_equal(fixture->pair.status, 0);
	code = SOCKET_ERROR_E; /* the client's end, abrupt */
	assert_int_equal(awh_tls_read(server, &byte, 1, &n), 0);
	assert_int_equal(n, 0);
	code = VERIFY_MAC_ERROR;
	assert_int_equal(awh_tls_write(server, "x", 1, &n), ADMWH_E_WRITE);
	code = 0;
	assert_int_equal(awh_tls_write(server, "x", 1, &n), ADMWH_E_WRITE);
	assert_int_equal(awh_tls_read(server, &byte, 1, &n), ADMWH_E_TLS);
}

static void has_nothing_pending_once_it_is_broken(void **state)
{
	struct fixture *fixture = *state;
	struct awh_tls_session *server = fixture->pair.server;
	char byte;
	size_t n;

	pair_handshake(&fixture->pair);
	assert_int_equal(wolfSSL_write(fixture->pair.client, "abcdef", 6), 6);
	assert_int_equal(awh_tls_read(server, &byte, 1, &n), 0);
	assert_int_equal(awh_tls_pending(server), 5);
	code = VERIFY_MAC_ERROR;
	assert_int_equal(awh_tls_read(server, &byte, 1, &n), ADMWH_E_TLS);
	assert_int_equal(awh_tls_pending(server), 0);
}

/* wolfSSL returns 0 as well as -1, and says why likewise. */
static void asks_why_no_byte_was_read_or_written(void **state)
{
	struct fixture *fixture = *state;
	struct awh_tls_session *server = fixture->pair.server;
	char byte;
	size_t n;

	pair_handshake(&fixture->pair);
	assert_int_equal(fixture->pair.status, 0);
	returned = 0;
	code = WOLFSSL_ERROR_WANT_READ;
	assert_int_equal(awh_tls_read(server, &byte, 1, &n), AWH_TLS_WANT_READ);
	assert_int_equal(awh_tls_write(server, "x", 1, &n), AWH_TLS_WANT_READ);
	code = VERIFY_MAC_ERROR;
	assert_int_equal(awh_tls_read(server, &byte, 1, &n), ADMWH_E_TLS);
	server->broken = false;
	assert_int_equal(awh_tls_write(server, "x", 1, &n), ADMWH_E_WRITE);
	assert_int_equal(n, 0);
}

/* A client whose CA was since removed could resume. */
static void ends_a_handshake_that_resumed_a_session(void **state)
{
	struct fixture *fixture = *state;
	char byte;
	size_t n;

	resumed = true;
	pair_handshake(&fixture->pair);
	assert_int_equal(fixture->pair.status, ADMWH_E_TLS);
	assert_string_equal(fixture->pair.error.text, "a session was resumed");
	assert_int_equal(fixture->allowed.calls, 1); /* though it was authorized */
	assert_int_equal(awh_tls_read(fixture->pair.server, &byte, 1, &n), ADMWH_E_TLS);
	assert_int_equal(awh_tls_write(fixture->pair.server, "x", 1, &n), ADMWH_E_WRITE);
	assert_int_equal(awh_tls_pending(fixture->pair.server), 0);
}

/* Whatever the callback has made of the client: a handshake that is through is looked at again. */
static void looks_once_more_at_the_end_of_a_handshake(void **state)
{
	static const struct {
		int verdict;
		bool presented;
		enum awh_proof proof;
		int err;
		const char *text;
	} cases[] = {
	    {0, true, AWH_PROOF_VERIFIED, 0, ""},
	    {ADMWH_E_REFUSED, true, AWH_PROOF_VERIFIED, ADMWH_E_REFUSED, "the verdict"},
	    {0, false, AWH_PROOF_VERIFIED, ADMWH_E_NO_CERTIFICATE, "no client certificate"},
	    {0, true, AWH_PROOF_UNFIT, ADMWH_E_UNTRUSTED, "the reason"},
	};
	struct fixture *fixture = *state;
	struct awh_tls_session *server = fixture->pair.server;

	pair_handshake(&fixture->pair);
	assert_int_equal(fixture->pair.status, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error = {0};

		awh_aead_free(server->aead);
		server->aead = NULL;
		server->verdict = cases[i].verdict;
		server->presented = cases[i].presented;
		server->peer->proof = cases[i].proof;
		strcpy(server->error.text, "the verdict");
		strcpy(server->peer->reason, "the reason");
		assert_int_equal(awh_tls_handshake(server, &error), cases[i].err);
		assert_string_equal(error.text, cases[i].text);
		assert_int_equal(server->done, cases[i].err == 0);
		assert_int_equal(server->broken, cases[i].err < 0);
		if (cases[i].err < 0)
			assert_int_equal(awh_tls_handshake(server, NULL), cases[i].err);
	}
}

static void is_silent_until_the_first_byte(void **state)
{
	struct fixture *fixture = *state;
	struct awh_tls_session *server = fixture->pair.server;
	struct awh_error error = {0};

	assert_true(awh_tls_is_silent(server));
	assert_int_equal(awh_tls_handshake(server, &error), AWH_TLS_WANT_READ);
	assert_true(awh_tls_is_silent(server));
	assert_int_equal(write(fixture->pair.fds[1], "\x16", 1), 1);
	assert_int_equal(awh_tls_handshake(server, &error), AWH_TLS_WANT_READ);
	assert_false(awh_tls_is_silent(server));
	server->done = true;
	server->handshake_budget = AWH_HANDSHAKE_BYTES;
	assert_false(awh_tls_is_silent(server));
}

/* The version takes 16 bytes, the cipher more. */
static void tells_that_a_fact_of_the_connection_has_no_room(void **state)
{
	static const struct {
		size_t room;
		int err;
	} cases[] = {{0, ADMWH_E_NOMEM}, {16, ADMWH_E_NOMEM}, {128, 0}};
	struct fixture *fixture = *state;
	struct awh_tls_session *server = fixture->pair.server;
	struct awh_arena *arena = &server->peer->arena;

	pair_handshake(&fixture->pair);
	assert_int_equal(fixture->pair.status, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error = {0};
		int err;

		awh_aead_free(server->aead);
		server->aead = NULL;
		assert_non_null(awh_arena_alloc(arena, arena->block - cases[i].room));
		no_memory = true;
		err = awh_tls_handshake(server, &error);
		no_memory = false;
		assert_int_equal(err, cases[i].err);
	}
}

/* A default that stays on, or a CA that is not there, ends the start. */
static void makes_no_context_that_wolfssl_does_not_set_up(void **state)
{
	static const struct {
		int ca, ticket, err;
		const char *text;
	} cases[] = {
	    {BAD_FUNC_ARG, 0, ADMWH_E_CLIENT_CA, "a CA is not accepted by the TLS library (-173)"},
	    {0, BAD_FUNC_ARG, ADMWH_E_TLS,
	     "wolfSSL_CTX_no_ticket_TLSv13 refused (-173): TLS cannot be made safe"},
	    {0, MEMORY_E, ADMWH_E_NOMEM, "out of memory"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error = {0};
		struct awh_tls_context *context;

		ca_code = cases[i].ca;
		ticket_code = cases[i].ticket;
		context = make_context(AWH_TLS_AUTH_REQUIRE, "ecdsa", "ca/good.crt", NULL,
				       &fixture->allowed, &error);
		ca_code = ticket_code = 0;
		assert_null(context);
		assert_int_equal(error.code, cases[i].err);
		assert_string_equal(error.text, cases[i].text);
	}
}

/* What the callbacks return for an errno; EINTR is no end, so the call is made again. */
static void tells_wolfssl_what_the_socket_said(void **state)
{
	static const struct {
		int error_number;
		int read, written;
	} cases[] = {
	    {EAGAIN, WOLFSSL_CBIO_ERR_WANT_READ, WOLFSSL_CBIO_ERR_WANT_WRITE},
	    {ECONNRESET, WOLFSSL_CBIO_ERR_CONN_RST, WOLFSSL_CBIO_ERR_CONN_RST},
	    {EPIPE, WOLFSSL_CBIO_ERR_GENERAL, WOLFSSL_CBIO_ERR_CONN_RST},
	    {ETIMEDOUT, WOLFSSL_CBIO_ERR_GENERAL, WOLFSSL_CBIO_ERR_GENERAL},
	    {EINTR, 1, 1},
	};
	struct fixture *fixture = *state;
	struct awh_tls_session *server = fixture->pair.server;
	char byte = 'x';

	server->done = true;
	server->call_budget = 100;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		error_number = cases[i].error_number;
		times = 1;
		assert_int_equal(awh_session_send(NULL, &byte, 1, server), cases[i].written);
		assert_int_equal(write(fixture->pair.fds[1], "y", 1), 1);
		times = 1;
		assert_int_equal(awh_session_receive(NULL, &byte, 1, server), cases[i].read);
	}
}

/* So that a client that sends without end cannot keep a loop, nor a handshake. */
static void takes_no_more_than_its_budgets(void **state)
{
	struct fixture *fixture = *state;
	struct awh_tls_session *server = fixture->pair.server;
	char bytes[100] = {0};

	assert_int_equal(write(fixture->pair.fds[1], bytes, sizeof(bytes)), sizeof(bytes));
	server->done = true;
	server->call_budget = 10;
	assert_int_equal(awh_session_receive(NULL, bytes, sizeof(bytes), server), 10);
	/* As if the socket had nothing more: the loop has others to serve. */
	assert_int_equal(awh_session_receive(NULL, bytes, sizeof(bytes), server),
			 WOLFSSL_CBIO_ERR_WANT_READ);
	server->done = false;
	server->call_budget = sizeof(bytes);
	server->handshake_budget = 20;
	assert_int_equal(awh_session_receive(NULL, bytes, sizeof(bytes), server), 20);
	assert_int_equal(awh_session_receive(NULL, bytes, sizeof(bytes), server),
			 WOLFSSL_CBIO_ERR_GENERAL);
}

/* RFC 8446 section 4.6.2: no certificate is asked for then, whatever wolfSSL makes of one. */
static void verifies_no_certificate_after_its_handshake(void **state)
{
	struct fixture *fixture = *state;
	WOLFSSL_X509_STORE_CTX store = {.userCtx = fixture->pair.server};

	pair_handshake(&fixture->pair);
	assert_int_equal(fixture->pair.status, 0);
	assert_int_equal(awh_session_verify(1, &store), 0);
	assert_int_equal(fixture->allowed.calls, 1);
	assert_int_equal(awh_tls_peer(fixture->pair.server)->proof, AWH_PROOF_VERIFIED);
}

/* wolfSSL says nothing of why it makes none; what it opens leaves an errno. */
static void tells_a_lack_of_memory_from_a_lack_of_random_bytes(void **state)
{
	static const struct {
		int error_number;
		const char *text; /* NULL: memory */
	} cases[] = {
	    {0, NULL},
	    {ENOMEM, NULL},
	    {EMFILE, "no random bytes: Too many open files"},
	    {EPERM, "no random bytes: Operation not permitted"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_tls_session *session;
		struct awh_error error = {0};

		makes_none = true;
		error_number = cases[i].error_number;
		errno = EAGAIN; /* of something before */
		session = awh_tls_session_new(fixture->context, NULL, -1);
		makes_none = false;
		if (!cases[i].text) {
			assert_null(session);
			continue;
		}
		assert_non_null(session);
		assert_int_equal(awh_tls_handshake(session, &error), ADMWH_E_IO);
		assert_string_equal(error.text, cases[i].text);
		awh_tls_session_free(session);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(explains_why_a_handshake_failed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(tells_a_lack_of_memory_from_a_lack_of_random_bytes,
					    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(takes_no_end_of_the_client_for_a_missing_proof, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(counts_a_chain_that_is_too_long_for_wolfssl, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(waits_for_the_socket_as_wolfssl_says, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(is_broken_after_a_read_or_a_write_that_failed, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(has_nothing_pending_once_it_is_broken, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(asks_why_no_byte_was_read_or_written, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(ends_a_handshake_that_resumed_a_session, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(looks_once_more_at_the_end_of_a_handshake, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(makes_no_context_that_wolfssl_does_not_set_up, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(tells_that_a_fact_of_the_connection_has_no_room, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(is_silent_until_the_first_byte, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(tells_wolfssl_what_the_socket_said, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(takes_no_more_than_its_budgets, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(verifies_no_certificate_after_its_handshake, set_up,
					    tear_down),
	};

	return cmocka_run_group_tests_name("codes", tests, NULL, NULL);
}
