/* SPDX-License-Identifier: MIT */
/*
 * Labels and annotations (metav1.ObjectMeta): their values are strings, and their
 * keys may hold "/", which a JSON Pointer writes "~1".
 */
#ifndef AWH_REVIEW_LABELS_H
#define AWH_REVIEW_LABELS_H

#include <stdbool.h>
#include <stddef.h>

#include "json/index.h"
#include "json/pointer.h"

/*
 * Would a value of this kind at this pointer make a label or annotation that is no string, of the
 * object or of a template in it? Then reason says what to do.
 */
bool awh_label_refused(const struct awh_pointer *pointer, enum awh_kind kind, char *reason,
		       size_t size);

#endif
