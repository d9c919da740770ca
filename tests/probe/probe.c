/* SPDX-License-Identifier: MIT */
/*
 * admwh-probe: a server that gives every option of the library a flag and tells
 * on standard output, one JSON line an event, what reached a handler. Suites of
 * any kind judge the library by it from outside.
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <admwh/admwh.h>

#include "access.h"
#include "convert.h"
#include "later.h"

static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;
static bool no_inotify;
static bool is_around;
static bool is_hardened;
static bool converts;
static struct admwh_file *own_file;               /* of --file */
static char outer[] = "outer", inner[] = "inner"; /* the layers around */
static bool quiet;
static unsigned int processes;
static enum admwh_log_level log_level;
static struct admwh_server *server;
static int *volatile nowhere = (int *)8; /* not NULL: what is wrong with it shows when it is used */

struct route_options {
	enum admwh_on_failure on_failure;
	bool is_inline;
	bool raw;
	bool nul_in_trees;
	bool warn;
	bool has_patch_options;
	unsigned int patch_options;
	enum admwh_dialect dialect;
	bool filtered;
	enum admwh_unmatched unmatched;
};

enum { CHECKS = 8 };

static struct check {
	const char *name;
	char *file;
} checks[CHECKS];
static size_t n_checks;

enum { PATHS = 32 };

static const char *paths[PATHS];
static size_t n_paths;

static const char *is_there(void *userdata)
{
	return access(userdata, F_OK) == 0 ? NULL : "its file is not there";
}

/* In the place of the C library's: as where the limit of watches is reached. */
int inotify_init1(int flags);
int inotify_init1(int flags)
{
	if (!no_inotify)
		return (int)syscall(SYS_inotify_init1, flags);
	errno = EMFILE;
	return -1;
}

void tell(json_t *event)
{
	char *line = event ? json_dumps(event, JSON_COMPACT) : NULL;

	json_decref(event);
	if (!line) {
		fputs("admwh-probe: out of memory\n", stderr);
		exit(3);
	}
	pthread_mutex_lock(&output);
	puts(line);
	fflush(stdout);
	pthread_mutex_unlock(&output);
	free(line);
}

static json_t *base64(const char *data, size_t len)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *in = (const unsigned char *)data;
	char *text = malloc((len + 2) / 3 * 4 + 1);
	size_t at = 0;
	json_t *value;

	if (!text)
		return NULL;
	for (size_t i = 0; i < len; i += 3) {
		unsigned int word = (unsigned int)in[i] << 16;

		word |= i + 1 < len ? (unsigned int)in[i + 1] << 8 : 0;
		word |= i + 2 < len ? in[i + 2] : 0;
		text[at++] = digits[word >> 18];
		text[at++] = digits[word >> 12 & 63];
		text[at++] = i + 1 < len ? digits[word >> 6 & 63] : '=';
		text[at++] = i + 2 < len ? digits[word & 63] : '=';
	}
	value = json_stringn_nocheck(text, at);
	free(text);
	return value;
}

static void tell_dispatched(const struct admwh_request *req)
{
	size_t len;
	const char *body = admwh_request_body(req, &len);
	const struct admwh_peer *peer = req->peer;
	const struct admwh_webhook_token *token = req->bearer ? req->bearer->webhook : NULL;

	if (quiet)
		return;
	tell(json_pack("{s:s, s:s*, s:s*, s:o, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:b}", "event",
		       "dispatched", "method", req->http->method, "target", req->http->target,
		       "body_b64", base64(body, len), "peer_cn", peer ? peer->common_name : NULL,
		       "bundle", peer ? peer->bundle : NULL, "rule", peer ? peer->rule : NULL,
		       "bearer", req->bearer ? req->bearer->name : NULL, "webhook",
		       token ? token->webhook : NULL, "api_group", token ? token->api_group : NULL,
		       "nul", admwh_request_holds_nul(req)));
}

static int validate(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)userdata;
	tell_dispatched(req);
	return admwh_response_allow(resp);
}

/* A file of one line. One that begins with "bad" cannot be used. */
static void *parse_file(const char *bytes, size_t len, struct admwh_file *file, void *userdata)
{
	(void)userdata;
	if (strncmp(bytes, "bad", 3) == 0) {
		admwh_file_fail(file, "line 1: %s", bytes);
		return NULL;
	}
	return strndup(bytes, len);
}

