/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ask.h"

/* kind NULL: object is a raw request. */
struct asked {
	const char *settings, *kind, *object, *expected;
};

static void ask(const char *policy, const struct asked *asked, size_t n)
{
	const struct kw_policy_type *type = kw_policy_find(policy);

	assert_non_null(type);
	for (size_t i = 0; i < n; i++) {
		json_t *settings = read_json(asked[i].settings);
		json_t *object = asked[i].object ? read_json(asked[i].object) : NULL;
		struct admwh_document *document =
		    asked[i].object ? read_document(asked[i].object) : NULL;
		struct admwh_value value = admwh_document_value(document);
		struct kw_review review =
		    review_of(asked[i].kind ? asked[i].kind : "", value, object);
		json_t *before = json_deep_copy(object);
		struct kw_verdict verdict = {0};
		struct text error = {0};
		void *loaded;
		char *told;

		if (!asked[i].kind) {
			review.raw = value;
			review.object = admwh_value_kind(value) == ADMWH_OBJECT
					    ? admwh_value_get(value, "object")
					    : (struct admwh_value){0};
			review.raw_json = object;
			review.object_json = json_object_get(object, "object");
		}
		loaded = type->load(settings, &error);
		if (!loaded)
			fail_msg("%s: %s", asked[i].settings, text_get(&error));
		json_decref(settings); /* loaded settings are on their own */
		if (type->reads_values)
			review.object_json = review.raw_json = NULL;
		assert_int_equal(type->evaluate(loaded, &review, &verdict), 0);
		told = tell_verdict(&verdict);
		assert_string_equal(told, asked[i].expected);
		assert_true(!object || json_equal(object, before));
		/* A policy that finds an object malformed says so itself: see kw_value_text(). */
		if (document)
			assert_string_equal(admwh_document_error(document), "");
		free(told);
		kw_verdict_deinit(&verdict);
		type->unload(loaded);
		json_decref(object);
		json_decref(before);
		admwh_document_free(document);
		text_deinit(&error);
	}
}

#define ASK(policy, cases) ask(policy, cases, sizeof(cases) / sizeof((cases)[0]))

#define CANNOT "denied: Cannot parse validation request"
#define POD(containers) "{'spec': {'containers': [" containers "]}}"
#define PRIVILEGED "{'securityContext': {'privileged': true}}"

static void pod_privileged(void **state)
{
	static const struct asked cases[] = {
	    {"{}", "Pod", POD(PRIVILEGED), "denied: Privileged container is not allowed"},
	    {"{}", "Pod", "{'spec': {'initContainers': [" PRIVILEGED "]}}",
	     "denied: Privileged init container is not allowed"},
	    {"{}", "Pod", "{'spec': {'ephemeralContainers': [" PRIVILEGED "]}}",
	     "denied: Privileged ephemeral container is not allowed"},
	    {"{'skip_init_containers': true}", "Pod",
	     "{'spec': {'initContainers': [" PRIVILEGED "]}}", "allowed"},
	    {"{'skip_ephemeral_containers': true}", "Pod",
	     "{'spec': {'ephemeralContainers': [" PRIVILEGED "]}}", "allowed"},
	    {"{'skip_init_containers': true}", "Pod", POD("{}, " PRIVILEGED),
	     "denied: Privileged container is not allowed"},
	    {"{}", "Deployment", "{'spec': {'template': " POD(PRIVILEGED) "}}",
	     "denied: Privileged container is not allowed"},
	    {"{}", "CronJob",
	     "{'spec': {'jobTemplate': {'spec': {'template': " POD(PRIVILEGED) "}}}}",
	     "denied: Privileged container is not allowed"},
	    {"{}", "ReplicationController", "{'spec': {'template': " POD(PRIVILEGED) "}}",
	     "denied: Privileged container is not allowed"},
	    /* not understood, so not let in */
	    {"{}", "Pod", NULL, CANNOT},
	    {"{}", "Service", "{}", CANNOT},
	    {"{}", "Pod", "{'kind': 'Deployment'}", CANNOT},
	    {"{}", "Pod", "{'spec': []}", CANNOT},
	    {"{}", "Pod", "{'spec': {'containers': {}}}", CANNOT},
	    {"{}", "Pod", POD("1"), CANNOT},
	    {"{}", "Pod", POD("{'securityContext': 1}"), CANNOT},
	    {"{}", "Pod", POD("{'securityContext': {'privileged': 'true'}}"), CANNOT},
	    {"{}", "Pod", "{'spec': {'initContainers': [{'securityContext': 1}]}}", CANNOT},
	    /* nothing to see */
	    {"{}", "Pod", "{}", "allowed"},
	    {"{}", "Pod", "{'spec': null}", "allowed"},
	    {"{}", "Deployment", "{'spec': {'template': {}}}", "allowed"},
	    {"{}", "Pod", POD("{}, {'securityContext': null}"), "allowed"},
	    {"{}", "Pod", POD("{'securityContext': {'privileged': false}}"), "allowed"},
	    {"{}", "Pod", POD("{'securityContext': {'privileged': null}}"), "allowed"},
	};

	(void)state;
	ASK("pod-privileged", cases);
}

