/* SPDX-License-Identifier: MIT */
#include "review/decoder.h"

#include <stdio.h>

#include "json/escape.h"

int awh_decode_nomem(struct awh_decoder *decoder)
{
	return awh_fail(decoder->error, ADMWH_E_NOMEM, "out of memory");
}

void awh_complain(struct awh_decoder *decoder, const char *path, const char *what)
{
	if (!decoder->complaint.code)
		awh_fail(&decoder->complaint, ADMWH_E_REVIEW, "%s%s%s", path, path[0] ? ": " : "",
			 what);
}

void awh_complain_here(struct awh_decoder *decoder, const char *what)
{
	char path[256];

	if (decoder->complaint.code)
		return;
	awh_scan_path(&decoder->scan, path, sizeof(path));
	awh_complain(decoder, path, what);
}

/* Is the last item of this type? If not, complain and skip the value: 0, with *is false. */
int awh_decode_expect(struct awh_decoder *decoder, enum awh_item wanted, bool *is)
{
	enum awh_item item = decoder->scan.item;
	char what[64];

	*is = item == wanted || (wanted == AWH_ITEM_TRUE && item == AWH_ITEM_FALSE);
	if (*is)
		return 0;
	snprintf(what, sizeof(what), "expected %s, got %s", awh_item_name(wanted),
		 awh_item_name(item));
	awh_complain_here(decoder, what);
	return awh_scan_skip(&decoder->scan);
}

int awh_decode_string(struct awh_decoder *decoder, const char **out)
{
	const struct awh_scan *scan = &decoder->scan;
	bool is;
	int err = awh_decode_expect(decoder, AWH_ITEM_STRING, &is);
	char *text;

	if (err < 0 || !is)
		return err;
	if (scan->has_nul) {
		awh_complain_here(decoder, AWH_NUL_REFUSED);
		return 0;
	}
	text = awh_arena_alloc(&decoder->request->arena, scan->len + 1);
	if (!text)
		return awh_decode_nomem(decoder);
	awh_unescape(text, scan->start, scan->len);
	*out = text;
	return 0;
}

/* Walk an array of strings, at its first item. *is: it is one, and all of it. */
static int measure_strings(struct awh_decoder *decoder, size_t *count, size_t *bytes, bool *is)
{
	struct awh_scan *scan = &decoder->scan;
	bool all = true;
	int err = awh_decode_expect(decoder, AWH_ITEM_ARRAY, is);

	if (err < 0 || !*is)
		return err;
	while ((err = awh_scan_next(scan)) == 0 && scan->item != AWH_ITEM_ARRAY_END) {
		*count += 1;
		*bytes += scan->len + 1;
		err = awh_decode_expect(decoder, AWH_ITEM_STRING, is);
		if (err < 0)
			return err;
		if (*is && scan->has_nul)
			awh_complain_here(decoder, AWH_NUL_REFUSED);
		all = all && *is;
	}
	*is = all;
	return err;
}

/* Copy the strings of an array that was measured, by a second walk over it. */
static int take_strings(struct awh_scan *scan, char *bytes, const char **strings, size_t count)
{
	int err = awh_scan_next(scan);

	for (size_t i = 0; i < count && err == 0; i++) {
		err = awh_scan_next(scan);
		if (err < 0)
			break;
		strings[i] = bytes;
		bytes += awh_unescape(bytes, scan->start, scan->len) + 1;
	}
	return err;
}

/* Measured first, so that it takes one piece of memory of the right size. */
int awh_decode_strings(struct awh_decoder *decoder, const char *const **out, size_t *n_out)
{
	struct awh_arena *arena = &decoder->request->arena;
	const char *start = decoder->scan.start;
	struct awh_scan again;
	size_t count = 0;
	size_t n_bytes = 0;
	bool is;
	int err = measure_strings(decoder, &count, &n_bytes, &is);

	if (err < 0 || !is)
		return err;
	const char **strings = awh_arena_array(arena, count, sizeof(*strings));
	char *bytes = awh_arena_alloc(arena, n_bytes);

	if (!strings || !bytes)
		return awh_decode_nomem(decoder);
	awh_scan_init_trusted(&again, start, (size_t)(awh_scan_here(&decoder->scan) - start), 1);
	err = take_strings(&again, bytes, strings, count);
	awh_scan_deinit(&again);
	if (err < 0)
		return awh_decode_nomem(decoder);
	*out = strings;
	*n_out = count;
	return 0;
}
