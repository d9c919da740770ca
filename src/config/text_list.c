/* SPDX-License-Identifier: MIT */
#include "config/text_list.h"

#include <stdlib.h>
#include <string.h>

#include <admwh/error.h>

#include "base/text.h"

int awh_text_list_add(struct awh_text_list *list, const char *text)
{
	char *copy = awh_strdup(text);
	char **items = realloc(list->items, (list->n_items + 1) * sizeof(*items));

	if (items)
		list->items = items;
	if (!copy || !items) {
		free(copy);
		return ADMWH_E_NOMEM;
	}
	items[list->n_items++] = copy;
	return 0;
}

bool awh_text_list_has(const struct awh_text_list *list, const char *text)
{
	for (size_t i = 0; i < list->n_items; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

void awh_text_list_deinit(struct awh_text_list *list)
{
	for (size_t i = 0; i < list->n_items; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct awh_text_list){0};
}