#define IMAGE(image) "{'image': '" image "'}"
#define SPEC(image) "{'spec': {'containers': [" IMAGE(image) "]}}"
#define REPORTED "denied: not allowed, reported errors: "
#define DIGEST "sha256:82dfd9ac433eacb5f89e5bf2601659bbc78893c1a9e3e830c5ef4eb489fde079"

#define IPV6 "[fd00:1:2::3]:5000"

static void trusted_repos_tags_and_registries(void **state)
{
	static const struct asked cases[] = {
	    {"{'tags': {'reject': ['latest']}}", "Pod", SPEC("busybox"),
	     REPORTED "tags not allowed: latest"},
	    {"{'tags': {'reject': ['latest']}}", "Pod", SPEC("busybox:latest"),
	     REPORTED "tags not allowed: latest"},
	    {"{'tags': {'reject': ['latest']}}", "Pod", SPEC("busybox@" DIGEST),
	     REPORTED "tags not allowed: latest"},
	    {"{'tags': {'reject': ['latest']}}", "Pod", SPEC("busybox:1.0.0"), "allowed"},
	    {"{'tags': {'reject': ['*-rc*']}}", "Pod", SPEC("busybox:1.0.0-rc1"),
	     REPORTED "tags not allowed: 1.0.0-rc1"},
	    {"{'tags': {'reject': ['*-rc*']}}", "Pod", SPEC("busybox:1.0.0"), "allowed"},
	    {"{'registries': {'reject': ['docker.io', 'ghcr.io']}}", "Pod",
	     POD(IMAGE("ghcr.io/a/b:1") ", " IMAGE("busybox:1")),
	     REPORTED "registries not allowed: docker.io, ghcr.io"},
	    {"{'registries': {'reject': ['evil.com']}}", "Pod", SPEC("EVIL.com/a:1"),
	     REPORTED "registries not allowed: evil.com"},
	    {"{'registries': {'allow': ['ghcr.io']}}", "Pod",
	     POD(IMAGE("ghcr.io/a/b:1") ", " IMAGE("docker.io/alpine:1") ", " IMAGE("busybox:1")),
	     REPORTED "registries not allowed: docker.io"},
	    {"{'registries': {'allow': ['*.io']}}", "Pod", SPEC("busybox"), "allowed"},
	    {"{'registries': {'allow': ['*.my-corp.com']}}", "Pod", SPEC("my-corp.com/a"),
	     REPORTED "registries not allowed: my-corp.com"},
	    {"{'registries': {'allow': ['localhost:5000']}}", "Pod", SPEC("localhost:5000/a"),
	     "allowed"},
	    /* one registry in many spellings */
	    {"{'registries': {'reject': ['quay.io']}}", "Pod", SPEC("quay.io:443/a:1"),
	     REPORTED "registries not allowed: quay.io"},
	    {"{'registries': {'reject': ['quay.io:443']}}", "Pod", SPEC("quay.io/a:1"),
	     REPORTED "registries not allowed: quay.io"},
	    {"{'registries': {'reject': ['quay.io:*']}}", "Pod", SPEC("quay.io:443/a:1"),
	     REPORTED "registries not allowed: quay.io"},
	    {"{'registries': {'reject': ['quay.io']}}", "Pod", SPEC("quay.io:0443/a:1"),
	     REPORTED "registries not allowed: quay.io"},
	    {"{'registries': {'reject': ['docker.io']}}", "Pod", SPEC("Index.docker.io:443/a:1"),
	     REPORTED "registries not allowed: docker.io"},
	    {"{'registries': {'reject': ['quay.io']}}", "Pod", SPEC("quay.io:4430/a:1"), "allowed"},
	    {"{'registries': {'allow': ['quay.io:443']}}", "Pod", SPEC("quay.io:443/a:1"),
	     "allowed"},
	    {"{'registries': {'allow': ['quay.io']}}", "Pod", SPEC("quay.io:5000/a:1"),
	     REPORTED "registries not allowed: quay.io:5000"},
	    {"{'registries': {'reject': ['Evil.com']}}", "Pod", SPEC("EVIL.com/a:1"),
	     REPORTED "registries not allowed: evil.com"},
	    /* an IPv6 address */
	    {"{'registries': {'reject': ['docker.io']}}", "Pod", SPEC(IPV6 "/a:v1"), "allowed"},
	    {"{'registries': {'allow': ['" IPV6 "']}}", "Pod", SPEC(IPV6 "/a:v1"), "allowed"},
	    {"{'registries': {'allow': ['[FD00:1:2::3]:5000']}}", "Pod", SPEC(IPV6 "/a:v1"),
	     "allowed"},
	    {"{'registries': {'allow': ['[fd00:1:2::3]']}}", "Pod", SPEC(IPV6 "/a:v1"),
	     REPORTED "registries not allowed: " IPV6},
	    {"{'registries': {'reject': ['[fd00:1:2::*]:*']}}", "Pod", SPEC(IPV6 "/a:v1"),
	     REPORTED "registries not allowed: " IPV6},
	    {"{'registries': {'reject': ['[fd00::3]']}}", "Pod", SPEC("[FD00::3]:0443/a"),
	     REPORTED "registries not allowed: [fd00::3]"},
	    {"{'registries': {'reject': ['[fd00::3]:443']}}", "Pod", SPEC("[fd00::3]/a"),
	     REPORTED "registries not allowed: [fd00::3]"},
	    {"{'tags': {'reject': ['latest']}}", "Pod", SPEC(IPV6 "/a"),
	     REPORTED "tags not allowed: latest"},
	    {"{'registries': {'allow': ['docker.io']}, 'images': {'reject': ['busybox:1']}}", "Pod",
	     SPEC("busybox:2"), "allowed"},
	    {"{'registries': {'allow': ['ghcr.io']}, 'tags': {'reject': ['latest']}, "
	     "'images': {'reject': ['busybox']}}",
	     "CronJob", "{'spec': {'jobTemplate': {'spec': {'template': " SPEC("busybox") "}}}}",
	     REPORTED "registries not allowed: docker.io; tags not allowed: latest; images not "
		      "allowed: busybox"},
	};

	(void)state;
	ASK("trusted-repos", cases);
}

