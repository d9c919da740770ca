/* SPDX-License-Identifier: MIT */
#include "init/from_flags.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/flags.h"
#include "common/print.h"
#include "common/values.h"
#include "common/yaml.h"

/* The member of an object, made where it is missing. */
static json_t *object_in(json_t *parent, const char *name)
{
	json_t *member = json_object_get(parent, name);

	if (!member) {
		member = json_made(json_object());
		json_object_set_new(parent, name, member);
	}
	return member;
}

static json_t *list_in(json_t *parent, const char *name)
{
	json_t *member = json_object_get(parent, name);

	if (!member) {
		member = json_made(json_array());
		json_object_set_new(parent, name, member);
	}
	return member;
}

static void set(json_t *object, const char *name, const char *value)
{
	json_object_set_new(object, name, json_made(json_string(value)));
}

static void add(json_t *list, const char *value)
{
	json_array_append_new(list, json_made(json_string(value)));
}

/* metadata and callers first, in the order of the documentation. */
static json_t *spec_of(struct from_flags *flags)
{
	if (!flags->document) {
		flags->document = json_made(json_object());
		set(flags->document, "apiVersion", "admwhctl/v1");
		set(flags->document, "kind", "Installation");
		set(object_in(flags->document, "metadata"), "name", "");
		set(object_in(flags->document, "metadata"), "namespace", "webhooks");
	}
	return object_in(flags->document, "spec");
}

/* The rule of a group, so that resources of one group are one rule. */
static json_t *rule_of(json_t *rules, const char *group)
{
	json_t *rule;
	size_t i;

	json_array_foreach(rules, i, rule) {
		if (strcmp(json_string_value(json_array_get(json_object_get(rule, "apiGroups"), 0)),
			   group) == 0)
			return rule;
	}
	rule = json_made(json_object());
	json_array_append_new(rules, rule);
	add(list_in(rule, "apiGroups"), group);
	add(list_in(rule, "apiVersions"), "*");
	add(list_in(rule, "operations"), "CREATE");
	add(list_in(rule, "operations"), "UPDATE");
	list_in(rule, "resources");
	return rule;
}

/* "pods,deployments.apps". */
static void add_rules(json_t *rules, const char *resources)
{
	char *copy = text_new("%s", resources), *rest = copy, *resource;

	while ((resource = strsep(&rest, ","))) {
		char *dot = strchr(resource, '.');

		if (dot)
			*dot = '\0';
		add(list_in(rule_of(rules, dot ? dot + 1 : ""), "resources"), resource);
	}
	free(copy);
}

/* The webhook's name is completed by from_flags_text(), once that of the installation is known. */
static int take_route(json_t *spec, const char *type, const char *value)
{
	const char *equals = strchr(value, '=');
	json_t *route;
	char *path;

	if (!equals || equals == value || !equals[1]) {
		complain("--%s %s: expected PATH=RESOURCES, such as /validate=pods",
			 strcmp(type, "mutating") == 0 ? "mutate" : "validate", value);
		return -1;
	}
	path = text_new("%.*s", (int)(equals - value), value);
	route = json_made(json_object());
	set(route, "name", "");
	set(route, "type", type);
	set(route, "path", path);
	add_rules(list_in(route, "rules"), equals + 1);
	json_array_append_new(list_in(spec, "routes"), route);
	free(path);
	return 0;
}

/* The first caller, which is there as soon as another or a node is named. */
static json_t *apiserver(json_t *spec)
{
	json_t *callers = list_in(spec, "callers"), *caller;

	if (json_array_size(callers) == 0) {
		caller = json_made(json_object());
		set(caller, "name", "apiserver");
		set(caller, "commonName", "kube-apiserver");
		json_array_append_new(callers, caller);
	}
	return json_array_get(callers, 0);
}

static void take_caller(json_t *spec, const char *value)
{
	char *copy = text_new("%s", value), *at = strchr(copy, '@');
	json_t *caller = json_made(json_object());

	apiserver(spec);
	if (at)
		*at = '\0';
	set(caller, "name", copy);
	set(caller, "commonName", copy);
	if (at)
		set(caller, "namespace", at + 1);
	json_array_append_new(list_in(spec, "callers"), caller);
	free(copy);
}

