/* SPDX-License-Identifier: MIT */
/* server: the certificate that the API server is shown. */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "verify/checks.h"
#include "verify/inspect.h"

static const char make_server[] = "admwhctl renew FOLDER server makes a new pair";

static const struct certificate *leaf(const struct facts *facts)
{
	return facts->server_chain.n > 0 ? &facts->server_chain.list[0] : NULL;
}

static char *where(const struct facts *facts)
{
	return text_new("%s", facts->server_certificate.where);
}

static void check_files(const struct facts *facts, struct verdict *verdict)
{
	inspect_source(verdict, &facts->server_certificate);
	inspect_source(verdict, &facts->server_key);
	if (facts->server_certificate.bytes && facts->server_problem)
		fault(verdict, where(facts), text_new("%s", facts->server_problem), make_server);
	else if (facts->server_chain.has_key)
		warn(verdict, where(facts),
		     text_new("there is a private key beside the certificate"),
		     "keep the key in a file of its own");
}

static void check_pair(const struct facts *facts, struct verdict *verdict)
{
	if (leaf(facts) && facts->server_key.bytes)
		inspect_pair(verdict, leaf(facts), &facts->server_certificate, &facts->server_key,
			     make_server);
}

static void check_dates(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->server_chain.n; i++)
		inspect_dates(facts, verdict, &facts->server_chain.list[i],
			      facts->server_certificate.where, make_server);
}

static bool is_host_before(const struct facts *facts, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (facts->hooks[k].host && strcmp(facts->hooks[k].host, facts->hooks[i].host) == 0)
			return true;
	return false;
}

static void check_names(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; leaf(facts) && i < facts->n_hooks; i++) {
		const struct hook *hook = &facts->hooks[i];
		char *names;

		if (!hook->host || is_host_before(facts, i))
			continue;
		examine(verdict);
		if (certificate_is_for(leaf(facts), hook->host))
			continue;
		names = certificate_names(leaf(facts));
		fault(verdict, where(facts),
		      text_new("its names are %s; the API server calls %s by %s", names, hook->name,
			       hook->host),
		      "make a pair for this name (admwhctl renew FOLDER server), or correct the "
		      "webhook's clientConfig; the CN does not count");
		free(names);
	}
}

static void check_usage(const struct facts *facts, struct verdict *verdict)
{
	const struct certificate *cert = leaf(facts);

	if (!cert)
		return;
	examine(verdict);
	if (cert->is_ca)
		fault(verdict, where(facts), text_new("it is a CA"),
		      "issue a certificate for the server, and keep the CA's key off the cluster");
	if (cert->has_extended_usage && !cert->for_server)
		fault(verdict, where(facts), text_new("its extended key usage has no serverAuth"),
		      make_server);
	if (cert->has_usage && !(cert->usage & USAGE_DIGITAL_SIGNATURE))
		fault(verdict, where(facts), text_new("its key usage has no digitalSignature"),
		      make_server);
}

static void check_key(const struct facts *facts, struct verdict *verdict)
{
	const struct certificate *cert = leaf(facts);

	if (!cert)
		return;
	examine(verdict);
	if (cert->key == KEY_ED25519 || cert->key == KEY_OTHER)
		fault(verdict, where(facts),
		      text_new("its key is of a kind that the server does not take"),
		      "use P-256, P-384 or RSA of 2048 bits");
	if (cert->key == KEY_RSA && cert->key_size < 2048)
		fault(verdict, where(facts), text_new("its RSA key has %zu bits", cert->key_size),
		      "use P-256, P-384 or RSA of 2048 bits");
	if (cert->is_weak)
		fault(verdict, where(facts), text_new("it is signed with MD5 or SHA-1"),
		      "sign it with SHA-256: the API server refuses this one");
}

static void check_ca(const struct facts *facts, struct verdict *verdict)
{
	const struct folder_file *file = folder_file(&facts->folder, "private/server-ca.crt");
	struct certificates cas;
	const char *problem;

	if (!file)
		return;
	examine(verdict);
	problem = certificates_read(&cas, file->bytes, file->len);
	if (problem)
		fault(verdict, text_new("%s", file->name), text_new("%s", problem), NULL);
	inspect_cas(facts, verdict, &cas, file->name,
		    "admwhctl renew FOLDER server-ca makes a new CA");
	if (!problem && leaf(facts) && !certificates_end_at(&facts->server_chain, &cas))
		fault(verdict, where(facts), text_new("%s did not issue it", file->name),
		      make_server);
	certificates_deinit(&cas);
}

const struct check server_checks[] = {
    {"server.files", "the server's certificate and key are mounted", check_files},
    {"server.pair", "the server's key belongs to its certificate", check_pair},
    {"server.dates", "the server's certificate is valid", check_dates},
    {"server.names", "it has the names by which the API server calls", check_names},
    {"server.usage", "it is that of a server, and no CA", check_usage},
    {"server.key", "its key and signature are what servers and callers take", check_key},
    {"server.ca", "the server's CA is one, is valid, and issued it", check_ca},
    {0},
};
