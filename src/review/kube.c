/* SPDX-License-Identifier: MIT */
#include "review/kube.h"

#include <string.h>

bool awh_kube_index(const struct awh_token *token, size_t n, size_t *index)
{
	const bool has_sign = token->len > 0 && (token->text[0] == '-' || token->text[0] == '+');
	const bool negative = has_sign && token->text[0] == '-';
	size_t number = 0;

	if (token->len == has_sign)
		return false;
	for (size_t i = has_sign; i < token->len; i++) {
		if (token->text[i] < '0' || token->text[i] > '9')
			return false;
		if (number <= n)
			number = number * 10 + (size_t)(token->text[i] - '0');
	}
	if (negative ? number > n : number >= n)
		return false;
	*index = negative && number > 0 ? n - number : number;
	return *index < n;
}

bool awh_kube_equal(json_t *a, json_t *b, const struct awh_numbers *numbers)
{
	if (json_is_number(a) && json_is_number(b))
		return awh_json_same_text(a, b, numbers);
	if (json_typeof(a) != json_typeof(b))
		return false;
	if (json_is_string(a))
		return json_equal(a, b);
	if (json_object_size(a) != json_object_size(b) || json_array_size(a) != json_array_size(b))
		return false;
	for (void *member = json_object_iter(a); member;
	     member = json_object_iter_next(a, member)) {
		json_t *other = json_object_getn(b, json_object_iter_key(member),
						 json_object_iter_key_len(member));

		if (!other || !awh_kube_equal(json_object_iter_value(member), other, numbers))
			return false;
	}
	for (size_t i = 0; i < json_array_size(a); i++) {
		json_t *element = json_array_get(a, i);

		if (json_is_null(element) ||
		    !awh_kube_equal(element, json_array_get(b, i), numbers))
			return false;
	}
	return true;
}

const char *awh_kube_pointer(const char *text, size_t *len, struct awh_arena *arena)
{
	const char *end = text + *len;
	const char *start = memchr(text, '/', *len);
	char *mended, *out;

	if (!start)
		return text;
	mended = out = awh_arena_array(arena, (size_t)(end - start) + 1, 2);
	if (!mended)
		return NULL;
	for (const char *c = start; c < end; c++) {
		*out++ = *c;
		if (*c == '~' && (c + 1 == end || (c[1] != '0' && c[1] != '1')))
			*out++ = '0';
	}
	*len = (size_t)(out - mended);
	return mended;
}
