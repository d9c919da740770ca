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
#include <stdint.h>

#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/log.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a server is made from. */
struct admwh_config;

/** A named set of client CAs and the rules for names those CAs vouch for. */
struct admwh_bundle;

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
 * The server's certificate chain and private key, PEM. Read and checked to match at once, and
 * not read again: a server goes on with what was read here.
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
 * A trust bundle by its name, made when first named.
 *
 * A name is worth what its issuer vouches for: a CN allowed in one bundle is not accepted from
 * the CAs of another.
 *
 * @param config  a config
 * @param name    1 to 63 characters of [A-Za-z0-9._-], for instance "audit-scanner"
 * @return *borrowed* until the config is freed; NULL: admwh_config_error() says why
 * @since 0.1.0
 */
ADMWH_API struct admwh_bundle *admwh_config_bundle(struct admwh_config *config, const char *name);

/**
 * Trust the CA certificates of a PEM file, in this bundle. Read and checked at once, and not read
 * again. Refused is a CA with a NameConstraints extension, one that is expired or not valid yet,
 * one with an RSA key below 2048 bits, a certificate that is no CA, and a file that holds anything
 * beside certificates. A CA with an unknown critical extension is taken beside others but vouches
 * for no one. The same CA in two bundles is refused by admwh_server_new().
 *
 * @param bundle  a bundle
 * @param file    one or more PEM certificates
 * @return 0; ADMWH_E_INVAL without a name; ADMWH_E_IO; ADMWH_E_LIMIT when the file is larger than
 *         1 MiB; ADMWH_E_CLIENT_CA; ADMWH_E_TLS when the TLS library does not start; ADMWH_E_NOMEM,
 *         also when the files of a bundle are together larger than 1 MiB; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_bundle_add_ca_file(struct admwh_bundle *bundle,
							 const char *file);

/**
 * Let in certificates of this bundle whose subject has exactly one CN and that CN is this one,
 * byte for byte.
 *
 * @param bundle  a bundle
 * @param cn      UTF-8, without control characters, 1 to 64 bytes; for a longer one set
 *                ADMWH_LIMIT_CN_LENGTH first
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_bundle_allow_cn(struct admwh_bundle *bundle, const char *cn);

/**
 * Let in every certificate the CAs of this bundle vouch for, whatever its name. Not together
 * with names: admwh_server_new() refuses a bundle that has both.
 *
 * @param bundle  a bundle
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_bundle_allow_any_name(struct admwh_bundle *bundle);

/**
 * admwh_bundle_add_ca_file() on the bundle "default".
 *
 * @param config  a config
 * @param file    one or more PEM certificates
 * @return as admwh_bundle_add_ca_file()
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_add_client_ca_file(struct admwh_config *config,
								const char *file);

/**
 * admwh_bundle_allow_cn() on the bundle "default".
 *
 * @param config  a config
 * @param cn      as for admwh_bundle_allow_cn()
 * @return as admwh_bundle_allow_cn()
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_allow_cn(struct admwh_config *config, const char *cn);

/**
 * admwh_bundle_allow_any_name() on the bundle "default".
 *
 * @param config  a config
 * @return as admwh_bundle_allow_any_name()
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_allow_any_name(struct admwh_config *config);

/** Where a caller that is not allowed learns so. */
enum admwh_client_auth {
	/** In the handshake, by a TLS alert. The default. */
	ADMWH_AUTH_HANDSHAKE = 1,
	/** Per request, by HTTP 401; exempt paths are served to anyone. */
	ADMWH_AUTH_REQUEST = 2
};

/**
 * Choose where callers are refused.
 *
 * @param config  a config
 * @param auth    ADMWH_AUTH_HANDSHAKE or ADMWH_AUTH_REQUEST
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_client_auth(struct admwh_config *config,
							     enum admwh_client_auth auth);

/**
 * With ADMWH_AUTH_REQUEST: serve this exact path to callers that are not allowed, one request a
 * connection.
 *
 * @param config  a config
 * @param path    for instance "/healthz"; compared byte for byte, without the query
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_add_exempt_path(struct admwh_config *config,
							     const char *path);

/**
 * **Insecure**: ask no one for a certificate and answer everyone. Logged as a
 * warning at every start. Excludes client CAs.
 *
 * @param config  a config
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_insecure_no_client_auth(struct admwh_config *config);

/**
 * Every limit: number, name, default, least, greatest, unit, what happens past it.
 * Sizes are bytes, times are milliseconds.
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
	XX(BODY_WAIT_TIME, 13, "body-wait-time", 1000, 0, 60000, "ms", "503")                      \
	XX(DEADLINE, 14, "deadline", 30000, 10, 3600000, "ms", "failure, code 504")                \
	XX(DEADLINE_MARGIN, 15, "deadline-margin", 200, 0, 10000, "ms", "")                        \
	XX(LAME_DUCK_TIME, 16, "lame-duck-time", 0, 0, 3600000, "ms", "")                          \
	XX(DRAIN_TIME, 17, "drain-time", 30000, 0, 3600000, "ms", "connections closed")            \
	XX(QUEUE, 18, "queue", 1024, 1, 1048576, "reviews", "503")                                 \
	XX(CN_LENGTH, 19, "cn-length", 64, 1, 4096, "bytes", "caller refused")                     \
	XX(JSON_VALUES, 20, "json-values", 1000000, 1000, 1000000000, "values", "400")

/** A limit: ADMWH_LIMIT_BODY and so on, see ADMWH_LIMIT_MAP. */
enum admwh_limit {
#define ADMWH_LIMIT_ENUM(id, number, text, preset, least, greatest, unit, past)                    \
	ADMWH_LIMIT_##id = number,
	ADMWH_LIMIT_MAP(ADMWH_LIMIT_ENUM)
#undef ADMWH_LIMIT_ENUM
};

/**
 * Set a limit.
 *
 * @param config  a config
 * @param limit   which
 * @param value   bytes, milliseconds or a count, between the limit's least and greatest
 * @return 0; ADMWH_E_INVAL, the message names the range; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_limit(struct admwh_config *config,
						       enum admwh_limit limit, uint64_t value);

/**
 * Value of a limit.
 *
 * @param config  a config
 * @param limit   which
 * @return its value; 0 for a number that is no limit
 * @since 0.1.0
 */
ADMWH_API uint64_t admwh_config_limit(const struct admwh_config *config, enum admwh_limit limit);

/**
 * Find a limit by its name, for command lines and files.
 *
 * @param name   for instance "body"
 * @param limit  set when found
 * @return 0 or ADMWH_E_NOT_FOUND
 * @since 0.1.0
 */
ADMWH_API int admwh_limit_by_name(const char *name, enum admwh_limit *limit);

/**
 * Name of a limit.
 *
 * @param limit  which
 * @return *borrowed* (static) text; NULL for a number that is no limit
 * @since 0.1.0
 */
ADMWH_API const char *admwh_limit_name(enum admwh_limit limit);

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
