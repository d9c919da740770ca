/* SPDX-License-Identifier: MIT */
/*
 * The paths that routes are registered by, and those that kube-apiserver sends.
 *
 * kube-apiserver decodes the path of clientConfig.url, or takes that of
 * clientConfig.service, cleans it as Go's path.Clean() does, and sends it as Go's
 * net/url escapes it (k8s.io/apiserver/pkg/util/webhook, k8s.io/client-go/rest).
 */
#ifndef AWH_DISPATCH_PATH_H
#define AWH_DISPATCH_PATH_H

#include "base/error.h"

/* Is this a path: begins with "/", visible ASCII, no "?" or "#"? 0; ADMWH_E_INVAL. */
int awh_path_check(const char *path, struct awh_error *error);

/*
 * Is it one that kube-apiserver can send? The message has what to write instead. 0; ADMWH_E_INVAL;
 * ADMWH_E_NOMEM.
 */
int awh_path_check_sent(const char *path, struct awh_error *error);

#endif
