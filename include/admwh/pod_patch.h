/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What mutators put into the Pod of a workload: containers, volumes and their mounts, variables,
 * tolerations.
 *
 * The place of the Pod follows from the kind of the review (see workload.h), and a list that is
 * missing is made. An element is found by its name, in the object after the operations so far: it
 * is added once, is left where it is equal, and is **replaced where it differs**. A container is
 * equal only without what the API server adds to it, defaults and mounts of a service account among
 * them: put containers with CREATE alone, since those of a Pod cannot be changed afterwards.
 *
 * Each fails with ADMWH_E_PATCH when the kind is no workload.
 */
#ifndef ADMWH_POD_PATCH_H
#define ADMWH_POD_PATCH_H

#include <admwh/export.h>
#include <admwh/patch.h>
#include <admwh/value.h>
#include <admwh/workload.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup patches
 * @{ */

/**
 * Put a container into a list of the Pod, by its name.
 *
 * @param patch      the patch of the running callback
 * @param kind       the list
 * @param container  a container, for instance of a struct admwh_document; copied
 * @return as admwh_patch_put()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_put_container(struct admwh_patch *patch, enum admwh_container_kind kind,
					struct admwh_value container);

/**
 * Put a volume into the Pod, by its name.
 *
 * @param patch   the patch of the running callback
 * @param volume  a volume; copied
 * @return as admwh_patch_put()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_put_volume(struct admwh_patch *patch, struct admwh_value volume);

/**
 * Put an environment variable into containers of the Pod, by its name. Containers that are not
 * there are left out.
 *
 * @param patch      the patch of the running callback
 * @param which      a sum of enum admwh_container_kind
 * @param container  name of the container; NULL for all of these lists
 * @param variable   an element of "env"; copied
 * @return as admwh_patch_put()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_put_env(struct admwh_patch *patch, unsigned int which,
				  const char *container, struct admwh_value variable);

/**
 * Put a mount of a volume into containers of the Pod, by its mountPath; otherwise as
 * admwh_patch_put_env().
 *
 * @param patch      the patch of the running callback
 * @param which      a sum of enum admwh_container_kind
 * @param container  name of the container; NULL for all of these lists
 * @param mount      an element of "volumeMounts"; copied
 * @return as admwh_patch_put()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_put_volume_mount(struct admwh_patch *patch, unsigned int which,
					   const char *container, struct admwh_value mount);

/**
 * Put a toleration into the Pod. Tolerations of the same key, operator, value and effect are one,
 * as in Kubernetes.
 *
 * @param patch       the patch of the running callback
 * @param toleration  a toleration; copied
 * @return as admwh_patch_put()
 * @since 0.1.0
 */
ADMWH_API int admwh_patch_put_toleration(struct admwh_patch *patch, struct admwh_value toleration);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
