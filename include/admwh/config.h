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
 * Trust the CA certificates of a PEM file, in this bundle. Read and checked at once, and read again
 * when it changes while a server runs, see admwh_config_set_reload(). Refused is a CA with a
 * NameConstraints extension, one that is expired or not valid yet, one with an RSA key below 2048
 * bits, a certificate that is no CA, and a file that holds anything beside certificates. A CA with
 * an unknown critical extension is taken beside others but vouches for no one. The same CA in two
 * bundles is refused by admwh_server_new().
 *
 * @param bundle  a bundle
 * @param file    one or more PEM certificates
 * @return 0; ADMWH_E_INVAL without a name; ADMWH_E_IO; ADMWH_E_LIMIT when the file is larger than
 *         1 MiB, or the files of a bundle together than 16 MiB; ADMWH_E_CLIENT_CA; ADMWH_E_TLS when
 *         the TLS library does not start; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_bundle_add_ca_file(struct admwh_bundle *bundle,
							 const char *file);

/**
 * Every kind of rule: number, name, what of a certificate it is compared with. A name stands before
 * the value in files, in `req->peer->rule` and in logs: "cn:kube-apiserver".
 */
#define ADMWH_RULE_MAP(XX)                                                                         \
	XX(CN, 1, "cn", "the one CN of the subject, byte for byte")                                \
	XX(DNS, 2, "dns", "a dNSName of the subjectAltName, ASCII letters in any case")            \
	XX(URI, 3, "uri", "a URI of the subjectAltName, for instance a SPIFFE ID, byte for byte")  \
	XX(IP, 4, "ip", "an iPAddress of the subjectAltName, IPv4 or IPv6")                        \
	XX(O, 5, "o", "an O of the subject, byte for byte")                                        \
	XX(OU, 6, "ou", "an OU of the subject, byte for byte")                                     \
	XX(SHA256, 7, "sha256", "SHA-256 of the whole certificate, hexadecimal")

/** A kind of rule: ADMWH_RULE_CN and so on, see ADMWH_RULE_MAP. */
enum admwh_rule {
#define ADMWH_RULE_ENUM(id, number, text, compared) ADMWH_RULE_##id = number,
	ADMWH_RULE_MAP(ADMWH_RULE_ENUM)
#undef ADMWH_RULE_ENUM
};

/**
 * Let in certificates of this bundle that meet this rule; one rule met is enough. Nothing is a
 * pattern: "*" and "." mean themselves.
 *
 * @param bundle  a bundle
 * @param rule    which of its names is looked at
 * @param value   what it has to be: UTF-8, without control characters; a CN has 1 to 64 bytes (for
 *                a longer one set ADMWH_LIMIT_CN_LENGTH first), others 1 to 1024; copied
 * @return 0; ADMWH_E_INVAL, the message says what is wrong with the value; ADMWH_E_NOMEM;
 *         ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_bundle_allow(struct admwh_bundle *bundle,
						   enum admwh_rule rule, const char *value);

/**
 * Let in certificates that meet a rule of a file: one a line as "cn:kube-apiserver" or
 * "uri:spiffe://cluster.local/ns/x/sa/y"; empty lines and lines that begin with "#" are skipped.
 * Read and checked at once, and read again when it changes, see admwh_config_set_reload(). A file
 * without a rule lets no one in.
 *
 * @param bundle  a bundle
 * @param file    its name; one a bundle, a later call replaces it
 * @return 0; ADMWH_E_IO; ADMWH_E_LIMIT when it is larger than 1 MiB; ADMWH_E_INVAL, the message
 *         names the line; ADMWH_E_TLS when the TLS library makes no digest of it; ADMWH_E_NOMEM;
 *         ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_bundle_allow_file(struct admwh_bundle *bundle,
							const char *file);

/**
 * Refuse certificates that a file lists, whatever the rules: one a line as "serial:HEX" or
 * "sha256:HEX", of the client's certificate or of an intermediate above it; otherwise as
 * admwh_bundle_allow_file(). Revocation without CRLs: a stolen key is shut out by one line. So that
 * one that was cut off pardons nobody, its last line has an end, and a file that denies no one says
 * so in a comment: an empty one is refused. Prefer serial numbers: who holds a certificate with an
 * ECDSA signature can write that in another valid way, which changes its fingerprint.
 *
 * @param bundle  a bundle
 * @param file    its name; one a bundle, a later call replaces it
 * @return as admwh_bundle_allow_file()
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_bundle_deny_file(struct admwh_bundle *bundle,
						       const char *file);

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
 * admwh_bundle_allow() with ADMWH_RULE_CN on the bundle "default".
 *
 * @param config  a config
 * @param cn      the value of the rule
 * @return as admwh_bundle_allow()
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

/** What a token file says, while it is read. */
struct admwh_tokens;

