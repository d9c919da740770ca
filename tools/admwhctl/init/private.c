/* SPDX-License-Identifier: MIT */
/*
 * private/: CAs, pairs and tokens. What is there and fits the installation is kept; what is missing
 * is made; a pair of other names is made anew, and init asks for --force before it replaces the old
 * one. A CA is never replaced here: that is a renewal.
 */
#include "init/private.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/certificate.h"
#include "common/files.h"
#include "common/pki.h"
#include "common/print.h"

enum { DAY = 86400, TOKEN_BYTES = 32, CA_MARK_BYTES = 4, MOST_TOKEN_BYTES = 4096 };

static const char server_ca_path[] = "private/server-ca.";
static const char server_path[] = "private/server.";

struct work {
	const struct installation *installation;
	const char *folder;
	struct output *output;
	bool is_error;
};

/* A pair as it is on disk or was just made; either part may be missing. */
struct kept {
	char *crt_path, *key_path;
	struct pki_pair pair;
};

static char *there(struct work *work, const char *path)
{
	size_t len;

	return output_there(work->folder, path, &len, &work->is_error);
}

/* Steals the paths. */
static struct kept look(struct work *work, char *crt_path, char *key_path)
{
	return (struct kept){crt_path, key_path, {there(work, crt_path), there(work, key_path)}};
}

static void kept_deinit(struct kept *kept)
{
	free(kept->crt_path);
	free(kept->key_path);
	pki_pair_deinit(&kept->pair);
}

static void put(struct work *work, const char *path, const char *text)
{
	if (text)
		output_add(work->output, path, text_new("%s", text), strlen(text), 0600);
}

/* The key first: a pair whose key is the newer one is found at the next run, and made anew. */
static void put_pair(struct work *work, const struct kept *kept)
{
	put(work, kept->key_path, kept->pair.key);
	put(work, kept->crt_path, kept->pair.certificate);
}

static int64_t beginning(const struct installation *installation)
{
	return installation->from ? installation->from : (int64_t)time(NULL) - 3600;
}

int private_make_ca(const struct installation *installation, const char *of, int64_t from,
		    struct pki_pair *pair)
{
	char *mark = pki_random_hex(CA_MARK_BYTES);
	/* Each CA has a name of its own, so that none is taken for one of the same name. */
	char *name = mark ? text_new("%.32s %.18s CA %s", installation->name, of, mark) : NULL;
	struct pki_names names = {.common_name = name};
	int err = name ? pki_make(pair, PKI_CA, &names, NULL, from,
				  from + (int64_t)installation->ca_days * DAY)
		       : -1;

	free(mark);
	free(name);
	return err;
}

int private_make_leaf(const struct installation *installation, enum pki_usage usage,
		      const struct pki_names *names, const struct pki_pair *ca, int64_t from,
		      struct pki_pair *pair)
{
	int64_t to = from + (int64_t)installation->days * DAY;
	struct certificates issuer;
	const char *problem = certificates_read(&issuer, ca->certificate, strlen(ca->certificate));

	if (problem) {
		complain("a CA: %s", problem);
		certificates_deinit(&issuer);
		return -1;
	}
	from = from < issuer.list->from ? issuer.list->from : from;
	to = to > issuer.list->to ? issuer.list->to : to;
	certificates_deinit(&issuer);
	if (to <= (int64_t)time(NULL)) {
		complain("a certificate would have ended already: see spec.certificates, and "
			 "admwhctl renew --check");
		return -1;
	}
	return pki_make(pair, usage, names, ca, from, to);
}

static int ensure_ca(struct work *work, struct kept *ca, const char *of)
{
	if (work->is_error)
		return -1;
	if (!ca->pair.certificate && ca->pair.key) {
		complain("%s is missing, but %s is there: restore it, or remove both", ca->crt_path,
			 ca->key_path);
		return -1;
	}
	if (!ca->pair.certificate &&
	    private_make_ca(work->installation, of, beginning(work->installation), &ca->pair))
		return -1;
	put_pair(work, ca);
	return 0;
}

static bool is_of_ca(const struct certificates *chain, const char *ca)
{
	struct certificates cas;
	bool is_issued =
	    !certificates_read(&cas, ca, strlen(ca)) && certificates_end_at(chain, &cas);

	certificates_deinit(&cas);
	return is_issued;
}

