/* SPDX-License-Identifier: MIT */
/* Finding the Pod. See pod.h. */
#include "pod.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/workload.h>

enum { STEP_SIZE = 32 };

bool kw_member_object(const json_t *object, const char *name, json_t **value)
{
	json_t *member = json_object_get(object, name);

	*value = json_is_object(member) ? member : NULL;
	return !member || json_is_null(member) || *value;
}

static bool get(struct admwh_value object, const char *name, enum admwh_kind kind,
		struct admwh_value *member)
{
	struct admwh_value value = admwh_value_get(object, name);

	*member = admwh_value_kind(value) == kind ? value : (struct admwh_value){0};
	return !admwh_value_is_set(value) || !admwh_value_is_absent(*member);
}

bool kw_get_object(struct admwh_value object, const char *name, struct admwh_value *member)
{
	return get(object, name, ADMWH_OBJECT, member);
}

bool kw_get_array(struct admwh_value object, const char *name, struct admwh_value *member)
{
	return get(object, name, ADMWH_ARRAY, member);
}

bool kw_get_bool(struct admwh_value object, const char *name, bool *member)
{
	struct admwh_value value;
	bool is_one = get(object, name, ADMWH_BOOLEAN, &value);

	*member = admwh_value_is_true(value);
	return is_one;
}

bool kw_integer(struct admwh_value value, int64_t *number)
{
	size_t len;
	const char *raw = admwh_value_raw(value, &len);
	char text[32], *end; /* longer than any int64 */

	*number = 0;
	if (admwh_value_kind(value) != ADMWH_NUMBER || len >= sizeof(text))
		return false;
	memcpy(text, raw, len);
	text[len] = '\0';
	errno = 0;
	*number = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0';
}

/* Where the PodSpec is, step by step; *at is moved behind the step. False behind the last. */
static bool take_step(const char **at, char step[STEP_SIZE])
{
	const size_t len = **at == '/' ? strcspn(*at + 1, "/") : 0;

	if (len == 0 || len >= STEP_SIZE)
		return false;
	memcpy(step, *at + 1, len);
	step[len] = '\0';
	*at += 1 + len;
	return true;
}

/* An object that says of itself to be of another kind is none of this one. */
static bool is_of_kind(struct admwh_value object, const char *kind)
{
	struct admwh_value member = admwh_value_get(object, "kind");

	return admwh_value_is_absent(member) || admwh_value_is(member, kind);
}

/* A member on the way to the PodSpec. */
static enum kw_pod step_into(struct admwh_value *at, const char *step)
{
	if (!kw_get_object(*at, step, at))
		return KW_POD_MALFORMED;
	return admwh_value_is_absent(*at) ? KW_POD_NONE : KW_POD_FOUND;
}

enum kw_pod kw_pod_find(const struct kw_review *review, struct admwh_value object,
			struct admwh_value *spec)
{
	const char *pointer = admwh_workload_pod_pointer(review->group, review->kind);
	struct admwh_value at = object;
	enum kw_pod found = KW_POD_FOUND;
	char step[STEP_SIZE];

	*spec = (struct admwh_value){0};
	if (!pointer)
		return KW_POD_OTHER;
	if (!admwh_value_is_set(object))
		return KW_POD_NO_OBJECT;
	if (admwh_value_kind(object) != ADMWH_OBJECT || !is_of_kind(object, review->kind))
		return KW_POD_MALFORMED;
	while (found == KW_POD_FOUND && take_step(&pointer, step))
		found = step_into(&at, step);
	if (found == KW_POD_FOUND)
		found = step_into(&at, "spec");
	if (found == KW_POD_FOUND)
		*spec = at;
	return found;
}

json_t *kw_pod_spec_json(const struct kw_review *review, json_t *object)
{
	const char *pointer = admwh_workload_pod_pointer(review->group, review->kind);
	char step[STEP_SIZE];

	if (!pointer)
		return NULL;
	while (take_step(&pointer, step))
		object = json_object_get(object, step);
	return json_object_get(object, "spec");
}

static bool get_list(struct admwh_value spec, const char *name, struct admwh_value *list)
{
	if (!kw_get_array(spec, name, list))
		return false;
	admwh_value_foreach_element(element, *list)
		if (admwh_value_kind(element) != ADMWH_OBJECT)
			return false;
	return true;
}

bool kw_pod_containers(struct admwh_value spec, struct kw_containers *containers)
{
	return get_list(spec, "containers", &containers->containers) &&
	       get_list(spec, "initContainers", &containers->init) &&
	       get_list(spec, "ephemeralContainers", &containers->ephemeral);
}

struct admwh_value kw_pod_old_ephemeral(const struct kw_review *review)
{
	struct kw_containers pod = {.containers = {0}};
	struct admwh_value spec;

	if (kw_pod_find(review, review->old, &spec) != KW_POD_FOUND ||
	    !kw_pod_containers(spec, &pod))
		return (struct admwh_value){0};
	return pod.ephemeral;
}

bool kw_pod_has_container(struct admwh_value containers, const json_t *container)
{
	const json_t *name = json_object_get(container, "name");

	admwh_value_foreach_element(element, containers) {
		size_t len;
		const char *text = admwh_value_text(admwh_value_get(element, "name"), &len);

		if (text && json_is_string(name) && len == json_string_length(name) &&
		    memcmp(text, json_string_value(name), len) == 0)
			return true;
	}
	return false;
}

int kw_pod_deny_malformed(struct kw_verdict *verdict)
{
	return kw_deny(verdict, 0, "Cannot parse validation request");
}

bool kw_pod_open(const struct kw_review *review, bool others, struct kw_verdict *verdict,
		 struct admwh_value *spec, struct kw_containers *containers, int *status)
{
	enum kw_pod found = kw_pod_find(review, review->object, spec);
	bool is_other = found == KW_POD_OTHER || found == KW_POD_NO_OBJECT;

	*containers = (struct kw_containers){.containers = {0}};
	if (found == KW_POD_FOUND && kw_pod_containers(*spec, containers))
		return true;
	if (found == KW_POD_NONE || (is_other && others))
		*status = kw_allow(verdict);
	else
		*status = kw_pod_deny_malformed(verdict);
	return false;
}

bool kw_pod_any(struct admwh_value containers, const char *member, bool *understood)
{
	bool any = false;

	admwh_value_foreach_element(container, containers) {
		struct admwh_value context;
		bool is_on = false;

		if (!kw_get_object(container, "securityContext", &context) ||
		    !kw_get_bool(context, member, &is_on))
			*understood = false;
		any = any || is_on;
	}
	return any;
}
