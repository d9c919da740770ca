/* SPDX-License-Identifier: MIT */
#include "http/http.h"

#include <time.h>

#include "base/clock.h"

/* A head is written without printf(), which costs more than all else of it. */
static void put_number(struct awh_buf *buf, const char *before, int number, unsigned int digits)
{
	awh_buf_puts(buf, before);
	awh_buf_put_number(buf, number > 0 ? (uint64_t)number : 0, digits);
}

static void put_field(struct awh_buf *buf, const char *name, const char *value)
{
	awh_buf_puts(buf, name);
	awh_buf_puts(buf, value);
	awh_buf_puts(buf, "\r\n");
}

/* IMF-fixdate (RFC 9110 5.6.7). Not strftime(): the names must not follow a locale. */
static void put_date(struct awh_buf *buf)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t now = (time_t)awh_clock_wall_s();
	struct tm utc;

	if (!gmtime_r(&now, &utc))
		return;
	awh_buf_puts(buf, "Date: ");
	awh_buf_puts(buf, days[utc.tm_wday]);
	put_number(buf, ", ", utc.tm_mday, 2);
	awh_buf_puts(buf, " ");
	awh_buf_puts(buf, months[utc.tm_mon]);
	put_number(buf, " ", utc.tm_year + 1900, 4);
	put_number(buf, " ", utc.tm_hour, 2);
	put_number(buf, ":", utc.tm_min, 2);
	put_number(buf, ":", utc.tm_sec, 2);
	awh_buf_puts(buf, " GMT\r\n");
}

/* RFC 9110 8.6 and 6.4.1: these have neither content nor a length. */
static bool is_bodiless(int status)
{
	return status < 200 || status == 204;
}

static void put_content_fields(struct awh_buf *buf, const struct awh_http_reply *reply)
{
	const char *type = reply->content_type ? reply->content_type : "application/json";

	put_field(buf, "Content-Type: ", type);
	awh_buf_puts(buf, "Content-Length: ");
	awh_buf_put_number(buf, reply->body_len, 1);
	/* An answer quotes what it was asked: no proxy may guess its type or keep it. */
	awh_buf_puts(buf, "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n");
}

const char *awh_http_status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = {
	    {100, "Continue"},
	    {200, "OK"},
	    {204, "No Content"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {408, "Request Timeout"},
	    {409, "Conflict"},
	    {411, "Length Required"},
	    {413, "Content Too Large"},
	    {414, "URI Too Long"},
	    {415, "Unsupported Media Type"},
	    {417, "Expectation Failed"},
	    {421, "Misdirected Request"},
	    {422, "Unprocessable Content"},
	    {426, "Upgrade Required"},
	    {429, "Too Many Requests"},
	    {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"},
	    {501, "Not Implemented"},
	    {503, "Service Unavailable"},
	    {504, "Gateway Timeout"},
	    {505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "Unknown";
}

void awh_http_put_head(struct awh_buf *buf, const struct awh_http_reply *reply)
{
	put_number(buf, "HTTP/1.1 ", reply->status, 3);
	put_field(buf, " ", awh_http_status_text(reply->status));
	/* RFC 9110 6.6.1: a server with a clock must say when it answered. */
	if (reply->status >= 200)
		put_date(buf);
	if (!is_bodiless(reply->status))
		put_content_fields(buf, reply);
	if (reply->allow)
		put_field(buf, "Allow: ", reply->allow);
	if (reply->authenticate)
		put_field(buf, "WWW-Authenticate: ", reply->authenticate);
	if (reply->retry_after > 0) {
		put_number(buf, "Retry-After: ", reply->retry_after, 1);
		awh_buf_puts(buf, "\r\n");
	}
	if (reply->close)
		awh_buf_puts(buf, "Connection: close\r\n");
	awh_buf_puts(buf, "\r\n");
}
