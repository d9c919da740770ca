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

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Is this a path: begins with "/", visible ASCII, no "?" or "#"? 0; ADMWH_E_INVAL. */
int awh_path_check(const char *path, struct awh_error *error);

/*
 * Is it one that kube-apiserver can send? The message has what to write instead. 0; ADMWH_E_INVAL;
 * ADMWH_E_NOMEM.
 */
int awh_path_check_sent(const char *path, struct awh_error *error);

enum { AWH_SEGMENT_MAX = 253 }; /* bytes of a segment that a pattern stands for, decoded */

/*
 * Is this a pattern: a path that kube-apiserver can send, but for a last segment "{NAME}"? *segment
 * is where that begins, 0 for a path without one. 0; ADMWH_E_INVAL, for a "{" or "}" anywhere else,
 * too; ADMWH_E_NOMEM.
 */
int awh_path_check_pattern(const char *path, size_t *segment, struct awh_error *error);

/* Can this decoded text be one: 1 to AWH_SEGMENT_MAX bytes of clean UTF-8 without a "/", not "." or
 * ".."? */
bool awh_path_is_segment(const char *text);

/*
 * The segment that stands for a pattern's, decoded once, that awh_path_is_segment(), and was sent
 * as Go's net/url writes it. So each text is sent in one way only, and none can stand for a path
 * that has a route of its own. out: with the NUL. False: it is none.
 */
bool awh_path_segment(char out[AWH_SEGMENT_MAX + 1], const char *segment, size_t len);

#endif