static void free_file(void *object, void *userdata)
{
	(void)userdata;
	free(object);
}

static int look_up(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const char *id = admwh_request_path_segment(req, "id");

	(void)userdata;
	tell_dispatched(req);
	if (!id || admwh_request_path_segment(req, "i") || admwh_request_path_segment(NULL, "id"))
		return admwh_response_fail(resp, "no segment");
	if (strcmp(id, "missing") == 0)
		return admwh_response_not_found(resp, "there is no policy %s", id);
	if (own_file) {
		const char *text = admwh_request_file(req, own_file);

		admwh_response_add_warning(resp, "file %s", text ? text : "is not there");
	}
	admwh_response_add_warning(resp, "id %s", id);
	return admwh_response_allow(resp);
}

static int deny(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)userdata;
	tell_dispatched(req);
	return admwh_response_deny(resp, 403, "the probe denies %s",
				   req->name ? req->name : "this request");
}

/* By the name of the reviewed object: code-418, code-418-causes, code-418-details-later. */
static int deny_with_code(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	const char *name = req->name ? req->name : "";
	int code = strncmp(name, "code-", 5) == 0 ? (int)strtol(name + 5, NULL, 10) : 0;

	(void)userdata;
	tell_dispatched(req);
	if (strstr(name, "causes"))
		admwh_response_add_cause(resp, "FieldValueInvalid", "a cause", "spec.nodeName");
	if (strstr(name, "details"))
		admwh_response_set_details(resp, "", "Pod", name);
	if (strstr(name, "later"))
		admwh_response_set_retry_after(resp, 1);
	return admwh_response_deny(resp, code, "code %d", code);
}

static void add_errors(const struct admwh_request *req, struct admwh_response *resp)
{
	if (req->name && strcmp(req->name, "good") == 0)
		return;
	admwh_response_add_error_at(resp, ADMWH_FORBIDDEN, "spec.hostNetwork", NULL,
				    "no Pod of %s may have it", req->ns ? req->ns : "-");
	admwh_response_add_error_at(resp, ADMWH_REQUIRED,
				    "spec.containers[0].resources.limits.memory", NULL,
				    "set a limit");
}

static int deny_by_errors(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	(void)userdata;
	tell_dispatched(req);
	add_errors(req, resp);
	return admwh_response_decide(resp);
}

static int deny_as_invalid(const struct admwh_request *req, struct admwh_response *resp,
			   void *userdata)
{
	(void)userdata;
	tell_dispatched(req);
	add_errors(req, resp);
	return admwh_response_decide_invalid(resp, req);
}

static int warn(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)userdata;
	tell_dispatched(req);
	admwh_response_add_warning(resp, "one");
	admwh_response_add_warning(resp, "two");
	admwh_response_add_audit_annotation(resp, "probe", "seen");
	return admwh_response_allow(resp);
}

static int slow(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)userdata;
	tell_dispatched(req);
	later_wait();
	return admwh_response_allow(resp);
}

static int decide_nothing(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	(void)resp, (void)userdata;
	tell_dispatched(req);
	return 0;
}

static int fail_to_decide(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	(void)userdata;
	tell_dispatched(req);
	admwh_response_set_retry_after(resp, 3);
	return admwh_response_fail(resp, "the scanner of %s is down",
				   req->name ? req->name : "this request");
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	(void)userdata;
	tell_dispatched(req);
	admwh_patch_add_parents_new(patch, "/metadata/labels/admwh.dev~1seen", json_string("true"));
	return admwh_response_allow(resp);
}

static int mutate_badly(const struct admwh_request *req, struct admwh_response *resp,
			struct admwh_patch *patch, void *userdata)
{
	(void)userdata;
	tell_dispatched(req);
	admwh_patch_remove(patch, "/no/such/member");
	return admwh_response_allow(resp);
}

/* Builds the object, as a handler that looks at all of it does. */
static int look(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	if (!admwh_request_object_json(req))
		return ADMWH_E_HANDLER;
	return slow(req, resp, userdata);
}

/* The dearest way to say little: the patch is the difference of two whole objects. */
static int edit(const struct admwh_request *req, struct admwh_response *resp,
		struct admwh_patch *patch, void *userdata)
{
	json_t *object = admwh_patch_edit(patch);

