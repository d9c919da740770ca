/* SPDX-License-Identifier: MIT */
/*
 * Checks of fields that add their own error. The words are those of
 * k8s.io/apimachinery/pkg/util/validation and pkg/api/validation.
 */
#include <inttypes.h>

#include <admwh/require.h>

bool admwh_response_require(struct admwh_response *resp, struct admwh_value value)
{
	if (resp && !admwh_value_is_set(value))
		admwh_response_add_error(resp, ADMWH_REQUIRED, value, NULL);
	return resp && admwh_value_is_set(value);
}

bool admwh_response_require_integer(struct admwh_response *resp, struct admwh_value value,
				    int64_t least, int64_t most)
{
	int64_t number;

	if (!admwh_response_require(resp, value) || !admwh_value_integer(value, &number))
		return false;
	if (number >= least && number <= most)
		return true;
	admwh_response_add_error(resp, ADMWH_INVALID, value,
				 "must be between %" PRId64 " and %" PRId64 ", inclusive", least,
				 most);
	return false;
}

static void add_bound(struct admwh_response *resp, struct admwh_value value, const char *words,
		      const struct admwh_quantity *bound)
{
	char text[ADMWH_QUANTITY_TEXT_MAX + 1];

	admwh_quantity_format(bound, text, sizeof(text));
	admwh_response_add_error(resp, ADMWH_INVALID, value, "must be %s than or equal to %s",
				 words, text);
}

bool admwh_response_require_quantity(struct admwh_response *resp, struct admwh_value value,
				     const struct admwh_quantity *least,
				     const struct admwh_quantity *most)
{
	struct admwh_quantity quantity;

	if (!admwh_response_require(resp, value) || admwh_quantity_parse(&quantity, value))
		return false;
	if (least && admwh_quantity_compare(&quantity, least) < 0) {
		add_bound(resp, value, "greater", least);
		return false;
	}
	if (most && admwh_quantity_compare(&quantity, most) > 0) {
		add_bound(resp, value, "less", most);
		return false;
	}
	return true;
}

bool admwh_response_require_one_of(struct admwh_response *resp, struct admwh_value value,
				   const char *const *texts, size_t n_texts)
{
	if (!admwh_response_require(resp, value))
		return false;
	for (size_t i = 0; i < n_texts; i++)
		if (admwh_value_is(value, texts[i]))
			return true;
	admwh_response_add_not_supported(resp, value, texts, n_texts);
	return false;
}

bool admwh_response_require_unchanged(struct admwh_response *resp, struct admwh_value value,
				      struct admwh_value old)
{
	if (!resp)
		return false;
	if (!admwh_value_is_set(old) || admwh_value_equal(value, old))
		return true;
	if (admwh_response_require(resp, value))
		admwh_response_add_error(resp, ADMWH_INVALID, value, "field is immutable");
	return false;
}