static int take_port(json_t *spec, const char *value)
{
	unsigned int port;

	if (flag_number("--port", value, 1, 65535, &port))
		return -1;
	json_object_set_new(object_in(spec, "service"), "port", json_made(json_integer(port)));
	return 0;
}

static void take_monitoring(json_t *spec)
{
	json_object_set_new(object_in(spec, "monitoring"), "serviceMonitor", json_true());
	json_object_set_new(object_in(spec, "monitoring"), "alerts", json_true());
}

/* Flags whose value is a text of spec, or one more element of a list there. */
static const struct {
	enum flag flag;
	const char *parent, *name; /* parent NULL: spec itself */
	bool is_list;
} texts[] = {
    {FLAG_IMAGE, NULL, "image", false},
    {FLAG_URL, NULL, "url", false},
    {FLAG_DISTRIBUTION, NULL, "distribution", false},
    {FLAG_AUTHENTICATION, NULL, "authentication", false},
    {FLAG_CNI, "network", "cni", true},
    {FLAG_CONTROL_PLANE, "network", "controlPlane", true},
    {FLAG_ADMISSION, "controlPlane", "admission", false},
    {FLAG_KUBECONFIG, "controlPlane", "kubeconfig", false},
};

static void take_text(json_t *spec, enum flag flag, const char *value)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		json_t *parent;

		if (texts[i].flag != flag)
			continue;
		parent = texts[i].parent ? object_in(spec, texts[i].parent) : spec;
		if (texts[i].is_list)
			add(list_in(parent, texts[i].name), value);
		else
			set(parent, texts[i].name, value);
	}
}

int from_flags_take(struct from_flags *flags, enum flag flag, const char *value)
{
	json_t *spec = spec_of(flags), *metadata = object_in(flags->document, "metadata");

	switch (flag) {
	case FLAG_NAME:
		set(metadata, "name", value);
		return 0;
	case FLAG_NAMESPACE:
		set(metadata, "namespace", value);
		return 0;
	case FLAG_PORT:
		return take_port(spec, value);
	case FLAG_VALIDATE:
		return take_route(spec, "validating", value);
	case FLAG_MUTATE:
		return take_route(spec, "mutating", value);
	case FLAG_NODE:
		add(list_in(apiserver(spec), "nodes"), value);
		return 0;
	case FLAG_CALLER:
		take_caller(spec, value);
		return 0;
	case FLAG_MONITORING:
		take_monitoring(spec);
		return 0;
	default:
		take_text(spec, flag, value);
		return 0;
	}
}

/* "/validate/pods" of the installation policy in webhooks: validate-pods.policy.webhooks.svc. */
static void name_route(json_t *route, const char *name, const char *namespace)
{
	char *label = text_new("%s", member_text(route, "path") + 1);
	char *whole;

	for (char *c = label; *c; c++)
		if (*c == '/' || *c == '.')
			*c = '-';
	whole = text_new("%s%s%s.%s.svc", label, *label ? "." : "", name, namespace);
	set(route, "name", whole);
	free(whole);
	free(label);
}

bool from_flags_has_name(const struct from_flags *flags)
{
	const json_t *metadata = json_object_get(flags->document, "metadata");

	return *member_text(metadata, "name") != '\0';
}

char *from_flags_text(struct from_flags *flags, size_t *len)
{
	json_t *metadata = json_object_get(flags->document, "metadata"), *route;
	const char *name = member_text(metadata, "name");
	const char *namespace = member_text(metadata, "namespace");
	char *yaml, *text;
	size_t i;

	json_array_foreach(json_object_get(spec_of(flags), "routes"), i, route)
		name_route(route, name, namespace);
	yaml = yaml_text(flags->document);
	text = text_new("# Written by admwhctl init from its flags. Edit it, and run admwhctl init "
			"--to with this folder.\n%s",
			yaml);
	*len = strlen(text);
	free(yaml);
	return text;
}

void from_flags_deinit(struct from_flags *flags)
{
	json_decref(flags->document);
}
