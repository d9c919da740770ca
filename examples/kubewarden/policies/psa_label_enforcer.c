/* SPDX-License-Identifier: MIT */
/* psa-label-enforcer: namespaces have these Pod Security Admission labels. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../pod.h"
#include "../settings.h"

/* What a mode is enforced by, in the order their errors are told. */
static const char *const modes[] = {"enforce", "audit", "warn"};

enum { N_MODES = sizeof(modes) / sizeof(modes[0]) };

struct settings {
	char *levels[N_MODES], *versions[N_MODES]; /* each may be NULL */
};

static void unload(void *userdata)
{
	struct settings *settings = userdata;

	for (size_t i = 0; i < N_MODES; i++) {
		free(settings->levels[i]);
		free(settings->versions[i]);
	}
	free(settings);
}

/* "latest" or v<major>.<minor>, the minor without a leading zero. */
static bool is_version(const char *version)
{
	size_t major, minor;

	if (strcmp(version, "latest") == 0)
		return true;
	if (*version++ != 'v')
		return false;
	major = strspn(version, "0123456789");
	if (major == 0 || version[major] != '.')
		return false;
	version += major + 1;
	minor = strspn(version, "0123456789");
	return minor > 0 && !version[minor] && (minor == 1 || *version != '0');
}

static bool is_level(const char *level)
{
	return strcmp(level, "privileged") == 0 || strcmp(level, "baseline") == 0 ||
	       strcmp(level, "restricted") == 0;
}

static int load_text(const json_t *object, const char *name, char **text, struct text *error)
{
	const char *value = NULL;

	if (json_is_null(json_object_get(object, name)))
		return 0;
	if (kw_settings_text(object, name, &value, error))
		return -1;
	*text = value ? strdup(value) : NULL;
	return value && !*text ? -1 : 0;
}

static int load_modes(struct settings *settings, const json_t *object, struct text *error)
{
	char version[32];

	for (size_t i = 0; i < N_MODES; i++) {
		snprintf(version, sizeof(version), "%s-version", modes[i]);
		if (load_text(object, modes[i], &settings->levels[i], error) ||
		    load_text(object, version, &settings->versions[i], error))
			return -1;
		if (settings->levels[i] && !is_level(settings->levels[i]))
			return text_add(error,
					"modes.%s: unknown variant `%s`, expected one of "
					"`privileged`, `baseline`, `restricted`",
					modes[i], settings->levels[i]),
			       -1;
	}
	return 0;
}

static int check_names(json_t *object, struct text *error)
{
	const char *name;
	json_t *member;

	json_object_foreach(object, name, member) {
		bool known = false;

		for (size_t i = 0; i < N_MODES; i++) {
			size_t len = strlen(modes[i]);

			known = known || (strncmp(name, modes[i], len) == 0 &&
					  (!name[len] || strcmp(name + len, "-version") == 0));
		}
		if (!known)
			return text_add(error, "modes: unknown field `%s`", name), -1;
	}
	return 0;
}

static int check(const struct settings *settings, struct text *error)
{
	if (!settings->levels[0] && !settings->levels[1] && !settings->levels[2])
		return text_add(error, "At least one of the 'enforce', 'audit' or 'warn' "
				       "configuration must be defined"),
		       -1;
	for (size_t i = 0; i < N_MODES; i++) {
		if (!settings->versions[i])
			continue;
		if (!is_version(settings->versions[i]))
			return text_add(error,
					"Version %s is invalid. It must follow the "
					"v<major>.<minor> pattern or be 'latest' value",
					settings->versions[i]),
			       -1;
		if (!settings->levels[i])
			return text_add(error, "cannot define %s version with no %s mode.",
					modes[i], modes[i]),
			       -1;
	}
	return 0;
}

static void *load(const json_t *json, struct text *error)
{
	json_t *object = json_object_get(json, "modes");
	struct settings *settings = calloc(1, sizeof(*settings));

	if (!settings)
		return NULL;
	if (object && !json_is_object(object))
		text_add(error, "modes: expected a mapping");
	else if (check_names(object, error) == 0 && load_modes(settings, object, error) == 0 &&
		 check(settings, error) == 0)
		return settings;
	unload(settings);
	return NULL;
}

/* 1: it changed; 0; -1: memory ran out. */
static int set_label(json_t *labels, const char *suffix, const char *value, const char *mode)
{
	char name[64];
	const char *old;

	if (!value)
		return 0;
	snprintf(name, sizeof(name), "pod-security.kubernetes.io/%s%s", mode, suffix);
	old = kw_text(json_object_get(labels, name));
	if (old && strcmp(old, value) == 0)
		return 0;
	return json_object_set_new(labels, name, json_string(value)) ? -1 : 1;
}

/* Set the labels of a copy. 1: it changed; 0; -1: memory ran out. */
static int set_labels(const struct settings *settings, json_t *namespace)
{
	json_t *metadata = json_object_get(namespace, "metadata"), *labels;
	int changed = 0;

	if (!json_is_object(metadata)) {
		if (json_object_set_new(namespace, "metadata", json_object()))
			return -1;
		metadata = json_object_get(namespace, "metadata");
	}
	labels = json_object_get(metadata, "labels");
	if (!json_is_object(labels)) {
		if (json_object_set_new(metadata, "labels", json_object()))
			return -1;
		labels = json_object_get(metadata, "labels");
	}
	for (size_t i = 0; i < N_MODES; i++) {
		int level = set_label(labels, "", settings->levels[i], modes[i]);
		int version = set_label(labels, "-version", settings->versions[i], modes[i]);

		if (level < 0 || version < 0)
			return -1;
		changed = changed || level || version;
	}
	return changed;
}

static bool is_of(const json_t *object, const char *name, const char *value)
{
	const json_t *member = json_object_get(object, name);
	const char *text = kw_text(member);

	return !member || (text && strcmp(text, value) == 0);
}

static int evaluate(const void *settings, const struct kw_review *review,
		    struct kw_verdict *verdict)
{
	json_t *metadata, *labels, *copy;
	int changed;

	/* Objects that are no Namespace, and none at all, are not this policy's business. */
	if (!json_is_object(review->object_json) || strcmp(review->kind, "Namespace") != 0 ||
	    !is_of(review->object_json, "kind", "Namespace") ||
	    !is_of(review->object_json, "apiVersion", "v1"))
		return kw_allow(verdict);
	if (!kw_member_object(review->object_json, "metadata", &metadata) ||
	    !kw_member_object(metadata, "labels", &labels))
		return kw_deny(verdict, 0, "Cannot parse validation request");
	copy = kw_copy(review->object_json);
	changed = copy ? set_labels(settings, copy) : -1;
	if (changed > 0)
		return kw_mutate(verdict, copy);
	json_decref(copy);
	return changed < 0 ? -1 : kw_allow(verdict);
}

const struct kw_policy_type kw_psa_label_enforcer = {
    "psa-label-enforcer", load, unload, evaluate, false, false};
