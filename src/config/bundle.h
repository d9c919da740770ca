/* SPDX-License-Identifier: MIT */
/*
 * Trust bundles of a config: their names, CAs, rules and files.
 */
#ifndef AWH_CONFIG_BUNDLE_H
#define AWH_CONFIG_BUNDLE_H

#include "config/config.h"

/* What the files of one bundle say, sealed. */
struct awh_bundle_files {
	struct awh_values allow, deny;
};

/*
 * Read the allow and deny file of a bundle from one reading of a config's files. *files is for
 * awh_bundle_files_deinit() in any case.
 *
 * Returns 0; ADMWH_E_INVAL with the file and its line named; ADMWH_E_NOMEM.
 */
int awh_bundle_files_read(struct awh_bundle_files *files, const struct admwh_bundle *bundle,
			  const struct awh_sources *sources, struct awh_fault *fault);
void awh_bundle_files_deinit(struct awh_bundle_files *files);

/* The rules of a bundle, with what its files say: all *borrowed*. */
struct awh_rules awh_bundle_rules(const struct admwh_bundle *bundle,
				  const struct awh_bundle_files *files);

/* Is a bundle fit for a server? Its rules are sealed. 0 or a code, with config->error set. */
int awh_bundle_check(struct admwh_bundle *bundle);

#endif
