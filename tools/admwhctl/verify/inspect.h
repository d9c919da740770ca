/* SPDX-License-Identifier: MIT */
/* What is asked of several certificates. todo is static. */
#ifndef ADMWHCTL_VERIFY_INSPECT_H
#define ADMWHCTL_VERIFY_INSPECT_H

#include "verify/facts.h"
#include "verify/report.h"

/* Is it in the folder, or said to be elsewhere? */
void inspect_source(struct verdict *verdict, const struct source *source);

void inspect_pair(struct verdict *verdict, const struct certificate *certificate,
		  const struct source *where, const struct source *key, const char *todo);

void inspect_dates(const struct facts *facts, struct verdict *verdict,
		   const struct certificate *certificate, const char *where, const char *todo);

/* Are they CAs, and valid? */
void inspect_cas(const struct facts *facts, struct verdict *verdict, const struct certificates *cas,
		 const char *where, const char *todo);

/* All its names, for people. New. */
char *certificate_names(const struct certificate *certificate);

/* "2027-01-31". New. */
char *day_of(int64_t seconds);

#endif
