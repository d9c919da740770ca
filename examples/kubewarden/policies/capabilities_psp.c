/* SPDX-License-Identifier: MIT */
/*
 * capabilities-psp: which capabilities containers may add; some are added, and
 * some dropped, in each.
 */
#include <stdlib.h>
#include <string.h>

#include "../pod.h"
#include "../settings.h"

struct settings {
	json_t *allowed, *required_drop, *default_add; /* sets */
};

static void unload(void *userdata)
{
	struct settings *settings = userdata;

	json_decref(settings->allowed);
	json_decref(settings->required_drop);
	json_decref(settings->default_add);
	free(settings);
}

static void check(const struct settings *settings, struct text *error)
{
	struct text names = {0};
	const char *wrong = NULL;

	if (kw_set_tell(&names, settings->allowed, settings->required_drop, true, true) > 0)
		wrong = "These capabilities cannot be allowed because they are also required to be "
			"dropped";
	else if (kw_set_tell(&names, settings->default_add, settings->required_drop, true, true) >
		 0)
		wrong = "These capabilities cannot be added by default because they are also "
			"required to be dropped";
	else if (!kw_set_has(settings->allowed, "*") &&
		 kw_set_tell(&names, settings->default_add, settings->allowed, false, true) > 0)
		wrong = "These capabilities cannot be added by default because they are not "
			"allowed";
	if (wrong)
		text_add(error, "%s: {%s}", wrong, text_get(&names));
	error->failed = error->failed || names.failed;
	text_deinit(&names);
}

static void *load(const json_t *json, struct text *error)
{
	struct settings *settings = calloc(1, sizeof(*settings));

	if (!settings)
		return NULL;
	if (kw_settings_set(json, "allowed_capabilities", &settings->allowed, error) == 0 &&
	    kw_settings_set(json, "required_drop_capabilities", &settings->required_drop, error) ==
		0 &&
	    kw_settings_set(json, "default_add_capabilities", &settings->default_add, error) == 0) {
		check(settings, error);
		if (error->len == 0 && !error->failed)
			return settings;
	}
	unload(settings);
	return NULL;
}

static bool is_list_of_texts(struct admwh_value list)
{
	admwh_value_foreach_element(element, list)
		if (!kw_value_text(element))
			return false;
	return true;
}

/* Put the texts of capabilities.add into a set. 1; 0: not understood; -1: memory ran out. */
static int collect_added(struct admwh_value containers, json_t *added)
{
	struct admwh_value context, capabilities, add, drop;

	admwh_value_foreach_element(container, containers) {
		if (!kw_get_object(container, "securityContext", &context) ||
		    !kw_get_object(context, "capabilities", &capabilities) ||
		    !kw_get_array(capabilities, "add", &add) || !is_list_of_texts(add) ||
		    !kw_get_array(capabilities, "drop", &drop) || !is_list_of_texts(drop))
			return 0;
		admwh_value_foreach_element(name, add)
			if (json_object_set_new(added, kw_value_text(name), json_true()))
				return -1;
	}
	return 1;
}

/* Append those of the set that the list has not. 1: it changed; 0; -1: memory ran out. */
static int append_missing(json_t *list, json_t *set)
{
	const char *name;
	json_t *member, *element;
	int changed = 0;

	json_object_foreach(set, name, member) {
		bool has = false;
		size_t i;

		json_array_foreach(list, i, element)
			has = has || strcmp(json_string_value(element), name) == 0;
		if (!has && json_array_append_new(list, json_string(name)))
			return -1;
		changed = changed || !has;
	}
	return changed;
}

/* The object or array under a name; a new one where there is none. Borrowed. */
static json_t *get_or_make(json_t *object, const char *name, json_t *(*make)(void))
{
	json_t *member = json_object_get(object, name);

	if (member && !json_is_null(member))
		return member;
	return json_object_set_new(object, name, make()) ? NULL : json_object_get(object, name);
}

