/* SPDX-License-Identifier: MIT */
/*
 * The parser: lines and data of one connection in, events out.
 *
 * Every byte of a request is read twice. The library's own reader comes first,
 * and passes only what is exactly RFC 9112: line.c reads the syntax byte by byte,
 * head.c the meaning, this file the framing and the limits. What passed then goes
 * to llhttp (cross_check.c), which is lenient in places but independent: where
 * the two differ about the head, the length of the body or its end, the request
 * is refused. A request is smuggled between two readers that disagree; here a
 * disagreement is an error. llhttp alone is not enough, because what it accepts
 * differs from version to version and cannot all be seen from its callbacks; a
 * filter before it would need the same state machine, only hidden.
 */
#include "http/http.h"

#include <stdlib.h>
#include <string.h>

#include <admwh/error.h>

#include "http/cross_check.h"
#include "http/grammar.h"
#include "http/head.h"
#include "http/line.h"
#include "http/refusal.h"

enum {
	EMPTY_LINES_MAX = 4, /* before a request (RFC 9112 2.2 asks for one at least) */
	/* Bytes of one body's chunk-size lines without meaning: extensions and leading zeros. */
	CHUNK_PADDING_MAX = 4096,
	CHUNK_LINE_MAX = AWH_CHUNK_SIZE_DIGITS + CHUNK_PADDING_MAX + 2,
	IDLE_CAPACITY = 1024, /* of the line buffer, between requests */
};

/* What the next bytes are. */
enum stage {
	BEFORE_REQUEST,
	EMPTY_LINE, /* behind the CR of one before the request */
	REQUEST_LINE,
	HEAD_FIELD,
	BODY,
	CHUNK_SIZE,
	CHUNK_DATA,
	CHUNK_END,
	TRAILER_FIELD,
	COMPLETE, /* nothing: the request's end is to be reported */
	ENDED,    /* it was */
	FAILED,
};

static const char too_many_fields[] = "too many header fields";

struct awh_http_parser {
	struct awh_http_limits limits;
	enum stage stage;
	struct awh_refusal refusal;
	unsigned int empty_lines;

	struct awh_line line;
	struct awh_buf text;  /* the line's bytes */
	size_t section_bytes; /* of the head or the trailer section, without the line */
	size_t section_fields;

	struct awh_head_reader reader;
	struct awh_cross_check cross_check;
	bool head_known;

	uint64_t left; /* of the body, or of the chunk */
	uint64_t body; /* so far */
	size_t chunk_padding;
	const char *piece;
	size_t piece_len;
};

static bool refuse(struct awh_http_parser *parser, int status, const char *reason)
{
	return awh_refuse(&parser->refusal, status, reason);
}

static void begin_line(struct awh_http_parser *parser, enum stage stage)
{
	static const enum awh_line_kind kinds[] = {
	    [REQUEST_LINE] = AWH_LINE_REQUEST, [HEAD_FIELD] = AWH_LINE_FIELD,
	    [CHUNK_SIZE] = AWH_LINE_CHUNK,     [CHUNK_END] = AWH_LINE_CHUNK_END,
	    [TRAILER_FIELD] = AWH_LINE_FIELD,
	};

	parser->stage = stage;
	awh_line_begin(&parser->line, kinds[stage]);
	awh_buf_reset(&parser->text);
}

static void begin_section(struct awh_http_parser *parser, enum stage stage)
{
	parser->section_bytes = 0;
	parser->section_fields = 0;
	begin_line(parser, stage);
}

static struct awh_span text_part(const struct awh_http_parser *parser, size_t from, size_t to)
{
	return (struct awh_span){parser->text.data + from, to - from};
}

static bool read_request_line(struct awh_http_parser *parser)
{
	const struct awh_line *line = &parser->line;

	if (!awh_head_request_line(&parser->reader, text_part(parser, 0, line->name_end),
				   text_part(parser, line->name_end + 1, line->target_end),
				   line->version_minor, &parser->refusal))
		return false;
	parser->section_bytes += line->len;
	begin_line(parser, HEAD_FIELD);
	return true;
}

/* The body limit is not checked here: the head of a body that is too long is still a good one. */
static bool end_head(struct awh_http_parser *parser)
{
	const struct awh_http_head *head = &parser->reader.head;

	if (!awh_head_end(&parser->reader, &parser->refusal))
		return false;
	parser->head_known = true;
	parser->left = head->content_length;
	if (head->chunked)
		begin_line(parser, CHUNK_SIZE);
	else
		parser->stage = parser->left > 0 ? BODY : COMPLETE;
	return true;
}

static bool read_field(struct awh_http_parser *parser)
{
	const struct awh_line *line = &parser->line;
	bool in_head = parser->stage == HEAD_FIELD;
	struct awh_span name;
	struct awh_span value;

	if (line->len == 2) {
		if (in_head)
			return end_head(parser);
		parser->stage = COMPLETE;
		return true;
	}
	if (parser->section_fields == parser->limits.header_count)
		return refuse(parser, 431, too_many_fields);
	parser->section_fields++;
	name = text_part(parser, 0, line->name_end);
	value = awh_trim(text_part(parser, line->name_end + 1, line->len - 2));
	if (in_head && !awh_head_field(&parser->reader, name, value, &parser->refusal))
		return false;
	if (!in_head && !awh_head_is_trailer(name))
		return refuse(parser, 400, "field must not be in a trailer");
	parser->section_bytes += line->len;
	begin_line(parser, parser->stage);
	return true;
}

