/* SPDX-License-Identifier: MIT */
#include "verify/live.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/client.h"
#include "common/connection.h"
#include "common/values.h"
#include "common/files.h"
#include "common/pki.h"
#include "common/print.h"
#include "verify/harmless.h"

enum { ASK_MS = 15000 };

/* What a client shows. */
struct credentials {
	const char *certificate, *key; /* files; NULL: none */
	const char *token;             /* NULL: none */
};

int live_check_address(const char *flag, const char *value)
{
	char host[256], *end = NULL;
	const char *port;
	unsigned long number = 0;

	if (address_split(value, host, sizeof(host), &port) == 0)
		number = strtoul(port, &end, 10);
	if (end && *end == '\0' && number >= 1 && number <= 65535)
		return 0;
	complain("%s: expected HOST:PORT, not \"%s\"", flag, value);
	return -1;
}

/* The first webhook that can be called; NULL: none. */
static const struct hook *first_hook(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_hooks; i++)
		if (facts->hooks[i].host)
			return &facts->hooks[i];
	return NULL;
}

static void ask(const struct facts *facts, const struct hook *hook,
		const struct credentials *credentials, struct client_answer *answer)
{
	/* A URL is asked itself, unless an address is given. */
	const char *address =
	    hook->is_service || facts->live->options->address ? facts->live->address : NULL;
	struct client_target target = {.host = hook->host,
				       .address = address,
				       .port = hook->port,
				       .ca_pem = hook->bundle_pem,
				       .ca_len = hook->bundle_len,
				       .certificate_file = credentials->certificate,
				       .key_file = credentials->key,
				       .token = credentials->token,
				       .timeout_ms = ASK_MS};
	char *body = harmless_review(hook);
	char *path = text_new("%s?timeout=10s", hook->path);

	client_ask(&target, "POST", path, body, strlen(body), answer);
	free(path);
	free(body);
}

/* Nothing is asked where there is no address, and nothing else is said then. */
static const struct hook *begin(const struct facts *facts, struct verdict *verdict)
{
	const struct hook *hook = first_hook(facts);

	if (!hook || !facts->live->address)
		return NULL;
	examine(verdict);
	return hook;
}

static void check_address(const struct facts *facts, struct verdict *verdict)
{
	examine(verdict);
	if (!first_hook(facts))
		unchecked(verdict, NULL, text_new("there is no webhook to call"), NULL);
	else if (!facts->live->address)
		unchecked(verdict, NULL, text_new("%s", facts->live->problem),
			  "give --address HOST:PORT, or see why kubectl port-forward fails");
	else
		detail(verdict, text_new("%s", facts->live->address));
}

static bool is_refused(const struct client_answer *answer)
{
	return answer->outcome == CLIENT_REFUSED ||
	       (answer->outcome == CLIENT_ANSWERED &&
		(answer->status == 401 || answer->status == 403));
}

/* For people: what came. New. */
static char *told(const struct client_answer *answer)
{
	json_t *body =
	    answer->outcome == CLIENT_ANSWERED ? json_loads(answer->body, 0, NULL) : NULL;
	const char *message = text_at(body, "message"); /* of a metav1.Status */
	char *text;

	if (answer->outcome != CLIENT_ANSWERED)
		text = text_new("%s", answer->reason);
	else
		text = text_new("HTTP %d%s%s", answer->status, message ? ": " : "",
				message ? message : "");
	json_decref(body);
	return text;
}

/* A server takes new files within seconds once the kubelet has brought them. */
static void inspect_fingerprint(const struct facts *facts, struct verdict *verdict,
				const struct client_answer *answer)
{
	const struct certificates *chain = &facts->server_chain;
	char expected[SHA256_HEX_BYTES];

	if (chain->n == 0 || !*answer->fingerprint)
		return;
	sha256_hex(chain->list->der.at, chain->list->der.len, expected);
	if (strcmp(expected, answer->fingerprint) != 0)
		warn(
		    verdict, text_new("%s", facts->live->address),
		    text_new("it shows another certificate than %s: it has not reloaded yet, or "
			     "has another Secret",
			     facts->server_certificate.where),
		    "kubectl apply -k FOLDER, and wait two minutes for the kubelet; /configz shows "
		    "the certificate in use");
}

static void check_certificate(const struct facts *facts, struct verdict *verdict)
{
	const struct hook *hook = begin(facts, verdict);
	const struct credentials none = {0};
	struct client_answer answer;

	if (!hook)
		return;
	ask(facts, hook, &none, &answer);
	if (answer.outcome == CLIENT_UNREACHABLE)
		fault(verdict, text_new("%s", facts->live->address), told(&answer),
		      "see whether the Pods are ready, and what they log");
	else if (answer.outcome == CLIENT_UNTRUSTED)
		fault(
		    verdict, text_new("%s", facts->live->address),
		    text_new("its certificate does not hold for %s: %s", hook->host, answer.reason),
		    "deploy the pair that the CA of caBundle issued; the server takes new files by "
		    "itself");
	else
		inspect_fingerprint(facts, verdict, &answer);
	client_answer_deinit(&answer);
}

