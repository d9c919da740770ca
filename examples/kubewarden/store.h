/* SPDX-License-Identifier: MIT */
/*
 * policies.yml under the library's reloader: each version of the file is a struct kw_policies, and
 * a file with a mistake changes nothing.
 */
#ifndef KW_STORE_H
#define KW_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include <admwh/file.h>
#include <admwh/server.h>

#include "policies_file.h"

struct kw_store {
	bool continue_on_errors;
	int64_t timeout_s;                 /* of policies that set none; 0: none */
	const char *name;                  /* of the file, by kw_store_open() */
	const struct admwh_file *file;     /* by kw_store_open() */
	int64_t deadline_ms;               /* of the server, by kw_store_open() */
	const struct admwh_server *server; /* by kw_store_attach() */
};

/*
 * Read the file and add it to the config, with the deadline that its policies need. 0; negative:
 * admwh_config_error() says why. The store outlives the server.
 */
int kw_store_open(struct kw_store *store, struct admwh_config *config, const char *name);

/* Log what there is to say about the policies, now and after each reload. */
void kw_store_attach(struct kw_store *store, const struct admwh_server *server);

/* The policies that a review began with; NULL: none could be read yet. */
const struct kw_policies *kw_store_policies(const struct kw_store *store,
					    const struct admwh_request *request);

#endif