	if (!object)
		return ADMWH_E_HANDLER;
	slow(req, resp, userdata);
	return json_object_set_new(object, "seen", json_true()) ? ADMWH_E_HANDLER : 0;
}

/* Changes so much that replacing the whole object would be less text. */
static int rewrite(const struct admwh_request *req, struct admwh_response *resp,
		   struct admwh_patch *patch, void *userdata)
{
	json_t *object = admwh_patch_edit(patch);

	(void)userdata;
	tell_dispatched(req);
	json_object_clear(object);
	for (int i = 0; i < 9; i++) {
		char key[128];

		snprintf(key, sizeof(key), "%0100d", i);
		json_object_set_new(object, key, json_integer(i));
	}
	return admwh_response_allow(resp);
}

/* The "/" of a label's key is not escaped. */
static int label_badly(const struct admwh_request *req, struct admwh_response *resp,
		       struct admwh_patch *patch, void *userdata)
{
	(void)userdata;
	tell_dispatched(req);
	admwh_patch_add_parents_new(patch, "/metadata/labels/app.kubernetes.io/name",
				    json_string("web"));
	return admwh_response_allow(resp);
}

/* A handler with a fault, chosen by the name of the reviewed object. */
static int crash(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const char *how = req->name ? req->name : "";

	(void)userdata;
	tell_dispatched(req);
	if (strcmp(how, "segv") == 0)
		*nowhere = 1;
	else if (strcmp(how, "abort") == 0)
		abort();
	else if (strcmp(how, "exit-3") == 0)
		exit(3);
	else if (strcmp(how, "exit-0") == 0)
		exit(0);
	else if (strcmp(how, "loop") == 0)
		for (volatile int on = 1; on;)
			;
	else if (strcmp(how, "stop") == 0)
		admwh_server_stop(server);
	else if (strcmp(how, "reload") == 0)
		admwh_server_reload(server);
	return admwh_response_allow(resp);
}

static int before(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	tell(json_pack("{s:s, s:s}", "event", "before", "layer", (const char *)userdata));
	if (!req->name || strcmp(req->name, "stop") || strcmp(userdata, "inner"))
		return 0;
	admwh_response_deny(resp, 403, "stopped before the handler");
	return 1;
}

static void after(const struct admwh_request *req, struct admwh_response *resp,
		  const struct admwh_result *result, void *userdata)
{
	(void)req;
	tell(json_pack("{s:s, s:s, s:s, s:i, s:s*, s:s*}", "event", "after", "layer",
		       (const char *)userdata, "decision", admwh_decision_name(result->decision),
		       "code", result->code, "message", result->message, "route", result->route));
	admwh_response_add_audit_annotation(resp, userdata, admwh_decision_name(result->decision));
}

/* Says all it is told, so that a test sees it. A path with "silent" keeps the library's words. */
static void refuse(const struct admwh_refusal *refusal, struct admwh_reply *reply, void *userdata)
{
	char type[] = "text/plain; charset=utf-8", text[1024];

	(void)userdata;
	if (refusal->path && strstr(refusal->path, "silent"))
		return;
	snprintf(text, sizeof(text), "%d %s %s %s: %s\n", refusal->status,
		 refusal->err ? admwh_error_name(refusal->err) : "-",
		 refusal->method ? refusal->method : "-", refusal->path ? refusal->path : "-",
		 refusal->message);
	if (admwh_reply_set(reply, 200, "text/plain", text) != ADMWH_E_INVAL ||
	    admwh_reply_set(reply, 599, "text/plain\r\nX: y", text) != ADMWH_E_INVAL ||
	    admwh_reply_set(reply, refusal->status == 404 ? 418 : refusal->status, type, text))
		abort();
	memset(type, '?', sizeof(type)); /* it was copied */
}

