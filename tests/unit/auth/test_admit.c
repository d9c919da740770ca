/* SPDX-License-Identifier: MIT */
/*
 * Verdicts on connections and requests: what is configured, what the route asks, what the caller
 * shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../temp_folder.h"
#include "../good_server.h"
#include "auth/admit.h"
#include "base/clock.h"
#include "config/check.h"
#include "tls/context.h"
#include "../wrapped_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ALICE "Bearer s3cret-alice"
#define BOB "Bearer s3cret-bob"
#define UNKNOWN "Bearer s3cret-nobody"

static bool has_no_memory;

static bool alloc_fails(void)
{
	return has_no_memory;
}

/* What is configured. The last three are what a reload may bring. */
enum {
	CERTIFICATES = 1, /* bundles "default" and "scanner" */
	TOKENS = 2,
	PER_REQUEST = 4, /* else the handshake refuses certificates */
	OBSERVE = 8,
	INSECURE = 16,
	BARE = 32,     /* tokens without a scheme */
	DENIES = 64,   /* the deny list has the API server's serial number */
	RENAMES = 128, /* the API server is to have another CN */
	MOVES = 256,   /* "default" has another CA */
	WORLDS = 512,
};

static struct world {
	struct admwh_config *config;
	struct awh_snapshot *snapshot;
} worlds[WORLDS];

static void add_bundles(struct admwh_config *config, unsigned int what)
{
	struct admwh_bundle *bundle = admwh_config_bundle(config, "default");
	struct admwh_bundle *scanner = admwh_config_bundle(config, "scanner");

	put_pki("ca.crt", what & MOVES ? "ca/rogue.crt" : "ca/good.crt");
	put_pki("scanner.crt", "ca/scanner.crt");
	put_text("deny", what & DENIES ? "serial:bad\nserial:a1\n" : "serial:bad\n");
	assert_int_equal(admwh_bundle_add_ca_file(bundle, in_folder("ca.crt")), 0);
	assert_int_equal(
	    admwh_bundle_allow(bundle, ADMWH_RULE_CN, what & RENAMES ? "api" : "kube-apiserver"),
	    0);
	assert_int_equal(admwh_bundle_allow(bundle, ADMWH_RULE_OU, "two"), 0);
	assert_int_equal(admwh_bundle_deny_file(bundle, in_folder("deny")), 0);
	assert_int_equal(admwh_bundle_add_ca_file(scanner, in_folder("scanner.crt")), 0);
	assert_int_equal(admwh_bundle_allow_any_name(scanner), 0);
}

static void add_tokens(struct admwh_config *config, unsigned int what)
{
	put_text("tokens", "s3cret-alice,alice,1,reviewers\ns3cret-bob,bob,2,scanners\n");
	assert_int_equal(admwh_config_set_token_file(config, in_folder("tokens"), NULL, NULL), 0);
	assert_int_equal(admwh_config_set_bare_tokens(config, what & BARE), 0);
}

static struct admwh_config *make_config(unsigned int what)
{
	struct admwh_config *config = admwh_config_new();

	assert_int_equal(
	    admwh_config_set_keypair_file(config, in_folder("tls.crt"), in_folder("tls.key")), 0);
	if (what & CERTIFICATES)
		add_bundles(config, what);
	if (what & TOKENS)
		add_tokens(config, what);
	if (what & PER_REQUEST)
		assert_int_equal(admwh_config_set_client_auth(config, ADMWH_CLIENT_AUTH_REQUEST),
				 0);
	if (what & OBSERVE)
		assert_int_equal(admwh_config_insecure_observe(config), 0);
	if (what & INSECURE)
		assert_int_equal(admwh_config_insecure_no_client_auth(config), 0);
	if (!(what & CERTIFICATES) || (what & PER_REQUEST)) {
		assert_int_equal(admwh_config_add_exempt_path(config, "/healthz"), 0);
		assert_int_equal(admwh_config_add_exempt_path(config, "/open"), 0);
	}
	assert_int_equal(awh_config_check(config), 0);
	return config;
}

static const struct world *world_of(unsigned int what)
{
	struct world *world = &worlds[what];
	struct awh_fault fault;

	if (world->config)
		return world;
	world->config = make_config(what);
	world->snapshot = awh_snapshot_new(world->config, &world->config->sources, NULL, &fault);
	if (!world->snapshot)
		fail_msg("no snapshot: %s", fault.error.text);
	return world;
}

static struct awh_routes routes;

static struct awh_access *add_route(const char *path, enum admwh_route_auth auth)
{
	struct admwh_route *route = admwh_route_new_validator(allow, NULL);

	assert_non_null(route);
	route->access.auth = auth;
	assert_int_equal(awh_routes_add(&routes, path, route, NULL), 0);
	return &awh_routes_find(&routes, path)->access;
}

