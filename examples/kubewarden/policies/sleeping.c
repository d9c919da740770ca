/* SPDX-License-Identifier: MIT */
/*
 * sleeping: allows after a while, for tests of timeouts. An annotation,
 * kubewarden.sleep_duration_milliseconds, says how long; else the settings do.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "../pod.h"
#include "../settings.h"

enum { NAP_MS = 100 };

static void *load(const json_t *json, struct text *error)
{
	uint64_t *ms = calloc(1, sizeof(*ms));

	if (!ms)
		return NULL;
	if (kw_settings_uint(json, "sleepMilliseconds", ms, error) == 0 && *ms > 0)
		return ms;
	if (error->len == 0)
		text_add(error, "sleep_milliseconds must be set and be major than 0");
	free(ms);
	return NULL;
}

/* What the annotation says, a text or a number; false when it is a text but no number. */
static bool read_annotation(const json_t *object, uint64_t *ms)
{
	json_t *metadata, *annotations, *value;
	const char *text;
	char *end;

	if (!kw_member_object(object, "metadata", &metadata) ||
	    !kw_member_object(metadata, "annotations", &annotations))
		return true;
	value = json_object_get(annotations, "kubewarden.sleep_duration_milliseconds");
	text = kw_text(value);
	if (json_is_integer(value))
		*ms = json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value) : 0;
	if (!text)
		return !json_is_string(value);
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ms = strtoull(text, &end, 10);
	return errno == 0 && !*end;
}

static int evaluate(const void *settings, const struct kw_review *review,
		    struct kw_verdict *verdict)
{
	const struct timespec nap = {.tv_nsec = (long)NAP_MS * 1000000};
	uint64_t ms = *(const uint64_t *)settings;

	if (!read_annotation(review->object_json, &ms))
		return kw_deny(verdict, 500, "internal server error: the annotation is no time");
	for (uint64_t n = ms / NAP_MS; n > 0 && !kw_review_expired(review); n--)
		nanosleep(&nap, NULL);
	return kw_allow(verdict);
}

const struct kw_policy_type kw_sleeping = {"sleeping", load, free, evaluate, false, false};
