/* SPDX-License-Identifier: MIT */
/**
 * @file
 * How a server is set up: where it listens, its key pair, whom it trusts, its
 * limits. Each setter checks what it is given at once; one that fails changes
 * nothing and leaves its message on the config; with a NULL config it does
 * nothing and returns ADMWH_E_NOMEM, so that admwh_config_new() need not be
 * checked apart. (A bundle is never NULL: admwh_config_bundle() is to be
 * checked.) A config is used by one thread at a time and is frozen by the first
 * admwh_server_new() that takes it.
 */
#ifndef ADMWH_CONFIG_H
#define ADMWH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/log.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a server is made from. */
struct admwh_config;

/**
 * A config with safe defaults: port 9443 on all addresses, TLS 1.2 and 1.3, and no
 * trust in anyone yet.
 *
 * @return *new*, free with admwh_config_free(); NULL when memory ran out
 * @since 0.1.0
 */
ADMWH_API struct admwh_config *admwh_config_new(void);

/**
 * Give up a config. A server made from it keeps what it needs.
 *
 * @param config  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_config_free(struct admwh_config *config);

/**
 * What the last failed call on this config, or the failed admwh_server_new(), complains about.
 *
 * @param config  a config; NULL gives the message of ADMWH_E_NOMEM
 * @return *borrowed* until the next call with this config; "" when nothing failed
 * @since 0.1.0
 */
ADMWH_API const char *admwh_config_error(const struct admwh_config *config);

/**
 * Where to listen.
 *
 * @param config   a config
 * @param address  "HOST:PORT" with a numeric host: "0.0.0.0:9443", "127.0.0.1:0", "[::]:9443",
 *                 ":9443" for all addresses; port 0 lets the system pick one
 *                 (admwh_server_port() tells which)
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_listen(struct admwh_config *config,
							const char *address);

/**
 * The server's certificate chain and private key, PEM. Read and checked to match at once, and read
 * again when they change while a server runs, see admwh_config_set_reload().
 *
 * @param config            a config
 * @param certificate_file  leaf first, then intermediates
 * @param key_file          unencrypted; RSA of 2048 bits or more, or ECDSA P-256, P-384
 * @return 0; ADMWH_E_INVAL without a name; ADMWH_E_IO; ADMWH_E_LIMIT when a file is larger than
 *         1 MiB; ADMWH_E_KEYPAIR; ADMWH_E_TLS when the TLS library does not start; ADMWH_E_NOMEM;
 *         ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_keypair_file(struct admwh_config *config,
							      const char *certificate_file,
							      const char *key_file);

/**
 * Whether the key pair, client CAs, rule, deny and token files are read again while a server runs:
 * when their directories change (a kubelet's swap of `..data` too), every ADMWH_LIMIT_RELOAD_TIME,
 * and at admwh_server_reload(). On by default; off, only when asked for, by admwh_server_reload()
 * or SIGHUP. New contents are checked as a whole and swapped in at once; what cannot be used is
 * logged (handshake.reload), counted, tried again, and changes nothing.
 *
 * @param config  a config
 * @param on      read again without being asked
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_reload(struct admwh_config *config, bool on);

/**
 * Whether a server catches SIGHUP while it runs and reloads on it. Off by default.
 *
 * @param config  a config
 * @param on      catch it
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_reload_on_sighup(struct admwh_config *config,
								  bool on);

/**
 * Whether a server may start before its files are there or can be used: connections are closed
 * unanswered and /readyz says 503 until a reload finds all of them good. Set it before the files
 * are named. Off by default.
 *
 * @param config  a config
 * @param on      start without
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_start_unready(struct admwh_config *config,
							       bool on);

/**
 * How many event loops serve connections.
 *
 * @param config   a config
 * @param threads  1 to 256; 0 for one per CPU but no more than 8, the default
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_threads(struct admwh_config *config,
							 unsigned int threads);

/**
 * How many workers run handlers that may block.
 *
 * @param config   a config
 * @param workers  1 to 4096; 0 for four per event loop, the default
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_workers(struct admwh_config *config,
							 unsigned int workers);

/**
 * Serve from worker processes, so that a handler that crashes takes only its own process along:
 * the calling process keeps the listener and starts another worker at once. Each worker has the
 * threads and workers set here. A worker that crashes again and again is started after a growing
 * pause, and /readyz says 503 while none serves. Only admwh_server_run() does this, and it needs a
 * process without other threads: see admwh_server_set_process_start(). Limits are for each worker.
 *
 * @param config     a config
 * @param processes  1 to 256; 0 to serve in the calling process, the default
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_processes(struct admwh_config *config,
							   unsigned int processes);

/**
 * Whether a server catches SIGTERM and SIGINT while it runs and stops on them; a second one ends
 * it without its drain. Off by default: the library touches no signal unless asked.
 *
 * @param config  a config
 * @param on      catch them
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_stop_on_signals(struct admwh_config *config,
								 bool on);

/**
 * Where the log goes. The default is nowhere.
 *
 * @param config    a config
 * @param level     events below it are not passed on
 * @param log       the sink, for instance admwh_log_text; NULL for none
 * @param userdata  passed to every call
 * @return 0; ADMWH_E_INVAL when there is no such level; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_log(struct admwh_config *config,
						     enum admwh_log_level level, admwh_log_fn *log,
						     void *userdata);

#ifdef __cplusplus
}
#endif

#endif