static void trusted_repos_images(void **state)
{
	static const struct asked cases[] = {
	    {"{'images': {'allow': ['nginx']}}", "Pod", SPEC("nginx:1.21"), "allowed"},
	    {"{'images': {'allow': ['nginx']}}", "Pod", SPEC("docker.io/library/nginx:1.21"),
	     "allowed"},
	    {"{'images': {'allow': ['nginx']}}", "Pod", SPEC("index.docker.io/nginx:1.21"),
	     "allowed"},
	    {"{'images': {'allow': ['nginx']}}", "Pod", SPEC("evil.com/library/nginx:1.21"),
	     REPORTED "images not allowed: evil.com/library/nginx:1.21"},
	    {"{'images': {'allow': ['bitnami/*']}}", "Pod", SPEC("evil.com/bitnami/redis"),
	     REPORTED "images not allowed: evil.com/bitnami/redis"},
	    {"{'images': {'allow': ['bitnami/*']}}", "Pod", SPEC("bitnami/redis:1"), "allowed"},
	    {"{'images': {'reject': ['nginx']}}", "Pod", SPEC("evil.com/library/nginx:1.21"),
	     REPORTED "images not allowed: evil.com/library/nginx:1.21"},
	    {"{'images': {'allow': ['quay.io/coreos/etcd']}}", "Pod",
	     POD(IMAGE("coreos/etcd") ", " IMAGE("quay.io/coreos/etcd:v3") ", " IMAGE(
		 "quay.io/coreos/etcd")),
	     REPORTED "images not allowed: coreos/etcd"},
	    {"{'images': {'allow': ['quay.io/a/b:1@" DIGEST "']}}", "Pod",
	     POD(IMAGE("quay.io/a/b:1@" DIGEST) ", " IMAGE("quay.io/a/b:1")),
	     REPORTED "images not allowed: quay.io/a/b:1"},
	    {"{'images': {'allow': ['nginx:1.21']}}", "Pod", SPEC("nginx:1.22"),
	     REPORTED "images not allowed: nginx:1.22"},
	    {"{'images': {'reject': ['docker.io/bitnami/*']}}", "Pod",
	     SPEC("docker.io/bitnami/redis:6.0"),
	     REPORTED "images not allowed: docker.io/bitnami/redis:6.0"},
	    {"{'images': {'allow': ['ghcr.io/my-org/*:v1.*']}}", "Pod",
	     POD(IMAGE("ghcr.io/my-org/app:v1.2.3") ", " IMAGE("ghcr.io/my-org/app:v2.0")),
	     REPORTED "images not allowed: ghcr.io/my-org/app:v2.0"},
	    {"{'images': {'allow': ['docker.io/library/*']}}", "Pod",
	     "{'spec': {'initContainers': [{'name': 'x'}, " IMAGE(
		 "ghcr.io/a/b") "], "
				"'ephemeralContainers': [" IMAGE("quay.io/c/d") "]}}",
	     REPORTED "images not allowed: ghcr.io/a/b, quay.io/c/d"},
	    /* an allowed registry is no path of Docker Hub's */
	    {"{'images': {'allow': ['ghcr.io/kubewarden/*', 'localhost/*', 'r:5000/*']}}", "Pod",
	     POD(IMAGE("docker.io/ghcr.io/kubewarden/evil") ", " IMAGE(
		 "docker.io/localhost/"
		 "evil") ", " IMAGE("ghcr.io/kubewarden/good") ", " IMAGE("localhost/good")),
	     REPORTED
	     "images not allowed: docker.io/ghcr.io/kubewarden/evil, docker.io/localhost/evil"},
	    {"{'images': {'reject': ['ghcr.io/kubewarden/*']}}", "Pod",
	     SPEC("docker.io/ghcr.io/kubewarden/evil"),
	     REPORTED "images not allowed: docker.io/ghcr.io/kubewarden/evil"},
	    /* what is rejected is rejected in every spelling */
	    {"{'images': {'reject': ['quay.io/evil/img']}}", "Pod",
	     POD(IMAGE("quay.io:443/evil/img:1") ", " IMAGE("quay.io:00443/evil/img")),
	     REPORTED "images not allowed: quay.io:00443/evil/img, quay.io:443/evil/img:1"},
	    {"{'images': {'reject': ['quay.io:443/evil/*']}}", "Pod", SPEC("quay.io/evil/img:1"),
	     REPORTED "images not allowed: quay.io/evil/img:1"},
	    {"{'images': {'reject': ['nginx']}}", "Pod", SPEC("index.docker.io:443/nginx:1"),
	     REPORTED "images not allowed: index.docker.io:443/nginx:1"},
	    {"{'images': {'reject': ['docker.io/library/nginx:1.19']}}", "Pod",
	     SPEC("nginx:1.19@" DIGEST), REPORTED "images not allowed: nginx:1.19@" DIGEST},
	    {"{'images': {'reject': ['*/nginx:1.1?']}}", "Pod", SPEC("nginx:1.19@" DIGEST),
	     REPORTED "images not allowed: nginx:1.19@" DIGEST},
	    {"{'images': {'reject': ['nginx@" DIGEST "']}}", "Pod", SPEC("nginx:1.19@" DIGEST),
	     REPORTED "images not allowed: nginx:1.19@" DIGEST},
	    {"{'images': {'reject': ['nginx:1.19']}}", "Pod", SPEC("nginx:1.20@" DIGEST),
	     "allowed"},
	    {"{'images': {'allow': ['nginx:1.19']}}", "Pod", SPEC("nginx:1.19@" DIGEST),
	     REPORTED "images not allowed: nginx:1.19@" DIGEST},
	    /* the colons of a registry begin no tag */
	    {"{'images': {'allow': ['" IPV6 "/a:v1']}}", "Pod",
	     POD(IMAGE(IPV6 "/a:v1") ", " IMAGE(IPV6 "/a:v2")),
	     REPORTED "images not allowed: " IPV6 "/a:v2"},
	    {"{'images': {'allow': ['" IPV6 "/shop/*']}}", "Pod",
	     POD(IMAGE(IPV6 "/shop/a:v1") ", " IMAGE(IPV6 "/other/a:v1")),
	     REPORTED "images not allowed: " IPV6 "/other/a:v1"},
	    {"{'images': {'allow': ['" IPV6 "/a?p', 'localhost:5000/a?p']}}", "Pod",
	     POD(IMAGE(IPV6 "/app:v1") ", " IMAGE("localhost:5000/app:v1")), "allowed"},
	    {"{'images': {'reject': ['" IPV6 "/a']}}", "Pod", SPEC(IPV6 "/a:v1@" DIGEST),
	     REPORTED "images not allowed: " IPV6 "/a:v1@" DIGEST},
	    /* what is no reference is not let in by any list */
	    {"{'images': {'reject': ['nginx']}}", "Pod", SPEC("[fe80::1%eth0]/a"),
	     REPORTED "images not allowed: [fe80::1%eth0]/a"},
	    {"{'images': {'reject': ['nginx']}}", "Pod", SPEC("NGINX:1"),
	     REPORTED "images not allowed: NGINX:1"},
	    {"{'tags': {'reject': ['latest']}}", "Pod", SPEC(""), REPORTED "images not allowed: "},
	    {"{}", "Pod", SPEC("NGINX:1"), "allowed"},
	    {"{'images': {'reject': ['nginx']}}", "Pod", POD("{'image': 1}"), CANNOT},
	    {"{'images': {'reject': ['nginx']}}", "Pod", "{'spec': {'containers': 'x'}}", CANNOT},
	    {"{'images': {'reject': ['nginx']}}", "Pod", "{'spec': 1}", CANNOT},
	    /* not its business */
	    {"{'images': {'reject': ['nginx']}}", "Service", "{}", "allowed"},
	    {"{'images': {'reject': ['nginx']}}", "Pod", NULL, "allowed"},
	    {"{'images': {'reject': ['nginx']}}", "Pod", "{}", "allowed"},
	};

	(void)state;
	ASK("trusted-repos", cases);
}

