/* SPDX-License-Identifier: MIT */
#include "review/raw.h"

/* The value of "request". Of its members, where it has some, the uid is looked for. */
static int decode_raw_request(struct awh_decoder *decoder, uint32_t entry)
{
	const struct awh_index *index = decoder->index;
	struct awh_request *request = decoder->request;
	const enum awh_kind kind = awh_entry_kind(awh_decode_entry(decoder, entry));
	int err = 0;

	request->payloads[AWH_OBJECT].entry = entry;
	if (kind != AWH_KIND_NULL)
		awh_payload_set(&request->payloads[AWH_OBJECT], index, entry);
	if (kind != AWH_KIND_OBJECT)
		return 0;
	for (uint32_t name = entry + 1; err == 0 && awh_decode_has_member(decoder, entry, name);
	     name = awh_index_behind(index, name + 1))
		if (awh_index_is(index, name, "uid", 3) &&
		    awh_entry_kind(awh_decode_entry(decoder, name + 1)) == AWH_KIND_STRING)
			err = awh_decode_text(decoder, name + 1, &request->pub.uid);
	return err;
}

/* Set what a raw request does not have: members that Kubernetes requires are not NULL. */
static void fill_raw(struct awh_request *request)
{
	static const struct admwh_gvk kind = {"", "", ""};
	static const struct admwh_gvr resource = {"", "", ""};
	static const struct admwh_user user = {0};

	request->pub.kind = &kind;
	request->pub.resource = &resource;
	request->pub.user = &user;
	request->pub.operation = ADMWH_OTHER;
	request->pub.operation_name = "";
	if (!request->pub.uid)
		request->pub.uid = "";
}

int awh_decode_raw(struct awh_decoder *decoder)
{
	const struct awh_index *index = decoder->index;
	bool found = false;
	int err = 0;

	if (!awh_decode_expect(decoder, 0, AWH_KIND_OBJECT))
		return 0;
	for (uint32_t name = 1; err == 0 && awh_decode_has_member(decoder, 0, name);
	     name = awh_index_behind(index, name + 1)) {
		if (!awh_index_is(index, name, "request", 7))
			continue;
		found = true;
		err = decode_raw_request(decoder, name + 1);
	}
	if (!found)
		awh_complain(decoder, "request", "required");
	if (err == 0 && !decoder->complaint.code)
		fill_raw(decoder->request);
	return err;
}