static const struct {
	const char *path;
	admwh_validate_fn *validate;
	admwh_mutate_fn *mutate;
} routes[] = {
    {"/validate", validate, NULL},
    {"/deny", deny, NULL},
    {"/code", deny_with_code, NULL},
    {"/errors", deny_by_errors, NULL},
    {"/invalid", deny_as_invalid, NULL},
    {"/warn", warn, NULL},
    {"/slow", slow, NULL},
    {"/undecided", decide_nothing, NULL},
    {"/fail", fail_to_decide, NULL},
    {"/crash", crash, NULL},
    {"/mutate", NULL, mutate},
    {"/mutate-bad", NULL, mutate_badly},
    {"/look", look, NULL},
    {"/edit", NULL, edit},
    {"/rewrite", NULL, rewrite},
    {"/label-bad", NULL, label_badly},
    {"/later", later_validate, NULL},
    {"/later-mutate", NULL, later_mutate},
};

static const char usage[] =
    "usage: admwh-probe --listen HOST:PORT --cert FILE --key FILE\n"
    "  --client-ca BUNDLE=FILE      trust the CAs of a file (repeatable)\n"
    "  --allow-cn BUNDLE=CN         let in this name of a bundle (repeatable)\n"
    "  --any-cn BUNDLE              let in every name of a bundle (repeatable)\n"
    "  --auth handshake|request|insecure\n"
    "  --plain                      HTTP without TLS; instead of --cert and --key\n"
    "  --health HOST:PORT           serve health and metrics there\n"
    "  --check NAME=FILE            a check that is well while there is such a file (repeatable)\n"
    "  --ready-path PATH            tells readiness by its status (repeatable)\n"
    "  --exempt PATH                with --auth request: no certificate needed (repeatable)\n"
    "  --path PATH                  as /validate, at this path, too (repeatable); a pattern's "
    "\"{id}\"\n"
    "                               is told as a warning, and \"missing\" is not found\n"
    "  --file FILE                  a file of the probe's own, which patterns tell as a warning\n"
    "  --limit NAME=VALUE           any limit of the library (repeatable)\n"
    "  --threads N  --workers N     event loops, workers\n"
    "  --processes N                serve from worker processes\n"
    "  --inline                     run handlers on the event loops\n"
    "  --raw                        take any JSON as the request\n"
    "  --nul-in-trees               handlers take trees that hold U+0000\n"
    "  --only-warn                  denials are allowed with warnings\n"
    "  --patch-options N            how edits become operations: admwh_route_set_patch_options()\n"
    "  --bare                       accept reviews without apiVersion and kind: Kubewarden's "
    "dialect\n"
    "  --dialect kubernetes|rancher|kubewarden|plain  how answers are written\n"
    "  --filter fail|allow          handlers get the CREATE of Pods alone; the rest fails, or not\n"
    "  --around                     tell what befores and afters see; a before denies \"stop\"\n"
    "  --on-failure deny|policy     what a handler's failure is told as\n"
    "  --refusals                   tell by text what the refusal hook is told\n"
    "  --slow-ms N                  how long /slow takes (default 1000)\n"
    "  --hold FILE                  /slow and /later wait as long as there is this file instead\n"
    "  --quiet                      do not tell what reaches handlers\n"
    "  --no-reload                  read no file again, unless asked\n"
    "  --reload-on-sighup           and ask by SIGHUP\n"
    "  --keep-untrusted             serve on whom a reload lets in no more\n"
    "  --start-unready              start before the files are there; stands before their names\n"
    "  --no-inotify                 as where no folder can be watched\n"
    "  --tls-profile intermediate|modern\n"
    "  --ciphers NAME:NAME          cipher suites, in this order\n"
    "  --no-aes-offload             leave AES to wolfSSL\n"
    "  --health-host NAME           the health port may be asked by this name (repeatable)\n"
    "  --conversion HOST:PORT       convert there: /convert and others, see convert.h\n"
    "  --hardening                  give up privileges and dumps, and tell what a process has\n"
    "  --log debug|info|warning|error  log lines to standard error (default warning)\n"
    "routes: /validate /deny /code /errors /invalid /warn /slow /undecided /fail /crash /look\n"
    "  /mutate /mutate-bad /edit /rewrite /label-bad /later /later-mutate, GET /healthz\n";

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "admwh-probe: %s: %s\n", what, why);
	exit(2);
}

static unsigned long number(const char *option, const char *text)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-')
		fail(option, "expected a number");
	return value;
}

/* "NAME=VALUE": cuts at the first "=" and gives the value. */
static char *cut(const char *option, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals)
		fail(option, "expected NAME=VALUE");
	*equals = '\0';
	return equals + 1;
}

