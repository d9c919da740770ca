/* SPDX-License-Identifier: MIT */
#include "workloads.h"

#include <stdio.h>
#include <string.h>

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

static int each_container(struct admwh_value containers, workload_image_fn *image, void *userdata,
			  struct workload_problem *problem)
{
	admwh_value_foreach(container, containers) {
		const char *reference = admwh_value_string(admwh_value_get(container, "image"));
		int ended;

		if (!reference) {
			snprintf(problem->text, sizeof(problem->text), "%s.image: expected a text",
				 admwh_value_path(container));
			return -1;
		}
		ended = image(reference, userdata);
		if (ended)
			return ended;
	}
	return 0;
}

static int each_list(struct admwh_value pod, workload_image_fn *image, void *userdata,
		     struct workload_problem *problem)
{
	int ended = 0;

	for (size_t i = 0; i < COUNT(lists) && ended == 0; i++) {
		struct admwh_value containers = admwh_value_get(pod, lists[i].name);

		if (!lists[i].required && !admwh_value_is_set(containers))
			continue;
		if (admwh_value_kind(containers) != ADMWH_ARRAY ||
		    (lists[i].required && admwh_value_size(containers) == 0)) {
			snprintf(problem->text, sizeof(problem->text),
				 "%s.%s: expected a list of containers", admwh_value_path(pod),
				 lists[i].name);
			return -1;
		}
		ended = each_container(containers, image, userdata, problem);
	}
	return ended;
}

int workload_each_image(const char *kind, struct admwh_value object, workload_image_fn *image,
			void *userdata, struct workload_problem *problem)
{
	for (size_t i = 0; i < COUNT(workloads); i++) {
		struct admwh_value pod;

		if (strcmp(workloads[i].kind, kind) != 0)
			continue;
		pod = admwh_value_find(object, workloads[i].pointer);
		if (admwh_value_kind(pod) == ADMWH_OBJECT)
			return each_list(pod, image, userdata, problem);
		snprintf(problem->text, sizeof(problem->text), "%s: expected an object",
			 workloads[i].text);
		return -1;
	}
	snprintf(problem->text, sizeof(problem->text), "kind: no workload");
	return -1;
}

bool workload_has_ended(const char *kind, struct admwh_value object)
{
	struct admwh_value deleted = ADMWH_GET(object, "metadata", "deletionTimestamp");
	struct admwh_value phase = ADMWH_GET(object, "status", "phase");

	if (admwh_value_kind(deleted) == ADMWH_STRING)
		return true;
	return strcmp(kind, "Pod") == 0 &&
	       (admwh_value_is(phase, "Succeeded") || admwh_value_is(phase, "Failed"));
}
