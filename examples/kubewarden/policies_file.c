/* SPDX-License-Identifier: MIT */
/* policies.yml -> structs. See policies_file.h. */
#include "policies_file.h"

#include <stdlib.h>
#include <string.h>

#include "yaml_file.h"

/* One mapping being read: what it belongs to, for errors and notes. */
struct reader {
	struct kw_yaml *yaml;
	struct kw_policies *policies;
	const char *id; /* of the policy; "" at the top */
	struct text *error;
};

static int fail(struct reader *reader, const yaml_node_t *node, const char *key, const char *what)
{
	return kw_yaml_fail(node, reader->error, "%s: %s: %s", reader->id, key, what);
}

static int read_text(struct reader *reader, const yaml_node_t *node, const char *key, char **text)
{
	const char *value = kw_yaml_text(node);

	if (!value)
		return fail(reader, node, key, "expected a string");
	*text = strdup(value);
	return *text ? 0 : fail(reader, node, key, "out of memory");
}

/* true, false, or null for false. */
static int read_flag(struct reader *reader, const yaml_node_t *node, const char *key, bool *flag)
{
	json_t *value = kw_yaml_json(reader->yaml, node, reader->error);
	bool right = json_is_boolean(value) || json_is_null(value);

	*flag = json_is_true(value);
	json_decref(value);
	if (right || reader->error->len > 0)
		return right ? 0 : -1;
	return fail(reader, node, key, "expected true or false");
}

static int read_mode(struct reader *reader, const yaml_node_t *node, enum kw_mode *mode)
{
	const char *value = kw_yaml_text(node);

	if (value && strcmp(value, "protect") == 0)
		*mode = KW_PROTECT;
	else if (value && strcmp(value, "monitor") == 0)
		*mode = KW_MONITOR;
	else
		return fail(reader, node, "policyMode", "expected protect or monitor");
	return 0;
}

static int read_settings(struct reader *reader, const yaml_node_t *node, json_t **settings)
{
	if (kw_yaml_is_null(node))
		return 0;
	if (node->type != YAML_MAPPING_NODE)
		return fail(reader, node, "settings", "expected a mapping");
	json_decref(*settings);
	*settings = kw_yaml_json(reader->yaml, node, reader->error);
	return *settings ? 0 : -1;
}

static int read_timeout(struct reader *reader, const yaml_node_t *node, int64_t *seconds)
{
	json_t *value;

	if (kw_yaml_is_null(node))
		return 0;
	value = kw_yaml_json(reader->yaml, node, reader->error);
	if (!value)
		return -1;
	*seconds = json_is_integer(value) ? json_integer_value(value) : -1;
	json_decref(value);
	if (*seconds < 1 || *seconds > 3600)
		return fail(reader, node, "timeoutEvalSeconds",
			    "expected a number of seconds, 1 to 3600");
	return 0;
}

/* contextAwareResources and hostCapabilities: right in form, and noted. */
static int read_host(struct reader *reader, const yaml_node_t *node, const char *key,
		     struct kw_member *member)
{
	if (kw_yaml_is_null(node))
		return 0;
	if (node->type != YAML_SEQUENCE_NODE)
		return fail(reader, node, key, "expected a list");
	if (node->data.sequence.items.start < node->data.sequence.items.top) {
		member->wants_host = true;
		text_add(&reader->policies->notes, "%s: %s: no policy of this server asks for it\n",
			 reader->id, key);
	}
	return 0;
}

/* A key that policies and members of groups have in common. 1: it was one; 0; -1. */
static int read_member_key(struct reader *reader, const char *key, const yaml_node_t *node,
			   struct kw_member *member)
{
	int status;

	if (strcmp(key, "module") == 0)
		status = read_text(reader, node, key, &member->module);
	else if (strcmp(key, "settings") == 0)
		status = read_settings(reader, node, &member->settings_json);
	else if (strcmp(key, "timeoutEvalSeconds") == 0)
		status = read_timeout(reader, node, &member->timeout_s);
	else if (strcmp(key, "contextAwareResources") == 0 || strcmp(key, "hostCapabilities") == 0)
		status = read_host(reader, node, key, member);
	else
		return 0;
	return status ? -1 : 1;
}

static int member_init(struct reader *reader, struct kw_member *member, const char *name)
{
	member->timeout_s = -1;
	member->name = strdup(name);
	member->settings_json = json_object();
	if (member->name && member->settings_json)
		return 0;
	text_add(reader->error, "out of memory");
	return -1;
}

static int read_group_member(struct reader *reader, const yaml_node_t *node,
			     struct kw_member *member)
{
	if (node->type != YAML_MAPPING_NODE)
		return fail(reader, node, member->name, "expected a mapping");
	if (kw_yaml_check_keys(reader->yaml, node, reader->error))
		return -1;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		const char *key = kw_yaml_text(kw_yaml_key(reader->yaml, pair));
		int known = read_member_key(reader, key, kw_yaml_value(reader->yaml, pair), member);