/* Of a caller, or as the kubeconfig has it; NULL: it shows none. New. */
static char *token_of(const struct facts *facts, const struct caller *caller)
{
	const struct document *kubeconfig = folder_find(&facts->folder, "Config", NULL);
	const struct hook *hook = first_hook(facts);
	json_t *user = kubeconfig && hook ? at(hook_user(kubeconfig, hook), "user") : NULL;
	const struct folder_file *file = NULL;
	char *name;

	if (!facts->tokens.where)
		return NULL;
	if (text_at(user, "token"))
		return text_new("%s", text_at(user, "token"));
	if (facts->installation) {
		name = caller_token_path(caller ? caller : facts->installation->callers);
		file = folder_file(&facts->folder, name);
		free(name);
	}
	return file ? text_new("%.*s", (int)strcspn(file->bytes, "\r\n"), file->bytes) : NULL;
}

static void inspect_answer(struct verdict *verdict, const struct hook *hook, const char *client,
			   const struct client_answer *answer)
{
	json_t *body =
	    answer->outcome == CLIENT_ANSWERED ? json_loads(answer->body, 0, NULL) : NULL;
	char *where = text_new("%s at %s", client, hook->path);

	if (is_refused(answer))
		fault(
		    verdict, where, told(answer),
		    "look at the server's log (identify.refused) and at callers.* above: what runs "
		    "may be older than these files");
	else if (answer->outcome == CLIENT_ANSWERED && answer->status == 404)
		fault(verdict, where, told(answer), "correct the webhook's path, or add the route");
	else if (answer->outcome != CLIENT_ANSWERED || answer->status != 200 ||
		 !at(body, "response/uid"))
		fault(verdict, where, told(answer), "look at the server's log");
	else
		free(where);
	json_decref(body);
}

static void ask_as(const struct facts *facts, struct verdict *verdict, const struct pair *pair)
{
	char *certificate = path_join(facts->folder.path, pair->certificate.where);
	char *key = path_join(facts->folder.path, pair->key.where);
	char *token = token_of(facts, pair->caller);
	const struct credentials credentials = {certificate, key, token};

	for (size_t i = 0; i < facts->n_hooks; i++) {
		struct client_answer answer;

		if (!facts->hooks[i].host)
			continue;
		examine(verdict);
		ask(facts, &facts->hooks[i], &credentials, &answer);
		inspect_answer(verdict, &facts->hooks[i], pair->label, &answer);
		client_answer_deinit(&answer);
	}
	free(certificate);
	free(key);
	free(token);
}

/* Each pair of these callers, on each route. */
static void ask_all(const struct facts *facts, struct verdict *verdict, bool is_apiserver)
{
	for (size_t i = 0; i < facts->n_pairs; i++) {
		const struct pair *pair = &facts->pairs[i];

		if (pair->is_apiserver != is_apiserver || !facts->live->address)
			continue;
		if (pair->certificate.decoded || !pair->certificate.bytes || !pair->key.bytes)
			unchecked(verdict, text_new("%s", pair->label),
				  text_new("its pair is not in files of the folder"), NULL);
		else
			ask_as(facts, verdict, pair);
	}
}

static void check_apiserver(const struct facts *facts, struct verdict *verdict)
{
	struct credentials credentials = {0};
	char *token = token_of(facts, NULL);

	ask_all(facts, verdict, true);
	/* Where tokens alone count there are no pairs. */
	for (size_t i = 0; facts->n_pairs == 0 && token && i < facts->n_hooks; i++) {
		struct client_answer answer;

		if (!facts->hooks[i].host || !facts->live->address)
			continue;
		examine(verdict);
		credentials.token = token;
		ask(facts, &facts->hooks[i], &credentials, &answer);
		inspect_answer(verdict, &facts->hooks[i], "by its token", &answer);
		client_answer_deinit(&answer);
	}
	free(token);
}

static void check_others(const struct facts *facts, struct verdict *verdict)
{
	ask_all(facts, verdict, false);
}

