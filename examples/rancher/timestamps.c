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
			    struct text *wrong)
{
	struct text field = {0};
	const char *value;

	text_add(&field, "%s.%s", partial->go_type, key);
	value = string_in(object, key, text_get(&field), wrong);
	text_deinit(&field);
	return value;
}

/* All of it is read before any of it is judged, as Go does. */
static void check_types(const json_t *object, const struct partial *partial, struct text *why)
{
	struct text wrong = {0};

	if (!object)
		text_add(&wrong, "unexpected end of JSON input");
	else if (!json_is_object(object))
		text_add(&wrong, "json: cannot unmarshal %s into Go value of type %s",
			 go_type_name(object), partial->go_type);
	for (const char *const *key = partial->times; *key; key++)
		value_of(object, partial, *key, &wrong);
	for (const char *const *key = partial->durations; *key; key++)
		value_of(object, partial, *key, &wrong);
	if (text_any(&wrong))
		text_add(why, "failed to get %s from request: %s", partial->go_type,
			 text_get(&wrong));
	why->failed = why->failed || wrong.failed;
	text_deinit(&wrong);
}

static void check_time(const char *key, const char *value, struct text *why)
{
	struct text error = {0};

	if (value && !go_time_check(value, &error))
		field_invalid(why, key, value, text_get(&error));
	text_deinit(&error);
}

static void check_duration(const char *key, const char *value, struct text *why)
{
	struct text error = {0};
	int64_t ns = 0;

	if (value && !go_duration_parse(value, &ns, &error))
		field_invalid(why, key, value, text_get(&error));
	else if (ns < 0)
		field_invalid(why, key, value, "negative duration");
	text_deinit(&error);
}

static int validate(const struct admwh_request *req, struct admwh_response *resp,
		    const struct partial *partial)
{
	const json_t *object = admwh_request_object_json(req);
	struct text why = {0};

	check_types(object, partial, &why);
	for (const char *const *key = partial->times; *key && !text_any(&why); key++)
		check_time(*key, value_of(object, partial, *key, &why), &why);
	for (const char *const *key = partial->durations; *key && !text_any(&why); key++)
		check_duration(*key, value_of(object, partial, *key, &why), &why);
	if (text_any(&why))
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
