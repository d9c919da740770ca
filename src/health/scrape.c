/* SPDX-License-Identifier: MIT */
#include "health/scrape.h"

#include <inttypes.h>
#include <stdio.h>

#include <admwh/version.h>

#include "base/clock.h"
#include "base/text.h"
#include "health/process_stat.h"
#include "telemetry/ca_use.h"

static uint64_t load(const awh_count *count)
{
	return atomic_load_explicit(count, memory_order_relaxed);
}

static void put_one(struct awh_exposition *to, enum awh_family family, uint64_t value)
{
	awh_put_family(to, family);
	awh_put_sample(to, NULL, 0, value);
}

static const char *operation_name(unsigned int operation)
{
	if (operation == 0)
		return "unknown";
	if (operation == AWH_OPERATION_CONVERT)
		return "convert";
	return operation == ADMWH_OTHER ? "OTHER"
					: admwh_operation_name((enum admwh_operation)operation);
}

/* A series that begins at 1 hides its first increase: an operation's decisions begin together. */
static bool is_shown(const struct admwh_route *route, const struct awh_route_counts *counts,
		     unsigned int operation)
{
	uint64_t any = route->kind == AWH_ROUTE_CONVERT
			   ? operation == AWH_OPERATION_CONVERT
			   : operation == ADMWH_CREATE || operation == ADMWH_UPDATE;

	for (int outcome = 0; outcome < AWH_OUTCOMES; outcome++)
		any |= load(&counts->reviews[operation][outcome]);
	return any != 0;
}

/* Which decisions a route can come to. */
static bool can_be(const struct admwh_route *route, enum awh_outcome outcome)
{
	bool converts = route->kind == AWH_ROUTE_CONVERT;

	if (outcome == AWH_OUTCOME_ALLOWED || outcome == AWH_OUTCOME_DENIED ||
	    outcome == AWH_OUTCOME_WARNED)
		return !converts;
	return outcome != AWH_OUTCOME_CONVERTED || converts;
}

static void put_requests(struct awh_exposition *to, const struct admwh_route *route,
			 const struct awh_route_counts *counts)
{
	struct awh_label labels[] = {
	    {"route", route->path}, {"operation", NULL}, {"decision", NULL}};

	for (unsigned int operation = 0; operation < AWH_OPERATIONS; operation++) {
		if (!is_shown(route, counts, operation))
			continue;
		labels[1].value = operation_name(operation);
		for (int i = AWH_OUTCOME_NONE + 1; i < AWH_OUTCOMES; i++) {
			if (!can_be(route, (enum awh_outcome)i))
				continue;
			labels[2].value = awh_outcome_name((enum awh_outcome)i);
			awh_put_sample(to, labels, 3, load(&counts->reviews[operation][i]));
		}
	}
}

static void put_duration(struct awh_exposition *to, const struct admwh_route *route,
			 const struct awh_route_counts *counts)
{
	uint64_t buckets[AWH_BUCKETS + 1];

	for (size_t i = 0; i <= AWH_BUCKETS; i++)
		buckets[i] = load(&counts->buckets[i]);
	awh_put_histogram(to, (struct awh_label){"route", route->path}, buckets, load(&counts->us));
}

typedef void put_route_fn(struct awh_exposition *to, const struct admwh_route *route,
			  const struct awh_route_counts *counts);

static void put_each(struct awh_exposition *to, const struct awh_routes *routes,
		     const struct awh_route_counts *counts, put_route_fn *put)
{
	for (size_t i = 0; routes && i < routes->n_items; i++)
		if (routes->items[i]->kind != AWH_ROUTE_PAGE)
			put(to, routes->items[i], &counts[routes->items[i]->number]);
}

