/* SPDX-License-Identifier: MIT */
#include "scan.h"

#include <string.h>

#include "json/escape.h"

bool awh_scan_is(const struct awh_scan *scan, const char *text)
{
	const size_t len = strlen(text);

	if (scan->escaped)
		return awh_escaped_is(scan->start, scan->len, text, len);
	return scan->len == len && memcmp(scan->start, text, len) == 0;
}

const char *awh_item_name(enum awh_item item)
{
	switch (item) {
	case AWH_ITEM_NULL:
		return "null";
	case AWH_ITEM_FALSE:
	case AWH_ITEM_TRUE:
		return "a boolean";
	case AWH_ITEM_NUMBER:
		return "a number";
	case AWH_ITEM_STRING:
		return "a string";
	case AWH_ITEM_ARRAY:
		return "an array";
	case AWH_ITEM_OBJECT:
		return "an object";
	default:
		return "nothing";
	}
}
