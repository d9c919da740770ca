/* SPDX-License-Identifier: MIT */
/* admwhctl init: a folder with all that an installation needs. */
#include "init/init.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "common/files.h"
#include "common/flags.h"
#include "common/print.h"
#include "init/from_flags.h"
#include "init/private.h"

static const char help[] =
    "Usage: admwhctl init --to FOLDER [INPUT.yaml] [--force] [--dry-run]\n"
    "       admwhctl init --to FOLDER --name NAME --image IMAGE --validate PATH=RESOURCES...\n"
    "\n"
    "Makes everything that a webhook with authenticated callers needs: CAs and pairs, manifests\n"
    "for the cluster, files for the control plane, and a README with the steps in order.\n"
    "\n"
    "A validating webhook for Pods and Deployments, on a cluster of kubeadm:\n"
    "  admwhctl init --to policy --name policy --namespace webhooks \\\n"
    "    --image registry.example.org/policy:1.0 --validate /validate=pods,deployments.apps\n"
    "\n"
    "With a pair for each node of an RKE2 control plane, network policies, and a token besides:\n"
    "  admwhctl init --to policy --name policy --image registry.example.org/policy:1.0 \\\n"
    "    --validate /validate=pods --distribution rke2 --node cp-1 --node cp-2 \\\n"
    "    --cni calico --control-plane 192.168.42.0/24 --authentication both \\\n"
    "    --admission /etc/rancher/rke2/rke2-pss.yaml\n"
    "\n"
    "FOLDER/installation.yaml keeps the input. To change it, edit it and run\n"
    "'admwhctl init --to FOLDER': that shows what would change, and writes it with --force.\n"
    "Existing keys and tokens are kept; 'admwhctl renew' replaces them.\n"
    "\n"
    "  --to FOLDER               where the files go\n"
    "  --force                   overwrite files that would change\n"
    "  --dry-run                 show what would change, write nothing\n"
    "\n"
    "Flags in place of an INPUT.yaml (docs/admwhctl.md lists all of its fields):\n"
    "  --name NAME               of the installation; its Service, Deployment and Secret have it\n"
    "  --namespace NAMESPACE     webhooks by default\n"
    "  --image IMAGE             of the server\n"
    "  --url https://HOST[:PORT] of a server outside of the cluster, which needs no image\n"
    "  --port PORT               of the Service; 443 by default\n"
    "  --validate PATH=RESOURCES validate what is created and updated: RESOURCE or "
    "RESOURCE.GROUP,\n"
    "                            with \",\" between them; may be repeated\n"
    "  --mutate PATH=RESOURCES   likewise, mutate\n"
    "  --distribution NAME       kubeadm (default), k3s, rke2 or generic\n"
    "  --node NODE               a host of the control plane, which gets a pair of its own; may "
    "be\n"
    "                            repeated. Without it, all have the same pair\n"
    "  --caller NAME[@NAMESPACE] another caller than the API server, such as a scanner; may be\n"
    "                            repeated\n"
    "  --authentication HOW      mtls (default), token or both\n"
    "  --cni calico|cilium       network policies for it; may be repeated\n"
    "  --control-plane CIDR      addresses of the control plane's hosts; may be repeated\n"
    "  --admission FILE          the AdmissionConfiguration that is there, to be merged into\n"
    "  --kubeconfig FILE         the kubeconfig of webhooks that is there, likewise\n"
    "  --monitoring              a ServiceMonitor and alert rules of the Prometheus operator\n"
    "\n"
    "Exit status: 0 done; 1 files would change, and nothing was written; 2 an error.\n";

struct arguments {
	const char *folder, *input;
	bool is_forced, is_dry_run;
	struct from_flags flags;
};

enum { TO = 1, FORCE, DRY_RUN, FIRST_OF_FLAGS };

static const struct option options[] = {
    {"to", required_argument, NULL, TO},
    {"force", no_argument, NULL, FORCE},
    {"dry-run", no_argument, NULL, DRY_RUN},
    {"name", required_argument, NULL, FIRST_OF_FLAGS + FLAG_NAME},
    {"namespace", required_argument, NULL, FIRST_OF_FLAGS + FLAG_NAMESPACE},
    {"image", required_argument, NULL, FIRST_OF_FLAGS + FLAG_IMAGE},
    {"url", required_argument, NULL, FIRST_OF_FLAGS + FLAG_URL},
    {"port", required_argument, NULL, FIRST_OF_FLAGS + FLAG_PORT},
    {"validate", required_argument, NULL, FIRST_OF_FLAGS + FLAG_VALIDATE},
    {"mutate", required_argument, NULL, FIRST_OF_FLAGS + FLAG_MUTATE},
    {"distribution", required_argument, NULL, FIRST_OF_FLAGS + FLAG_DISTRIBUTION},
    {"node", required_argument, NULL, FIRST_OF_FLAGS + FLAG_NODE},
    {"caller", required_argument, NULL, FIRST_OF_FLAGS + FLAG_CALLER},
    {"authentication", required_argument, NULL, FIRST_OF_FLAGS + FLAG_AUTHENTICATION},
    {"cni", required_argument, NULL, FIRST_OF_FLAGS + FLAG_CNI},
    {"control-plane", required_argument, NULL, FIRST_OF_FLAGS + FLAG_CONTROL_PLANE},
    {"admission", required_argument, NULL, FIRST_OF_FLAGS + FLAG_ADMISSION},
    {"kubeconfig", required_argument, NULL, FIRST_OF_FLAGS + FLAG_KUBECONFIG},
    {"monitoring", no_argument, NULL, FIRST_OF_FLAGS + FLAG_MONITORING},
    {NULL, 0, NULL, 0},
};

