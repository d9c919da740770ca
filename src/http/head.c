/* SPDX-License-Identifier: MIT */
#include "http/head.h"

#include <string.h>

/* The fields that have a meaning here; of all others only the syntax is checked. */
enum field {
	HOST,
	CONTENT_LENGTH,
	TRANSFER_ENCODING,
	CONNECTION,
	EXPECT,
	CONTENT_TYPE,
	CONTENT_ENCODING,
	AUTHORIZATION,
	TRACEPARENT,
	ACCEPT,
	OTHER,
};

static const char *const field_names[OTHER] = {
    [HOST] = "Host",
    [CONTENT_LENGTH] = "Content-Length",
    [TRANSFER_ENCODING] = "Transfer-Encoding",
    [CONNECTION] = "Connection",
    [EXPECT] = "Expect",
    [CONTENT_TYPE] = "Content-Type",
    [CONTENT_ENCODING] = "Content-Encoding",
    [AUTHORIZATION] = "Authorization",
    [TRACEPARENT] = "traceparent",
    [ACCEPT] = "Accept",
};

static enum field find_field(struct awh_span name)
{
	unsigned int id = 0;

	while (id < OTHER && !awh_span_is(name, field_names[id]))
		id++;
	return (enum field)id;
}

static bool saw(const struct awh_head_reader *reader, enum field id)
{
	return reader->seen & 1U << id;
}

static bool keep(struct awh_head_reader *reader, struct awh_span span, const char **text,
		 struct awh_refusal *refusal)
{
	if (!reader->strings.blocks && reader->spare) {
		reader->strings = *reader->spare;
		*reader->spare = (struct awh_arena)AWH_ARENA_NULL;
	}
	*text = awh_arena_strndup(&reader->strings, span.at, span.len);
	return *text || awh_refuse(refusal, 500, "out of memory");
}

static bool is_standard_method(const char *method)
{
	static const char *const methods[] = {"GET",    "HEAD",    "POST",  "PUT",
					      "DELETE", "OPTIONS", "TRACE", "PATCH"};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(method, methods[i]) == 0)
			return true;
	return false;
}

/* The value of the first parameter of this name; its at is NULL when there is none. */
static struct awh_span find_parameter(struct awh_span query, const char *name)
{
	while (query.len > 0) {
		struct awh_span rest;
		struct awh_span value;
		struct awh_span parameter = awh_span_until(query, "&", &rest);
		struct awh_span key = awh_span_until(parameter, "=", &value);

		if (key.len == strlen(name) && memcmp(key.at, name, key.len) == 0)
			return value.len > 0 ? (struct awh_span){value.at + 1, value.len - 1}
					     : value;
		query = rest.len > 0 ? (struct awh_span){rest.at + 1, rest.len - 1} : rest;
	}
	return (struct awh_span){NULL, 0};
}

/* path [ "?" query ]: an empty path is "/" (RFC 9110 4.2.3); nothing else is normalised. */
static bool read_path(struct awh_head_reader *reader, struct awh_span rest,
		      struct awh_refusal *refusal)
{
	struct awh_span query;
	struct awh_span path = awh_span_until(rest, "?", &query);
	struct awh_span timeout;

	if (!keep(reader, path.len > 0 ? path : (struct awh_span){"/", 1}, &reader->head.path,
		  refusal))
		return false;
	if (query.len == 0)
		return true;
	timeout = find_parameter((struct awh_span){query.at + 1, query.len - 1}, "timeout");
	return !timeout.at || keep(reader, timeout, &reader->head.timeout, refusal);
}

/* The scheme of an absolute-form, and with it what follows "://"; empty when it is none. */
static struct awh_span split_scheme(struct awh_span target, struct awh_span *rest)
{
	struct awh_span scheme = awh_span_until(target, ":", rest);

	if (!awh_is_scheme(scheme) || rest->len < 3 || memcmp(rest->at, "://", 3) != 0)
		return (struct awh_span){target.at, 0};
	*rest = (struct awh_span){rest->at + 3, rest->len - 3};
	return scheme;
}

/*
 * RFC 9112 3.2. The asterisk-form is for OPTIONS; methods that RFC 9110 does not define may use it
 * in their own way. "*" and the URIs of other schemes have no path of ours: they are kept whole as
 * the path, and match no route, because routes begin with "/".
 */
static bool read_target(struct awh_head_reader *reader, struct awh_span target,
			struct awh_refusal *refusal)
{
	struct awh_http_head *head = &reader->head;
	struct awh_span rest;
	struct awh_span scheme;

	if (target.at[0] == '/')
		return read_path(reader, target, refusal);
	if (awh_span_is(target, "*") &&
	    (!reader->standard_method || strcmp(head->method, "OPTIONS") == 0))
		return keep(reader, target, &head->path, refusal);
	scheme = split_scheme(target, &rest);
	if (scheme.len == 0)
		return awh_refuse(refusal, 400, "malformed request target");
	if (!awh_span_is(scheme, "http") && !awh_span_is(scheme, "https"))
		return keep(reader, target, &head->path, refusal);
	if (!awh_is_authority(awh_span_until(rest, "/?#", &rest)))
		return awh_refuse(refusal, 400, "malformed authority in the request target");
	return read_path(reader, rest, refusal);
}

static bool read_length(struct awh_head_reader *reader, struct awh_span value,
			struct awh_refusal *refusal)
{
	if (saw(reader, TRANSFER_ENCODING))
		return awh_refuse(refusal, 400, "Content-Length beside Transfer-Encoding");
	return awh_read_decimal(value, &reader->head.content_length) ||
	       awh_refuse(refusal, 400, "malformed Content-Length");
}

/*
 * Only a lone "chunked" is understood. RFC 9112 6.1 asks for 501 where other codings are applied
 * before it, and 6.3 for 400 where chunked is not the last: then the end of the body is unknown.
 */
