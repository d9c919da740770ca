/* SPDX-License-Identifier: MIT */
/*
 * The annotation field.cattle.io/containerDefaultResourceLimit: JSON that users
 * write by hand, so it is read as Go reads it, names in any case included.
 */
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "limits.h"
#include "quantity.h"
#include "rancher.h"

static void wrong_type(const json_t *value, const char *key, struct text *why)
{
	text_add(why,
		 "invalid resource limits annotation: json: cannot unmarshal %s into Go struct "
		 "field ResourceLimits.%s of type string",
		 go_type_name(value), key);
}

/* The last member of that name, in any case; "" when there is none. */
static const char *find(json_t *limits, const char *name, struct text *why)
{
	const char *key, *found = "";
	json_t *value;

	json_object_foreach(limits, key, value)
	{
		if (strcasecmp(key, name) != 0 || json_is_null(value))
			continue;
		if (!json_is_string(value) && !text_any(why))
			wrong_type(value, name, why);
		found = json_is_string(value) ? json_string_value(value) : found;
	}
	return found;
}

static bool parse(const char *text, const char *name, struct quantity *quantity, struct text *why)
{
	struct text error = {0};
	bool valid = !*text || quantity_parse(text, quantity, &error);

	if (!valid)
		text_add(why, "invalid %s value: %s", name, text_get(&error));
	text_deinit(&error);
	return valid;
}

struct pair {
	const char *request_name;
	const char *limit_name;
	const char *request; /* "" when absent */
	const char *limit;
};

static bool check_pair(const struct pair *pair, struct text *why)
{
	struct quantity request = {0}, limit = {0};
	bool valid = parse(pair->request, pair->request_name, &request, why) &&
		     parse(pair->limit, pair->limit_name, &limit, why);

	if (valid && *pair->request && *pair->limit && quantity_compare(&request, &limit) > 0) {
		text_add(why, "%s (", pair->request_name);
		quantity_write(&request, why);
		text_add(why, ") cannot be greater than %s (", pair->limit_name);
		quantity_write(&limit, why);
		text_add(why, ")");
		valid = false;
	}
	quantity_free(&request);
	quantity_free(&limit);
	return valid;
}

static bool check_object(json_t *limits, struct text *why)
{
	struct pair cpu = {"requestsCpu", "limitsCpu", find(limits, "requestsCpu", why),
			   find(limits, "limitsCpu", why)};
	struct pair memory = {"requestsMemory", "limitsMemory", find(limits, "requestsMemory", why),
			      find(limits, "limitsMemory", why)};

	return !text_any(why) && check_pair(&cpu, why) && check_pair(&memory, why);
}

bool limits_check(const char *annotation, struct text *why)
{
	struct text error = {0};
	json_t *limits = json_in_text(annotation, &error);
	bool valid = json_is_null(limits);

	if (json_is_object(limits))
		valid = check_object(limits, why);
	else if (limits && !valid)
		text_add(&error,
			 "json: cannot unmarshal %s into Go value of type "
			 "namespace.ResourceLimits",
			 go_type_name(limits));
	if (text_any(&error))
		text_add(why, "invalid resource limits annotation: %s", text_get(&error));
	text_deinit(&error);
	json_decref(limits);
	return valid;
}
