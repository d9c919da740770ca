/* SPDX-License-Identifier: MIT */
/* The life of a server, without a client: what a client sees is tests/integration's. */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../good_server.h"

static int set_up(void **state)
{
	static struct server_fixture fixture;

	fixture.config = admwh_config_new();
	if (set_up_config(fixture.config)) {
		print_error("%s\n", admwh_config_error(fixture.config));
		return -1;
	}
	*state = &fixture;
	return make_server(&fixture);
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void is_not_waited_for_before_it_was_started(void **state)
{
	struct server_fixture *fixture = *state;

	assert_int_equal(admwh_server_wait(fixture->server), ADMWH_E_STATE);
	assert_int_equal(admwh_server_port(fixture->server), 0);
}

static void starts_once(void **state)
{
	struct server_fixture *fixture = *state;

	assert_int_equal(admwh_server_start(fixture->server), 0);
	assert_int_equal(admwh_server_start(fixture->server), ADMWH_E_STATE);
	assert_null(admwh_server_add_validator(fixture->server, "/b", allow, NULL));
	assert_int_equal(admwh_server_add_health_path(fixture->server, "/c"), ADMWH_E_STATE);
	assert_int_equal(admwh_server_add_hooks(fixture->server, NULL, NULL, NULL), ADMWH_E_STATE);
	assert_string_equal(admwh_server_error(fixture->server), "the server was started already");
	admwh_server_stop(fixture->server);
	assert_int_equal(admwh_server_wait(fixture->server), 0);
	assert_int_equal(admwh_server_wait(fixture->server), 0);
	assert_int_equal(admwh_server_start(fixture->server), ADMWH_E_STATE);
}

static void refuses_to_start_without_a_route(void **state)
{
	struct admwh_config *config = admwh_config_new();
	struct admwh_server *other;

	(void)state;
	assert_int_equal(set_up_main_endpoint(config), 0);
	other = admwh_server_new(config);
	assert_non_null(other);
	assert_int_equal(admwh_server_start(other), ADMWH_E_STATE);
	assert_string_equal(admwh_server_error(other), "the server has no route");
	admwh_server_stop(other);
	admwh_server_free(other);
	admwh_config_free(config);
}

static void starts_without_a_route_where_it_tells_its_health(void **state)
{
	struct server_fixture *fixture = *state;
	struct admwh_server *other = admwh_server_new(fixture->config);

	assert_int_equal(admwh_server_start(other), 0);
	admwh_server_stop(other);
	assert_int_equal(admwh_server_wait(other), 0);
	admwh_server_free(other);
}

static const char *is_well(void *userdata)
{
	return userdata;
}

static void takes_checks_and_hooks_before_its_start(void **state)
{
	struct server_fixture *fixture = *state;
	struct admwh_server *server = fixture->server;

	assert_int_equal(admwh_server_add_health_check(NULL, "a", is_well, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_server_add_health_check(server, NULL, is_well, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_server_add_health_check(server, "a", NULL, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_server_add_health_check(server, "a/b", is_well, NULL),
			 ADMWH_E_INVAL);
	assert_int_equal(admwh_server_add_health_check(server, "listening", is_well, NULL),
			 ADMWH_E_EXISTS);
	assert_int_equal(admwh_server_add_hooks(server, NULL, NULL, NULL), ADMWH_E_INVAL);
	assert_string_equal(admwh_server_error(server), "neither a before hook nor an after hook");
	assert_int_equal(admwh_server_add_health_check(server, "a", is_well, NULL), 0);
	assert_int_equal(admwh_server_add_health_check(server, "a", is_well, NULL), ADMWH_E_EXISTS);
	assert_int_equal(admwh_server_health_port(server), 0);
	assert_int_equal(admwh_server_start(server), 0);
	assert_true(admwh_server_health_port(server) > 0);
	assert_int_equal(admwh_server_add_health_check(server, "b", is_well, NULL), ADMWH_E_STATE);
}

/* Its pages and those of the program must not be in each other's way, unnoticed. */
static void refuses_to_start_when_a_checks_path_is_taken(void **state)
{
	struct server_fixture *fixture = *state;

	assert_int_equal(admwh_server_add_health_path(fixture->server, "/healthz"), 0);
	assert_int_equal(admwh_server_add_health_check(fixture->server, "a", is_well, NULL), 0);
	assert_non_null(admwh_server_add_validator(fixture->server, "/healthz/a", allow, NULL));
	assert_int_equal(admwh_server_start(fixture->server), ADMWH_E_EXISTS);
}

static void says_that_its_port_is_taken(void **state)
{
	struct server_fixture *fixture = *state;
	struct admwh_config *config = admwh_config_new();
	struct admwh_server *other;
	char address[32];

	assert_int_equal(admwh_server_start(fixture->server), 0);
	snprintf(address, sizeof(address), "127.0.0.1:%u", admwh_server_port(fixture->server));
	assert_int_equal(set_up_config(config), 0);
	assert_int_equal(admwh_config_set_listen(config, address), 0);
	other = admwh_server_new(config);
	assert_non_null(admwh_server_add_validator(other, "/a", allow, NULL));
	assert_int_equal(admwh_server_start(other), ADMWH_E_LISTEN);
	assert_non_null(strstr(admwh_server_error(other), address));
	assert_int_equal(admwh_server_wait(other), ADMWH_E_STATE);
	admwh_server_free(other);
	admwh_config_free(config);
}

static void ends_at_once_when_stopped_before_its_start(void **state)
{
	struct server_fixture *fixture = *state;

	admwh_server_stop(fixture->server);
	assert_int_equal(admwh_server_run(fixture->server), 0);
}

static void two_servers_share_a_config(void **state)
{
	struct server_fixture *fixture = *state;
	struct admwh_server *other = admwh_server_new(fixture->config);
	int one, two;

	assert_non_null(admwh_server_add_validator(other, "/a", allow, NULL));
	admwh_config_free(fixture->config);
	fixture->config = NULL;
	assert_int_equal(admwh_server_start(fixture->server), 0);
	assert_int_equal(admwh_server_start(other), 0);
	one = connect_to(admwh_server_port(fixture->server));
	two = connect_to(admwh_server_port(other));
	assert_true(one >= 0 && two >= 0);
	close(one);
	close(two);
	admwh_server_free(other);
}

static void is_freed_while_it_serves(void **state)
{
	struct server_fixture *fixture = *state;
	int fds[20];
	uint16_t port;

	assert_int_equal(admwh_server_start(fixture->server), 0);
	port = admwh_server_port(fixture->server);
	for (size_t i = 0; i < 20; i++)
		fds[i] = connect_to(port);
	admwh_server_free(fixture->server);
	fixture->server = NULL;
	for (size_t i = 0; i < 20; i++)
		close(fds[i]);
	assert_int_equal(connect_to(port), -1);
}

static struct admwh_server *to_stop;

static void on_usr1(int number)
{
	(void)number;
	admwh_server_stop(to_stop);
}

static void stops_from_a_signal_handler(void **state)
{
	struct server_fixture *fixture = *state;
	struct sigaction action = {.sa_handler = on_usr1};

	to_stop = fixture->server;
	sigaction(SIGUSR1, &action, NULL);
	assert_int_equal(admwh_server_start(fixture->server), 0);
	kill(getpid(), SIGUSR1);
	assert_int_equal(admwh_server_wait(fixture->server), 0);
}

struct signals {
	struct sigaction actions[NSIG];
	sigset_t mask;
};

static void note_signals(struct signals *signals)
{
	memset(signals, 0, sizeof(*signals));
	for (int i = 1; i < NSIG; i++)
		sigaction(i, NULL, &signals->actions[i]);
	pthread_sigmask(SIG_SETMASK, NULL, &signals->mask);
}

static void assert_same_signals(const struct signals *before)
{
	struct signals now;

	note_signals(&now);
	for (int i = 1; i < NSIG; i++) {
		assert_int_equal(sigismember(&before->mask, i), sigismember(&now.mask, i));
		if (before->actions[i].sa_handler != now.actions[i].sa_handler)
			fail_msg("signal %d is handled otherwise", i);
	}
}

static void leaves_signals_alone_unless_asked(void **state)
{
	struct server_fixture *fixture = *state;
	struct signals before;

	note_signals(&before);
	assert_int_equal(admwh_server_start(fixture->server), 0);
	assert_same_signals(&before);
	admwh_server_free(fixture->server);
	fixture->server = NULL;
	assert_same_signals(&before);
}

/* How many descriptors a program that is started now would inherit. */
static int count_inherited(void)
{
	FILE *listing = popen("ls /proc/self/fd", "r");
	int byte, n = 0;

	assert_non_null(listing);
	while ((byte = fgetc(listing)) != EOF)
		n += byte == '\n';
	assert_int_equal(pclose(listing), 0);
	return n;
}

static void has_no_descriptor_that_another_program_inherits(void **state)
{
	struct server_fixture *fixture = *state;
	int before = count_inherited(), fd;

	assert_int_equal(admwh_server_start(fixture->server), 0);
	fd = connect_to(admwh_server_port(fixture->server));
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	assert_int_equal(count_inherited(), before);
	close(fd);
}

static int count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(folder);
	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

static void starts_and_stops_a_thousand_times(void **state)
{
	struct server_fixture *fixture = *state;
	int before = count_descriptors();

	for (int i = 0; i < 1000; i++) {
		struct admwh_server *server = admwh_server_new(fixture->config);
		int fd;

		assert_non_null(admwh_server_add_validator(server, "/a", allow, NULL));
		assert_int_equal(admwh_server_start(server), 0);
		fd = i % 3 ? connect_to(admwh_server_port(server)) : -1;
		admwh_server_stop(server);
		if (i % 2)
			admwh_server_stop(server);
		if (fd >= 0)
			close(fd);
		admwh_server_wait(server);
		admwh_server_free(server);
	}
	assert_int_equal(count_descriptors(), before);
}

enum { STOPPERS = 64 };

static void *connect_reload_and_stop(void *argument)
{
	struct admwh_server *server = argument;
	int fd = connect_to(admwh_server_port(server));

	admwh_server_reload(server);
	admwh_server_stop(server);
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void is_stopped_by_64_threads_at_once(void **state)
{
	struct server_fixture *fixture = *state;

	for (int round = 0; round < 20; round++) {
		struct admwh_server *server = admwh_server_new(fixture->config);
		pthread_t threads[STOPPERS];

		assert_non_null(admwh_server_add_validator(server, "/a", allow, NULL));
		assert_int_equal(admwh_server_start(server), 0);
		for (size_t i = 0; i < STOPPERS; i++)
			assert_int_equal(
			    pthread_create(&threads[i], NULL, connect_reload_and_stop, server), 0);
		admwh_server_wait(server);
		for (size_t i = 0; i < STOPPERS; i++)
			pthread_join(threads[i], NULL);
		admwh_server_free(server);
	}
}

static void tells_what_the_setters_of_its_routes_complain_about(void **state)
{
	struct server_fixture *fixture = *state;
	struct admwh_route *route = admwh_server_add_validator(fixture->server, "/b", allow, NULL);

	assert_int_equal(admwh_route_require_token_group(route, ""), ADMWH_E_INVAL);
	assert_string_equal(admwh_server_error(fixture->server), "a group needs a name");
	assert_string_equal(admwh_route_error(route), "a group needs a name");
	assert_int_equal(admwh_route_allow(route, "a", ADMWH_RULE_IP, "x"), ADMWH_E_INVAL);
	assert_string_equal(admwh_server_error(fixture->server),
			    "ip:x: expected an IPv4 or IPv6 address");
	assert_int_equal(admwh_route_set_inline(route, false), 0);
	assert_string_equal(admwh_server_error(fixture->server), "");
}

static void says_that_a_route_has_no_handler(void **state)
{
	struct server_fixture *fixture = *state;

	assert_null(admwh_server_add_validator(fixture->server, "/b", NULL, NULL));
	assert_string_equal(admwh_server_error(fixture->server), "a route needs a handler");
	assert_null(admwh_server_add_mutator(fixture->server, "/b", NULL, NULL));
	assert_string_equal(admwh_server_error(fixture->server), "a route needs a handler");
	assert_int_equal(admwh_server_add_health_path(fixture->server, "/b"), 0);
	assert_string_equal(admwh_server_error(fixture->server), "");
}

static int before(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)req, (void)resp, (void)userdata;
	return 0;
}

static void names_itself_and_its_tls_library(void **state)
{
	(void)state;
	assert_string_equal(admwh_version(), ADMWH_VERSION);
	assert_int_equal(strncmp(admwh_tls_library(), "wolfSSL ", strlen("wolfSSL ")), 0);
}

static void does_nothing_without_a_server(void **state)
{
	(void)state;
	assert_string_equal(admwh_server_error(NULL), "");
	assert_null(admwh_server_add_validator(NULL, "/a", allow, NULL));
	assert_null(admwh_server_add_mutator(NULL, "/a", NULL, NULL));
	assert_int_equal(admwh_server_add_health_path(NULL, "/a"), ADMWH_E_INVAL);
	assert_int_equal(admwh_server_add_health_check(NULL, "a", NULL, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_server_add_hooks(NULL, before, NULL, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_server_set_process_start(NULL, NULL, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_server_start(NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_server_wait(NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_server_run(NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_server_port(NULL), 0);
	assert_int_equal(admwh_server_health_port(NULL), 0);
	admwh_server_stop(NULL);
	admwh_server_reload(NULL);
	admwh_server_free(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down_server)
	const struct CMUnitTest tests[] = {
	    TEST(is_not_waited_for_before_it_was_started),
	    TEST(starts_once),
	    TEST(refuses_to_start_without_a_route),
	    TEST(starts_without_a_route_where_it_tells_its_health),
	    TEST(takes_checks_and_hooks_before_its_start),
	    TEST(refuses_to_start_when_a_checks_path_is_taken),
	    TEST(says_that_its_port_is_taken),
	    TEST(ends_at_once_when_stopped_before_its_start),
	    TEST(two_servers_share_a_config),
	    TEST(is_freed_while_it_serves),
	    TEST(stops_from_a_signal_handler),
	    TEST(leaves_signals_alone_unless_asked),
	    TEST(has_no_descriptor_that_another_program_inherits),
	    TEST(starts_and_stops_a_thousand_times),
	    TEST(is_stopped_by_64_threads_at_once),
	    TEST(tells_what_the_setters_of_its_routes_complain_about),
	    TEST(says_that_a_route_has_no_handler),
	    cmocka_unit_test(names_itself_and_its_tls_library),
	    cmocka_unit_test(does_nothing_without_a_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
