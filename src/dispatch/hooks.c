/* SPDX-License-Identifier: MIT */
#include "dispatch/hooks.h"

#include <stdlib.h>

#include "review/response.h"

int awh_hooks_add(struct awh_hooks *hooks, struct awh_hook hook)
{
	struct awh_hook *items = realloc(hooks->items, (hooks->n_items + 1) * sizeof(*items));

	if (!items)
		return ADMWH_E_NOMEM;
	items[hooks->n_items++] = hook;
	hooks->items = items;
	return 0;
}

void awh_hooks_deinit(struct awh_hooks *hooks)
{
	free(hooks->items);
	*hooks = (struct awh_hooks){0};
}

int awh_hooks_run_before(const struct awh_hooks *hooks, const struct admwh_request *request,
			 struct admwh_response *response, size_t *n_entered)
{
	int got = 0;

	*n_entered = 0;
	while (hooks && *n_entered < hooks->n_items && got == 0) {
		const struct awh_hook *hook = &hooks->items[(*n_entered)++];

		if (hook->before)
			got = hook->before(request, response, hook->userdata);
	}
	/* The handler decides: a decision of a hook that did not stop here does not count. */
	if (got == 0)
		response->decision = AWH_UNDECIDED;
	return got < 0 ? got : got > 0;
}
