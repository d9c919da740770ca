/* SPDX-License-Identifier: MIT */
/*
 * A whole admission webhook: it refuses unauthenticated clients in the TLS
 * handshake, denies Pods with a privileged container and labels all others.
 *
 * hello LISTEN SERVER-CERT SERVER-KEY CLIENT-CA
 */
#include <stdio.h>

#include <admwh/admwh.h>

static int check_pod(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	static const char *const lists[] = {"containers", "initContainers", "ephemeralContainers"};
	struct admwh_value pod = admwh_request_object(req);

	(void)userdata;
	for (int i = 0; i < 3; i++)
		admwh_value_foreach(c, ADMWH_GET(pod, "spec", lists[i]))
			if (admwh_value_is_true(ADMWH_GET(c, "securityContext", "privileged")))
				return admwh_response_deny(resp, 403, "%s is privileged",
							   admwh_value_path(c));
	return admwh_response_allow(resp);
}

static int label_pod(const struct admwh_request *req, struct admwh_response *resp,
		     struct admwh_patch *patch, void *userdata)
{
	(void)req, (void)userdata;
	admwh_patch_add_parents_new(patch, "/metadata/labels/admwh.dev~1seen", json_string("true"));
	return admwh_response_allow(resp);
}

int main(int argc, char **argv)
{
	struct admwh_config *config = admwh_config_new();
	struct admwh_server *server = NULL;

	if (argc != 5)
		return fprintf(stderr, "hello LISTEN SERVER-CERT SERVER-KEY CLIENT-CA\n"), 2;
	if (admwh_config_set_listen(config, argv[1]) ||
	    admwh_config_set_keypair_file(config, argv[2], argv[3]) ||
	    admwh_config_add_client_ca_file(config, argv[4]) ||
	    admwh_config_allow_cn(config, "kube-apiserver") ||
	    admwh_config_set_log(config, ADMWH_LOG_INFO, admwh_log_text, NULL) ||
	    admwh_config_set_stop_on_signals(config, true) ||
	    admwh_config_set_hardening(config, true) || !(server = admwh_server_new(config)))
		return fprintf(stderr, "hello: %s\n", admwh_config_error(config)), 2;
	if (!admwh_server_add_validator(server, "/validate/pods", check_pod, NULL) ||
	    !admwh_server_add_mutator(server, "/mutate/pods", label_pod, NULL) ||
	    admwh_server_run(server))
		return fprintf(stderr, "hello: %s\n", admwh_server_error(server)), 1;
	admwh_server_free(server);
	admwh_config_free(config);
	return 0;
}
