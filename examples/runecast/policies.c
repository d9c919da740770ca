/* SPDX-License-Identifier: MIT */
#include "policies.h"

#include <stdlib.h>
#include <string.h>

static const char *const counts[COUNTS] = {"total", "totalWithFix", "totalWithoutFixes"};

/* {"total": 0}: how many there may be. */
static int read_counts(struct place *place, json_t *object, json_int_t most[COUNTS])
{
	if (config_check_members(place, object, counts, COUNTS))
		return -1;
	for (int i = 0; i < COUNTS; i++) {
		json_t *value = json_object_get(object, counts[i]);

		if (!value)
			continue;
		most[i] = json_integer_value(value);
		if (!json_is_integer(value) || most[i] < 0) {
			config_enter(place, counts[i]);
			return config_complain(place, "expected a whole number, 0 or more");
		}
	}
	return 0;
}

static int read_severities(struct place *place, json_t *object, struct policy *policy)
{
	const char *names[SEVERITIES];
	size_t before = config_enter(place, "maxSeverity");

	for (int i = 0; i < SEVERITIES; i++)
		names[i] = severity_name((enum severity)i);
	if (!object) {
		config_leave(place, before);
		return 0;
	}
	if (config_check_members(place, object, names, SEVERITIES))
		return -1;
	for (int i = 0; i < SEVERITIES; i++) {
		json_t *value = json_object_get(object, names[i]);
		size_t inside = config_enter(place, names[i]);

		if (value && read_counts(place, value, policy->most[i]))
			return -1;
		config_leave(place, inside);
	}
	config_leave(place, before);
	return 0;
}

/* ["CVE-1"] as {"CVE-1": true}. */
static int read_ids(struct place *place, json_t *rule, const char *name, json_t **ids)
{
	const json_t *list = json_object_get(rule, name);
	size_t before = config_enter(place, name);

	*ids = json_object();
	if (!*ids)
		return config_complain(place, "out of memory");
	if (list && !json_is_array(list))
		return config_complain(place, "expected a list");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *id = json_string_value(json_array_get(list, i));
		size_t inside = config_enter_index(place, i);

		if (!id || !*id)
			return config_complain(place, "expected a text");
		if (json_object_set_new(*ids, id, json_true()))
			return config_complain(place, "out of memory");
		config_leave(place, inside);
	}
	config_leave(place, before);
	return 0;
}

/* A rule that refuses nothing is a mistake, and so is one that contradicts itself. */
static int check_rule(struct place *place, const struct policy *policy)
{
	bool refuses = json_object_size(policy->deny_always) > 0;
	const char *id;
	json_t *value;

	for (int i = 0; i < SEVERITIES; i++)
		for (int j = 0; j < COUNTS; j++)
			refuses = refuses || policy->most[i][j] >= 0;
	if (!refuses)
		return config_complain(place, "refuses nothing");
	json_object_foreach(policy->deny_always, id, value) {
		if (json_object_get(policy->allow_always, id))
			return config_complain(place, "%s is both in allowAlways and denyAlways",
					       id);
	}
	return 0;
}

static int read_rule(struct place *place, json_t *object, struct policy *policy)
{
	static const char *const names[] = {"maxSeverity", "allowAlways", "denyAlways"};
	json_t *rule = json_object_get(object, "rule");
	size_t before = config_enter(place, "rule");

	if (config_check_members(place, rule, names, 3) ||
	    read_severities(place, json_object_get(rule, "maxSeverity"), policy) ||
	    read_ids(place, rule, "allowAlways", &policy->allow_always) ||
	    read_ids(place, rule, "denyAlways", &policy->deny_always) || check_rule(place, policy))
		return -1;
	config_leave(place, before);
	return 0;
}

/* It is part of a path. */
static bool is_id(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789._-");

	return len >= 1 && len <= 63 && text[len] == '\0' && text[strspn(text, ".")] != '\0';
}

static int read_policy(struct place *place, const char *id, json_t *object, struct policy *policy)
{
	static const char *const names[] = {"name", "rule"};
	const char *name;

	for (int i = 0; i < SEVERITIES; i++)
		for (int j = 0; j < COUNTS; j++)
			policy->most[i][j] = -1;
	if (!is_id(id))
		return config_complain(place,
				       "a policy's id is 1 to 63 letters, digits, \".\", \"_\", "
				       "\"-\"");
	if (config_check_members(place, object, names, 2))
		return -1;
	name = config_text(place, object, "name");
	if (!name)
		return -1;
	policy->id = strdup(id);
	policy->name = strdup(name);
	if (!policy->id || !policy->name)
		return config_complain(place, "out of memory");
	return read_rule(place, object, policy);
}

static int read_all(struct place *place, json_t *object, struct policies *policies)
{
	const char *id;
	json_t *value;

	if (!json_is_object(object) || json_object_size(object) == 0)
		return config_complain(place, object ? "expected an object that is not empty"
						     : "required");
	policies->items = calloc(json_object_size(object), sizeof(*policies->items));
	if (!policies->items)
		return config_complain(place, "out of memory");
	json_object_foreach(object, id, value) {
		size_t before = config_enter(place, id);

		if (read_policy(place, id, value, &policies->items[policies->n_items++]))
			return -1;
		config_leave(place, before);
	}
	return 0;
}

struct policies *policies_read(struct place *place, json_t *root)
{
	static const char *const names[] = {"policies"};
	struct policies *policies;

	if (config_check_members(place, root, names, 1))
		return NULL;
	policies = calloc(1, sizeof(*policies));
	config_enter(place, "policies");
	if (!policies)
		config_complain(place, "out of memory");
	else if (read_all(place, json_object_get(root, "policies"), policies) == 0)
		return policies;
	policies_free(policies, NULL);
	return NULL;
}

void policies_free(void *object, void *userdata)
{
	struct policies *policies = object;

	(void)userdata;
	if (!policies)
		return;
	for (size_t i = 0; i < policies->n_items; i++) {
		free(policies->items[i].id);
		free(policies->items[i].name);
		json_decref(policies->items[i].allow_always);
		json_decref(policies->items[i].deny_always);
	}
	free(policies->items);
	free(policies);
}

const struct policy *policies_find(const struct policies *policies, const char *id)
{
	for (size_t i = 0; i < policies->n_items; i++)
		if (strcmp(policies->items[i].id, id) == 0)
			return &policies->items[i];
	return NULL;
}

bool policy_permits(const struct policy *policy, const struct scan *scan)
{
	json_int_t found[SEVERITIES][COUNTS] = {{0}};

	for (size_t i = 0; i < scan->n_items; i++) {
		const struct vulnerability *one = &scan->items[i];

		if (json_object_get(policy->deny_always, one->id))
			return false;
		if (json_object_get(policy->allow_always, one->id))
			continue;
		found[one->severity][TOTAL]++;
		found[one->severity][one->has_fix ? WITH_FIX : WITHOUT_FIX]++;
	}
	for (int i = 0; i < SEVERITIES; i++)
		for (int j = 0; j < COUNTS; j++)
			if (policy->most[i][j] >= 0 && found[i][j] > policy->most[i][j])
				return false;
	return true;
}

void *policies_parse(const char *bytes, size_t len, struct admwh_file *file, void *userdata)
{
	struct problem problem = {""};
	struct place place = {.problem = &problem};
	json_t *root = config_parse(&place, bytes, len);
	struct policies *policies = root ? policies_read(&place, root) : NULL;

	(void)userdata;
	json_decref(root);
	if (!policies)
		admwh_file_fail(file, "%s", problem.text);
	return policies;
}
