/* SPDX-License-Identifier: MIT */
/*
 * The files of each phase. A phase that was cut off by a crash is written again as a whole: the key
 * of a new CA stays in CA.next.key until the phase that uses it is complete.
 */
#include "renew/renewal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base64.h"
#include "common/certificate.h"
#include "common/files.h"
#include "common/pki.h"
#include "common/print.h"
#include "init/private.h"

static const char server_ca_crt[] = "private/server-ca.crt",
		  server_ca_key[] = "private/server-ca.key";

struct ca {
	char *crt_path, *key_path, *next_path;
	char *bundle, *key, *next_key; /* what is there; NULL: nothing */
};

static char *there(const struct renewal *renewal, const char *path)
{
	bool is_error = false;
	size_t len;

	return output_there(renewal->folder, path, &len, &is_error);
}

/* steals text */
static void put(struct renewal *renewal, const char *path, char *text)
{
	output_add(&renewal->output, path, text, strlen(text), 0600);
}

/* steals path */
static void remove_later(struct renewal *renewal, char *path)
{
	size_t size = (renewal->n_removed + 1) * sizeof(*renewal->removed);

	renewal->removed = memory_grown(renewal->removed, size);
	renewal->removed[renewal->n_removed++] = path;
}

static int missing(const char *path)
{
	complain("%s is not there, or cannot be read", path);
	return -1;
}

static void ca_deinit(struct ca *ca)
{
	free(ca->bundle);
	secret_free(ca->key);
	secret_free(ca->next_key);
	free(ca->crt_path);
	free(ca->key_path);
	free(ca->next_path);
}

/* The CA of a caller; NULL: that of the server. Returns 0, or -1: it has complained. */
static int look(const struct renewal *renewal, const struct caller *caller, struct ca *ca)
{
	ca->crt_path = caller ? caller_ca_path(renewal->installation, caller, "crt")
			      : text_new("%s", server_ca_crt);
	ca->key_path = caller ? caller_ca_path(renewal->installation, caller, "key")
			      : text_new("%s", server_ca_key);
	ca->next_path = caller ? caller_ca_path(renewal->installation, caller, "next.key")
			       : text_new("private/server-ca.next.key");
	ca->bundle = there(renewal, ca->crt_path);
	ca->key = there(renewal, ca->key_path);
	ca->next_key = there(renewal, ca->next_path);
	return ca->bundle ? 0 : missing(ca->crt_path);
}

/* The certificate of a key in a bundle; others: whether those of other keys instead. New; empty
 * where there is none. */
static char *certificates_of(const char *bundle, const char *key, bool others)
{
	char *selected = text_new("%s", "");
	struct certificates all;
	const char *problem = certificates_read(&all, bundle, strlen(bundle));

	for (size_t i = 0; !problem && i < all.n; i++) {
		bool is_of_key = !certificate_key_problem(&all.list[i], key, strlen(key));
		char *one = certificate_pem(bundle, i), *more;

		if (is_of_key != others) {
			more = text_new("%s%s", selected, one);
			free(selected);
			selected = more;
		}
		free(one);
	}
	certificates_deinit(&all);
	return selected;
}

/* Whether a certificate of one PEM text is in the other. */
static bool share(const char *one, const char *other)
{
	bool is_shared = false;
	char *pem;

	for (size_t i = 0; !is_shared && (pem = certificate_pem(one, i)); i++) {
		pem[strlen(pem) - 1] = '\0'; /* the last line of a file may have no end */
		is_shared = strstr(other, pem) != NULL;
		free(pem);
	}
	return is_shared;
}

/* A text with each caBundle that has a CA of these replaced. New; *n: how many there were. */
static char *replace_bundles(const char *text, const char *old, const char *new, size_t *n)
{
	static const char key[] = "caBundle:";
	char *encoded = base64_encoded(new), *made = text_new("%s", ""), *more;
	const char *at;

	*n = 0;
	while ((at = strstr(text, key))) {
		const char *value = at + strlen(key) + strspn(at + strlen(key), " \"'");
		size_t len = strcspn(value, " \"'\r\n");
		size_t size;
		char *is = base64_decoded(value, len, &size);
		bool is_ours = is && (share(is, old) || share(is, new));

		more = is_ours ? text_new("%s%.*s%s", made, (int)(value - text), text, encoded)
			       : text_new("%s%.*s", made, (int)(value + len - text), text);
		*n += is_ours;
		free(made);
		free(is);
		made = more;
		text = value + len;
	}
	more = text_new("%s%s", made, text);
	free(made);
	free(encoded);
	return more;
}

/*
 * caBundle is what server-ca.crt is: replaced where it stands, so that edits by hand stay. By its
 * certificates, since after a crash it may be that of the phase before or of this one.
 */
