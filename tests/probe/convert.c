/* SPDX-License-Identifier: MIT */
#include "convert.h"

#include <string.h>

#include "later.h"

static void tell_converted(const struct admwh_conversion *conv)
{
	tell(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:s}", "event", "converted", "uid",
		       conv->uid, "kind", conv->kind, "version", conv->version, "desired_version",
		       conv->desired_version, "name", conv->name, "namespace", conv->ns, "target",
		       conv->http->target));
}

static int convert(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	bool up = strcmp(conv->desired_version, "v2") == 0;

	(void)userdata;
	tell_converted(conv);
	if (admwh_value_is_absent(ADMWH_GET(conv->object, "spec", up ? "size" : "items")))
		return 0;
	return up ? admwh_patch_move(patch, "/spec/size", "/spec/items")
		  : admwh_patch_move(patch, "/spec/items", "/spec/size");
}

static int edit(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	bool up = strcmp(conv->desired_version, "v2") == 0;
	json_t *object = admwh_patch_edit(patch);
	json_t *spec = json_object_get(object, "spec");

	(void)userdata;
	tell_converted(conv);
	if (!object)
		return -1;
	json_object_set(spec, up ? "items" : "size", json_object_get(spec, up ? "size" : "items"));
	json_object_del(spec, up ? "size" : "items");
	return 0;
}

static int slow(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	int err = convert(conv, patch, userdata);

	later_wait();
	return err;
}

static int fail_second(const struct admwh_conversion *conv, struct admwh_patch *patch,
		       void *userdata)
{
	if (conv->index == 1)
		return admwh_conversion_fail(conv, "this %s has no %s", conv->kind,
					     conv->desired_version);
	return convert(conv, patch, userdata);
}

static int rename_object(const struct admwh_conversion *conv, struct admwh_patch *patch,
			 void *userdata)
{
	int err = convert(conv, patch, userdata);

	return err ? err : admwh_patch_replace_new(patch, "/metadata/name", json_string("another"));
}

int convert_add(struct admwh_server *server)
{
	static const struct {
		const char *path;
		admwh_convert_fn *convert;
	} routes[] = {
	    {"/convert", convert},
	    {"/convert-edit", edit},
	    {"/convert-slow", slow},
	    {"/convert-fail", fail_second},
	    {"/convert-rename", rename_object},
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]) && err == 0; i++)
		err = admwh_server_add_conversion(server, routes[i].path, routes[i].convert, NULL);
	return err;
}
