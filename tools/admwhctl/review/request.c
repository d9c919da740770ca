/* SPDX-License-Identifier: MIT */
#include "review/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <admwh/admwh.h>

#include "common/files.h"
#include "common/values.h"

#define LINE_END "\xe2\x80\xa8"      /* U+2028 */
#define PARAGRAPH_END "\xe2\x80\xa9" /* U+2029 */

static bool is_operation(const struct request *request, const char *operation)
{
	return strcmp(request->circumstances->operation, operation) == 0;
}

static void random_bytes(unsigned char *bytes, size_t len)
{
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		abort();
}

/* RFC 9562, version 4. */
static void make_uuid(char uuid[37])
{
	unsigned char b[16];
	size_t at = 0;

	random_bytes(b, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(b); i++)
		at += (size_t)snprintf(uuid + at, 37 - at,
				       i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
				       b[i]);
}

/* "RESOURCE.VERSION" or "RESOURCE.VERSION.GROUP", and "/SUBRESOURCE". */
static int read_resource(struct request *request, const char *text)
{
	struct resource *resource = &request->resource;
	char *at = request->resource_text = text_new("%s", text);
	char *slash = strchr(at, '/');

	resource->subresource = slash ? slash + 1 : "";
	if (slash)
		*slash = '\0';
	resource->resource = strsep(&at, ".");
	resource->version = at ? strsep(&at, ".") : "";
	resource->group = at ? at : "";
	return *resource->version ? 0 : -1;
}

/* Of a kind that is not known; --resource tells the rest. */
static void take_kind(struct request *request, const char *api_version, const char *kind)
{
	const char *slash = strchr(api_version, '/');

	request->made =
	    json_made(json_pack("{s:s%, s:s, s:s}", "group", api_version,
				slash ? (size_t)(slash - api_version) : (size_t)0, "version",
				slash ? slash + 1 : api_version, "kind", kind));
	request->resource = (struct resource){
	    .kind_group = member_text_or_null(request->made, "group"),
	    .kind_version = member_text_or_null(request->made, "version"),
	    .kind = member_text_or_null(request->made, "kind"),
	    .is_namespaced = true,
	};
}

static int find_resource(struct request *request, const json_t *document, char **reason)
{
	const struct circumstances *circumstances = request->circumstances;
	const char *api_version = member_text_or_null(document, "apiVersion");
	const char *kind = member_text_or_null(document, "kind");
	const struct resource *found;

	if (!api_version || !kind) {
		*reason = text_new("no apiVersion or no kind: not a manifest");
		return -1;
	}
	found = resources_find(circumstances->resources, api_version, kind);
	if (!found && !circumstances->resource) {
		*reason = text_new("%s, kind %s: not a known kind; give its "
				   "CustomResourceDefinition by --crd, or --resource",
				   api_version, kind);
		return -1;
	}
	if (found)
		request->resource = *found;
	else
		take_kind(request, api_version, kind);
	if (circumstances->resource && read_resource(request, circumstances->resource)) {
		*reason = text_new("--resource %s: expected RESOURCE.VERSION[.GROUP][/SUBRESOURCE]",
				   circumstances->resource);
		return -1;
	}
	if (circumstances->subresource)
		request->resource.subresource = circumstances->subresource;
	return 0;
}

/* The object of its own operation: a copy, with a namespace. */
static json_t *copy_object(struct request *request, const json_t *document)
{
	json_t *copy = json_made(json_deep_copy(document));
	json_t *metadata = json_object_get(copy, "metadata");
	bool has_metadata = json_is_object(metadata);

	if (!has_metadata && *request->resource.subresource)
		return copy; /* the options of CONNECT have none */
	if (!has_metadata) {
		metadata = json_made(json_object());
		member_set(copy, "metadata", metadata);
	}
	if (request->resource.is_namespaced && !member_text_or_null(metadata, "namespace"))
		member_set_text(metadata, "namespace", request->circumstances->namespace);
	if (!request->resource.is_namespaced)
		json_object_del(metadata, "namespace");
	return copy;
}

/* The namespace of a request for a Namespace is its own name. */
static void find_names(struct request *request, const json_t *object)
{
	const json_t *metadata = json_object_get(object, "metadata");
	const struct circumstances *circumstances = request->circumstances;

	request->name =
	    circumstances->name ? circumstances->name : member_text_or_null(metadata, "name");
	if (request->resource.is_namespaced) {
		request->namespace = member_text_or_null(metadata, "namespace");
		if (!request->namespace)
			request->namespace = circumstances->namespace;
	} else if (strcmp(request->resource.kind, "Namespace") == 0) {
		request->namespace = request->name;
	}
}

int request_make(struct request *request, const struct circumstances *circumstances,
		 const json_t *document, const json_t *old, char **reason)
{
	const json_t *named;

	*request = (struct request){.circumstances = circumstances};
	if (find_resource(request, document, reason))
		return -1;
	if (is_operation(request, "UPDATE") && !old) {
		*reason = text_new("UPDATE needs the old object: --old FILE");
		return -1;
	}
	if (is_operation(request, "DELETE"))
		request->old = copy_object(request, document);
	else
		request->object = copy_object(request, document);
	if (is_operation(request, "UPDATE"))
		request->old = copy_object(request, old);
	named = request->object ? request->object : request->old;
	find_names(request, named);
	if (request->name ||
	    member_text_or_null(json_object_get(named, "metadata"), "generateName"))
		return 0;
	*reason = json_object_get(json_object_get(named, "metadata"), "name")
		      ? text_new("metadata.name is no text: yes, no, on, off, y and n are true "
				 "and false in YAML, and numbers are numbers")
		      : text_new("no metadata.name or generateName");
	return -1;
}

