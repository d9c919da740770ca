/* SPDX-License-Identifier: MIT */
#include "http/http.h"

#include <time.h>

#include "base/clock.h"

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
	awh_buf_printf(buf, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[utc.tm_wday],
		       utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
		       utc.tm_sec);
}

/* RFC 9110 8.6 and 6.4.1: these have neither content nor a length. */
static bool is_bodiless(int status)
{
	return status < 200 || status == 204;
}

static void put_content_fields(struct awh_buf *buf, const struct awh_http_reply *reply)
{
	const char *type = reply->content_type ? reply->content_type : "application/json";

	awh_buf_printf(buf, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, reply->body_len);
	/* An answer quotes what it was asked: no proxy may guess its type or keep it. */
	awh_buf_puts(buf, "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n");
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
	awh_buf_printf(buf, "HTTP/1.1 %d %s\r\n", reply->status,
		       awh_http_status_text(reply->status));
	/* RFC 9110 6.6.1: a server with a clock must say when it answered. */
	if (reply->status >= 200)
		put_date(buf);
	if (!is_bodiless(reply->status))
		put_content_fields(buf, reply);
	if (reply->allow)
		awh_buf_printf(buf, "Allow: %s\r\n", reply->allow);
	if (reply->authenticate)
		awh_buf_printf(buf, "WWW-Authenticate: %s\r\n", reply->authenticate);
	if (reply->retry_after > 0)
		awh_buf_printf(buf, "Retry-After: %d\r\n", reply->retry_after);
	if (reply->close)
		awh_buf_puts(buf, "Connection: close\r\n");
	awh_buf_puts(buf, "\r\n");
}