static bool read_chunk_size(struct awh_http_parser *parser)
{
	const struct awh_line *line = &parser->line;
	uint64_t size;

	/* Cannot fail: the line has at most 16 digits of hexadecimal there, and zeros. */
	if (!awh_read_hex(text_part(parser, 0, line->name_end), &size))
		return refuse(parser, 400, "malformed chunk size");
	parser->chunk_padding += line->len - 2 - line->size_digits;
	if (parser->chunk_padding > CHUNK_PADDING_MAX)
		return refuse(parser, 400, "chunk-size lines are too long");
	if (size > parser->limits.body - parser->body)
		return refuse(parser, 413, "body is too long");
	parser->left = size;
	if (size == 0)
		begin_section(parser, TRAILER_FIELD);
	else
		parser->stage = CHUNK_DATA;
	return true;
}

static bool read_line(struct awh_http_parser *parser)
{
	switch (parser->stage) {
	case REQUEST_LINE:
		return read_request_line(parser);
	case CHUNK_SIZE:
		return read_chunk_size(parser);
	case CHUNK_END:
		begin_line(parser, CHUNK_SIZE);
		return true;
	default:
		return read_field(parser);
	}
}

static bool show(struct awh_http_parser *parser, struct awh_span span)
{
	return awh_cross_check_take(&parser->cross_check, span.at, span.len);
}

/*
 * Pass a line to llhttp in its plainest form: without what llhttp gives a meaning of its own
 * (methods) or what one of its versions refuses (HTAB around a length, quotes in a chunk
 * extension).
 */
static bool show_line(struct awh_http_parser *parser, enum stage stage, const struct awh_line *line)
{
	static const struct awh_span line_end = {"\r\n", 2};
	static const struct awh_span any_method = {"POST", 4};
	struct awh_span name = text_part(parser, 0, line->name_end);
	struct awh_span rest = text_part(parser, line->name_end, line->len);

	switch (stage) {
	case REQUEST_LINE:
		return show(parser, parser->reader.standard_method ? name : any_method) &&
		       show(parser, rest);
	case HEAD_FIELD:
	case TRAILER_FIELD:
		if (line->len == 2)
			return show(parser, rest);
		rest = awh_trim(text_part(parser, line->name_end + 1, line->len - 2));
		return show(parser, text_part(parser, 0, line->name_end + 1)) &&
		       show(parser, rest) && show(parser, line_end);
	case CHUNK_SIZE:
		return show(parser, name) && show(parser, line_end);
	default:
		return show(parser, rest);
	}
}

/*
 * Does llhttp, given the same bytes, find the body and its end in the same place, and after the
 * head the same head?
 */
static bool confirm(struct awh_http_parser *parser, bool shown, bool ends_head)
{
	struct awh_cross_check *check = &parser->cross_check;
	const struct awh_http_head *head = &parser->reader.head;

	if (shown &&
	    awh_cross_check_confirms_body(check, parser->body, parser->stage == COMPLETE) &&
	    (!ends_head || awh_cross_check_confirms_head(check, head, parser->section_fields)))
		return true;
	return refuse(parser, 400, "request can be read in two ways");
}

static bool finish_line(struct awh_http_parser *parser)
{
	const struct awh_line line = parser->line;
	enum stage stage = parser->stage;
	bool ends_head;

	if (!read_line(parser))
		return false;
	ends_head = stage == HEAD_FIELD && parser->head_known;
	if (!confirm(parser, show_line(parser, stage, &line), ends_head))
		return false;
	if (ends_head && parser->reader.head.content_length > parser->limits.body)
		return refuse(parser, 413, "body is too long");
	return true;
}

/* How many bytes the line may still grow. */
static size_t line_room(const struct awh_http_parser *parser)
{
	size_t room = parser->stage == CHUNK_SIZE || parser->stage == CHUNK_END
			  ? CHUNK_LINE_MAX
			  : parser->limits.header_bytes - parser->section_bytes;

	return room - parser->line.len;
}

static bool refuse_long_line(struct awh_http_parser *parser)
{
	switch (parser->stage) {
	case REQUEST_LINE:
		return refuse(parser, 414, "request line is too long");
	case CHUNK_SIZE:
		return refuse(parser, 400, "chunk-size lines are too long");
	default:
		return refuse(parser, 431, "header fields are too long");
	}
}

