/* SPDX-License-Identifier: MIT */
/* Base64 as Kubernetes has bytes in JSON: RFC 4648, section 4, in one line. */
#ifndef ADMWHCTL_BASE64_H
#define ADMWHCTL_BASE64_H

#include <stddef.h>

/* New, NUL-terminated; ends the program when memory runs out. */
char *base64_encoded(const char *text);

/* The bytes of a text, and a NUL that len does not count. New; NULL: it is no base64. */
char *base64_decoded(const char *text, size_t text_len, size_t *len);

#endif
