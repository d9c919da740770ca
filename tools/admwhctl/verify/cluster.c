/* SPDX-License-Identifier: MIT */
/* cluster: what the API server has, by kubectl, against the folder; and a request that has to reach
 * the server. */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/selector.h"
#include "verify/harmless.h"
#include "verify/live.h"

enum { PODS_MAX = 16, METRICS_MS = 10000 };

static const struct kubectl *kubectl_of(const struct facts *facts)
{
	return &facts->live->options->kubectl;
}

/* What a difference is told by. */
struct comparison {
	struct verdict *verdict;
	const char *what; /* "ValidatingWebhookConfiguration image-policy" */
	size_t n;         /* differences */
};

/* A value on one line, cut. New. */
static char *brief(json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	char *cut = text && strlen(text) > 60 ? text_new("%.57s...", text)
					      : text_new("%s", text ? text : "nothing");

	free(text);
	return cut;
}

static void differ(struct comparison *comparison, const char *path, json_t *wanted, json_t *found)
{
	char *here = brief(wanted), *there = brief(found);

	comparison->n++;
	fault(comparison->verdict, text_new("%s", comparison->what),
	      text_new("%s is %s in the cluster, and %s in the folder", path, there, here),
	      "kubectl apply -k FOLDER, or take the change over into the folder");
	free(here);
	free(there);
}

/* What the folder has must be in the cluster; what the API server adds is no difference. */
static void compare(struct comparison *comparison, const char *path, json_t *wanted, json_t *found)
{
	const char *name;
	json_t *child;
	size_t i;

	if (json_is_null(wanted))
		return;
	if (json_is_object(wanted) && json_is_object(found)) {
		json_object_foreach(wanted, name, child) {
			char *inner = text_new("%s%s%s", path, *path ? "." : "", name);

			compare(comparison, inner, child, json_object_get(found, name));
			free(inner);
		}
	} else if (json_is_array(wanted) && json_is_array(found) &&
		   json_array_size(wanted) == json_array_size(found)) {
		json_array_foreach(wanted, i, child) {
			char *inner = text_new("%s[%zu]", path, i);

			compare(comparison, inner, child, json_array_get(found, i));
			free(inner);
		}
	} else if (!json_equal(wanted, found)) {
		differ(comparison, path, wanted, found);
	}
}

/* metadata.name; NULL: there is none, or kubectl would take it for a flag, such as --kubeconfig. */
static const char *name_of(const struct document *document)
{
	const char *name = text_at(document->value, "metadata/name");

	return name && *name != '-' ? name : NULL;
}

static void compare_configuration(const struct facts *facts, struct verdict *verdict,
				  const struct document *document)
{
	const char *name = name_of(document);
	const char *arguments[] = {"get", document->kind, name, "-o", "json", NULL};
	char *what = text_new("%s %s", document->kind, name ? name : "?");
	struct comparison comparison = {verdict, what, 0};
	char *reason = NULL;
	json_t *found = name ? kubectl_json(kubectl_of(facts), arguments, &reason) : NULL;

	examine(verdict);
	if (found)
		compare(&comparison, "webhooks", at(document->value, "webhooks"),
			at(found, "webhooks"));
	else if (reason && strstr(reason, "NotFound"))
		fault(verdict, text_new("%s", what), text_new("the cluster does not have it"),
		      "kubectl apply -k FOLDER");
	else
		unchecked(verdict, text_new("%s", what),
			  text_new("%s", reason ? reason : "no name"), NULL);
	json_decref(found);
	free(reason);
	free(what);
}

static void check_configurations(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++)
		if (facts->hooks[i].i == 0)
			compare_configuration(facts, verdict, facts->hooks[i].document);
}

static const char *namespace_of(const struct facts *facts)
{
	const char *namespace = text_at(facts->deployment->value, "metadata/namespace");

	return namespace ? namespace : "default";
}

