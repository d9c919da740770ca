/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of the library fails in turn while one request is served,
 * from its connection's first byte to its last: the caller gets a refusal or the
 * end of its connection, never an allow that no handler gave, and the next
 * caller is served.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../good_server.h"
#include "../wrapped_alloc.h"
#include "tls/wolfssl.h"

static const char review[] =
    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"
    "\"uid\":\"u1\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"
    "\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"},"
    "\"name\":\"web\",\"namespace\":\"default\",\"operation\":\"CREATE\","
    "\"userInfo\":{\"username\":\"alice\",\"groups\":[\"a\",\"b\"],\"extra\":{\"k\":[\"v\"]}},"
    "\"object\":{\"metadata\":{\"name\":\"web\"},\"spec\":{\"list\":[1,2.5,\"x\",null]}},"
    "\"oldObject\":null,\"dryRun\":false,\"options\":null}}";

static atomic_long left;  /* allocations until one fails; negative: none does */
static atomic_bool stays; /* those after it fail, too */
static atomic_bool has_failed;

static bool alloc_fails(void)
{
	if (atomic_load(&stays) && atomic_load(&has_failed))
		return true;
	if (atomic_fetch_sub(&left, 1) != 0)
		return false;
	atomic_store(&has_failed, true);
	return true;
}

static int deny(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)userdata;
	admwh_response_add_warning(resp, "careful");
	admwh_response_add_audit_annotation(resp, "why", "because");
	return admwh_response_deny(resp, 403, "%s is not allowed", req->name);
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	(void)req, (void)userdata;
	admwh_patch_add_parents_new(patch, "/metadata/labels/seen", json_string("yes"));
	return admwh_response_allow(resp);
}

struct fixture {
	struct admwh_config *config;
	struct admwh_server *server;
	WOLFSSL_CTX *ctx;
};

/* With a net for what hangs. A wait can be interrupted, by libuv's io_uring for one. */
static int receive(WOLFSSL *ssl, char *buf, int size, void *arg)
{
	struct pollfd ready = {.fd = wolfSSL_get_fd(ssl), .events = POLLIN};
	ssize_t got;

	(void)arg;
	while (poll(&ready, 1, 20000) < 0 && errno == EINTR)
		;
	got = recv(ready.fd, buf, (size_t)size, MSG_DONTWAIT);
	if (got > 0)
		return (int)got;
	return got == 0 ? WOLFSSL_CBIO_ERR_CONN_CLOSE : WOLFSSL_CBIO_ERR_GENERAL;
}

static int set_up(void **state)
{
	static struct fixture fixture;
	char chain[4096], key[4096];

	fixture.config = admwh_config_new();
	if (set_up_config(fixture.config) || admwh_config_set_threads(fixture.config, 1))
		return -1;
	fixture.server = admwh_server_new(fixture.config);
	if (!fixture.server || !admwh_server_add_validator(fixture.server, "/deny", deny, NULL) ||
	    !admwh_server_add_mutator(fixture.server, "/mutate", mutate, NULL) ||
	    admwh_server_add_health_path(fixture.server, "/page") ||
	    admwh_server_start(fixture.server))
		return -1;
	fixture.ctx = wolfSSL_CTX_new(wolfTLSv1_3_client_method());
	wolfSSL_CTX_set_verify(fixture.ctx, WOLFSSL_VERIFY_NONE, NULL);
	wolfSSL_CTX_SetIORecv(fixture.ctx, receive);
	*state = &fixture;
	return wolfSSL_CTX_use_certificate_chain_file(
		   fixture.ctx, pki_file(chain, sizeof(chain), "client/good.crt")) ==
			   WOLFSSL_SUCCESS &&
		       wolfSSL_CTX_use_PrivateKey_file(
			   fixture.ctx, pki_file(key, sizeof(key), "keys/client.key"),
			   WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS
		   ? 0
		   : -1;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	wolfSSL_CTX_free(fixture->ctx);
	admwh_server_free(fixture->server);
	admwh_config_free(fixture->config);
	return 0;
}

static int connect_to(uint16_t port)
{
	const struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Ask once on a connection of its own; what came is in answer, "" when nothing did. */
static void ask(const struct fixture *fixture, const char *path, char *answer, size_t size)
{
	const char *method = strcmp(path, "/page") == 0 ? "GET" : "POST";
	char request[2048];
	int fd = connect_to(admwh_server_port(fixture->server));
	WOLFSSL *ssl = wolfSSL_new(fixture->ctx);
	size_t len = 0;
	int got = 1;

	snprintf(request, sizeof(request),
		 "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		 "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		 method, path, strlen(review), review);
	wolfSSL_set_fd(ssl, fd);
	if (wolfSSL_connect(ssl) == WOLFSSL_SUCCESS &&
	    wolfSSL_write(ssl, request, (int)strlen(request)) > 0)
		while (got > 0 && len < size - 1) {
			got = wolfSSL_read(ssl, answer + len, (int)(size - 1 - len));
			len += got > 0 ? (size_t)got : 0;
		}
	answer[len] = '\0';
	wolfSSL_free(ssl);
	close(fd);
	wolfSSL_ERR_clear_error();
}

static bool is_allow(const char *answer)
{
	return strstr(answer, "\"allowed\":true");
}

/* With the n-th allocation failing; whether there were so many. */
static bool ask_without_memory(const struct fixture *fixture, const char *path, long n,
			       char *answer, size_t size)
{
	atomic_store(&has_failed, false);
	atomic_store(&left, n);
	ask(fixture, path, answer, size);
	atomic_store(&left, -1);
	return atomic_exchange(&has_failed, false);
}

/* How many allocations there were. status: of an answer that has its memory */
static long sweep(const struct fixture *fixture, const char *path, const char *status)
{
	bool is_mutate = strcmp(path, "/mutate") == 0;
	char answer[65536];
	long n = 0;

	while (ask_without_memory(fixture, path, n++, answer, sizeof(answer))) {
		/* An allow is there with all of its patch, or not at all. */
		if (is_allow(answer))
			assert_true(is_mutate && strstr(answer, "\"patchType\":\"JSONPatch\""));
		ask(fixture, path, answer, sizeof(answer));
		assert_non_null(strstr(answer, status));
		assert_int_equal(is_allow(answer), is_mutate);
	}
	return n;
}

/* First with one allocation that fails, then with all that follow. */
static void sweep_twice(const struct fixture *fixture, const char *path, const char *status)
{
	atomic_store(&stays, false);
	assert_true(sweep(fixture, path, status) > 10);
	atomic_store(&stays, true);
	assert_true(sweep(fixture, path, status) > 10);
	atomic_store(&stays, false);
}

static void validating_survives_every_allocation_that_fails(void **state)
{
	sweep_twice(*state, "/deny", "200 OK");
}

static void mutating_survives_every_allocation_that_fails(void **state)
{
	sweep_twice(*state, "/mutate", "200 OK");
}

static void refusals_and_pages_survive_every_allocation_that_fails(void **state)
{
	sweep_twice(*state, "/none", "404 Not Found");
	sweep_twice(*state, "/page", "200 OK");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(validating_survives_every_allocation_that_fails, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(refusals_and_pages_survive_every_allocation_that_fails,
					    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(mutating_survives_every_allocation_that_fails, set_up,
					    tear_down),
	};

	atomic_store(&left, -1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