/* Take bytes up to the end of the line. */
static bool take_line(struct awh_http_parser *parser, struct awh_span data, size_t *used)
{
	const char *end = memchr(data.at, '\n', data.len);
	size_t want = end ? (size_t)(end - data.at) + 1 : data.len;
	size_t room = line_room(parser);
	size_t len = want < room ? want : room;

	*used = 0;
	for (; *used < len; ++*used)
		if (!awh_line_take(&parser->line, (unsigned char)data.at[*used], &parser->refusal))
			return false;
	if (len < want)
		return refuse_long_line(parser);
	awh_buf_put(&parser->text, data.at, len);
	if (parser->text.err)
		return refuse(parser, 500, "out of memory");
	return !awh_line_done(&parser->line) || finish_line(parser);
}

/* Empty lines before a request (RFC 9112 2.2) are not part of it. */
static bool take_before(struct awh_http_parser *parser, char c, size_t *used)
{
	*used = 1;
	if (parser->stage == EMPTY_LINE) {
		parser->stage = BEFORE_REQUEST;
		return c == '\n' || refuse(parser, 400, "bare CR");
	}
	if (c == '\r') {
		parser->stage = EMPTY_LINE;
		return ++parser->empty_lines <= EMPTY_LINES_MAX ||
		       refuse(parser, 400, "too many empty lines");
	}
	*used = 0;
	awh_cross_check_begin(&parser->cross_check);
	begin_section(parser, REQUEST_LINE);
	return true;
}

static bool take_data(struct awh_http_parser *parser, struct awh_span data, size_t *used)
{
	size_t len = data.len < parser->left ? data.len : (size_t)parser->left;

	parser->piece = data.at;
	parser->piece_len = len;
	parser->body += len;
	parser->left -= len;
	if (parser->left == 0 && parser->stage == BODY)
		parser->stage = COMPLETE;
	else if (parser->left == 0)
		begin_line(parser, CHUNK_END);
	*used = len;
	return confirm(parser, show(parser, (struct awh_span){data.at, len}), false);
}

static bool is_data(enum stage stage)
{
	return stage == BODY || stage == CHUNK_DATA;
}

/* Take some bytes; false when they are refused. */
static bool take(struct awh_http_parser *parser, struct awh_span data, size_t *used)
{
	if (parser->stage <= EMPTY_LINE)
		return take_before(parser, data.at[0], used);
	if (is_data(parser->stage))
		return take_data(parser, data, used);
	return take_line(parser, data, used);
}

struct awh_http_parser *awh_http_parser_new(const struct awh_http_limits *limits)
{
	struct awh_http_parser *parser = calloc(1, sizeof(*parser));

	if (!parser)
		return NULL;
	parser->limits = *limits;
	parser->reader.spare = limits->spare;
	awh_buf_init(&parser->text,
		     limits->header_bytes > CHUNK_LINE_MAX ? limits->header_bytes : CHUNK_LINE_MAX);
	parser->text.secret = true; /* an Authorization line goes through it */
	return parser;
}

void awh_http_parser_free(struct awh_http_parser *parser)
{
	if (!parser)
		return;
	awh_head_reset(&parser->reader);
	awh_buf_deinit(&parser->text);
	free(parser);
}

enum awh_http_event awh_http_feed(struct awh_http_parser *parser, const char *data, size_t len,
				  size_t *taken)
{
	*taken = 0;
	while (*taken < len && parser->stage < COMPLETE) {
		bool had_head = parser->head_known;
		bool had_data = is_data(parser->stage);
		size_t used;

		if (!take(parser, (struct awh_span){data + *taken, len - *taken}, &used)) {
			*taken += used;
			parser->stage = FAILED;
			break;
		}
		*taken += used;
		if (parser->head_known && !had_head)
			return AWH_HTTP_HEAD;
		if (had_data)
			return AWH_HTTP_BODY;
	}
	if (parser->stage == COMPLETE)
		parser->stage = ENDED;
	if (parser->stage == FAILED)
		return AWH_HTTP_ERROR;
	return parser->stage == ENDED ? AWH_HTTP_END : AWH_HTTP_MORE;
}

const struct awh_http_head *awh_http_head(const struct awh_http_parser *parser)
{
	return parser->head_known ? &parser->reader.head : NULL;
}

const char *awh_http_piece(const struct awh_http_parser *parser, size_t *len)
{
	*len = parser->piece_len;
	return parser->piece;
}

int awh_http_error_status(const struct awh_http_parser *parser)
{
	return parser->refusal.status;
}

const char *awh_http_error_reason(const struct awh_http_parser *parser)
{
	return parser->refusal.reason;
}

bool awh_http_error_is_count(const struct awh_http_parser *parser)
{
	return parser->refusal.reason == too_many_fields;
}

bool awh_http_in_request(const struct awh_http_parser *parser)
{
	return parser->stage > EMPTY_LINE && parser->stage < ENDED;
}

void awh_http_next(struct awh_http_parser *parser)
{
	if (parser->stage != ENDED)
		return;
	awh_head_reset(&parser->reader);
	if (parser->text.capacity > IDLE_CAPACITY)
		awh_buf_deinit(&parser->text);
	parser->stage = BEFORE_REQUEST;
	parser->empty_lines = 0;
	parser->head_known = false;
	parser->body = 0;
	parser->chunk_padding = 0;
}
