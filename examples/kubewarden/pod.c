/* SPDX-License-Identifier: MIT */
/* Finding the Pod. See pod.h. */
#include "pod.h"

#include <string.h>

/* Kinds with a Pod, and the members that lead to its spec. */
static const struct pod_kind {
	const char *group, *version, *kind;
	const char *path[6];
} pod_kinds[] = {
    {"", "v1", "Pod", {"spec"}},
    {"", "v1", "ReplicationController", {"spec", "template", "spec"}},
    {"apps", "v1", "DaemonSet", {"spec", "template", "spec"}},
    {"apps", "v1", "Deployment", {"spec", "template", "spec"}},
    {"apps", "v1", "ReplicaSet", {"spec", "template", "spec"}},
    {"apps", "v1", "StatefulSet", {"spec", "template", "spec"}},
    {"batch", "v1", "CronJob", {"spec", "jobTemplate", "spec", "template", "spec"}},
    {"batch", "v1", "Job", {"spec", "template", "spec"}},
};

bool kw_member_object(const json_t *object, const char *name, json_t **value)
{
	json_t *member = json_object_get(object, name);

	*value = json_is_object(member) ? member : NULL;
	return !member || json_is_null(member) || *value;
}

bool kw_member_array(const json_t *object, const char *name, json_t **value)
{
	json_t *member = json_object_get(object, name);

	*value = json_is_array(member) ? member : NULL;
	return !member || json_is_null(member) || *value;
}

bool kw_member_bool(const json_t *object, const char *name, bool *value)
{
	json_t *member = json_object_get(object, name);

	*value = json_is_true(member);
	return !member || json_is_null(member) || json_is_boolean(member);
}

static const struct pod_kind *find_kind(const struct kw_review *review)
{
	for (size_t i = 0; i < sizeof(pod_kinds) / sizeof(pod_kinds[0]); i++)
		if (strcmp(pod_kinds[i].kind, review->kind) == 0 &&
		    strcmp(pod_kinds[i].group, review->group) == 0 &&
		    strcmp(pod_kinds[i].version, review->version) == 0)
			return &pod_kinds[i];
	return NULL;
}

/* An object that says of itself to be of another kind is none of this one. */
static bool is_of_kind(const json_t *object, const char *kind)
{
	const json_t *member = json_object_get(object, "kind");
	const char *text = kw_text(member);

	return !member || (text && strcmp(text, kind) == 0);
}

enum kw_pod kw_pod_find(const struct kw_review *review, json_t *object, json_t **spec)
{
	const struct pod_kind *kind = find_kind(review);
	json_t *at = object;

	*spec = NULL;
	if (!kind)
		return KW_POD_OTHER;
	if (!object || json_is_null(object))
		return KW_POD_NO_OBJECT;
	if (!json_is_object(object) || !is_of_kind(object, kind->kind))
		return KW_POD_MALFORMED;
	for (size_t i = 0; kind->path[i]; i++) {
		if (!kw_member_object(at, kind->path[i], &at))
			return KW_POD_MALFORMED;
		if (!at)
			return KW_POD_NONE;
	}
	*spec = at;
	return KW_POD_FOUND;
}

static bool get_list(json_t *spec, const char *name, json_t **list)
{
	json_t *element;
	size_t i;

	if (!kw_member_array(spec, name, list))
		return false;
	json_array_foreach(*list, i, element) if (!json_is_object(element)) return false;
	return true;
}

bool kw_pod_containers(json_t *spec, struct kw_containers *containers)
{
	return get_list(spec, "containers", &containers->containers) &&
	       get_list(spec, "initContainers", &containers->init) &&
	       get_list(spec, "ephemeralContainers", &containers->ephemeral);
}

const json_t *kw_pod_old_ephemeral(const struct kw_review *review)
{
	struct kw_containers pod;
	json_t *spec;

	if (kw_pod_find(review, review->old, &spec) != KW_POD_FOUND ||
	    !kw_pod_containers(spec, &pod))
		return NULL;
	return pod.ephemeral;
}

bool kw_pod_has_container(const json_t *containers, const json_t *container)
{
	const json_t *name = json_object_get(container, "name"), *element;
	size_t i;

	json_array_foreach(containers, i, element)
	{
		const json_t *other = json_object_get(element, "name");

		if (json_is_string(name) && json_equal(name, other))
			return true;
	}
	return false;
}

int kw_pod_deny_malformed(struct kw_verdict *verdict)
{
	return kw_deny(verdict, 0, "Cannot parse validation request");
}

bool kw_pod_open(const struct kw_review *review, bool others, struct kw_verdict *verdict,
		 json_t **spec, struct kw_containers *containers, int *status)
{
	enum kw_pod found = kw_pod_find(review, review->object, spec);
	bool is_other = found == KW_POD_OTHER || found == KW_POD_NO_OBJECT;

	*containers = (struct kw_containers){0};
	if (found == KW_POD_FOUND && kw_pod_containers(*spec, containers))
		return true;
	if (found == KW_POD_NONE || (is_other && others))
		*status = kw_allow(verdict);
	else
		*status = kw_pod_deny_malformed(verdict);
	return false;
}

bool kw_pod_any(const json_t *containers, const char *member, bool *understood)
{
	bool any = false, is_on = false;
	json_t *container, *context;
	size_t i;

	json_array_foreach(containers, i, container)
	{
		if (!kw_member_object(container, "securityContext", &context) ||
		    !kw_member_bool(context, member, &is_on))
			*understood = false;
		any = any || is_on;
	}
	return any;
}
