/* SPDX-License-Identifier: MIT */
#include "review/decoder.h"

#include <stdio.h>
#include <string.h>

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

void awh_complain_at(struct awh_decoder *decoder, uint32_t entry, const char *what)
{
	char path[256];

	if (decoder->complaint.code)
		return;
	awh_index_path(decoder->index, 0, entry, path, sizeof(path));
	awh_complain(decoder, path, what);
}

bool awh_decode_expect(struct awh_decoder *decoder, uint32_t entry, enum awh_kind wanted)
{
	const enum awh_kind kind = awh_entry_kind(awh_decode_entry(decoder, entry));
	char what[64];

	if (kind == wanted || (wanted == AWH_KIND_TRUE && kind == AWH_KIND_FALSE))
		return true;
	snprintf(what, sizeof(what), "expected %s, got %s", awh_kind_name(wanted),
		 awh_kind_name(kind));
	awh_complain_at(decoder, entry, what);
	return false;
}

/* Resolve a string or name to out, which has room for it and a NUL. Returns its length. */
static size_t copy_text(const struct awh_decoder *decoder, uint32_t entry, char *out)
{
	const struct awh_entry *e = awh_decode_entry(decoder, entry);
	const char *text = decoder->index->text + e->start;
	size_t len = e->len;

	if (e->bits & AWH_ENTRY_ESCAPED)
		len = awh_unescape(out, text, len);
	else
		memcpy(out, text, len);
	out[len] = '\0';
	return len;
}

int awh_decode_text(struct awh_decoder *decoder, uint32_t entry, const char **out)
{
	const struct awh_entry *e = awh_decode_entry(decoder, entry);
	char *text;

	if (e->bits & AWH_ENTRY_NUL) {
		awh_complain_at(decoder, entry, AWH_NUL_REFUSED);
		return 0;
	}
	text = awh_arena_alloc(&decoder->request->arena, (size_t)e->len + 1);
	if (!text)
		return awh_decode_nomem(decoder);
	copy_text(decoder, entry, text);
	*out = text;
	return 0;
}

int awh_decode_string(struct awh_decoder *decoder, uint32_t entry, const char **out)
{
	if (!awh_decode_expect(decoder, entry, AWH_KIND_STRING))
		return 0;
	return awh_decode_text(decoder, entry, out);
}

/* What the strings of an array take, each with a NUL. False: it holds something else. */
static bool measure_strings(struct awh_decoder *decoder, uint32_t array, size_t *bytes)
{
	const uint32_t behind = awh_decode_entry(decoder, array)->next;
	bool all = true;

	for (uint32_t i = array + 1; i < behind; i = awh_index_behind(decoder->index, i)) {
		const struct awh_entry *e = awh_decode_entry(decoder, i);

		*bytes += (size_t)e->len + 1;
		if (!awh_decode_expect(decoder, i, AWH_KIND_STRING))
			all = false;
		else if (e->bits & AWH_ENTRY_NUL)
			awh_complain_at(decoder, i, AWH_NUL_REFUSED);
	}
	return all;
}

/* Measured first, so that it takes one piece of memory of the right size. */
int awh_decode_strings(struct awh_decoder *decoder, uint32_t entry, const char *const **out,
		       size_t *n_out)
{
	struct awh_arena *arena = &decoder->request->arena;
	size_t n_bytes = 0;
	size_t count;
	const char **strings;
	char *bytes;

	if (!awh_decode_expect(decoder, entry, AWH_KIND_ARRAY) ||
	    !measure_strings(decoder, entry, &n_bytes))
		return 0;
	count = awh_decode_entry(decoder, entry)->next - entry - 1; /* each string is one */
	strings = awh_arena_array(arena, count, sizeof(*strings));
	bytes = awh_arena_alloc(arena, n_bytes);
	if (!strings || !bytes)
		return awh_decode_nomem(decoder);
	for (size_t i = 0; i < count; i++) {
		strings[i] = bytes;
		bytes += copy_text(decoder, entry + 1 + (uint32_t)i, bytes) + 1;
	}
	*out = strings;
	*n_out = count;
	return 0;
}
