/* SPDX-License-Identifier: MIT */
/* The program's own events, in the library's log. */
#ifndef KW_LOG_H
#define KW_LOG_H

#include <admwh/server.h>

/* Log an event with its fields: key and value in turn, then NULL. From any thread. */
void kw_log(const struct admwh_server *server, enum admwh_log_level level, const char *event, ...)
    __attribute__((sentinel));

#endif
