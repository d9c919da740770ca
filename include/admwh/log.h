/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Where the library's log goes. The library never logs object contents, tokens
 * or keys. Values may hold anything the wire carried: a sink escapes them.
 */
#ifndef ADMWH_LOG_H
#define ADMWH_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How much an event matters. */
enum admwh_log_level {
	ADMWH_LOG_DEBUG = 1,   /**< handshakes that came to nothing: port scans, closed probes */
	ADMWH_LOG_INFO = 2,    /**< start, stop, each decision, each request without a review */
	ADMWH_LOG_WARNING = 3, /**< a caller was refused, a review failed, overload */
	/** What serves is failing: no connection can be accepted, a reload failed, the certificate
	 * has expired, a process ended */
	ADMWH_LOG_ERROR = 4
};

/** One key and its value, already text. Complete: it never grows. */
struct admwh_log_field {
	const char *key;   /**< lower case; fixed by the library */
	const char *value; /**< may hold what the wire carried */
	bool is_number;    /**< value is a JSON number */
};

/** One event. The first word of its name is the stage: "handshake.refused". */
struct admwh_log_record {
	enum admwh_log_level level;           /**< how much it matters */
	const char *event;                    /**< its name */
	const struct admwh_log_field *fields; /**< n_fields of them */
	size_t n_fields;                      /**< may be 0 */
};

/**
 * A sink. **Called from several threads at once**; it must not block for long.
 *
 * @param record    *borrowed* until the call returns
 * @param userdata  what was given to admwh_config_set_log()
 */
typedef void admwh_log_fn(const struct admwh_log_record *record, void *userdata);

/**
 * Ready-made sink: one line of text an event, `TIME LEVEL event key=value ...`, values quoted and
 * control characters escaped where needed, and cut at 256 bytes; coloured on a terminal unless
 * NO_COLOR is set. Each line is flushed; one that the file, a pipe for instance, has no room for is
 * dropped and counted.
 *
 * @param record    the event
 * @param userdata  a FILE *; NULL for standard error
 * @since 0.1.0
 */
ADMWH_API void admwh_log_text(const struct admwh_log_record *record, void *userdata);

/**
 * Ready-made sink: one JSON object a line; cut, flushed and dropped as by admwh_log_text().
 *
 * @param record    the event
 * @param userdata  a FILE *; NULL for standard error
 * @since 0.1.0
 */
ADMWH_API void admwh_log_json(const struct admwh_log_record *record, void *userdata);

/**
 * How many lines the ready-made sinks of this process have dropped.
 *
 * @return lines
 * @since 0.1.0
 */
ADMWH_API uint64_t admwh_log_dropped(void);

#ifdef __cplusplus
}
#endif

#endif
