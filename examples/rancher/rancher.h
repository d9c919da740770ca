/* SPDX-License-Identifier: MIT */
/*
 * What the rules share: the handlers that routes.c lists, and how they read
 * objects and refuse them.
 *
 * The original decodes objects into Go structs. Here they stay JSON, but each is
 * checked against its Go type first (go_decode.h): a rule can rely on the types of
 * what it reads, and an object that the original cannot decode is a failure here,
 * too.
 */
#ifndef RANCHER_RANCHER_H
#define RANCHER_RANCHER_H

#include <stdbool.h>

#include <admwh/admwh.h>

#include "permissions.h"
#include "go_quote.h"

/* Validators and mutators; userdata is a struct permissions where a rule asks for permissions. */
admwh_validate_fn validate_audit_policy;
admwh_validate_fn validate_cluster_name;
admwh_validate_fn validate_cluster_repo;
admwh_validate_fn validate_cluster_role_template_binding;
admwh_validate_fn validate_feature;
admwh_validate_fn validate_global_role;
admwh_validate_fn validate_machine_config;
admwh_validate_fn validate_namespace;
admwh_validate_fn validate_project_role_template_binding;
admwh_validate_fn validate_cluster_role;
admwh_validate_fn validate_cluster_role_binding;
admwh_validate_fn validate_role;
admwh_validate_fn validate_role_binding;
admwh_validate_fn validate_setting;
admwh_validate_fn validate_token;
admwh_validate_fn validate_cluster_auth_token;
admwh_validate_fn validate_user_attribute;
admwh_mutate_fn mutate_cluster_role_template_binding;
admwh_mutate_fn mutate_machine_config;
admwh_mutate_fn mutate_project_role_template_binding;
admwh_mutate_fn mutate_secret;

/* The objects of a review, as far as its operation has them: read where they stand. */
struct values {
	struct admwh_value object;
	struct admwh_value old;
};

/* The same as trees, for rules that compare, edit or quote whole parts of them. */
struct objects {
	const json_t *object;
	const json_t *old;
};

/*
 * Find the objects that the operation needs: both for an UPDATE, one else. Negative when one cannot
 * be decoded into its type, for example "v3.Feature"; then the review has failed: "WHAT: failed to
 * unmarshal request object: ...". WHAT may be NULL.
 */
int values_get(const struct admwh_request *req, struct admwh_response *resp, const char *what,
	       const char *go_type, struct values *values);

/* As values_get(), but trees. */
int objects_get(const struct admwh_request *req, struct admwh_response *resp, const char *what,
		const char *go_type, struct objects *objects);

/* As objects_get(), but the new object alone: rules that do not look at the old one. */
int object_get(const struct admwh_request *req, struct admwh_response *resp, const char *what,
	       const char *go_type, const json_t **object);

/* A member that is a string; NULL when it is absent or null. */
const char *string_in(const json_t *object, const char *key);

/* The same, but "" when it is absent or null. */
const char *text_in(const json_t *object, const char *key);

/* metadata.name, "" when absent */
const char *name_of(const json_t *object);

/* metadata.labels[key] or metadata.annotations[key]; NULL when absent. */
const char *label_of(const json_t *object, const char *key);
const char *annotation_of(const json_t *object, const char *key);

/* Go's word for a JSON type: "number", "bool". */
const char *go_type_name(const json_t *value);

/*
 * JSON that stands in a text: *new*; NULL with Go's error where Go has one, else with the library's
 * (a member that is there twice, which Go takes).
 */
json_t *json_in_text(const char *text, struct text *error);

/* Refuse as the original's ResponseBadRequest(): code 400, reason BadRequest. *Frees* why. */
int deny_bad_request(struct admwh_response *resp, struct text *why);

/* Refuse with the code and the reason of a metav1.Status. *Frees* why. */
int deny(struct admwh_response *resp, int code, const char *reason, struct text *why);

/* Fail with "WHAT: " and the text; WHAT may be NULL. *Frees* why. */
int give_up(struct admwh_response *resp, const char *what, struct text *why);

/*
 * Errors of k8s.io/apimachinery field: "PATH: Invalid value: "V": DETAIL", "PATH: Forbidden:
 * DETAIL", "PATH: Required value: DETAIL".
 */
void field_invalid(struct text *out, const char *path, const char *value, const char *detail);
void field_forbidden(struct text *out, const char *path, const char *detail);
void field_required(struct text *out, const char *path, const char *detail); /* detail may be "" */

#endif