/* Why a pair that is there, which may come from elsewhere, does not fit; NULL: it fits. */
static const char *misfit(const struct kept *kept, enum pki_usage usage,
			  const struct pki_names *names, const char *host, const char *ca)
{
	const char *pem = kept->pair.certificate, *key = kept->pair.key, *why = NULL;
	struct certificates chain;

	if (certificates_read(&chain, pem, strlen(pem)))
		why = "cannot be read";
	else if (usage == PKI_SERVER && !certificate_is_for(chain.list, host))
		why = "has not the name of the installation's service or url";
	else if (usage == PKI_CLIENT &&
		 strcmp(certificate_name(chain.list), names->common_name) != 0)
		why = "has another common name than the caller";
	else if (!is_of_ca(&chain, ca))
		why = "is of another CA";
	else if (certificate_key_problem(chain.list, key, strlen(key)))
		why = "is not of the key beside it";
	certificates_deinit(&chain);
	return why;
}

static int make_leaf(struct work *work, struct kept *kept, enum pki_usage usage,
		     const struct pki_names *names, const struct kept *ca)
{
	if (!ca->pair.key) {
		complain("%s is needed to make %s, and is not there", ca->key_path, kept->crt_path);
		return -1;
	}
	pki_pair_deinit(&kept->pair);
	return private_make_leaf(work->installation, usage, names, &ca->pair,
				 beginning(work->installation), &kept->pair);
}

static int ensure_leaf(struct work *work, struct kept *kept, enum pki_usage usage,
		       const struct pki_names *names, const struct kept *ca)
{
	bool is_whole = kept->pair.certificate && kept->pair.key;
	const char *why =
	    is_whole ? misfit(kept, usage, names, work->installation->host, ca->pair.certificate)
		     : NULL;

	if (work->is_error)
		return -1;
	if (!is_whole && (kept->pair.certificate || kept->pair.key)) {
		complain("%s is missing, but %s is there: restore it, or remove both",
			 kept->pair.key ? kept->crt_path : kept->key_path,
			 kept->pair.key ? kept->key_path : kept->crt_path);
		return -1;
	}
	if (why)
		printf("%s %s: a new pair\n", kept->crt_path, why);
	if ((!is_whole || why) && make_leaf(work, kept, usage, names, ca))
		return -1;
	put_pair(work, kept);
	return 0;
}

void private_server_names(const struct installation *installation, char **dns, char **ip,
			  struct pki_names *names)
{
	const char *first = dns[0] ? dns[0] : ip[0];

	/* A common name has at most 64 bytes; clients read the names beside it. */
	names->common_name = strlen(first) <= 64 ? first : installation->name;
	names->dns = (const char *const *)dns;
	names->ip = (const char *const *)ip;
}

static int ensure_server(struct work *work, struct material *material)
{
	struct kept ca =
	    look(work, text_new("%scrt", server_ca_path), text_new("%skey", server_ca_path));
	struct kept pair =
	    look(work, text_new("%scrt", server_path), text_new("%skey", server_path));
	char **dns = server_dns_names(work->installation);
	char **ip = server_ip_names(work->installation);
	struct pki_names names;
	int err = ensure_ca(work, &ca, "server");

	private_server_names(work->installation, dns, ip, &names);
	if (err == 0)
		err = ensure_leaf(work, &pair, PKI_SERVER, &names, &ca);
	if (err == 0)
		material->server_ca = text_new("%s", ca.pair.certificate);
	names_free(dns);
	names_free(ip);
	kept_deinit(&ca);
	kept_deinit(&pair);
	return err;
}

static int ensure_pair(struct work *work, const struct caller *caller, const char *node,
		       const struct kept *ca)
{
	struct kept pair = look(work, caller_pair_path(caller, node, "crt"),
				caller_pair_path(caller, node, "key"));
	struct pki_names names = {.common_name = caller->common_name};
	int err = ensure_leaf(work, &pair, PKI_CLIENT, &names, ca);

	kept_deinit(&pair);
	return err;
}