static void check_ready(const struct facts *facts, struct verdict *verdict)
{
	const char *name = facts->deployment ? name_of(facts->deployment) : NULL;
	const char *arguments[] = {"--namespace", NULL, "get",  "deployment",
				   name,          "-o", "json", NULL};
	char *reason = NULL;
	json_t *found;

	if (!name)
		return;
	examine(verdict);
	arguments[1] = namespace_of(facts);
	found = kubectl_json(kubectl_of(facts), arguments, &reason);
	if (!found && strstr(reason, "NotFound"))
		fault(verdict, text_new("deployment/%s", name),
		      text_new("the cluster does not have it"), "kubectl apply -k FOLDER");
	else if (!found)
		unchecked(verdict, text_new("deployment/%s", name), text_new("%s", reason), NULL);
	else if (json_integer_value(at(found, "status/availableReplicas")) <
		 json_integer_value(at(found, "spec/replicas")))
		fault(verdict, text_new("deployment/%s", name),
		      text_new("%lld of %lld replicas are available",
			       json_integer_value(at(found, "status/availableReplicas")),
			       json_integer_value(at(found, "spec/replicas"))),
		      "kubectl describe, and the log of the Pods, tell why");
	json_decref(found);
	free(reason);
}

/* The sum of admwh_requests_total of a route. */
static double count(const char *metrics, const char *path)
{
	char *label = text_new("route=\"%s\"", path);
	double sum = 0;

	for (const char *line = metrics; line && *line;) {
		size_t len = strcspn(line, "\n");
		const char *end = memchr(line, '}', len);

		if (strncmp(line, "admwh_requests_total{", 21) == 0 && end &&
		    memmem(line, (size_t)(end - line), label, strlen(label)))
			sum += strtod(end + 1, NULL);
		line += len + (line[len] != '\0');
	}
	free(label);
	return sum;
}

/* Names of the server's Pods, a new array; NULL: kubectl cannot tell. */
static json_t *list_pods(const struct facts *facts)
{
	json_t *labels = at(facts->deployment->value, "spec/selector/matchLabels");
	const char *arguments[] = {
	    "--namespace", namespace_of(facts), "get", "pods", NULL, "-o", "json", NULL};
	char *selector = text_new("--selector=");
	char *reason = NULL;
	const char *key;
	json_t *value, *pods;

	json_object_foreach(labels, key, value) {
		char *longer = text_new("%s%s%s=%s", selector, strchr(selector, '=')[1] ? "," : "",
					key, json_string_value(value));

		free(selector);
		selector = longer;
	}
	arguments[4] = selector;
	pods = kubectl_json(kubectl_of(facts), arguments, &reason);
	free(selector);
	free(reason);
	return pods;
}

/* By the kubelet, which no network policy keeps out. NULL: they are not to be had. New. */
static char *pod_metrics(const struct facts *facts, const char *pod)
{
	struct kubectl_forward forward = {.fd = -1};
	char *target = text_new("pod/%s", pod);
	char *reason = NULL;
	char *address = kubectl_forward(kubectl_of(facts), namespace_of(facts), target,
					server_port(facts, "health-listen", 0), &forward, &reason);
	char *text = address ? http_get(address, "/metrics", METRICS_MS) : NULL;

	kubectl_forward_end(&forward);
	free(address);
	free(reason);
	free(target);
	return text;
}

/* How many reviews of a route all Pods have had; negative: their metrics are not to be had. */
static double count_reviews(const struct facts *facts, const char *path)
{
	const char *health = facts->live->options->health_address;
	json_t *pods, *pod;
	double sum = 0;
	size_t i;

	if (health || !facts->deployment) {
		char *text = health ? http_get(health, "/metrics", METRICS_MS) : NULL;

		sum = text ? count(text, path) : -1;
		free(text);
		return sum;
	}
	pods = list_pods(facts);
	sum = json_array_size(at(pods, "items")) > 0 ? 0 : -1;
	json_array_foreach(at(pods, "items"), i, pod) {
		char *text = i < PODS_MAX && sum >= 0
				 ? pod_metrics(facts, text_at(pod, "metadata/name"))
				 : NULL;

		sum = text ? sum + count(text, path) : -1;
		free(text);
	}
	json_decref(pods);
	return sum;
}

