/* SPDX-License-Identifier: MIT */
/*
 * JSON text as Go's encoding/json writes it, and with it kube-apiserver: <, >, &,
 * U+2028 and U+2029 are escaped, control characters from U+007F on are not.
 */
#ifndef AWH_JSON_GO_H
#define AWH_JSON_GO_H

#include <stddef.h>

#include "base/buf.h"

/*
 * The escape Go writes for the character at text where awh_json_write() writes none; NULL for none.
 * *taken: bytes of the character
 */
const char *awh_go_escape(const char *text, size_t len, size_t *taken);

/* Append JSON text that awh_json_write() wrote, as Go would have written it. */
void awh_go_put(struct awh_buf *buf, const char *text, size_t len);

/* How many bytes that would be, at the most. */
size_t awh_go_len(const char *text, size_t len);

#endif