/**
 * Reads a token file of the program's own format: calls admwh_tokens_add() for each token.
 *
 * @param text      *borrowed* until the call returns: the whole file, NUL-terminated after len
 * bytes
 * @param len       bytes
 * @param tokens    where the tokens go
 * @param userdata  what was given to admwh_config_set_token_file()
 * @return 0; negative when it cannot be understood: the tokens there were stay
 */
typedef int admwh_token_reader_fn(const char *text, size_t len, struct admwh_tokens *tokens,
				  void *userdata);

/**
 * Take requests that carry a bearer token of this file (`Authorization: Bearer TOKEN`, RFC 6750,
 * the scheme in any case). Which routes ask for one is admwh_route_set_auth()'s; without a client
 * CA all do. Tokens are kept as SHA-256 digests and compared in constant time. Read at once, and
 * read again when it changes, see admwh_config_set_reload().
 *
 * @param config    a config
 * @param file      its name
 * @param reader    NULL for the format of kube-apiserver's --token-auth-file: CSV lines
 *                  `token,name,uid[,"group1,group2"]`
 * @param userdata  passed to the reader; outlives the server
 * @return 0; ADMWH_E_IO; ADMWH_E_LIMIT when it is larger than 1 MiB or has more than 10000 tokens;
 *         ADMWH_E_INVAL, the message names the line but never a token; ADMWH_E_TLS when the TLS
 *         library makes no digest; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_token_file(struct admwh_config *config,
							    const char *file,
							    admwh_token_reader_fn *reader,
							    void *userdata);

/**
 * One token, for a reader.
 *
 * @param tokens    of the running reader
 * @param token     1 to 4096 visible ASCII characters; only its digest is kept
 * @param name      who holds it: for logs and `req->bearer`; copied
 * @param groups    n_groups texts, for admwh_route_require_token_group(); copied
 * @param n_groups  may be 0
 * @return 0; ADMWH_E_INVAL; ADMWH_E_EXISTS; ADMWH_E_LIMIT when there are 10000; ADMWH_E_TLS when
 *         the TLS library makes no digest of it; ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_tokens_add(struct admwh_tokens *tokens, const char *token,
						 const char *name, const char *const *groups,
						 size_t n_groups);

/**
 * Take a token without its scheme, too (`Authorization: TOKEN`), as some clients send it.
 *
 * @param config  a config
 * @param on      take it
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_bare_tokens(struct admwh_config *config, bool on);

/** Where a caller that is not allowed learns so. */
enum admwh_client_auth {
	/** In the handshake, by a TLS alert. The default. */
	ADMWH_CLIENT_AUTH_HANDSHAKE = 1,
	/** Per request, by HTTP 401; exempt paths are served to anyone. */
	ADMWH_CLIENT_AUTH_REQUEST = 2
};

