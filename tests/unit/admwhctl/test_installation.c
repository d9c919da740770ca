/* SPDX-License-Identifier: MIT */
/* What becomes of what an installation says; its faults are in tests/admwhctl/test_init.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/files.h"
#include "common/installation.h"

static struct installation *parse(const char *spec, bool is_kept)
{
	char *text =
	    text_new("apiVersion: admwhctl/v1\n"
		     "kind: Installation\n"
		     "metadata: {name: policy, namespace: webhooks}\n"
		     "spec:\n"
		     "  routes:\n"
		     "  - name: a.b.c\n"
		     "    path: /\n"
		     "    rules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'],"
		     " resources: ['*']}]\n"
		     "%s",
		     spec);
	struct installation *made =
	    installation_parse("a text", text, strlen(text), "here", is_kept);

	free(text);
	assert_non_null(made);
	return made;
}

static void has_defaults(void **state)
{
	struct installation *made = parse("  image: i\n", false);

	(void)state;
	assert_int_equal(made->distribution, KUBEADM);
	assert_string_equal(made->service, "policy");
	assert_string_equal(made->host, "policy.webhooks.svc");
	assert_int_equal(made->port, 443);
	assert_int_equal(made->target_port, 8443);
	assert_int_equal(made->replicas, 2);
	assert_int_equal(made->authentication, BY_MTLS);
	assert_int_equal(made->n_callers, 1);
	assert_string_equal(made->callers[0].common_name, "kube-apiserver");
	assert_null(made->callers[0].nodes);
	assert_int_equal(made->from, 0);
	assert_null(*made->args);
	assert_int_equal(made->autoscaler_max, 0);
	assert_string_equal(made->nodes_folder, "/etc/kubernetes/admission");
	assert_string_equal(made->routes[0].failure_policy, "Fail");
	assert_false(made->routes[0].mutating);
	installation_free(made);
}

static void takes_urls_apart(void **state)
{
	static const struct {
		const char *url, *host, *dns, *ip;
		unsigned int port;
	} cases[] = {
	    {"https://example.org", "example.org", "example.org", NULL, 443},
	    {"https://example.org:9443", "example.org", "example.org", NULL, 9443},
	    {"https://10.0.0.7:443", "10.0.0.7", NULL, "10.0.0.7", 443},
	    {"https://[fd00::7]:9443", "fd00::7", NULL, "fd00::7", 9443},
	    {"https://[fd00::7]", "fd00::7", NULL, "fd00::7", 443},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *spec = text_new("  url: '%s'\n", cases[i].url);
		struct installation *made = parse(spec, false);
		char **dns = server_dns_names(made), **ip = server_ip_names(made);

		assert_null(made->service);
		assert_string_equal(made->host, cases[i].host);
		assert_int_equal(made->port, cases[i].port);
		assert_int_equal(made->target_port, cases[i].port); /* it listens there itself */
		assert_string_equal(cases[i].dns ? dns[0] : ip[0],
				    cases[i].dns ? cases[i].dns : cases[i].ip);
		assert_null(cases[i].dns ? ip[0] : dns[0]);
		names_free(dns);
		names_free(ip);
		installation_free(made);
		free(spec);
	}
}

static void names_files(void **state)
{
	struct installation *made = parse("  image: i\n"
					  "  distribution: k3s\n"
					  "  callers: [{name: a, nodes: [cp]}, {name: b}]\n",
					  false);
	char *paths[] = {
	    caller_ca_path(made, &made->callers[0], "key"),
	    caller_ca_path(made, &made->callers[1], "crt"),
	    caller_ca_key(made, &made->callers[0]),
	    caller_ca_key(made, &made->callers[1]),
	    caller_pair_path(&made->callers[0], "cp", "crt"),
	    caller_pair_path(&made->callers[1], NULL, "key"),
	    caller_token_path(&made->callers[1]),
	    node_file_path(made, "crt"),
	};
	static const char *const expected[] = {
	    "private/client-ca.key",
	    "private/b-ca.crt",
	    "client-ca.crt",
	    "b-ca.crt",
	    "private/callers/a.cp.crt",
	    "private/callers/b.key",
	    "private/callers/b.token",
	    "/etc/rancher/admission/policy.crt",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		assert_string_equal(paths[i], expected[i]);
		free(paths[i]);
	}
	installation_free(made);
}

static void looks_for_files_where_they_are(void **state)
{
	static const struct {
		const char *said;
		bool is_kept;
		const char *expected;
	} cases[] = {
	    {"./there.yaml", false, "here/./there.yaml"},
	    {"/etc/there.yaml", false, "/etc/there.yaml"},
	    {"./there.yaml", true, "here/given/admission.yaml"},
	    {"/etc/there.yaml", true, "here/given/admission.yaml"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *spec =
		    text_new("  image: i\n  controlPlane: {admission: %s}\n", cases[i].said);
		struct installation *made = parse(spec, cases[i].is_kept);

		assert_string_equal(made->there_admission, cases[i].expected);
		assert_null(made->there_kubeconfig);
		installation_free(made);
		free(spec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(has_defaults),
	    cmocka_unit_test(takes_urls_apart),
	    cmocka_unit_test(names_files),
	    cmocka_unit_test(looks_for_files_where_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
