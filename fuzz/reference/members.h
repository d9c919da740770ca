/* SPDX-License-Identifier: MIT */
/*
 * The names of the members of all objects that are open while a JSON text is
 * walked, to find duplicates. Linear in all cases: names are found by a keyed
 * hash, which a client cannot predict, and compared exactly.
 */
#ifndef REFERENCE_MEMBERS_H
#define REFERENCE_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

struct awh_member {
	uint32_t at; /* of its name in the text, behind the quote */
	uint32_t hash;
	uint32_t next; /* in its bucket: 1 + number of the member, 0 for none */
};

struct awh_members {
	struct awh_member *list; /* the outermost object's first */
	size_t count;

	/* Private from here. */
	size_t capacity;
	uint32_t *buckets; /* a power of two of them: 1 + number of the newest member, 0 for none */
	size_t n_buckets;
	uint64_t seed[2];
	char *scratch;
	size_t scratch_capacity;
};

#define AWH_MEMBERS_NULL                                                                           \
	{                                                                                          \
		.list = NULL                                                                       \
	}

/*
 * Add a name, checked and with its quote behind it, to the innermost object, whose members begin
 * at number `first`. text is shorter than 4 GiB.
 * 0; ADMWH_E_EXISTS, also for other spellings of a name; ADMWH_E_NOMEM.
 */
int awh_members_add(struct awh_members *members, const char *text, size_t at, size_t len,
		    size_t first);

/* The innermost object, whose members begin at number `first`, has ended. */
void awh_members_drop(struct awh_members *members, size_t first);

void awh_members_deinit(struct awh_members *members);

#endif
