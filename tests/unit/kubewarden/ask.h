/* SPDX-License-Identifier: MIT */
/* What the tests of policies share: settings and objects as JSON text, verdicts as one text. */
#ifndef TEST_ASK_H
#define TEST_ASK_H

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <admwh/json.h>
#include <admwh/value.h>

#include "policy.h"

static inline void turn_quotes(char *text)
{
	for (char *c = text; *c; c++)
		*c = *c == '\'' ? '"' : *c;
}

/* Written with ' instead of ", which is easier to read in C. */
static inline json_t *read_json(const char *text)
{
	struct admwh_json *reader = admwh_json_new();
	char *copy = strdup(text);
	json_t *json;

	assert_non_null(copy);
	assert_int_equal(admwh_json_set_nul_in_trees(reader, true), 0);
	turn_quotes(copy);
	json = admwh_json_parse(reader, copy, strlen(copy));
	if (!json)
		fail_msg("%s: %s", admwh_json_error(reader), text);
	admwh_json_free(reader);
	free(copy);
	return json;
}

/* The same as a document. */
static inline struct admwh_document *read_document(const char *text)
{
	char *copy = strdup(text);
	struct admwh_document *document;

	assert_non_null(copy);
	turn_quotes(copy);
	document = admwh_document_parse(copy, strlen(copy));
	assert_string_equal(admwh_document_error(document), "");
	free(copy);
	return document;
}

/* "" and 'Pod' make the kind of a Pod, and so on. */
static inline struct kw_review review_of(const char *kind, struct admwh_value object, json_t *tree)
{
	bool apps = strstr("Deployment ReplicaSet StatefulSet DaemonSet", kind) != NULL;
	bool batch = strstr("Job CronJob", kind) != NULL;

	return (struct kw_review){.group = apps    ? "apps"
					   : batch ? "batch"
						   : "",
				  .version = "v1",
				  .kind = kind,
				  .object = object,
				  .object_json = tree};
}

/* "allowed", "mutated: {...}" or "denied[ CODE]: MESSAGE". New. */
static inline char *tell_verdict(const struct kw_verdict *verdict)
{
	struct text text = {0};
	char *mutated;

	if (verdict->mutated) {
		mutated = json_dumps(verdict->mutated, JSON_COMPACT);
		text_add(&text, "mutated: %s", mutated);
		free(mutated);
		for (char *c = text.data; *c; c++)
			*c = *c == '"' ? '\'' : *c;
	} else if (verdict->allowed) {
		text_add(&text, "allowed");
	} else {
		text_add(&text, "denied");
		if (verdict->code)
			text_add(&text, " %d", verdict->code);
		text_add(&text, ": %s", verdict->message ? verdict->message : "");
	}
	return text_take(&text);
}

#endif