#define LABELS "{'metadata': {'labels': {'owner': 'team-a', 'cc': 'x1', 'env': 'prod'}}}"

static void safe_labels(void **state)
{
	static const struct asked cases[] = {
	    {"{}", "Ingress", LABELS, "allowed"},
	    {"{}", "Ingress", NULL, "allowed"},
	    {"{'denied_labels': null, 'mandatory_labels': null, 'constrained_labels': null}",
	     "Ingress", LABELS, "allowed"},
	    {"{'denied_labels': ['env', 'owner', 'no']}", "Ingress", LABELS,
	     "denied: The following labels are denied: owner,env"},
	    {"{'constrained_labels': {'cc': '^cc-[0-9]+$', 'owner': '^team-'}}", "Ingress", LABELS,
	     "denied: The following labels are violating user constraints: cc"},
	    {"{'mandatory_labels': ['b', 'owner', 'a']}", "Ingress", LABELS,
	     "denied: The following mandatory labels are missing: b,a"},
	    {"{'mandatory_labels': ['x']}", "Ingress", "{}",
	     "denied: The following mandatory labels are missing: x"},
	    {"{'mandatory_labels': ['x']}", "Ingress", NULL,
	     "denied: The following mandatory labels are missing: x"},
	    {"{'denied_labels': ['env'], 'constrained_labels': {'cc': '^$'}, "
	     "'mandatory_labels': ['x']}",
	     "Ingress", LABELS,
	     "denied: The following labels are denied: env. The following labels are violating "
	     "user constraints: cc. The following mandatory labels are missing: x"},
	    {"{'constrained_labels': {'n': '1'}}", "Ingress", "{'metadata': {'labels': {'n': 1}}}",
	     "denied: The following labels are violating user constraints: n"},
	    {"{}", "Ingress", "{'metadata': {'labels': []}}",
	     "denied 400: metadata.labels is not a mapping"},
	    {"{}", "Ingress", "{'metadata': []}", "denied 400: metadata.labels is not a mapping"},
	};

	(void)state;
	ASK("safe-labels", cases);
}

