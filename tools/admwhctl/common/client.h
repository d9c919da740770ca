/* SPDX-License-Identifier: MIT */
/* An HTTPS client such as kube-apiserver is to a webhook: TLS 1.2 or 1.3, no ALPN. */
#ifndef ADMWHCTL_CLIENT_H
#define ADMWHCTL_CLIENT_H

#include <stddef.h>

#include "common/certificate.h"

struct client_target {
	const char *host;    /* of the URL: name of the certificate and, unless address is set, to
				connect to */
	const char *address; /* HOST:PORT to connect to instead; NULL: host and port */
	unsigned int port;
	const char
	    *ca_pem; /* what the server's certificate is verified with; NULL: the system's CAs */
	size_t ca_len;
	const char *certificate_file, *key_file; /* NULL: without a certificate of its own */
	const char *token;                       /* Authorization: Bearer; NULL: none */
	unsigned int timeout_ms;                 /* of it all */
};

enum client_outcome {
	CLIENT_ANSWERED,    /* an HTTP response */
	CLIENT_UNREACHABLE, /* no connection */
	CLIENT_UNTRUSTED,   /* the server's certificate does not hold */
	CLIENT_REFUSED,     /* the server ends the handshake, or the connection, by an alert */
	CLIENT_BROKEN,      /* anything else: no response, or not HTTP */
};

struct client_answer {
	enum client_outcome outcome;
	char reason[256]; /* of what is no response */
	/* SHA-256 of the certificate that the server shows, in hex; "": it shows none */
	char fingerprint[SHA256_HEX_BYTES];
	int status; /* HTTP */
	char *body; /* New, NUL-terminated; free with client_answer_deinit() */
	size_t body_len;
};

/* method: "GET" or "POST"; body NULL: none, else application/json. */
void client_ask(const struct client_target *target, const char *method, const char *path,
		const char *body, size_t body_len, struct client_answer *answer);

/* A connection for several requests; it is made by the first, and anew where the server closes it.
 */
struct client;

/* target: borrowed, outlives it. New, free with client_free(). */
struct client *client_new(const struct client_target *target);
void client_free(struct client *client);

/*
 * As client_ask(), within timeout_ms. A request that a kept connection brings no byte of an answer
 * to is sent once more, on a new one.
 */
void client_send(struct client *client, const char *method, const char *path, const char *body,
		 size_t body_len, unsigned int timeout_ms, struct client_answer *answer);

void client_answer_deinit(struct client_answer *answer);

#endif
