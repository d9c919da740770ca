/* SPDX-License-Identifier: MIT */
/* What a mutator puts into the Pod of a workload: each where its kind has it. */
#include <string.h>

#include <admwh/pod_patch.h>

#include "kube/workload.h"
#include "review/node.h"
#include "review/patch.h"

/* Make the pointer of a list of the Pod's spec. 0, or the failure. */
static int make_pointer(struct admwh_patch *patch, const char *list, struct awh_buf *pointer)
{
	const struct admwh_request *req = &patch->request->pub;
	const char *pod = admwh_request_pod_pointer(req);

	if (!pod) {
		awh_buf_printf(pointer, "a %s is no workload: it has no %s", req->kind->kind, list);
		return awh_patch_fail(patch, ADMWH_E_PATCH,
				      awh_buf_terminate(pointer) < 0 ? "no workload"
								     : pointer->data);
	}
	awh_buf_puts(pointer, pod);
	awh_buf_puts(pointer, "/spec/");
	awh_buf_puts(pointer, list);
	return awh_buf_terminate(pointer) < 0
		   ? awh_patch_fail(patch, ADMWH_E_NOMEM, "out of memory")
		   : 0;
}

static int put(struct admwh_patch *patch, const char *list, struct admwh_value value,
	       const char *const *names, size_t n_names)
{
	struct awh_buf pointer;
	int err = awh_patch_begin(patch);

	if (err < 0)
		return err;
	awh_buf_init(&pointer, SIZE_MAX);
	err = make_pointer(patch, list, &pointer);
	if (err == 0)
		err = awh_patch_put(patch, pointer.data, value, names, n_names);
	awh_buf_deinit(&pointer);
	return err;
}

static int put_by_name(struct admwh_patch *patch, const char *list, struct admwh_value value)
{
	static const char *const names[] = {"name"};

	return put(patch, list, value, names, 1);
}

int admwh_patch_put_container(struct admwh_patch *patch, enum admwh_container_kind kind,
			      struct admwh_value container)
{
	for (size_t i = 0; i < AWH_CONTAINER_LISTS; i++)
		if ((unsigned int)kind == 1U << i)
			return put_by_name(patch, awh_container_lists[i], container);
	return patch ? awh_patch_fail(patch, ADMWH_E_INVAL, "not one list of containers")
		     : ADMWH_E_INVAL;
}

int admwh_patch_put_volume(struct admwh_patch *patch, struct admwh_value volume)
{
	return put_by_name(patch, "volumes", volume);
}

int admwh_patch_put_toleration(struct admwh_patch *patch, struct admwh_value toleration)
{
	/* What tells tolerations apart in Kubernetes: Toleration.MatchToleration() */
	static const char *const names[] = {"key", "operator", "value", "effect"};

	return put(patch, "tolerations", toleration, names, sizeof(names) / sizeof(*names));
}

static bool is_named(struct awh_ref container, const char *name)
{
	static const struct awh_token token = {"name", 4};
	struct awh_ref found;

	if (awh_ref_kind(container) != AWH_KIND_OBJECT)
		return false;
	found = awh_ref_member(container, &token);
	return !name || (found.text && awh_ref_kind(found) == AWH_KIND_STRING &&
			 awh_index_is(found.text->index, found.entry, name, strlen(name)));
}

/* What is put into containers: an element of a list of theirs, known by a member. */
struct part {
	const char *list, *name;
	struct admwh_value value;
};

/* Into the containers of that name of one list, all of them where it is NULL. */
static int put_part(struct admwh_patch *patch, struct awh_buf *pointer, const char *container,
		    const struct part *part)
{
	const size_t len = pointer->len;
	struct awh_ref list;
	int err = awh_patch_find(patch, pointer->data, &list);

	if (err < 0 || awh_ref_is_absent(list) || awh_ref_kind(list) == AWH_KIND_NULL)
		return err;
	if (awh_ref_kind(list) != AWH_KIND_ARRAY)
		return awh_patch_fail(patch, ADMWH_E_PATCH, "the containers are not an array");
	for (size_t i = 0; i < awh_ref_size(list) && err == 0; i++) {
		if (!is_named(awh_ref_element(list, i), container))
			continue;
		pointer->len = len;
		awh_buf_printf(pointer, "/%zu/%s", i, part->list);
		if (awh_buf_terminate(pointer) < 0)
			return awh_patch_fail(patch, ADMWH_E_NOMEM, "out of memory");
		err = awh_patch_put(patch, pointer->data, part->value, &part->name, 1);
		/* What is changed in it is a node from now on. */
		pointer->len = len;
		if (err == 0 && awh_buf_terminate(pointer) == 0)
			err = awh_patch_find(patch, pointer->data, &list);
	}
	return err;
}

static int put_parts(struct admwh_patch *patch, unsigned int which, const char *container,
		     const struct part *part)
{
	int err = awh_patch_begin(patch);

	for (size_t i = 0; i < AWH_CONTAINER_LISTS && err == 0; i++) {
		struct awh_buf pointer;

		if (!(which & 1U << i))
			continue;
		awh_buf_init(&pointer, SIZE_MAX);
		err = make_pointer(patch, awh_container_lists[i], &pointer);
		if (err == 0)
			err = put_part(patch, &pointer, container, part);
		awh_buf_deinit(&pointer);
	}
	return err;
}

int admwh_patch_put_env(struct admwh_patch *patch, unsigned int which, const char *container,
			struct admwh_value variable)
{
	return put_parts(patch, which, container, &(struct part){"env", "name", variable});
}

int admwh_patch_put_volume_mount(struct admwh_patch *patch, unsigned int which,
				 const char *container, struct admwh_value mount)
{
	return put_parts(patch, which, container,
			 &(struct part){"volumeMounts", "mountPath", mount});
}