static int set_bundle(struct admwh_config *config, const char *option, char *argument)
{
	struct admwh_bundle *bundle;
	char *value = strcmp(option, "any-cn") == 0 ? NULL : cut(option, argument);

	bundle = admwh_config_bundle(config, argument);
	if (!bundle)
		return ADMWH_E_INVAL;
	if (!value)
		return admwh_bundle_allow_any_name(bundle);
	return strcmp(option, "client-ca") == 0 ? admwh_bundle_add_ca_file(bundle, value)
						: admwh_bundle_allow(bundle, ADMWH_RULE_CN, value);
}

static int set_auth(struct admwh_config *config, const char *how)
{
	if (strcmp(how, "insecure") == 0)
		return admwh_config_insecure_no_client_auth(config);
	if (strcmp(how, "request") == 0)
		return admwh_config_set_client_auth(config, ADMWH_CLIENT_AUTH_REQUEST);
	if (strcmp(how, "handshake") != 0)
		fail("auth", "expected handshake, request or insecure");
	return admwh_config_set_client_auth(config, ADMWH_CLIENT_AUTH_HANDSHAKE);
}

static int set_limit(struct admwh_config *config, char *argument)
{
	const char *value = cut("limit", argument);
	enum admwh_limit limit;

	if (admwh_limit_by_name(argument, &limit))
		fail(argument, "no such limit");
	return admwh_config_set_limit(config, limit, number("limit", value));
}

/* What the library has done to the process before the program's own preparations; in the log. */
static int tell_process(void *userdata)
{
	(void)userdata;
	fprintf(stderr, "{\"event\":\"process\",\"dumpable\":%d,\"no_new_privs\":%d}\n",
		prctl(PR_GET_DUMPABLE), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	return 0;
}

static void tell_listening(void)
{
	tell(json_pack("{s:s, s:i, s:i, s:i, s:s}", "event", "listening", "port",
		       admwh_server_port(server), "health_port", admwh_server_health_port(server),
		       "conversion_port", admwh_server_conversion_port(server), "tls_library",
		       admwh_tls_library()));
}

/* admwh_server_run() returns at the end only: that it has begun is seen from its log. */
static void log_json(const struct admwh_log_record *record, void *userdata)
{
	if (processes && strcmp(record->event, "accept.started") == 0)
		tell_listening();
	if (record->level >= log_level)
		admwh_log_json(record, userdata);
}

static int serve(void)
{
	if (processes)
		return admwh_server_run(server);
	if (admwh_server_start(server))
		fail("start", admwh_server_error(server));
	tell_listening();
	return admwh_server_wait(server);
}

static int set_dialect(struct route_options *route, const char *name)
{
	static const char *const names[] = {"kubernetes", "rancher", "kubewarden", "plain"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]))
			continue;
		route->dialect = (enum admwh_dialect)(i + 1);
		return 0;
	}
	fail("dialect", "expected kubernetes, rancher, kubewarden or plain");
	return ADMWH_E_INVAL;
}

static int set_log(struct admwh_config *config, const char *level)
{
	static const char *const names[] = {"debug", "info", "warning", "error"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(level, names[i]) == 0) {
			log_level = (enum admwh_log_level)(i + 1);
			return admwh_config_set_log(
			    config, log_level < ADMWH_LOG_INFO ? log_level : ADMWH_LOG_INFO,
			    log_json, stderr);
		}
	fail("log", "expected debug, info, warning or error");
	return ADMWH_E_INVAL;
}

enum flag {
	LISTEN,
	CERT,
	KEY,
	CLIENT_CA,
	ALLOW_CN,
	ANY_CN,
	AUTH,
	PLAIN,
	HEALTH,
	CHECK,
	READY_PATH,
	EXEMPT,
	ROUTE_PATH,
	LIMIT,
	THREADS,
	WORKERS,
	PROCESSES,
	INLINE,
	RAW,
	NUL_IN_TREES,
	ONLY_WARN,
	PATCH_OPTIONS,
	DIALECT,
	FILTER,
	AROUND,
	ON_FAILURE,
	REFUSALS,
	SLOW_MS,
	BARE,
	HOLD,
	QUIET,
	LOG,
	NO_RELOAD,
	RELOAD_ON_SIGHUP,
	KEEP_UNTRUSTED,
	START_UNREADY,
	NO_INOTIFY,
	TLS_PROFILE,
	CIPHERS,
	NO_AES_OFFLOAD,
	HARDENING,
	OWN_FILE,
	HEALTH_HOST,
	CONVERSION,
	HELP,
	ACCESS, /* access.c knows them by their names */
};

