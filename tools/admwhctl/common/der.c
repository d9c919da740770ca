/* SPDX-License-Identifier: MIT */
#include "common/der.h"

#include <stdlib.h>
#include <string.h>

#include "common/files.h"

void der_raw(struct der *der, const void *bytes, size_t len)
{
	if (der->size - der->len < len) {
		der->size = 2 * der->size + len + 512;
		der->bytes = memory_grown(der->bytes, der->size);
	}
	if (len > 0)
		memcpy(der->bytes + der->len, bytes, len);
	der->len += len;
}

/* Returns how many bytes of head there are. */
static size_t head_of(unsigned char head[5], size_t len)
{
	size_t n = 0;

	if (len < 0x80) {
		head[0] = (unsigned char)len;
		return 1;
	}
	while (n < 4 && len >> (8 * n))
		n++;
	head[0] = (unsigned char)(0x80 | n);
	for (size_t i = 0; i < n; i++)
		head[1 + i] = (unsigned char)(len >> (8 * (n - 1 - i)));
	return 1 + n;
}

size_t der_begin(struct der *der, unsigned int tag)
{
	unsigned char byte = (unsigned char)tag;

	der_raw(der, &byte, 1);
	return der->len;
}

void der_end(struct der *der, size_t mark)
{
	size_t len = der->len - mark;
	unsigned char head[5];
	size_t n = head_of(head, len);

	der_raw(der, head, n); /* makes room; then the contents move behind the head */
	memmove(der->bytes + mark + n, der->bytes + mark, len);
	memcpy(der->bytes + mark, head, n);
}

void der_add(struct der *der, unsigned int tag, const void *bytes, size_t len)
{
	size_t mark = der_begin(der, tag);

	der_raw(der, bytes, len);
	der_end(der, mark);
}

void der_deinit(struct der *der)
{
	free(der->bytes);
	memset(der, 0, sizeof(*der));
}

/* The length at bytes[1]; head: of tag and length. */
static bool read_length(const struct der_view *from, size_t *head, size_t *len)
{
	size_t n;

	if (from->len < 2)
		return false;
	*len = from->at[1];
	*head = 2;
	if (*len < 0x80)
		return true;
	n = *len & 0x7f;
	if (n == 0 || n > 4 || from->len < 2 + n)
		return false;
	*len = 0;
	for (size_t i = 0; i < n; i++)
		*len = *len << 8 | from->at[2 + i];
	*head = 2 + n;
	return true;
}

bool der_take(struct der_view *from, unsigned int *tag, struct der_view *contents,
	      struct der_view *whole)
{
	size_t head, len;

	if (!read_length(from, &head, &len) || from->len - head < len)
		return false;
	*tag = from->at[0];
	*contents = (struct der_view){from->at + head, len};
	if (whole)
		*whole = (struct der_view){from->at, head + len};
	from->at += head + len;
	from->len -= head + len;
	return true;
}

bool der_take_tag(struct der_view *from, unsigned int tag, struct der_view *contents)
{
	struct der_view rest = *from;
	unsigned int found;

	if (!der_take(&rest, &found, contents, NULL) || found != tag)
		return false;
	*from = rest;
	return true;
}

bool der_equal(const struct der_view *view, const void *bytes, size_t len)
{
	return view->len == len && memcmp(view->at, bytes, len) == 0;
}
