/* SPDX-License-Identifier: MIT */
#include "review/labels.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool is(const struct awh_token *token, const char *text)
{
	return token->len == strlen(text) && memcmp(token->text, text, token->len) == 0;
}

static bool ends_with(const struct awh_token *token, const char *end)
{
	const size_t len = strlen(end);

	return token->len >= len && memcmp(token->text + token->len - len, end, len) == 0;
}

/*
 * Do the first n tokens lead to an object with metadata of its own? The object under review has it,
 * and by Kubernetes' conventions the templates in it: template, jobTemplate, volumeClaimTemplates.
 */
static bool has_metadata(const struct awh_pointer *pointer, size_t n)
{
	size_t index;

	if (n == 0)
		return true;
	if (n > 1 && awh_token_index(&pointer->tokens[n - 1], SIZE_MAX, &index))
		return ends_with(&pointer->tokens[n - 2], "emplates");
	return ends_with(&pointer->tokens[n - 1], "emplate");
}

/* The token that is the key of a label or annotation; 0 for none. */
static size_t find_key(const struct awh_pointer *pointer, const char **what)
{
	for (size_t n = 0; n + 2 < pointer->n_tokens; n++) {
		const struct awh_token *map = &pointer->tokens[n + 1];

		if (!has_metadata(pointer, n) || !is(&pointer->tokens[n], "metadata"))
			continue;
		*what = is(map, "labels")        ? "a label"
			: is(map, "annotations") ? "an annotation"
						 : NULL;
		if (*what)
			return n + 2;
	}
	return 0;
}

bool awh_label_refused(const struct awh_pointer *pointer, enum awh_kind kind, char *reason,
		       size_t size)
{
	const char *what;
	const size_t key = find_key(pointer, &what);

	if (key == 0)
		return false;
	if (key + 1 < pointer->n_tokens)
		snprintf(reason, size,
			 "%s is a string and has no members: write \"/\" in its key as \"~1\"",
			 what);
	else if (kind != AWH_KIND_STRING)
		snprintf(reason, size, "%s is a string, not %s", what, awh_kind_name(kind));
	else
		return false;
	return true;
}
