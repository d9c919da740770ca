/* SPDX-License-Identifier: MIT */
/*
 * Values in the messages of Kubernetes: as Go's fmt and encoding/json print them for
 * field.Error of k8s.io/apimachinery.
 */
#ifndef AWH_JSON_GO_VALUE_H
#define AWH_JSON_GO_VALUE_H

#include <stddef.h>

#include <admwh/value.h>

#include "base/buf.h"

/* Bytes of a value that are printed; what is longer ends in "...". */
enum { AWH_GO_VALUE_MAX = 1024 };

/*
 * Append a string in quotes, as %q does. It is valid UTF-8; code points that Unicode has not
 * assigned yet stay as they are, where Go escapes them.
 */
void awh_go_put_quoted(struct awh_buf *buf, const char *text, size_t len);

/* Append a value; absence as null. A long array or object is printed as it was sent. */
void awh_go_put_value(struct awh_buf *buf, struct admwh_value value);

#endif