/* A namespace that the webhook is called for, "default" if it may be. New; NULL: there is none. */
static char *find_namespace(const struct facts *facts, const struct hook *hook)
{
	static const char *const arguments[] = {"get", "namespaces", "-o", "json", NULL};
	char *reason = NULL;
	json_t *all = kubectl_json(kubectl_of(facts), arguments, &reason);
	json_t *namespace;
	char *found = NULL;
	size_t i;

	json_array_foreach(at(all, "items"), i, namespace) {
		const char *name = text_at(namespace, "metadata/name");

		if (!name || strncmp(name, "kube-", 5) == 0 ||
		    !selector_matches(at(hook->value, "namespaceSelector"),
				      at(namespace, "metadata/labels")))
			continue;
		if (found && strcmp(name, "default") != 0)
			continue;
		free(found);
		found = text_new("%s", name);
	}
	json_decref(all);
	free(reason);
	return found;
}

static void create(const struct facts *facts, json_t *object, struct kubectl_answer *answer)
{
	static const char *const arguments[] = {"create", "--dry-run=server", "-f", "-", NULL};
	char *text = json_dumps(object, 0);

	kubectl_run(kubectl_of(facts), arguments, text, answer);
	free(text);
}

static void inspect_creation(struct verdict *verdict, const struct hook *hook,
			     const struct kubectl_answer *answer, double before, double after)
{
	char *denied = text_new("admission webhook \"%s\" denied", hook->name);
	char *failed = text_new("failed calling webhook \"%s\"", hook->name);
	int len = (int)strcspn(answer->err, "\n");

	examine(verdict);
	if (strstr(answer->err, failed))
		fault(verdict, text_new("%s", hook->name), text_new("%.*s", len, answer->err),
		      "the API server does not get through: look at its own log, and at the flag "
		      "and files of the control plane");
	else if (strstr(answer->err, denied) || (before >= 0 && after > before))
		detail(verdict,
		       text_new("%s", strstr(answer->err, denied) ? "it denied the object"
								  : "its reviews were counted"));
	else if (answer->exit_status != 0)
		unchecked(verdict, text_new("%s", hook->name), text_new("%.*s", len, answer->err),
			  NULL);
	else if (before < 0 || after < 0 || at(hook->value, "matchConditions"))
		unchecked(verdict, text_new("%s", hook->name),
			  text_new("the object is admitted, and nothing tells whether by a review"),
			  "give --health-address, where /metrics counts reviews");
	else
		fault(verdict, text_new("%s", hook->name),
		      text_new("the object is admitted, and the server had no review of it"),
		      "compare the configurations above; a new one counts after a second");
	free(denied);
	free(failed);
}

static void reach(const struct facts *facts, struct verdict *verdict, const struct hook *hook)
{
	bool is_cluster_wide = harmless_is_cluster_wide(hook);
	char *namespace = is_cluster_wide ? NULL : find_namespace(facts, hook);
	json_t *object = harmless_object(hook, namespace);
	struct kubectl_answer answer;
	double before;

	if (!object || (!is_cluster_wide && !namespace)) {
		unchecked(verdict, text_new("%s", hook->name),
			  object ? text_new("it is called for no namespace that there is")
				 : text_new("no object is known whose creation it is called for"),
			  NULL);
	} else {
		before = count_reviews(facts, hook->path);
		create(facts, object, &answer);
		inspect_creation(verdict, hook, &answer, before, count_reviews(facts, hook->path));
		kubectl_answer_deinit(&answer);
	}
	json_decref(object);
	free(namespace);
}

static void check_reached(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->n_hooks; i++)
		if (facts->hooks[i].host)
			reach(facts, verdict, &facts->hooks[i]);
}

const struct check cluster_checks[] = {
    {"cluster.configurations", "the webhook configurations are those of the folder",
     check_configurations},
    {"cluster.ready", "all replicas of the Deployment are available", check_ready},
    {"cluster.reached", "a request of a user reaches the server (dry run)", check_reached},
    {0},
};
