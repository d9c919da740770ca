/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The program's own files: tables, policies, results. The library reads and watches them as it does
 * its key pair, the program says what their bytes mean, and each review sees one version of each
 * file from its begin to its end.
 */
#ifndef ADMWH_FILE_H
#define ADMWH_FILE_H

#include <stddef.h>

#include <admwh/config.h>
#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup config
 * @{ */

/** A file of the program's own. */
struct admwh_file;

/**
 * Make an object of a file's contents. It runs in the call of admwh_config_add_file(), and on a
 * thread of the server for each reload. The object is then read by many threads: nothing may change
 * it.
 *
 * @param bytes     *borrowed* until the callback returns: the whole file, NUL-terminated
 * @param len       bytes before the NUL
 * @param file      as given by admwh_config_add_file(), for admwh_file_fail()
 * @param userdata  what was given to admwh_config_add_file()
 * @return *new*, freed by the file's admwh_file_free_fn; NULL when the contents cannot be used: the
 *         object in use stays
 */
typedef void *admwh_file_parse_fn(const char *bytes, size_t len, struct admwh_file *file,
				  void *userdata);

/**
 * Free an object once no review reads it any more. **Called from any thread**, also after the
 * server was freed, where a deferral is.
 *
 * @param object    *steals* what admwh_file_parse_fn returned
 * @param userdata  what was given to admwh_config_add_file()
 */
typedef void admwh_file_free_fn(void *object, void *userdata);

/**
 * Add a file of the program's own. It is read and parsed at once, and again when it changes, see
 * admwh_config_set_reload(). Each file changes by itself. Contents that cannot be used change
 * nothing: the failure is logged (dispatch.reload) and counted (kind "program"), and the reload is
 * tried again. Each worker process has objects of its own.
 *
 * @param config    a config
 * @param name      its name; copied
 * @param parse     makes an object of its contents
 * @param free_object  frees such an object
 * @param userdata  passed to both; outlives the server and its deferrals
 * @return *borrowed* until the config and its server are freed; NULL, and admwh_config_error() says
 *         why: the file cannot be read, is larger than 64 MiB, or cannot be parsed (unless
 *         admwh_config_set_start_unready() was called), no memory, frozen
 * @since 0.1.0
 */
ADMWH_API struct admwh_file *admwh_config_add_file(struct admwh_config *config, const char *name,
						   admwh_file_parse_fn *parse,
						   admwh_file_free_fn *free_object, void *userdata);

/**
 * Why a line cannot be used, for instance admwh_image_prefix_error(). Called as admwh_file_parse_fn
 * is.
 *
 * @param line  *borrowed* until the callback returns
 * @return *borrowed* text, one line without its end; NULL when it can be used
 */
typedef const char *admwh_line_error_fn(const char *line);

/**
 * Add a file of lines: names, prefixes, patterns. Blanks around a line are dropped, and so are
 * empty lines and those that begin with "#". The object of the file is a `const char *const *`, the
 * lines in order and a NULL behind the last; otherwise as admwh_config_add_file():
 *
 *     const char *const *line = admwh_request_file(req, file);
 *
 *     for (; line && *line; line++)
 *             if (admwh_image_matches(&image, *line))
 *                     return true;
 *
 * @param config  a config
 * @param name    its name; copied
 * @param error   asked of each line; NULL takes any
 * @return as admwh_config_add_file(); a line that cannot be used is told with its number
 * @since 0.1.0
 */
ADMWH_API struct admwh_file *admwh_config_add_line_file(struct admwh_config *config,
							const char *name,
							admwh_line_error_fn *error);

/**
 * Say why contents cannot be used. Only an admwh_file_parse_fn calls it, on its own thread.
 *
 * @param file    as given to the callback
 * @param format  as for printf(3): one line without its end; the file's name comes before it
 * @since 0.1.0
 */
ADMWH_API void admwh_file_fail(struct admwh_file *file, const char *format, ...) ADMWH_PRINTF(2, 3);

/**
 * The object of a file, as it was when the review began, for all of the review: a deferral's
 * request gives the same.
 *
 * @param req   a request; of a route without a server the object is the first one
 * @param file  of the config that the server was made of
 * @return *borrowed* until the review ends; NULL when the file could not be used yet
 *         (admwh_config_set_start_unready())
 * @since 0.1.0
 */
ADMWH_API const void *admwh_request_file(const struct admwh_request *req,
					 const struct admwh_file *file);

/**
 * The object of a file now, for code outside of reviews: admwh_program.setup, or a unit test.
 *
 * @param file  a file of a config whose server does not run
 * @return *borrowed* until the server starts; NULL when the file could not be used yet
 * @since 0.1.0
 */
ADMWH_API const void *admwh_file_object(const struct admwh_file *file);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