static void put_routes(struct awh_exposition *to, const struct awh_view *view)
{
	const struct awh_route_counts *counts = view->metrics->routes;

	awh_put_family(to, AWH_FAMILY_REQUESTS);
	put_each(to, view->routes, counts, put_requests);
	put_each(to, view->conversions, counts, put_requests);
	awh_put_family(to, AWH_FAMILY_REQUEST_DURATION);
	put_each(to, view->routes, counts, put_duration);
	put_each(to, view->conversions, counts, put_duration);
}

static void put_refusals(struct awh_exposition *to, const struct awh_counts *counts)
{
	/* Those the library chooses are there from the start, others when they occur. */
	static const int usual[] = {400, 401, 403, 404, 405, 408, 413, 414, 415,
				    417, 422, 429, 431, 500, 501, 503, 504, 505};
	size_t next = 0;

	awh_put_family(to, AWH_FAMILY_HTTP_REFUSALS);
	for (int i = 0; i < AWH_REFUSALS; i++) {
		char status[16];
		struct awh_label label = {"status", status};
		bool is_usual =
		    next < sizeof(usual) / sizeof(usual[0]) && usual[next] == AWH_REFUSAL_LEAST + i;

		next += is_usual;
		if (!is_usual && load(&counts->refusals[i]) == 0)
			continue;
		snprintf(status, sizeof(status), "%d", AWH_REFUSAL_LEAST + i);
		awh_put_sample(to, &label, 1, load(&counts->refusals[i]));
	}
}

/* What is so now, in all processes together. */
static uint64_t add_up(const struct awh_metrics *metrics, size_t offset)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < 2 * metrics->n_slots; i++)
		sum += (uint64_t)atomic_load((
		    const atomic_llong *)(const void *)((const char *)&metrics->slots[i] + offset));
	return sum <= INT64_MAX ? sum : 0;
}

static void put_gauges(struct awh_exposition *to, const struct awh_metrics *metrics)
{
	put_one(to, AWH_FAMILY_IN_FLIGHT_REQUESTS,
		add_up(metrics, offsetof(struct awh_gauges, requests)));
	put_one(to, AWH_FAMILY_QUEUED_REVIEWS,
		add_up(metrics, offsetof(struct awh_gauges, queued)));
	put_one(to, AWH_FAMILY_BODY_BYTES, add_up(metrics, offsetof(struct awh_gauges, bodies)));
	put_one(to, AWH_FAMILY_HANDSHAKES_IN_PROGRESS,
		add_up(metrics, offsetof(struct awh_gauges, handshakes)));
	awh_put_family(to, AWH_FAMILY_CONNECTIONS);
	for (int i = 0; i < AWH_ENDPOINTS; i++) {
		struct awh_label label = {"listener", awh_endpoint_name((enum awh_endpoint_id)i)};

		awh_put_sample(to, &label, 1,
			       add_up(metrics, offsetof(struct awh_gauges, connections) +
						   (size_t)i * sizeof(atomic_llong)));
	}
}

static void put_verdicts(struct awh_exposition *to, enum awh_family family, const awh_count *counts,
			 bool with_ok)
{
	awh_put_family(to, family);
	for (int i = with_ok ? 0 : 1; i < AWH_VERDICTS; i++) {
		struct awh_label label = {"result", awh_verdict_name((enum awh_verdict)i)};

		awh_put_sample(to, &label, 1, load(&counts[i]));
	}
}

static void put_reloads(struct awh_exposition *to, const struct awh_counts *counts)
{
	awh_put_family(to, AWH_FAMILY_RELOADS);
	for (int kind = 0; kind < AWH_RELOADS; kind++)
		for (int succeeded = 0; succeeded < 2; succeeded++) {
			const struct awh_label labels[] = {
			    {"kind", awh_reload_name((enum awh_reload)kind)},
			    {"result", awh_reload_result(succeeded)},
			};

			awh_put_sample(to, labels, 2, load(&counts->reloads[kind][succeeded]));
		}
	awh_put_family(to, AWH_FAMILY_RELOAD_FAILING);
	for (int kind = 0; kind < AWH_RELOADS; kind++) {
		struct awh_label label = {"kind", awh_reload_name((enum awh_reload)kind)};

		awh_put_sample(to, &label, 1, atomic_load(&counts->reload_failing[kind]) != 0);
	}
	put_one(to, AWH_FAMILY_LAST_RELOAD, (uint64_t)atomic_load(&counts->reloaded_s));
}

