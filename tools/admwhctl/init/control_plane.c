/* SPDX-License-Identifier: MIT */
/* control-plane/: what the nodes of the control plane are given. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/diff.h"
#include "common/files.h"
#include "common/print.h"
#include "common/values.h"
#include "init/admission.h"
#include "init/init.h"
#include "init/template.h"

/* At the head of each, where a file was merged into. */
static const char instead_text[] = "# The flag is there already, for the file that admission.yaml "
				   "was merged from: change its value.\n"
				   "# kube-apiserver takes one file.\n";

static const char kubeadm_patch[] =
    "${instead}\n"
    "# For kubeadm init --config, beside what your ClusterConfiguration says already. In a "
    "cluster\n"
    "# that is there: put it into ConfigMap kubeadm-config of kube-system, so that upgrades keep "
    "it,\n"
    "# and on each node of the control plane run\n"
    "#   kubeadm init phase control-plane apiserver --config FILE\n"
    "# In kind the folder comes into the node by extraMounts of the cluster's configuration.\n"
    "apiVersion: kubeadm.k8s.io/v1beta4\n"
    "kind: ClusterConfiguration\n"
    "apiServer:\n"
    "  extraArgs:\n"
    "  - name: admission-control-config-file\n"
    "    value: ${admission}\n"
    "  extraVolumes:\n"
    "  - name: admission\n"
    "    hostPath: ${folder}\n"
    "    mountPath: ${folder}\n"
    "    readOnly: true\n"
    "    pathType: Directory # one that is not there must not be made, empty\n";

static const char kubeadm_json_patch[] =
    "${instead}\n"
    "# The same for one node, as a patch of its static Pod:\n"
    "#   kubeadm upgrade node --patches FOLDER\n"
    "# with this file in FOLDER, under its name; init, join and upgrade apply know the flag, too.\n"
    "- op: add\n"
    "  path: /spec/containers/0/command/-\n"
    "  value: ${flag}\n"
    "- op: add\n"
    "  path: /spec/containers/0/volumeMounts/-\n"
    "  value:\n"
    "    name: admission\n"
    "    mountPath: ${folder}\n"
    "    readOnly: true\n"
    "- op: add\n"
    "  path: /spec/volumes/-\n"
    "  value:\n"
    "    name: admission\n"
    "    hostPath:\n"
    "      path: ${folder}\n"
    "      type: Directory # one that is not there must not be made, empty\n";

static const char k3s_config[] = "${instead}\n"
				 "# /etc/rancher/k3s/config.yaml.d/${name}.yaml on each server, "
				 "which is then restarted. \"+\" adds\n"
				 "# to what other files say. Files after it by name need the "
				 "\"+\", too, and an argument of k3s' own\n"
				 "# command line replaces those of all files.\n"
				 "kube-apiserver-arg+:\n"
				 "- ${argument}\n";

static const char rke2_config[] = "${instead}\n"
				  "# /etc/rancher/rke2/config.yaml.d/${name}.yaml on each server, "
				  "which is then restarted. \"+\" adds\n"
				  "# to what other files say. Files after it by name need the "
				  "\"+\", too. RKE2 then leaves out its own\n"
				  "# rke2-pss.yaml: what that says is merged into admission.yaml.\n"
				  "kube-apiserver-arg+:\n"
				  "- ${argument}\n"
				  "kube-apiserver-extra-mount+:\n"
				  "- ${mount}\n";

static const char generic_flags[] = "--${argument}\n";

static const struct {
	enum distribution distribution;
	const char *path, *text;
} files[] = {
    {KUBEADM, "control-plane/kubeadm-patch.yaml", kubeadm_patch},
    {KUBEADM, "control-plane/kube-apiserver+json.yaml", kubeadm_json_patch},
    {K3S, "control-plane/k3s-config.yaml", k3s_config},
    {RKE2, "control-plane/rke2-config.yaml", rke2_config},
    {GENERIC, "control-plane/kube-apiserver-flags.txt", generic_flags},
};

/* Places of all of them. The name is one of Kubernetes, and the folder has no odd letters. */
static void set_places(struct template *places, const struct installation *installation)
{
	const char *folder = installation->nodes_folder;
	char *argument = text_new("admission-control-config-file=%s/admission.yaml", folder);
	char *flag = text_new("--%s", argument);
	char *admission = path_join(folder, "admission.yaml");
	char *mount = text_new("%s:%s:ro", folder, folder);

	template_set(places, "name", text_new("%s", installation->name));
	template_set(places, "instead",
		     text_new("%s", installation->there_admission ? instead_text : ""));
	template_set_scalar(places, "folder", folder);
	template_set_scalar(places, "admission", admission);
	template_set_scalar(places, "argument", argument);
	template_set_scalar(places, "flag", flag);
	template_set_scalar(places, "mount", mount);
	free(argument);
	free(flag);
	free(admission);
	free(mount);
}

