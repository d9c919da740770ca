/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The log: its events, its levels and two ready-made sinks. The library never logs contents of
 * objects, tokens or keys. Values may hold anything that a client sent: sinks escape them.
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

/** @addtogroup config
 * @{ */

/** How severe an event is. */
enum admwh_log_level {
	ADMWH_LOG_DEBUG = 1,   /**< failed handshakes: port scans, closed probes */
	ADMWH_LOG_INFO = 2,    /**< start, stop, each decision, each rejected request */
	ADMWH_LOG_WARNING = 3, /**< a caller was denied, a review failed, overload */
	/** Service is failing: no connection can be accepted, a reload failed, the certificate has
	 * expired, a process ended */
	ADMWH_LOG_ERROR = 4
};

/** A key and its value, as text. Complete: no field will be appended. */
struct admwh_log_field {
	const char *key;   /**< lower case; fixed by the library */
	const char *value; /**< may hold anything that a client sent */
	bool is_number;    /**< value is a JSON number */
};

/** An event. The first word of its name is the stage: "handshake.refused". */
struct admwh_log_record {
	enum admwh_log_level level;           /**< how severe it is */
	const char *event;                    /**< its name */
	const struct admwh_log_field *fields; /**< n_fields of them */
	size_t n_fields;                      /**< may be 0 */
};

/**
 * A sink. **Called from several threads at once**; it must not block for long.
 *
 * @param record    *borrowed* until the callback returns
 * @param userdata  what was given to admwh_config_set_log()
 */
typedef void admwh_log_fn(const struct admwh_log_record *record, void *userdata);

/**
 * A sink that writes an event as a line of text, `TIME LEVEL event key=value ...`. Values are cut
 * at 256 bytes, and quoted and escaped where needed. On a terminal the line is coloured unless
 * NO_COLOR is set. Each line is flushed; a line that the file (for instance a full pipe) cannot
 * take is dropped and counted.
 *
 * @param record    *borrowed* until the call returns
 * @param userdata  a FILE *; NULL for standard error
 * @since 0.1.0
 */
ADMWH_API void admwh_log_text(const struct admwh_log_record *record, void *userdata);

/**
 * A sink that writes an event as a line of JSON, an object. Values are cut, and lines flushed and
 * dropped, as by admwh_log_text().
 *
 * @param record    *borrowed* until the call returns
 * @param userdata  a FILE *; NULL for standard error
 * @since 0.1.0
 */
ADMWH_API void admwh_log_json(const struct admwh_log_record *record, void *userdata);

/**
 * Number of lines that admwh_log_text() and admwh_log_json() have dropped in this process. May be
 * called from any thread.
 *
 * @return lines
 * @since 0.1.0
 */
ADMWH_API uint64_t admwh_log_dropped(void);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