static void put_date(struct awh_exposition *to, const char *what, int64_t when)
{
	struct awh_label label = {"certificate", what};

	if (when > 0)
		awh_put_sample(to, &label, 1, (uint64_t)when);
}

static void put_ca_ends(struct awh_exposition *to, const struct awh_view *view,
			const struct awh_snapshot *snapshot)
{
	for (size_t i = 0; i < view->config->n_bundles; i++) {
		char what[AWH_NAME_MAX + sizeof("bundle:")];

		snprintf(what, sizeof(what), "bundle:%s", view->config->bundles[i]->name);
		put_date(to, what, awh_tls_context_ca_end(snapshot->tls, i));
	}
}

static void put_callers(struct awh_exposition *to, const struct awh_view *view, bool begins)
{
	const struct awh_metrics *metrics = view->metrics;

	for (size_t i = 0; i < metrics->n_callers; i++) {
		char what[AWH_NAME_MAX + sizeof("caller:")];
		struct awh_tls_dates dates;

		if (!awh_recent_first(&metrics->callers[i], awh_clock_wall_s(), &dates))
			continue;
		snprintf(what, sizeof(what), "caller:%s", view->config->bundles[i]->name);
		put_date(to, what, begins ? dates.begin : dates.end);
	}
}

static void put_certificates(struct awh_exposition *to, const struct awh_view *view)
{
	const struct awh_snapshot *snapshot = awh_view_snapshot(view);
	struct awh_tls_dates dates = {0};

	if (snapshot && snapshot->tls)
		dates = awh_tls_context_dates(snapshot->tls);
	awh_put_family(to, AWH_FAMILY_CERTIFICATE_END);
	put_date(to, "server", dates.end);
	if (snapshot && snapshot->tls)
		put_ca_ends(to, view, snapshot);
	put_callers(to, view, false);
	awh_put_family(to, AWH_FAMILY_CERTIFICATE_BEGIN);
	put_date(to, "server", dates.begin);
	put_callers(to, view, true);
}

static void put_client_cas(struct awh_exposition *to, const struct awh_view *view)
{
	const struct awh_snapshot *snapshot = awh_view_snapshot(view);

	awh_put_family(to, AWH_FAMILY_CLIENT_CAS);
	for (size_t i = 0; snapshot && snapshot->tls && i < view->config->n_bundles; i++)
		for (enum awh_ca_state state = 0; state < AWH_CA_STATES; state++) {
			const struct awh_label labels[] = {
			    {"bundle", view->config->bundles[i]->name},
			    {"state", awh_ca_state_name(state)},
			};

			awh_put_sample(to, labels, 2,
				       awh_tls_context_count_cas(snapshot->tls, i, state));
		}
}

static void put_ca_use(struct awh_exposition *to, const struct awh_view *view,
		       const struct awh_ca_in_use *use)
{
	char fingerprint[2 * sizeof(use->digest) + 1];
	const struct awh_label labels[] = {{"bundle", view->config->bundles[use->bundle]->name},
					   {"subject", use->subject},
					   {"fingerprint", fingerprint}};

	snprintf(fingerprint, sizeof(fingerprint), "%016" PRIx64, use->digest);
	awh_put_sample(to, labels, 3, use->connections);
}

