/* SPDX-License-Identifier: MIT */
/* Each run is a process of its own, as main() of a program would be. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../good_server.h"

enum { MOST = 12, OUTPUT_MAX = 65536 };

/* What the callbacks of all processes have done, in memory that they share. */
struct calls {
	atomic_int configured, set_up, started, stopped;
};

static struct calls *calls;

static int configure(struct admwh_config *config, void *userdata)
{
	const char *how = userdata;

	atomic_fetch_add(&calls->configured, 1);
	if (strcmp(how, "usage") == 0)
		return admwh_config_fail(config, ADMWH_E_INVAL, "--a needs --%s", "b");
	if (strcmp(how, "file") == 0)
		return admwh_config_fail(config, ADMWH_E_IO, "no %s", "table");
	/* --listen wins over this */
	return admwh_config_set_listen(config, "192.0.2.1:1");
}

static int set_up(struct admwh_server *server, void *userdata)
{
	const struct admwh_log_field field = {.key = "what", .value = "ready"};
	const struct admwh_log_record record = {
	    .level = ADMWH_LOG_INFO, .event = "test.setup", .fields = &field, .n_fields = 1};

	atomic_fetch_add(&calls->set_up, 1);
	if (strcmp(userdata, "setup") == 0)
		return admwh_server_fail(server, ADMWH_E_IO, "no %s", "route");
	if (strcmp(userdata, "wordless") == 0)
		return -1;
	admwh_server_log(server, &record);
	return admwh_server_add_validator(server, "/v", allow, NULL) ? 0 : -1;
}

static int label(const struct admwh_request *req, struct admwh_response *resp,
		 struct admwh_patch *patch, void *userdata)
{
	(void)req, (void)patch, (void)userdata;
	return admwh_response_allow(resp);
}

/* Tables of routes, by the name of a run. */
static const struct admwh_program_route good_routes[] = {
    {.path = "/t", .validate = allow, .kind = "Pod"},
    {.path = "/m", .mutate = label, .operations = ADMWH_OPERATION_BIT(ADMWH_CREATE)},
    {.path = "/c", .convert = keep},
};
static const struct admwh_program_route no_handler[] = {{.path = "/t"}};
static const struct admwh_program_route two_handlers[] = {
    {.path = "/t", .validate = allow, .mutate = label}};
static const struct admwh_program_route filtered_conversion[] = {
    {.path = "/c", .convert = keep, .group = "a.io"}};
static const struct admwh_program_route same_path[] = {{.path = "/t", .validate = allow},
						       {.path = "/t", .mutate = label}};
static const struct admwh_program_route no_path[] = {{.validate = allow}};

static const struct {
	const char *how;
	const struct admwh_program_route *routes;
	size_t n;
} tables[] = {
    {"routes", good_routes, 3},        {"no handler", no_handler, 1},
    {"two handlers", two_handlers, 1}, {"filtered conversion", filtered_conversion, 1},
    {"same path", same_path, 2},       {"no path", no_path, 1},
};

static void add_table(struct admwh_program *program, const char *how)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (strcmp(tables[i].how, how) != 0)
			continue;
		program->routes = tables[i].routes;
		program->n_routes = tables[i].n;
	}
}

static int start(void *userdata)
{
	atomic_fetch_add(&calls->started, 1);
	return strcmp(userdata, "start") == 0 ? -1 : 0;
}

static void count_stop(void *userdata)
{
	(void)userdata;
	atomic_fetch_add(&calls->stopped, 1);
}