static void make_routes(void)
{
	static const char *const names[] = {"default", "scanner"};
	struct awh_access *units, *scanner, *group, *mixed, *open;

	add_route("/all", ADMWH_ROUTE_AUTH_ALL);
	add_route("/certificate", ADMWH_ROUTE_AUTH_CERTIFICATE);
	add_route("/token", ADMWH_ROUTE_AUTH_TOKEN);
	add_route("/either", ADMWH_ROUTE_AUTH_EITHER);
	units = add_route("/units", ADMWH_ROUTE_AUTH_CERTIFICATE);
	scanner = add_route("/scanner", ADMWH_ROUTE_AUTH_CERTIFICATE);
	group = add_route("/group", ADMWH_ROUTE_AUTH_ALL);
	mixed = add_route("/mixed", ADMWH_ROUTE_AUTH_EITHER);
	open = add_route("/open", ADMWH_ROUTE_AUTH_ALL); /* exempt, in spite of its rules */
	assert_int_equal(awh_access_allow(units, "default", ADMWH_RULE_OU, "two", NULL), 0);
	assert_int_equal(awh_access_allow(scanner, "scanner", 0, NULL, NULL), 0);
	assert_int_equal(awh_access_require_group(group, "scanners", NULL), 0);
	assert_int_equal(awh_access_allow(mixed, "default", ADMWH_RULE_OU, "two", NULL), 0);
	assert_int_equal(awh_access_require_group(mixed, "scanners", NULL), 0);
	assert_int_equal(awh_access_allow(open, "scanner", 0, NULL, NULL), 0);
	assert_int_equal(awh_access_require_group(open, "scanners", NULL), 0);
	for (size_t i = 0; i < routes.n_items; i++)
		assert_int_equal(
		    awh_access_resolve(&routes.items[i]->access, names, COUNT(names), NULL), 0);
}

static int set_up(void **state)
{
	if (make_folder(state))
		return -1;
	put_pki("tls.crt", "server/ecdsa.crt");
	put_pki("tls.key", "keys/server.key");
	make_routes();
	return 0;
}

static int tear_down(void **state)
{
	for (size_t i = 0; i < COUNT(worlds); i++) {
		awh_snapshot_unref(worlds[i].snapshot);
		admwh_config_free(worlds[i].config);
	}
	awh_routes_deinit(&routes);
	return remove_folder(state);
}

/* Which certificate a caller shows. */
enum who {
	NONE,
	API_SERVER,
	UNITS,
	SCANNER,
	UNLISTED,
	DENIED,
	STALE,
	ROGUE,
	EXPIRED,
	USAGE,
	UNFIT
};

static struct awh_peer *make_peer(const struct world *world, enum who who)
{
	static const char *const unit[] = {"two"};
	static const struct {
		enum awh_proof proof;
		size_t bundle;
		const char *cn, *subject, *serial;
	} all[] = {
	    [NONE] = {AWH_PROOF_NONE, 0, NULL, NULL, NULL},
	    [API_SERVER] = {AWH_PROOF_VERIFIED, 0, "kube-apiserver", "CN=kube-apiserver", "a1"},
	    [UNITS] = {AWH_PROOF_VERIFIED, 0, NULL, "OU=two", "a2"},
	    [SCANNER] = {AWH_PROOF_VERIFIED, 1, "kube-apiserver", "CN=kube-apiserver", "a3"},
	    [UNLISTED] = {AWH_PROOF_VERIFIED, 0, "kube-proxy", "CN=kube-proxy", "a4"},
	    [DENIED] = {AWH_PROOF_VERIFIED, 0, "kube-apiserver", "CN=kube-apiserver", "bad"},
	    [STALE] = {AWH_PROOF_VERIFIED, 0, "kube-apiserver", "CN=kube-apiserver", "a5"},
	    [ROGUE] = {AWH_PROOF_UNTRUSTED, 0, "kube-apiserver", "CN=kube-apiserver", "a6"},
	    [EXPIRED] = {AWH_PROOF_EXPIRED, 0, "kube-apiserver", "CN=kube-apiserver", "a7"},
	    [USAGE] = {AWH_PROOF_USAGE, 0, "kube-apiserver", "CN=kube-apiserver", "a8"},
	    [UNFIT] = {AWH_PROOF_UNFIT, 0, "kube-apiserver", "CN=kube-apiserver", "a9"},
	};
	const struct awh_tls_context *tls = world->snapshot->tls;
	struct awh_peer *peer = awh_peer_new();

	assert_non_null(peer);
	peer->proof = all[who].proof;
	peer->bundle = all[who].bundle;
	peer->cn_form = all[who].cn ? AWH_CN_ONE : AWH_CN_ABSENT;
	peer->facts.common_name = all[who].cn;
	peer->facts.subject = all[who].subject;
	peer->facts.serial = all[who].serial;
	peer->facts.organizational_units = unit;
	peer->facts.n_organizational_units = who == UNITS;
	peer->valid_until = awh_clock_wall_s() + (who == STALE ? -1 : 3600);
	for (size_t i = 0; i < tls->trust.n; i++)
		if (tls->trust.anchors[i].bundle == peer->bundle)
			memcpy(peer->anchor, tls->trust.anchors[i].id, sizeof(peer->anchor));
	return peer;
}

/* A connection whose handshake is over. */
struct caller {
	struct awh_standing standing;
	struct awh_admit_facts facts;
};

