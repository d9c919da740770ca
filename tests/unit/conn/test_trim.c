/* SPDX-License-Identifier: MIT */
/* When freed memory is returned to the system: after 64 MiB, or when asked, in a second. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/container.h"
#include "conn/trim.h"
#include "../wrapped_alloc.h"

enum { LIMIT = 64 * 1024 * 1024, PATIENCE_MS = 60000 };

static bool has_no_memory;

static bool alloc_fails(void)
{
	return has_no_memory;
}

static void gives_back_once_so_much_is_freed(void **state)
{
	struct awh_trim trim = {0};

	(void)state;
	awh_trim_now(&trim, 0);
	awh_trim_now(&trim, LIMIT - 2);
	awh_trim_now(&trim, 1);
	assert_int_equal(atomic_load(&trim.freed), LIMIT - 1);
	awh_trim_now(&trim, 0);
	assert_int_equal(atomic_load(&trim.freed), LIMIT - 1);
	awh_trim_now(&trim, 1);
	assert_int_equal(atomic_load(&trim.freed), 0); /* it counts anew */
	awh_trim_now(&trim, LIMIT + 1);
	assert_int_equal(atomic_load(&trim.freed), 0);
}

static void says_when_memory_runs_out(void **state)
{
	struct awh_loop *loop = awh_loop_new(NULL);
	struct awh_trim trim = {0};
	int err;

	(void)state;
	has_no_memory = true;
	err = awh_trim_make(&trim, loop);
	has_no_memory = false;
	assert_int_equal(err, ADMWH_E_NOMEM);
	awh_trim_ask(&trim); /* there is no loop to ask */
	awh_trim_end(&trim);
	awh_loop_free(loop);
}

struct fixture {
	struct awh_trim trim;
	struct awh_task end;
	struct awh_loop *loop;
	bool was_due; /* at the end */
};

static void run_end(struct awh_task *task)
{
	struct fixture *fixture = AWH_CONTAINER(task, struct fixture, end);

	fixture->was_due = fixture->trim.is_due;
	awh_trim_end(&fixture->trim);
	awh_loop_end(fixture->loop);
}

static void start(struct fixture *fixture)
{
	*fixture = (struct fixture){.end.run = run_end, .loop = awh_loop_new(NULL)};
	assert_non_null(fixture->loop);
	assert_int_equal(awh_trim_make(&fixture->trim, fixture->loop), 0);
	awh_trim_now(&fixture->trim, 1);
	assert_int_equal(awh_loop_start(fixture->loop, NULL, NULL), 0);
}

static void end_loop(struct fixture *fixture)
{
	awh_loop_post(fixture->loop, &fixture->end);
	awh_loop_join(fixture->loop);
}

static void gives_back_a_second_after_it_was_asked(void **state)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct fixture fixture;
	int ms = 0;

	(void)state;
	start(&fixture);
	awh_trim_ask(&fixture.trim);
	awh_trim_ask(&fixture.trim);
	while (atomic_load(&fixture.trim.freed) > 0 && ms++ < PATIENCE_MS)
		nanosleep(&pause, NULL);
	end_loop(&fixture);
	assert_true(ms < PATIENCE_MS);
	assert_false(fixture.was_due);
	awh_loop_free(fixture.loop);
}

static void its_end_does_not_wait_for_that_second(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture);
	awh_trim_ask(&fixture.trim);
	end_loop(&fixture);
	assert_true(fixture.was_due);
	assert_int_equal(atomic_load(&fixture.trim.freed), 1);
	awh_loop_free(fixture.loop);
	assert_int_equal(atomic_load(&fixture.trim.freed), 1);
}

static void asked_after_its_end_it_does_nothing(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture);
	end_loop(&fixture);
	awh_trim_ask(&fixture.trim);
	awh_loop_free(fixture.loop); /* runs what was posted last */
	assert_false(fixture.trim.is_due);
	assert_int_equal(atomic_load(&fixture.trim.freed), 1);
}

/* A review may be freed when the loops of a server are gone. */
static void forgotten_it_asks_no_loop(void **state)
{
	struct awh_loop *loop = awh_loop_new(NULL);
	struct awh_trim trim = {0};

	(void)state;
	assert_int_equal(awh_trim_make(&trim, loop), 0);
	awh_trim_forget(&trim);
	awh_loop_free(loop);
	awh_trim_ask(&trim);
	assert_null(trim.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_back_once_so_much_is_freed),
	    cmocka_unit_test(says_when_memory_runs_out),
	    cmocka_unit_test(gives_back_a_second_after_it_was_asked),
	    cmocka_unit_test(its_end_does_not_wait_for_that_second),
	    cmocka_unit_test(asked_after_its_end_it_does_nothing),
	    cmocka_unit_test(forgotten_it_asks_no_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