static const struct option options[] = {
    {"listen", required_argument, NULL, LISTEN},
    {"cert", required_argument, NULL, CERT},
    {"key", required_argument, NULL, KEY},
    {"client-ca", required_argument, NULL, CLIENT_CA},
    {"allow-cn", required_argument, NULL, ALLOW_CN},
    {"any-cn", required_argument, NULL, ANY_CN},
    {"auth", required_argument, NULL, AUTH},
    {"plain", no_argument, NULL, PLAIN},
    {"health", required_argument, NULL, HEALTH},
    {"check", required_argument, NULL, CHECK},
    {"ready-path", required_argument, NULL, READY_PATH},
    {"exempt", required_argument, NULL, EXEMPT},
    {"path", required_argument, NULL, ROUTE_PATH},
    {"limit", required_argument, NULL, LIMIT},
    {"threads", required_argument, NULL, THREADS},
    {"workers", required_argument, NULL, WORKERS},
    {"processes", required_argument, NULL, PROCESSES},
    {"inline", no_argument, NULL, INLINE},
    {"raw", no_argument, NULL, RAW},
    {"nul-in-trees", no_argument, NULL, NUL_IN_TREES},
    {"only-warn", no_argument, NULL, ONLY_WARN},
    {"patch-options", required_argument, NULL, PATCH_OPTIONS},
    {"bare", no_argument, NULL, BARE},
    {"dialect", required_argument, NULL, DIALECT},
    {"filter", required_argument, NULL, FILTER},
    {"around", no_argument, NULL, AROUND},
    {"on-failure", required_argument, NULL, ON_FAILURE},
    {"refusals", no_argument, NULL, REFUSALS},
    {"slow-ms", required_argument, NULL, SLOW_MS},
    {"hold", required_argument, NULL, HOLD},
    {"quiet", no_argument, NULL, QUIET},
    {"log", required_argument, NULL, LOG},
    {"no-reload", no_argument, NULL, NO_RELOAD},
    {"reload-on-sighup", no_argument, NULL, RELOAD_ON_SIGHUP},
    {"keep-untrusted", no_argument, NULL, KEEP_UNTRUSTED},
    {"start-unready", no_argument, NULL, START_UNREADY},
    {"no-inotify", no_argument, NULL, NO_INOTIFY},
    {"tls-profile", required_argument, NULL, TLS_PROFILE},
    {"ciphers", required_argument, NULL, CIPHERS},
    {"no-aes-offload", no_argument, NULL, NO_AES_OFFLOAD},
    {"hardening", no_argument, NULL, HARDENING},
    {"health-host", required_argument, NULL, HEALTH_HOST},
    {"conversion", required_argument, NULL, CONVERSION},
    {"help", no_argument, NULL, HELP},
    {"allow", required_argument, NULL, ACCESS},
    {"allow-file", required_argument, NULL, ACCESS},
    {"file", required_argument, NULL, OWN_FILE},
    {"deny-file", required_argument, NULL, ACCESS},
    {"tokens", required_argument, NULL, ACCESS},
    {"token-lines", required_argument, NULL, ACCESS},
    {"bare-tokens", no_argument, NULL, ACCESS},
    {"record-folder", required_argument, NULL, ACCESS},
    {"record-kind", required_argument, NULL, ACCESS},
    {"record-files", required_argument, NULL, ACCESS},
    {"token-issuer", required_argument, NULL, ACCESS},
    {"token-keys", required_argument, NULL, ACCESS},
    {"token-origin", required_argument, NULL, ACCESS},
    {"token-webhook", required_argument, NULL, ACCESS},
    {"observe", no_argument, NULL, ACCESS},
    {"route-allow", required_argument, NULL, ACCESS},
    {"route-auth", required_argument, NULL, ACCESS},
    {"require-group", required_argument, NULL, ACCESS},
    {NULL, 0, NULL, 0},
};

