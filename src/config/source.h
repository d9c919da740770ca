/* SPDX-License-Identifier: MIT */
/*
 * The files that decide which callers are allowed, and what was read of them. A config
 * keeps its files with a first reading; a reload makes a reading of its own of
 * the same files, and compares. What the bytes mean is not known here.
 */
#ifndef AWH_CONFIG_SOURCE_H
#define AWH_CONFIG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum awh_source_kind {
	AWH_SOURCE_CERTIFICATE,
	AWH_SOURCE_KEY,
	AWH_SOURCE_CLIENT_CA, /* any number a bundle; of the others there is one */
	AWH_SOURCE_ALLOW,     /* a bundle's rules */
	AWH_SOURCE_DENY,      /* a bundle's deny list */
	AWH_SOURCE_TOKENS,
	AWH_SOURCE_TOKEN_KEYS, /* public, of the issuer of webhook tokens */
	AWH_SOURCE_NONE,       /* of a fault that is no file's: memory ran out */
};

enum { AWH_SOURCE_DIGEST = 32 };

/* What a source is, whatever it holds. */
struct awh_source_name {
	enum awh_source_kind kind;
	size_t bundle;    /* its index; 0 for what no bundle has */
	const char *file; /* NULL is refused with ADMWH_E_INVAL */
};

struct awh_source {
	enum awh_source_kind kind;
	size_t bundle;
	char *file;
	struct awh_buf bytes; /* text: a NUL that len does not count follows; private keys, also
			       * beside certificates, and tokens are secret: wiped */
	uint8_t digest[AWH_SOURCE_DIGEST]; /* of the bytes; of the reason, while it is missing */
	bool missing;                      /* it was not there or could not be read */
};

/* All of a config, or one reading of them, in the order they were named. */
struct awh_sources {
	struct awh_source *items;
	size_t n_items;
	size_t capacity;
};

enum { AWH_SOURCE_MAX = 1024 * 1024 }; /* bytes of a file */

/*
 * Read a file whole. *source is set on success, for awh_source_deinit().
 *
 * Returns 0; ADMWH_E_INVAL, ADMWH_E_IO, ADMWH_E_LIMIT, ADMWH_E_NOMEM with the file named.
 */
int awh_source_read(struct awh_source *source, const struct awh_source_name *name,
		    struct awh_error *error);

/* A source that is not there yet. 0, ADMWH_E_INVAL, ADMWH_E_NOMEM. */
int awh_source_miss(struct awh_source *source, const struct awh_source_name *name,
		    struct awh_error *error);
void awh_source_deinit(struct awh_source *source);

/*
 * Add a source, or put it in the place of the one there is of its kind and bundle. *Steals* what
 * is in it, but not on failure: ADMWH_E_NOMEM.
 */
int awh_sources_add(struct awh_sources *sources, struct awh_source *source);
int awh_sources_put(struct awh_sources *sources, struct awh_source *source);

/* Room for so many more, which then cannot fail to be added. 0 or ADMWH_E_NOMEM. */
int awh_sources_reserve(struct awh_sources *sources, size_t more);

/* The first of a kind, of a bundle; NULL: there is none. */
const struct awh_source *awh_sources_find(const struct awh_sources *sources,
					  enum awh_source_kind kind, size_t bundle);

/* Why a set of sources cannot be used, and what kind of them is to blame. */
struct awh_fault {
	struct awh_error error;
	enum awh_source_kind kind;
};

/*
 * Read all the files again. One that cannot be read is missing in *fresh, which is set in any case,
 * for awh_sources_deinit(). Never waits, as for a file that has become a pipe.
 *
 * Returns 0; the code of the first fault; ADMWH_E_NOMEM, then *fresh is not whole.
 */
int awh_sources_read_again(struct awh_sources *fresh, const struct awh_sources *sources,
			   struct awh_fault *fault);

/* Of two readings of the same files: has none of them changed? has this one not? */
bool awh_sources_equal(const struct awh_sources *a, const struct awh_sources *b);
bool awh_source_equal(const struct awh_source *a, const struct awh_source *b);

/* Names and digests, without the bytes. 0 or ADMWH_E_NOMEM. */
int awh_sources_copy(struct awh_sources *copy, const struct awh_sources *sources);

/* Forget the bytes, of all or of those that are secret; what they are compared by stays. */
void awh_sources_forget(struct awh_sources *sources, bool only_secrets);

void awh_sources_deinit(struct awh_sources *sources);

#endif
