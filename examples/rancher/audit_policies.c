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

static void check_level(const json_t *spec, struct text *why)
{
	json_int_t level =
	    json_integer_value(json_object_get(json_object_get(spec, "verbosity"), "level"));

	if (level < 0 || level > 3)
		text_add(why,
			 SPEC ".verbosity.level: Invalid value: %lld: .spec.verbosity.level must "
			      "be >= 0 or <= 3",
			 (long long)level);
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

static void check_filters(const json_t *spec, struct text *why)
{
	const json_t *filters = json_object_get(spec, "filters");
	size_t i;
	json_t *filter;

	json_array_foreach(filters, i, filter) {
		const char *action = text_in(filter, "action");
		const char *uri = text_in(filter, "requestURI");
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
		       struct text *why)
{
	const json_t *list = json_object_get(redaction, key);
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item) {
		const char *text = json_is_string(item) ? json_string_value(item) : "";
		struct text path = {0};

		text_add(&path, SPEC ".additionalRedactions[%zu].%s[%zu]", n, key, i);
		check_text(text, check, &path, why);
		text_deinit(&path);
	}
}

static void check_redactions(const json_t *spec, struct text *why)
{
	const json_t *redactions = json_object_get(spec, "additionalRedactions");
	size_t i;
	json_t *redaction;

	json_array_foreach(redactions, i, redaction) {
		check_list(redaction, i, "headers", go_regexp_check, why);
		check_list(redaction, i, "paths", json_path_check, why);
	}
}

int validate_audit_policy(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	struct text why = {0};
	const json_t *object, *spec;

	(void)userdata;
	if (object_get(req, resp, what, "v1.AuditPolicy", &object))
		return ADMWH_E_HANDLER;
	spec = json_object_get(object, "spec");
	check_level(spec, &why);
	check_filters(spec, &why);
	check_redactions(spec, &why);
	return text_any(&why) ? deny_bad_request(resp, &why) : admwh_response_allow(resp);
}
