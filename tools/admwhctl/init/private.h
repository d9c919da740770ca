/* SPDX-License-Identifier: MIT */
/* CAs, pairs and tokens of an installation. Each function returns 0, or -1: it has complained. */
#ifndef ADMWHCTL_PRIVATE_H
#define ADMWHCTL_PRIVATE_H

#include "common/pki.h"
#include "init/init.h"

/* What FOLDER/private has, and what is missing there. material->server_ca is new. */
int private_make(const struct installation *installation, const char *folder, struct output *output,
		 struct material *material);

/* Name the certificates of callers that are there and not among the files. */
void private_print_left(const char *folder, const struct output *output);

/* A CA "INSTALLATION OF CA MARK", of spec.certificates.caDays. */
int private_make_ca(const struct installation *installation, const char *of, int64_t from,
		    struct pki_pair *pair);

/* A pair of spec.certificates.days, within the life of its CA. */
int private_make_leaf(const struct installation *installation, enum pki_usage usage,
		      const struct pki_names *names, const struct pki_pair *ca, int64_t from,
		      struct pki_pair *pair);

/* Names of the server's certificate; dns and ip are borrowed, of server_dns_names() and the like.
 */
void private_server_names(const struct installation *installation, char **dns, char **ip,
			  struct pki_names *names);

/* Tokens, and their list for the server, of the files that are there. */
int private_tokens(const struct installation *installation, const char *folder,
		   struct output *output);

/* New. NULL: it has complained. */
char *private_token_new(void);

#endif