static struct caller connect_as(unsigned int what, enum who who)
{
	const struct world *world = world_of(what);
	struct awh_peer *peer = make_peer(world, who);
	struct caller caller = {.facts = {world->config, world->snapshot, peer}};

	/* The handshake ends here for a caller that is not allowed. */
	if ((what & CERTIFICATES) && !(what & (PER_REQUEST | OBSERVE)))
		assert_int_equal(awh_snapshot_identify(world->snapshot, peer, NULL), 0);
	awh_admit_connection(&caller.standing, &caller.facts, world->snapshot);
	return caller;
}

static void disconnect(struct caller *caller)
{
	awh_peer_unref(caller->facts.peer);
}

/* "refused 401 token_refused Bearer", "admitted as alice", "admitted, not authenticated" */
static void request(struct caller *caller, const char *path, const char *authorization,
		    struct awh_admission *admission, char *verdict, size_t size)
{
	const struct awh_http_head head = {.path = path, .authorization = authorization};
	bool goes_on = awh_admit_request(&caller->standing, admission, &caller->facts,
					 awh_routes_find(&routes, path), &head);
	char why[64] = "";

	if (admission->status)
		snprintf(why, sizeof(why), " %d %s%s%s", admission->status,
			 awh_verdict_name(admission->verdict), admission->challenge ? " " : "",
			 admission->challenge ? admission->challenge : "");
	snprintf(verdict, size, "%s%s%s%s%s",
		 !goes_on            ? "refused"
		 : admission->status ? "observed"
				     : "admitted",
		 why, admission->bearer ? " as " : "",
		 admission->bearer ? admission->bearer->name : "",
		 goes_on && !caller->standing.allowed ? ", not authenticated" : "");
	assert_int_equal(admission->showed_token, authorization != NULL);
	assert_true(goes_on || !caller->standing.allowed);
	/* An error is told where something is refused, and nowhere else. */
	assert_int_equal(admission->status != 0, admission->error.text[0] != '\0');
	assert_int_equal(admission->status != 0, admission->verdict != AWH_VERDICT_OK);
}

struct request_case {
	unsigned int what;
	const char *path;
	enum who who;
	const char *authorization;
	const char *verdict;
	const char *text; /* all of the error; NULL: identity's own words */
};

static void check_requests(const struct request_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct caller caller = connect_as(cases[i].what, cases[i].who);
		struct awh_admission admission;
		char verdict[128];

		request(&caller, cases[i].path, cases[i].authorization, &admission, verdict,
			sizeof(verdict));
		if (strcmp(verdict, cases[i].verdict) != 0)
			fail_msg("case %zu, %s: %s, not %s", i, cases[i].path, verdict,
				 cases[i].verdict);
		if (cases[i].text)
			assert_string_equal(admission.error.text, cases[i].text);
		disconnect(&caller);
	}
}

#define NO_TOKEN "no bearer token"
#define BAD_TOKEN "the bearer token is not known"
#define STALE_TEXT "the client's certificate, or its CA's, has expired"
#define NO_RULE(path, bundle)                                                                      \
	"route " path ": none of its own rules allows the caller (bundle " bundle                  \
	", subject CN=kube-apiserver)"
#define NO_GROUP(path) "route " path ": \"alice\" is in none of its groups"

static void requests_are_admitted_by_certificate(void **state)
{
	enum { C = CERTIFICATES | PER_REQUEST };
	static const struct request_case cases[] = {
	    {C, "/all", NONE, NULL, "refused 401 no_certificate", NULL},
	    {C, "/all", ROGUE, NULL, "refused 401 unknown_ca", NULL},
	    {C, "/all", EXPIRED, NULL, "refused 401 expired", NULL},
	    {C, "/all", USAGE, NULL, "refused 401 usage", NULL},
	    {C, "/all", UNFIT, NULL, "refused 401 unfit", NULL},
	    {C, "/all", DENIED, NULL, "refused 401 revoked", NULL},
	    {C, "/all", UNLISTED, NULL, "refused 401 name_refused", NULL},
	    {C, "/all", STALE, NULL, "refused 401 expired", STALE_TEXT},
	    {C, "/all", NONE, ALICE, "refused 401 no_certificate", NULL},
	    {C, "/either", NONE, ALICE, "refused 401 no_certificate", NULL},
	    {C, "/nowhere", NONE, NULL, "refused 401 no_certificate", NULL},
	    {C, "/nowhere", UNLISTED, NULL, "refused 401 name_refused", NULL},
	    {C, "/nowhere", ROGUE, NULL, "refused 401 unknown_ca", NULL},
	    {C, "/units", NONE, NULL, "refused 401 no_certificate", NULL},
	    {C, "/units", ROGUE, NULL, "refused 401 unknown_ca", NULL},
	    {C, "/units", UNLISTED, NULL, "refused 401 name_refused", NULL},
	    {C, "/scanner", UNITS, NULL, "refused 403 name_refused",
	     "route /scanner: none of its own rules allows the caller (bundle default, subject "
	     "OU=two)"},
	    {C, "/units", API_SERVER, NULL, "refused 403 name_refused",
	     NO_RULE("/units", "default")},
	    {C, "/units", SCANNER, NULL, "refused 403 name_refused", NO_RULE("/units", "scanner")},
	    {C, "/scanner", API_SERVER, NULL, "refused 403 name_refused",
	     NO_RULE("/scanner", "default")},
	    {CERTIFICATES, "/all", STALE, NULL, "refused 401 expired", STALE_TEXT},
	    {CERTIFICATES, "/units", API_SERVER, NULL, "refused 403 name_refused",
	     NO_RULE("/units", "default")},
	    {C, "/all", API_SERVER, NULL, "admitted", ""},
	    {C, "/all", API_SERVER, UNKNOWN, "admitted", ""},
	    {C, "/either", API_SERVER, NULL, "admitted", ""},
	    {C, "/all", UNITS, NULL, "admitted", ""},
	    {C, "/all", SCANNER, NULL, "admitted", ""},
	    {C, "/units", UNITS, NULL, "admitted", ""},
	    {C, "/scanner", SCANNER, NULL, "admitted", ""},
	    {C, "/nowhere", API_SERVER, NULL, "admitted", ""},
	    {CERTIFICATES, "/all", API_SERVER, NULL, "admitted", ""},
	    {CERTIFICATES, "/healthz", API_SERVER, NULL, "admitted", ""},
	};

	(void)state;
	check_requests(cases, COUNT(cases));
}

