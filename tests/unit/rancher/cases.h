/* SPDX-License-Identifier: MIT */
/*
 * The cases of tests/vectors/rancher as reviews without a server: the same rules,
 * but not what stands before them (TLS, paths, operations, the sudo account).
 */
#ifndef TESTS_RANCHER_CASES_H
#define TESTS_RANCHER_CASES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

#include "permissions.h"
#include "routes.h"

struct one_case {
	const char *id;
	struct admwh_route *route;
	char *body;
	const json_t *expect;
};

static json_t *cases_load(void)
{
	json_t *document = json_load_file(TESTS_DIR "/vectors/rancher/cases.json", 0, NULL);
	json_t *cases = json_incref(json_object_get(document, "cases"));

	json_decref(document);
	return cases;
}

static struct permissions *permissions_of(const json_t *one)
{
	static const char file[] = "permissions.json";
	struct text error = {0};
	const json_t *table = json_object_get(one, "permissions");
	struct permissions *permissions;
	char name[64];

	snprintf(name, sizeof(name), "/tmp/admwh-rancher-%s-%ld", file, (long)getpid());
	if (table && json_dump_file(table, name, 0))
		return NULL;
	permissions = permissions_load(table ? name : NULL, &error);
	if (table)
		remove(name);
	text_deinit(&error);
	return permissions;
}

/* Is it about a rule, and nothing before it? */
static bool is_for_a_rule(const json_t *one)
{
	const char *message = json_string_value(
	    json_object_get(json_object_get(json_object_get(one, "expect"), "status"), "message"));

	return json_is_object(json_object_get(one, "body_inline")) &&
	       strncmp(json_string_value(json_object_get(one, "id")), "sudo", 4) != 0 &&
	       !(message && strstr(message, "unsupported operation"));
}

static bool case_open(const json_t *one, struct permissions *permissions, struct one_case *opened)
{
	char path[128];

	if (!is_for_a_rule(one))
		return false;
	snprintf(path, sizeof(path), "%s", json_string_value(json_object_get(one, "path")));
	path[strcspn(path, "?")] = '\0';
	*opened = (struct one_case){
	    .id = json_string_value(json_object_get(one, "id")),
	    .route = routes_new(path, permissions),
	    .body = json_dumps(json_object_get(one, "body_inline"), 0),
	    .expect = json_object_get(one, "expect"),
	};
	return true;
}

static void case_close(struct one_case *opened)
{
	admwh_route_free(opened->route);
	free(opened->body);
}

/* The response of an answer: *new*; NULL when there is none. */
static json_t *response_of(const struct admwh_answer *answer)
{
	json_t *review = json_loads(admwh_answer_body(answer, NULL), 0, NULL);
	json_t *response = json_incref(json_object_get(review, "response"));

	json_decref(review);
	return response;
}

#endif
