/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The HTTPS server: routes, start, stop.
 *
 * A server is set up and freed by one thread. While it runs only
 * admwh_server_stop() and admwh_server_reload() may be called by others, signal handlers
 * included.
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

/** Routes, threads and a socket. */
struct admwh_server;

/**
 * A server with this configuration, not yet listening. The configuration is checked as a whole
 * and frozen: a key pair, client CAs with a rule for each bundle (or the insecure choice), a TLS
 * library that can be made safe.
 *
 * @param config  *borrowed*; the server keeps what it needs
 * @return *new*, free with admwh_server_free(); NULL: admwh_config_error() says why
 * @since 0.1.0
 */
ADMWH_API struct admwh_server *admwh_server_new(struct admwh_config *config);

/**
 * Free a server. One that still runs is stopped without waiting for its drain; handlers that
 * still run are waited for.
 *
 * @param server  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_server_free(struct admwh_server *server);

/**
 * What the last failed call on this server, or on a route of it, complains about.
 *
 * @param server  a server
 * @return *borrowed* until the next call with this server or a route of it; "" when nothing failed
 * @since 0.1.0
 */
ADMWH_API const char *admwh_server_error(const struct admwh_server *server);

/**
 * Answer reviews on this path with a validator.
 *
 * @param server    a server that was not started
 * @param path      begins with "/"; compared byte for byte, without the query
 * @param validate  the handler; **may be called concurrently**
 * @param userdata  passed to every call; outlives the server
 * @return *borrowed* until the server is freed; NULL: admwh_server_error() says why (no memory,
 *         no handler, a malformed path, a path that is taken, started already)
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
 * @param path      begins with "/"; compared byte for byte, without the query
 * @param mutate    the handler; **may be called concurrently**
 * @param userdata  passed to every call; outlives the server
 * @return *borrowed* until the server is freed; NULL: admwh_server_error() says why
 * @since 0.1.0
 */
ADMWH_API struct admwh_route *admwh_server_add_mutator(struct admwh_server *server,
						       const char *path, admwh_mutate_fn *mutate,
						       void *userdata);

/**
 * Gets a process ready to serve: threads and connections of the program's own, which do not outlive
 * a fork.
 *
 * @param userdata  what was registered
 * @return 0; else the process does not serve
 */
typedef int admwh_process_start_fn(void *userdata);

/**
 * Have the program's own preparations made in each process that serves, before it does: in every
 * worker process, or without any in admwh_server_start().
 *
 * @param server    a server that was not started
 * @param start     called once in each process; NULL for none
 * @param userdata  passed to it
 * @return 0; ADMWH_E_INVAL without a server; ADMWH_E_STATE once the server was started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_set_process_start(struct admwh_server *server,
							       admwh_process_start_fn *start,
							       void *userdata);

/**
 * Start serving on threads of the library's own and return. When it returns 0 the socket listens.
 * A server starts once: after a failure make another.
 *
 * @param server  a server that was not started
 * @return 0; ADMWH_E_LISTEN; ADMWH_E_IO; ADMWH_E_NOMEM; ADMWH_E_HANDLER when the program's own
 *         preparations failed; ADMWH_E_STATE when started before, with neither route nor
 *         health port, or with worker processes, which only admwh_server_run() starts;
 *         ADMWH_E_INVAL without a server
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_start(struct admwh_server *server);

/**
 * Wait until the server has stopped and drained. By one thread. A handler that was too late, and
 * was answered for, may still run afterwards; admwh_server_free() waits for it.
 *
 * @param server  a server that was started
 * @return 0 when every request that had begun was answered; ADMWH_E_TIMEOUT when the drain time
 *         cut some off; ADMWH_E_STATE when never started; ADMWH_E_INVAL without a server
 * @since 0.1.0
 */
ADMWH_API int admwh_server_wait(struct admwh_server *server);

/**
 * admwh_server_start() and admwh_server_wait(); or, with admwh_config_set_processes(), start worker
 * processes and look after them until the server has stopped and drained.
 *
 * @param server  a server that was not started
 * @return as those two; ADMWH_E_STATE when worker processes are wanted and this process has
 *         threads
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_run(struct admwh_server *server);

/**
 * Ask the server to stop: it accepts no more connections, answers what has begun with
 * `Connection: close`, gives idle connections a second for a last request, then ends. Returns at
 * once. **Callable from a signal handler and from any thread**, between admwh_server_new() and
 * admwh_server_free(); a stop before the start makes the start end at once.
 *
 * @param server  a server; NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_server_stop(struct admwh_server *server);

/**
 * Read key pair, client CAs, rules and tokens again now, if they have changed. Returns at once;
 * the log tells how it went. **Callable from a signal handler and from any thread**, between
 * admwh_server_new() and admwh_server_free().
 *
 * @param server  a server; NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_server_reload(struct admwh_server *server);

/**
 * The port the server listens on.
 *
 * @param server  a server that was started
 * @return the port; 0 before the start and without a server
 * @since 0.1.0
 */
ADMWH_API uint16_t admwh_server_port(const struct admwh_server *server);

#ifdef __cplusplus
}
#endif

#endif
