/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Who may call: client CAs in named trust bundles, the rules for their names,
 * deny lists and bearer tokens.
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

/** A named set of client CAs and the rules for names those CAs vouch for. */
struct admwh_bundle;

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

#ifdef __cplusplus
}
#endif

#endif
