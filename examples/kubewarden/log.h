/* SPDX-License-Identifier: MIT */
/* The program's own events, in the library's log. */
#ifndef KW_LOG_H
#define KW_LOG_H

#include <admwh/log.h>

struct kw_log {
	enum admwh_log_level level; /* what is below is left out */
	admwh_log_fn *sink;
};

/* Log an event with its fields: key and value in turn, then NULL. From any thread. */
void kw_log(const struct kw_log *log, enum admwh_log_level level, const char *event, ...)
    __attribute__((sentinel));

#endif
