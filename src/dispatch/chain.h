/* SPDX-License-Identifier: MIT */
/*
 * What a server runs around its handlers. Before hooks run in the order they were
 * added; after hooks in reverse, each whose before hook ran.
 */
#ifndef AWH_DISPATCH_CHAIN_H
#define AWH_DISPATCH_CHAIN_H

#include <stddef.h>

#include <admwh/hooks.h>

struct awh_around {
	admwh_before_fn *before; /* NULL for none */
	admwh_after_fn *after;   /* NULL for none */
	void *userdata;
};

/* Zeroed: nothing runs. It does not change once a server has started. */
struct awh_chain {
	struct awh_around *items;
	size_t n_items;
};

/* 0 or ADMWH_E_NOMEM. */
int awh_chain_add(struct awh_chain *chain, struct awh_around around);
void awh_chain_deinit(struct awh_chain *chain);

/*
 * Run the before hooks; *n_entered: how many after hooks are due. 0: the handler is next; 1: a hook
 * has decided; negative: a hook has failed. chain may be NULL.
 */
int awh_chain_enter(const struct awh_chain *chain, const struct admwh_request *request,
		    struct admwh_response *response, size_t *n_entered);

#endif
