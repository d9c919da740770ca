/* SPDX-License-Identifier: MIT */
#include "kube/workload.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "json/pointer.h"

#define TEMPLATE "/spec/template"

static const struct {
	const char *group, *kind, *pod;
} known[] = {
    {"", "Pod", ""},
    {"", "PodTemplate", "/template"},
    {"", "ReplicationController", TEMPLATE},
    {"apps", "DaemonSet", TEMPLATE},
    {"apps", "Deployment", TEMPLATE},
    {"apps", "ReplicaSet", TEMPLATE},
    {"apps", "StatefulSet", TEMPLATE},
    {"batch", "CronJob", "/spec/jobTemplate/spec/template"},
    {"batch", "Job", TEMPLATE},
    /* Served before Kubernetes 1.16, whose API servers send v1beta1 reviews. */
    {"extensions", "DaemonSet", TEMPLATE},
    {"extensions", "Deployment", TEMPLATE},
    {"extensions", "ReplicaSet", TEMPLATE},
};

static void workload_deinit(struct awh_workload *workload)
{
	free(workload->group);
	free(workload->kind);
	free(workload->pod);
}

/* NULL, or why it does not lead from object to object. */
static const char *check_pointer(const char *pointer)
{
	const char *why = awh_pointer_check(pointer, strlen(pointer));

	if (!why && strchr(pointer, '~'))
		why = "expected names without \"~\"";
	return why;
}

int awh_workloads_add(struct awh_workloads *workloads, const char *group, const char *kind,
		      const char *pod, struct awh_error *error)
{
	struct awh_workload *items;
	const char *why;

	if (!group || !kind || !*kind || !pod)
		return awh_fail(error, ADMWH_E_INVAL, "a workload needs group, kind and pointer");
	why = check_pointer(pod);
	if (why)
		return awh_fail(error, ADMWH_E_POINTER, "pointer of %s: %s", kind, why);
	if (admwh_workload_pod_pointer(group, kind) ||
	    awh_workloads_find(workloads, &(struct admwh_gvk){.group = group, .kind = kind}))
		return awh_fail(error, ADMWH_E_EXISTS, "%s is a workload already", kind);
	items = realloc(workloads->items, (workloads->n_items + 1) * sizeof(*items));
	if (!items)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	workloads->items = items;
	items += workloads->n_items;
	*items = (struct awh_workload){awh_strdup(group), awh_strdup(kind), awh_strdup(pod)};
	if (items->group && items->kind && items->pod) {
		workloads->n_items++;
		return 0;
	}
	workload_deinit(items);
	return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
}

const char *awh_workloads_find(const struct awh_workloads *workloads, const struct admwh_gvk *kind)
{
	for (size_t i = 0; i < workloads->n_items; i++)
		if (strcmp(workloads->items[i].kind, kind->kind) == 0 &&
		    strcmp(workloads->items[i].group, kind->group) == 0)
			return workloads->items[i].pod;
	return NULL;
}

void awh_workloads_deinit(struct awh_workloads *workloads)
{
	for (size_t i = 0; i < workloads->n_items; i++)
		workload_deinit(&workloads->items[i]);
	free(workloads->items);
	*workloads = (struct awh_workloads){0};
}

/* A value that is an object; absent otherwise. */
static struct admwh_value take_object(struct admwh_value value, bool strict)
{
	if (admwh_value_kind(value) == ADMWH_OBJECT)
		return value;
	if (strict && admwh_value_is_set(value))
		awh_value_fail_kind(value, "an object");
	return (struct admwh_value){0};
}

struct admwh_value awh_pod_of(struct admwh_value object, const char *pointer, bool strict)
{
	if (!pointer)
		return (struct admwh_value){0};
	object = take_object(object, strict);
	while (*pointer == '/') {
		const size_t len = strcspn(pointer + 1, "/");

		object = take_object(admwh_value_getn(object, pointer + 1, len), strict);
		pointer += 1 + len;
	}
	return object;
}

const char *admwh_workload_pod_pointer(const char *group, const char *kind)
{
	for (size_t i = 0; group && kind && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].kind, kind) == 0 && strcmp(known[i].group, group) == 0)
			return known[i].pod;
	return NULL;
}

const char *admwh_request_pod_pointer(const struct admwh_request *req)
{
	const struct awh_request *request = (const struct awh_request *)req;

	if (!req)
		return NULL;
	return request->pod ? request->pod
			    : admwh_workload_pod_pointer(req->kind->group, req->kind->kind);
}

struct admwh_value admwh_request_pod(const struct admwh_request *req)
{
	const char *pointer = admwh_request_pod_pointer(req);

	return pointer ? awh_pod_of(admwh_request_object(req), pointer, true)
		       : (struct admwh_value){0};
}

struct admwh_value admwh_request_old_pod(const struct admwh_request *req)
{
	return awh_pod_of(admwh_request_old_object(req), admwh_request_pod_pointer(req), true);
}
