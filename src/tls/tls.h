/* SPDX-License-Identifier: MIT */
/*
 * tls: handshakes, and the only folder that knows wolfSSL. It makes contexts that
 * are safe on the wolfSSL there is, runs handshakes on a non-blocking socket, and
 * turns a peer's certificate into facts. It never decides which callers are
 * allowed: it calls the function it was given.
 *
 * wolfSSL's verdict is necessary, never sufficient: verify.h checks every chain
 * once more.
 */
#ifndef AWH_TLS_TLS_H
#define AWH_TLS_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <admwh/config.h>

#include "base/buf.h"
#include "base/error.h"
#include "identity/identity.h"

enum awh_tls_auth {
	AWH_TLS_AUTH_NONE, /* ask for no certificate */
	/* ask; take the connection whatever is presented, and do not authorize */
	AWH_TLS_AUTH_REQUEST,
	AWH_TLS_AUTH_REQUIRE, /* refuse, by an alert, a client that is not authorized */
};

/*
 * Authorizes a peer during its handshake; 0 or a negative code. Called on any loop's thread, once a
 * handshake of a client whose chain is verified, before the client has proved that the key is its
 * own: the handshake can still fail after 0.
 */
typedef int awh_tls_authorize_fn(struct awh_peer *peer, struct awh_error *error, void *userdata);

struct awh_value;

/*
 * The line of a bundle's deny list that names this certificate; NULL: none. Called on any loop's
 * thread, during handshakes, and while the context is made.
 */
typedef const struct awh_value *awh_tls_denial_fn(const struct awh_cert_ids *ids, size_t bundle,
						  void *userdata);

/* Client CAs of a bundle: all of them, or those of one file. */
struct awh_tls_bundle {
	size_t index;     /* of the bundle; several may have the same */
	const char *name; /* for messages, "NAME: what is wrong" */
	const char *pem;  /* CA certificates, several may follow one another */
	size_t pem_len;
	/* They were good once: that all of them have expired since is no mistake. */
	bool was_good;
};

/*
 * All *borrowed* until awh_tls_context_new() returns, except userdata, which outlives the context.
 */
struct awh_tls_params {
	const char *certificate_pem; /* chain, leaf first */
	size_t certificate_len;
	const char *key_pem;
	size_t key_len;
	bool keypair_was_good; /* it was good once: that it has expired since is no mistake */
	enum admwh_tls_profile profile; /* 0: ADMWH_TLS_INTERMEDIATE */
	const char *ciphers; /* as awh_tls_ciphers_problem() takes; NULL: the profile's */
	bool no_aes_offload;
	enum awh_tls_auth auth;
	const struct awh_tls_bundle *bundles;
	size_t n_bundles;
	awh_tls_authorize_fn *authorize;
	awh_tls_denial_fn *deny; /* its lines outlive the context; NULL: there are no deny lists */
	void *userdata;
};

/* Immutable and reference-counted: a reload makes a new one, old connections keep the old. */
struct awh_tls_context;

struct awh_tls_context *awh_tls_context_new(const struct awh_tls_params *params,
					    struct awh_error *error);
struct awh_tls_context *awh_tls_context_ref(struct awh_tls_context *context);
void awh_tls_context_unref(struct awh_tls_context *context);

/*
 * Is the CA that issued this caller's chain, maybe verified in another context, trusted in this
 * one: is it, by its name and key, still in the caller's bundle, in its dates, and not denied?
 *
 * Returns 0; ADMWH_E_UNTRUSTED; ADMWH_E_REVOKED.
 */
int awh_tls_context_trusts(const struct awh_tls_context *context, const struct awh_peer *peer);

/* Seconds since 1970. */
struct awh_tls_dates {
	int64_t begin;
	int64_t end;
};

/* When the server's own certificate is valid. */
struct awh_tls_dates awh_tls_context_dates(const struct awh_tls_context *context);

/* The facts of that certificate: serial, fingerprint, names. *Borrowed* from the context. */
const struct admwh_peer *awh_tls_context_own(const struct awh_tls_context *context);

/* NULL, or why callers refuse that certificate, though it can be served. */
const char *awh_tls_context_problem(const struct awh_tls_context *context);