void request_set_object(struct request *request, json_t *object)
{
	json_decref(request->object);
	request->object = object;
	find_names(request, object);
}

void request_deinit(struct request *request)
{
	json_decref(request->object);
	json_decref(request->old);
	json_decref(request->made);
	free(request->resource_text);
	*request = (struct request){0};
}

/* k8s.io/apimachinery/pkg/util/rand: five of letters and digits that make no words. */
static char *generated_name(const char *prefix)
{
	static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
	unsigned char bytes[5];
	char suffix[6] = "";

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		suffix[i] = letters[bytes[i] % (sizeof(letters) - 1)];
	return text_new("%.58s%s", prefix, suffix);
}

void request_fill(struct request *request)
{
	json_t *metadata = json_object_get(request->object, "metadata");
	time_t now = time(NULL);
	char uid[37], text[32];
	struct tm utc;

	if (!is_operation(request, "CREATE") || *request->resource.subresource ||
	    !json_is_object(metadata))
		return;
	if (!request->name) {
		char *name = generated_name(member_text_or_null(metadata, "generateName"));

		member_set_text(metadata, "name", name);
		free(name);
		request->name = member_text_or_null(metadata, "name");
	}
	make_uuid(uid);
	gmtime_r(&now, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	member_set_text(metadata, "uid", uid);
	member_set_text(metadata, "creationTimestamp", text);
}

static json_t *make_options(const struct request *request)
{
	static const char *const kinds[][2] = {
	    {"CREATE", "CreateOptions"}, {"UPDATE", "UpdateOptions"}, {"DELETE", "DeleteOptions"}};
	json_t *options = NULL;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is_operation(request, kinds[i][0]))
			options = json_made(json_pack("{s:s, s:s}", "kind", kinds[i][1],
						      "apiVersion", "meta.k8s.io/v1"));
	if (!options)
		return json_null();
	if (request->circumstances->is_dry_run)
		member_set(options, "dryRun", json_pack("[s]", "All"));
	if (!is_operation(request, "DELETE"))
		member_set_text(options, "fieldManager", "admwhctl");
	return options;
}

static json_t *make_user(const struct circumstances *circumstances)
{
	json_t *user = json_made(json_object());

	member_set_text(user, "username", circumstances->user);
	member_set_text(user, "uid", circumstances->uid);
	member_set(user, "groups",
		   circumstances->groups ? json_kept(circumstances->groups)
					 : json_made(json_pack("[s]", "system:authenticated")));
	if (json_object_size(circumstances->extra) > 0)
		member_set(user, "extra", json_kept(circumstances->extra));
	return user;
}

static json_t *kind_of(const struct resource *resource)
{
	return json_made(json_pack("{s:s, s:s, s:s}", "group", resource->kind_group, "version",
				   resource->kind_version, "kind", resource->kind));
}

static json_t *resource_of(const struct resource *resource)
{
	return json_made(json_pack("{s:s, s:s, s:s}", "group", resource->group, "version",
				   resource->version, "resource", resource->resource));
}

static json_t *or_null(json_t *value)
{
	return value ? json_incref(value) : json_null();
}

json_t *request_review(const struct request *request)
{
	const struct circumstances *circumstances = request->circumstances;
	const struct resource *resource = &request->resource;
	json_t *fields = json_made(json_object());
	char uid[37];

	make_uuid(uid);
	member_set_text(fields, "uid", uid);
	member_set(fields, "kind", kind_of(resource));
	member_set(fields, "resource", resource_of(resource));
	member_set_text(fields, "subResource", resource->subresource);
	member_set(fields, "requestKind", kind_of(resource));
	member_set(fields, "requestResource", resource_of(resource));
	member_set_text(fields, "requestSubResource", resource->subresource);
	member_set_text(fields, "name", request->name);
	member_set_text(fields, "namespace", request->namespace);
	member_set_text(fields, "operation", circumstances->operation);
	member_set(fields, "userInfo", make_user(circumstances));
	member_set(fields, "object", or_null(request->object));
	member_set(fields, "oldObject", or_null(request->old));
	member_set(fields, "dryRun", json_boolean(circumstances->is_dry_run));
	member_set(fields, "options", make_options(request));
	return json_made(
	    json_pack("{s:s, s:s, s:o}", "kind", "AdmissionReview", "apiVersion",
		      circumstances->is_beta ? "admission.k8s.io/v1beta1" : "admission.k8s.io/v1",
		      "request", fields));
}

char *review_text(const json_t *review, size_t *len)
{
	struct admwh_json *json = admwh_json_new();
	char *plain = json ? admwh_json_write(json, review, NULL) : NULL, *text = NULL;
	FILE *to = text_open(&text, len);

	if (!plain)
		out_of_memory();
	/* encoding/json; these stand in strings alone. */
	for (const char *at = plain; *at; at++) {
		if (strchr("<>&", *at)) {
			fprintf(to, "\\u%04x", (unsigned char)*at);
		} else if (strncmp(at, LINE_END, 3) == 0 || strncmp(at, PARAGRAPH_END, 3) == 0) {
			fputs(strncmp(at, LINE_END, 3) == 0 ? "\\u2028" : "\\u2029", to);
			at += 2;
		} else {
			fputc(*at, to);
		}
	}
	fputc('\n', to);
	text_close(to);
	free(plain);
	admwh_json_free(json);
	return text;
}
