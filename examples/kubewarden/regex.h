/* SPDX-License-Identifier: MIT */
/*
 * Regular expressions of policy settings, in the syntax the original's policies
 * take (RE2): without back references and look-around. That is what makes a
 * match linear: PCRE2 then runs all ways through the pattern at once and never
 * tries one after the other.
 */
#ifndef KW_REGEX_H
#define KW_REGEX_H

#include <stdbool.h>

#include "common/text.h"

struct kw_regex;

/* New, free with kw_regex_free(); NULL: error says why. */
struct kw_regex *kw_regex_new(const char *pattern, struct text *error);
void kw_regex_free(struct kw_regex *regex);

/* Is the pattern found in the subject? One that cannot be found out is not. From any thread. */
bool kw_regex_found(const struct kw_regex *regex, const char *subject);

#endif
