/* SPDX-License-Identifier: MIT */
/*
 * The files that decide which callers are allowed, all together: an auth snapshot is
 * made of an allow file, a deny file and a token file, and a caller with a certificate
 * and an Authorization field asks for a route. Two bytes choose the configuration and
 * the caller; the four texts follow, each behind a NUL byte.
 *
 * What must hold: a file is refused with its name in a clean sentence, that of tokens
 * in one that repeats none (they begin with "secret-"); and a caller is admitted by nothing but
 * what stands in the files: its name in the allow file and none of its numbers in a line of the
 * deny file, its token in the token file.
 */
#include <string.h>

#include "auth/admit.h"
#include "base/text.h"
#include "check.h"

enum { TEXTS = 4, TEXT_MAX = 1024 * 1024 };
enum text_name { ALLOW, DENY, TOKENS, AUTHORIZATION };

static const char cn[] = "kube-apiserver", organization[] = "system:masters", serial[] = "a1",
		  fingerprint[] =
		      "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
		  key[] = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
		  issuer_key[] = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
		  other[] = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

/* What the input says. */
struct scene {
	enum admwh_route_auth auth;
	bool per_request, observes, takes_bare, is_exempt, has_bundle, has_tokens;
	bool has_certificate;
	char *texts[TEXTS]; /* NUL-terminated; NULL: behind the end of the input */
	size_t lens[TEXTS];
	struct admwh_config *config;
};

static struct awh_peer *make_peer(bool has_certificate)
{
	static const char *const organizations[] = {organization};
	struct awh_peer *peer = awh_peer_new();

	check(peer != NULL, "no memory");
	if (!has_certificate)
		return peer;
	peer->proof = AWH_PROOF_VERIFIED;
	peer->cn_form = AWH_CN_ONE;
	peer->valid_until = INT64_MAX;
	peer->key = key;
	peer->facts.common_name = cn;
	peer->facts.subject = "CN=kube-apiserver";
	peer->facts.serial = serial;
	peer->facts.fingerprint = fingerprint;
	peer->facts.organizations = organizations;
	peer->facts.n_organizations = 1;
	peer->issuers[0] = (struct awh_cert_ids){.serial = "b1", .fingerprint = other};
	peer->issuers[0].key = issuer_key;
	peer->n_issuers = 1;
	return peer;
}

static void add_source(struct scene *scene, enum awh_source_kind kind, const char *file,
		       enum text_name text)
{
	struct awh_source source = {.kind = kind, .file = awh_strdup(file)};

	awh_buf_init(&source.bytes, TEXT_MAX);
	if (scene->texts[text])
		awh_buf_put(&source.bytes, scene->texts[text], scene->lens[text]);
	check(awh_buf_terminate(&source.bytes) == 0 &&
		  awh_sources_add(&scene->config->sources, &source) == 0,
	      "no memory");
}

static void make_config(struct scene *scene)
{
	struct admwh_config *config = admwh_config_new();

	check(config != NULL, "no memory");
	scene->config = config;
	config->plain = true; /* no TLS: the caller is made by hand */
	config->auth = scene->per_request ? ADMWH_CLIENT_AUTH_REQUEST : ADMWH_CLIENT_AUTH_HANDSHAKE;
	config->observe = scene->observes;
	config->bare_tokens = scene->takes_bare;
	if (scene->is_exempt)
		check(admwh_config_add_exempt_path(config, "/a") == 0, "no memory");
	if (scene->has_bundle) {
		check(admwh_config_bundle(config, "default") != NULL, "no memory");
		add_source(scene, AWH_SOURCE_ALLOW, "allow.txt", ALLOW);
		add_source(scene, AWH_SOURCE_DENY, "deny.txt", DENY);
	}
	if (scene->has_tokens)
		add_source(scene, AWH_SOURCE_TOKENS, "tokens.csv", TOKENS);
}

static void check_fault(const struct awh_fault *fault)
{
	const char *text = fault->error.text;
	const char *name = fault->kind == AWH_SOURCE_ALLOW  ? "allow.txt: "
			   : fault->kind == AWH_SOURCE_DENY ? "deny.txt: "
							    : "tokens.csv: ";

	check(fault->error.code == ADMWH_E_INVAL || fault->error.code == ADMWH_E_LIMIT,
	      "an unexpected code");
	check(strncmp(text, name, strlen(name)) == 0, "another file is named");
	check(awh_text_is_clean(text, strlen(text)), "a message is not clean");
	check(fault->kind != AWH_SOURCE_TOKENS || !strstr(text, "secret-"),
	      "a message repeats a token");
}

/* what the files say, by the simplest reading */

static bool has_line(const struct scene *scene, enum text_name text, const char *kind,
		     const char *value)
{
	const char *at = scene->texts[text];
	char line[128];
	const int len = snprintf(line, sizeof(line), "%s:%s", kind, value);

	while (at && *at) {
		size_t here = strcspn(at, "\n");

		if (here == (size_t)len && memcmp(at, line, here) == 0)
			return true;
		at += here + (at[here] == '\n');
	}
	return false;
}

static bool is_denied(const struct scene *scene)
{
	return has_line(scene, DENY, "serial", serial) || has_line(scene, DENY, "serial", "b1") ||
	       has_line(scene, DENY, "sha256", fingerprint) ||
	       has_line(scene, DENY, "spki-sha256", key) ||
	       has_line(scene, DENY, "spki-sha256", issuer_key);
}