static void expect_refusal(const struct facts *facts, struct verdict *verdict,
			   const struct hook *hook, const struct credentials *credentials,
			   const char *client)
{
	struct client_answer answer;

	ask(facts, hook, credentials, &answer);
	/* Without a route the token is not asked for. */
	if (answer.outcome == CLIENT_ANSWERED && !is_refused(&answer) && answer.status != 404)
		fault(
		    verdict, NULL, text_new("%s is answered: HTTP %d", client, answer.status),
		    "look at the flags of the server as it runs: --client-ca, --client-allow, and "
		    "none that is --insecure");
	else if (!is_refused(&answer))
		unchecked(verdict, NULL, told(&answer), NULL);
	else
		detail(verdict, told(&answer));
	client_answer_deinit(&answer);
}

static void check_without(const struct facts *facts, struct verdict *verdict)
{
	const struct hook *hook = facts->n_bundles > 0 ? begin(facts, verdict) : NULL;
	char *token = token_of(facts, NULL);
	const struct credentials credentials = {.token = token};

	if (hook)
		expect_refusal(facts, verdict, hook, &credentials,
			       "a client without a certificate");
	free(token);
}

/* Ask with a pair that is made for it. */
static void ask_with(const struct facts *facts, struct verdict *verdict, const struct hook *hook,
		     const struct pki_pair *pair, const char *client)
{
	char *certificate = path_join(facts->live->folder, "client.crt");
	char *key = path_join(facts->live->folder, "client.key");
	char *token = token_of(facts, NULL);
	const struct credentials credentials = {certificate, key, token};

	if (file_write(certificate, pair->certificate, strlen(pair->certificate), 0600) == 0 &&
	    file_write(key, pair->key, strlen(pair->key), 0600) == 0)
		expect_refusal(facts, verdict, hook, &credentials, client);
	else
		unchecked(verdict, NULL, text_new("no temporary file can be written"), NULL);
	unlink(certificate);
	unlink(key);
	free(certificate);
	free(key);
	free(token);
}

/* A pair of an hour for this name. issuer NULL: of a CA that is made for it, of the given name. */
static int make_pair(struct pki_pair *pair, const struct facts *facts, const char *common_name,
		     const struct pki_pair *issuer, const char *ca_name)
{
	const struct pki_names names = {.common_name = common_name};
	const struct pki_names ca_names = {.common_name = ca_name};
	int64_t to = facts->now + 3600;
	struct pki_pair ca = {0};
	int err = issuer ? 0 : pki_make(&ca, PKI_CA, &ca_names, NULL, 0, to);

	if (err == 0)
		err = pki_make(pair, PKI_CLIENT, &names, issuer ? issuer : &ca, 0, to);
	pki_pair_deinit(&ca);
	return err;
}

/* The CN that the API server shows, which another CA can write as well. */
static const char *usual_name(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_pairs; i++)
		if (facts->pairs[i].is_apiserver && facts->pairs[i].chain.n > 0)
			return json_string_value(
			    json_array_get(facts->pairs[i].chain.list[0].common_names, 0));
	return NULL;
}

static void check_other_ca(const struct facts *facts, struct verdict *verdict)
{
	const struct hook *hook = facts->n_bundles > 0 ? begin(facts, verdict) : NULL;
	const char *name = usual_name(facts);
	struct pki_pair pair = {0};

	if (!hook)
		return;
	if (!facts->live->folder ||
	    make_pair(&pair, facts, name ? name : "kube-apiserver", NULL, "admwhctl-verify"))
		unchecked(verdict, NULL, text_new("no pair can be made"), NULL);
	else
		ask_with(facts, verdict, hook, &pair, "a certificate of another CA");
	pki_pair_deinit(&pair);
}

/* The CA of a bundle with its key, private/NAME.crt and .key. NULL members: it is not at hand. */
static void find_ca(const struct facts *facts, const struct bundle *bundle, struct pki_pair *ca)
{
	const char *where = bundle->file.where ? bundle->file.where : "";
	size_t len = strlen(where);
	char *name = len > 4 && strcmp(where + len - 4, ".crt") == 0
			 ? text_new("%.*s.key", (int)len - 4, where)
			 : text_new("?");
	const struct folder_file *key = folder_file(&facts->folder, name);

	*ca = (struct pki_pair){0};
	if (key && bundle->file.bytes) {
		ca->certificate = text_new("%s", bundle->file.bytes);
		ca->key = text_new("%s", key->bytes);
	}
	free(name);
}

static void check_other_name(const struct facts *facts, struct verdict *verdict)
{
	const struct hook *hook = facts->n_bundles > 0 ? begin(facts, verdict) : NULL;

	for (size_t i = 0; hook && i < facts->n_bundles; i++) {
		const struct bundle *bundle = &facts->bundles[i];
		struct pki_pair ca, pair = {0};

		if (has_text(bundle->rules, "any"))
			continue;
		find_ca(facts, bundle, &ca);
		if (!ca.key)
			unchecked(
			    verdict, NULL,
			    text_new("the key of the CA of bundle %s is not at hand", bundle->name),
			    "run this where private/ is, to have it tried");
		else if (!facts->live->folder ||
			 make_pair(&pair, facts, "admwhctl-verify", &ca, NULL))
			unchecked(verdict, NULL, text_new("no pair can be made"), NULL);
		else
			ask_with(facts, verdict, hook, &pair,
				 "a certificate of the same CA for another name");
		pki_pair_deinit(&pair);
		pki_pair_deinit(&ca);
	}
}

