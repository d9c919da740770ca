/* SPDX-License-Identifier: MIT */
/*
 * config: what the program has set, checked one by one and as a whole, with the
 * bytes of the files it named. This is where files are read.
 *
 * The struct is frozen and shared once a server takes it.
 */
#ifndef AWH_CONFIG_CONFIG_H
#define AWH_CONFIG_CONFIG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <admwh/hooks.h>
#include <admwh/identity.h>
#include <admwh/limits.h>
#include <admwh/webhook_tokens.h>

#include "base/error.h"
#include "base/log.h"
#include "config/source.h"
#include "config/text_list.h"
#include "dispatch/files.h"
#include "identity/values.h"

#define AWH_LIMIT_COUNT(id, number, text, preset, least, greatest, unit, past) +1
enum { AWH_LIMITS = 1 ADMWH_LIMIT_MAP(AWH_LIMIT_COUNT) }; /* numbers begin at 1, without gaps */

enum { AWH_BUNDLE_MAX = 16 * AWH_SOURCE_MAX }; /* bytes of all CA files of a bundle */

/* Webhook configurations of one kind that may be called from. */
struct awh_webhook_names {
	struct awh_text_list list;
	bool any;
};

struct admwh_bundle {
	struct admwh_config *config;
	size_t index; /* in config->bundles */
	char *name;
	struct awh_values rules; /* sealed once a server takes the config */
	bool any_name;
};

struct admwh_config {
	struct awh_error error;
	atomic_int references;
	bool frozen;
	struct sockaddr_storage address;
	struct awh_files files;     /* the program's own */
	struct awh_sources sources; /* every file that was named, and what was read of it */
	struct admwh_bundle **bundles;
	size_t n_bundles;
	enum admwh_tls_profile tls_profile;
	char *tls_ciphers; /* NULL: the profile's */
	bool aes_offload;
	enum admwh_client_auth auth;
	bool insecure;
	bool plain; /* HTTP without TLS; insecure, too */
	bool has_health;
	struct sockaddr_storage health_address;
	bool has_conversion;
	struct sockaddr_storage conversion_address;
	struct awh_text_list ready_paths;
	struct awh_text_list health_hosts;
	bool observe;
	struct awh_text_list exempt;
	struct awh_text_list warn_paths;     /* of routes that only warn */
	admwh_token_reader_fn *token_reader; /* NULL: the library's own */
	void *token_data;
	bool bare_tokens;
	char *record_folder; /* NULL: no review is recorded */
	struct awh_text_list record_kinds;
	unsigned int record_files;
	char *token_issuer; /* NULL: no webhook tokens; the next two hold for them */
	struct awh_text_list token_origins;
	struct awh_webhook_names webhooks[ADMWH_WEBHOOK_MUTATING + 1]; /* by kind */
	uint64_t limits[AWH_LIMITS];
	unsigned int threads;   /* 0: one per CPU, at most 8 */
	unsigned int workers;   /* 0: four per thread */
	unsigned int processes; /* 0: serve in the calling one */
	bool stop_on_signals;
	bool reload; /* by itself; not only when asked */
	bool reload_on_sighup;
	bool close_untrusted;
	bool start_unready;
	bool hardening;
	admwh_refusal_fn *refusal; /* NULL: the library words its refusals itself */
	void *refusal_data;
	struct awh_log log;
};

/* What ADMWH_LIMIT_MAP says of a limit. */
struct awh_limit_facts {
	const char *name;
	uint64_t preset, least, greatest;
	const char *unit;
};

bool awh_is_limit(enum admwh_limit limit);

/* limit: one there is */
const struct awh_limit_facts *awh_limit_facts(enum admwh_limit limit);

/* The one that holds for the conversion listener in its place; itself, where there is none. */
enum admwh_limit awh_conversion_limit(enum admwh_limit limit);

struct admwh_config *awh_config_ref(struct admwh_config *config);

/* Every setter begins with this. 0; ADMWH_E_STATE; ADMWH_E_NOMEM without a config. */
int awh_config_begin_set(struct admwh_config *config);

/* Set an address from text. what: how its error names it. 0 or ADMWH_E_INVAL. */
int awh_config_set_address(struct admwh_config *config, const char *what, const char *address,
			   struct sockaddr_storage *out);

/* What one that runs out of memory returns. */
int awh_config_no_memory(struct admwh_config *config);

/* As admwh_config_free(), which also forgets secrets that are not needed any more. */
void awh_config_unref(struct admwh_config *config);

/* NULL is allowed. */
void awh_bundle_free(struct admwh_bundle *bundle);

/*
 * For a setter that reads a file. *source is set on success, for awh_source_deinit(), and may be
 * missing where the config may start unready.
 */
int awh_config_read(struct admwh_config *config, struct awh_source *source,
		    enum awh_source_kind kind, size_t bundle, const char *file);
/*
 * What became of checking what was read: 0 where the config may start unready, unless it was not
 * the file's fault.
 */
int awh_config_tolerate(struct admwh_config *config, int err);
/* The same for a file of text, where ADMWH_E_INVAL is the file's fault, too. */
int awh_config_tolerate_text(struct admwh_config *config, int err);

/* How many event loops, and workers, a process that serves has. */
unsigned int awh_config_threads(const struct admwh_config *config);
unsigned int awh_config_workers(const struct admwh_config *config);

/* How callers prove themselves, for the log and /configz: values in docs/errors.md. */
const char *awh_config_auth_name(const struct admwh_config *config);

#endif