/* The CAs of the files, also those without a connection. Returns how many are shown. */
static size_t put_cas_of_files(struct awh_exposition *to, const struct awh_view *view,
			       const struct awh_tls_context *context, struct awh_ca_in_use *shown)
{
	struct awh_tls_ca ca;
	size_t n = 0;

	for (; n < AWH_CA_PLACES; n++) {
		struct awh_ca_in_use *use = &shown[n];
		int err = awh_tls_context_ca(context, n, &ca);

		if (err == ADMWH_E_NOMEM)
			to->buf->err = err;
		if (err)
			break;
		use->bundle = ca.bundle;
		use->digest = awh_ca_digest(ca.sha256);
		use->connections = awh_ca_use_of(view->metrics, ca.bundle, use->digest);
		snprintf(use->subject, sizeof(use->subject), "%s", ca.subject.data);
		awh_utf8_trim(use->subject);
		put_ca_use(to, view, use);
		awh_buf_deinit(&ca.subject);
	}
	return n;
}

static bool was_put(const struct awh_ca_in_use *shown, size_t n, const struct awh_ca_in_use *use)
{
	for (size_t i = 0; i < n; i++)
		if (shown[i].bundle == use->bundle && shown[i].digest == use->digest)
			return true;
	return false;
}

static void put_ca_connections(struct awh_exposition *to, const struct awh_view *view)
{
	const struct awh_snapshot *snapshot = awh_view_snapshot(view);
	struct awh_ca_in_use shown[AWH_CA_PLACES], use;
	size_t n = 0;

	awh_put_family(to, AWH_FAMILY_CA_CONNECTIONS);
	if (snapshot && snapshot->tls)
		n = put_cas_of_files(to, view, snapshot->tls, shown);
	for (size_t i = 0; i < AWH_CA_PLACES; i++)
		if (awh_ca_use_at(view->metrics, i, &use) && use.bundle < view->config->n_bundles &&
		    !was_put(shown, n, &use))
			put_ca_use(to, view, &use);
	if (awh_ca_use_other(view->metrics) > 0) {
		const struct awh_label labels[] = {
		    {"bundle", ""}, {"subject", "other"}, {"fingerprint", ""}};

		awh_put_sample(to, labels, 3, awh_ca_use_other(view->metrics));
	}
}

static void put_insecure(struct awh_exposition *to, const struct admwh_config *config)
{
	const struct {
		const char *name;
		bool is_set;
	} options[] = {
	    {"no_client_auth", config->insecure},
	    {"plain_http", config->plain},
	    {"observe", config->observe},
	};

	awh_put_family(to, AWH_FAMILY_INSECURE);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct awh_label label = {"option", options[i].name};

		awh_put_sample(to, &label, 1, options[i].is_set);
	}
}

static void put_limits(struct awh_exposition *to, const struct awh_view *view)
{
	const struct awh_counts *counts = view->metrics->counts;

	awh_put_family(to, AWH_FAMILY_LIMIT);
	for (int i = 1; i < AWH_LIMITS; i++) {
		struct awh_label label = {"limit", admwh_limit_name((enum admwh_limit)i)};

		awh_put_sample(to, &label, 1, view->config->limits[i]);
	}
	awh_put_family(to, AWH_FAMILY_LIMIT_REACHED);
	for (int i = 1; i < AWH_LIMITS; i++) {
		struct awh_label label = {"limit", admwh_limit_name((enum admwh_limit)i)};

		awh_put_sample(to, &label, 1, load(&counts->limits[i]));
	}
}

static void put_chain_limits(struct awh_exposition *to, const struct awh_counts *counts)
{
	awh_put_family(to, AWH_FAMILY_CHAIN_LIMIT_REACHED);
	for (int i = 1; i < AWH_CHAIN_LIMITS; i++) {
		struct awh_label label = {"limit", awh_chain_limit_name((enum awh_chain_limit)i)};

		awh_put_sample(to, &label, 1, load(&counts->chain_limits[i]));
	}
}

