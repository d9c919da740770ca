/* SPDX-License-Identifier: MIT */
/*
 * auditpolicies.auditlog.cattle.io: the level is one that there is, filters say
 * allow or deny, and all expressions can be compiled.
 */
#include <string.h>

#include "go_text.h"
#include "rancher.h"

#define SPEC "auditpolicy.spec"

static const char what[] = "failed to get AuditPolicy from request";

/* An item that is a string; "" for null. */
static const char *item_text(const json_t *item, const char *field, struct text *wrong)
{
	if (!json_is_string(item) && !json_is_null(item) && !text_any(wrong))
		text_add(wrong, "json: cannot unmarshal %s into Go struct field %s of type string",
			 go_type_name(item), field);
	return json_is_string(item) ? json_string_value(item) : "";
}

static void check_level(const json_t *spec, struct text *why, struct text *wrong)
{
	const json_t *verbosity = object_in(spec, "verbosity", "AuditPolicySpec.spec.verbosity",
					    "v1.LogVerbosity", wrong);
	const json_t *level = json_object_get(verbosity, "level");

	if (!level || json_is_null(level))
		return;
	if (!json_is_integer(level) && !text_any(wrong))
		text_add(wrong,
			 "json: cannot unmarshal %s into Go struct field "
			 "LogVerbosity.spec.verbosity.level of type v1.Level",
			 go_type_name(level));
	else if (json_integer_value(level) < 0 || json_integer_value(level) > 3)
		text_add(why,
			 SPEC ".verbosity.level: Invalid value: %lld: .spec.verbosity.level must "
			      "be >= 0 or <= 3",
			 (long long)json_integer_value(level));
}

typedef bool check_fn(const char *text, struct text *error);

/* Is the text one that check takes? why says at which path it is not. */
static void check_text(const char *text, check_fn *check, const struct text *path, struct text *why)
{
	struct text error = {0};

	if (!text_any(why) && !check(text, &error))
		field_invalid(why, text_get(path), text, text_get(&error));
	why->failed = why->failed || error.failed;
	text_deinit(&error);
}

static void check_filters(const json_t *spec, struct text *why, struct text *wrong)
{
	const json_t *filters =
	    array_in(spec, "filters", "AuditPolicySpec.spec.filters", "[]v1.Filter", wrong);
	size_t i;
	json_t *filter;

	json_array_foreach(filters, i, filter)
	{
		const char *action = text_in(filter, "action", "Filter.spec.filters.action", wrong);
		const char *uri =
		    text_in(filter, "requestURI", "Filter.spec.filters.requestURI", wrong);
		struct text path = {0};

		text_add(&path, SPEC ".filters[%zu]", i);
		if (!text_any(why) && strcmp(action, "allow") != 0 && strcmp(action, "deny") != 0) {
			text_add(why, "%s: Unsupported value: ", text_get(&path));
			go_quote(why, action);
			text_add(why, ": supported values: \"allow\", \"deny\"");
		}
		check_text(uri, go_regexp_check, &path, why);
		text_deinit(&path);
	}
}

/* The texts of one list of one redaction. */
static void check_list(const json_t *redaction, size_t n, const char *key, check_fn *check,
		       struct text *why, struct text *wrong)
{
	struct text field = {0};
	const json_t *list;
	size_t i;
	json_t *item;

	text_add(&field, "Redaction.spec.additionalRedactions.%s", key);
	list = array_in(redaction, key, text_get(&field), "[]string", wrong);
	json_array_foreach(list, i, item)
	{
		struct text path = {0};

		text_add(&path, SPEC ".additionalRedactions[%zu].%s[%zu]", n, key, i);
		check_text(item_text(item, text_get(&field), wrong), check, &path, why);
		text_deinit(&path);
	}
	text_deinit(&field);
}

static void check_redactions(const json_t *spec, struct text *why, struct text *wrong)
{
	const json_t *redactions =
	    array_in(spec, "additionalRedactions", "AuditPolicySpec.spec.additionalRedactions",
		     "[]v1.Redaction", wrong);
	size_t i;
	json_t *redaction;

	json_array_foreach(redactions, i, redaction)
	{
		check_list(redaction, i, "headers", go_regexp_check, why, wrong);
		check_list(redaction, i, "paths", json_path_check, why, wrong);
	}
}

int validate_audit_policy(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	struct text wrong = {0}, why = {0};
	struct objects objects;
	const json_t *spec;

	(void)userdata;
	if (objects_get(req, resp, what, "v1.AuditPolicy", &objects))
		return ADMWH_E_HANDLER;
	spec = object_in(objects.object, "spec", "AuditPolicy.spec", "v1.AuditPolicySpec", &wrong);
	check_level(spec, &why, &wrong);
	check_filters(spec, &why, &wrong);
	check_redactions(spec, &why, &wrong);
	if (text_any(&wrong)) {
		text_deinit(&why);
		return give_up(resp, what, &wrong);
	}
	return text_any(&why) ? deny_bad_request(resp, &why) : admwh_response_allow(resp);
}