static int set_option(struct admwh_config *config, struct route_options *route, int option,
		      char *argument)
{
	switch (option) {
	case LISTEN:
		return admwh_config_set_listen(config, argument);
	case CLIENT_CA:
	case ALLOW_CN:
	case ANY_CN:
		return set_bundle(config, options[option].name, argument);
	case AUTH:
		return set_auth(config, argument);
	case PLAIN:
		return admwh_config_insecure_plain_http(config);
	case HEALTH:
		return admwh_config_set_health_listen(config, argument);
	case CHECK:
		checks[n_checks].name = argument;
		checks[n_checks++].file = cut("check", argument);
		return n_checks < CHECKS ? 0 : ADMWH_E_LIMIT;
	case READY_PATH:
		return admwh_config_add_ready_path(config, argument);
	case EXEMPT:
		return admwh_config_add_exempt_path(config, argument);
	case ROUTE_PATH:
		paths[n_paths++] = argument;
		return n_paths < PATHS ? 0 : ADMWH_E_LIMIT;
	case LIMIT:
		return set_limit(config, argument);
	case THREADS:
		return admwh_config_set_threads(config, (unsigned int)number("threads", argument));
	case WORKERS:
		return admwh_config_set_workers(config, (unsigned int)number("workers", argument));
	case PROCESSES:
		processes = (unsigned int)number("processes", argument);
		return admwh_config_set_processes(config, processes);
	case INLINE:
		route->is_inline = true;
		return 0;
	case RAW:
		route->raw = true;
		return 0;
	case NUL_IN_TREES:
		route->nul_in_trees = true;
		return 0;
	case ONLY_WARN:
		route->warn = true;
		return 0;
	case PATCH_OPTIONS:
		route->has_patch_options = true;
		route->patch_options = (unsigned int)number("patch-options", argument);
		return 0;
	case DIALECT:
		return set_dialect(route, argument);
	case FILTER:
		route->filtered = true;
		route->unmatched =
		    strcmp(argument, "allow") == 0 ? ADMWH_UNMATCHED_ALLOW : ADMWH_UNMATCHED_FAIL;
		return 0;
	case AROUND:
		is_around = true;
		return 0;
	case ON_FAILURE:
		route->on_failure = strcmp(argument, "policy") == 0 ? ADMWH_ON_FAILURE_POLICY
								    : ADMWH_ON_FAILURE_DENY;
		return 0;
	case REFUSALS:
		return admwh_config_set_refusal(config, refuse, NULL);
	case QUIET:
		quiet = true;
		return 0;
	case SLOW_MS:
		later_ms = (long)number("slow-ms", argument);
		return 0;
	case BARE:
		route->dialect = ADMWH_DIALECT_KUBEWARDEN;
		return 0;
	case HOLD:
		later_hold = argument;
		return 0;
	case LOG:
		return set_log(config, argument);
	case NO_RELOAD:
		return admwh_config_set_reload(config, false);
	case RELOAD_ON_SIGHUP:
		return admwh_config_set_reload_on_sighup(config, true);
	case KEEP_UNTRUSTED:
		return admwh_config_set_close_untrusted(config, false);
	case START_UNREADY:
		return admwh_config_set_start_unready(config, true);
	case NO_INOTIFY:
		no_inotify = true;
		return 0;
	case TLS_PROFILE:
		return admwh_config_set_tls_profile(config, strcmp(argument, "modern") == 0
								? ADMWH_TLS_MODERN
								: ADMWH_TLS_INTERMEDIATE);
	case CIPHERS:
		return admwh_config_set_tls_ciphers(config, argument);
	case NO_AES_OFFLOAD:
		return admwh_config_set_aes_offload(config, false);
	case CONVERSION:
		converts = true;
		return admwh_config_set_conversion_listen(config, argument);
	case HEALTH_HOST:
		return admwh_config_add_health_host(config, argument);
	case OWN_FILE:
		own_file = admwh_config_add_file(config, argument, parse_file, free_file, NULL);
		return own_file ? 0 : -1;
	case HARDENING:
		return admwh_config_set_hardening(config, is_hardened = true);
	default:
		fprintf(option == HELP ? stdout : stderr, "%s%s", usage, access_usage);
		exit(option == HELP ? 0 : 2);
	}
}