static void put_process(struct awh_exposition *to, const struct awh_counts *counts)
{
	const struct awh_process_stat process = awh_process_look();

	put_one(to, AWH_FAMILY_START_TIME, (uint64_t)counts->started_s);
	awh_put_family(to, AWH_FAMILY_CPU);
	awh_put_micro_sample(to, process.cpu_us);
	put_one(to, AWH_FAMILY_RESIDENT, process.resident_bytes);
	put_one(to, AWH_FAMILY_VIRTUAL, process.virtual_bytes);
	put_one(to, AWH_FAMILY_OPEN_FDS, process.open_fds);
	put_one(to, AWH_FAMILY_MAX_FDS, process.max_fds);
}

static void put_server(struct awh_exposition *to, const struct awh_view *view, bool ready)
{
	const struct awh_counts *counts = view->metrics->counts;
	const struct awh_label build[] = {{"version", admwh_version()},
					  {"tls_library", awh_tls_library()}};

	put_one(to, AWH_FAMILY_LOG_LINES_DROPPED,
		view->fleet ? load(&counts->log_dropped) : admwh_log_dropped());
	put_one(to, AWH_FAMILY_ACCEPT_FAILURES,
		load(&counts->counters[AWH_COUNTER_ACCEPT_FAILURES]));
	put_one(to, AWH_FAMILY_ABANDONED_REVIEWS,
		load(&counts->counters[AWH_COUNTER_ABANDONED_REVIEWS]));
	put_one(to, AWH_FAMILY_STARVED_REVIEWS,
		load(&counts->counters[AWH_COUNTER_STARVED_REVIEWS]));
	put_one(to, AWH_FAMILY_TOKENS_REFUSED, load(&counts->counters[AWH_COUNTER_TOKENS_REFUSED]));
	put_one(to, AWH_FAMILY_PROCESS_RESTARTS,
		load(&counts->counters[AWH_COUNTER_PROCESS_RESTARTS]));
	put_one(to, AWH_FAMILY_SERVING_PROCESSES, awh_view_serving(view));
	put_one(to, AWH_FAMILY_STALLED_PROCESSES, awh_view_stalled(view));
	put_one(to, AWH_FAMILY_READY, ready);
	awh_put_family(to, AWH_FAMILY_BUILD);
	awh_put_sample(to, build, 2, 1);
}

static void put_records(struct awh_exposition *to, const struct awh_counts *counts)
{
	awh_put_family(to, AWH_FAMILY_RECORDED_REVIEWS);
	for (int i = 0; i < AWH_RECORDS; i++) {
		struct awh_label label = {"result", awh_record_name((enum awh_record_result)i)};

		awh_put_sample(to, &label, 1, load(&counts->records[i]));
	}
}

static void put_webhook_tokens(struct awh_exposition *to, const struct awh_counts *counts)
{
	awh_put_family(to, AWH_FAMILY_WEBHOOK_TOKENS);
	for (int i = 0; i < AWH_TOKEN_RESULTS; i++) {
		struct awh_label label = {"result",
					  awh_token_result_name((enum awh_token_result)i)};

		awh_put_sample(to, &label, 1, load(&counts->webhook_tokens[i]));
	}
}

void awh_scrape(const struct awh_view *view, bool ready, struct awh_exposition *to)
{
	const struct awh_counts *counts = view->metrics->counts;

	put_routes(to, view);
	put_refusals(to, counts);
	put_gauges(to, view->metrics);
	put_verdicts(to, AWH_FAMILY_HANDSHAKES, counts->handshakes, true);
	put_verdicts(to, AWH_FAMILY_IDENTIFY_REFUSALS, counts->identify_refusals, false);
	put_webhook_tokens(to, counts);
	put_records(to, counts);
	put_verdicts(to, AWH_FAMILY_OBSERVED, counts->observed, false);
	put_reloads(to, counts);
	put_certificates(to, view);
	put_client_cas(to, view);
	put_ca_connections(to, view);
	put_insecure(to, view->config);
	put_limits(to, view);
	put_chain_limits(to, view->metrics->counts);
	put_server(to, view, ready);
	put_process(to, counts);
	awh_put_end(to);
}
