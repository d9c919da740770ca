/* SPDX-License-Identifier: MIT */
/*
 * http: HTTP/1.1 requests from bytes, response heads to bytes. No I/O.
 *
 * Strict, and with one way to read each byte: what RFC 9112 lets a server accept
 * "leniently" is refused. A parser takes the bytes of one connection in pieces of
 * any size, and its events do not depend on the pieces.
 */
#ifndef AWH_HTTP_HTTP_H
#define AWH_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

struct awh_http_limits {
	size_t header_bytes; /* of one whole head, request line included; of a trailer section */
	size_t header_count;
	uint64_t body; /* bytes of one body */
	/*
	 * NULL, or where parsers of one thread leave a block of memory for the strings of their
	 * next head; *borrowed*.
	 */
	struct awh_arena *spare;
};

/* One request's head. Strings are *borrowed* from the parser until awh_http_next(). */
struct awh_http_head {
	const char *method; /* as sent */
	const char *target; /* as sent */
	/*
	 * Of the target, without the query; NUL-terminated, not decoded. A target that has none
	 * ("*", a URI of another scheme than http and https) stands here whole: no path begins like
	 * it.
	 */
	const char *path;
	const char *host;             /* the field's value; NULL when absent (HTTP/1.0) */
	const char *content_type;     /* NULL when absent */
	const char *content_encoding; /* NULL when absent */
	const char *authorization;    /* NULL when absent */
	const char *traceparent;      /* NULL when absent */
	const char *accept;           /* NULL when absent; the first of several */
	const char *timeout; /* value of the query's `timeout` parameter; NULL when absent */
	int version_minor;   /* of HTTP/1.x: 0 or 1 */
	bool keep_alive; /* false also for methods unknown to RFC 9110: they end the connection */
	bool chunked;
	bool expect_continue;    /* and there is a body to continue with */
	uint64_t content_length; /* 0 without one, and with chunked */
};

enum awh_http_event {
	AWH_HTTP_MORE,  /* all bytes were taken, more are needed */
	AWH_HTTP_HEAD,  /* the head is complete: head is set; the body follows by further calls */
	AWH_HTTP_BODY,  /* a piece of the body: piece, piece_len */
	AWH_HTTP_END,   /* the request is complete; awh_http_next() before the following one */
	AWH_HTTP_ERROR, /* status and reason say what to answer; then the connection must close */
};

struct awh_http_parser;

/* *new*; NULL when memory runs out. limits are copied. */
struct awh_http_parser *awh_http_parser_new(const struct awh_http_limits *limits);
void awh_http_parser_free(struct awh_http_parser *parser);

/*
 * Take bytes until something happened; *taken says how many were used, the rest is offered again
 * with the next call. After AWH_HTTP_HEAD and AWH_HTTP_BODY call again even with len 0: a request
 * whose last byte was taken ends at once.
 */
enum awh_http_event awh_http_feed(struct awh_http_parser *parser, const char *data, size_t len,
				  size_t *taken);

/* NULL until the head is complete. Also set when the head announced a body over the limit (413). */
const struct awh_http_head *awh_http_head(const struct awh_http_parser *parser);

/* After AWH_HTTP_BODY: points into the data of the last feed. */
const char *awh_http_piece(const struct awh_http_parser *parser, size_t *len);

/*
 * After AWH_HTTP_ERROR: the status to answer with (400, 413, 414, 417, 431, 500, 501, 505) and why,
 * a static text without a byte of the request.
 */
int awh_http_error_status(const struct awh_http_parser *parser);
const char *awh_http_error_reason(const struct awh_http_parser *parser);

/* Likewise: is a 431 about the number of fields, not their bytes? */
bool awh_http_error_is_count(const struct awh_http_parser *parser);

/* Has any byte of a request that is not complete been taken? (Empty lines before it do not count.)
 */
bool awh_http_in_request(const struct awh_http_parser *parser);

/* Make ready for the following request of the connection. */
void awh_http_next(struct awh_http_parser *parser);

/* The parts of a response head besides status and length. */
struct awh_http_reply {
	int status;
	const char *content_type; /* NULL: application/json */
	const char *allow;        /* Allow, with 405; NULL for none */
	const char *authenticate; /* WWW-Authenticate, with 401; NULL for none */
	int retry_after;          /* seconds; 0 for none */
	bool close;
	size_t body_len;
};

/*
 * Append a response head. No field of it repeats bytes of a request. With status 100 it is an
 * interim one, without fields.
 */
void awh_http_put_head(struct awh_buf *buf, const struct awh_http_reply *reply);

/* "Not Found" */
const char *awh_http_status_text(int status);

/* Is a Content-Type application/json, whatever its parameters? */
bool awh_http_is_json(const char *content_type);
/* Or application/ANYTHING+json, RFC 6839 3.1? */
bool awh_http_is_json_based(const char *content_type);

/*
 * A Go duration as kube-apiserver writes it ("10s", "1m30s", "500ms"): its milliseconds in *ms.
 * False for anything else, zero and negative ones included.
 */
bool awh_http_parse_timeout(const char *text, int64_t *ms);

#endif
