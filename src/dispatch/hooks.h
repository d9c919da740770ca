/* SPDX-License-Identifier: MIT */
/*
 * What a server runs around its handlers. Before hooks run in the order they were
 * added; after hooks in reverse, each whose before hook ran.
 */
#ifndef AWH_DISPATCH_HOOKS_H
#define AWH_DISPATCH_HOOKS_H

#include <stddef.h>

#include <admwh/hooks.h>

struct awh_hook {
	admwh_before_fn *before; /* NULL for none */
	admwh_after_fn *after;   /* NULL for none */
	void *userdata;
};

/* Zeroed: nothing runs. It does not change once a server has started. */
struct awh_hooks {
	struct awh_hook *items;
	size_t n_items;
};

/* 0 or ADMWH_E_NOMEM. */
int awh_hooks_add(struct awh_hooks *hooks, struct awh_hook hook);
void awh_hooks_deinit(struct awh_hooks *hooks);

/*
 * Run the before hooks; *n_entered: how many after hooks are due. 0: the handler is next; 1: a hook
 * has decided; negative: a hook has failed. hooks may be NULL.
 */
int awh_hooks_run_before(const struct awh_hooks *hooks, const struct admwh_request *request,
			 struct admwh_response *response, size_t *n_entered);

#endif
