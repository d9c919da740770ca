/* SPDX-License-Identifier: MIT */
/*
 * The table of permissions. It is checked whole when it is read: a rule that is
 * misspelt must not turn into one that lets no one in, or everyone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/file.h"
#include "permissions.h"

enum { FILE_MAX = 16 << 20 };

struct permissions {
	json_t *rules; /* an array; checked */
};

static bool lists(const json_t *array, const char *text)
{
	size_t i;
	json_t *item;

	json_array_foreach(array, i, item)
		if (strcmp(json_string_value(item), text) == 0)
			return true;
	return false;
}

static bool lists_or_all(const json_t *array, const char *text)
{
	return lists(array, "*") || lists(array, text);
}

static bool is_for(const json_t *rule, const struct admwh_user *user)
{
	const json_t *groups = json_object_get(rule, "groups");

	if (user->username && lists(json_object_get(rule, "users"), user->username))
		return true;
	for (size_t i = 0; i < user->n_groups; i++)
		if (lists(groups, user->groups[i]))
			return true;
	return false;
}

static bool check_list(const json_t *list, size_t rule, const char *key, struct text *error)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item)
		if (!json_is_string(item))
			text_add(error, "rules[%zu].%s[%zu]: expected a string", rule, key, i);
	if (!json_is_array(list) || json_array_size(list) == 0)
		text_add(error, "rules[%zu].%s: expected a list of strings", rule, key);
	return error->len == 0;
}

static bool check_rule(json_t *rule, size_t n, struct text *error)
{
	static const char known[] = " users groups verbs projects ";
	const char *key;
	json_t *value;

	if (!json_is_object(rule))
		text_add(error, "rules[%zu]: expected an object", n);
	json_object_foreach(rule, key, value) {
		struct text word = {0};

		text_add(&word, " %s ", key);
		if (!strstr(known, text_get(&word)) && !error->len)
			text_add(error, "rules[%zu]: unknown key %s", n, key);
		text_deinit(&word);
		if (error->len || !check_list(value, n, key, error))
			return false;
	}
	if (!error->len && !json_object_get(rule, "users") && !json_object_get(rule, "groups"))
		text_add(error, "rules[%zu]: neither users nor groups", n);
	if (!error->len && (!json_object_get(rule, "verbs") || !json_object_get(rule, "projects")))
		text_add(error, "rules[%zu]: verbs and projects are needed", n);
	return error->len == 0;
}

static json_t *check(json_t *table, struct text *error)
{
	json_t *rules = json_object_get(table, "rules");
	size_t i;
	json_t *rule;

	if (!json_is_array(rules) || json_object_size(table) != 1) {
		text_add(error, "expected {\"rules\": [...]}");
		return NULL;
	}
	json_array_foreach(rules, i, rule)
		if (!check_rule(rule, i, error))
			return NULL;
	return rules;
}

static json_t *read_file(const char *file, struct text *error)
{
	json_error_t json_error;
	json_t *table = NULL;
	size_t len;
	char *data = file_read(file, FILE_MAX, &len);

	if (!data) {
		text_add(error, "%s: %s", file, strerror(errno));
		return NULL;
	}
	table = json_loadb(data, len, JSON_REJECT_DUPLICATES, &json_error);
	if (!table)
		text_add(error, "%s: line %d: %s", file, json_error.line, json_error.text);
	free(data);
	return table;
}

struct permissions *permissions_load(const char *file, struct text *error)
{
	struct permissions *permissions = calloc(1, sizeof(*permissions));
	json_t *table;

	if (!permissions) {
		text_add(error, "out of memory");
		return NULL;
	}
	if (!file)
		return permissions;
	table = read_file(file, error);
	if (table)
		permissions->rules = json_incref(check(table, error));
	json_decref(table);
	if (permissions->rules)
		return permissions;
	free(permissions);
	return NULL;
}

bool permissions_allow(const struct permissions *permissions, const struct admwh_user *user,
		       const char *verb, const char *project)
{
	size_t i;
	json_t *rule;

	json_array_foreach(permissions->rules, i, rule)
		if (is_for(rule, user) && lists_or_all(json_object_get(rule, "verbs"), verb) &&
		    lists_or_all(json_object_get(rule, "projects"), project))
			return true;
	return false;
}

void permissions_free(struct permissions *permissions)
{
	if (!permissions)
		return;
	json_decref(permissions->rules);
	free(permissions);
}
