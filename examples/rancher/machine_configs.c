/* SPDX-License-Identifier: MIT */
/*
 * Who created it: the annotation that Rancher grants the creator's rights by.
 * Machine configs and cloud credentials get it when they are created, whatever
 * their sender wrote there; afterwards it can be removed, but not changed. Who
 * opts out has none: one that was written beside the opt-out would look like a
 * stamp as soon as the opt-out is taken back.
 */
#include <string.h>

#include "rancher.h"

#define CREATOR "field.cattle.io/creatorId"
#define NO_CREATOR "field.cattle.io/no-creator-rbac"
#define CLOUD_CREDENTIAL "provisioning.cattle.io/cloud-credential"

/* The member as an object, made when it is absent. *Borrowed*; NULL when memory ran out. */
static json_t *object_made(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	if (json_is_object(value))
		return value;
	if (json_object_set_new(object, key, json_object()))
		return NULL;
	return json_object_get(object, key);
}

static int stamp(const struct admwh_request *req, struct admwh_response *resp,
		 struct admwh_patch *patch)
{
	const char *creator = req->user->username ? req->user->username : "";
	json_t *object = admwh_patch_edit(patch);
	json_t *annotations = object_made(object_made(object, "metadata"), "annotations");

	if (!annotations || json_object_set_new(annotations, CREATOR, json_string(creator)))
		return admwh_response_fail(resp, "failed to create patch: out of memory");
	return admwh_response_allow(resp);
}

static int remove_creator(struct admwh_response *resp, struct admwh_patch *patch)
{
	json_t *metadata = json_object_get(admwh_patch_edit(patch), "metadata");

	if (json_object_del(json_object_get(metadata, "annotations"), CREATOR))
		return admwh_response_fail(resp, "failed to create patch: out of memory");
	return admwh_response_allow(resp);
}

static int stamp_unless_opted_out(const struct admwh_request *req, struct admwh_response *resp,
				  struct admwh_patch *patch, const json_t *object)
{
	if (!annotation_of(object, NO_CREATOR))
		return stamp(req, resp, patch);
	return annotation_of(object, CREATOR) ? remove_creator(resp, patch)
					      : admwh_response_allow(resp);
}

int mutate_machine_config(const struct admwh_request *req, struct admwh_response *resp,
			  struct admwh_patch *patch, void *userdata)
{
	static const char what[] = "failed to get object from request";
	const json_t *object;

	(void)userdata;
	if (req->dry_run)
		return admwh_response_allow(resp);
	if (object_get(req, resp, what, "unstructured.Unstructured", &object))
		return ADMWH_E_HANDLER;
	return stamp_unless_opted_out(req, resp, patch, object);
}

int mutate_secret(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	const json_t *object;

	(void)userdata;
	if (req->dry_run)
		return admwh_response_allow(resp);
	if (object_get(req, resp, NULL, "v1.Secret", &object))
		return ADMWH_E_HANDLER;
	if (req->operation == ADMWH_UPDATE ||
	    strcmp(text_in(object, "type"), CLOUD_CREDENTIAL) != 0)
		return admwh_response_allow(resp);
	return stamp_unless_opted_out(req, resp, patch, object);
}

int validate_machine_config(const struct admwh_request *req, struct admwh_response *resp,
			    void *userdata)
{
	struct text why = {0};
	const char *before, *after, *opted_out, *was_opted_out;
	struct objects objects;

	(void)userdata;
	if (objects_get(req, resp, NULL, "unstructured.Unstructured", &objects))
		return ADMWH_E_HANDLER;
	before = annotation_of(objects.old, CREATOR);
	after = annotation_of(objects.object, CREATOR);
	opted_out = annotation_of(objects.object, NO_CREATOR);
	was_opted_out = annotation_of(objects.old, NO_CREATOR);
	if (!after || (!opted_out && !was_opted_out && strcmp(before ? before : "", after) == 0))
		return admwh_response_allow(resp);
	text_add(&why, "%s",
		 opted_out ? "cannot have creatorID annotation when no-creator-rbac is set"
			   : "creatorID annotation cannot be changed");
	return deny(resp, 422, "Invalid", &why);
}