/* The child's part: argv of a program, with "PKI/" for the folder of the certificates. */
static int run(const char *how, const char *const *arguments)
{
	static char copies[MOST][1024], name[] = "prog";
	struct admwh_program program = {
	    .name = "prog",
	    .version = "1.2.3",
	    .configure = configure,
	    .setup = set_up,
	    .start = start,
	    .stop = count_stop,
	    .userdata = (void *)(uintptr_t)how,
	};
	char *argv[MOST + 2] = {name};
	int argc = 1;

	add_table(&program, how);
	for (; *arguments; arguments++, argc++) {
		const char *pki = strstr(*arguments, "PKI/");

		argv[argc] = copies[argc - 1];
		snprintf(argv[argc], sizeof(copies[0]), "%.*s%s%s",
			 pki ? (int)(pki - *arguments) : 1000, *arguments,
			 pki ? getenv("ADMWH_PKI") : "", pki ? pki + 3 : "");
	}
	return admwh_program_main(argc, argv, &program);
}

/* Both outputs of a run, and its exit status. It gets SIGTERM once its output has this text. */
static int run_until(const char *how, const char *const *arguments, const char *until, char *output)
{
	int ends[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	memset(calls, 0, sizeof(*calls));
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		status = run(how, arguments);
		fflush(NULL);
		_exit(status);
	}
	close(ends[1]);
	while ((n = read(ends[0], output + len, OUTPUT_MAX - 1 - len)) > 0) {
		len += (size_t)n;
		output[len] = '\0';
		if (until && strstr(output, until)) {
			kill(pid, SIGTERM);
			until = NULL;
		}
	}
	output[len] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define CERTIFICATE "--tls-cert=PKI/server/ecdsa.crt", "--tls-key=PKI/keys/server.key"
#define CALLERS "--client-ca=PKI/ca/good.crt", "--client-allow=cn:kube-apiserver"
#define LISTEN "--listen=127.0.0.1:0"

static void tells_what_is_wrong_by_its_exit_status(void **state)
{
	static const struct {
		const char *how, *arguments[MOST];
		int status;
		const char *output; /* what is in it */
	} cases[] = {
	    {"", {"--lisen=1"}, 2, "prog: --lisen: there is no such flag; --help lists them\n"},
	    {"", {"surplus"}, 2, "prog: unexpected argument \"surplus\"\n"},
	    {"", {NULL}, 2, "prog: --tls-cert and --tls-key are required; --help says more\n"},
	    {"",
	     {CERTIFICATE},
	     2,
	     "prog: no caller could be allowed: --client-ca with --client-allow, or --token-file, "
	     "is "
	     "required; --help says more\n"},
	    {"",
	     {CERTIFICATE, "--client-ca=scanner=PKI/ca/good.crt"},
	     2,
	     "prog: bundle \"scanner\" allows no caller: --client-allow scanner=RULE is "
	     "required\n"},
	    {"",
	     {CERTIFICATE, "--client-allow=any"},
	     2,
	     "prog: bundle \"default\" has no CA: --client-ca default=FILE is required\n"},
	    {"",
	     {CERTIFICATE, CALLERS, "--insecure-no-client-auth"},
	     2,
	     "and the insecure option to ask for no certificate\n"},
	    {"",
	     {"--tls-cert=/nowhere", "--tls-key=/nowhere"},
	     1,
	     "prog: --tls-cert, --tls-key: /nowhere: No such file or directory\n"},
	    {"", {CERTIFICATE, "--client-ca=PKI/keys/server.key"}, 1, "prog: --client-ca: "},
	    {"",
	     {CERTIFICATE, CALLERS, "--listen=192.0.2.1:0"},
	     1,
	     "prog: cannot listen on 192.0.2.1"},
	    {"usage", {NULL}, 2, "prog: --a needs --b\n"},
	    {"file", {NULL}, 1, "prog: no table\n"},
	    {"setup", {CERTIFICATE, CALLERS}, 1, "prog: no route\n"},
	    {"no handler", {CERTIFICATE, CALLERS}, 1, "prog: route /t: one handler, "},
	    {"two handlers", {CERTIFICATE, CALLERS}, 1, "prog: route /t: one handler, "},
	    {"filtered conversion", {CERTIFICATE, CALLERS}, 1, "prog: route /c: one handler, "},
	    {"same path", {CERTIFICATE, CALLERS}, 1, "prog: /t has a handler already\n"},
	    {"no path", {CERTIFICATE, CALLERS}, 1, "prog: path \"\": "},
	    {"routes",
	     {CERTIFICATE, CALLERS, LISTEN},
	     1,
	     "prog: the server converts at /c, and has no address for that"},
	    {"",
	     {CERTIFICATE, CALLERS, LISTEN, "--warn-path=/w"},
	     1,
	     "prog: no reviews are served at the warn path /w\n"},
	    {"", {CERTIFICATE, CALLERS, "--warn-path=w"}, 2, "prog: --warn-path: path \"w\": "},
	    {"wordless", {CERTIFICATE, CALLERS}, 1, "prog: the program cannot be set up\n"},
	    {"start",
	     {CERTIFICATE, CALLERS, LISTEN},
	     1,
	     "prog: the program could not get ready to serve\n"},
	    {"", {"--version", "--nonsense"}, 0, "prog 1.2.3\n"},
	    {"", {"--help"}, 0, "SIGHUP reloads files.\n"},
	};
	static char output[OUTPUT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = run_until(cases[i].how, cases[i].arguments, NULL, output);

		if (status != cases[i].status || !strstr(output, cases[i].output))
			fail_msg("%zu: status %d, %s", i, status, output);
	}
}

static void serves_until_it_is_told_to_stop(void **state)
{
	static const char *const plain[] = {CERTIFICATE, CALLERS, LISTEN, NULL};
	static const char *const processes[] = {
	    CERTIFICATE,         CALLERS, LISTEN, "--processes=2", "--health-listen=127.0.0.1:0",
	    "--log-format=json", NULL};
	static char output[OUTPUT_MAX];

	(void)state;
	assert_int_equal(run_until("", plain, "accept.started", output), 0);
	assert_non_null(strstr(output, "test.setup what=ready"));
	assert_non_null(strstr(output, "accept.stopped"));
	assert_int_equal(calls->configured, 1);
	assert_int_equal(calls->set_up, 1);
	assert_int_equal(calls->started, 1);
	assert_int_equal(calls->stopped, 1);
	/* An emulator has a thread of its own, beside which no process may be started. */
	if (getenv("ADMWH_EMULATED"))
		return;
	/* "serves" of neither worker is logged: a stop may come before, but then nothing starts. */
	assert_int_equal(run_until("", processes, "accept.started", output), 0);
	assert_non_null(strstr(output, "\"event\":\"test.setup\""));
	assert_int_equal(calls->set_up, 1);
	assert_int_equal(calls->started, calls->stopped);
}

static void serves_the_routes_of_its_table(void **state)
{
	static const char *const options[] = {
	    CERTIFICATE,      CALLERS,          LISTEN,           "--conversion-listen=127.0.0.1:0",
	    "--warn-path=/t", "--warn-path=/m", "--warn-path=/v", NULL};
	static char output[OUTPUT_MAX];

	(void)state;
	assert_int_equal(run_until("routes", options, "accept.started", output), 0);
	assert_non_null(strstr(output, " routes=4")); /* with that of setup() */
	assert_int_equal(calls->set_up, 1);
}

/* A start that fails has begun threads all the same: it has its stop. */
static void stops_what_it_could_not_use(void **state)
{
	static const char *const taken[] = {CERTIFICATE, CALLERS, "--listen=192.0.2.1:0", NULL};
	static char output[OUTPUT_MAX];

	(void)state;
	assert_int_equal(run_until("", taken, NULL, output), 1);
	assert_int_equal(calls->started, calls->stopped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_what_is_wrong_by_its_exit_status),
	    cmocka_unit_test(serves_until_it_is_told_to_stop),
	    cmocka_unit_test(serves_the_routes_of_its_table),
	    cmocka_unit_test(stops_what_it_could_not_use),
	};

	calls =
	    mmap(NULL, sizeof(*calls), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (calls == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
