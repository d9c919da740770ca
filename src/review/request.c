/* SPDX-License-Identifier: MIT */
#include "review/request.h"

#include "base/clock.h"

static const char *const operation_names[] = {
    [ADMWH_CREATE] = "CREATE",
    [ADMWH_UPDATE] = "UPDATE",
    [ADMWH_DELETE] = "DELETE",
    [ADMWH_CONNECT] = "CONNECT",
};

void awh_request_release(struct awh_request *request)
{
	for (size_t i = 0; i < AWH_PAYLOADS; i++) {
		json_decref(request->payloads[i].value);
		request->payloads[i].value = NULL;
	}
	awh_numbers_free(request->numbers);
	request->numbers = NULL;
}

void awh_request_deinit(struct awh_request *request)
{
	awh_request_release(request);
	awh_arena_deinit(&request->arena);
	*request = (struct awh_request){0};
}

struct awh_numbers *awh_request_numbers(struct awh_request *request)
{
	if (!request->numbers)
		request->numbers = awh_numbers_new();
	return request->numbers;
}

/* A payload is built when first asked for, behind a request that is const to callbacks. */
static json_t *payload(const struct admwh_request *req, enum awh_payload which)
{
	struct awh_request *request = (struct awh_request *)(uintptr_t)req;
	struct awh_numbers *numbers;

	if (!req || !request->payloads[which].text)
		return NULL;
	if (!request->payloads[which].value) {
		numbers = awh_request_numbers(request);
		if (numbers)
			request->payloads[which].value = awh_json_build(
			    request->payloads[which].text, request->payloads[which].len, numbers);
		if (!request->payloads[which].value)
			request->err = ADMWH_E_NOMEM;
	}
	return request->payloads[which].value;
}

json_t *admwh_request_object_json(const struct admwh_request *req)
{
	return payload(req, AWH_OBJECT);
}

json_t *admwh_request_old_object_json(const struct admwh_request *req)
{
	return payload(req, AWH_OLD_OBJECT);
}

json_t *admwh_request_options_json(const struct admwh_request *req)
{
	return payload(req, AWH_OPTIONS);
}

const char *admwh_request_body(const struct admwh_request *req, size_t *len)
{
	const struct awh_request *request = (const struct awh_request *)req;

	if (len)
		*len = req ? request->body_len : 0;
	return req ? request->body : NULL;
}

int64_t admwh_request_remaining_ms(const struct admwh_request *req)
{
	const struct awh_request *request = (const struct awh_request *)req;
	int64_t left;

	if (!req || request->deadline_us == 0)
		return INT64_MAX;
	left = request->deadline_us - awh_clock_us();
	return left > 0 ? left / 1000 : 0;
}

const char *admwh_operation_name(enum admwh_operation operation)
{
	return operation >= ADMWH_CREATE && operation <= ADMWH_CONNECT ? operation_names[operation]
								       : "";
}
