/* SPDX-License-Identifier: MIT */
#include "workloads.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <admwh/admwh.h>

/* Kind, and where its Pod's spec is: as JSON Pointer and as Kubernetes writes it. */
static const struct {
	const char *kind, *pointer, *text;
} workloads[] = {
    {"Pod", "/spec", "spec"},
    {"DaemonSet", "/spec/template/spec", "spec.template.spec"},
    {"Deployment", "/spec/template/spec", "spec.template.spec"},
    {"ReplicaSet", "/spec/template/spec", "spec.template.spec"},
    {"StatefulSet", "/spec/template/spec", "spec.template.spec"},
    {"ReplicationController", "/spec/template/spec", "spec.template.spec"},
    {"Job", "/spec/template/spec", "spec.template.spec"},
    {"CronJob", "/spec/jobTemplate/spec/template/spec", "spec.jobTemplate.spec.template.spec"},
};

static const struct {
	const char *name;
	bool required;
} lists[] = {{"initContainers", false}, {"containers", true}, {"ephemeralContainers", false}};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The text of a string; NULL for another value, and where U+0000 would end it early. */
static const char *text_of(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && strlen(text) == json_string_length(value) ? text : NULL;
}

static int each_container(const char *spec, const char *list, const json_t *containers,
			  workload_image_fn *image, void *userdata,
			  struct workload_problem *problem)
{
	for (size_t i = 0; i < json_array_size(containers); i++) {
		const json_t *container = json_array_get(containers, i);
		const char *reference = text_of(json_object_get(container, "image"));
		int ended;

		if (!reference) {
			snprintf(problem->text, sizeof(problem->text),
				 "%s.%s[%zu].image: expected a text", spec, list, i);
			return -1;
		}
		ended = image(reference, userdata);
		if (ended)
			return ended;
	}
	return 0;
}

static int each_list(const char *spec, const json_t *pod, workload_image_fn *image, void *userdata,
		     struct workload_problem *problem)
{
	int ended = 0;

	for (size_t i = 0; i < COUNT(lists) && ended == 0; i++) {
		const json_t *containers = json_object_get(pod, lists[i].name);

		if (!lists[i].required && (!containers || json_is_null(containers)))
			continue;
		if (!json_is_array(containers) ||
		    (lists[i].required && json_array_size(containers) == 0)) {
			snprintf(problem->text, sizeof(problem->text),
				 "%s.%s: expected a list of containers", spec, lists[i].name);
			return -1;
		}
		ended = each_container(spec, lists[i].name, containers, image, userdata, problem);
	}
	return ended;
}

int workload_each_image(const char *kind, const json_t *object, workload_image_fn *image,
			void *userdata, struct workload_problem *problem)
{
	for (size_t i = 0; i < COUNT(workloads); i++) {
		const json_t *pod;

		if (strcmp(workloads[i].kind, kind) != 0)
			continue;
		pod = admwh_json_pointer_get(object, workloads[i].pointer);
		if (json_is_object(pod))
			return each_list(workloads[i].text, pod, image, userdata, problem);
		snprintf(problem->text, sizeof(problem->text), "%s: expected an object",
			 workloads[i].text);
		return -1;
	}
	snprintf(problem->text, sizeof(problem->text), "kind: no workload");
	return -1;
}

bool workload_has_ended(const char *kind, const json_t *object)
{
	const char *phase = text_of(admwh_json_pointer_get(object, "/status/phase"));

	if (json_is_string(admwh_json_pointer_get(object, "/metadata/deletionTimestamp")))
		return true;
	return strcmp(kind, "Pod") == 0 && phase &&
	       (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0);
}
