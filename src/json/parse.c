/* SPDX-License-Identifier: MIT */
#include "json/json.h"

int awh_json_check(const char *text, size_t len, size_t depth, struct awh_error *error)
{
	const struct awh_index_options options = {.depth = depth};
	struct awh_index index = AWH_INDEX_NULL;
	int err = awh_index_read(&index, text, len, &options, error);

	awh_index_deinit(&index);
	return err;
}

static json_t *parse(const char *text, size_t len, const struct awh_index_options *options,
		     struct awh_numbers *numbers, struct awh_error *error)
{
	struct awh_index index = AWH_INDEX_NULL;
	json_t *value = NULL;

	if (awh_index_read(&index, text, len, options, error) == 0) {
		value = awh_json_build(&index, 0, numbers);
		if (!value)
			awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	}
	awh_index_deinit(&index);
	return value;
}

json_t *awh_json_parse(const char *text, size_t len, size_t depth, struct awh_numbers *numbers,
		       struct awh_error *error)
{
	const struct awh_index_options options = {.depth = depth};

	return parse(text, len, &options, numbers, error);
}

json_t *awh_json_parse_without_nul(const char *text, size_t len, size_t depth,
				   struct awh_numbers *numbers, struct awh_error *error)
{
	const struct awh_index_options options = {.depth = depth, .refuses_nul = true};

	return parse(text, len, &options, numbers, error);
}