static bool read_coding(struct awh_head_reader *reader, struct awh_span value,
			struct awh_refusal *refusal)
{
	struct awh_span coding = {NULL, 0};
	struct awh_span list = value;

	if (saw(reader, CONTENT_LENGTH))
		return awh_refuse(refusal, 400, "Transfer-Encoding beside Content-Length");
	if (reader->head.version_minor == 0)
		return awh_refuse(refusal, 400, "Transfer-Encoding in HTTP/1.0");
	reader->head.chunked = awh_span_is(value, "chunked");
	if (reader->head.chunked)
		return true;
	while (awh_list_next(&list, &coding))
		if (!awh_is_token(coding))
			return awh_refuse(refusal, 400, "malformed Transfer-Encoding");
	if (awh_span_is(coding, "chunked"))
		return awh_refuse(refusal, 501, "the only transfer coding is chunked");
	return awh_refuse(refusal, 400, "Transfer-Encoding does not end in chunked");
}

static bool read_connection(struct awh_head_reader *reader, struct awh_span list,
			    struct awh_refusal *refusal)
{
	struct awh_span option;

	while (awh_list_next(&list, &option)) {
		if (option.len > 0 && !awh_is_token(option))
			return awh_refuse(refusal, 400, "malformed Connection");
		if (awh_span_is(option, "close"))
			reader->asks_close = true;
		else if (awh_span_is(option, "keep-alive"))
			reader->asks_keep_alive = true;
	}
	return true;
}

static bool read_expect(struct awh_head_reader *reader, struct awh_span value,
			struct awh_refusal *refusal)
{
	if (!awh_span_is(value, "100-continue"))
		return awh_refuse(refusal, 417, "the only expectation is 100-continue");
	reader->head.expect_continue = true;
	return true;
}

/* For the next head, of whatever connection. */
static void leave_strings(struct awh_head_reader *reader)
{
	if (reader->spare && !reader->spare->blocks && awh_arena_reset(&reader->strings) > 0)
		*reader->spare = reader->strings;
	else
		awh_arena_deinit(&reader->strings);
}

void awh_head_reset(struct awh_head_reader *reader)
{
	/* Authorization is the one secret of a head. The text is const for its readers alone. */
	if (reader->head.authorization)
		explicit_bzero((char *)(uintptr_t)reader->head.authorization,
			       strlen(reader->head.authorization));
	leave_strings(reader);
	*reader = (struct awh_head_reader){.spare = reader->spare};
}

bool awh_head_request_line(struct awh_head_reader *reader, struct awh_span method,
			   struct awh_span target, int version_minor, struct awh_refusal *refusal)
{
	struct awh_http_head *head = &reader->head;

	if (!keep(reader, method, &head->method, refusal) ||
	    !keep(reader, target, &head->target, refusal))
		return false;
	if (strcmp(head->method, "CONNECT") == 0)
		return awh_refuse(refusal, 501, "this is no proxy");
	reader->standard_method = is_standard_method(head->method);
	head->version_minor = version_minor;
	return read_target(reader, target, refusal);
}

bool awh_head_field(struct awh_head_reader *reader, struct awh_span name, struct awh_span value,
		    struct awh_refusal *refusal)
{
	struct awh_http_head *head = &reader->head;
	enum field id = find_field(name);

	if (id != CONNECTION && id != ACCEPT && saw(reader, id))
		return awh_refuse(refusal, 400, "field line must not be repeated");
	reader->seen |= id == OTHER ? 0 : 1U << id;
	switch (id) {
	case HOST:
		if (!awh_is_host(value))
			return awh_refuse(refusal, 400, "malformed Host");
		return keep(reader, value, &head->host, refusal);
	case CONTENT_LENGTH:
		return read_length(reader, value, refusal);
	case TRANSFER_ENCODING:
		return read_coding(reader, value, refusal);
	case CONNECTION:
		return read_connection(reader, value, refusal);
	case EXPECT:
		return read_expect(reader, value, refusal);
	case CONTENT_TYPE:
		return keep(reader, value, &head->content_type, refusal);
	case CONTENT_ENCODING:
		return keep(reader, value, &head->content_encoding, refusal);
	case AUTHORIZATION:
		return keep(reader, value, &head->authorization, refusal);
	case TRACEPARENT:
		return keep(reader, value, &head->traceparent, refusal);
	case ACCEPT:
		return head->accept || keep(reader, value, &head->accept, refusal);
	case OTHER:
		break;
	}
	return true;
}

bool awh_head_end(struct awh_head_reader *reader, struct awh_refusal *refusal)
{
	struct awh_http_head *head = &reader->head;
	bool has_body = head->chunked || head->content_length > 0;

	if (head->version_minor == 1 && !saw(reader, HOST))
		return awh_refuse(refusal, 400, "no Host");
	/*
	 * RFC 9110 10.1.1: HTTP/1.0 clients do not wait, and without a body there is nothing to
	 * wait for.
	 */
	head->expect_continue = head->expect_continue && has_body && head->version_minor == 1;
	/*
	 * An unknown method may, as CONNECT does, give what follows its head another meaning: its
	 * request is the last one of the connection.
	 */
	head->keep_alive = reader->standard_method && !reader->asks_close &&
			   (head->version_minor == 1 || reader->asks_keep_alive);
	return true;
}

/*
 * RFC 9110 6.5.1: no field that frames, routes or authenticates. Content-Type is pointless there,
 * but harmless: it is ignored like all the others.
 */
bool awh_head_is_trailer(struct awh_span name)
{
	enum field id = find_field(name);

	return id == OTHER || id == CONTENT_TYPE || id == TRACEPARENT || id == ACCEPT;
}