		if (known < 0)
			return -1;
		if (known == 0)
			return fail(reader, kw_yaml_key(reader->yaml, pair), key,
				    "unknown key of a group's policy");
	}
	return member->module ? 0 : fail(reader, node, member->name, "module is missing");
}

static int read_group_members(struct reader *reader, const yaml_node_t *node,
			      struct kw_policy *policy)
{
	size_t n;

	if (node->type != YAML_MAPPING_NODE)
		return fail(reader, node, "policies", "expected a mapping");
	if (kw_yaml_check_keys(reader->yaml, node, reader->error))
		return -1;
	n = (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
	policy->members = calloc(n + 1, sizeof(*policy->members));
	if (!policy->members)
		return fail(reader, node, "policies", "out of memory");
	for (size_t i = 0; i < n; i++) {
		const yaml_node_pair_t *pair = node->data.mapping.pairs.start + i;
		const char *name = kw_yaml_text(kw_yaml_key(reader->yaml, pair));
		struct kw_member *member = &policy->members[policy->n_members++];

		if (member_init(reader, member, name))
			return -1;
		if (strchr(name, '/'))
			return kw_yaml_fail(kw_yaml_key(reader->yaml, pair), reader->error,
					    "policy group '%s' contains policies with invalid "
					    "names: [\"%s\"]",
					    policy->id, name);
		if (read_group_member(reader, kw_yaml_value(reader->yaml, pair), member))
			return -1;
	}
	return 0;
}

static int read_policy_key(struct reader *reader, const char *key, const yaml_node_t *node,
			   struct kw_policy *policy, bool group)
{
	int known = 0;

	if (strcmp(key, "policyMode") == 0)
		return read_mode(reader, node, &policy->mode);
	if (strcmp(key, "message") == 0)
		return kw_yaml_is_null(node) && !group
			   ? 0
			   : read_text(reader, node, key, &policy->message);
	if (group && strcmp(key, "policies") == 0)
		return read_group_members(reader, node, policy);
	if (group && strcmp(key, "expression") == 0)
		return read_text(reader, node, key, &policy->expression);
	if (!group && strcmp(key, "allowedToMutate") == 0)
		return read_flag(reader, node, key, &policy->allowed_to_mutate);
	if (!group)
		known = read_member_key(reader, key, node, &policy->members[0]);
	if (known == 0)
		text_add(&reader->policies->notes, "%s: unknown key %s\n", policy->id, key);
	return known < 0 ? -1 : 0;
}

static bool has_key(struct reader *reader, const yaml_node_t *node, const char *wanted)
{
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++)
		if (strcmp(kw_yaml_text(kw_yaml_key(reader->yaml, pair)), wanted) == 0)
			return true;
	return false;
}

/* What has to be there. */
static int check_policy(struct reader *reader, const yaml_node_t *node,
			const struct kw_policy *policy, bool group)
{
	if (!group)
		return policy->members[0].module ? 0 : fail(reader, node, "module", "is missing");
	if (!policy->expression)
		return fail(reader, node, "expression", "is missing");
	return policy->message ? 0 : fail(reader, node, "message", "is missing");
}

static int read_policy(struct reader *reader, const yaml_node_t *node, struct kw_policy *policy)
{
	bool group;

	if (node->type != YAML_MAPPING_NODE)
		return kw_yaml_fail(node, reader->error, "%s: expected a mapping", policy->id);
	if (kw_yaml_check_keys(reader->yaml, node, reader->error))
		return -1;
	group = has_key(reader, node, "policies") && !has_key(reader, node, "module");
	if (!group) {
		policy->members = calloc(1, sizeof(*policy->members));
		policy->n_members = policy->members ? 1 : 0;
		if (!policy->members || member_init(reader, &policy->members[0], policy->id))
			return -1;
	}
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++)
		if (read_policy_key(reader, kw_yaml_text(kw_yaml_key(reader->yaml, pair)),
				    kw_yaml_value(reader->yaml, pair), policy, group))
			return -1;
	return check_policy(reader, node, policy, group);
}

/* A policy's name is the end of a path, and comes as it is written. */
static int check_id(struct reader *reader, const yaml_node_t *key, const char *id)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	if (strchr(id, '/'))
		return kw_yaml_fail(key, reader->error, "policy name '%s' contains a '/' character",
				    id);
	if (!*id || id[strspn(id, letters)])
		return kw_yaml_fail(key, reader->error,
				    "Not a valid Policy ID: '%s' cannot stand in a path", id);
	return 0;
}

