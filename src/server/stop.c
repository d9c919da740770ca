/* SPDX-License-Identifier: MIT */
#include "server/stop.h"

#include <signal.h>
#include <unistd.h>

#include "base/container.h"
#include "base/eventfd.h"
#include "process/orders.h"

static struct awh_loop *first_loop(const struct awh_stop *stop)
{
	return stop->shards->items[0].loop;
}

void awh_stop_free(struct awh_stop *stop)
{
	awh_watch_free(stop->asked);
	awh_watch_free(stop->lame_duck);
	awh_watch_free(stop->orders);
	awh_signal_free(stop->signals[0]);
	awh_signal_free(stop->signals[1]);
	stop->asked = stop->lame_duck = stop->orders = NULL;
	stop->signals[0] = stop->signals[1] = NULL;
}

static void on_all_drained(struct awh_task *task)
{
	struct awh_stop *stop = AWH_CONTAINER(task, struct awh_stop, finish);

	awh_endpoint_close(stop->endpoint);
	awh_endpoint_close(&stop->conversions->endpoint);
	awh_stop_free(stop);
	awh_loop_end(first_loop(stop));
	awh_control_end(stop->control);
}

void awh_stop_on_drained(struct awh_shard *shard, void *userdata)
{
	struct awh_stop *stop = userdata;
	const size_t n_shards = stop->shards->n_items + stop->conversions->exists;

	if (shard != &stop->shards->items[0])
		awh_loop_end(shard->loop);
	/* The first loop stays until the last one is done: a second stop must reach them all. */
	if (atomic_fetch_add(&stop->n_drained, 1) + 1 == n_shards)
		awh_loop_post(first_loop(stop), &stop->finish);
}

static void end_accepting(struct awh_stop *stop)
{
	if (!stop->endpoint->listener)
		return;
	awh_endpoint_finish(stop->endpoint);
	awh_conversions_finish(stop->conversions);
	for (size_t i = 0; i < stop->shards->n_items; i++)
		awh_shard_stop(&stop->shards->items[i]);
}

static void cut(struct awh_stop *stop)
{
	awh_conversions_cut(stop->conversions);
	for (size_t i = 0; i < stop->shards->n_items; i++)
		awh_shard_cut(&stop->shards->items[i]);
}

static void on_lame_duck(void *userdata, unsigned int happened)
{
	(void)happened;
	end_accepting(userdata);
}

/* Answers end their connections from now on, and /readyz says so. */
static void begin(struct awh_stop *stop)
{
	atomic_store(&stop->shared->stopping, true);
	atomic_store(&stop->conversions->shared.stopping, true);
}

/* The watcher shows that the server stops until all others have ended. */
static void obey_watching(struct awh_stop *stop, enum awh_order order)
{
	begin(stop);
	if (order != AWH_ORDER_CUT || !stop->orders)
		return;
	awh_stop_free(stop);
	awh_control_end(stop->control);
}

static void obey_serving(struct awh_stop *stop, enum awh_order order)
{
	begin(stop);
	if (order != AWH_ORDER_LAME_DUCK)
		end_accepting(stop);
	if (order == AWH_ORDER_CUT)
		cut(stop);
}

static void obey(void *userdata, enum awh_order order)
{
	struct awh_stop *stop = userdata;

	if (order == AWH_ORDER_RELOAD)
		awh_rotation_ask(&stop->control->rotation);
	else if (stop->role->is_watcher)
		obey_watching(stop, order);
	else
		obey_serving(stop, order);
}

static void on_orders(void *userdata, unsigned int happened)
{
	struct awh_stop *stop = userdata;

	(void)happened;
	if (awh_orders_receive(stop->role->orders_fd, obey, stop) || !stop->orders)
		return;
	awh_watch_for(stop->orders, 0); /* the supervisor is gone */
	obey(stop, stop->role->is_watcher ? AWH_ORDER_CUT : AWH_ORDER_STOP);
}

/* The second stop does not wait for any request. */
static void on_asked(void *userdata, unsigned int happened)
{
	struct awh_stop *stop = userdata;
	int64_t lame_duck_ms = (int64_t)awh_shared_limit(stop->shared, ADMWH_LIMIT_LAME_DUCK_TIME);
	uint64_t times = 0;

	(void)happened;
	if (read(stop->ask_fd, &times, sizeof(times)) != sizeof(times))
		return;
	if (stop->role->fleet) { /* a worker's program that asks for a stop means all of them */
		awh_order_send(stop->role->orders_fd, AWH_ORDER_STOP);
		return;
	}
	stop->times += times > 1 ? 2 : 1;
	begin(stop);
	if (stop->times == 1 && lame_duck_ms > 0) {
		awh_watch_timer(stop->lame_duck, lame_duck_ms);
		return;
	}
	end_accepting(stop);
	if (stop->times > 1) {
		awh_watch_for(stop->asked, 0);
		cut(stop);
	}
}

static void on_signal(void *userdata)
{
	const struct awh_stop *stop = userdata;

	awh_eventfd_add(stop->ask_fd);
}

static int catch_signals(struct awh_stop *stop, struct awh_error *error)
{
	static const int numbers[] = {SIGTERM, SIGINT};

	for (size_t i = 0; i < 2; i++) {
		stop->signals[i] =
		    awh_signal_new(first_loop(stop), numbers[i], on_signal, stop, error);
		if (!stop->signals[i])
			return error->code;
	}
	return 0;
}

/* A worker process hears of all that from its supervisor. */
static int follow_orders(struct awh_stop *stop, struct awh_loop *loop, struct awh_error *error)
{
	stop->orders = awh_watch_new(loop, stop->role->orders_fd, on_orders, stop);
	if (!stop->orders)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	awh_watch_for(stop->orders, AWH_READABLE);
	return 0;
}

int awh_stop_make(struct awh_stop *stop, struct awh_error *error)
{
	struct awh_loop *loop = first_loop(stop);

	stop->finish.run = on_all_drained;
	stop->asked = awh_watch_new(loop, stop->ask_fd, on_asked, stop);
	stop->lame_duck = awh_watch_new(loop, -1, on_lame_duck, stop);
	if (!stop->asked || !stop->lame_duck)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	awh_watch_for(stop->asked, AWH_READABLE);
	if (stop->role->fleet)
		return follow_orders(stop, loop, error);
	return stop->shared->config->stop_on_signals ? catch_signals(stop, error) : 0;
}

int awh_stop_make_watching(struct awh_stop *stop, struct awh_error *error)
{
	struct awh_loop *loop = stop->control->shard.loop;

	stop->asked = awh_watch_new(loop, stop->ask_fd, on_asked, stop);
	if (!stop->asked)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	awh_watch_for(stop->asked, AWH_READABLE);
	return follow_orders(stop, loop, error);
}
