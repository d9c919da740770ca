/* SPDX-License-Identifier: MIT */
/*
 * What a parser makes of a stream, written down as text, so that two ways of
 * feeding the same bytes can be compared, and a test can say what it expects.
 * Used by the unit tests, the suites and the fuzzer.
 */
#ifndef AWH_TESTS_HTTP_TRANSCRIPT_H
#define AWH_TESTS_HTTP_TRANSCRIPT_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "http/http.h"

/* What became of a stream. */
struct transcript {
	struct awh_buf text; /* one line an event; a body is one line, whatever its pieces */
	struct awh_buf body; /* of the request that is being read */
	size_t requests;     /* complete ones */
	bool failed;
	bool in_request; /* at the end of the bytes */
	bool closed;     /* a request was the last one of its connection */
};

static inline void transcript_put_text(struct awh_buf *buf, const char *name, const char *text)
{
	if (!text)
		return;
	awh_buf_printf(buf, " %s=", name);
	awh_put_json_string(buf, text, strlen(text));
}

static inline void transcript_head(struct transcript *transcript, const struct awh_http_head *head)
{
	struct awh_buf *text = &transcript->text;

	awh_buf_printf(text, "HEAD %s %s 1.%d", head->method, head->target, head->version_minor);
	transcript_put_text(text, "path", head->path);
	transcript_put_text(text, "timeout", head->timeout);
	transcript_put_text(text, "content_type", head->content_type);
	transcript_put_text(text, "content_encoding", head->content_encoding);
	transcript_put_text(text, "authorization", head->authorization);
	transcript_put_text(text, "traceparent", head->traceparent);
	awh_buf_puts(text, head->keep_alive ? " keep-alive" : " close");
	if (head->expect_continue)
		awh_buf_puts(text, " expect");
	if (head->chunked)
		awh_buf_puts(text, " chunked");
	if (head->content_length > 0)
		awh_buf_printf(text, " length=%" PRIu64, head->content_length);
	awh_buf_puts(text, "\n");
	transcript->closed = !head->keep_alive;
}

static inline void transcript_end(struct transcript *transcript, struct awh_http_parser *parser)
{
	awh_buf_puts(&transcript->text, "END ");
	awh_put_json_string(&transcript->text, transcript->body.len ? transcript->body.data : "",
			    transcript->body.len);
	awh_buf_puts(&transcript->text, "\n");
	awh_buf_reset(&transcript->body);
	transcript->requests++;
	awh_http_next(parser);
}

/* Feed one piece; stops where a server would: at an error, and behind the last request. */
static inline void transcript_feed(struct transcript *transcript, struct awh_http_parser *parser,
				   const char *data, size_t len)
{
	enum awh_http_event event = AWH_HTTP_HEAD;
	size_t used = 0;

	while (!transcript->failed && event != AWH_HTTP_MORE) {
		size_t taken;
		const char *piece;
		size_t piece_len;

		if (transcript->closed && !awh_http_in_request(parser))
			return;
		event = awh_http_feed(parser, data + used, len - used, &taken);
		used += taken;
		switch (event) {
		case AWH_HTTP_HEAD:
			transcript_head(transcript, awh_http_head(parser));
			break;
		case AWH_HTTP_BODY:
			piece = awh_http_piece(parser, &piece_len);
			awh_buf_put(&transcript->body, piece, piece_len);
			break;
		case AWH_HTTP_END:
			transcript_end(transcript, parser);
			break;
		case AWH_HTTP_ERROR:
			transcript->failed = true;
			awh_buf_printf(&transcript->text, "ERROR %d %s\n",
				       awh_http_error_status(parser),
				       awh_http_error_reason(parser));
			break;
		case AWH_HTTP_MORE:
			break;
		}
	}
}

/* Feed a stream in pieces: the first of so many bytes, the following ones of step bytes. */
static inline void transcript_run(struct transcript *transcript,
				  const struct awh_http_limits *limits, const char *data,
				  size_t len, size_t first, size_t step)
{
	struct awh_http_parser *parser = awh_http_parser_new(limits);
	size_t piece = first < len ? first : len;

	*transcript = (struct transcript){.failed = !parser};
	awh_buf_init(&transcript->text, (size_t)1 << 26);
	awh_buf_init(&transcript->body, (size_t)1 << 26);
	while (!transcript->failed && len > 0) {
		transcript_feed(transcript, parser, data, piece);
		data += piece;
		len -= piece;
		piece = step < len ? step : len;
	}
	transcript->in_request = parser && awh_http_in_request(parser);
	awh_buf_terminate(&transcript->text);
	awh_http_parser_free(parser);
}

static inline void transcript_deinit(struct transcript *transcript)
{
	awh_buf_deinit(&transcript->text);
	awh_buf_deinit(&transcript->body);
}

static inline bool transcript_equals(const struct transcript *a, const struct transcript *b)
{
	return a->text.len == b->text.len && a->in_request == b->in_request &&
	       memcmp(a->text.data, b->text.data, a->text.len) == 0;
}

#endif