static int read_all(struct reader *reader)
{
	const yaml_node_t *root = reader->yaml->root;
	struct kw_policies *policies = reader->policies;
	size_t n;

	if (!root || kw_yaml_is_null(root))
		return 0;
	if (root->type != YAML_MAPPING_NODE)
		return kw_yaml_fail(root, reader->error, "expected a mapping of policies");
	if (kw_yaml_check_keys(reader->yaml, root, reader->error))
		return -1;
	n = (size_t)(root->data.mapping.pairs.top - root->data.mapping.pairs.start);
	policies->policies = calloc(n + 1, sizeof(*policies->policies));
	for (size_t i = 0; policies->policies && i < n; i++) {
		const yaml_node_pair_t *pair = root->data.mapping.pairs.start + i;
		const yaml_node_t *key = kw_yaml_key(reader->yaml, pair);
		struct kw_policy *policy = &policies->policies[policies->n];

		policy->line = key->start_mark.line + 1;
		policy->id = strdup(kw_yaml_text(key));
		if (!policy->id)
			return -1;
		policies->n++;
		reader->id = policy->id;
		if (check_id(reader, key, policy->id) ||
		    read_policy(reader, kw_yaml_value(reader->yaml, pair), policy))
			return -1;
	}
	return policies->policies ? 0 : -1;
}

int kw_policies_read(struct kw_policies *policies, const char *bytes, size_t len,
		     struct text *error)
{
	struct kw_yaml yaml;
	struct reader reader = {&yaml, policies, "", error};
	int status;

	*policies = (struct kw_policies){0};
	if (kw_yaml_read(&yaml, bytes, len, error))
		return -1;
	status = read_all(&reader);
	if (status && error->len == 0)
		text_add(error, "out of memory");
	if (status)
		kw_policies_deinit(policies);
	kw_yaml_deinit(&yaml);
	return status;
}

/* The words are the original's. */
static int start_member(struct kw_member *member, const char *id, struct text *failure)
{
	struct text error = {0};

	member->type = kw_policy_find(member->module);
	if (!member->type) {
		text_add(failure, "bootstrap failure: %s: no such policy: %s", id, member->module);
		return -1;
	}
	member->settings = member->type->load(member->settings_json, &error);
	if (!member->settings)
		text_add(failure, "Policy settings are invalid: %s",
			 error.len > 0 ? text_get(&error) : "out of memory");
	text_deinit(&error);
	return member->settings ? 0 : -1;
}

static int start_expression(struct kw_policy *policy, struct text *failure)
{
	const char **names = calloc(policy->n_members + 1, sizeof(*names));
	struct text error = {0};

	for (size_t i = 0; names && i < policy->n_members; i++)
		names[i] = policy->members[i].name;
	if (names)
		policy->compiled =
		    kw_expression_new(policy->expression, names, policy->n_members, &error);
	if (!policy->compiled) {
		text_separate(failure, ", ");
		text_add(failure, "%s: %s", policy->id,
			 error.len > 0 ? text_get(&error) : "out of memory");
	}
	text_deinit(&error);
	free(names);
	return policy->compiled ? 0 : -1;
}

/* All members and then the expression, so that one start tells all there is to mend. */
static int start_group(struct kw_policy *policy, struct text *failure)
{
	int status = 0;

	for (size_t i = 0; i < policy->n_members; i++) {
		struct text error = {0};

		if (start_member(&policy->members[i], policy->members[i].name, &error)) {
			text_separate(failure, ", ");
			text_add(failure, "%s/%s: %s", policy->id, policy->members[i].name,
				 text_get(&error));
			status = -1;
		}
		text_deinit(&error);
	}
	if (start_expression(policy, failure))
		status = -1;
	return status;
}

size_t kw_policies_start(struct kw_policies *policies)
{
	size_t failed = 0;

	for (size_t i = 0; i < policies->n; i++) {
		struct kw_policy *policy = &policies->policies[i];
		struct text failure = {0};

		if (policy->expression)
			policy->failed = start_group(policy, &failure) != 0;
		else
			policy->failed = start_member(policy->members, policy->id, &failure) != 0;
		if (policy->failed)
			policy->failure = text_take(&failure);
		text_deinit(&failure);
		failed += policy->failed;
	}
	return failed;
}

static void member_deinit(struct kw_member *member)
{
	if (member->settings)
		member->type->unload(member->settings);
	json_decref(member->settings_json);
	free(member->module);
	free(member->name);
}

const struct kw_policy *kw_policies_find(const struct kw_policies *policies, const char *id)
{
	for (size_t i = 0; i < policies->n; i++)
		if (strcmp(policies->policies[i].id, id) == 0)
			return &policies->policies[i];
	return NULL;
}

void kw_policies_deinit(struct kw_policies *policies)
{
	for (size_t i = 0; i < policies->n; i++) {
		struct kw_policy *policy = &policies->policies[i];

		for (size_t j = 0; j < policy->n_members; j++)
			member_deinit(&policy->members[j]);
		free(policy->members);
		kw_expression_free(policy->compiled);
		free(policy->failure);
		free(policy->expression);
		free(policy->message);
		free(policy->id);
	}
	free(policies->policies);
	text_deinit(&policies->notes);
	*policies = (struct kw_policies){0};
}