static void add_distribution_files(const struct installation *installation, struct output *output)
{
	struct template places = {0};

	set_places(&places, installation);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (files[i].distribution != installation->distribution)
			continue;
		char *text = template_fill(&places, files[i].text);

		output_add(output, files[i].path, text, strlen(text), 0644);
	}
	template_deinit(&places);
}

/* What the API server shows: below `user`. New. */
static json_t *user_of(const struct installation *installation)
{
	static const struct {
		enum authentication by;
		const char *field, *ending;
	} fields[] = {
	    {BY_MTLS, "client-certificate", "crt"},
	    {BY_MTLS, "client-key", "key"},
	    {BY_TOKEN, "tokenFile", "token"},
	};
	json_t *user = json_made(json_object());

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!(installation->authentication & fields[i].by))
			continue;
		char *path = node_file_path(installation, fields[i].ending);

		json_object_set_new(user, fields[i].field, json_made(json_string(path)));
		free(path);
	}
	return user;
}

/* The text of a file that is merged into; *text is NULL where there is none. */
static int read_there(const char *name, char **text)
{
	size_t len;

	*text = name ? file_read(name, &len) : NULL;
	return name && !*text ? -1 : 0;
}

static int merge_admission(const struct installation *installation, const char *there,
			   struct admission *admission)
{
	char *ours = path_join(installation->nodes_folder, "kubeconfig.yaml");
	int err;

	if (!there && installation->distribution == RKE2) {
		complain("spec.controlPlane.admission: RKE2 has an admission configuration, "
			 "/etc/rancher/rke2/rke2-pss.yaml, which the flag would put out of force; "
			 "name a copy of it, to merge into");
		err = -1;
	} else {
		err = admission_merge(installation->there_admission, there, ours, admission);
	}
	if (!err && strcmp(admission->kubeconfig, ours) != 0 && !installation->there_kubeconfig) {
		complain("spec.controlPlane.kubeconfig: %s has webhook plugins with the kubeconfig "
			 "%s; name a copy of it, to merge into",
			 installation->there_admission, admission->kubeconfig);
		err = -1;
	}
	free(ours);
	return err;
}

/* What a merge changes, for those who review it: beside the file, under NAME.diff. */
static void add_diff(struct output *output, const char *path, const char *before, const char *after,
		     mode_t mode)
{
	char *diff = NULL;
	size_t len;
	FILE *to;

	if (!before)
		return;
	to = text_open(&diff, &len);
	diff_print(to, "", before, after);
	text_close(to);
	output_add(output, path, diff, len, mode);
}

static void add_text(struct output *output, const char *path, const char *text, mode_t mode)
{
	char *copy = text_new("%s", text);

	output_add(output, path, copy, strlen(copy), mode);
}

int control_plane_make(const struct installation *installation, const struct material *material,
		       struct output *output)
{
	struct admission admission = {0};
	char *there_admission = NULL, *there_kubeconfig = NULL, *kubeconfig = NULL;
	json_t *user = user_of(installation);
	int err = -1;

	(void)material;
	if (read_there(installation->there_admission, &there_admission) ||
	    read_there(installation->there_kubeconfig, &there_kubeconfig) ||
	    merge_admission(installation, there_admission, &admission))
		goto out;
	kubeconfig = kubeconfig_merge(installation->there_kubeconfig, there_kubeconfig,
				      installation->host, installation->port, user);
	if (!kubeconfig)
		goto out;
	add_text(output, "control-plane/admission.yaml", admission.text, 0644);
	/* Users that were there may have keys and tokens in it. */
	add_text(output, "control-plane/kubeconfig.yaml", kubeconfig,
		 there_kubeconfig ? 0600 : 0644);
	add_diff(output, "control-plane/admission.diff", there_admission, admission.text, 0644);
	add_diff(output, "control-plane/kubeconfig.diff", there_kubeconfig, kubeconfig, 0600);
	add_distribution_files(installation, output);
	err = 0;
out:
	json_decref(user);
	free(there_admission);
	free(there_kubeconfig);
	free(kubeconfig);
	free(admission.text);
	free(admission.kubeconfig);
	return err;
}

char *nodes_kubeconfig(const struct installation *installation)
{
	struct admission admission = {0};
	char *there = NULL;

	if (read_there(installation->there_admission, &there))
		return NULL;
	if (merge_admission(installation, there, &admission)) {
		free(there);
		return NULL;
	}
	free(there);
	free(admission.text);
	return admission.kubeconfig;
}
