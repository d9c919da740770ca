/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The callers of the webhook: which are authenticated, how, and which are allowed. A caller is
 * authenticated by a client certificate issued by a CA of a trust bundle, by a bearer token, or by
 * both. The bundle's rules decide which certificates are allowed. A server without client CAs and
 * without tokens does not start, unless a call whose name says *insecure* asks for it.
 *
 * Setters with a config behave as those of config.h do. A bundle is never NULL: check the result of
 * admwh_config_bundle().
 */
#ifndef ADMWH_IDENTITY_H
#define ADMWH_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/config.h>
#include <admwh/error.h>
#include <admwh/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup callers
 * @{ */

/**
 * A trust bundle: a named set of client CAs, and the rules for certificates that these CAs issue.
 */
struct admwh_bundle;

/**
 * Get a trust bundle by its name; the first call with a name creates it. Rules hold for the CAs of
 * their own bundle only: a CN allowed in one bundle is not accepted from the CAs of another.
 *
 * @param config  a config
 * @param name    1 to 63 characters of [A-Za-z0-9._-], for instance "audit-scanner"
 * @return *borrowed* until the config is freed; NULL: admwh_config_error() says why
 * @since 0.1.0
 */
ADMWH_API struct admwh_bundle *admwh_config_bundle(struct admwh_config *config, const char *name);

/**
 * Trust the CA certificates of a PEM file, in this bundle. The file is read and checked at once,
 * and read again when it changes, see admwh_config_set_reload().
 *
 * PEM is read as RFC 7468 has it, with any text around its blocks. Rejected are files with a block
 * that is cut off, without a certificate, or with a private key, a CRL or PKCS #7; certificates
 * that are no CA; and CAs that have an RSA key below 2048 bits or a NameConstraints extension. A CA
 * that has expired, is not valid yet or has an unknown critical extension is accepted beside
 * others, but no client certificate that it issued is trusted; admwh_server_new() rejects a bundle
 * that has no other CA, and the same CA in two bundles.
 *
 * @param bundle  a bundle
 * @param file    one or more PEM certificates
 * @return 0; ADMWH_E_INVAL without a name; ADMWH_E_IO; ADMWH_E_LIMIT when the file is larger than
 *         1 MiB, or the files of a bundle together than 16 MiB; ADMWH_E_CLIENT_CA; ADMWH_E_TLS when
 *         the TLS library cannot be initialised; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_bundle_add_ca_file(struct admwh_bundle *bundle,
							 const char *file);

/**
 * Every kind of rule: number, name, part of the certificate that it is compared with. The name
 * stands before the value in files, in `req->peer->rule` and in logs: "cn:kube-apiserver".
 */
#define ADMWH_RULE_MAP(XX)                                                                         \
	XX(CN, 1, "cn", "the only CN of the subject, byte for byte")                               \
	XX(DNS, 2, "dns", "a dNSName of the subjectAltName, ASCII letters in any case")            \
	XX(URI, 3, "uri", "a URI of the subjectAltName, for instance a SPIFFE ID, byte for byte")  \
	XX(IP, 4, "ip", "an iPAddress of the subjectAltName, IPv4 or IPv6")                        \
	XX(O, 5, "o", "an O of the subject, byte for byte")                                        \
	XX(OU, 6, "ou", "an OU of the subject, byte for byte")                                     \
	XX(SHA256, 7, "sha256", "SHA-256 of the whole certificate, hexadecimal")                   \
	XX(SPKI_SHA256, 8, "spki-sha256", "SHA-256 of the SubjectPublicKeyInfo, hexadecimal")

/** A kind of rule: ADMWH_RULE_CN and so on, see ADMWH_RULE_MAP. */
enum admwh_rule {
	/** For admwh_route_allow() alone: whatever the bundle allows. */
	ADMWH_RULE_ANY = 0,
#define ADMWH_RULE_ENUM(id, number, text, compared) ADMWH_RULE_##id = number,
	ADMWH_RULE_MAP(ADMWH_RULE_ENUM)
#undef ADMWH_RULE_ENUM
};

/**
 * Allow certificates of this bundle that match this rule. Rules are alternatives: one match is
 * enough. There are no patterns: "*" and "." stand for themselves.
 *
 * @param bundle  a bundle
 * @param rule    the kind of rule
 * @param value   UTF-8 without control characters, copied; 1 to 64 bytes for ADMWH_RULE_CN (up to
 *                ADMWH_LIMIT_CN_LENGTH when that was set before), 1 to 1024 for others
 * @return 0; ADMWH_E_INVAL, the message says what is wrong with the value; ADMWH_E_NOMEM;
 *         ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_bundle_allow(struct admwh_bundle *bundle,
						   enum admwh_rule rule, const char *value);

/**
 * Allow certificates of this bundle that match a rule of a file: one rule a line, such as
 * "cn:kube-apiserver" or "uri:spiffe://cluster.local/ns/x/sa/y". Empty lines and lines that begin
 * with "#" are skipped; a file without a rule allows no certificate. The file is read and checked
 * at once, and read again when it changes, see admwh_config_set_reload().
 *
 * @param bundle  a bundle
 * @param file    its name; a bundle has one such file, a later call replaces it
 * @return 0; ADMWH_E_IO; ADMWH_E_LIMIT when it is larger than 1 MiB; ADMWH_E_INVAL, the message
 *         names the line; ADMWH_E_TLS when the TLS library cannot compute a digest; ADMWH_E_NOMEM;
 *         ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_bundle_allow_file(struct admwh_bundle *bundle,
							const char *file);

/**
 * Deny the certificates that a file lists, whatever the rules allow: one a line, as "serial:HEX",
 * "sha256:HEX" or "spki-sha256:HEX" of the client certificate or of a CA above it, be it an
 * intermediate or a trusted CA of the bundle. The rest is as for admwh_bundle_allow_file(). This is
 * revocation without CRLs: one line revokes a stolen key's certificate.
 *
 * "spki-sha256" denies a key (SHA-256 of the SubjectPublicKeyInfo) in whatever certificate: use it
 * for a CA, which can have another certificate for the same key. A trusted CA that a line denies
 * stays in its bundle, and nothing it issued is accepted; the log says so at each load.
 *
 * A truncated file must not re-admit a certificate: the last line must end in a newline, and an
 * empty file is rejected; a file that denies none says so in a comment. Prefer serial numbers: the
 * holder of a certificate with an ECDSA signature can encode that signature differently, which
 * changes the fingerprint.
 *
 * @param bundle  a bundle
 * @param file    its name; a bundle has one such file, a later call replaces it
 * @return as admwh_bundle_allow_file()
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_bundle_deny_file(struct admwh_bundle *bundle,
						       const char *file);

/**
 * Allow every certificate that a CA of this bundle issued, whatever its names. admwh_server_new()
 * rejects a bundle that has rules as well.
 *
 * @param bundle  a bundle
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_bundle_allow_any_name(struct admwh_bundle *bundle);

/**
 * admwh_bundle_add_ca_file() for the bundle "default".
 *
 * @param config  a config
 * @param file    one or more PEM certificates
 * @return as admwh_bundle_add_ca_file()
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_add_client_ca_file(struct admwh_config *config,
								const char *file);

/**
 * admwh_bundle_allow() with ADMWH_RULE_CN for the bundle "default".
 *
 * @param config  a config
 * @param cn      the only CN of the subject, byte for byte
 * @return as admwh_bundle_allow()
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_allow_cn(struct admwh_config *config, const char *cn);

/**
 * admwh_bundle_allow_any_name() for the bundle "default".
 *
 * @param config  a config
 * @return as admwh_bundle_allow_any_name()
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_allow_any_name(struct admwh_config *config);

/** The tokens of a token file that is being read. */
struct admwh_tokens;

/**
 * Reads a token file in the program's own format: calls admwh_tokens_add() for each token. It runs
 * in the call of admwh_config_set_token_file(), and on a thread of the server for each reload.
 *
 * @param text      *borrowed* until the callback returns: the whole file, NUL-terminated
 * @param len       bytes before the NUL
 * @param tokens    *borrowed* until the callback returns; receives the tokens
 * @param userdata  what was given to admwh_config_set_token_file()
 * @return 0; negative when the file cannot be understood: the tokens in use stay
 */
typedef int admwh_token_reader_fn(const char *text, size_t len, struct admwh_tokens *tokens,
				  void *userdata);

/**
 * Accept requests with a bearer token of this file (`Authorization: Bearer TOKEN`, RFC 6750; the
 * scheme in any case). admwh_route_set_auth() says which routes require a token; without client CAs
 * all do. The library keeps SHA-256 digests of the tokens and compares them in constant time. The
 * file is read at once, and read again when it changes, see admwh_config_set_reload().
 *
 * @param config    a config
 * @param file      its name
 * @param reader    NULL for the format of kube-apiserver's --token-auth-file: CSV lines
 *                  `token,name,uid[,"group1,group2"]`
 * @param userdata  passed to the reader; outlives the server
 * @return 0; ADMWH_E_IO; ADMWH_E_LIMIT when it is larger than 1 MiB or has more than 10000 tokens;
 *         ADMWH_E_INVAL, the message names the line but never a token; ADMWH_E_TLS when the TLS
 *         library cannot compute a digest; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_token_file(struct admwh_config *config,
							    const char *file,
							    admwh_token_reader_fn *reader,
							    void *userdata);

/**
 * Add a token. Only an admwh_token_reader_fn calls it, on the thread that called the reader.
 *
 * @param tokens    as given to the reader
 * @param token     1 to 4096 visible ASCII characters; only its digest is kept
 * @param name      the token's holder, for logs and `req->bearer`; copied
 * @param groups    n_groups strings, for admwh_route_require_token_group(); copied
 * @param n_groups  may be 0
 * @return 0; ADMWH_E_INVAL; ADMWH_E_EXISTS; ADMWH_E_LIMIT when there are 10000; ADMWH_E_TLS when
 *         the TLS library cannot compute a digest; ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_tokens_add(struct admwh_tokens *tokens, const char *token,
						 const char *name, const char *const *groups,
						 size_t n_groups);

/**
 * Say why the file cannot be understood. Only an admwh_token_reader_fn calls it, on the thread that
 * called the reader, and returns what it returns. The message is logged and printed: it names a
 * line or a member, and never a token.
 *
 * @param tokens  as given to the reader
 * @param format  as for printf(3): one line without its end; the file's name comes before it
 * @return ADMWH_E_INVAL
 * @since 0.1.0
 */
ADMWH_API int admwh_tokens_fail(struct admwh_tokens *tokens, const char *format, ...)
    ADMWH_PRINTF(2, 3);

/**
 * Set whether a token without its scheme is accepted, too (`Authorization: TOKEN`), which some
 * clients send.
 *
 * @param config  a config
 * @param on      false is the default
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_bare_tokens(struct admwh_config *config, bool on);

/** Where client certificates are required. */
enum admwh_client_auth {
	/** In the handshake: a caller without an allowed one gets a TLS alert. The default. */
	ADMWH_CLIENT_AUTH_HANDSHAKE = 1,
	/** In each request: the answer to others is HTTP 401, except on exempt paths. */
	ADMWH_CLIENT_AUTH_REQUEST = 2
};

/**
 * Choose where client certificates are required.
 *
 * @param config  a config
 * @param auth    ADMWH_CLIENT_AUTH_HANDSHAKE or ADMWH_CLIENT_AUTH_REQUEST
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_client_auth(struct admwh_config *config,
							     enum admwh_client_auth auth);

/**
 * Serve this exact path to unauthenticated clients as well, one request a connection. This works
 * with ADMWH_CLIENT_AUTH_REQUEST, or without client CAs.
 *
 * @param config  a config
 * @param path    for instance "/healthz"; compared byte for byte, without the query
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_add_exempt_path(struct admwh_config *config,
							     const char *path);

/**
 * **Insecure**: authenticate no caller and answer all. Excludes client CAs and tokens. Each start
 * logs a warning.
 *
 * @param config  a config
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_insecure_no_client_auth(struct admwh_config *config);

/**
 * **Insecure**: request a certificate, and log (identify.observed) and count whether its caller
 * would be denied, but deny none. It is for the rollout of new rules. `req->peer` is set for each
 * verified certificate, without a rule where its names are not allowed. Tokens and rules of routes
 * are observed alike. Each start logs a warning.
 *
 * @param config  a config
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_insecure_observe(struct admwh_config *config);

/**
 * **Insecure**: serve HTTP without TLS, behind a sidecar that terminates TLS, or in a test.
 * Excludes a key pair, client CAs and tokens; includes admwh_config_insecure_no_client_auth(). Each
 * start logs a warning.
 *
 * @param config  a config
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_insecure_plain_http(struct admwh_config *config);

/**
 * Set whether a reload closes connections whose caller is no longer allowed: its CA or its rule is
 * gone, or it is on a deny list. Idle connections are closed at once, others after the answer in
 * progress. When off, only connections on a deny list are closed; others are served until they end.
 *
 * @param config  a config
 * @param on      true is the default
 * @return 0 or ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_close_untrusted(struct admwh_config *config,
								 bool on);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
