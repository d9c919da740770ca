/* SPDX-License-Identifier: MIT */
/*
 * What a program sees of worker processes: what is refused, and what is left of them. How they are
 * kept is tests/unit/process; what a client sees is tests/integration/test_processes.py.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../good_server.h"

static int set_up(void **state)
{
	static struct server_fixture fixture;

	fixture.config = admwh_config_new();
	if (set_up_config(fixture.config) || admwh_config_set_processes(fixture.config, 2) ||
	    admwh_config_set_stop_on_signals(fixture.config, true))
		return -1;
	*state = &fixture;
	return make_server(&fixture);
}

static void are_not_started_without_their_supervisor(void **state)
{
	struct server_fixture *fixture = *state;

	assert_int_equal(admwh_server_start(fixture->server), ADMWH_E_STATE);
	assert_non_null(strstr(admwh_server_error(fixture->server), "admwh_server_run()"));
	assert_int_equal(admwh_server_wait(fixture->server), ADMWH_E_STATE);
}

static void *wait_for_pipe(void *fd)
{
	char byte;

	return read(*(int *)fd, &byte, 1) == 1 ? fd : NULL;
}

static void are_not_started_beside_other_threads(void **state)
{
	struct server_fixture *fixture = *state;
	pthread_t thread;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_pipe, &ends[0]), 0);
	assert_int_equal(admwh_server_run(fixture->server), ADMWH_E_STATE);
	assert_non_null(strstr(admwh_server_error(fixture->server), "threads"));
	assert_int_equal(admwh_server_port(fixture->server), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	pthread_join(thread, NULL);
	close(ends[0]);
	close(ends[1]);
}

static void are_not_started_without_a_route(void **state)
{
	struct admwh_config *config = admwh_config_new();
	struct admwh_server *other;

	(void)state;
	assert_int_equal(set_up_main_endpoint(config), 0);
	assert_int_equal(admwh_config_set_processes(config, 2), 0);
	other = admwh_server_new(config);
	assert_int_equal(admwh_server_run(other), ADMWH_E_STATE);
	assert_string_equal(admwh_server_error(other), "the server has no route");
	admwh_server_free(other);
	admwh_config_free(config);
}

static void end_at_once_when_stopped_before_the_start(void **state)
{
	struct server_fixture *fixture = *state;

	admwh_server_stop(fixture->server);
	assert_int_equal(admwh_server_run(fixture->server), 0);
	assert_int_equal(admwh_server_run(fixture->server), ADMWH_E_STATE);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

static void give_back_the_signals_as_they_were(void **state)
{
	struct server_fixture *fixture = *state;
	struct sigaction own = {.sa_handler = SIG_IGN}, after;

	sigaction(SIGINT, &own, NULL);
	admwh_server_stop(fixture->server);
	assert_int_equal(admwh_server_run(fixture->server), 0);
	sigaction(SIGINT, NULL, &after);
	assert_ptr_equal(after.sa_handler, SIG_IGN);
	sigaction(SIGTERM, NULL, &after);
	assert_ptr_equal(after.sa_handler, SIG_DFL);
	sigaction(SIGCHLD, NULL, &after);
	assert_ptr_equal(after.sa_handler, SIG_DFL);
	own.sa_handler = SIG_DFL;
	sigaction(SIGINT, &own, NULL);
}

struct shared {
	atomic_int starts;
	atomic_int fails; /* so many of them */
	struct admwh_server *server;
	pid_t supervisor;
};

/* In a worker: once it has been called often enough, the whole is stopped. */
static int get_ready(void *userdata)
{
	struct shared *shared = userdata;
	bool fails = atomic_fetch_sub(&shared->fails, 1) > 0;

	if (getpid() == shared->supervisor)
		return -1;
	atomic_fetch_add(&shared->starts, 1);
	if (!fails)
		admwh_server_stop(shared->server);
	return fails;
}

static struct shared *share(struct admwh_server *server, int fails)
{
	struct shared *shared =
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(shared, MAP_FAILED);
	shared->server = server;
	shared->supervisor = getpid();
	atomic_store(&shared->fails, fails);
	assert_int_equal(admwh_server_set_process_start(server, get_ready, shared), 0);
	return shared;
}

static void run_the_programs_preparations_and_stop_when_one_asks(void **state)
{
	struct server_fixture *fixture = *state;
	struct shared *shared = share(fixture->server, 0);

	assert_int_equal(admwh_server_run(fixture->server), 0);
	assert_true(atomic_load(&shared->starts) >= 1);
	munmap(shared, sizeof(*shared));
}

static void are_tried_again_when_they_cannot_start(void **state)
{
	struct server_fixture *fixture = *state;
	struct shared *shared = share(fixture->server, 4);

	assert_int_equal(admwh_server_run(fixture->server), 0);
	assert_true(atomic_load(&shared->starts) >= 5);
	munmap(shared, sizeof(*shared));
}

static int never_ready(void *userdata)
{
	(void)userdata;
	return 7;
}

static void preparations_count_without_processes_too(void **state)
{
	struct server_fixture *fixture = *state;
	struct admwh_config *config = admwh_config_new();
	struct admwh_server *server;

	(void)fixture;
	assert_int_equal(set_up_config(config), 0);
	server = admwh_server_new(config);
	assert_non_null(admwh_server_add_validator(server, "/a", allow, NULL));
	assert_int_equal(admwh_server_set_process_start(NULL, never_ready, NULL), ADMWH_E_INVAL);
	assert_int_equal(admwh_server_set_process_start(server, never_ready, NULL), 0);
	assert_int_equal(admwh_server_start(server), ADMWH_E_HANDLER);
	assert_int_equal(admwh_server_set_process_start(server, NULL, NULL), ADMWH_E_STATE);
	admwh_server_free(server);
	admwh_config_free(config);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down_server)
	const struct CMUnitTest tests[] = {
	    TEST(are_not_started_without_their_supervisor),
	    TEST(are_not_started_beside_other_threads),
	    TEST(are_not_started_without_a_route),
	    TEST(end_at_once_when_stopped_before_the_start),
	    TEST(give_back_the_signals_as_they_were),
	    TEST(run_the_programs_preparations_and_stop_when_one_asks),
	    TEST(are_tried_again_when_they_cannot_start),
	    TEST(preparations_count_without_processes_too),
	};

	/* An emulator has a thread of its own, beside which no process may be started: skipped. */
	if (getenv("ADMWH_EMULATED"))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
