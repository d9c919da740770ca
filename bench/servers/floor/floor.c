/* SPDX-License-Identifier: MIT */
/*
 * The least that a review over wolfSSL can cost: one thread reads the bytes of a request, and
 * answers with a review that allows its UID. It reads no JSON, checks nothing of HTTP, knows no
 * caller beyond wolfSSL's own verification, has no limit and no log.
 *
 *     bench-floor software|aes PORT FOLDER
 *
 * software: wolfSSL as it is, with ChaCha20-Poly1305 first, which is its cheapest suite where it is
 * built without the CPU's AES instructions. aes: AES-128-GCM first, its records by the library's
 * nettle (src/tls/aead.h). FOLDER has tls.crt, tls.key and ca.crt, of the clients' CA.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls/aead.h"
#include "tls/wolfssl.h"

enum { EVENTS = 64, HEAD_MAX = 16384, UID_LEN = 36 };

struct connection {
	int fd;
	WOLFSSL *ssl;
	struct awh_aead *aead;
	bool is_open; /* the handshake is done */
	char *request;
	size_t got, size, whole; /* whole: of head and body, 0 while the head is not read */
	char answer[512];
	int len, sent;
};

static void check(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "bench-floor: %s\n", what);
	exit(1);
}

static int process(WOLFSSL *ssl, int is_sent, byte *out, const byte *in, word32 len,
		   const byte *nonce, word32 nonce_len, byte *tag, word32 tag_len, const byte *aad,
		   word32 aad_len)
{
	const struct connection *connection = wolfSSL_get_ex_data(ssl, 0);
	struct awh_aead_record record = {
	    .nonce = nonce, .aad = aad, .aad_len = aad_len, .in = in, .out = out, .len = len};

	if (!connection || nonce_len != AWH_AEAD_NONCE || tag_len != AWH_AEAD_TAG)
		return NOT_COMPILED_IN;
	record.key = is_sent ? wolfSSL_GetServerWriteKey(ssl) : wolfSSL_GetClientWriteKey(ssl);
	record.key_len = (size_t)wolfSSL_GetKeySize(ssl);
	if (!is_sent)
		return awh_aead_open(connection->aead, &record, tag) ? 0 : AES_GCM_AUTH_E;
	awh_aead_seal(connection->aead, &record, tag);
	return 0;
}

static WOLFSSL_CTX *make_context(bool aes, const char *folder)
{
	WOLFSSL_CTX *ctx = wolfSSL_CTX_new(wolfTLSv1_3_server_method());
	char certificate[4096], key[4096], ca[4096];
	int groups[] = {WOLFSSL_ECC_X25519};

	snprintf(certificate, sizeof(certificate), "%s/tls.crt", folder);
	snprintf(key, sizeof(key), "%s/tls.key", folder);
	snprintf(ca, sizeof(ca), "%s/ca.crt", folder);
	wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			       NULL);
	check(wolfSSL_CTX_use_certificate_chain_file(ctx, certificate) == WOLFSSL_SUCCESS &&
		  wolfSSL_CTX_use_PrivateKey_file(ctx, key, WOLFSSL_FILETYPE_PEM) ==
		      WOLFSSL_SUCCESS &&
		  wolfSSL_CTX_load_verify_locations(ctx, ca, NULL) == WOLFSSL_SUCCESS &&
		  wolfSSL_CTX_set_groups(ctx, groups, 1) == WOLFSSL_SUCCESS &&
		  wolfSSL_CTX_set_cipher_list(ctx, aes ? "TLS13-AES128-GCM-SHA256"
						       : "TLS13-CHACHA20-POLY1305-SHA256") ==
		      WOLFSSL_SUCCESS,
	      "TLS cannot be set up");
	wolfSSL_CTX_no_ticket_TLSv13(ctx);
	wolfSSL_CTX_set_session_cache_mode(ctx, WOLFSSL_SESS_CACHE_OFF);
	if (aes) {
		check(awh_aead_is_usable(), "no AES instructions, or no nettle");
		wolfSSL_CTX_SetPerformTlsRecordProcessingCb(ctx, process);
	}
	return ctx;
}

static int make_listener(const char *port)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
					    .sin_port = htons((uint16_t)atoi(port)),
					    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	check(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
		  listen(fd, 512) == 0,
	      "cannot listen");
	return fd;
}