/* Change one list of a container. 1: it changed; 0; -1: memory ran out. */
static int change_list(json_t *container, const char *name, json_t *set)
{
	json_t *context, *capabilities, *list;

	if (json_object_size(set) == 0)
		return 0;
	context = get_or_make(container, "securityContext", json_object);
	capabilities = get_or_make(context, "capabilities", json_object);
	list = get_or_make(capabilities, name, json_array);
	return list ? append_missing(list, set) : -1;
}

/* Those that are in old stay as they are. */
static int change_containers(json_t *containers, struct admwh_value old,
			     const struct settings *settings)
{
	json_t *container;
	size_t i;
	int changed = 0;

	json_array_foreach(containers, i, container) {
		int added, dropped;

		if (kw_pod_has_container(old, container))
			continue;
		added = change_list(container, "add", settings->default_add);
		dropped = change_list(container, "drop", settings->required_drop);
		if (added < 0 || dropped < 0)
			return -1;
		changed = changed || added || dropped;
	}
	return changed;
}

static int mutate(const struct settings *settings, const struct kw_review *review,
		  struct kw_verdict *verdict)
{
	json_t *copy = kw_copy(review->object_json), *spec = kw_pod_spec_json(review, copy);
	const struct admwh_value none = {0};
	int containers = -1, init = -1, ephemeral = -1;

	if (spec) {
		containers = change_containers(json_object_get(spec, "containers"), none, settings);
		init = change_containers(json_object_get(spec, "initContainers"), none, settings);
		ephemeral = change_containers(json_object_get(spec, "ephemeralContainers"),
					      kw_pod_old_ephemeral(review), settings);
	}
	if (containers < 0 || init < 0 || ephemeral < 0) {
		json_decref(copy);
		return -1;
	}
	if (containers || init || ephemeral)
		return kw_mutate(verdict, copy);
	json_decref(copy);
	return kw_allow(verdict);
}

static int deny(struct kw_verdict *verdict, const char *why, struct text *names)
{
	int status = names->failed ? -1
				   : kw_deny(verdict, 0,
					     "PSP capabilities policies doesn't allow these "
					     "capabilities to be added%s: {%s}",
					     why, text_get(names));

	text_deinit(names);
	return status;
}

static int decide(const struct settings *settings, const struct kw_review *review, json_t *added,
		  struct kw_verdict *verdict)
{
	struct text names = {0};

	if (!kw_set_has(settings->allowed, "*") &&
	    kw_set_tell(&names, added, settings->allowed, false, true) > 0)
		return deny(verdict, "", &names);
	if (kw_set_tell(&names, added, settings->required_drop, true, true) > 0)
		return deny(verdict, " because they are on the `required_drop_capabilities` list",
			    &names);
	return mutate(settings, review, verdict);
}

static int evaluate(const void *settings, const struct kw_review *review,
		    struct kw_verdict *verdict)
{
	json_t *added = json_object();
	struct admwh_value spec;
	struct kw_containers pod = {.containers = {0}};
	enum kw_pod found = kw_pod_find(review, review->object, &spec);
	int status = -1, understood = 0;

	if (found == KW_POD_NONE) {
		json_decref(added);
		return kw_allow(verdict);
	}
	if (found == KW_POD_FOUND && kw_pod_containers(spec, &pod)) {
		understood = collect_added(pod.containers, added);
		if (understood == 1)
			understood = collect_added(pod.init, added);
		if (understood == 1)
			understood = collect_added(pod.ephemeral, added);
	}
	if (understood == 1 && added)
		status = decide(settings, review, added, verdict);
	else if (understood == 0)
		status = kw_deny(verdict, 0, "Error deserializing Pod specification: %s",
				 found == KW_POD_OTHER ? "the object is of no kind that has one"
						       : "the object is malformed");
	json_decref(added);
	return status;
}

const struct kw_policy_type kw_capabilities_psp = {"capabilities-psp", load,  unload,
						   evaluate,           false, false};