/* It is in a Secret of the cluster, which more people read than the control plane's files. */
static void check_server_pair(const struct facts *facts, struct verdict *verdict)
{
	const struct folder_file *key =
	    folder_file(&facts->folder, facts->server_key.where ? facts->server_key.where : "");
	const struct hook *hook = key && facts->n_bundles > 0 ? begin(facts, verdict) : NULL;
	struct pki_pair pair;

	if (!hook || !facts->server_certificate.bytes)
		return;
	pair = (struct pki_pair){.certificate = text_new("%s", facts->server_certificate.bytes),
				 .key = text_new("%s", facts->server_key.bytes)};
	ask_with(facts, verdict, hook, &pair, "a client with the server's own pair");
	pki_pair_deinit(&pair);
}

/* With a certificate where the server asks for one, too, so that it is the token that is refused.
 */
static void ask_by_token(const struct facts *facts, struct verdict *verdict, const char *token,
			 const char *client)
{
	const struct hook *hook = facts->tokens.where ? begin(facts, verdict) : NULL;
	const struct pair *pair = facts->n_pairs > 0 ? &facts->pairs[0] : NULL;
	bool has_files = pair && !pair->certificate.decoded && pair->key.bytes;
	char *certificate =
	    has_files ? path_join(facts->folder.path, pair->certificate.where) : NULL;
	char *key = has_files ? path_join(facts->folder.path, pair->key.where) : NULL;
	const struct credentials credentials = {certificate, key, token};

	if (hook)
		expect_refusal(facts, verdict, hook, &credentials, client);
	free(certificate);
	free(key);
}

static void check_no_token(const struct facts *facts, struct verdict *verdict)
{
	ask_by_token(facts, verdict, NULL, "a client without a token");
}

static void check_wrong_token(const struct facts *facts, struct verdict *verdict)
{
	char *token = pki_random_hex(16);

	ask_by_token(facts, verdict, token ? token : "wrong", "a client with another token");
	free(token);
}

const struct check live_checks[] = {
    {"live.address", "the server can be asked", check_address},
    {"live.certificate", "it shows a certificate that the API server trusts", check_certificate},
    {"live.apiserver", "the API server is allowed, on each route", check_apiserver},
    {"live.callers", "the other callers are allowed, on each route", check_others},
    {"live.noCertificate", "a client without a certificate is refused", check_without},
    {"live.otherCa", "a certificate of another CA is refused", check_other_ca},
    {"live.otherName", "a certificate for another name is refused", check_other_name},
    {"live.serverPair", "the server's own pair is no caller's", check_server_pair},
    {"live.noToken", "a client without a token is refused", check_no_token},
    {"live.otherToken", "a client with another token is refused", check_wrong_token},
    {0},
};

/* By kubectl, unless it is given or is that of a URL. */
static void find_address(const struct facts *facts, struct live *live)
{
	const struct live_options *options = live->options;
	const struct hook *hook = first_hook(facts);
	json_t *deployment = facts->deployment ? facts->deployment->value : NULL;
	const char *name = text_at(deployment, "metadata/name");
	const char *namespace = text_at(deployment, "metadata/namespace");
	char *target = text_new("deployment/%s", name ? name : "?");

	if (options->address)
		live->address = text_new("%s", options->address);
	else if (hook && !hook->is_service)
		live->address = text_new("%s port %u", hook->host, hook->port);
	else if (!options->kubectl.program || !name)
		live->problem = text_new(name ? "kubectl is not to be run"
					      : "there is no Deployment to forward a port to");
	else
		live->address = kubectl_forward(
		    &options->kubectl, namespace ? namespace : "default", target,
		    server_port(facts, "listen", 9443), &live->forward, &live->problem);
	free(target);
}

void live_run(struct report *report, struct facts *facts, const struct live_options *options)
{
	struct live live = {.options = options, .forward.fd = -1};

	find_address(facts, &live);
	live.folder = folder_temporary();
	facts->live = &live;
	report_run(report, live_checks, facts);
	if (options->kubectl.program)
		report_run(report, cluster_checks, facts);
	facts->live = NULL;
	kubectl_forward_end(&live.forward);
	if (live.folder)
		rmdir(live.folder);
	free(live.folder);
	free(live.address);
	free(live.problem);
}
