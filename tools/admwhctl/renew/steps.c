/* SPDX-License-Identifier: MIT */
/* What people do between the phases. The waits are those of kubelet and kube-apiserver. */
#include <stdlib.h>
#include <string.h>

#include "init/readme.h"
#include "renew/renewal.h"

static bool has_secret_here(const struct installation *installation)
{
	return installation->image && !installation->existing_secret;
}

/* A Secret has them by other names. */
static const char *server_pair(const struct renewal *renewal)
{
	return renewal->installation->existing_secret
		   ? "tls.crt and tls.key (server.crt, server.key)"
		   : "server.crt and server.key";
}

/* How the server gets files of private/. */
static void say_server(FILE *to, const struct renewal *renewal, const char *files)
{
	const struct installation *it = renewal->installation;

	if (has_secret_here(it))
		fprintf(to, "  kubectl apply -k %s\n", renewal->folder);
	else if (it->existing_secret)
		fprintf(to, "  Put %s of %s/private into the Secret %s.\n", files, renewal->folder,
			it->existing_secret);
	else
		fprintf(to, "  Copy %s of %s/private to the server.\n", files, renewal->folder);
	fprintf(
	    to,
	    "  Wait until each replica has logged handshake.reload with result ok, or /configz of\n"
	    "  its health port shows the new fingerprint%s.\n",
	    it->image ? ": the kubelet needs up to two minutes" : "");
}

static bool is_of_apiserver(const struct renewal *renewal)
{
	return !renewal->caller ||
	       strcmp(renewal->caller, renewal->installation->callers[0].name) == 0;
}

/* How the callers get their new pairs or tokens. */
static void say_callers(FILE *to, const struct renewal *renewal)
{
	const struct installation *it = renewal->installation;
	enum authentication what = renewal->kind == RENEW_TOKEN ? BY_TOKEN : BY_MTLS;

	for (size_t i = 0; i < it->n_callers; i++) {
		const struct caller *caller = &it->callers[i];

		if (renewal->caller && strcmp(renewal->caller, caller->name) != 0)
			continue;
		if (i == 0) {
			fprintf(to, "  In %s, give each host of the control plane its new files:\n",
				renewal->folder);
			readme_credentials(to, it, what, "    ");
		} else {
			fprintf(to, "  Give %s its new files: %s/private/callers/%s.*\n",
				caller->name, renewal->folder, caller->name);
		}
	}
}

static void say_server_ca(FILE *to, const struct renewal *renewal)
{
	if (renewal->phase == 2) {
		say_server(to, renewal, server_pair(renewal));
		return;
	}
	fprintf(to, "  kubectl apply -f %s/base/webhooks.yaml\n", renewal->folder);
	fprintf(to, renewal->phase == 1 ? "  API servers then trust the old CA and the new one.\n"
					: "  API servers then no longer trust the old CA.\n");
}

static void say_client(FILE *to, const struct renewal *renewal)
{
	say_callers(to, renewal);
	if (!is_of_apiserver(renewal))
		return;
	fputs(
	    "  kube-apiserver looks at its files every five minutes, and then opens its\n"
	    "  connections anew: one request for each webhook may fail. Restart no server of the\n"
	    "  webhook in these minutes.\n",
	    to);
}

static void say_client_ca(FILE *to, const struct renewal *renewal)
{
	if (renewal->phase != 2) {
		say_server(to, renewal, "the CA files (*-ca.crt)");
		return;
	}
	say_client(to, renewal);
	fputs("  Wait until admwh_ca_connections of the old CA is 0 on every replica.\n", to);
}

static void say_token(FILE *to, const struct renewal *renewal)
{
	if (renewal->phase != 2) {
		say_server(to, renewal, "tokens.csv");
		return;
	}
	say_callers(to, renewal);
	if (is_of_apiserver(renewal))
		fputs("  kube-apiserver reads its token file again every minute.\n", to);
}

void renewal_print_steps(FILE *to, const struct renewal *renewal)
{
	static void (*const say[])(FILE *, const struct renewal *) = {
	    [RENEW_SERVER_CA] = say_server_ca,
	    [RENEW_CLIENT] = say_client,
	    [RENEW_CLIENT_CA] = say_client_ca,
	    [RENEW_TOKEN] = say_token,
	};
	unsigned int phases = renewal_phases(renewal->kind);

	fprintf(to, "%s: phase %u of %u is written. Now:\n", renewal_kinds[renewal->kind],
		renewal->phase, phases);
	if (renewal->kind == RENEW_SERVER)
		say_server(to, renewal, server_pair(renewal));
	else
		say[renewal->kind](to, renewal);
	if (renewal->phase < phases)
		fprintf(to, "Then, not before %u s have passed:\n  admwhctl renew %s --next\n",
			renewal_wait(renewal->kind, renewal->phase), renewal->folder);
	else
		fputs("That was the last phase.\n", to);
}
