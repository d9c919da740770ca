/* SPDX-License-Identifier: MIT */
/* The CAs of the callers, from files that are named on the command line. */
#ifndef KW_CLIENT_CAS_H
#define KW_CLIENT_CAS_H

#include <admwh/admwh.h>

#include "log.h"

/*
 * Each file of the list, separated by commas, is a bundle, whose certificates come in whatever
 * their name. Files of one name, as of several folders, share theirs; so does one that repeats an
 * earlier one, which is logged: the library refuses one CA in two bundles, policy-server does not.
 *
 * 0, or negative: the config's error says why, unless memory ran out.
 */
int kw_client_cas_add(struct admwh_config *config, const char *list, const struct kw_log *log);

#endif