static void accept_one(int epoll, int listener, WOLFSSL_CTX *ctx, bool aes)
{
	const int on = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
	struct connection *connection;

	if (fd < 0)
		return;
	connection = calloc(1, sizeof(*connection));
	check(connection != NULL, "out of memory");
	event.data.ptr = connection;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	connection->fd = fd;
	connection->ssl = wolfSSL_new(ctx);
	wolfSSL_set_fd(connection->ssl, fd);
	connection->aead = aes ? awh_aead_new() : NULL;
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void end(struct connection *connection)
{
	wolfSSL_free(connection->ssl);
	close(connection->fd);
	awh_aead_free(connection->aead);
	free(connection->request);
	free(connection);
}

/* Where the body ends, and what is answered, as soon as the head is there. */
static void read_head(struct connection *connection)
{
	const char *end = memmem(connection->request, connection->got, "\r\n\r\n", 4);
	const char *length = strcasestr(connection->request, "\r\nContent-Length:");

	if (!end || !length)
		return;
	connection->whole =
	    (size_t)(end + 4 - connection->request) + strtoul(length + 17, NULL, 10);
	if (connection->size > connection->whole)
		return;
	connection->size = connection->whole + 1;
	connection->request = realloc(connection->request, connection->size);
	check(connection->request != NULL, "out of memory");
}

static void write_answer(struct connection *connection)
{
	static const char head[] = "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":"
				   "\"AdmissionReview\",\"response\":{\"uid\":\"",
			  tail[] = "\",\"allowed\":true}}";
	const char *uid = memmem(connection->request, connection->got, "\"uid\":\"", 7);

	check(uid != NULL, "a review without uid");
	connection->len =
	    snprintf(connection->answer, sizeof(connection->answer),
		     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
		     "Content-Length: %zu\r\n\r\n%s%.*s%s",
		     sizeof(head) + sizeof(tail) - 2 + UID_LEN, head, UID_LEN, uid + 7, tail);
	connection->sent = 0;
	connection->got = connection->whole = 0;
}

static int receive(struct connection *connection)
{
	int n;

	if (!connection->request) {
		connection->size = HEAD_MAX;
		connection->request = malloc(HEAD_MAX);
	}
	n = wolfSSL_read(connection->ssl, connection->request + connection->got,
			 (int)(connection->size - connection->got - 1));
	if (n <= 0)
		return n;
	connection->got += (size_t)n;
	connection->request[connection->got] = '\0';
	if (connection->whole == 0)
		read_head(connection);
	if (connection->whole != 0 && connection->got >= connection->whole)
		write_answer(connection);
	return n;
}

/* One call of wolfSSL; what it returned. */
static int step(struct connection *connection)
{
	int n;

	if (!connection->is_open) {
		n = wolfSSL_accept(connection->ssl);
		connection->is_open = n == WOLFSSL_SUCCESS;
		if (connection->is_open && connection->aead)
			wolfSSL_set_ex_data(connection->ssl, 0, connection);
		return n;
	}
	if (connection->sent == connection->len)
		return receive(connection);
	n = wolfSSL_write(connection->ssl, connection->answer + connection->sent,
			  connection->len - connection->sent);
	connection->sent += n > 0 ? n : 0;
	return n;
}

static void go_on(struct connection *connection)
{
	int n, code;

	while ((n = step(connection)) > 0)
		;
	code = wolfSSL_get_error(connection->ssl, n);
	if (code != WOLFSSL_ERROR_WANT_READ && code != WOLFSSL_ERROR_WANT_WRITE)
		end(connection);
}

int main(int argc, char **argv)
{
	const bool aes = argc == 4 && strcmp(argv[1], "aes") == 0;
	struct epoll_event events[EVENTS], event = {.events = EPOLLIN};
	const int epoll = epoll_create1(0);
	WOLFSSL_CTX *ctx;
	int listener;

	if (argc != 4)
		return fprintf(stderr, "bench-floor software|aes PORT FOLDER\n"), 2;
	check(awh_wolfssl_start(NULL) == 0, "wolfSSL does not start");
	ctx = make_context(aes, argv[3]);
	listener = make_listener(argv[2]);
	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		const int n = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr)
				go_on(events[i].data.ptr);
			else
				accept_one(epoll, listener, ctx, aes);
		}
	}
}
