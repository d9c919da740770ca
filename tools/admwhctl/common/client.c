/* SPDX-License-Identifier: MIT */
#include "common/client.h"

#include <wolfssl/options.h>

#include <ctype.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <llhttp.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>

#include "common/alert.h"
#include "common/clock.h"
#include "common/connection.h"
#include "common/files.h"
#include "common/host.h"

enum { BODY_MAX = 32 << 20, SYSTEM_CAS = 3 };

/* Where Debian, Red Hat and Alpine keep the CAs of the system. */
static const char *const system_cas[SYSTEM_CAS] = {
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

struct client {
	const struct client_target *target;
	bool is_for_one; /* request */
	struct client_answer *answer;
	int64_t deadline_ms;
	int fd;           /* -1: no connection */
	WOLFSSL_CTX *ctx; /* NULL: not yet made */
	WOLFSSL *ssl;
	int verify_error; /* of the server's certificate; 0: none */
	bool has_bytes;   /* of the answer */
	bool is_complete;
	bool is_kept; /* by the server */
};

/* The first thing that goes wrong counts. */
__attribute__((format(printf, 3, 4))) static int
fail(struct client *client, enum client_outcome outcome, const char *format, ...)
{
	va_list arguments;

	client->answer->outcome = outcome;
	va_start(arguments, format);
	vsnprintf(client->answer->reason, sizeof(client->answer->reason), format, arguments);
	va_end(arguments);
	return -1;
}

static int connect_any(struct client *client)
{
	const struct client_target *target = client->target;
	char host[256], number[16], reason[256];
	const char *port = number;

	snprintf(host, sizeof(host), "%s", target->host);
	snprintf(number, sizeof(number), "%u", target->port);
	if (target->address && address_split(target->address, host, sizeof(host), &port))
		return fail(client, CLIENT_UNREACHABLE, "%s: expected HOST:PORT", target->address);
	client->fd = connection_open(host, port, client->deadline_ms, reason, sizeof(reason));
	return client->fd >= 0 ? 0 : fail(client, CLIENT_UNREACHABLE, "%s", reason);
}

static int verify(int is_verified, WOLFSSL_X509_STORE_CTX *store)
{
	struct client *client = store->userCtx;

	if (!is_verified && client && client->verify_error == 0)
		client->verify_error = store->error;
	return is_verified;
}

static int load_cas(struct client *client)
{
	const struct client_target *target = client->target;
	int code = WOLFSSL_FAILURE;

	if (target->ca_pem)
		code = wolfSSL_CTX_load_verify_buffer(client->ctx,
						      (const unsigned char *)target->ca_pem,
						      (long)target->ca_len, WOLFSSL_FILETYPE_PEM);
	for (size_t i = 0; !target->ca_pem && i < SYSTEM_CAS && code != WOLFSSL_SUCCESS; i++)
		code = wolfSSL_CTX_load_verify_locations(client->ctx, system_cas[i], NULL);
	if (code != WOLFSSL_SUCCESS)
		return fail(client, CLIENT_BROKEN, "the CA to verify the server with: %s",
			    wolfSSL_ERR_reason_error_string((unsigned long)code));
#ifdef WOLFSSL_TRUST_PEER_CERT
	/* Such builds make each CA a trusted peer: its certificate with any key would do. */
	wolfSSL_CTX_Unload_trust_peers(client->ctx);
#endif
	return 0;
}

static int load_pair(struct client *client)
{
	const struct client_target *target = client->target;

	if (!target->certificate_file)
		return 0;
	if (wolfSSL_CTX_use_certificate_chain_file(client->ctx, target->certificate_file) !=
	    WOLFSSL_SUCCESS)
		return fail(client, CLIENT_BROKEN, "%s: not a certificate in PEM that can be read",
			    target->certificate_file);
	if (wolfSSL_CTX_use_PrivateKey_file(client->ctx, target->key_file, WOLFSSL_FILETYPE_PEM) !=
	    WOLFSSL_SUCCESS)
		return fail(client, CLIENT_BROKEN, "%s: not a key in PEM that can be read",
			    target->key_file);
	return 0;
}

static int make_context(struct client *client)
{
	client->ctx = wolfSSL_CTX_new(wolfSSLv23_client_method());
	if (!client->ctx)
		out_of_memory();
	wolfSSL_CTX_SetMinVersion(client->ctx, WOLFSSL_TLSV1_2);
	wolfSSL_CTX_set_verify(client->ctx, WOLFSSL_VERIFY_PEER, verify);
	if (load_cas(client) == 0 && load_pair(client) == 0)
		return 0;
	wolfSSL_CTX_free(client->ctx);
	client->ctx = NULL;
	return -1;
}

static int begin_tls(struct client *client)
{
	const char *host = client->target->host;

	if (!client->ctx && make_context(client))
		return -1;
	client->ssl = wolfSSL_new(client->ctx);
	if (!client->ssl)
		out_of_memory();
	wolfSSL_SetCertCbCtx(client->ssl, client);
	wolfSSL_SetIOWriteFlags(client->ssl, MSG_NOSIGNAL);
	wolfSSL_set_using_nonblock(client->ssl, 1);
	if (!host_is_ip(host) && wolfSSL_UseSNI(client->ssl, WOLFSSL_SNI_HOST_NAME, host,
						(unsigned short)strlen(host)) != WOLFSSL_SUCCESS)
		return fail(client, CLIENT_BROKEN, "%s: not a name for TLS", host);
	return wolfSSL_set_fd(client->ssl, client->fd) == WOLFSSL_SUCCESS
		   ? 0
		   : fail(client, CLIENT_BROKEN, "no socket for TLS");
}

/* Of dates the callback is told OpenSSL's codes, for which wolfSSL 5.5.4 has no text. */
static const char *text_of_error(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
		return "it is not valid yet";
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
		return "it has expired";
	default:
		return wolfSSL_ERR_reason_error_string((unsigned long)error);
	}
}