static int put_ca_bundle(struct renewal *renewal, const char *old, const char *new)
{
	static const char path[] = "base/webhooks.yaml";
	char *text = there(renewal, path), *edited;
	size_t n = 0;

	if (!text)
		return missing(path);
	edited = replace_bundles(text, old, new, &n);
	output_add(&renewal->output, path, edited, strlen(edited), 0644);
	free(text);
	if (n == 0)
		complain("%s: no caBundle has a CA of %s", path, server_ca_crt);
	return n > 0 ? 0 : -1;
}

/* steals bundle */
static int put_bundle(struct renewal *renewal, const struct ca *ca, char *bundle)
{
	bool is_server = renewal->kind == RENEW_SERVER_CA;
	int err = is_server ? put_ca_bundle(renewal, ca->bundle, bundle) : 0;

	put(renewal, ca->crt_path, bundle);
	return err;
}

/* The old CA, and behind it a new one. */
static int overlap(struct renewal *renewal, const struct ca *ca, const char *of)
{
	struct pki_pair made = {0};
	char *old =
	    ca->key ? certificates_of(ca->bundle, ca->key, false) : certificate_pem(ca->bundle, 0);
	int err;

	if (!old || !*old) {
		free(old);
		complain("%s has no certificate of %s", ca->crt_path, ca->key_path);
		return -1;
	}
	err = private_make_ca(renewal->installation, of, (int64_t)time(NULL) - 3600, &made);
	if (err == 0) {
		put(renewal, ca->next_path, text_new("%s", made.key));
		err = put_bundle(renewal, ca, text_new("%s%s", old, made.certificate));
	}
	free(old);
	pki_pair_deinit(&made);
	return err;
}

/* The new CA first, whose key takes its place. issuer: new. */
static int change(struct renewal *renewal, const struct ca *ca, struct pki_pair *issuer)
{
	char *new = ca->next_key ? certificates_of(ca->bundle, ca->next_key, false) : NULL;
	char *old = new ? certificates_of(ca->bundle, ca->next_key, true) : NULL;
	int err = new &&*new ? 0 : missing(ca->next_path);

	if (err == 0) {
		*issuer = (struct pki_pair){text_new("%s", new), text_new("%s", ca->next_key)};
		put(renewal, ca->key_path, text_new("%s", ca->next_key));
		err = put_bundle(renewal, ca, text_new("%s%s", new, old));
		remove_later(renewal, text_new("%s", ca->next_path));
	}
	free(new);
	free(old);
	return err;
}

static int cut(struct renewal *renewal, const struct ca *ca)
{
	char *new = ca->key ? certificates_of(ca->bundle, ca->key, false) : NULL;

	if (!new || !*new) {
		free(new);
		return missing(ca->key_path);
	}
	if (ca->next_key) /* a crash left it */
		remove_later(renewal, text_new("%s", ca->next_path));
	return put_bundle(renewal, ca, new);
}

/* steals both paths */
static int put_leaf(struct renewal *renewal, enum pki_usage usage, const struct pki_names *names,
		    const struct pki_pair *issuer, char *crt_path, char *key_path)
{
	struct pki_pair made = {0};
	int err = private_make_leaf(renewal->installation, usage, names, issuer,
				    (int64_t)time(NULL) - 3600, &made);

	if (err == 0) {
		put(renewal, key_path, text_new("%s", made.key));
		put(renewal, crt_path, text_new("%s", made.certificate));
	}
	pki_pair_deinit(&made);
	free(crt_path);
	free(key_path);
	return err;
}

static int put_server(struct renewal *renewal, const struct pki_pair *issuer)
{
	char **dns = server_dns_names(renewal->installation);
	char **ip = server_ip_names(renewal->installation);
	struct pki_names names;
	int err;

	private_server_names(renewal->installation, dns, ip, &names);
	err = put_leaf(renewal, PKI_SERVER, &names, issuer, text_new("private/server.crt"),
		       text_new("private/server.key"));
	names_free(dns);
	names_free(ip);
	return err;
}

static int put_pairs(struct renewal *renewal, const struct caller *caller,
		     const struct pki_pair *issuer)
{
	struct pki_names names = {.common_name = caller->common_name};
	size_t i = 0;
	int err;

	do {
		const char *node = caller->nodes ? caller->nodes[i] : NULL;

		err = put_leaf(renewal, PKI_CLIENT, &names, issuer,
			       caller_pair_path(caller, node, "crt"),
			       caller_pair_path(caller, node, "key"));
	} while (err == 0 && caller->nodes && caller->nodes[++i]);
	return err;
}

static int put_leaves(struct renewal *renewal, const struct caller *caller,
		      const struct pki_pair *issuer)
{
	return caller ? put_pairs(renewal, caller, issuer) : put_server(renewal, issuer);
}

