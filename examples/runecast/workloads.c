/* SPDX-License-Identifier: MIT */
#include "workloads.h"

#include <stdio.h>
#include <string.h>

#include <admwh/workload.h>

int workload_each_image(const struct admwh_request *req, workload_image_fn *image, void *userdata,
			struct workload_problem *problem)
{
	struct admwh_containers all = admwh_containers(req, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;
	size_t n_ordinary = 0;
	int ended = 0;

	while (ended == 0 && admwh_containers_next(&all, &c)) {
		const char *reference = admwh_value_string(admwh_value_get(c.value, "image"));

		n_ordinary += c.kind == ADMWH_ORDINARY_CONTAINERS;
		ended = reference ? image(reference, userdata) : -1;
		if (!reference)
			snprintf(problem->text, sizeof(problem->text), "%s has no image",
				 admwh_value_path(c.value));
	}
	if (ended == 0 && n_ordinary == 0) {
		snprintf(problem->text, sizeof(problem->text), "there are no containers");
		ended = -1;
	}
	return ended;
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
