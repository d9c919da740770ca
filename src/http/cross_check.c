/* SPDX-License-Identifier: MIT */
#include "http/cross_check.h"

#include <string.h>

/* llhttp passes its callbacks no pointer of ours except data. */
static struct awh_cross_check *check_of(llhttp_t *llhttp)
{
	return llhttp->data;
}

static int on_url(llhttp_t *llhttp, const char *at, size_t len)
{
	(void)at;
	check_of(llhttp)->target_len += len;
	return 0;
}

static int on_header_field_complete(llhttp_t *llhttp)
{
	check_of(llhttp)->fields++;
	return 0;
}

static int on_headers_complete(llhttp_t *llhttp)
{
	struct awh_cross_check *check = check_of(llhttp);

	check->head_complete = true;
	check->chunked = llhttp->flags & F_CHUNKED;
	check->content_length = llhttp->content_length;
	/* An upgrade is ignored: the request is answered as if it asked for none. */
	llhttp->upgrade = 0;
	return 0;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t len)
{
	(void)at;
	check_of(llhttp)->body += len;
	return 0;
}

static int on_message_complete(llhttp_t *llhttp)
{
	check_of(llhttp)->complete = true;
	return 0;
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field_complete = on_header_field_complete,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

void awh_cross_check_begin(struct awh_cross_check *check)
{
	memset(check, 0, sizeof(*check));
	llhttp_init(&check->llhttp, HTTP_REQUEST, &settings);
	check->llhttp.data = check;
}

bool awh_cross_check_take(struct awh_cross_check *check, const char *data, size_t len)
{
	return llhttp_execute(&check->llhttp, data, len) == HPE_OK;
}

bool awh_cross_check_confirms_head(struct awh_cross_check *check, const struct awh_http_head *head,
				   size_t fields)
{
	return check->head_complete && check->fields == fields &&
	       check->target_len == strlen(head->target) &&
	       llhttp_get_http_major(&check->llhttp) == 1 &&
	       llhttp_get_http_minor(&check->llhttp) == head->version_minor &&
	       check->chunked == head->chunked && check->content_length == head->content_length;
}

bool awh_cross_check_confirms_body(const struct awh_cross_check *check, uint64_t body,
				   bool complete)
{
	return check->body == body && check->complete == complete;
}
