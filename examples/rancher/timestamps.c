/* SPDX-License-Identifier: MIT */
/*
 * tokens.management.cattle.io, clusterauthtokens.cluster.cattle.io,
 * userattributes.management.cattle.io: times are RFC 3339, durations are Go's and
 * not negative. null is not set.
 *
 * The original reads these objects by itself, so one that it cannot read is a bad
 * request, where it is a failure for other rules.
 */
#include <string.h>

#include "go_decode.h"
#include "go_time.h"
#include "rancher.h"

/* What is read of one kind of object; the lists end with NULL. */
struct partial {
	const char *go_type; /* with its package */
	const char *times[2];
	const char *durations[3];
};

static void check_types(struct admwh_value object, const struct partial *partial, struct text *why)
{
	struct text wrong = {0};

	if (!go_decode_check(object, partial->go_type, &wrong))
		text_add(why, "failed to get %s from request: %s",
			 strchr(partial->go_type, '.') + 1, text_get(&wrong));
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
	struct admwh_value object = admwh_request_object(req);
	struct text why = {0};

	check_types(object, partial, &why);
	for (const char *const *key = partial->times; *key && !text_any(&why); key++)
		check_time(*key, admwh_value_string(admwh_value_get(object, *key)), &why);
	for (const char *const *key = partial->durations; *key && !text_any(&why); key++)
		check_duration(*key, admwh_value_string(admwh_value_get(object, *key)), &why);
	if (text_any(&why))
		return deny_bad_request(resp, &why);
	return admwh_response_allow(resp);
}

int validate_token(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	static const struct partial token = {"token.PartialToken", {"lastUsedAt"}, {NULL}};

	(void)userdata;
	return validate(req, resp, &token);
}

int validate_cluster_auth_token(const struct admwh_request *req, struct admwh_response *resp,
				void *userdata)
{
	static const struct partial token = {
	    "clusterauthtoken.PartialClusterAuthToken", {"lastUsedAt"}, {NULL}};

	(void)userdata;
	return validate(req, resp, &token);
}

int validate_user_attribute(const struct admwh_request *req, struct admwh_response *resp,
			    void *userdata)
{
	static const struct partial attribute = {
	    "userattribute.PartialUserAttribute", {"lastLogin"}, {"disableAfter", "deleteAfter"}};

	(void)userdata;
	return validate(req, resp, &attribute);
}