/* A number may be written with colons and in either case. */
static bool holds_number(const char *text, const char *number)
{
	char *plain = text ? strdup(text) : NULL, *end = plain;
	bool holds;

	if (!plain)
		return false;
	for (const char *c = text; *c; c++)
		if (*c != ':')
			*end++ = (char)(*c >= 'A' && *c <= 'F' ? *c + 32 : *c);
	*end = '\0';
	holds = strstr(plain, number) != NULL;
	free(plain);
	return holds;
}

static bool may_by_certificate(const struct scene *scene)
{
	const char *allow = scene->texts[ALLOW] ? scene->texts[ALLOW] : "";

	return scene->has_bundle && scene->has_certificate && !is_denied(scene) &&
	       (strstr(allow, cn) || strstr(allow, organization) ||
		holds_number(allow, fingerprint) || holds_number(allow, key));
}

/* The CSV file doubles a quote of a token. */
static bool may_by_token(const struct scene *scene)
{
	const char *shown = scene->texts[AUTHORIZATION],
		   *space = shown ? strrchr(shown, ' ') : NULL;
	const char *token = space ? space + 1 : shown;

	if (!scene->has_tokens || !token || !*token || (!space && !scene->takes_bare))
		return false;
	return strchr(token, '"') || (scene->texts[TOKENS] && strstr(scene->texts[TOKENS], token));
}

static bool may(const struct scene *scene)
{
	const bool certificate = may_by_certificate(scene), token = may_by_token(scene);

	if (!scene->has_bundle)
		return token;
	if (!scene->has_tokens)
		return certificate;
	switch (scene->auth) {
	case ADMWH_ROUTE_AUTH_CERTIFICATE:
		return certificate;
	case ADMWH_ROUTE_AUTH_TOKEN:
		return token;
	case ADMWH_ROUTE_AUTH_EITHER:
		return certificate || token;
	case ADMWH_ROUTE_AUTH_ALL:
		break;
	}
	return certificate && token;
}

static int allow(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)req, (void)userdata;
	return admwh_response_allow(resp);
}

static void ask(struct scene *scene, const struct awh_admit_facts *facts)
{
	struct admwh_route *route = admwh_route_new_validator(allow, NULL);
	const struct awh_http_head head = {.method = "POST",
					   .target = "/a",
					   .path = "/a",
					   .authorization = scene->texts[AUTHORIZATION]};
	struct awh_standing standing = {0};
	struct awh_admission admission;
	bool admitted;

	check(route != NULL, "no memory");
	route->access.auth = scene->auth;
	awh_admit_connection(&standing, facts, facts->snapshot);
	admitted = awh_admit_request(&standing, &admission, facts, route, &head);
	check(admission.status == 0 || admission.status == 401 || admission.status == 403,
	      "an unexpected status");
	check(admitted == (admission.status == 0) || (admitted && scene->observes),
	      "admitted with a refusal, or refused without one");
	check(admission.status != 0 || scene->is_exempt || may(scene), "admitted by nothing");
	check(!admission.bearer || may_by_token(scene), "a holder of no token");
	check(!standing.certified || may_by_certificate(scene), "certified by nothing");
	check(!awh_admit_shows_peer(&standing, facts) || scene->has_certificate,
	      "a peer without a certificate");
	admwh_route_free(route);
}

static void call(struct scene *scene)
{
	struct awh_peer *peer = make_peer(scene->has_certificate);
	struct awh_error error = {0};
	struct awh_fault fault;
	struct awh_snapshot *snapshot =
	    awh_snapshot_new(scene->config, &scene->config->sources, NULL, &fault);
	const struct awh_admit_facts facts = {scene->config, snapshot, peer};

	if (!snapshot)
		check_fault(&fault);
	else if (!scene->has_bundle || scene->per_request || scene->observes)
		ask(scene, &facts);
	else if (awh_snapshot_identify(snapshot, peer, &error) == 0)
		ask(scene, &facts);
	else /* the handshake ends here */
		check(error.code && awh_text_is_clean(error.text, strlen(error.text)),
		      "refused without a clean reason");
	awh_snapshot_unref(snapshot);
	awh_peer_unref(peer);
}

static void split(struct scene *scene, const char *text, size_t len)
{
	for (size_t i = 0; i < TEXTS; i++) {
		size_t here = strnlen(text, len);

		scene->texts[i] = awh_strndup(text, here);
		scene->lens[i] = here;
		check(scene->texts[i] != NULL, "no memory");
		if (here == len)
			return;
		text += here + 1;
		len -= here + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct scene scene;

	if (len < 2)
		return 0;
	scene = (struct scene){
	    .auth = (enum admwh_route_auth)(1 + (bytes[0] & 3)),
	    .per_request = bytes[0] & 4,
	    .observes = bytes[0] & 8,
	    .takes_bare = bytes[0] & 16,
	    .is_exempt = bytes[0] & 32,
	    .has_bundle = !(bytes[1] & 1),
	    .has_tokens = bytes[1] & 3,         /* without a bundle, always */
	    .has_certificate = !(bytes[1] & 5), /* without a bundle none is verified */
	};
	split(&scene, (const char *)bytes + 2, len - 2);
	make_config(&scene);
	call(&scene);
	admwh_config_free(scene.config);
	for (size_t i = 0; i < TEXTS; i++)
		free(scene.texts[i]);
	return 0;
}