/* One phase of a CA, or of what it has issued; caller NULL: the server's. */
static int proceed_ca(struct renewal *renewal, const struct caller *caller)
{
	bool is_ca = renewal->kind == RENEW_SERVER_CA || renewal->kind == RENEW_CLIENT_CA;
	struct pki_pair issuer = {0};
	struct ca ca = {0};
	int err = look(renewal, caller, &ca);

	if (err == 0 && !is_ca) {
		if (ca.key)
			issuer =
			    (struct pki_pair){text_new("%s", ca.bundle), text_new("%s", ca.key)};
		err = ca.key ? put_leaves(renewal, caller, &issuer) : missing(ca.key_path);
	} else if (err == 0 && renewal->phase == 0) {
		err = overlap(renewal, &ca, caller ? caller->name : "server");
	} else if (err == 0 && renewal->phase == 1) {
		err = change(renewal, &ca, &issuer);
		if (err == 0)
			err = put_leaves(renewal, caller, &issuer);
	} else if (err == 0) {
		err = cut(renewal, &ca);
	}
	pki_pair_deinit(&issuer);
	ca_deinit(&ca);
	return err;
}

/* The token in use stays in CALLER.token; what else is accepted is .next or .previous. */
static int proceed_token(struct renewal *renewal, const struct caller *caller)
{
	char *path = caller_token_path(caller), *next_path = text_new("%s.next", path);
	char *previous_path = text_new("%s.previous", path);
	char *token = there(renewal, path), *next = there(renewal, next_path), *made = NULL;
	int err = token ? 0 : missing(path);

	if (err == 0 && renewal->phase == 0) {
		made = private_token_new();
		err = made ? 0 : -1;
		if (made)
			put(renewal, next_path, text_new("%s\n", made));
	} else if (err == 0 && renewal->phase == 1 && next) {
		/* Equal where a crash cut this phase off: .previous is written already. */
		if (strcmp(token, next) != 0)
			put(renewal, previous_path, text_new("%s", token));
		put(renewal, path, text_new("%s", next));
		remove_later(renewal, text_new("%s", next_path));
	} else if (err == 0 && renewal->phase == 1) {
		err = missing(next_path);
	} else if (err == 0) {
		remove_later(renewal, text_new("%s", previous_path));
		remove_later(renewal, text_new("%s", next_path));
	}
	secret_free(made);
	secret_free(token);
	secret_free(next);
	free(path);
	free(next_path);
	free(previous_path);
	return err;
}

static bool is_chosen(const struct renewal *renewal, const struct caller *caller)
{
	return !renewal->caller || strcmp(renewal->caller, caller->name) == 0;
}

static int make_files(struct renewal *renewal)
{
	const struct installation *installation = renewal->installation;
	int err = 0;

	if (renewal->kind == RENEW_SERVER || renewal->kind == RENEW_SERVER_CA)
		return proceed_ca(renewal, NULL);
	for (size_t i = 0; i < installation->n_callers && err == 0; i++) {
		const struct caller *caller = &installation->callers[i];

		if (is_chosen(renewal, caller))
			err = renewal->kind == RENEW_TOKEN ? proceed_token(renewal, caller)
							   : proceed_ca(renewal, caller);
	}
	return err;
}

/* The list for the server, of the tokens that are there now. */
static int write_tokens(const struct renewal *renewal)
{
	struct output output = {0};
	int err = private_tokens(renewal->installation, renewal->folder, &output);

	if (err == 0)
		err = output_write(renewal->folder, &output, OUTPUT_OVERWRITE);
	output_deinit(&output);
	return err;
}

static void remove_file(const struct renewal *renewal, const char *path)
{
	char *name = path_join(renewal->folder, path);

	if (unlink(name) && errno != ENOENT)
		complain("%s: %s", name, strerror(errno));
	free(name);
}

static void remove_all(struct renewal *renewal)
{
	for (size_t i = 0; i < renewal->n_removed; i++) {
		remove_file(renewal, renewal->removed[i]);
		free(renewal->removed[i]);
	}
	renewal->n_removed = 0;
}

/*
 * Files that the next phase does not have are removed after the state, so that this phase can be
 * written again until then; but the old tokens before the list, which is made of those there are.
 */
int renewal_proceed(struct renewal *renewal)
{
	bool is_last = renewal->phase + 1 == renewal_phases(renewal->kind);
	int err = make_files(renewal);

	if (err == 0)
		err = output_write(renewal->folder, &renewal->output, OUTPUT_OVERWRITE);
	if (err == 0 && is_last)
		remove_all(renewal);
	if (err == 0 && renewal->kind == RENEW_TOKEN)
		err = write_tokens(renewal);
	if (err)
		return -1;
	renewal->phase++;
	renewal->since = (int64_t)time(NULL);
	if (is_last)
		remove_file(renewal, RENEWAL_PATH);
	else
		err = renewal_write(renewal);
	if (err == 0)
		remove_all(renewal);
	return err;
}