static void safe_annotations(void **state)
{
	static const struct asked cases[] = {
	    {"{'denied_annotations': ['a'], 'mandatory_annotations': ['b']}", "Ingress",
	     "{'metadata': {'annotations': {'a': '1'}}}",
	     "denied: The following annotations are not allowed: a. The following mandatory "
	     "annotations are missing: b"},
	    {"{'constrained_annotations': {'a': '^1$'}}", "Ingress",
	     "{'metadata': {'annotations': {'a': '11'}}}",
	     "denied: The following annotations are violating user constraints: a"},
	    {"{'constrained_annotations': {'a': '^1$'}}", "Ingress",
	     "{'metadata': {'annotations': {'a': '1'}}}", "allowed"},
	};

	(void)state;
	ASK("safe-annotations", cases);
}

#define ADD(names) "{'securityContext': {'capabilities': {'add': [" names "]}}}"
#define PSP "denied: PSP capabilities policies doesn't allow these capabilities to be added"

static void capabilities_psp(void **state)
{
	static const struct asked cases[] = {
	    {"{}", "Pod", POD(ADD("'KILL', 'CHOWN'") ", " ADD("'KILL'")),
	     PSP ": {\"KILL\", \"CHOWN\"}"},
	    {"{}", "Pod", "{'spec': {'initContainers': [" ADD("'KILL'") "]}}", PSP ": {\"KILL\"}"},
	    {"{'allowed_capabilities': ['KILL']}", "Pod", POD(ADD("'KILL', 'BPF'")),
	     PSP ": {\"BPF\"}"},
	    {"{'allowed_capabilities': ['*'], 'required_drop_capabilities': ['BPF']}", "Pod",
	     POD(ADD("'KILL', 'BPF'")),
	     PSP " because they are on the `required_drop_capabilities` list: {\"BPF\"}"},
	    {"{'allowed_capabilities': ['*']}", "Pod", POD(ADD("'KILL', 'BPF'")), "allowed"},
	    {"{}", "Pod", POD("{}"), "allowed"},
	    {"{}", "Pod", "{}", "allowed"},
	    {"{'required_drop_capabilities': ['BPF']}", "Deployment", "{'spec': {'template': {}}}",
	     "allowed"},
	    /* mutation: what is there stays, and what is missing is appended */
	    {"{'allowed_capabilities': ['CHOWN', 'KILL'], 'required_drop_capabilities': "
	     "['NET_ADMIN'], 'default_add_capabilities': ['CHOWN']}",
	     "Pod", POD(ADD("'KILL'")),
	     "mutated: {'spec':{'containers':[{'securityContext':{'capabilities':{'add':['KILL',"
	     "'CHOWN'],'drop':['NET_ADMIN']}}}]}}"},
	    {"{'required_drop_capabilities': ['A']}", "Pod",
	     POD("{'securityContext': {'runAsUser': 1, 'capabilities': {'drop': ['A']}}}, "
		 "{'securityContext': null}"),
	     "mutated: {'spec':{'containers':[{'securityContext':{'runAsUser':1,'capabilities':{"
	     "'drop':['A']}}},{'securityContext':{'capabilities':{'drop':['A']}}}]}}"},
	    {"{'required_drop_capabilities': ['A']}", "DaemonSet",
	     "{'spec': {'template': {'spec': {'initContainers': [{}]}}}}",
	     "mutated: {'spec':{'template':{'spec':{'initContainers':[{'securityContext':{"
	     "'capabilities':{'drop':['A']}}}]}}}}"},
	    {"{'required_drop_capabilities': ['A']}", "Pod",
	     POD("{'securityContext': {'capabilities': {'drop': ['A']}}}"), "allowed"},
	    /* not understood, so not let in */
	    {"{'allowed_capabilities': ['*']}", "Pod", POD(ADD("1")),
	     "denied: Error deserializing Pod specification: the object is malformed"},
	    {"{'allowed_capabilities': ['*']}", "Pod",
	     POD("{'securityContext': {'capabilities': {'drop': 'ALL'}}}"),
	     "denied: Error deserializing Pod specification: the object is malformed"},
	    {"{'allowed_capabilities': ['*']}", "Service", "{}",
	     "denied: Error deserializing Pod specification: the object is of no kind that has "
	     "one"},
	    {"{'allowed_capabilities': ['*']}", "Pod", NULL,
	     "denied: Error deserializing Pod specification: the object is malformed"},
	};

	(void)state;
	ASK("capabilities-psp", cases);
}

#define ESCALATES "{'securityContext': {'allowPrivilegeEscalation': true}}"
#define STAYS "{'securityContext': {'allowPrivilegeEscalation': false}}"