static void requests_are_admitted_by_token(void **state)
{
	enum { T = TOKENS };
	static const struct request_case cases[] = {
	    {T, "/all", NONE, NULL, "refused 401 token_refused Bearer", NO_TOKEN},
	    {T, "/all", NONE, UNKNOWN, "refused 401 token_refused Bearer", BAD_TOKEN},
	    {T, "/all", NONE, "", "refused 401 token_refused Bearer", BAD_TOKEN},
	    {T, "/all", NONE, "Bearer", "refused 401 token_refused Bearer", BAD_TOKEN},
	    {T, "/all", NONE, "Basic s3cret-alice", "refused 401 token_refused Bearer", BAD_TOKEN},
	    {T, "/all", NONE, "s3cret-alice", "refused 401 token_refused Bearer", BAD_TOKEN},
	    {T | BARE, "/all", NONE, "s3cret-alic", "refused 401 token_refused Bearer", BAD_TOKEN},
	    {T, "/all", API_SERVER, NULL, "refused 401 token_refused Bearer", NO_TOKEN},
	    {T, "/either", API_SERVER, NULL, "refused 401 token_refused Bearer", NO_TOKEN},
	    {T, "/nowhere", NONE, NULL, "refused 401 token_refused Bearer", NO_TOKEN},
	    {T, "/group", NONE, NULL, "refused 401 token_refused Bearer", NO_TOKEN},
	    {T, "/group", NONE, ALICE, "refused 403 group_refused as alice", NO_GROUP("/group")},
	    {T, "/group", NONE, BOB, "admitted as bob", ""},
	    {T, "/all", NONE, ALICE, "admitted as alice", ""},
	    {T, "/all", ROGUE, ALICE, "admitted as alice", ""},
	    {T, "/token", NONE, "bearer   s3cret-bob", "admitted as bob", ""},
	    {T, "/either", NONE, BOB, "admitted as bob", ""},
	    {T, "/nowhere", NONE, ALICE, "admitted as alice", ""},
	    {T | BARE, "/all", NONE, "s3cret-alice", "admitted as alice", ""},
	    {T | BARE, "/all", NONE, ALICE, "admitted as alice", ""},
	};

	(void)state;
	check_requests(cases, COUNT(cases));
}

