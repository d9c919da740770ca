/* SPDX-License-Identifier: MIT */
#include "review/raw.h"

/* The members of a raw request that is an object: its uid is looked for, the rest is skipped. */
static int decode_raw_members(struct awh_decoder *decoder)
{
	struct awh_scan *scan = &decoder->scan;
	int err;

	while ((err = awh_scan_next(scan)) == 0 && scan->item == AWH_ITEM_KEY) {
		bool is_uid = awh_scan_is(scan, "uid");

		err = awh_scan_next(scan);
		if (err == 0)
			err = is_uid && scan->item == AWH_ITEM_STRING
				  ? awh_decode_string(decoder, &decoder->request->pub.uid)
				  : awh_scan_skip(scan);
		if (err < 0)
			return err;
	}
	return err;
}

/* The value of "request", at its first item. */
static int decode_raw_request(struct awh_decoder *decoder)
{
	struct awh_scan *scan = &decoder->scan;
	struct awh_payload_span *object = &decoder->request->payloads[AWH_OBJECT];
	const bool is_nul = scan->item == AWH_ITEM_STRING && scan->has_nul;
	const size_t n_nuls = scan->n_nuls - is_nul;
	const char *start = scan->item == AWH_ITEM_STRING ? scan->start - 1 : scan->start;
	bool is_null = scan->item == AWH_ITEM_NULL;
	int err = scan->item == AWH_ITEM_OBJECT ? decode_raw_members(decoder) : awh_scan_skip(scan);

	if (err < 0 || is_null)
		return err;
	object->text = start;
	object->len = (size_t)(awh_scan_here(scan) - start);
	object->has_nul = scan->n_nuls > n_nuls;
	return 0;
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
	struct awh_scan *scan = &decoder->scan;
	bool is_object, found = false;
	int err = awh_scan_next(scan);

	if (err == 0)
		err = awh_decode_expect(decoder, AWH_ITEM_OBJECT, &is_object);
	if (err == 0 && is_object) {
		while ((err = awh_scan_next(scan)) == 0 && scan->item == AWH_ITEM_KEY) {
			bool is_request = awh_scan_is(scan, "request");

			found = found || is_request;
			err = awh_scan_next(scan);
			if (err == 0)
				err =
				    is_request ? decode_raw_request(decoder) : awh_scan_skip(scan);
			if (err < 0)
				return err;
		}
		if (!found)
			awh_complain(decoder, "request", "required");
	}
	if (err == 0)
		err = awh_scan_next(scan); /* nothing may follow */
	if (err == 0 && !decoder->complaint.code)
		fill_raw(decoder->request);
	return err;
}