static void allow_privilege_escalation_psp(void **state)
{
	static const struct asked cases[] = {
	    {"{}", "Pod", POD(ESCALATES),
	     "denied: one of the containers has privilege escalation enabled"},
	    {"{'allowPrivilegeEscalation': false}", "Pod",
	     "{'spec': {'initContainers': [" ESCALATES "]}}",
	     "denied: one of the init containers has privilege escalation enabled"},
	    {"{}", "Pod",
	     "{'spec': {'containers': [{}, " ESCALATES "], 'initContainers': [" ESCALATES "]}}",
	     "denied: one of the init containers has privilege escalation enabled, one of the "
	     "containers has privilege escalation enabled"},
	    {"{}", "Pod", POD("{}, " STAYS), "allowed"},
	    {"{}", "Pod", "{}", "allowed"},
	    {"{'default_allow_privilege_escalation': false}", "Pod", POD(STAYS), "allowed"},
	    {"{'default_allow_privilege_escalation': false}", "Pod",
	     "{'spec': {'containers': [{'name': 'a'}, {'securityContext': null}], "
	     "'initContainers': [{'securityContext': {'runAsUser': 1}}]}}",
	     "mutated: {'spec':{'containers':[{'name':'a','securityContext':{"
	     "'allowPrivilegeEscalation':false}},{'securityContext':{'allowPrivilegeEscalation':"
	     "false}}],'initContainers':[{'securityContext':{'runAsUser':1,"
	     "'allowPrivilegeEscalation':false}}]}}"},
	    {"{'default_allow_privilege_escalation': false}", "Pod", POD(ESCALATES),
	     "denied: one of the containers has privilege escalation enabled"},
	    {"{}", "Pod", POD("{'securityContext': {'allowPrivilegeEscalation': 1}}"), CANNOT},
	    {"{}", "Pod", NULL, CANNOT},
	    {"{}", "Service", "{}", CANNOT},
	};

	(void)state;
	ASK("allow-privilege-escalation-psp", cases);
}

static void host_namespaces_psp(void **state)
{
	static const struct asked cases[] = {
	    {"{}", "Pod", "{'spec': {'hostIPC': true, 'hostPID': true}}",
	     "denied: Pod has IPC enabled, but this is not allowed"},
	    {"{'allow_host_ipc': true}", "Pod",
	     "{'spec': {'hostIPC': true, 'hostNetwork': true, 'hostPID': true}}",
	     "denied: Pod has host network enabled, but this is not allowed"},
	    {"{'allow_host_network': true}", "Deployment",
	     "{'spec': {'template': {'spec': {'hostNetwork': true, 'hostPID': true}}}}",
	     "denied: Pod has host PID enabled, but this is not allowed"},
	    {"{'allow_host_pid': true}", "Pod", "{'spec': {'hostPID': true}}", "allowed"},
	    {"{'allow_host_ports': [{'min': 80, 'max': 90}]}", "Pod",
	     POD("{'ports': [{'containerPort': 1}, {'hostPort': 80}, {'hostPort': 90}]}"),
	     "allowed"},
	    {"{'allow_host_ports': [{'min': 80, 'max': 90}, {'min': 99, 'max': 99}]}", "Pod",
	     POD("{'ports': [{'hostPort': 99}, {'hostPort': 91}]}"),
	     "denied: Pod is using unallowed host ports in containers"},
	    {"{}", "Pod",
	     "{'spec': {'containers': [{'ports': [{'hostPort': 1}]}], "
	     "'initContainers': [{'ports': [{'hostPort': 1}]}]}}",
	     "denied: Pod is using unallowed host ports in init containers"},
	    {"{}", "Pod", POD("{'ports': [{'hostPort': '1'}]}"), CANNOT},
	    {"{}", "Pod", POD("{'ports': [1]}"), CANNOT},
	    {"{}", "Pod", POD("{'ports': {}}"), CANNOT},
	    {"{}", "Pod", "{'spec': {'hostPID': 'true'}}", CANNOT},
	    {"{}", "Pod", "{'spec': 1}", CANNOT},
	    {"{}", "Pod", NULL, "allowed"},
	    {"{}", "Service", "{}", "allowed"},
	};

	(void)state;
	ASK("host-namespaces-psp", cases);
}

static void psa_label_enforcer(void **state)
{
	static const struct asked cases[] = {
	    {"{'modes': {'enforce': 'baseline', 'enforce-version': 'latest', 'warn': "
	     "'privileged'}}",
	     "Namespace", "{'metadata': {'name': 'x'}}",
	     "mutated: {'metadata':{'name':'x','labels':{'pod-security.kubernetes.io/enforce':"
	     "'baseline','pod-security.kubernetes.io/enforce-version':'latest',"
	     "'pod-security.kubernetes.io/warn':'privileged'}}}"},
	    {"{'modes': {'audit': 'restricted', 'audit-version': 'v1.25'}}", "Namespace", "{}",
	     "mutated: {'metadata':{'labels':{'pod-security.kubernetes.io/audit':'restricted',"
	     "'pod-security.kubernetes.io/audit-version':'v1.25'}}}"},
	    {"{'modes': {'enforce': 'baseline'}}", "Namespace",
	     "{'metadata': {'labels': {'a': 'b', 'pod-security.kubernetes.io/enforce': "
	     "'privileged'}}}",
	     "mutated: {'metadata':{'labels':{'a':'b','pod-security.kubernetes.io/enforce':"
	     "'baseline'}}}"},
	    {"{'modes': {'enforce': 'baseline'}}", "Namespace",
	     "{'metadata': {'labels': {'pod-security.kubernetes.io/enforce': 'baseline'}}}",
	     "allowed"},
	    {"{'modes': {'enforce': 'baseline'}}", "Namespace", "{'metadata': {'labels': []}}",
	     CANNOT},
	    {"{'modes': {'enforce': 'baseline'}}", "Namespace", NULL, "allowed"},
	    {"{'modes': {'enforce': 'baseline'}}", "Pod", "{}", "allowed"},
	    {"{'modes': {'enforce': 'baseline'}}", "Namespace", "{'kind': 'Pod'}", "allowed"},
	};

	(void)state;
	ASK("psa-label-enforcer", cases);
}