static int take(void *context, int option, const char *value)
{
	struct arguments *arguments = context;

	switch (option) {
	case TO:
		arguments->folder = value;
		return 0;
	case FORCE:
		arguments->is_forced = true;
		return 0;
	case DRY_RUN:
		arguments->is_dry_run = true;
		return 0;
	default:
		return from_flags_take(&arguments->flags, (enum flag)(option - FIRST_OF_FLAGS),
				       value);
	}
}

static int read_arguments(struct arguments *arguments, int argc, char **argv)
{
	if (flags_read(argc, argv, options, take, arguments))
		return -1;
	if (optind < argc)
		arguments->input = argv[optind++];
	if (optind < argc) {
		complain("%s: one INPUT.yaml is enough", argv[optind]);
		return -1;
	}
	if (!arguments->folder) {
		complain("--to FOLDER is required");
		return -1;
	}
	if (arguments->flags.document && !from_flags_has_name(&arguments->flags)) {
		complain("--name NAME is required with other flags of an installation");
		return -1;
	}
	if (arguments->input && arguments->flags.document) {
		complain("%s: flags such as --name stand for an INPUT.yaml: give one of both",
			 arguments->input);
		return -1;
	}
	return 0;
}

/* The text of installation.yaml, and what it says. */
static char *read_input(struct arguments *arguments, struct installation **installation)
{
	char *there = path_join(arguments->folder, "installation.yaml"), *copy;
	const char *name = arguments->input ? arguments->input : there;
	bool is_kept = !arguments->input && !arguments->flags.document;
	size_t len = 0;
	char *text = NULL;

	if (is_kept && access(there, F_OK))
		complain("%s is not there: give an INPUT.yaml, or flags; --help has examples",
			 there);
	else
		text = arguments->flags.document ? from_flags_text(&arguments->flags, &len)
						 : file_read(name, &len);
	if (arguments->flags.document)
		name = ""; /* its lines are of no file that the user has */
	copy = text_new("%s", name);
	if (text)
		*installation = installation_parse(name, text, len,
						   is_kept            ? arguments->folder
						   : arguments->input ? dirname(copy)
								      : ".",
						   is_kept);
	free(copy);
	free(there);
	return text;
}

/* A copy of a file that the installation names, so that FOLDER is whole. */
static int put_given(struct output *output, const char *file, const char *name, mode_t mode)
{
	char *path = text_new("%s/%s.yaml", GIVEN_FOLDER, name);
	size_t len;
	char *bytes = file ? file_read(file, &len) : NULL;

	if (bytes)
		output_add(output, path, bytes, len, mode);
	free(path);
	return file && !bytes ? -1 : 0;
}

int init_make(const struct installation *installation, const char *folder, const char *text,
	      struct output *output)
{
	struct material material = {NULL};
	int err;

	output_addf(output, "installation.yaml", "%s", text);
	output_addf(output, ".gitignore", "/private/\n");
	err = private_make(installation, folder, output, &material);
	if (err == 0)
		err = put_given(output, installation->there_admission, "admission", 0644);
	if (err == 0)
		err = put_given(output, installation->there_kubeconfig, "kubeconfig", 0600);
	if (err == 0)
		err = manifests_make(installation, &material, output);
	if (err == 0)
		err = control_plane_make(installation, &material, output);
	if (err == 0)
		err = readme_make(installation, output);
	free(material.server_ca);
	return err;
}

static int finish(const struct arguments *arguments, const struct output *output, int err)
{
	const char *folder = arguments->folder;

	if (err < 0)
		return EXIT_ERROR;
	printf("%s: %zu new, %zu changed, %zu as before\n", folder, output->n_new,
	       output->n_changed, output->n_same);
	private_print_left(folder, output);
	if (err > 0) {
		complain("nothing was written: files of %s would change; --force overwrites them",
			 folder);
		return EXIT_NO;
	}
	if (!arguments->is_dry_run)
		printf("Next: %s/README.md has the steps in order.\n", folder);
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct installation *installation = NULL;
	struct output output = {0};
	char *text = NULL;
	int err = read_arguments(&arguments, argc, argv), exit_status;

	if (err == 0)
		text = read_input(&arguments, &installation);
	if (err == 0)
		err = installation ? 0 : -1;
	if (err == 0)
		err = init_make(installation, arguments.folder, text, &output);
	if (err == 0)
		err = output_write(arguments.folder, &output,
				   arguments.is_dry_run  ? OUTPUT_SHOW
				   : arguments.is_forced ? OUTPUT_OVERWRITE
							 : OUTPUT_KEEP);
	exit_status = finish(&arguments, &output, err);
	output_deinit(&output);
	installation_free(installation);
	from_flags_deinit(&arguments.flags);
	free(text);
	return exit_status;
}

const struct command init_command = {
    "init", "make an installation: certificates, manifests, files of the control plane", help, run};