static int ensure_pairs(struct work *work, const struct caller *caller)
{
	struct kept ca = look(work, caller_ca_path(work->installation, caller, "crt"),
			      caller_ca_path(work->installation, caller, "key"));
	int err = ensure_ca(work, &ca, caller->name);

	if (err == 0 && !caller->nodes)
		err = ensure_pair(work, caller, NULL, &ca);
	for (size_t i = 0; err == 0 && caller->nodes && caller->nodes[i]; i++)
		err = ensure_pair(work, caller, caller->nodes[i], &ca);
	kept_deinit(&ca);
	return err;
}

char *private_token_new(void)
{
	return pki_random_hex(TOKEN_BYTES);
}

/* Its first line is the token; a list of tokens has no room for commas and quotes. */
static bool is_token(const char *text)
{
	size_t len = strcspn(text, "\r\n");

	return len > 0 && len <= MOST_TOKEN_BYTES && strcspn(text, " \t,\"") >= len;
}

/* What a token's file holds; new where there is none. NULL: it has complained. */
static char *token_text(struct work *work, const char *path)
{
	char *text = there(work, path), *token = NULL;

	if (text && !is_token(text)) {
		complain("%s: expected a token without spaces, commas and quotes", path);
		secret_free(text);
		return NULL;
	}
	if (!text && !work->is_error)
		token = private_token_new();
	if (token)
		text = text_new("%s\n", token);
	secret_free(token);
	return text;
}

static void put_token(struct work *work, const struct caller *caller, const char *path,
		      const char *text, FILE *list)
{
	fprintf(list, "%.*s,%s,%s\n", (int)strcspn(text, "\r\n"), text, caller->name, caller->name);
	put(work, path, text);
}

/* Lines of kube-apiserver's --token-auth-file: the token in use, and during a renewal that before
 * it or that after it. */
static int ensure_token(struct work *work, const struct caller *caller, FILE *list)
{
	static const char *const endings[] = {".next", ".previous"};
	char *path = caller_token_path(caller), *text = token_text(work, path);

	if (text)
		put_token(work, caller, path, text, list);
	for (size_t i = 0; text && i < sizeof(endings) / sizeof(*endings); i++) {
		char *other_path = text_new("%s%s", path, endings[i]);
		char *other = there(work, other_path);

		if (other && strcmp(other, text) != 0)
			put_token(work, caller, other_path, other, list);
		secret_free(other);
		free(other_path);
	}
	free(path);
	if (!text || work->is_error) {
		secret_free(text);
		return -1;
	}
	secret_free(text);
	return 0;
}

static int ensure_tokens(struct work *work)
{
	char *text = NULL;
	size_t len = 0;
	FILE *list = text_open(&text, &len);
	int err = 0;

	for (size_t i = 0; i < work->installation->n_callers && err == 0; i++)
		err = ensure_token(work, &work->installation->callers[i], list);
	text_close(list);
	output_add(work->output, "private/tokens.csv", text, len, 0600);
	return err;
}

int private_tokens(const struct installation *installation, const char *folder,
		   struct output *output)
{
	struct work work = {installation, folder, output, false};

	return ensure_tokens(&work);
}

static bool is_made(const struct output *output, const char *path)
{
	for (size_t i = 0; i < output->n_files; i++)
		if (strcmp(output->files[i].path, path) == 0)
			return true;
	return false;
}

static int is_certificate(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".crt") == 0;
}

void private_print_left(const char *folder, const struct output *output)
{
	char *name = path_join(folder, "private/callers");
	struct dirent **entries = NULL;
	int n = scandir(name, &entries, is_certificate, alphasort);

	for (int i = 0; i < n; i++) {
		char *path = path_join("private/callers", entries[i]->d_name);

		if (!is_made(output, path))
			printf("%s is of no caller any more, and allowed until it ends: remove it "
			       "with its key,\n"
			       "  and deny it (--client-deny-file), or renew client-ca\n",
			       path);
		free(path);
		free(entries[i]);
	}
	free(entries);
	free(name);
}

int private_make(const struct installation *installation, const char *folder, struct output *output,
		 struct material *material)
{
	struct work work = {installation, folder, output, false};
	int err = installation->is_server_public ? 0 : ensure_server(&work, material);

	for (size_t i = 0; i < installation->n_callers && err == 0; i++)
		if (installation->authentication & BY_MTLS)
			err = ensure_pairs(&work, &installation->callers[i]);
	if (err == 0 && (installation->authentication & BY_TOKEN))
		err = ensure_tokens(&work);
	return err;
}