static void disallow_services(void **state)
{
	static const struct asked balancers[] = {
	    {"{}", "Service", "{'spec': {'type': 'LoadBalancer'}}",
	     "denied: Service of type LoadBalancer are not allowed"},
	    {"{}", "Service", "{'spec': {'type': 'NodePort'}}", "allowed"},
	    {"{}", "Service", "{}", "allowed"},
	    {"{}", "Service", NULL, "allowed"},
	    {"{}", "Service", "{'spec': {'type': 1}}", "denied 400: spec.type is not a string"},
	    {"{}", "Service", "{'spec': 1}", "denied 400: spec is not a mapping"},
	    {"{}", NULL, "{}",
	     "denied 500: internal server error: Gatekeeper does not support raw validation "
	     "requests"},
	};
	static const struct asked ports[] = {
	    {"{'any': 1}", "Service", "{'spec': {'type': 'NodePort'}}",
	     "denied: Service of type NodePort are not allowed"},
	    {"{}", "Service", "{'spec': {'type': 'LoadBalancer'}}", "allowed"},
	    {"{}", NULL, "{'object': {'spec': {'type': 'NodePort'}}}",
	     "denied: Service of type NodePort are not allowed"},
	};

	(void)state;
	ASK("disallow-service-loadbalancer", balancers);
	ASK("disallow-service-nodeport", ports);
}

#define VALID "{'validUsers': ['wanda'], 'validActions': ['eats'], 'validResources': ['hay']}"
#define MUTATES "{'forbiddenResources': ['banana'], 'defaultResource': 'hay'}"

static void raw_policies(void **state)
{
	static const struct asked validations[] = {
	    {VALID, NULL, "{'user': 'wanda', 'action': 'eats', 'resource': 'hay', 'x': 1}",
	     "allowed"},
	    {VALID, NULL, "{'user': 'oscar', 'action': 'eats', 'resource': 'hay'}",
	     "denied: this request is not accepted"},
	    {VALID, NULL, "{'user': 'wanda', 'action': 'likes', 'resource': 'hay'}",
	     "denied: this request is not accepted"},
	    {VALID, NULL, "{'user': 'wanda', 'action': 'eats', 'resource': 'banana'}",
	     "denied: this request is not accepted"},
	    {VALID, NULL, "{'user': 'wanda', 'action': 'eats'}",
	     "denied: cannot unmarshal request"},
	    {VALID, NULL, "[]", "denied: cannot unmarshal request"},
	    {VALID, "Pod", "{}", "denied: cannot unmarshal request"},
	};
	static const struct asked mutations[] = {
	    {MUTATES, NULL, "{'user': 'wanda', 'resource': 'banana'}",
	     "mutated: {'user':'wanda','resource':'hay'}"},
	    {MUTATES, NULL, "{'resource': 'hay'}", "allowed"},
	    {MUTATES, NULL, "{}", "allowed"},
	    {"{'defaultResource': 'hay'}", NULL, "{'resource': 'banana'}", "allowed"},
	    {MUTATES, NULL, "{'uid': '1', 'resource': 'banana'}",
	     "denied 400: json: unknown field \"uid\""},
	    {MUTATES, NULL, "{'user': 1}",
	     "denied 400: json: cannot unmarshal request.user into a string"},
	    {MUTATES, NULL, "'banana'", "denied 400: json: cannot unmarshal the request"},
	    {MUTATES, "Pod", "{}", "denied 400: json: cannot unmarshal the request"},
	};

	(void)state;
	ASK("raw-validation", validations);
	ASK("raw-mutation", mutations);
}

#define NAP(ms) "{'metadata': {'annotations': {'kubewarden.sleep_duration_milliseconds': " ms "}}}"

static void sleeping(void **state)
{
	static const struct asked cases[] = {
	    {"{'sleepMilliseconds': 1}", "Pod", "{}", "allowed"},
	    {"{'sleepMilliseconds': 1}", "Pod", NULL, "allowed"},
	    {"{'sleepMilliseconds': 100000}", "Pod", NAP("'100'"), "allowed"},
	    {"{'sleepMilliseconds': 1}", "Pod", NAP("'-1'"),
	     "denied 500: internal server error: the annotation is no time"},
	    {"{'sleepMilliseconds': 100000}", "Pod", NAP("100"), "allowed"},
	    {"{'sleepMilliseconds': 100000}", "Pod", NAP("-1"), "allowed"},
	    {"{'sleepMilliseconds': 1}", "Pod", NAP("null"), "allowed"},
	    {"{'sleepMilliseconds': 1}", "Pod", "{'metadata': []}", "allowed"},
	    {"{'sleepMilliseconds': 1}", "Pod", NAP("'1s'"),
	     "denied 500: internal server error: the annotation is no time"},
	    {"{'sleepMilliseconds': 1}", "Pod", NAP("'99999999999999999999'"),
	     "denied 500: internal server error: the annotation is no time"},
	};

	(void)state;
	ASK("sleeping", cases);
}