/**
 * Choose where callers are refused.
 *
 * @param config  a config
 * @param auth    ADMWH_CLIENT_AUTH_HANDSHAKE or ADMWH_CLIENT_AUTH_REQUEST
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_client_auth(struct admwh_config *config,
							     enum admwh_client_auth auth);

/**
 * With ADMWH_CLIENT_AUTH_REQUEST, or without client CAs: serve this exact path to callers that are
 * not allowed, one request a connection.
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
 * warning at every start. Excludes client CAs and tokens.
 *
 * @param config  a config
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_insecure_no_client_auth(struct admwh_config *config);

/**
 * **Insecure**: ask for a certificate, find out whether its caller would be let in, log
 * (identify.observed) and count it, and refuse no one. For the time before the rules are trusted;
 * logged as a warning at every start. `req->peer` is set for a verified certificate, also when its
 * name is not allowed, then without a rule. Tokens and per-route rules are observed alike.
 *
 * @param config  a config
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_insecure_observe(struct admwh_config *config);

/**
 * **Insecure**: serve HTTP without TLS: for a sidecar that ends TLS, or a test. Logged as a
 * warning at every start. Excludes key pair, client CAs and tokens, includes
 * admwh_config_insecure_no_client_auth().
 *
 * @param config  a config
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_insecure_plain_http(struct admwh_config *config);

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
 * Whether connections whose caller a reload no longer lets in (its CA is gone, its rule is, it is
 * on a deny list) are closed: idle ones at once, others after the answer in progress. On by
 * default; off, they are served until they end, unless they are on a deny list.
 *
 * @param config  a config
 * @param on      close them
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_close_untrusted(struct admwh_config *config,
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
 * Serve `/healthz`, `/livez`, `/readyz`, `/metrics` and `/configz` by plain HTTP on an address of
 * their own, for kubelet and Prometheus. Without this call there is no such port.
 *
 * @param config   a config
 * @param address  as for admwh_config_set_listen()
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_health_listen(struct admwh_config *config,
							       const char *address);

/**
 * One more path of the health port that tells readiness by its status alone: 200 or 503, no body.
 *
 * @param config  a config
 * @param path    for instance "/readiness"
 * @return 0; ADMWH_E_INVAL; ADMWH_E_EXISTS; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_add_ready_path(struct admwh_config *config,
							    const char *path);

/** A request that is about to be answered without a review. Read-only; fields may be appended. */
struct admwh_refusal {
	int status;          /**< HTTP status the library has chosen */
	int code;            /**< ADMWH_E_SYNTAX, ADMWH_E_REFUSED and so on; 0 when there is none */
	const char *message; /**< what the library would say; for 401 without its reasons */
	const char *method;  /**< NULL when no request head was understood */
	const char *path;    /**< without the query; NULL when no request head was understood */
};

/** The answer to a refused request, under construction. */
struct admwh_reply;

/**
 * Puts other words into a refusal.
 *
 * @param refusal   *borrowed* until the call returns
 * @param reply     *borrowed* until the call returns; left alone, the library's words go out
 * @param userdata  what was given to admwh_config_set_refusal()
 */
typedef void admwh_refusal_fn(const struct admwh_refusal *refusal, struct admwh_reply *reply,
			      void *userdata);

/**
 * Have requests that are answered without a review (unknown path, caller refused, not a review)
 * worded by the program, which reproduces another server's. **Called from several threads.**
 *
 * @param config    a config
 * @param refusal   NULL for none
 * @param userdata  passed to every call; outlives the server
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_refusal(struct admwh_config *config,
							 admwh_refusal_fn *refusal, void *userdata);

/**
 * Choose the words of a refusal. A refusal stays one: a status below 400 is not taken. When this
 * fails, the library's own words go out.
 *
 * @param reply         of the running callback
 * @param status        400 to 599
 * @param content_type  visible ASCII and spaces; copied
 * @param body          NUL-terminated; copied
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API int admwh_reply_set(struct admwh_reply *reply, int status, const char *content_type,
			      const char *body);

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
	XX(BODY_WAIT_TIME, 13, "body-wait-time", 1000, 0, 60000, "ms", "503, or 429")              \
	XX(DEADLINE, 14, "deadline", 30000, 10, 3600000, "ms", "failure, code 504")                \
	XX(DEADLINE_MARGIN, 15, "deadline-margin", 200, 0, 10000, "ms", "")                        \
	XX(LAME_DUCK_TIME, 16, "lame-duck-time", 0, 0, 3600000, "ms", "")                          \
	XX(DRAIN_TIME, 17, "drain-time", 30000, 0, 3600000, "ms", "connections closed")            \
	XX(QUEUE, 18, "queue", 1024, 1, 1048576, "reviews", "503")                                 \
	XX(CN_LENGTH, 19, "cn-length", 64, 1, 4096, "bytes", "caller refused")                     \
	XX(JSON_VALUES, 20, "json-values", 250000, 1000, 1000000000, "values", "400")              \
	XX(RELOAD_TIME, 21, "reload-time", 10000, 100, 86400000, "ms", "")                         \
	XX(HEALTH_CONNECTIONS, 22, "health-connections", 64, 1, 65536, "connections",              \
	   "wait to be accepted")                                                                  \
	XX(CALLER_SHARE, 23, "caller-share", 50, 1, 100, "percent", "429")

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
ADMWH_API ADMWH_WARN_UNUSED int admwh_limit_by_name(const char *name, enum admwh_limit *limit);

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
