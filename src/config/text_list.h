/* SPDX-License-Identifier: MIT */
/* A list of texts, in the order they were added. */
#ifndef AWH_CONFIG_TEXT_LIST_H
#define AWH_CONFIG_TEXT_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct awh_text_list {
	char **items;
	size_t n_items;
};

/* Add a copy. 0 or ADMWH_E_NOMEM. */
int awh_text_list_add(struct awh_text_list *list, const char *text);
bool awh_text_list_has(const struct awh_text_list *list, const char *text);
void awh_text_list_deinit(struct awh_text_list *list);

#endif
