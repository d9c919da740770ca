/* SPDX-License-Identifier: MIT */
/*
 * tokens.management.cattle.io, clusterauthtokens.cluster.cattle.io,
 * userattributes.management.cattle.io: times are RFC 3339, durations are Go's and
 * not negative. null is not set.
 *
 * The original reads these objects by itself, so one that it cannot read is a bad
 * request, where it is a failure for other rules.
 */
#include "go_time.h"
#include "rancher.h"

/* What is read of one kind of object; the lists end with NULL. */
struct partial {
	const char *go_type;
	const char *times[2];
	const char *durations[3];
};

static const char *value_of(const json_t *object, const struct partial *partial, const char *key,
			    struct words *wrong)
{
	struct words field = WORDS_NONE;
	const char *value;

	words_add(&field, "%s.%s", partial->go_type, key);
	value = string_in(object, key, words_text(&field), wrong);
	words_free(&field);
	return value;
}

/* All of it is read before any of it is judged, as Go does. */
static void check_types(const json_t *object, const struct partial *partial, struct words *why)
{
	struct words wrong = WORDS_NONE;

	if (!object)
		words_add(&wrong, "unexpected end of JSON input");
	else if (!json_is_object(object))
		words_add(&wrong, "json: cannot unmarshal %s into Go value of type %s",
			  go_type_name(object), partial->go_type);
	for (const char *const *key = partial->times; *key; key++)
		value_of(object, partial, *key, &wrong);
	for (const char *const *key = partial->durations; *key; key++)
		value_of(object, partial, *key, &wrong);
	if (words_any(&wrong))
		words_add(why, "failed to get %s from request: %s", partial->go_type,
			  words_text(&wrong));
	why->failed = why->failed || wrong.failed;
	words_free(&wrong);
}

static void check_time(const char *key, const char *value, struct words *why)
{
	struct words error = WORDS_NONE;

	if (value && !go_time_check(value, &error))
		field_invalid(why, key, value, words_text(&error));
	words_free(&error);
}

static void check_duration(const char *key, const char *value, struct words *why)
{
	struct words error = WORDS_NONE;
	int64_t ns = 0;

	if (value && !go_duration_parse(value, &ns, &error))
		field_invalid(why, key, value, words_text(&error));
	else if (ns < 0)
		field_invalid(why, key, value, "negative duration");
	words_free(&error);
}

static int validate(const struct admwh_request *req, struct admwh_response *resp,
		    const struct partial *partial)
{
	const json_t *object = admwh_request_object(req);
	struct words why = WORDS_NONE;

	check_types(object, partial, &why);
	for (const char *const *key = partial->times; *key && !words_any(&why); key++)
		check_time(*key, value_of(object, partial, *key, &why), &why);
	for (const char *const *key = partial->durations; *key && !words_any(&why); key++)
		check_duration(*key, value_of(object, partial, *key, &why), &why);
	if (words_any(&why))
		return deny_bad_request(resp, &why);
	return admwh_response_allow(resp);
}

int validate_token(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	static const struct partial token = {"PartialToken", {"lastUsedAt"}, {NULL}};

	(void)userdata;
	return validate(req, resp, &token);
}

int validate_cluster_auth_token(const struct admwh_request *req, struct admwh_response *resp,
				void *userdata)
{
	static const struct partial token = {"PartialClusterAuthToken", {"lastUsedAt"}, {NULL}};

	(void)userdata;
	return validate(req, resp, &token);
}

int validate_user_attribute(const struct admwh_request *req, struct admwh_response *resp,
			    void *userdata)
{
	static const struct partial attribute = {
	    "PartialUserAttribute", {"lastLogin"}, {"disableAfter", "deleteAfter"}};

	(void)userdata;
	return validate(req, resp, &attribute);
}