/* When the first CA of a bundle ends that has not ended yet, else the last one; 0 without any. */
int64_t awh_tls_context_ca_end(const struct awh_tls_context *context, size_t bundle);

/* Is what a CA issued accepted? The names are labels of metrics. */
#define AWH_CA_STATE_MAP(XX)                                                                       \
	XX(VALID, "valid")                                                                         \
	XX(EXPIRED, "expired")                                                                     \
	XX(NOT_YET_VALID, "not_yet_valid")                                                         \
	XX(UNSUPPORTED, "unsupported") /* an unknown critical extension */

enum awh_ca_state {
#define AWH_CA_STATE_ENUM(id, name) AWH_CA_##id,
	AWH_CA_STATE_MAP(AWH_CA_STATE_ENUM)
#undef AWH_CA_STATE_ENUM
	    AWH_CA_STATES
};

const char *awh_ca_state_name(enum awh_ca_state state);

/* How many CAs of a bundle are in a state. */
size_t awh_tls_context_count_cas(const struct awh_tls_context *context, size_t bundle,
				 enum awh_ca_state state);

/* Has a CA become valid since the context was made, which another context would trust? */
bool awh_tls_context_is_outdated(const struct awh_tls_context *context);

/* A client CA, for display. */
struct awh_tls_ca {
	size_t bundle;
	enum awh_ca_state state;
	int64_t not_after;
	uint8_t sha256[32];     /* of the certificate */
	struct awh_buf subject; /* RFC 4514, NUL-terminated; the caller's to give up */
	/* The deny list's line that denies it, *borrowed* from the list; NULL: none. */
	const struct awh_value *denial;
};

/* The CAs of a context by their number. 0; ADMWH_E_NOT_FOUND behind the last; ADMWH_E_NOMEM. */
int awh_tls_context_ca(const struct awh_tls_context *context, size_t i, struct awh_tls_ca *ca);

/* What computes AES-GCM. The names are in the log and on /configz. */
enum awh_tls_aes {
	AWH_TLS_AES_SOFTWARE,     /* wolfSSL, without the CPU's instructions */
	AWH_TLS_AES_WOLFSSL,      /* wolfSSL, with them where the CPU has them */
	AWH_TLS_AES_WOLFSSL_FIPS, /* wolfSSL's validated module */
	AWH_TLS_AES_NETTLE,       /* nettle with them in TLS 1.3, wolfSSL without in TLS 1.2 */
};

/* may_offload: nettle may be used where wolfSSL has none of the instructions */
enum awh_tls_aes awh_tls_aes(bool may_offload);
const char *awh_tls_aes_name(enum awh_tls_aes aes);

/*
 * What a profile has, and the groups, the preferred first, with ":" between the names: "TLSv1.3",
 * "TLS13-AES128-GCM-SHA256", "X25519". *Borrowed*, static.
 */
const char *awh_tls_versions(enum admwh_tls_profile profile);
const char *awh_tls_ciphers(enum admwh_tls_profile profile, enum awh_tls_aes aes);
const char *awh_tls_groups(void);

/* NULL, or why these are no cipher suites of the profile, or not enough of them. */
const char *awh_tls_ciphers_problem(enum admwh_tls_profile profile, const char *ciphers);

/* Checks for setters. 0; ADMWH_E_KEYPAIR; ADMWH_E_CLIENT_CA; ADMWH_E_NOMEM. */
int awh_tls_check_keypair(const char *certificate_pem, size_t certificate_len, const char *key_pem,
			  size_t key_len, struct awh_error *error);
int awh_tls_check_client_ca(const char *pem, size_t len, struct awh_error *error);

/* May a private key be in this text? */
bool awh_tls_may_hold_key(const char *text, size_t len);

/* SHA-256 into 32 bytes. 0 or ADMWH_E_TLS, with nothing to be compared in digest. */
int awh_tls_sha256(const void *data, size_t len, uint8_t *digest);

/* "wolfSSL 5.5.4" */
const char *awh_tls_library(void);
/* NULL, or a sentence that says why this wolfSSL is older than the known-good one. */
const char *awh_tls_library_warning(void);

/* What a session waits for when a call cannot go on. Not errors. */
enum {
	AWH_TLS_WANT_READ = 1,
	AWH_TLS_WANT_WRITE = 2,
};

