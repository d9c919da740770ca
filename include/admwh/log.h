/* SPDX-License-Identifier: MIT */
/*
 * Where the library's log goes. The library never logs object contents, tokens
 * or keys. Values may hold anything the wire carried: a sink escapes them.
 */
#ifndef ADMWH_LOG_H
#define ADMWH_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <admwh/export.h>

#ifdef __cplusplus
extern "C" {
#endif

enum admwh_log_level {
	ADMWH_LOG_DEBUG = 1,
	ADMWH_LOG_INFO = 2,
	ADMWH_LOG_WARNING = 3,
	ADMWH_LOG_ERROR = 4
};

/** One key and its value, already text. */
struct admwh_log_field {
	const char *key;
	const char *value;
	bool is_number; /**< value is a JSON number */
};

/** One event. The first word of its name is the stage: "handshake.refused". */
struct admwh_log_record {
	enum admwh_log_level level;
	const char *event;
	const struct admwh_log_field *fields;
	size_t n_fields;
};

/**
 * A sink. **Called from several threads at once**; it must not block for long.
 *
 * @param record    *borrowed* until the call returns
 * @param userdata  what was given to admwh_config_set_log()
 */
typedef void admwh_log_fn(const struct admwh_log_record *record, void *userdata);

/**
 * Ready-made sink: one line of text an event, `LEVEL event key=value ...`, values quoted and
 * control characters escaped where needed.
 *
 * @param record    the event
 * @param userdata  a FILE *; NULL for standard error
 * @since 0.1.0
 */
ADMWH_API void admwh_log_text(const struct admwh_log_record *record, void *userdata);

/**
 * Ready-made sink: one JSON object a line.
 *
 * @param record    the event
 * @param userdata  a FILE *; NULL for standard error
 * @since 0.1.0
 */
ADMWH_API void admwh_log_json(const struct admwh_log_record *record, void *userdata);

#ifdef __cplusplus
}
#endif

#endif
