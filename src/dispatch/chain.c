/* SPDX-License-Identifier: MIT */
#include "dispatch/chain.h"

#include <stdlib.h>

#include "review/response.h"

int awh_chain_add(struct awh_chain *chain, struct awh_around around)
{
	struct awh_around *items = realloc(chain->items, (chain->n_items + 1) * sizeof(*items));

	if (!items)
		return ADMWH_E_NOMEM;
	items[chain->n_items++] = around;
	chain->items = items;
	return 0;
}

void awh_chain_deinit(struct awh_chain *chain)
{
	free(chain->items);
	*chain = (struct awh_chain){0};
}

int awh_chain_enter(const struct awh_chain *chain, const struct admwh_request *request,
		    struct admwh_response *response, size_t *n_entered)
{
	int got = 0;

	*n_entered = 0;
	while (chain && *n_entered < chain->n_items && got == 0) {
		const struct awh_around *around = &chain->items[(*n_entered)++];

		if (around->before)
			got = around->before(request, response, around->userdata);
	}
	/* The handler decides; what a hook that did not stop here has set does not count. */
	if (got == 0)
		response->decision = AWH_UNDECIDED;
	return got < 0 ? got : got > 0;
}
