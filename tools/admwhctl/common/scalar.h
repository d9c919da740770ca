/* SPDX-License-Identifier: MIT */
/* What a YAML scalar means to kubectl: the rules of sigs.k8s.io/yaml (go-yaml v2, YAML 1.1). */
#ifndef ADMWHCTL_SCALAR_H
#define ADMWHCTL_SCALAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scalar_kind {
	SCALAR_STRING,
	SCALAR_NULL,
	SCALAR_BOOL,
	SCALAR_INTEGER,
	SCALAR_UNSIGNED, /* above INT64_MAX */
	SCALAR_REAL,
};

struct scalar {
	enum scalar_kind kind;
	union {
		bool truth;
		int64_t integer;
		uint64_t natural;
		double real;
	};
};

/*
 * tag: of the scalar, in its long form; NULL: none, and the scalar is plain. Returns 0, or -1 when
 * the text is not what its tag says.
 */
int scalar_read(struct scalar *scalar, const char *tag, const char *text);

/*
 * The name of a member that is not a string, as sigs.k8s.io/yaml makes it. Returns 0, or -1 for
 * what cannot be a name.
 */
int scalar_name(const struct scalar *scalar, char *name, size_t size);

#endif
