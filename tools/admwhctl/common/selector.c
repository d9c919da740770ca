/* SPDX-License-Identifier: MIT */
#include "common/selector.h"

#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

#include "common/files.h"
#include "common/values.h"

/* The library reads selectors of the bytes of a document. */
bool selector_matches(const json_t *selector, const json_t *labels)
{
	json_t *both = json_made(json_pack("{s:O?, s:O?}", "selector", selector, "labels", labels));
	char *text = json_dumps(both, JSON_COMPACT);
	struct admwh_document *document = text ? admwh_document_parse(text, strlen(text)) : NULL;
	struct admwh_value value;
	bool is_match;

	if (!document)
		out_of_memory();
	value = admwh_document_value(document);
	is_match = !selector || json_is_null(selector) ||
		   admwh_selector_value_matches(admwh_value_get(value, "selector"),
						admwh_value_get(value, "labels"));
	admwh_document_free(document);
	free(text);
	json_decref(both);
	return is_match;
}

bool labels_match(const json_t *wanted, const json_t *labels)
{
	json_t *selector = json_made(json_pack("{s:O?}", "matchLabels", wanted));
	bool is_match = selector_matches(selector, labels);

	json_decref(selector);
	return is_match;
}
