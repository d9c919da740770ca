/* SPDX-License-Identifier: MIT */
/* host-namespaces-psp: no Pod shares the host's IPC, network, PIDs or ports. */
#include <stdint.h>
#include <stdlib.h>

#include "../pod.h"
#include "../settings.h"

struct range {
	json_int_t min, max;
};

struct settings {
	bool allow_host_ipc, allow_host_network, allow_host_pid;
	struct range *ports;
	size_t n_ports;
};

static void unload(void *userdata)
{
	struct settings *settings = userdata;

	free(settings->ports);
	free(settings);
}

static int load_ports(struct settings *settings, const json_t *json, struct text *error)
{
	const json_t *list = json_object_get(json, "allow_host_ports"), *element;
	size_t i;

	if (list && !json_is_array(list))
		return text_add(error, "allow_host_ports: expected a list of ranges"), -1;
	settings->ports = calloc(json_array_size(list) + 1, sizeof(*settings->ports));
	if (!settings->ports)
		return text_add(error, "out of memory"), -1;
	json_array_foreach(list, i, element) {
		const json_t *min = json_object_get(element, "min");
		const json_t *max = json_object_get(element, "max");
		struct range range = {json_integer_value(min), json_integer_value(max)};

		if (!json_is_integer(min) || !json_is_integer(max))
			return text_add(error,
					"allow_host_ports[%zu]: expected the integers min and "
					"max",
					i),
			       -1;
		if (range.min > range.max)
			return text_add(error,
					"port min %" JSON_INTEGER_FORMAT
					" cannot be greater than max %" JSON_INTEGER_FORMAT,
					range.min, range.max),
			       -1;
		settings->ports[settings->n_ports++] = range;
	}
	return 0;
}

static void *load(const json_t *json, struct text *error)
{
	struct settings *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	if (kw_settings_bool(json, "allow_host_ipc", &s->allow_host_ipc, error) == 0 &&
	    kw_settings_bool(json, "allow_host_network", &s->allow_host_network, error) == 0 &&
	    kw_settings_bool(json, "allow_host_pid", &s->allow_host_pid, error) == 0 &&
	    load_ports(s, json, error) == 0)
		return s;
	unload(s);
	return NULL;
}

static bool is_allowed_port(const struct settings *settings, json_int_t port)
{
	for (size_t i = 0; i < settings->n_ports; i++)
		if (port >= settings->ports[i].min && port <= settings->ports[i].max)
			return true;
	return false;
}

/* Is the host port of this one allowed? false in *understood: that cannot be told. */
static bool is_allowed(const struct settings *settings, struct admwh_value port, bool *understood)
{
	struct admwh_value host_port;
	int64_t number;

	if (admwh_value_kind(port) != ADMWH_OBJECT)
		return *understood = false;
	host_port = admwh_value_get(port, "hostPort");
	if (!admwh_value_is_set(host_port))
		return true;
	if (!kw_integer(host_port, &number))
		return *understood = false;
	return is_allowed_port(settings, number);
}

/* Are those of all containers? */
static bool all_allowed(const struct settings *settings, struct admwh_value containers,
			bool *understood)
{
	bool all = true;

	admwh_value_foreach_element(container, containers) {
		struct admwh_value ports;

		if (!kw_get_array(container, "ports", &ports))
			*understood = false;
		admwh_value_foreach_element(port, ports)
			all = is_allowed(settings, port, understood) && all;
	}
	return all;
}

static int evaluate(const void *userdata, const struct kw_review *review,
		    struct kw_verdict *verdict)
{
	const struct settings *settings = userdata;
	struct kw_containers pod;
	struct admwh_value spec;
	bool ipc, network, pid, init, containers, understood = true;
	int status;

	if (!kw_pod_open(review, true, verdict, &spec, &pod, &status))
		return status;
	if (!kw_get_bool(spec, "hostIPC", &ipc) || !kw_get_bool(spec, "hostNetwork", &network) ||
	    !kw_get_bool(spec, "hostPID", &pid))
		return kw_pod_deny_malformed(verdict);
	init = all_allowed(settings, pod.init, &understood);
	containers = all_allowed(settings, pod.containers, &understood);
	if (!understood)
		return kw_pod_deny_malformed(verdict);
	if (ipc && !settings->allow_host_ipc)
		return kw_deny(verdict, 0, "Pod has IPC enabled, but this is not allowed");
	if (network && !settings->allow_host_network)
		return kw_deny(verdict, 0, "Pod has host network enabled, but this is not allowed");
	if (pid && !settings->allow_host_pid)
		return kw_deny(verdict, 0, "Pod has host PID enabled, but this is not allowed");
	if (!init)
		return kw_deny(verdict, 0, "Pod is using unallowed host ports in init containers");
	if (!containers)
		return kw_deny(verdict, 0, "Pod is using unallowed host ports in containers");
	return kw_allow(verdict);
}

const struct kw_policy_type kw_host_namespaces_psp = {
    "host-namespaces-psp", load, unload, evaluate, false, true};
