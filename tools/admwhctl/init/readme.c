/* SPDX-License-Identifier: MIT */
/* README.md of FOLDER: the steps in the order in which no request is denied by accident. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "init/init.h"
#include "init/readme.h"

struct readme {
	const struct installation *installation;
	FILE *to;
	char *kubeconfig; /* its path on the nodes */
	unsigned int step;
};

static bool has_server(const struct readme *readme)
{
	return readme->installation->image != NULL;
}

static void say_what(struct readme *readme)
{
	const struct installation *it = readme->installation;

	fprintf(readme->to,
		"# %s\n"
		"\n"
		"The admission webhook `%s` of namespace `%s`, at `%s:%u`.\n"
		"`admwhctl init` has written this folder from `installation.yaml`. After you edit "
		"that file,\n"
		"`admwhctl init --to .` shows what else changes, and `--force` writes it.\n"
		"\n"
		"| | |\n"
		"|---|---|\n"
		"| `private/` | keys, certificates and tokens; keep it out of version control, and "
		"keep a copy in a safe place |\n"
		"| `control-plane/` | for each host that runs kube-apiserver |\n"
		"| `base/`, `kustomization.yaml` | for the cluster |\n",
		it->name, it->name, it->namespace, it->host, it->port);
	if (it->there_admission || it->there_kubeconfig)
		fputs("| `given/` | the files that `control-plane/` was merged into; the `.diff` "
		      "files there show how |\n",
		      readme->to);
}

/* Before any step: what does not fit together is cheapest here. */
static void say_first(struct readme *readme)
{
	const struct installation *it = readme->installation;

	fputs(
	    "\n`admwhctl verify .` checks that all files fit together: run it before each step.\n",
	    readme->to);
	if (!it->there_admission)
		fputs("\nIf the control plane has an AdmissionConfiguration already, name a copy "
		      "of it in\n"
		      "`spec.controlPlane.admission` first: kube-apiserver reads one such file.\n",
		      readme->to);
}

static void begin_step(struct readme *readme, const char *title)
{
	fprintf(readme->to, "\n## %u. %s\n\n", ++readme->step, title);
}

/* One host's; node NULL: all have the same, and the host is the loop's. */
static void say_credentials(FILE *to, const struct installation *it, enum authentication what,
			    const char *node, const char *indent)
{
	const char *caller = it->callers[0].name, *host = node ? node : "$host";
	char *stem = node ? text_new("%s.%s", caller, node) : text_new("%s", caller);

	if (what & BY_MTLS)
		fprintf(to,
			"%star -C private/callers --transform='s/^%s/%s/' -c %s.crt %s.key |\n"
			"%s  ssh %s sudo tar -C %s --no-same-owner -x\n",
			indent, stem, it->name, stem, stem, indent, host, it->nodes_folder);
	if (what & BY_TOKEN)
		fprintf(to,
			"%star -C private/callers --transform='s/^%s/%s/' -c %s.token |\n"
			"%s  ssh %s sudo tar -C %s --no-same-owner -x\n",
			indent, caller, it->name, caller, indent, host, it->nodes_folder);
	free(stem);
}

void readme_credentials(FILE *to, const struct installation *installation, enum authentication what,
			const char *indent)
{
	const struct caller *caller = installation->callers;

	if (!caller->nodes) {
		fprintf(to, "%sfor host in HOST...; do\n", indent);
		say_credentials(to, installation, what, NULL, indent);
		fprintf(to, "%sdone\n", indent);
	}
	for (size_t i = 0; caller->nodes && caller->nodes[i]; i++)
		say_credentials(to, installation, what, caller->nodes[i], indent);
}

static void say_hosts(struct readme *readme)
{
	const struct caller *caller = readme->installation->callers;

	fputs("for host in ", readme->to);
	for (size_t i = 0; caller->nodes && caller->nodes[i]; i++)
		fprintf(readme->to, "%s%s", i > 0 ? " " : "", caller->nodes[i]);
	fputs(caller->nodes ? "; do\n" : "HOST...; do # each host of the control plane\n",
	      readme->to);
}

