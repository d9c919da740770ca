/* SPDX-License-Identifier: MIT */
/*
 * The Go types that the original decodes objects into, by their names: "v1.ObjectMeta",
 * "[]v1.PolicyRule", "map[string]string", "*bool".
 */
#ifndef RANCHER_GO_TYPES_H
#define RANCHER_GO_TYPES_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of a text, *borrowed* (static). */
struct go_span {
	const char *at;
	size_t len;
};

struct go_span go_span(const char *text);
bool go_span_is(struct go_span span, const char *text);

/* Remove a prefix; false when the span does not begin with it. */
bool go_span_skip(struct go_span *span, const char *prefix);

/* A member of a struct. */
struct go_member {
	struct go_span name; /* in messages: "TypeMeta.kind" */
	struct go_span key;  /* in JSON: "kind" */
	struct go_span type;
};

/* The members of a struct, for the functions below; NULL when it is no struct. */
const char *go_struct_members(struct go_span name);

/* The next member; false at the end. */
bool go_member_next(const char **members, struct go_member *member);

bool go_member_find(const char *members, struct go_span key, struct go_member *member);

/* The type that a named type is made of: "string" of "v1.SecretType"; else the type itself. */
struct go_span go_underlying(struct go_span type);

#endif
