/* SPDX-License-Identifier: MIT */
/* What a loop's thread keeps for handshakes goes once none has been for a while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/container.h"
#include "conn/quiet.h"
#include "tls/tls.h"
#include "../wrapped_alloc.h"

enum { PATIENCE_MS = 60000 };

static bool has_no_memory;
static atomic_int times; /* that the thread's memory was given back */

static bool alloc_fails(void)
{
	return has_no_memory;
}

void __wrap_awh_tls_thread_trim(void);

void __wrap_awh_tls_thread_trim(void)
{
	atomic_fetch_add(&times, 1);
}

struct fixture {
	struct awh_quiet quiet;
	struct awh_trim trim;
	struct awh_task put_off, end;
	struct awh_loop *loop;
	int n; /* put off so often, at once */
};

static void run_put_off(struct awh_task *task)
{
	struct fixture *fixture = AWH_CONTAINER(task, struct fixture, put_off);

	for (int i = 0; i < fixture->n; i++)
		awh_quiet_put_off(&fixture->quiet);
}

static void run_end(struct awh_task *task)
{
	struct fixture *fixture = AWH_CONTAINER(task, struct fixture, end);

	awh_quiet_end(&fixture->quiet);
	awh_quiet_put_off(&fixture->quiet); /* a connection that ends later */
	awh_trim_end(&fixture->trim);
	awh_loop_end(fixture->loop);
}

static void start(struct fixture *fixture, int64_t ms, int n)
{
	*fixture = (struct fixture){
	    .put_off.run = run_put_off, .end.run = run_end, .loop = awh_loop_new(NULL), .n = n};
	atomic_store(&times, 0);
	assert_non_null(fixture->loop);
	assert_int_equal(awh_trim_make(&fixture->trim, fixture->loop), 0);
	assert_int_equal(awh_quiet_make(&fixture->quiet, fixture->loop, &fixture->trim, ms), 0);
	assert_int_equal(fixture->quiet.ms, ms);
	atomic_store(&fixture->trim.freed, 1);
	assert_int_equal(awh_loop_start(fixture->loop, NULL, NULL), 0);
	awh_loop_post(fixture->loop, &fixture->put_off);
}

static void end(struct fixture *fixture)
{
	awh_loop_post(fixture->loop, &fixture->end);
	awh_loop_join(fixture->loop);
	awh_loop_free(fixture->loop);
}

static void gives_back_once_when_it_is_quiet(void **state)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct fixture fixture;
	int ms = 0;

	(void)state;
	start(&fixture, 1, 3);
	while (atomic_load(&fixture.trim.freed) > 0 && ms++ < PATIENCE_MS)
		nanosleep(&pause, NULL);
	end(&fixture);
	assert_int_equal(atomic_load(&fixture.trim.freed), 0);
	assert_int_equal(atomic_load(&times), 1);
}

static void keeps_all_before(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, AWH_QUIET_MS, 1);
	end(&fixture);
	assert_int_equal(atomic_load(&times), 0);
	start(&fixture, 0, 0); /* nothing was ever put off */
	end(&fixture);
	assert_int_equal(atomic_load(&times), 0);
}

static void says_when_memory_runs_out(void **state)
{
	struct awh_loop *loop = awh_loop_new(NULL);
	struct awh_quiet quiet = {0};
	struct awh_trim trim = {0};
	int err;

	(void)state;
	has_no_memory = true;
	err = awh_quiet_make(&quiet, loop, &trim, 1);
	has_no_memory = false;
	assert_int_equal(err, ADMWH_E_NOMEM);
	awh_quiet_put_off(&quiet);
	awh_quiet_end(&quiet);
	awh_loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_back_once_when_it_is_quiet),
	    cmocka_unit_test(keeps_all_before),
	    cmocka_unit_test(says_when_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
