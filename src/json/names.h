/* SPDX-License-Identifier: MIT */
/*
 * The names of the members of long objects, while a text is read, to find
 * duplicates in linear time: a table for each open object of that kind, the
 * innermost object's last.
 */
#ifndef AWH_JSON_NAMES_H
#define AWH_JSON_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/index.h"

/*
 * Objects of more members are long, and those with a longer name that may be written in other ways:
 * comparing such names takes longer than reading them.
 */
enum { AWH_NAMES_FEW = 32, AWH_NAMES_SHORT = 32 };

struct awh_names {
	uint64_t
	    *slots; /* of all tables: the upper half of a hash above an entry's number; 0 free */
	size_t n_slots;
	size_t capacity;
	char *scratch;
	size_t scratch_capacity;
};

/* Do two names read the same? */
bool awh_names_same(const char *text, const struct awh_entry *a, const struct awh_entry *b);

/*
 * Add a name to the table of its object, the innermost that is
 * open; the first time the names before it are added as well. While it is open an object keeps the
 * size of its table in len. 0; ADMWH_E_EXISTS, also for another spelling of a name; ADMWH_E_NOMEM.
 */
int awh_names_add(struct awh_names *names, const char *text, const struct awh_entry *entries,
		  struct awh_entry *object, const struct awh_entry *name);

/* The innermost object, which has a table, has ended. */
void awh_names_drop(struct awh_names *names, const struct awh_entry *object);

void awh_names_deinit(struct awh_names *names);

#endif
