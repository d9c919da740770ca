/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The limits of a server: sizes, counts and times, each with a name, a default and a range. What
 * happens beyond a limit is said in its row: a request is rejected, or waits, or its connection is
 * closed. Those of the name "conversion-..." hold for the conversion listener in place of the limit
 * without it; the others for both listeners, each by itself.
 */
#ifndef ADMWH_LIMITS_H
#define ADMWH_LIMITS_H

#include <stdint.h>

#include <admwh/config.h>
#include <admwh/error.h>
#include <admwh/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup config
 * @{ */

/**
 * Every limit: number, name, default, minimum, maximum, unit, what happens beyond it (an HTTP
 * status, where it is a number). Sizes are bytes, times are milliseconds.
 */
#define ADMWH_LIMIT_MAP(XX)                                                                        \
	XX(BODY, 1, "body", 33554432, 1024, 1073741824, "bytes", "413")                            \
	XX(BODIES_IN_FLIGHT, 2, "bodies-in-flight", 268435456, 65536, 68719476736, "bytes",        \
	   "new bodies wait, then 503")                                                            \
	XX(JSON_DEPTH, 3, "json-depth", 200, 8, 1000, "levels", "400")                             \
	XX(HEADER_BYTES, 4, "header-bytes", 16384, 1024, 1048576, "bytes", "431, or 414")          \
	XX(HEADER_COUNT, 5, "header-count", 64, 8, 1024, "fields", "431")                          \
	XX(CONNECTIONS, 6, "connections", 1024, 1, 1048576, "connections", "wait to be accepted")  \
	XX(HANDSHAKES, 7, "handshakes", 256, 1, 1048576, "handshakes", "wait to be accepted")      \
	XX(HANDSHAKE_TIME, 8, "handshake-time", 10000, 10, 3600000, "ms", "connection closed")     \
	XX(HEADER_TIME, 9, "header-time", 10000, 10, 3600000, "ms", "408")                         \
	XX(BODY_TIME, 10, "body-time", 30000, 10, 3600000, "ms", "408")                            \
	XX(IDLE_TIME, 11, "idle-time", 120000, 10, 86400000, "ms", "connection closed")            \
	XX(WRITE_TIME, 12, "write-time", 10000, 10, 3600000, "ms", "connection closed")            \
	XX(BODY_WAIT_TIME, 13, "body-wait-time", 1000, 0, 60000, "ms", "503, or 429")              \
	XX(DEADLINE, 14, "deadline", 30000, 10, 3600000, "ms", "failure, code 504")                \
	XX(DEADLINE_MARGIN, 15, "deadline-margin", 200, 0, 10000, "ms", "")                        \
	XX(LAME_DUCK_TIME, 16, "lame-duck-time", 0, 0, 3600000, "ms", "")                          \
	XX(DRAIN_TIME, 17, "drain-time", 30000, 0, 3600000, "ms", "connections closed")            \
	XX(QUEUE, 18, "queue", 1024, 1, 1048576, "reviews", "503")                                 \
	XX(CN_LENGTH, 19, "cn-length", 64, 1, 4096, "bytes", "caller denied")                      \
	XX(JSON_VALUES, 20, "json-values", 250000, 1000, 100000000, "values", "400")               \
	XX(RELOAD_TIME, 21, "reload-time", 10000, 100, 86400000, "ms", "")                         \
	XX(HEALTH_CONNECTIONS, 22, "health-connections", 64, 1, 65536, "connections",              \
	   "wait to be accepted")                                                                  \
	XX(CALLER_SHARE, 23, "caller-share", 50, 1, 100, "percent", "429")                         \
	XX(CONVERSION_CONNECTIONS, 24, "conversion-connections", 256, 1, 1048576, "connections",   \
	   "wait to be accepted")                                                                  \
	XX(CONVERSION_HANDSHAKES, 25, "conversion-handshakes", 64, 1, 1048576, "handshakes",       \
	   "wait to be accepted")                                                                  \
	XX(CONVERSION_HANDSHAKE_TIME, 26, "conversion-handshake-time", 5000, 10, 3600000, "ms",    \
	   "connection closed")                                                                    \
	XX(CONVERSION_HEADER_TIME, 27, "conversion-header-time", 5000, 10, 3600000, "ms", "408")   \
	XX(CONVERSION_IDLE_TIME, 28, "conversion-idle-time", 120000, 10, 86400000, "ms",           \
	   "connection closed")                                                                    \
	XX(CONVERSION_BODY, 29, "conversion-body", 33554432, 1024, 1073741824, "bytes", "413")     \
	XX(CONVERSION_BODIES_IN_FLIGHT, 30, "conversion-bodies-in-flight", 67108864, 65536,        \
	   68719476736, "bytes", "new bodies wait, then 503")                                      \
	XX(CONVERSION_JSON_VALUES, 31, "conversion-json-values", 1000000, 1000, 100000000,         \
	   "values", "400")                                                                        \
	XX(CONVERSION_QUEUE, 32, "conversion-queue", 256, 1, 1048576, "reviews", "503")

/** A limit: ADMWH_LIMIT_BODY and so on, see ADMWH_LIMIT_MAP. */
enum admwh_limit {
#define ADMWH_LIMIT_ENUM(id, number, text, preset, least, greatest, unit, past)                    \
	ADMWH_LIMIT_##id = number,
	ADMWH_LIMIT_MAP(ADMWH_LIMIT_ENUM)
#undef ADMWH_LIMIT_ENUM
};

/**
 * Set a limit. With worker processes each limit holds for each process.
 *
 * @param config  a config
 * @param limit   the limit
 * @param value   in the limit's unit (bytes, milliseconds, percent or a count), from its minimum to
 *                its maximum
 * @return 0; ADMWH_E_INVAL, the message names the range; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_limit(struct admwh_config *config,
						       enum admwh_limit limit, uint64_t value);

/**
 * Value of a limit.
 *
 * @param config  a config; NULL gives 0
 * @param limit   the limit
 * @return its value, in its unit; 0 for a number that is no limit
 * @since 0.1.0
 */
ADMWH_API uint64_t admwh_config_limit(const struct admwh_config *config, enum admwh_limit limit);

/**
 * Find a limit by its name, for command lines and files.
 *
 * @param name   for instance "body"; NULL is not found
 * @param limit  set when found, untouched otherwise
 * @return 0 or ADMWH_E_NOT_FOUND
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_limit_by_name(const char *name, enum admwh_limit *limit);

/**
 * Name of a limit.
 *
 * @param limit  the limit
 * @return *borrowed* (static) text; NULL for a number that is no limit
 * @since 0.1.0
 */
ADMWH_API const char *admwh_limit_name(enum admwh_limit limit);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
