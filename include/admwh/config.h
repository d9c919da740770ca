/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The configuration of a server: its address, key pair, reload, threads, processes, signals and
 * log. identity.h, limits.h, health.h and hooks.h set the rest.
 *
 * Each setter checks its arguments at once. A setter that fails changes nothing and leaves a
 * message on the config. A setter with a NULL config returns ADMWH_E_NOMEM, so that the result of
 * admwh_config_new() need not be checked by itself. The first admwh_server_new() freezes the
 * config; setters then return ADMWH_E_STATE. A config is used by one thread at a time.
 */
#ifndef ADMWH_CONFIG_H
#define ADMWH_CONFIG_H

#include <stdbool.h>

#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/log.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup config
 * @{ */

/** The configuration of a server. */
struct admwh_config;

/**
 * Create a config with safe defaults: port 9443 on all addresses, TLS 1.2 and 1.3, no trusted CA
 * and no token.
 *
 * @return *new*, free with admwh_config_free(); NULL when memory ran out
 * @since 0.1.0
 */
ADMWH_API struct admwh_config *admwh_config_new(void);

/**
 * Free a config. A server made from it keeps what it needs.
 *
 * @param config  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_config_free(struct admwh_config *config);

/**
 * Message of the last call on this config that failed, admwh_server_new() included.
 *
 * @param config  a config; NULL gives the message of ADMWH_E_NOMEM
 * @return *borrowed* until the next call with this config; "" when no call failed
 * @since 0.1.0
 */
ADMWH_API const char *admwh_config_error(const struct admwh_config *config);

/**
 * Set the address that the server listens on.
 *
 * @param config   a config
 * @param address  "HOST:PORT" with a numeric host: "0.0.0.0:9443", "127.0.0.1:0", "[::]:9443";
 *                 ":9443" listens on all addresses; with port 0 the system chooses one, see
 *                 admwh_server_port()
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_listen(struct admwh_config *config,
							const char *address);

/**
 * Set the server's certificate chain and private key, as PEM files. The files are read at once,
 * checked to match, and read again when they change, see admwh_config_set_reload(). Text around PEM
 * blocks is passed over (RFC 7468), and both names may be of one file that holds chain and key.
 *
 * @param config            a config
 * @param certificate_file  the server's certificate first, then intermediates
 * @param key_file          unencrypted; RSA of at least 2048 bits, or ECDSA P-256 or P-384
 * @return 0; ADMWH_E_INVAL without a name; ADMWH_E_IO; ADMWH_E_LIMIT when a file is larger than
 *         1 MiB; ADMWH_E_KEYPAIR; ADMWH_E_TLS when the TLS library cannot be initialised;
 *         ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_keypair_file(struct admwh_config *config,
							      const char *certificate_file,
							      const char *key_file);

/** Which versions and cipher suites of TLS are served. */
enum admwh_tls_profile {
	/** TLS 1.2 and 1.3; ECDHE with AES-GCM or ChaCha20-Poly1305. The default. */
	ADMWH_TLS_INTERMEDIATE = 1,
	/** TLS 1.3 alone. Every supported kube-apiserver speaks it. */
	ADMWH_TLS_MODERN = 2
};

/**
 * Choose the versions of TLS. There is no profile below TLS 1.2.
 *
 * @param config   a config
 * @param profile  ADMWH_TLS_INTERMEDIATE or ADMWH_TLS_MODERN
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_tls_profile(struct admwh_config *config,
							     enum admwh_tls_profile profile);

/**
 * Choose and order the cipher suites, among those of the TLS profile. The server's order decides.
 * admwh_server_new() rejects a list without a suite of TLS 1.3, and one with suites of TLS 1.2
 * under ADMWH_TLS_MODERN.
 *
 * @param config   a config
 * @param ciphers  names with ":" between them, as `/configz` shows them, for instance
 *                 "TLS13-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384"; copied; NULL, the
 *                 default, for all of the profile
 * @return 0; ADMWH_E_INVAL when a name is none of these; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_tls_ciphers(struct admwh_config *config,
							     const char *ciphers);

/**
 * Set whether AES-GCM of TLS 1.3 is computed by nettle. It is where wolfSSL is built without the
 * CPU's AES instructions, the library is built with nettle, and the CPU has instructions for AES
 * and carry-less multiplication; AES-128-GCM is then the first cipher suite. Elsewhere, and with a
 * FIPS build of wolfSSL, this has no effect: `/configz` and the log event `accept.started` show
 * what computes AES.
 *
 * @param config  a config
 * @param on      true is the default; false leaves all of TLS to wolfSSL
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_aes_offload(struct admwh_config *config, bool on);

/**
 * Set whether each process that serves gives up, for good, what it does not need (prctl(2)):
 * execve() grants it no privileges any more (PR_SET_NO_NEW_PRIVS), and it is not dumpable
 * (PR_SET_DUMPABLE): its memory, with the private key, is in no core dump, and only root can trace
 * it. This comes before the program's own admwh_process_start_fn. Without worker processes the
 * process that starts the server is such a process. A process that cannot do so does not serve.
 *
 * @param config  a config
 * @param on      false is the default
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_hardening(struct admwh_config *config, bool on);

/**
 * Set whether a running server reloads its key pair, client CAs, rule, deny and token files when
 * they change. It checks them when their directories change (a kubelet's swap of `..data`
 * included), every ADMWH_LIMIT_RELOAD_TIME, and on admwh_server_reload(). New contents are checked
 * as a whole and take effect together. Contents that cannot be used change nothing: the failure is
 * logged (handshake.reload) and counted, and the reload is tried again.
 *
 * @param config  a config
 * @param on      true, the default, to reload on change; false to reload only on
 *                admwh_server_reload() or SIGHUP
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_reload(struct admwh_config *config, bool on);

/**
 * Set whether a running server catches SIGHUP and reloads on it.
 *
 * @param config  a config
 * @param on      false is the default
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_reload_on_sighup(struct admwh_config *config,
								  bool on);

/**
 * Set whether a server starts when its files are missing or cannot be used. It then closes
 * connections without an answer, and /readyz says 503, until a reload finds all files usable. Call
 * this before the setters that name files.
 *
 * @param config  a config
 * @param on      false is the default
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_start_unready(struct admwh_config *config,
							       bool on);

/**
 * Set the number of event loops, which serve connections.
 *
 * @param config   a config
 * @param threads  1 to 256; 0, the default, for one per CPU but at most 8
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_threads(struct admwh_config *config,
							 unsigned int threads);

/**
 * Set the number of worker threads, which run handlers that may block.
 *
 * @param config   a config
 * @param workers  1 to 4096; 0, the default, for four per event loop
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_workers(struct admwh_config *config,
							 unsigned int workers);

/**
 * Set the number of worker processes. With worker processes, a handler that crashes ends only its
 * own process: the calling process keeps the listener and starts another worker process at once,
 * or after a growing pause when it crashes again and again. /readyz says 503 while no worker
 * process serves. Each has the threads and worker threads set here, and the limits hold for each.
 * Only admwh_server_run() starts worker processes, and only in a process without other threads: see
 * admwh_server_set_process_start().
 *
 * @param config     a config
 * @param processes  1 to 256; 0, the default, to serve in the calling process
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_processes(struct admwh_config *config,
							   unsigned int processes);

/**
 * Set whether a running server catches SIGTERM and SIGINT and stops on them. A second signal ends
 * it without draining. Unless asked, the library handles no signal.
 *
 * @param config  a config
 * @param on      false is the default
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_stop_on_signals(struct admwh_config *config,
								 bool on);

/**
 * Set the sink of the log. By default nothing is logged.
 *
 * @param config    a config
 * @param level     the least severe level that is logged
 * @param log       the sink, for instance admwh_log_text(); NULL for none
 * @param userdata  passed to every call
 * @return 0; ADMWH_E_INVAL when there is no such level; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_log(struct admwh_config *config,
						     enum admwh_log_level level, admwh_log_fn *log,
						     void *userdata);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