static void say_copies(struct readme *readme)
{
	const struct installation *it = readme->installation;
	const struct caller *caller = it->callers;
	char *ours = path_join(it->nodes_folder, "kubeconfig.yaml");

	fputs("```sh\n", readme->to);
	say_hosts(readme);
	fprintf(readme->to,
		"ssh $host sudo mkdir -p %s\n"
		"tar -C control-plane -c admission.yaml kubeconfig.yaml |\n"
		"  ssh $host sudo tar -C %s --no-same-owner -x\n",
		it->nodes_folder, it->nodes_folder);
	if (strcmp(readme->kubeconfig, ours) != 0)
		fprintf(readme->to, "ssh $host sudo mv %s %s\n", ours, readme->kubeconfig);
	free(ours);
	if (!caller->nodes)
		say_credentials(readme->to, it, it->authentication, NULL, "");
	fputs("done\n", readme->to);
	for (size_t i = 0; caller->nodes && caller->nodes[i]; i++)
		say_credentials(readme->to, it, it->authentication, caller->nodes[i], "");
	fputs("```\n", readme->to);
}

static const char *const restarts[] = {
    [KUBEADM] =
	"Then give kube-apiserver the flag and the mount: `control-plane/kubeadm-patch.yaml` for a "
	"cluster by\n"
	"its ClusterConfiguration, or `kube-apiserver+json.yaml` for one node. The kubelet "
	"restarts it.\n",
    [K3S] = "Then put `control-plane/k3s-config.yaml` into `/etc/rancher/k3s/config.yaml.d/` of "
	    "each server, and\n"
	    "restart k3s.\n",
    [RKE2] = "Then put `control-plane/rke2-config.yaml` into `/etc/rancher/rke2/config.yaml.d/` "
	     "of each server, and\n"
	     "restart rke2-server.\n",
    [GENERIC] = "Then start kube-apiserver as `control-plane/kube-apiserver-flags.txt` says.\n",
};

static void say_control_plane(struct readme *readme)
{
	begin_step(readme, "The control plane");
	fputs("Do this before you enable the webhook, so that no API server calls it without "
	      "credentials, on one\n"
	      "host after another. kube-apiserver reads these files when it starts, and "
	      "certificates and tokens\n"
	      "again when they change.\n"
	      "\n",
	      readme->to);
	say_copies(readme);
	fprintf(readme->to,
		"\n%s"
		"\n"
		"If kube-apiserver does not start, its log names the file that it cannot read. "
		"Remove the flag to\n"
		"go back.\n",
		restarts[readme->installation->distribution]);
}

static void say_secret(struct readme *readme)
{
	const struct installation *it = readme->installation;

	if (!it->existing_secret)
		return;
	fprintf(readme->to, "The Secret `%s` is not made here: it has `tls.crt` and `tls.key`",
		it->existing_secret);
	for (size_t i = 0; i < it->n_callers && (it->authentication & BY_MTLS); i++) {
		char *key = caller_ca_key(it, &it->callers[i]);

		fprintf(readme->to, ", `%s`", key);
		free(key);
	}
	fprintf(readme->to, "%s, as in `private/`.\n\n",
		it->authentication & BY_TOKEN ? ", `tokens.csv`" : "");
}

static void say_server(struct readme *readme)
{
	const struct installation *it = readme->installation;

	begin_step(readme, "The server");
	say_secret(readme);
	fprintf(readme->to,
		"```sh\n"
		"kubectl apply -k . -l '%s!=%s'\n"
		"kubectl -n %s rollout status deployment/%s\n"
		"```\n"
		"\n"
		"This applies all but the webhook configurations, so that nothing depends on the "
		"server before it\n"
		"is ready.\n",
		WEBHOOKS_LABEL, WEBHOOKS_LABEL_VALUE, it->namespace, it->name);
}

/* One word of a shell: a common name may have quotes. */
static void say_quoted(FILE *to, const char *before, const char *text)
{
	fprintf(to, "'%s", before);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", to);
		fputc(*text, to);
	}
	fputc('\'', to);
}

