/* SPDX-License-Identifier: MIT */
/* What a handler's patch has become, for a table of expected texts. */
#ifndef SHOWN_PATCH_H
#define SHOWN_PATCH_H

#include <stdio.h>

#include "review/patch.h"

/* Its operations as JSON text, or why it failed. */
static inline void show_patch(struct admwh_patch *patch, char *shown, size_t size)
{
	struct awh_buf text;

	awh_buf_init(&text, size);
	awh_patch_write(&text, patch);
	assert_int_equal(awh_buf_terminate(&text), 0);
	snprintf(shown, size, "%s", patch->failure.code ? admwh_patch_error(patch) : text.data);
	awh_buf_deinit(&text);
}

#endif
