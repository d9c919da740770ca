/* SPDX-License-Identifier: MIT */
/*
 * Which images an object would run.
 */
#ifndef RUNECAST_WORKLOADS_H
#define RUNECAST_WORKLOADS_H

#include <stdbool.h>

#include <admwh/request.h>

/* Called for each container's image as it stands there; not 0 ends the walk. */
typedef int workload_image_fn(const char *image, void *userdata);

/* What makes an object unreadable: "spec.template.spec.containers[0] has no image". */
struct workload_problem {
	char text[1100];
};

/*
 * Walk all containers: init, ordinary, ephemeral. 0; what the callback returned; -1 with a problem
 * for what has no containers, and for one without an image: nothing that cannot be read is passed
 * over. Of what is malformed besides, the review fails by itself.
 */
int workload_each_image(const struct admwh_request *req, workload_image_fn *image, void *userdata,
			struct workload_problem *problem);

/* Will nothing of this object run any more? It is being deleted, or is a Pod that has finished. */
bool workload_has_ended(const char *kind, struct admwh_value object);

#endif
