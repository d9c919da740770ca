/* SPDX-License-Identifier: MIT */
#include "dispatch/access.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "identity/rules.h"
#include "identity/tokens.h"

enum { CN_LENGTH_MAX = 4096 }; /* the server's own limit counts when a caller is authorized */

static struct awh_access_bundle *find_bundle(const struct awh_access *access, const char *name)
{
	for (size_t i = 0; i < access->n_bundles; i++)
		if (strcmp(access->bundles[i].name, name) == 0)
			return &access->bundles[i];
	return NULL;
}

static struct awh_access_bundle *add_bundle(struct awh_access *access, const char *name)
{
	struct awh_access_bundle *bundles =
	    realloc(access->bundles, (access->n_bundles + 1) * sizeof(*bundles));
	char *copy = awh_strdup(name);

	if (bundles)
		access->bundles = bundles;
	if (!bundles || !copy) {
		free(copy);
		return NULL;
	}
	bundles[access->n_bundles] = (struct awh_access_bundle){.name = copy};
	return &bundles[access->n_bundles++];
}

static void access_bundle_deinit(struct awh_access_bundle *bundle)
{
	free(bundle->name);
	awh_values_deinit(&bundle->rules);
}

int awh_access_allow(struct awh_access *access, const char *name, enum admwh_rule rule,
		     const char *value, struct awh_error *error)
{
	struct awh_access_bundle *bundle = find_bundle(access, name);
	bool is_new = !bundle;
	int err = 0;

	if (is_new)
		bundle = add_bundle(access, name);
	if (!bundle)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	if (rule)
		err = awh_rules_add(&bundle->rules, rule, value, CN_LENGTH_MAX, error);
	else
		bundle->anyone = true;
	if (err < 0 && is_new) {
		access_bundle_deinit(bundle);
		access->n_bundles--;
	}
	return err;
}

int awh_access_require_group(struct awh_access *access, const char *group, struct awh_error *error)
{
	char **groups = realloc(access->groups, (access->n_groups + 1) * sizeof(*groups));
	char *copy = NULL;

	if (groups) {
		access->groups = groups;
		copy = awh_strdup(group);
	}
	if (!copy)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	groups[access->n_groups++] = copy;
	return 0;
}

int awh_access_resolve(struct awh_access *access, const char *const *names, size_t n_names,
		       struct awh_error *error)
{
	for (size_t i = 0; i < access->n_bundles; i++) {
		struct awh_access_bundle *bundle = &access->bundles[i];
		size_t index = 0;

		while (index < n_names && strcmp(names[index], bundle->name) != 0)
			index++;
		if (index == n_names)
			return awh_fail(error, ADMWH_E_NOT_FOUND, "there is no bundle \"%s\"",
					bundle->name);
		bundle->index = index;
		awh_values_seal(&bundle->rules);
	}
	return 0;
}

bool awh_access_admits(const struct awh_access *access, const struct awh_peer *peer,
		       size_t cn_length)
{
	for (size_t i = 0; i < access->n_bundles; i++) {
		const struct awh_access_bundle *bundle = &access->bundles[i];

		if (bundle->index == peer->bundle &&
		    (bundle->anyone || awh_rules_find(&bundle->rules, peer, cn_length)))
			return true;
	}
	return access->n_bundles == 0;
}

bool awh_access_admits_bearer(const struct awh_access *access, const struct admwh_bearer *bearer)
{
	for (size_t i = 0; i < access->n_groups; i++)
		if (awh_bearer_is_in(bearer, access->groups[i]))
			return true;
	return access->n_groups == 0;
}

void awh_access_deinit(struct awh_access *access)
{
	for (size_t i = 0; i < access->n_bundles; i++)
		access_bundle_deinit(&access->bundles[i]);
	for (size_t i = 0; i < access->n_groups; i++)
		free(access->groups[i]);
	free(access->bundles);
	free(access->groups);
	*access = (struct awh_access){0};
}