static void a_route_asks_for_certificate_and_token_for_one_or_for_either(void **state)
{
	enum { B = CERTIFICATES | TOKENS | PER_REQUEST };
	static const struct request_case cases[] = {
	    {B, "/all", NONE, NULL, "refused 401 no_certificate", NULL},
	    {B, "/all", NONE, ALICE, "refused 401 no_certificate as alice", NULL},
	    {B, "/all", ROGUE, ALICE, "refused 401 unknown_ca as alice", NULL},
	    {B, "/all", EXPIRED, ALICE, "refused 401 expired as alice", NULL},
	    {B, "/all", UNLISTED, ALICE, "refused 401 name_refused as alice", NULL},
	    {B, "/all", API_SERVER, NULL, "refused 401 token_refused Bearer", NO_TOKEN},
	    {B, "/all", API_SERVER, UNKNOWN, "refused 401 token_refused Bearer", BAD_TOKEN},
	    {B, "/all", API_SERVER, ALICE, "admitted as alice", ""},
	    {CERTIFICATES | TOKENS, "/all", API_SERVER, NULL, "refused 401 token_refused Bearer",
	     NO_TOKEN},
	    {CERTIFICATES | TOKENS, "/all", API_SERVER, ALICE, "admitted as alice", ""},
	    {B, "/group", API_SERVER, ALICE, "refused 403 group_refused as alice",
	     NO_GROUP("/group")},
	    {B, "/group", API_SERVER, BOB, "admitted as bob", ""},
	    {B, "/certificate", NONE, ALICE, "refused 401 no_certificate as alice", NULL},
	    {B, "/certificate", ROGUE, ALICE, "refused 401 unknown_ca as alice", NULL},
	    {B, "/certificate", API_SERVER, NULL, "admitted", ""},
	    {B, "/certificate", API_SERVER, ALICE, "admitted as alice", ""},
	    {B, "/certificate", API_SERVER, UNKNOWN, "admitted", ""},
	    {B, "/token", API_SERVER, NULL, "refused 401 token_refused Bearer", NO_TOKEN},
	    {B, "/token", API_SERVER, UNKNOWN, "refused 401 token_refused Bearer", BAD_TOKEN},
	    {B, "/token", NONE, ALICE, "admitted as alice", ""},
	    {B, "/token", ROGUE, ALICE, "admitted as alice", ""},
	    {B, "/token", UNLISTED, ALICE, "admitted as alice", ""},
	    {B, "/either", NONE, NULL, "refused 401 token_refused Bearer", NO_TOKEN},
	    {B, "/either", NONE, UNKNOWN, "refused 401 token_refused Bearer", BAD_TOKEN},
	    {B, "/either", ROGUE, NULL, "refused 401 unknown_ca Bearer", NULL},
	    {B, "/either", ROGUE, UNKNOWN, "refused 401 token_refused Bearer", BAD_TOKEN},
	    {B, "/either", UNLISTED, NULL, "refused 401 name_refused Bearer", NULL},
	    {B, "/either", UNLISTED, UNKNOWN, "refused 401 token_refused Bearer", BAD_TOKEN},
	    {B, "/either", STALE, NULL, "refused 401 expired Bearer", STALE_TEXT},
	    {B, "/either", API_SERVER, NULL, "admitted", ""},
	    {B, "/either", API_SERVER, UNKNOWN, "admitted", ""},
	    {B, "/either", NONE, ALICE, "admitted as alice", ""},
	    {B, "/either", ROGUE, ALICE, "admitted as alice", ""},
	    {B, "/either", STALE, ALICE, "admitted as alice", ""},
	    {B, "/nowhere", NONE, NULL, "refused 401 token_refused Bearer", NO_TOKEN},
	    {B, "/nowhere", ROGUE, NULL, "refused 401 unknown_ca Bearer", NULL},
	    {B, "/nowhere", API_SERVER, NULL, "admitted", ""},
	    {B, "/nowhere", NONE, ALICE, "admitted as alice", ""},
	    {B, "/mixed", ROGUE, NULL, "refused 401 unknown_ca Bearer", NULL},
	    {B, "/mixed", API_SERVER, NULL, "refused 403 name_refused",
	     NO_RULE("/mixed", "default")},
	    {B, "/mixed", API_SERVER, ALICE, "refused 403 group_refused as alice",
	     NO_GROUP("/mixed")},
	    {B, "/mixed", NONE, ALICE, "refused 403 group_refused as alice", NO_GROUP("/mixed")},
	    {B, "/mixed", UNITS, NULL, "admitted", ""},
	    {B, "/mixed", UNITS, ALICE, "admitted as alice", ""},
	    {B, "/mixed", NONE, BOB, "admitted as bob", ""},
	    {B, "/mixed", API_SERVER, BOB, "admitted as bob", ""},
	};

	(void)state;
	check_requests(cases, COUNT(cases));
}

static void an_exempt_path_admits_all_and_authenticates_none(void **state)
{
	enum { C = CERTIFICATES | PER_REQUEST };
	static const struct request_case cases[] = {
	    {C, "/healthz/", NONE, NULL, "refused 401 no_certificate", NULL},
	    {C, "/HEALTHZ", NONE, NULL, "refused 401 no_certificate", NULL},
	    {C, "/%68ealthz", NONE, NULL, "refused 401 no_certificate", NULL},
	    {C, "//healthz", NONE, NULL, "refused 401 no_certificate", NULL},
	    {C, "/healthz/x", NONE, NULL, "refused 401 no_certificate", NULL},
	    {C, "/healthz/../all", NONE, NULL, "refused 401 no_certificate", NULL},
	    {C, "/healthz", NONE, NULL, "admitted, not authenticated", ""},
	    {C, "/healthz", ROGUE, NULL, "admitted, not authenticated", ""},
	    {C, "/healthz", EXPIRED, NULL, "admitted, not authenticated", ""},
	    {C, "/healthz", UNLISTED, NULL, "admitted, not authenticated", ""},
	    {C, "/healthz", STALE, NULL, "admitted, not authenticated", ""},
	    {C, "/healthz", API_SERVER, NULL, "admitted", ""},
	    {C, "/open", NONE, NULL, "admitted, not authenticated", ""},
	    {C, "/open", ROGUE, NULL, "admitted, not authenticated", ""},
	    {C, "/open", API_SERVER, NULL, "admitted", ""},
	    {TOKENS, "/open", NONE, ALICE, "admitted as alice, not authenticated", ""},
	    {TOKENS, "/healthz", NONE, NULL, "admitted, not authenticated", ""},
	    {TOKENS, "/healthz", NONE, UNKNOWN, "admitted, not authenticated", ""},
	    {TOKENS, "/healthz", NONE, ALICE, "admitted as alice, not authenticated", ""},
	};

	(void)state;
	check_requests(cases, COUNT(cases));
}

