/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Recording of reviews into files, so that a policy can be tried later on what a cluster really
 * asked. It is off unless a folder and kinds are set; only objects of these kinds are recorded,
 * and never a Secret, a TokenRequest or a TokenReview, nor an object that brings one along.
 *
 * A file is the AdmissionReview as it came, with one member more, `record`: what was answered,
 * when, and about whose request. Left out are `userInfo.extra` and each annotation
 * `kubectl.kubernetes.io/last-applied-configuration`; `record.omitted` lists JSON Pointers to them.
 * **What else an object holds is written**: the folder is as confidential as the objects.
 *
 * Files are written on a thread of their own. A review that comes faster than they are written is
 * not recorded, and its answer never waits. Setters behave as those of config.h do.
 */
#ifndef ADMWH_RECORD_H
#define ADMWH_RECORD_H

#include <admwh/config.h>
#include <admwh/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup config
 * @{ */

/**
 * Set the folder that reviews are recorded in. It is made if it is missing, with mode 0700; one
 * that is there must be the user's own and closed to others. Files have mode 0600.
 *
 * @param config  a config
 * @param folder  its name; its parent exists
 * @return 0; ADMWH_E_INVAL; ADMWH_E_IO; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_record_folder(struct admwh_config *config,
							       const char *folder);

/**
 * Record reviews of a kind, late ones too. With several calls of any of them. Raw routes and
 * conversions have no kind to record.
 *
 * @param config  a config
 * @param kind    "Pod", "apps/Deployment": the group, unless it is the core one, and the kind, as
 * in `request.kind`
 * @return 0; ADMWH_E_INVAL for anything else, and for a Secret, SecretList, TokenRequest or
 *         TokenReview of any group; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_add_record_kind(struct admwh_config *config,
							     const char *kind);

/**
 * Set how many files the folder may have. Nothing is recorded while it has as many; no file is
 * removed.
 *
 * @param config  a config
 * @param files   1 to 100000; 1000 is the default
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_record_files(struct admwh_config *config,
							      unsigned int files);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