/* An alert says most; then what is wrong with the certificate; then what wolfSSL says. */
static int fail_by_tls(struct client *client, const char *during)
{
	int error = wolfSSL_get_error(client->ssl, 0);
	WOLFSSL_ALERT_HISTORY history;

	wolfSSL_get_alert_history(client->ssl, &history);
	if (history.last_rx.level == alert_fatal)
		return fail(client, CLIENT_REFUSED, "the server sends the alert %s (%d)",
			    alert_name(history.last_rx.code), history.last_rx.code);
	if (client->verify_error || error == EXTKEYUSE_AUTH_E || error == ASN_NO_SIGNER_E)
		return fail(client, CLIENT_UNTRUSTED, "the server's certificate: %s",
			    text_of_error(client->verify_error ? client->verify_error : error));
	if (clock_ms() >= client->deadline_ms)
		return fail(client, CLIENT_BROKEN, "%s: no answer in time", during);
	if (error == SOCKET_PEER_CLOSED_E || error == SOCKET_ERROR_E ||
	    error == WOLFSSL_ERROR_ZERO_RETURN || error == WOLFSSL_ERROR_SYSCALL || error == 0)
		return fail(client, CLIENT_BROKEN, "%s: the server closes the connection", during);
	return fail(client, CLIENT_BROKEN, "%s: %s", during,
		    wolfSSL_ERR_reason_error_string((unsigned long)error));
}

/* Whether a call of wolfSSL is to be repeated, once the socket is ready. */
static bool is_to_repeat(struct client *client, int code)
{
	int error = wolfSSL_get_error(client->ssl, code);

	if (error == WOLFSSL_ERROR_WANT_READ)
		return connection_wait(client->fd, POLLIN, client->deadline_ms);
	return error == WOLFSSL_ERROR_WANT_WRITE &&
	       connection_wait(client->fd, POLLOUT, client->deadline_ms);
}

static int shake_hands(struct client *client)
{
	int code;

	do
		code = wolfSSL_connect(client->ssl);
	while (code != WOLFSSL_SUCCESS && is_to_repeat(client, code));
	server_fingerprint(client->ssl, client->answer->fingerprint);
	if (code != WOLFSSL_SUCCESS)
		return fail_by_tls(client, "handshake");
	if (host_has_certificate(client->target->host, client->ssl, client->answer->reason,
				 sizeof(client->answer->reason)))
		return 0;
	client->answer->outcome = CLIENT_UNTRUSTED;
	return -1;
}

/* Bytes that may stand in a line of a request. */
static bool is_visible(const char *text)
{
	while (isgraph((unsigned char)*text))
		text++;
	return !*text;
}

static char *request_head(const struct client *client, const char *method, const char *path,
			  size_t body_len)
{
	const struct client_target *target = client->target;
	const bool has_colons = strchr(target->host, ':');
	char *authorization = target->token
				  ? text_new("Authorization: Bearer %s\r\n", target->token)
				  : text_new("%s", "");
	char *head = text_new("%s %s HTTP/1.1\r\n"
			      "Host: %s%s%s:%u\r\n"
			      "User-Agent: admwhctl\r\n"
			      "Accept: application/json, */*\r\n"
			      "%s"
			      "Content-Type: application/json\r\n"
			      "Content-Length: %zu\r\n"
			      "Connection: %s\r\n"
			      "\r\n",
			      method, path, has_colons ? "[" : "", target->host,
			      has_colons ? "]" : "", target->port, authorization, body_len,
			      client->is_for_one ? "close" : "keep-alive");

	free(authorization);
	return head;
}

/* Returns 0, or -1 where the server ends the connection: its answer or alert may be there. */
static int send_bytes(struct client *client, const char *bytes, size_t len)
{
	while (len > 0) {
		int n = wolfSSL_write(client->ssl, bytes, len < 16384 ? (int)len : 16384);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (!is_to_repeat(client, n)) {
			return -1;
		}
	}
	return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
	struct client_answer *answer = ((struct client *)parser->data)->answer;

	if (len > BODY_MAX - answer->body_len)
		return -1;
	answer->body = memory_grown(answer->body, answer->body_len + len + 1);
	memcpy(answer->body + answer->body_len, at, len);
	answer->body_len += len;
	answer->body[answer->body_len] = '\0';
	return 0;
}