static void insecure_admits_all_and_observing_tells_why_not(void **state)
{
	enum { C = CERTIFICATES | OBSERVE, R = C | PER_REQUEST, T = TOKENS | OBSERVE };
	static const struct request_case cases[] = {
	    {INSECURE, "/all", NONE, NULL, "admitted", ""},
	    {INSECURE, "/units", ROGUE, UNKNOWN, "admitted", ""},
	    {INSECURE, "/nowhere", STALE, NULL, "admitted", ""},
	    {C, "/all", NONE, NULL, "observed 401 no_certificate", NULL},
	    {R, "/all", NONE, NULL, "observed 401 no_certificate", NULL},
	    {C, "/all", ROGUE, NULL, "observed 401 unknown_ca", NULL},
	    {R, "/all", ROGUE, NULL, "observed 401 unknown_ca", NULL},
	    {C, "/all", EXPIRED, NULL, "observed 401 expired", NULL},
	    {C, "/all", USAGE, NULL, "observed 401 usage", NULL},
	    {C, "/all", UNFIT, NULL, "observed 401 unfit", NULL},
	    {C, "/all", DENIED, NULL, "observed 401 revoked", NULL},
	    {C, "/all", UNLISTED, NULL, "observed 401 name_refused", NULL},
	    {C, "/all", STALE, NULL, "observed 401 expired", STALE_TEXT},
	    {C, "/units", API_SERVER, NULL, "observed 403 name_refused",
	     NO_RULE("/units", "default")},
	    {C, "/all", API_SERVER, NULL, "admitted", ""},
	    {R, "/all", API_SERVER, NULL, "admitted", ""},
	    {R, "/healthz", NONE, NULL, "admitted", ""},
	    {T, "/all", NONE, NULL, "observed 401 token_refused Bearer", NO_TOKEN},
	    {T, "/all", NONE, UNKNOWN, "observed 401 token_refused Bearer", BAD_TOKEN},
	    {T, "/group", NONE, ALICE, "observed 403 group_refused as alice", NO_GROUP("/group")},
	    {T, "/group", NONE, BOB, "admitted as bob", ""},
	};

	(void)state;
	check_requests(cases, COUNT(cases));
}

static void each_request_shows_its_own_token(void **state)
{
	struct caller caller = connect_as(TOKENS, NONE);
	struct awh_admission admission;
	char verdict[128];

	(void)state;
	for (int i = 0; i < 2; i++) {
		request(&caller, "/all", ALICE, &admission, verdict, sizeof(verdict));
		assert_string_equal(verdict, "admitted as alice");
		assert_true(caller.standing.allowed);
		assert_false(caller.standing.certified);
		request(&caller, "/all", NULL, &admission, verdict, sizeof(verdict));
		assert_string_equal(verdict, "refused 401 token_refused Bearer");
	}
	disconnect(&caller);
}

