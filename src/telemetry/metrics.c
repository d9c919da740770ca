/* SPDX-License-Identifier: MIT */
#include "telemetry/metrics.h"

#include <sys/mman.h>

#include "base/clock.h"
#include "telemetry/ca_use.h"

const int64_t awh_bucket_us[AWH_BUCKETS] = {250,   500,   1000,   2500,   5000,    10000,
					    25000, 50000, 100000, 500000, 2500000, 10000000};

/* Zeroed, and the same memory in every process that is forked later. */
static void *shared_new(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static void shared_free(void *memory, size_t size)
{
	if (memory)
		munmap(memory, size);
}

static void use_slot(struct awh_metrics *metrics, size_t slot)
{
	metrics->gauges = &metrics->slots[slot];
	metrics->conversions = &metrics->slots[metrics->n_slots + slot];
}

int awh_metrics_init(struct awh_metrics *metrics, size_t n_slots, struct awh_error *error)
{
	metrics->n_slots = n_slots;
	metrics->counts = shared_new(sizeof(*metrics->counts));
	metrics->slots = shared_new(2 * n_slots * sizeof(*metrics->slots));
	if (!metrics->counts || !metrics->slots) {
		awh_metrics_deinit(metrics);
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	}
	metrics->counts->started_s = awh_clock_wall_s();
	use_slot(metrics, 0);
	return 0;
}

int awh_metrics_add_routes(struct awh_metrics *metrics, size_t n_routes, struct awh_error *error)
{
	if (n_routes == 0)
		return 0;
	metrics->routes = shared_new(n_routes * sizeof(*metrics->routes));
	if (!metrics->routes)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	metrics->n_routes = n_routes;
	return 0;
}

int awh_metrics_add_bundles(struct awh_metrics *metrics, size_t n_bundles, struct awh_error *error)
{
	if (n_bundles == 0)
		return 0;
	metrics->callers = shared_new(n_bundles * sizeof(*metrics->callers));
	if (!metrics->callers)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	metrics->n_callers = n_bundles;
	return 0;
}

void awh_metrics_deinit(struct awh_metrics *metrics)
{
	shared_free(metrics->counts, sizeof(*metrics->counts));
	shared_free(metrics->slots, 2 * metrics->n_slots * sizeof(*metrics->slots));
	shared_free(metrics->routes, metrics->n_routes * sizeof(*metrics->routes));
	shared_free(metrics->callers, metrics->n_callers * sizeof(*metrics->callers));
	*metrics = (struct awh_metrics){0};
}

static void clear_gauges(struct awh_gauges *gauges)
{
	for (size_t i = 0; i < AWH_ENDPOINTS; i++)
		atomic_store(&gauges->connections[i], 0);
	atomic_store(&gauges->handshakes, 0);
	atomic_store(&gauges->requests, 0);
	atomic_store(&gauges->queued, 0);
	atomic_store(&gauges->moved_ms, 0);
	atomic_store(&gauges->bodies, 0);
	for (size_t i = 0; i <= AWH_CA_PLACES; i++)
		atomic_store(&gauges->cas[i], 0);
}

void awh_metrics_clear_slot(struct awh_metrics *metrics, size_t slot)
{
	clear_gauges(&metrics->slots[slot]);
	clear_gauges(&metrics->slots[metrics->n_slots + slot]);
	awh_ca_use_give_back(metrics, slot);
}

void awh_metrics_take_slot(struct awh_metrics *metrics, size_t slot)
{
	awh_metrics_clear_slot(metrics, slot);
	use_slot(metrics, slot);
}

size_t awh_metrics_stalled(const struct awh_metrics *metrics, int64_t ms)
{
	int64_t since = awh_clock_ms() - ms;
	size_t n = 0;

	for (size_t i = 0; i < metrics->n_slots; i++)
		n += atomic_load(&metrics->slots[i].queued) > 0 &&
		     atomic_load(&metrics->slots[i].moved_ms) < since;
	return n;
}

const char *awh_record_name(enum awh_record_result result)
{
	static const char *const names[] = {
#define RECORD_NAME(id, name) name,
	    AWH_RECORD_MAP(RECORD_NAME)
#undef RECORD_NAME
	};

	return names[result];
}

const char *awh_reload_name(enum awh_reload kind)
{
#define RELOAD_NAME(id, name) [AWH_RELOAD_##id] = name,
	static const char *const names[] = {AWH_RELOAD_MAP(RELOAD_NAME)};
#undef RELOAD_NAME

	return names[kind];
}

const char *awh_reload_result(bool succeeded)
{
	return succeeded ? "ok" : "failed";
}

const char *awh_endpoint_name(enum awh_endpoint_id endpoint)
{
	static const char *const names[] = {
	    [AWH_ENDPOINT_MAIN] = "main",
	    [AWH_ENDPOINT_HEALTH] = "health",
	    [AWH_ENDPOINT_CONVERSION] = "conversion",
	};

	return names[endpoint];
}

static size_t bucket_of(int64_t us)
{
	size_t i = 0;

	while (i < AWH_BUCKETS && us > awh_bucket_us[i])
		i++;
	return i;
}

void awh_metrics_review(struct awh_metrics *metrics, const struct admwh_route *route,
			unsigned int operation, enum awh_outcome outcome, int64_t us)
{
	struct awh_route_counts *counts;

	if (route->number >= metrics->n_routes || operation >= AWH_OPERATIONS)
		return;
	counts = &metrics->routes[route->number];
	awh_count_up(&counts->reviews[operation][outcome]);
	awh_count_up(&counts->buckets[bucket_of(us)]);
	atomic_fetch_add_explicit(&counts->us, (unsigned long long)us, memory_order_relaxed);
}

void awh_metrics_refusal(struct awh_metrics *metrics, int status)
{
	if (status >= AWH_REFUSAL_LEAST && status < AWH_REFUSAL_LEAST + AWH_REFUSALS)
		awh_count_up(&metrics->counts->refusals[status - AWH_REFUSAL_LEAST]);
}

void awh_metrics_limit(struct awh_metrics *metrics, enum admwh_limit limit)
{
	awh_count_up(&metrics->counts->limits[limit]);
}

void awh_metrics_reload(struct awh_metrics *metrics, enum awh_reload kind, bool succeeded)
{
	awh_count_up(&metrics->counts->reloads[kind][succeeded]);
	if (succeeded)
		atomic_store(&metrics->counts->reloaded_s, awh_clock_wall_s());
}

void awh_metrics_looked(struct awh_metrics *metrics, unsigned int failing)
{
	for (enum awh_reload kind = 0; kind < AWH_RELOADS; kind++)
		atomic_store(&metrics->counts->reload_failing[kind], (failing & 1U << kind) != 0);
}
