/* SPDX-License-Identifier: MIT */
#include "verify/selector.h"

#include <string.h>

#include "common/values.h"
#include "verify/folder.h"

/* Cilium may name the source of a label. */
static const char *without_source(const char *key)
{
	return strncmp(key, "k8s:", 4) == 0 || strncmp(key, "any:", 4) == 0 ? key + 4 : key;
}

bool labels_match(json_t *wanted, json_t *labels)
{
	const char *key;
	json_t *value;

	json_object_foreach(wanted, key, value)
	{
		if (!json_equal(value, json_object_get(labels, without_source(key))))
			return false;
	}
	return true;
}

static bool holds(json_t *expression, json_t *labels)
{
	const char *relation = text_at(expression, "operator");
	const char *key = text_at(expression, "key");
	const char *value = key ? json_string_value(json_object_get(labels, key)) : NULL;

	if (!relation)
		return false;
	if (strcmp(relation, "Exists") == 0)
		return value != NULL;
	if (strcmp(relation, "DoesNotExist") == 0)
		return value == NULL;
	if (strcmp(relation, "NotIn") == 0)
		return !value || !has_text(at(expression, "values"), value);
	return value && has_text(at(expression, "values"), value);
}

bool selector_matches(json_t *selector, json_t *labels)
{
	json_t *expression;
	size_t i;

	if (!labels_match(at(selector, "matchLabels"), labels))
		return false;
	json_array_foreach(at(selector, "matchExpressions"), i,
			   expression) if (!holds(expression, labels)) return false;
	return true;
}
