/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The HTTPS server: its routes, its start and its stop.
 *
 * One thread sets a server up and frees it. Other threads and signal handlers may call only
 * admwh_server_stop() and admwh_server_reload(), at any time.
 */
#ifndef ADMWH_SERVER_H
#define ADMWH_SERVER_H

#include <stdint.h>

#include <admwh/config.h>
#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/route.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup server
 * @{ */

/** A server: listener, threads, routes. */
struct admwh_server;

/**
 * Create a server from a config, not yet listening. The config is checked as a whole and frozen. It
 * must have a key pair, and client CAs with a rule for each bundle or tokens (or say that it does
 * without, by a call named *insecure*); and the TLS library must be one that can be configured
 * safely.
 *
 * @param config  *borrowed* until the call returns; the server keeps what it needs
 * @return *new*, free with admwh_server_free(); NULL: admwh_config_error() says why
 * @since 0.1.0
 */
ADMWH_API struct admwh_server *admwh_server_new(struct admwh_config *config);

/**
 * Free a server. A running server is stopped without draining; the call waits for handlers that
 * still run.
 *
 * @param server  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_server_free(struct admwh_server *server);

/**
 * Message of the last call on this server, or on a route of it, that failed.
 *
 * @param server  a server
 * @return *borrowed* until the next call with this server or a route of it; "" when no call failed
 * @since 0.1.0
 */
ADMWH_API const char *admwh_server_error(const struct admwh_server *server);

/**
 * Add a route: reviews on this path are decided by a validator.
 *
 * @param server    a server that was not started
 * @param path      as kube-apiserver sends it, compared byte for byte: begins with "/", no "/" at
 *                  the end, no empty, "." or ".." segment, no query or fragment, and escapes
 *                  ("%C3%A9") where and as Go's net/url writes them. The message of a path that
 *                  kube-apiserver never sends says what to write. The last segment may be a name
 *                  in braces, "/policy/{id}": the route then has all paths with one segment in
 *                  its place, but for those that have a route of their own, and
 *                  admwh_request_path_segment() has it; metrics and logs name the pattern
 * @param validate  the handler; **may be called concurrently**
 * @param userdata  passed to every call; outlives the server
 * @return *borrowed* until the server is freed; NULL: admwh_server_error() says why (no memory,
 *         no handler, a path that is never sent or is taken, a server that was started)
 * @since 0.1.0
 */
ADMWH_API struct admwh_route *admwh_server_add_validator(struct admwh_server *server,
							 const char *path,
							 admwh_validate_fn *validate,
							 void *userdata);

/**
 * As admwh_server_add_validator(), for a mutator.
 *
 * @param server    a server that was not started
 * @param path      as for admwh_server_add_validator()
 * @param mutate    the handler; **may be called concurrently**
 * @param userdata  passed to every call; outlives the server
 * @return *borrowed* until the server is freed; NULL: admwh_server_error() says why
 * @since 0.1.0
 */
ADMWH_API struct admwh_route *admwh_server_add_mutator(struct admwh_server *server,
						       const char *path, admwh_mutate_fn *mutate,
						       void *userdata);

/**
 * Prepares a process to serve: starts the program's own threads and opens its connections, which
 * do not survive a fork.
 *
 * @param userdata  what was registered
 * @return 0; otherwise the process does not serve
 */
typedef int admwh_process_start_fn(void *userdata);

/**
 * Set a function that runs once in each process that serves, before it serves: in each worker
 * process, or, without worker processes, in admwh_server_start().
 *
 * @param server    a server that was not started
 * @param start     NULL for none
 * @param userdata  passed to it
 * @return 0; ADMWH_E_INVAL without a server; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_set_process_start(struct admwh_server *server,
							       admwh_process_start_fn *start,
							       void *userdata);

/**
 * Ends what an admwh_process_start_fn has started.
 *
 * @param userdata  what was registered
 */
typedef void admwh_process_stop_fn(void *userdata);

/**
 * Set a function that runs once in each process that has served, or whose start failed after the
 * function of admwh_server_set_process_start(): in each worker process when it has drained, or,
 * without worker processes, in admwh_server_free(). No handler runs any more. A worker process in
 * which a handler never ends is ended without it, as is one that crashes.
 *
 * @param server    a server that was not started
 * @param stop      NULL for none
 * @param userdata  passed to it
 * @return 0; ADMWH_E_INVAL without a server; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_set_process_stop(struct admwh_server *server,
							      admwh_process_stop_fn *stop,
							      void *userdata);

/**
 * Log an event of the program's own, where and as the library logs its events. **Callable from any
 * thread**, between admwh_server_new() and admwh_server_free().
 *
 * @param server  a server; NULL logs nothing
 * @param record  *borrowed* until the call returns; at most 20 fields are logged
 * @since 0.1.0
 */
ADMWH_API void admwh_server_log(const struct admwh_server *server,
				const struct admwh_log_record *record);

/**
 * Start serving on the library's own threads and return. When it returns 0 the socket is listening.
 * A server starts once; after a failure create another.
 *
 * @param server  a server that was not started
 * @return 0; ADMWH_E_LISTEN; ADMWH_E_IO; ADMWH_E_NOMEM; ADMWH_E_HANDLER when the function of
 *         admwh_server_set_process_start() failed; ADMWH_E_STATE when started before, with neither
 *         a route nor a health port, or with worker processes, which only admwh_server_run()
 *         starts; ADMWH_E_INVAL without a server
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_start(struct admwh_server *server);

/**
 * Wait until the server has stopped and drained. One thread calls it. A handler that missed its
 * deadline may still run afterwards; admwh_server_free() waits for it.
 *
 * @param server  a server that was started
 * @return 0 when every request that had begun was answered; ADMWH_E_TIMEOUT when the drain time
 *         ended before; ADMWH_E_STATE when never started; ADMWH_E_INVAL without a server
 * @since 0.1.0
 */
ADMWH_API int admwh_server_wait(struct admwh_server *server);

/**
 * Start the server and wait until it has stopped and drained: admwh_server_start() and
 * admwh_server_wait(). With admwh_config_set_processes() it starts the worker processes and
 * replaces those that end.
 *
 * @param server  a server that was not started
 * @return as those two; ADMWH_E_STATE when there are to be worker processes and this process has
 *         other threads
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_run(struct admwh_server *server);

/**
 * Ask the server to stop and return at once. The server accepts no more connections, answers the
 * requests that have begun with `Connection: close`, gives idle connections a second for a last
 * request, then ends. **Callable from a signal handler and from any thread**, between
 * admwh_server_new() and admwh_server_free(). A server that is stopped before it starts ends as
 * soon as it starts.
 *
 * @param server  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_server_stop(struct admwh_server *server);

/**
 * Ask the server to reload its key pair, client CAs, rules, deny lists and tokens now, where they
 * have changed, and return at once; the log has the outcome. **Callable from a signal handler and
 * from any thread**, between admwh_server_new() and admwh_server_free().
 *
 * @param server  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_server_reload(struct admwh_server *server);

/**
 * Number of the port that the server listens on.
 *
 * @param server  a server that was started; NULL gives 0
 * @return the port; 0 before the start
 * @since 0.1.0
 */
ADMWH_API uint16_t admwh_server_port(const struct admwh_server *server);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
