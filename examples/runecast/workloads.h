/* SPDX-License-Identifier: MIT */
/*
 * Which images an object would run: where each kind of workload has its Pod, and
 * the containers of that Pod.
 */
#ifndef RUNECAST_WORKLOADS_H
#define RUNECAST_WORKLOADS_H

#include <stdbool.h>

#include <admwh/value.h>

/* Called for each container's image as it stands there; not 0 ends the walk. */
typedef int workload_image_fn(const char *image, void *userdata);

/* What makes an object unreadable: "spec.template.spec.containers[0].image: expected a text". */
struct workload_problem {
	char text[160];
};

/*
 * Walk all containers: init, ordinary, ephemeral. 0; what the callback returned; -1 with a problem
 * for a kind that is no workload, and for an object in which not every image can be found: nothing
 * that cannot be read is passed over.
 */
int workload_each_image(const char *kind, struct admwh_value object, workload_image_fn *image,
			void *userdata, struct workload_problem *problem);

/* Will nothing of this object run any more? It is being deleted, or is a Pod that has finished. */
bool workload_has_ended(const char *kind, struct admwh_value object);

#endif