static void a_sleeper_wakes_when_nobody_waits_any_more(void **state)
{
	atomic_bool stop = true;
	uint64_t ms = 3600000;
	json_t *object = json_object();
	struct kw_review review = review_of("Pod", (struct admwh_value){0}, object);
	struct kw_verdict verdict = {0};

	(void)state;
	review.stop = &stop;
	assert_int_equal(kw_sleeping.evaluate(&ms, &review, &verdict), 0);
	review.stop = NULL;
	review.until_ms = kw_now_ms() + 1;
	assert_int_equal(kw_sleeping.evaluate(&ms, &review, &verdict), 0);
	json_decref(object);
}

static void finds_policies_by_their_modules(void **state)
{
	static const struct {
		const char *module;
		const struct kw_policy_type *type;
	} cases[] = {
	    {"builtin://pod-privileged", &kw_pod_privileged},
	    {"registry://ghcr.io/kubewarden/policies/pod-privileged:v1.0.10", &kw_pod_privileged},
	    {"registry://localhost:5000/tests/trusted-repos-policy@sha256:00", &kw_trusted_repos},
	    {"https://example.com/safe-labels-policy.wasm", &kw_safe_labels},
	    {"file:///policies/sleeping.wasm", &kw_sleeping},
	    {"raw-mutation", &kw_raw_mutation},
	    {"pod-privileged-policy", &kw_pod_privileged},
	    {"registry://ghcr.io/kubewarden/policies/pod-privilege", NULL},
	    {"pod-privileged2", NULL},
	    {"-policy", NULL},
	    {"pod-privileged/", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_ptr_equal(kw_policy_find(cases[i].module), cases[i].type);
}

/* U+0000 ends a C string, and no policy's text. */
static void takes_no_part_of_a_text_for_the_whole(void **state)
{
	static const struct asked pods[] = {
	    {"{}", "Pod", "{'metadata': {'annotations': {'a\\u0000': '\\u0000'}}}", "allowed"},
	    {"{}", "Pod", "{'kind': 'Pod\\u0000', 'spec': {'containers': []}}", CANNOT},
	};
	static const struct asked images[] = {
	    {"{'registries': {'allow': ['good.io']}}", "Pod",
	     POD("{'image': 'good.io/a:1\\u0000evil'}"), CANNOT},
	    {"{'registries': {'allow': ['good.io']}}", "Pod", POD("{'image': 'good.io/a:1'}"),
	     "allowed"},
	};
	static const struct asked metadata[] = {
	    {"{'constrained_labels': {'a': '^good$'}}", "Ingress",
	     "{'metadata': {'labels': {'a': 'good\\u0000evil'}}}",
	     "denied: The following labels are violating user constraints: a"},
	    {"{'mandatory_labels': ['a']}", "Ingress",
	     "{'metadata': {'labels': {'a\\u0000': '1'}}}",
	     "denied: The following mandatory labels are missing: a"},
	    {"{'denied_labels': ['a']}", "Ingress", "{'metadata': {'labels': {'a\\u0000': '1'}}}",
	     "allowed"},
	};
	static const struct asked capabilities[] = {
	    {"{'allowed_capabilities': ['CHOWN']}", "Pod",
	     POD("{'securityContext': {'capabilities': {'add': ['CHOWN\\u0000X']}}}"),
	     "denied: Error deserializing Pod specification: the object is malformed"},
	};
	static const struct asked raw[] = {
	    {"{'validUsers': ['u'], 'validActions': ['a'], 'validResources': ['r']}", NULL,
	     "{'user': 'u\\u0000x', 'action': 'a', 'resource': 'r'}",
	     "denied: cannot unmarshal request"},
	};

	(void)state;
	ASK("pod-privileged", pods);
	ASK("trusted-repos", images);
	ASK("safe-labels", metadata);
	ASK("capabilities-psp", capabilities);
	ASK("raw-validation", raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_policies_by_their_modules),
	    cmocka_unit_test(pod_privileged),
	    cmocka_unit_test(trusted_repos_tags_and_registries),
	    cmocka_unit_test(trusted_repos_images),
	    cmocka_unit_test(safe_labels),
	    cmocka_unit_test(safe_annotations),
	    cmocka_unit_test(capabilities_psp),
	    cmocka_unit_test(allow_privilege_escalation_psp),
	    cmocka_unit_test(host_namespaces_psp),
	    cmocka_unit_test(psa_label_enforcer),
	    cmocka_unit_test(disallow_services),
	    cmocka_unit_test(raw_policies),
	    cmocka_unit_test(takes_no_part_of_a_text_for_the_whole),
	    cmocka_unit_test(sleeping),
	    cmocka_unit_test(a_sleeper_wakes_when_nobody_waits_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