static void add_paths(const struct route_options *wanted)
{
	for (size_t i = 0; i < n_paths; i++) {
		bool is_pattern = strchr(paths[i], '{');
		struct admwh_route *route = admwh_server_add_validator(
		    server, paths[i], is_pattern ? look_up : validate, NULL);

		if (!route || access_set_route(route, paths[i]) ||
		    admwh_route_set_dialect(route, wanted->dialect))
			fail("--path", admwh_server_error(server));
	}
}

static void add_routes(const struct route_options *wanted)
{
	add_paths(wanted);
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		struct admwh_route *route =
		    routes[i].mutate
			? admwh_server_add_mutator(server, routes[i].path, routes[i].mutate, NULL)
			: admwh_server_add_validator(server, routes[i].path, routes[i].validate,
						     NULL);

		if (!route || admwh_route_set_inline(route, wanted->is_inline) ||
		    admwh_route_set_raw(route, wanted->raw) ||
		    admwh_route_set_nul_in_trees(route, wanted->nul_in_trees) ||
		    admwh_route_set_warn(route, wanted->warn) ||
		    (wanted->has_patch_options &&
		     admwh_route_set_patch_options(route, wanted->patch_options)) ||
		    admwh_route_set_dialect(route, wanted->dialect) ||
		    admwh_route_set_unmatched(route, wanted->unmatched) ||
		    (wanted->filtered &&
		     admwh_route_add_filter(route, "", "Pod", ADMWH_OPERATION_BIT(ADMWH_CREATE))) ||
		    admwh_route_set_on_failure(route, wanted->on_failure) ||
		    access_set_route(route, routes[i].path))
			fail(routes[i].path, admwh_server_error(server));
	}
	for (size_t i = 0; i < n_checks; i++)
		if (admwh_server_add_health_check(server, checks[i].name, is_there, checks[i].file))
			fail(checks[i].name, admwh_server_error(server));
	if (is_around && (admwh_server_add_hooks(server, before, after, outer) ||
			  admwh_server_add_hooks(server, before, after, inner)))
		fail("around", admwh_server_error(server));
	if (is_hardened && admwh_server_set_process_start(server, tell_process, NULL))
		fail("hardening", admwh_server_error(server));
	if (converts && convert_add(server))
		fail("conversion", admwh_server_error(server));
	if (admwh_server_add_health_path(server, "/healthz"))
		fail("/healthz", admwh_server_error(server));
}

int main(int argc, char **argv)
{
	struct admwh_config *config = admwh_config_new();
	struct route_options route = {
	    .on_failure = ADMWH_ON_FAILURE_DENY,
	    .dialect = ADMWH_DIALECT_KUBERNETES,
	    .unmatched = ADMWH_UNMATCHED_FAIL,
	};
	const char *certificate = NULL, *key = NULL;
	bool plain = false;
	int option, which, failed;

	if (!config || set_log(config, "warning") || admwh_config_set_stop_on_signals(config, true))
		fail("start", "out of memory");
	while ((option = getopt_long(argc, argv, "", options, &which)) != -1) {
		plain = plain || option == PLAIN;
		if (option == CERT)
			certificate = optarg;
		else if (option == KEY)
			key = optarg;
		else if (option == ACCESS &&
			 access_set_option(config, options[which].name, optarg, &failed)) {
			if (failed)
				fail(options[which].name, admwh_config_error(config));
		} else if (set_option(config, &route, option, optarg))
			fail(options[option].name, admwh_config_error(config));
	}
	if ((!plain && (!certificate || !key)) || optind < argc)
		set_option(config, &route, '?', NULL);
	if (certificate && admwh_config_set_keypair_file(config, certificate, key))
		fail("cert, key", admwh_config_error(config));
	server = admwh_server_new(config);
	if (!server)
		fail("start", admwh_config_error(config));
	admwh_config_free(config); /* the server keeps what it needs, and no copy of the key */
	add_routes(&route);
	failed = serve();
	if (failed)
		fprintf(stderr, "admwh-probe: %s\n", admwh_server_error(server));
	tell(json_pack("{s:s}", "event", "stopped"));
	admwh_server_free(server);
	later_end();
	return failed ? 1 : 0;
}