/* Verified paths that need no second signature check, see path_cache.h. Of one thread. */
struct awh_path_cache;

/* *new*; NULL: memory ran out */
struct awh_path_cache *awh_path_cache_new(void);
void awh_path_cache_free(struct awh_path_cache *cache);

/*
 * Memory to receive into. Of one thread, whose sessions hand it on: each has it only as long as
 * something that it has received waits in it. A zeroed one has none yet.
 */
struct awh_tls_buffer {
	void *spare;
};

void awh_tls_buffer_deinit(struct awh_tls_buffer *buffer);

/* One connection. Used by one thread at a time. */
struct awh_tls_session;

/*
 * fd: *borrowed*, non-blocking
 * cache: *borrowed*, of the thread that will have the session; NULL: nothing is remembered
 * Returns *new*; NULL: memory ran out
 */
struct awh_tls_session *awh_tls_session_new(struct awh_tls_context *context,
					    struct awh_path_cache *cache, int fd);
void awh_tls_session_free(struct awh_tls_session *session);

/* buffer: *borrowed*, of the session's thread. Without one the session has memory of its own. */
void awh_tls_share_buffer(struct awh_tls_session *session, struct awh_tls_buffer *buffer);

/*
 * 0 when the handshake is done; AWH_TLS_WANT_READ or _WRITE; a negative code when it failed:
 * ADMWH_E_NO_CERTIFICATE, ADMWH_E_UNTRUSTED, ADMWH_E_REVOKED, ADMWH_E_REFUSED (the caller's fault,
 * error says which; the peer's proof is AWH_PROOF_UNPROVED where the certificate is good and its
 * key was not proved), ADMWH_E_TLS (noise: not TLS, no common version or cipher, closed),
 * ADMWH_E_IO (the random source cannot be read), ADMWH_E_NOMEM.
 */
int awh_tls_handshake(struct awh_tls_session *session, struct awh_error *error);

/*
 * The handshake is done and the client is allowed: remember the path that was verified. Only then,
 * so that no other client can push a path out of the cache.
 */
void awh_tls_remember_path(struct awh_tls_session *session);

/*
 * Bytes read into buf: *got > 0 and 0; 0 and *got == 0 at the peer's orderly or abrupt end;
 * AWH_TLS_WANT_READ or _WRITE; ADMWH_E_TLS. One call receives at most a bounded number of bytes,
 * so that no connection holds its loop. While awh_tls_pending() tells of bytes, call again also
 * where no poll reports any.
 */
int awh_tls_read(struct awh_tls_session *session, void *buf, size_t size, size_t *got);

/*
 * Bytes written from data: 0 with *put > 0; AWH_TLS_WANT_READ or _WRITE (call again with the
 * same data); ADMWH_E_WRITE.
 */
int awh_tls_write(struct awh_tls_session *session, const void *data, size_t len, size_t *put);

/* Bytes that wait inside the session, decrypted or not, which no poll reports. */
size_t awh_tls_pending(struct awh_tls_session *session);

/* Bytes of memory that those take which are not decrypted. */
size_t awh_tls_held(const struct awh_tls_session *session);

/* Is all read that there was when the socket was last read? The next poll tells of more. */
bool awh_tls_is_emptied(struct awh_tls_session *session);

/* Has the handshake failed because the client speaks HTTP without TLS? */
bool awh_tls_is_plain_http(const struct awh_tls_session *session);

/* Has no byte been received yet? */
bool awh_tls_is_silent(const struct awh_tls_session *session);

/* Send close_notify once; does not wait for the peer's. */
void awh_tls_close(struct awh_tls_session *session);

/*
 * The peer, once the handshake is done: *borrowed* from the session (take a
 * reference to keep it). Never NULL; its proof is AWH_PROOF_NONE without a certificate.
 */
struct awh_peer *awh_tls_peer(struct awh_tls_session *session);

/*
 * Free what wolfSSL keeps for the calling thread (some builds: up to a megabyte for each public key
 * seen); its sessions go on. Called last on every thread that had sessions or contexts, and when it
 * has had no handshake for a while.
 */
void awh_tls_thread_trim(void);

#endif