static void a_certificate_expires_between_two_requests(void **state)
{
	static const struct {
		unsigned int what;
		const char *verdict;
	} cases[] = {
	    {CERTIFICATES, "refused 401 expired"},
	    {CERTIFICATES | PER_REQUEST, "refused 401 expired"},
	    {CERTIFICATES | OBSERVE, "observed 401 expired"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct caller caller = connect_as(cases[i].what, API_SERVER);
		struct awh_admission admission;
		char verdict[128];

		request(&caller, "/all", NULL, &admission, verdict, sizeof(verdict));
		assert_string_equal(verdict, "admitted");
		assert_true(awh_admit_shows_peer(&caller.standing, &caller.facts));
		caller.facts.peer->valid_until = awh_clock_wall_s() - 1;
		request(&caller, "/all", NULL, &admission, verdict, sizeof(verdict));
		assert_string_equal(verdict, cases[i].verdict);
		assert_false(caller.standing.certified);
		assert_false(awh_admit_shows_peer(&caller.standing, &caller.facts));
		disconnect(&caller);
	}
}

static void one_that_was_never_allowed_changes_nothing_when_it_expires(void **state)
{
	struct caller caller = connect_as(CERTIFICATES | TOKENS | PER_REQUEST, UNLISTED);
	struct awh_admission admission;
	char verdict[128];

	(void)state;
	request(&caller, "/token", ALICE, &admission, verdict, sizeof(verdict));
	assert_string_equal(verdict, "admitted as alice");
	caller.facts.peer->valid_until = awh_clock_wall_s() - 1;
	request(&caller, "/healthz", NULL, &admission, verdict, sizeof(verdict));
	assert_string_equal(verdict, "admitted");
	assert_int_equal(caller.standing.verdict.code, ADMWH_E_REFUSED);
	disconnect(&caller);
}

static void a_connection_stands_as_its_certificate_does(void **state)
{
	enum { C = CERTIFICATES | PER_REQUEST, O = CERTIFICATES | OBSERVE };
	static const struct {
		unsigned int what;
		enum who who;
		bool certified, allowed;
		int code;
		const char *bundle, *rule; /* that a handler is shown; NULL: none */
	} cases[] = {
	    {C, NONE, false, false, ADMWH_E_NO_CERTIFICATE, NULL, NULL},
	    {C, ROGUE, false, false, ADMWH_E_UNTRUSTED, NULL, NULL},
	    {C, EXPIRED, false, false, ADMWH_E_UNTRUSTED, NULL, NULL},
	    {C, UNLISTED, false, false, ADMWH_E_REFUSED, NULL, NULL},
	    {C, DENIED, false, false, ADMWH_E_REVOKED, NULL, NULL},
	    {TOKENS, NONE, false, false, 0, NULL, NULL},
	    {INSECURE, NONE, false, true, 0, NULL, NULL},
	    {INSECURE, ROGUE, false, true, 0, NULL, NULL},
	    {O, NONE, false, true, ADMWH_E_NO_CERTIFICATE, NULL, NULL},
	    {O, ROGUE, false, true, ADMWH_E_UNTRUSTED, NULL, NULL},
	    {O, EXPIRED, false, true, ADMWH_E_UNTRUSTED, NULL, NULL},
	    {O, UNLISTED, false, true, ADMWH_E_REFUSED, "default", NULL},
	    {O, DENIED, false, true, ADMWH_E_REVOKED, "default", NULL},
	    {O, API_SERVER, true, true, 0, "default", "cn:kube-apiserver"},
	    {C, API_SERVER, true, true, 0, "default", "cn:kube-apiserver"},
	    {C, UNITS, true, true, 0, "default", "ou:two"},
	    {C, SCANNER, true, true, 0, "scanner", "any-name"},
	    {CERTIFICATES, API_SERVER, true, true, 0, "default", "cn:kube-apiserver"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct caller caller = connect_as(cases[i].what, cases[i].who);
		const struct awh_peer *peer = caller.facts.peer;

		assert_int_equal(caller.standing.certified, cases[i].certified);
		assert_int_equal(caller.standing.allowed, cases[i].allowed);
		assert_int_equal(caller.standing.verdict.code, cases[i].code);
		assert_int_equal(awh_admit_shows_peer(&caller.standing, &caller.facts),
				 cases[i].bundle != NULL);
		if (cases[i].bundle)
			assert_string_equal(peer->facts.bundle, cases[i].bundle);
		if (cases[i].rule)
			assert_string_equal(peer->facts.rule, cases[i].rule);
		else
			assert_null(peer->facts.rule);
		disconnect(&caller);
	}
}

/* What the TLS context asks of its snapshot while it shakes hands. */
static void a_handshake_goes_by_the_rules_of_its_snapshot(void **state)
{
	static const struct {
		unsigned int what;
		enum who who;
		int code;
	} cases[] = {
	    {CERTIFICATES, NONE, ADMWH_E_NO_CERTIFICATE},
	    {CERTIFICATES, ROGUE, ADMWH_E_UNTRUSTED},
	    {CERTIFICATES, UNLISTED, ADMWH_E_REFUSED},
	    {CERTIFICATES, DENIED, ADMWH_E_REVOKED},
	    {CERTIFICATES, API_SERVER, 0},
	    {CERTIFICATES, SCANNER, 0},
	    {CERTIFICATES | DENIES, API_SERVER, ADMWH_E_REVOKED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct world *world = world_of(cases[i].what);
		const struct awh_tls_context *tls = world->snapshot->tls;
		struct awh_peer *peer = make_peer(world, cases[i].who);
		const struct awh_cert_ids ids = {.serial = peer->facts.serial};
		bool is_denied = cases[i].code == ADMWH_E_REVOKED;

		assert_int_equal(tls->authorize(peer, NULL, tls->userdata), cases[i].code);
		assert_int_equal(tls->deny(&ids, 0, tls->userdata) != NULL, is_denied);
		/* The list of "default" does not count for other bundles. */
		assert_null(tls->deny(&ids, 1, tls->userdata));
		assert_null(tls->deny(&ids, 2, tls->userdata));
		awh_peer_unref(peer);
	}
}

static void a_handshake_asks_for_the_certificates_that_are_needed(void **state)
{
	static const struct {
		unsigned int what;
		enum awh_tls_auth auth;
	} cases[] = {
	    {INSECURE, AWH_TLS_AUTH_NONE},
	    {TOKENS, AWH_TLS_AUTH_NONE},
	    {TOKENS | OBSERVE, AWH_TLS_AUTH_NONE},
	    {CERTIFICATES, AWH_TLS_AUTH_REQUIRE},
	    {CERTIFICATES | TOKENS, AWH_TLS_AUTH_REQUIRE},
	    {CERTIFICATES | PER_REQUEST, AWH_TLS_AUTH_REQUEST},
	    {CERTIFICATES | OBSERVE, AWH_TLS_AUTH_REQUEST},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(world_of(cases[i].what)->snapshot->tls->auth, cases[i].auth);
}

/* A certificate that one snapshot allowed, and what a later one says of it. */
static const struct {
	unsigned int what;    /* both */
	unsigned int changes; /* of the later one */
	int code;
} reloads[] = {
    {CERTIFICATES, DENIES, ADMWH_E_REVOKED},
    {CERTIFICATES, RENAMES, ADMWH_E_REFUSED},
    {CERTIFICATES, MOVES, ADMWH_E_UNTRUSTED},
    {CERTIFICATES | PER_REQUEST, DENIES, ADMWH_E_REVOKED},
    {CERTIFICATES | PER_REQUEST, MOVES, ADMWH_E_UNTRUSTED},
    {CERTIFICATES | OBSERVE, DENIES, ADMWH_E_REVOKED},
    {CERTIFICATES | OBSERVE, MOVES, ADMWH_E_UNTRUSTED},
    {CERTIFICATES, 0, 0},
    {CERTIFICATES | OBSERVE, 0, 0},
    {CERTIFICATES, TOKENS, 0},
};

static void a_reload_during_the_handshake_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(reloads); i++) {
		struct caller caller = connect_as(reloads[i].what, API_SERVER);
		const struct world *later = world_of(reloads[i].what | reloads[i].changes);
		const struct awh_snapshot *accepted_under = caller.facts.snapshot;

		caller.standing = (struct awh_standing){0};
		caller.facts.config = later->config;
		caller.facts.snapshot = later->snapshot;
		awh_admit_connection(&caller.standing, &caller.facts, accepted_under);
		assert_int_equal(caller.standing.verdict.code, reloads[i].code);
		assert_int_equal(caller.standing.certified, reloads[i].code == 0);
		assert_int_equal(caller.standing.allowed,
				 reloads[i].code == 0 || (reloads[i].what & OBSERVE));
		disconnect(&caller);
	}
}

static void an_open_connection_is_evaluated_again_after_a_reload(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(reloads); i++) {
		struct caller caller = connect_as(reloads[i].what, API_SERVER);
		const struct world *later = world_of(reloads[i].what | reloads[i].changes);
		bool is_observed = reloads[i].what & OBSERVE;
		struct awh_error error = {0};

		caller.facts.config = later->config;
		caller.facts.snapshot = later->snapshot;
		assert_int_equal(awh_admit_again(&caller.standing, &caller.facts, &error),
				 reloads[i].code == 0 || is_observed);
		assert_int_equal(error.code, reloads[i].code);
		assert_true(caller.standing.allowed);
		if (is_observed && reloads[i].code) {
			struct awh_admission admission;
			char verdict[128];

			/* The next request tells. */
			assert_false(caller.standing.certified);
			request(&caller, "/certificate", NULL, &admission, verdict,
				sizeof(verdict));
			assert_int_equal(admission.status, 401);
			assert_string_equal(admission.error.text, error.text);
		}
		disconnect(&caller);
	}
}

static void without_memory_no_certificate_is_allowed(void **state)
{
	struct caller caller = connect_as(CERTIFICATES | PER_REQUEST, NONE);
	struct awh_peer *none = caller.facts.peer;
	struct awh_admission admission;
	char verdict[128];

	(void)state;
	caller.facts.peer = make_peer(world_of(CERTIFICATES | PER_REQUEST), API_SERVER);
	has_no_memory = true;
	awh_admit_connection(&caller.standing, &caller.facts, caller.facts.snapshot);
	has_no_memory = false;
	assert_false(caller.standing.allowed);
	request(&caller, "/all", NULL, &admission, verdict, sizeof(verdict));
	assert_string_equal(verdict, "refused 401 error");
	disconnect(&caller);
	awh_peer_unref(none);
}

static void without_memory_an_observed_peer_is_shown_to_no_handler(void **state)
{
	struct caller caller = connect_as(CERTIFICATES | OBSERVE, NONE);
	struct awh_peer *none = caller.facts.peer;

	(void)state;
	caller.facts.peer = make_peer(world_of(CERTIFICATES | OBSERVE), UNLISTED);
	has_no_memory = true;
	awh_admit_connection(&caller.standing, &caller.facts, caller.facts.snapshot);
	has_no_memory = false;
	assert_true(caller.standing.allowed);
	assert_false(awh_admit_shows_peer(&caller.standing, &caller.facts));
	disconnect(&caller);
	awh_peer_unref(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests_are_admitted_by_certificate),
	    cmocka_unit_test(requests_are_admitted_by_token),
	    cmocka_unit_test(a_route_asks_for_certificate_and_token_for_one_or_for_either),
	    cmocka_unit_test(an_exempt_path_admits_all_and_authenticates_none),
	    cmocka_unit_test(insecure_admits_all_and_observing_tells_why_not),
	    cmocka_unit_test(each_request_shows_its_own_token),
	    cmocka_unit_test(a_certificate_expires_between_two_requests),
	    cmocka_unit_test(one_that_was_never_allowed_changes_nothing_when_it_expires),
	    cmocka_unit_test(a_connection_stands_as_its_certificate_does),
	    cmocka_unit_test(a_handshake_goes_by_the_rules_of_its_snapshot),
	    cmocka_unit_test(a_handshake_asks_for_the_certificates_that_are_needed),
	    cmocka_unit_test(a_reload_during_the_handshake_counts),
	    cmocka_unit_test(an_open_connection_is_evaluated_again_after_a_reload),
	    cmocka_unit_test(without_memory_no_certificate_is_allowed),
	    cmocka_unit_test(without_memory_an_observed_peer_is_shown_to_no_handler),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
