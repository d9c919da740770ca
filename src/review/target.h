/* SPDX-License-Identifier: MIT */
/*
 * What a JSON Patch is applied to. apply.c knows the rules of operations, a target
 * how its document is kept: as a jansson tree (tree_target.h), or as an index with
 * what was changed over it (overlay.h).
 */
#ifndef AWH_REVIEW_TARGET_H
#define AWH_REVIEW_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "json/index.h"
#include "json/pointer.h"

struct admwh_text;
struct awh_node;

/* A value of a document; only its target knows which of these it is. {0} is absent. */
struct awh_ref {
	struct admwh_text *text; /* that has the entry; NULL: a node, or a tree */
	union {
		struct awh_node *node;
		json_t *tree;
		uint32_t entry;
	};
};

/* A child of a container: the name of a member, or the number of an element. */
struct awh_key {
	const struct awh_token *name;
	size_t index;
};

struct awh_target;

/*
 * Values that are passed are *borrowed*. What returns false, or an absent value where one is there,
 * has run out of memory.
 */
struct awh_target_ops {
	struct awh_ref (*root)(struct awh_target *target);
	enum awh_kind (*kind)(struct awh_ref value);
	size_t (*size)(struct awh_ref value); /* of a container */
	struct awh_ref (*child)(struct awh_ref container, const struct awh_key *key);

	/*
	 * A container with nothing else that refers to it, so that it can be changed, in the place
	 * of the one that is there: the root where parent is absent.
	 */
	struct awh_ref (*own)(struct awh_target *target, struct awh_ref parent,
			      const struct awh_key *key);
	/* Of an owned parent. set: a member that may be new, or an element that exists */
	bool (*set)(struct awh_target *target, struct awh_ref parent, const struct awh_key *key,
		    struct awh_ref value);
	bool (*insert)(struct awh_target *target, struct awh_ref parent, size_t index,
		       struct awh_ref value);
	bool (*remove)(struct awh_target *target, struct awh_ref parent, const struct awh_key *key);
	/* Undo a remove that was the last change to the parent. NULL: it cannot. */
	bool (*put_back)(struct awh_target *target, struct awh_ref parent,
			 const struct awh_key *key, struct awh_ref value);
	void (*set_root)(struct awh_target *target, struct awh_ref value);

	/* A value of its own that equals another; *new* */
	struct awh_ref (*copy)(struct awh_target *target, struct awh_ref value);
	struct awh_ref (*null)(struct awh_target *target); /* *new* */
	/* NULL: values need no references */
	void (*hold)(struct awh_ref value);
	void (*release)(struct awh_ref value);

	/* Append as awh_json_write() does. */
	void (*write)(struct awh_target *target, struct awh_buf *buf, struct awh_ref value);
	bool (*fits)(struct awh_ref value, size_t levels); /* see awh_json_fits() */
	/* as_kube: and as kube-apiserver's library sees it, see kube.h */
	bool (*equal)(struct awh_target *target, struct awh_ref a, struct awh_ref b, bool as_kube);
};

struct awh_target {
	const struct awh_target_ops *ops;
};

static inline bool awh_ref_is_absent(struct awh_ref ref)
{
	return !ref.text && !ref.node;
}

#endif
