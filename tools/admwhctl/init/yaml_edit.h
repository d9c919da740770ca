/* SPDX-License-Identifier: MIT */
/*
 * Edits of a YAML text that leave the rest as it is, comments and order included. Each takes and
 * gives the whole text; what stands there may be in block or flow style. An edit that is not
 * possible by inserting or replacing one piece of text is refused. Aliases and merge keys may lead
 * to another value than is meant: read the result again and compare it.
 *
 * pointer: names and indexes of one document's values, "/plugins/0/configuration"; "": the root.
 * name: of the file, for errors.
 */
#ifndef ADMWHCTL_YAML_EDIT_H
#define ADMWHCTL_YAML_EDIT_H

#include <jansson.h>

/* Append an element to a sequence. New, free with free(). NULL: it has complained. */
char *yaml_edit_append(const char *name, const char *text, const char *pointer,
		       const json_t *element);

/* Set a member of a mapping that it does not have, or whose value is empty or a scalar. Likewise.
 */
char *yaml_edit_set(const char *name, const char *text, const char *pointer, const char *key,
		    const json_t *value);

#endif