/* 100 (Continue) and its like are no answers. */
static int on_end(llhttp_t *parser)
{
	struct client *client = parser->data;

	if (parser->status_code < 200)
		return 0;
	client->is_complete = true;
	client->is_kept = llhttp_should_keep_alive(parser);
	client->answer->status = parser->status_code;
	return HPE_PAUSED;
}

static int receive(struct client *client, llhttp_t *parser)
{
	char bytes[16384];
	int n;

	do
		n = wolfSSL_read(client->ssl, bytes, sizeof(bytes));
	while (n <= 0 && is_to_repeat(client, n));
	if (n > 0) {
		llhttp_errno_t error = llhttp_execute(parser, bytes, (size_t)n);

		client->has_bytes = true;
		/* What comes behind an answer is of no request. */
		if (client->is_complete && llhttp_get_error_pos(parser) != bytes + n)
			client->is_kept = false;
		return error == HPE_OK || client->is_complete
			   ? 0
			   : fail(client, CLIENT_BROKEN, "not a response of HTTP: %s",
				  llhttp_get_error_reason(parser));
	}
	/* A body without a length ends with the connection. */
	if (wolfSSL_get_error(client->ssl, n) == WOLFSSL_ERROR_ZERO_RETURN)
		llhttp_finish(parser);
	return client->is_complete ? 0 : fail_by_tls(client, "response");
}

static int exchange(struct client *client, const char *method, const char *path, const char *body,
		    size_t body_len)
{
	llhttp_settings_t settings;
	llhttp_t parser;
	char *head;

	if (!is_visible(path) || (client->target->token && !is_visible(client->target->token)))
		return fail(client, CLIENT_BROKEN, "the path or the token has spaces");
	head = request_head(client, method, path, body_len);
	if (send_bytes(client, head, strlen(head)) == 0)
		send_bytes(client, body, body_len);
	free(head);
	llhttp_settings_init(&settings);
	settings.on_body = on_body;
	settings.on_message_complete = on_end;
	llhttp_init(&parser, HTTP_RESPONSE, &settings);
	parser.data = client;
	/* A server that never waits for more to send is held to the time, too. */
	while (!client->is_complete && clock_ms() < client->deadline_ms)
		if (receive(client, &parser))
			return -1;
	return client->is_complete ? 0 : fail(client, CLIENT_BROKEN, "response: no answer in time");
}

static void disconnect(struct client *client)
{
	wolfSSL_free(client->ssl);
	client->ssl = NULL;
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	client->verify_error = 0;
}

static int ask_once(struct client *client, const char *method, const char *path, const char *body,
		    size_t body_len)
{
	*client->answer = (struct client_answer){.outcome = CLIENT_ANSWERED};
	client->has_bytes = client->is_complete = client->is_kept = false;
	if (!client->ssl && (connect_any(client) || begin_tls(client) || shake_hands(client)))
		return -1;
	return exchange(client, method, path, body, body_len);
}

void client_send(struct client *client, const char *method, const char *path, const char *body,
		 size_t body_len, unsigned int timeout_ms, struct client_answer *answer)
{
	const bool was_kept = client->ssl;
	int err;

	client->answer = answer;
	client->deadline_ms = clock_ms() + timeout_ms;
	err = ask_once(client, method, path, body, body_len);
	/* A server may close a connection while a request is on its way. */
	if (err && was_kept && !client->has_bytes && clock_ms() < client->deadline_ms) {
		disconnect(client);
		err = ask_once(client, method, path, body, body_len);
	}
	if (!err && !answer->body)
		answer->body = zeroed(1, 1);
	if (!err && !client->is_kept)
		wolfSSL_shutdown(client->ssl);
	if (err || !client->is_kept)
		disconnect(client);
}

struct client *client_new(const struct client_target *target)
{
	struct client *client = zeroed(1, sizeof(*client));

	*client = (struct client){.target = target, .fd = -1};
	wolfSSL_Init();
	return client;
}

void client_free(struct client *client)
{
	if (!client)
		return;
	if (client->ssl)
		wolfSSL_shutdown(client->ssl);
	disconnect(client);
	wolfSSL_CTX_free(client->ctx);
	wolfSSL_Cleanup();
	free(client);
}

void client_ask(const struct client_target *target, const char *method, const char *path,
		const char *body, size_t body_len, struct client_answer *answer)
{
	struct client *client = client_new(target);

	client->is_for_one = true;
	client_send(client, method, path, body, body_len, target->timeout_ms, answer);
	client_free(client);
}

void client_answer_deinit(struct client_answer *answer)
{
	free(answer->body);
	*answer = (struct client_answer){0};
}
