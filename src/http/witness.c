/* SPDX-License-Identifier: MIT */
#include "http/witness.h"

#include <string.h>

/* llhttp's callbacks carry no pointer of ours except data, which is set in begin. */
static struct awh_witness *witness_of(llhttp_t *llhttp)
{
	return llhttp->data;
}

static int on_url(llhttp_t *llhttp, const char *at, size_t len)
{
	(void)at;
	witness_of(llhttp)->target_len += len;
	return 0;
}

static int on_header_field_complete(llhttp_t *llhttp)
{
	witness_of(llhttp)->fields++;
	return 0;
}

static int on_headers_complete(llhttp_t *llhttp)
{
	struct awh_witness *witness = witness_of(llhttp);

	witness->head_complete = true;
	witness->chunked = llhttp->flags & F_CHUNKED;
	witness->content_length = llhttp->content_length;
	/* A request for an upgrade is answered as if it asked for none. */
	llhttp->upgrade = 0;
	return 0;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t len)
{
	(void)at;
	witness_of(llhttp)->body += len;
	return 0;
}

static int on_message_complete(llhttp_t *llhttp)
{
	witness_of(llhttp)->complete = true;
	return 0;
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field_complete = on_header_field_complete,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

void awh_witness_begin(struct awh_witness *witness)
{
	memset(witness, 0, sizeof(*witness));
	llhttp_init(&witness->llhttp, HTTP_REQUEST, &settings);
	witness->llhttp.data = witness;
}

bool awh_witness_take(struct awh_witness *witness, const char *data, size_t len)
{
	return llhttp_execute(&witness->llhttp, data, len) == HPE_OK;
}

bool awh_witness_confirms_head(struct awh_witness *witness, const struct awh_http_head *head,
			       size_t fields)
{
	return witness->head_complete && witness->fields == fields &&
	       witness->target_len == strlen(head->target) &&
	       llhttp_get_http_major(&witness->llhttp) == 1 &&
	       llhttp_get_http_minor(&witness->llhttp) == head->version_minor &&
	       witness->chunked == head->chunked && witness->content_length == head->content_length;
}

bool awh_witness_confirms_body(const struct awh_witness *witness, uint64_t body, bool complete)
{
	return witness->body == body && witness->complete == complete;
}