static void say_outside(struct readme *readme)
{
	const struct installation *it = readme->installation;

	begin_step(readme, "The server");
	fprintf(readme->to, "It runs outside of the cluster, at `%s`. Its flags:\n\n```sh\n%s",
		it->url,
		it->is_server_public ? "--tls-cert FILE --tls-key FILE \\\n"
				     : "--tls-cert server.crt --tls-key server.key \\\n");
	for (size_t i = 0; i < it->n_callers && (it->authentication & BY_MTLS); i++) {
		const struct caller *caller = &it->callers[i];
		char *key = caller_ca_key(it, caller), *rule = text_new("%s=cn:", caller->name);

		fprintf(readme->to, "--client-ca %s=%s --client-allow ", caller->name, key);
		say_quoted(readme->to, rule, caller->common_name);
		fputs(" \\\n", readme->to);
		free(key);
		free(rule);
	}
	fprintf(readme->to,
		"%s--listen :%u\n```\n\nCopy these files from `private/`. Keys of CAs stay in that "
		"folder.\n",
		it->authentication & BY_TOKEN ? "--token-file tokens.csv \\\n" : "",
		it->target_port);
}

/* A Secret for the Pods of a caller. */
static void say_caller_secret(struct readme *readme, const struct caller *caller)
{
	const struct installation *it = readme->installation;

	fprintf(readme->to,
		"\n```sh\n"
		"kubectl -n %s create secret generic %s-%s",
		caller->namespace, it->name, caller->name);
	if (it->authentication & BY_MTLS)
		fprintf(readme->to,
			" \\\n  --from-file=tls.crt=private/callers/%s.crt"
			" --from-file=tls.key=private/callers/%s.key",
			caller->name, caller->name);
	if (it->authentication & BY_TOKEN)
		fprintf(readme->to, " \\\n  --from-file=token=private/callers/%s.token",
			caller->name);
	if (!it->is_server_public)
		fputs(" \\\n  --from-file=ca.crt=private/server-ca.crt", readme->to);
	fputs("\n```\n", readme->to);
}

static void say_other_callers(struct readme *readme)
{
	const struct installation *it = readme->installation;

	if (it->n_callers == 1)
		return;
	begin_step(readme, "Other callers");
	for (size_t i = 1; i < it->n_callers; i++) {
		const struct caller *caller = &it->callers[i];
		bool is_here = caller->namespace && !caller->nodes;

		fprintf(readme->to, "Give `%s` the files `private/callers/%s.*`%s\n", caller->name,
			caller->name, is_here ? ", in its namespace:" : ".");
		if (is_here)
			say_caller_secret(readme, caller);
	}
}

static void say_force(struct readme *readme)
{
	begin_step(readme, "Enable the webhook");
	fputs("```sh\n"
	      "kubectl apply -k .\n"
	      "admwhctl verify . --live\n"
	      "```\n"
	      "\n"
	      "The second command checks that the server answers the API server and refuses other "
	      "clients. To\n"
	      "disable the webhook:\n"
	      "\n"
	      "```sh\n"
	      "kubectl delete -f base/webhooks.yaml\n"
	      "```\n",
	      readme->to);
}

static void say_renewal(struct readme *readme)
{
	fputs(
	    "\n## Later\n"
	    "\n"
	    "`admwhctl renew . --check` lists the certificates and fails when one ends within "
	    "thirty days: run\n"
	    "it daily. `admwhctl renew . server` and so on replace them, and print steps that lose "
	    "no request.\n",
	    readme->to);
}

int readme_make(const struct installation *installation, struct output *output)
{
	char *text = NULL;
	size_t len = 0;
	struct readme readme = {installation, NULL, nodes_kubeconfig(installation), 0};

	if (!readme.kubeconfig)
		return -1;
	readme.to = text_open(&text, &len);
	say_what(&readme);
	say_first(&readme);
	say_control_plane(&readme);
	if (has_server(&readme))
		say_server(&readme);
	else
		say_outside(&readme);
	say_other_callers(&readme);
	say_force(&readme);
	say_renewal(&readme);
	text_close(readme.to);
	free(readme.kubeconfig);
	output_add(output, "README.md", text, len, 0644);
	return 0;
}
