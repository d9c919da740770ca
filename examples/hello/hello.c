/* SPDX-License-Identifier: MIT */
/*
 * A whole admission webhook: it refuses unauthenticated clients in the TLS
 * handshake, denies Pods with a privileged container and labels all others.
 * `hello --help` lists its flags.
 */
#include <admwh/admwh.h>

static int check_pod(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct admwh_containers all = admwh_containers(req, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;

	(void)userdata;
	if (!admwh_value_is_set(admwh_request_pod(req)))
		return admwh_response_fail(resp, "there is no Pod");
	while (admwh_containers_next(&all, &c))
		if (admwh_value_is_true(ADMWH_GET(c.value, "securityContext", "privileged")))
			return admwh_response_deny(resp, 403, "%s is privileged",
						   admwh_value_path(c.value));
	return admwh_response_allow(resp);
}

static int label_pod(const struct admwh_request *req, struct admwh_response *resp,
		     struct admwh_patch *patch, void *userdata)
{
	(void)req, (void)userdata;
	admwh_patch_set_label(patch, "admwh.dev/seen", "true");
	return admwh_response_allow(resp);
}

static int set_up(struct admwh_server *server, void *userdata)
{
	struct admwh_route *check, *label;
	int err;

	check = admwh_server_add_validator(server, "/validate/pods", check_pod, userdata);
	label = admwh_server_add_mutator(server, "/mutate/pods", label_pod, userdata);
	err = admwh_route_add_filter(check, "", "Pod", 0);
	return err ? err : admwh_route_add_filter(label, "", "Pod", 0);
}

int main(int argc, char **argv)
{
	static struct admwh_program program; /* what is not set here is zero */

	program.name = "hello";
	program.about = "Denies Pods with a privileged container, and labels all others.";
	program.setup = set_up;
	return admwh_program_main(argc, argv, &program);
}
