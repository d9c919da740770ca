/* SPDX-License-Identifier: MIT */
/*
 * What the page of metrics is made of: each family of AWH_FAMILY_MAP once, with the labels it
 * names; what begins at 0, and what is counted where. How a sample is written is test_exposition.c.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "made_view.h"
#include "base/clock.h"
#include "base/text.h"
#include "health/scrape.h"
#include "telemetry/ca_use.h"

enum { ABSENT = -1, WEEK_S = 7 * 24 * 3600 };

static const struct {
	const char *name, *type, *labels;
} families[] = {
#define FAMILY_ROW(id, name, type, unit, labels, help) {name, type, labels},
    AWH_FAMILY_MAP(FAMILY_ROW)
#undef FAMILY_ROW
};

enum { FAMILIES = sizeof(families) / sizeof(families[0]) };

static struct made_view made;
static struct awh_view view;
static struct awh_counts *counts;
static char page[1 << 17];

static void no_page(const struct admwh_route *route, const struct awh_http_head *head,
		    struct awh_http_reply *reply, struct awh_buf *body)
{
	(void)route, (void)head, (void)reply, (void)body;
}

static void add_route(const char *path, struct admwh_route *route)
{
	assert_non_null(route);
	assert_int_equal(awh_routes_add(&made.routes, path, route, &made.error), 0);
}

static int set_up(void **state)
{
	struct admwh_config *config = admwh_config_new();

	(void)state;
	assert_int_equal(set_up_config(config), 0);
	view = make_view(&made, config, 4);
	counts = made.events.metrics.counts;
	add_route("/b", admwh_route_new_validator(allow, NULL));
	add_route("/a", admwh_route_new_validator(allow, NULL));
	add_route("/page", awh_route_new_page(no_page, NULL));
	freeze_routes(&made);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unmake_view(&made);
	return 0;
}

static void start(void)
{
	put_snapshot(&made, &view, make_snapshot(made.config, &made.config->sources, false));
}

static void scrape_as(bool ready, bool is_open_metrics)
{
	struct awh_buf body;
	struct awh_exposition to = {.buf = &body, .is_open_metrics = is_open_metrics};

	awh_buf_init(&body, sizeof(page) - 1);
	awh_scrape(&view, ready, &to);
	assert_int_equal(awh_buf_terminate(&body), 0);
	memcpy(page, body.data, body.len + 1);
	awh_buf_deinit(&body);
}

static void scrape(void)
{
	scrape_as(true, false);
}

static const char *suffix_of(enum awh_family family)
{
	return strcmp(families[family].type, "counter") == 0 ? "_total"
	       : strcmp(families[family].type, "info") == 0  ? "_info"
							     : "";
}

/* The next of "route, operation"; false at the end. */
static bool next_label(const char **labels, char *label, size_t size)
{
	size_t len = strcspn(*labels, ",");

	if (!**labels)
		return false;
	snprintf(label, size, "%.*s", (int)len, *labels);
	*labels += len;
	*labels += strspn(*labels, ", ");
	return true;
}

/* Whole value of a series of the last page; ABSENT without one. values: one a label of the map */
static double value_with(enum awh_family family, const char *suffix, const char *const *values)
{
	const char *labels = families[family].labels, *found;
	char series[512], label[64];
	int len = snprintf(series, sizeof(series), "\n%s%s", families[family].name, suffix);

	for (const char *before = "{"; next_label(&labels, label, sizeof(label)); before = ",")
		len += snprintf(series + len, sizeof(series) - (size_t)len, "%s%s=\"%s\"", before,
				label, *values++);
	snprintf(series + len, sizeof(series) - (size_t)len, "%s ",
		 families[family].labels[0] ? "}" : "");
	found = strstr(page, series);
	return found ? strtod(found + strlen(series), NULL) : ABSENT;
}

static double value_of(enum awh_family family, const char *const *values)
{
	return value_with(family, suffix_of(family), values);
}

#define VALUE(family, ...) value_of(AWH_FAMILY_##family, (const char *const[]){__VA_ARGS__, NULL})
#define PLAIN(family) value_of(AWH_FAMILY_##family, NULL)
#define IS(value, wanted) assert_int_equal((long long)(value), (long long)(wanted))

/* How many series of a family the last page has. */
static unsigned int count_of(enum awh_family family)
{
	unsigned int n = 0;
	char start_of[128];

	snprintf(start_of, sizeof(start_of), "\n%s%s%s", families[family].name, suffix_of(family),
		 families[family].labels[0] ? "{" : " ");
	for (const char *at = page; (at = strstr(at, start_of)); at++)
		n++;
	return n;
}

/* Has a sample the labels of its family, in their order? "le" may follow those of a histogram. */
static void has_its_labels(enum awh_family family, const char *line)
{
	const char *labels = families[family].labels;
	const char *at = line + strcspn(line, "{ ");
	char label[64];

	while (next_label(&labels, label, sizeof(label))) {
		if (strncmp(at + 1, label, strlen(label)) != 0 || at[1 + strlen(label)] != '=')
			fail_msg("%.*s: expected the label %s", (int)strcspn(line, "\n"), line,
				 label);
		at = strchr(at + strlen(label) + 3, '"') + 1;
	}
	if (*at == ',' && strcmp(families[family].type, "histogram") == 0)
		at = strchr(at, '}');
	if (at[0] != ' ' && (at[0] != '}' || at[1] != ' '))
		fail_msg("%.*s: more labels", (int)strcspn(line, "\n"), line);
}

static void belongs_to(enum awh_family family, const char *line)
{
	size_t len = strlen(families[family].name);

	if (strncmp(line, families[family].name, len) != 0 || !strchr("_{ ", line[len]))
		fail_msg("%.*s: not of %s", (int)strcspn(line, "\n"), line, families[family].name);
	has_its_labels(family, line);
}

static void is_there_once(const char *line)
{
	size_t len = strcspn(line, "\n");
	char series[512];

	while (line[len] != ' ')
		len--;
	snprintf(series, sizeof(series), "\n%.*s ", (int)len, line);
	if (strstr(strstr(page, series) + 1, series))
		fail_msg("%s is there twice", series + 1);
}

/* The family that a "# HELP" line begins. */
static enum awh_family family_of(const char *line)
{
	for (int i = 0; i < FAMILIES; i++) {
		size_t len = strlen(families[i].name);

		if (strncmp(line + 7, families[i].name, len) == 0 &&
		    (line[7 + len] == ' ' ||
		     strncmp(line + 7 + len, suffix_of((enum awh_family)i), 5) == 0))
			return (enum awh_family)i;
	}
	fail_msg("no family: %.*s", (int)strcspn(line, "\n"), line);
	return AWH_FAMILY_REQUESTS;
}

static void note_a_caller(size_t bundle, int64_t begin, int64_t end)
{
	awh_recent_note(&made.events.metrics.callers[bundle], (struct awh_tls_dates){begin, end},
			awh_clock_wall_s());
}

static void each_family_is_begun_once_and_has_its_labels(void **state)
{
	(void)state;
	start();
	note_a_caller(0, awh_clock_wall_s() - WEEK_S, awh_clock_wall_s() + WEEK_S);
	for (int form = 0; form < 2; form++) {
		unsigned int begun[FAMILIES] = {0}, samples[FAMILIES] = {0};
		enum awh_family family = AWH_FAMILY_REQUESTS;

		scrape_as(true, form == 1);
		for (const char *line = page; *line; line += strcspn(line, "\n") + 1) {
			if (strncmp(line, "# HELP ", 7) == 0) {
				family = family_of(line);
				begun[family]++;
			} else if (line[0] != '#') {
				belongs_to(family, line);
				is_there_once(line);
				samples[family]++;
			}
		}
		for (int i = 0; i < FAMILIES; i++)
			if (begun[i] != 1 || samples[i] == 0)
				fail_msg("%s: begun %u times, %u samples", families[i].name,
					 begun[i], samples[i]);
	}
}

static void what_will_be_counted_begins_at_0(void **state)
{
	static const struct {
		enum awh_family family;
		unsigned int n;
	} cases[] = {
	    {AWH_FAMILY_REQUESTS, 2 * 2 * (AWH_OUTCOMES - 2)}, /* none is converted */
	    {AWH_FAMILY_HTTP_REFUSALS, 18},
	    {AWH_FAMILY_HANDSHAKES, AWH_VERDICTS},
	    {AWH_FAMILY_IDENTIFY_REFUSALS, AWH_VERDICTS - 1},
	    {AWH_FAMILY_WEBHOOK_TOKENS, AWH_TOKEN_RESULTS},
	    {AWH_FAMILY_RECORDED_REVIEWS, AWH_RECORDS},
	    {AWH_FAMILY_OBSERVED, AWH_VERDICTS - 1},
	    {AWH_FAMILY_RELOADS, 2 * AWH_RELOADS},
	    {AWH_FAMILY_RELOAD_FAILING, AWH_RELOADS},
	    {AWH_FAMILY_LIMIT_REACHED, AWH_LIMITS - 1},
	    {AWH_FAMILY_CHAIN_LIMIT_REACHED, AWH_CHAIN_LIMITS - 1},
	    {AWH_FAMILY_CONNECTIONS, AWH_ENDPOINTS},
	    {AWH_FAMILY_INSECURE, 3},
	    {AWH_FAMILY_IN_FLIGHT_REQUESTS, 1},
	    {AWH_FAMILY_QUEUED_REVIEWS, 1},
	    {AWH_FAMILY_BODY_BYTES, 1},
	    {AWH_FAMILY_HANDSHAKES_IN_PROGRESS, 1},
	    {AWH_FAMILY_ACCEPT_FAILURES, 1},
	    {AWH_FAMILY_ABANDONED_REVIEWS, 1},
	    {AWH_FAMILY_STARVED_REVIEWS, 1},
	    {AWH_FAMILY_TOKENS_REFUSED, 1},
	    {AWH_FAMILY_PROCESS_RESTARTS, 1},
	    {AWH_FAMILY_LAST_RELOAD, 1},
	    {AWH_FAMILY_STALLED_PROCESSES, 1},
	};

	(void)state;
	scrape();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum awh_family family = cases[i].family;
		char zero[128];
		unsigned int zeros = 0;

		if (count_of(family) != cases[i].n)
			fail_msg("%s: %u series", families[family].name, count_of(family));
		snprintf(zero, sizeof(zero), "\n%s%s", families[family].name, suffix_of(family));
		for (const char *at = page; (at = strstr(at, zero)); at++)
			zeros += strncmp(at + 1 + strcspn(at + 1, "\n") - 2, " 0", 2) == 0;
		if (zeros < cases[i].n)
			fail_msg("%s: not 0", families[family].name);
	}
	IS(value_with(AWH_FAMILY_REQUEST_DURATION, "_count", (const char *const[]){"/a"}), 0);
	IS(VALUE(REQUESTS, "/a", "DELETE", "allowed"), ABSENT);
	IS(VALUE(REQUESTS, "/a", "unknown", "malformed"), ABSENT);
	IS(VALUE(REQUESTS, "/page", "CREATE", "allowed"), ABSENT);
	IS(VALUE(HTTP_REFUSALS, "418"), ABSENT);
	IS(count_of(AWH_FAMILY_CERTIFICATE_END), 0);
	IS(count_of(AWH_FAMILY_CERTIFICATE_BEGIN), 0);
}

static void reviews_are_counted_by_route_operation_and_decision(void **state)
{
	static const struct {
		const char *path;
		unsigned int operation;
		enum awh_outcome outcome;
		const char *operation_name, *decision;
	} cases[] = {
	    {"/a", ADMWH_CREATE, AWH_OUTCOME_ALLOWED, "CREATE", "allowed"},
	    {"/b", ADMWH_CREATE, AWH_OUTCOME_DENIED, "CREATE", "denied"},
	    {"/a", ADMWH_UPDATE, AWH_OUTCOME_ERROR, "UPDATE", "error"},
	    {"/a", ADMWH_DELETE, AWH_OUTCOME_DEADLINE, "DELETE", "deadline"},
	    {"/b", ADMWH_CONNECT, AWH_OUTCOME_SHED, "CONNECT", "shed"},
	    {"/a", ADMWH_OTHER, AWH_OUTCOME_ALLOWED, "OTHER", "allowed"},
	    {"/a", 0, AWH_OUTCOME_MALFORMED, "unknown", "malformed"},
	};
	struct awh_metrics *metrics = &made.events.metrics;
	const size_t n = sizeof(cases) / sizeof(cases[0]);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t times = 0; times <= i; times++)
			awh_metrics_review(metrics, awh_routes_find(&made.routes, cases[i].path),
					   cases[i].operation, cases[i].outcome, 100);
	scrape();
	for (size_t i = 0; i < n; i++)
		IS(VALUE(REQUESTS, cases[i].path, cases[i].operation_name, cases[i].decision),
		   i + 1);
	/* All decisions of an operation begin together. */
	IS(VALUE(REQUESTS, "/a", "DELETE", "allowed"), 0);
	IS(VALUE(REQUESTS, "/b", "DELETE", "allowed"), ABSENT);
}

static void conversions_are_counted_by_route_and_decision(void **state)
{
	struct awh_metrics *metrics = &made.events.metrics;
	struct awh_routes conversions = {0};

	(void)state;
	assert_int_equal(
	    awh_routes_add(&conversions, "/c", awh_route_new_conversion(keep, NULL), NULL), 0);
	awh_routes_freeze(&conversions, made.routes.n_items - 1); /* as of the page, with none */
	view.conversions = &conversions;
	awh_metrics_review(metrics, conversions.items[0], AWH_OPERATION_CONVERT,
			   AWH_OUTCOME_CONVERTED, 100);
	scrape();
	IS(VALUE(REQUESTS, "/c", "convert", "converted"), 1);
	IS(VALUE(REQUESTS, "/c", "convert", "shed"), 0);
	IS(VALUE(REQUESTS, "/c", "convert", "allowed"), ABSENT);
	IS(VALUE(REQUESTS, "/c", "CREATE", "error"), ABSENT);
	IS(VALUE(REQUESTS, "/a", "CREATE", "converted"), ABSENT);
	IS(value_with(AWH_FAMILY_REQUEST_DURATION, "_count", (const char *const[]){"/c"}), 1);
	awh_routes_deinit(&conversions);
}

static void durations_add_up_in_the_buckets_of_their_route(void **state)
{
	static const int64_t took_us[] = {250, 251, 9999, 20000000};
	struct awh_metrics *metrics = &made.events.metrics;
	const struct admwh_route *route = awh_routes_find(&made.routes, "/a");
	const char *const values[] = {"/a"};

	(void)state;
	for (size_t i = 0; i < sizeof(took_us) / sizeof(took_us[0]); i++)
		awh_metrics_review(metrics, route, ADMWH_CREATE, AWH_OUTCOME_ALLOWED, took_us[i]);
	scrape();
	IS(value_with(AWH_FAMILY_REQUEST_DURATION, "_count", values), 4);
	IS(1e6 * value_with(AWH_FAMILY_REQUEST_DURATION, "_sum", values) + 0.5, 20010500);
	assert_non_null(strstr(page, "{route=\"/a\",le=\"0.00025\"} 1\n"));
	assert_non_null(strstr(page, "{route=\"/a\",le=\"0.0005\"} 2\n"));
	assert_non_null(strstr(page, "{route=\"/a\",le=\"0.01\"} 3\n"));
	assert_non_null(strstr(page, "{route=\"/a\",le=\"10\"} 3\n"));
	assert_non_null(strstr(page, "{route=\"/a\",le=\"+Inf\"} 4\n"));
	assert_non_null(strstr(page, "{route=\"/b\",le=\"+Inf\"} 0\n"));
}

static void a_status_that_is_not_usual_appears_when_it_is_counted(void **state)
{
	(void)state;
	awh_metrics_refusal(&made.events.metrics, 418);
	awh_metrics_refusal(&made.events.metrics, 404);
	awh_metrics_refusal(&made.events.metrics, 404);
	scrape();
	IS(VALUE(HTTP_REFUSALS, "418"), 1);
	IS(VALUE(HTTP_REFUSALS, "404"), 2);
	IS(VALUE(HTTP_REFUSALS, "400"), 0);
	IS(VALUE(HTTP_REFUSALS, "505"), 0);
	IS(count_of(AWH_FAMILY_HTTP_REFUSALS), 19);
}

static void each_verdict_and_each_limit_has_a_series_of_its_own(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < AWH_VERDICTS; i++) {
		atomic_store(&counts->handshakes[i], 100 + i);
		atomic_store(&counts->identify_refusals[i], 200 + i);
		atomic_store(&counts->observed[i], 300 + i);
	}
	for (unsigned int i = 1; i < AWH_LIMITS; i++)
		atomic_store(&counts->limits[i], 400 + i);
	for (unsigned int i = 1; i < AWH_CHAIN_LIMITS; i++)
		atomic_store(&counts->chain_limits[i], 500 + i);
	scrape();
	for (int i = 0; i < AWH_VERDICTS; i++) {
		const char *name = awh_verdict_name((enum awh_verdict)i);
		bool is_ok = i == AWH_VERDICT_OK;

		IS(VALUE(HANDSHAKES, name), 100 + i);
		IS(VALUE(IDENTIFY_REFUSALS, name), is_ok ? ABSENT : 200 + i);
		IS(VALUE(OBSERVED, name), is_ok ? ABSENT : 300 + i);
	}
	for (int i = 1; i < AWH_LIMITS; i++) {
		const char *name = admwh_limit_name((enum admwh_limit)i);

		IS(VALUE(LIMIT_REACHED, name), 400 + i);
		IS(VALUE(LIMIT, name), admwh_config_limit(made.config, (enum admwh_limit)i));
	}
	for (int i = 1; i < AWH_CHAIN_LIMITS; i++)
		IS(VALUE(CHAIN_LIMIT_REACHED, awh_chain_limit_name((enum awh_chain_limit)i)),
		   500 + i);
}

static void counters_without_labels_are_not_mixed_up(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < AWH_COUNTERS; i++)
		atomic_store(&counts->counters[i], 10 + i);
	scrape();
	IS(PLAIN(ACCEPT_FAILURES), 10 + AWH_COUNTER_ACCEPT_FAILURES);
	IS(PLAIN(TOKENS_REFUSED), 10 + AWH_COUNTER_TOKENS_REFUSED);
	IS(PLAIN(ABANDONED_REVIEWS), 10 + AWH_COUNTER_ABANDONED_REVIEWS);
	IS(PLAIN(STARVED_REVIEWS), 10 + AWH_COUNTER_STARVED_REVIEWS);
	IS(PLAIN(PROCESS_RESTARTS), 10 + AWH_COUNTER_PROCESS_RESTARTS);
}

static void reloads_are_counted_by_kind_and_result(void **state)
{
	struct awh_metrics *metrics = &made.events.metrics;

	(void)state;
	awh_metrics_reload(metrics, AWH_RELOAD_RULES, true);
	awh_metrics_reload(metrics, AWH_RELOAD_DENY, false);
	awh_metrics_looked(metrics, 1U << AWH_RELOAD_DENY);
	scrape();
	IS(VALUE(RELOADS, "rules", "ok"), 1);
	IS(VALUE(RELOADS, "rules", "failed"), 0);
	IS(VALUE(RELOADS, "deny", "failed"), 1);
	IS(VALUE(RELOAD_FAILING, "deny"), 1);
	IS(VALUE(RELOAD_FAILING, "rules"), 0);
	IS(PLAIN(LAST_RELOAD), atomic_load(&counts->reloaded_s));
	assert_true(PLAIN(LAST_RELOAD) > 0);
}

/* One may be counted down before another is up: a sum is never below 0. */
static void gauges_of_all_processes_add_up(void **state)
{
	struct awh_gauges *slots = made.events.metrics.slots;

	(void)state;
	for (int i = 0; i < 4; i++) {
		atomic_store(&slots[i].requests, 1 + i);
		atomic_store(&slots[i].queued, 10 + i);
		atomic_store(&slots[i].bodies, 1000 * i);
		atomic_store(&slots[i].handshakes, i == 2 ? -5 : 1);
		atomic_store(&slots[i].connections[AWH_ENDPOINT_MAIN], 100);
		atomic_store(&slots[i].connections[AWH_ENDPOINT_HEALTH], i == 3);
	}
	scrape();
	IS(PLAIN(IN_FLIGHT_REQUESTS), 1 + 2 + 3 + 4);
	IS(PLAIN(QUEUED_REVIEWS), 10 + 11 + 12 + 13);
	IS(PLAIN(BODY_BYTES), 6000);
	IS(PLAIN(HANDSHAKES_IN_PROGRESS), 0);
	IS(VALUE(CONNECTIONS, awh_endpoint_name(AWH_ENDPOINT_MAIN)), 400);
	IS(VALUE(CONNECTIONS, awh_endpoint_name(AWH_ENDPOINT_HEALTH)), 1);
	IS(VALUE(CONNECTIONS, awh_endpoint_name(AWH_ENDPOINT_CONVERSION)), 0);
	atomic_store(&made.events.metrics.conversions->bodies, 50);
	atomic_store(&made.events.metrics.conversions->connections[AWH_ENDPOINT_CONVERSION], 3);
	scrape();
	IS(PLAIN(BODY_BYTES), 6050);
	IS(VALUE(CONNECTIONS, awh_endpoint_name(AWH_ENDPOINT_CONVERSION)), 3);
}

static void certificates_are_shown_of_the_server_its_cas_and_its_callers(void **state)
{
	const int64_t now = awh_clock_wall_s(), hour = 3600;
	const int64_t end = (now + WEEK_S) / 60 * 60, begin = end - 2 * WEEK_S;
	struct awh_tls_dates own;

	(void)state;
	start();
	own = awh_tls_context_dates(awh_view_snapshot(&view)->tls);
	scrape();
	IS(VALUE(CERTIFICATE_END, "server"), own.end);
	IS(VALUE(CERTIFICATE_BEGIN, "server"), own.begin);
	IS(VALUE(CERTIFICATE_END, "bundle:default"),
	   awh_tls_context_ca_end(awh_view_snapshot(&view)->tls, 0));
	IS(VALUE(CERTIFICATE_BEGIN, "bundle:default"), ABSENT);
	IS(VALUE(CERTIFICATE_END, "caller:default"), ABSENT);
	note_a_caller(0, begin, end + hour);
	note_a_caller(0, begin, end);
	note_a_caller(0, begin, end + 2 * hour);
	scrape();
	IS(VALUE(CERTIFICATE_END, "caller:default"), end);
	IS(VALUE(CERTIFICATE_BEGIN, "caller:default"), begin);
}

static void enter(unsigned int ca)
{
	struct awh_peer peer = {.ca_subject = "CN=root"};

	peer.ca_sha256[0] = (uint8_t)ca;
	peer.ca_sha256[7] = 1;
	awh_ca_use_enter(&made.events.metrics, &peer);
}

/* Also those that no file has any more; those beyond the places are one series. */
static void connections_are_shown_by_their_ca(void **state)
{
	struct awh_tls_ca ca;
	char fingerprint[32];

	(void)state;
	start();
	assert_int_equal(awh_tls_context_ca(awh_view_snapshot(&view)->tls, 0, &ca), 0);
	snprintf(fingerprint, sizeof(fingerprint), "%016" PRIx64, awh_ca_digest(ca.sha256));
	awh_buf_deinit(&ca.subject);
	enter(1);
	enter(1);
	scrape();
	IS(VALUE(CA_CONNECTIONS, "default", "CN=goodca", fingerprint), 0);
	IS(VALUE(CA_CONNECTIONS, "default", "CN=root", "0100000000000001"), 2);
	IS(VALUE(CA_CONNECTIONS, "", "other", ""), ABSENT);
	for (unsigned int i = 2; i <= AWH_CA_PLACES + 3; i++)
		enter(i);
	scrape();
	IS(VALUE(CA_CONNECTIONS, "default", "CN=root", "0200000000000001"), 1);
	IS(VALUE(CA_CONNECTIONS, "", "other", ""), 3);
}

static void spoil(int byte)
{
	struct awh_metrics *metrics = &made.events.metrics;

	memset(counts, byte, sizeof(*counts));
	memset(metrics->slots, byte, metrics->n_slots * sizeof(*metrics->slots));
	memset(metrics->routes, byte, metrics->n_routes * sizeof(*metrics->routes));
	memset(metrics->callers, byte, metrics->n_callers * sizeof(*metrics->callers));
	memset(counts->cas, 0, sizeof(counts->cas)); /* so that they are in use, and shown */
	for (size_t i = 0; i < metrics->n_slots; i++)
		memset(metrics->slots[i].cas, 0, sizeof(metrics->slots[i].cas));
	for (size_t i = 0; i < AWH_CA_PLACES; i++) {
		enter((unsigned int)i);
		memset(counts->cas[i].subject, byte, sizeof(counts->cas[i].subject));
		atomic_store(&counts->cas[i].bundle, i == 0 ? 0 : SIZE_MAX / (i + 1));
	}
}

/* A worker process that is taken over can write it; the page is made of it all the same. */
static void anything_may_be_in_shared_memory(void **state)
{
	static const int bytes[] = {0xff, 0x80, 0x7f, 0x01};

	(void)state;
	start();
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		spoil(bytes[i]);
		scrape();
		assert_true(awh_utf8_valid(page, strlen(page)));
		IS(VALUE(RELOAD_FAILING, awh_reload_name(AWH_RELOAD_KEYPAIR)), 1);
		IS(PLAIN(READY), 1);
	}
}

static void insecure_options_are_shown(void **state)
{
	static const struct {
		bool insecure, plain, observe;
	} cases[] = {{false, false, false},
		     {true, false, false},
		     {false, true, false},
		     {false, false, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		made.config->insecure = cases[i].insecure;
		made.config->plain = cases[i].plain;
		made.config->observe = cases[i].observe;
		scrape();
		IS(VALUE(INSECURE, "no_client_auth"), cases[i].insecure);
		IS(VALUE(INSECURE, "plain_http"), cases[i].plain);
		IS(VALUE(INSECURE, "observe"), cases[i].observe);
	}
}

static void one_process_serves_while_it_listens(void **state)
{
	(void)state;
	scrape_as(true, false);
	IS(PLAIN(SERVING_PROCESSES), 1);
	IS(PLAIN(READY), 1);
	atomic_store(&made.listening, false);
	scrape_as(false, false);
	IS(PLAIN(SERVING_PROCESSES), 0);
	IS(PLAIN(READY), 0);
}

static void processes_of_a_fleet_are_added_up(void **state)
{
	struct awh_fleet *fleet = awh_fleet_new(3, NULL);
	struct awh_gauges *slots = made.events.metrics.slots;

	(void)state;
	view.fleet = fleet;
	atomic_store(&fleet->places[0].serves, true);
	atomic_store(&fleet->places[2].serves, true);
	atomic_store(&slots[3].queued, 1);
	atomic_store(&slots[3].moved_ms,
		     awh_clock_ms() - (int64_t)made.config->limits[ADMWH_LIMIT_DEADLINE] - 1000);
	atomic_store(&counts->log_dropped, 7);
	scrape();
	IS(PLAIN(SERVING_PROCESSES), 2);
	IS(PLAIN(STALLED_PROCESSES), 1);
	IS(PLAIN(LOG_LINES_DROPPED), 7);
	view.fleet = NULL; /* what another process has dropped is not this one's */
	scrape();
	IS(PLAIN(LOG_LINES_DROPPED), admwh_log_dropped());
	awh_fleet_free(fleet);
}

static void the_process_and_the_build_are_shown(void **state)
{
	double open_fds;
	int fd;

	(void)state;
	scrape();
	open_fds = PLAIN(OPEN_FDS);
	fd = dup(0);
	assert_true(fd >= 0);
	scrape();
	IS(PLAIN(OPEN_FDS), open_fds + 1);
	close(fd);
	IS(VALUE(BUILD, admwh_version(), awh_tls_library()), 1);
	IS(PLAIN(START_TIME), counts->started_s);
	assert_true(PLAIN(CPU) >= 0);
	assert_true(PLAIN(RESIDENT) > 65536);
	assert_true(PLAIN(VIRTUAL) >= PLAIN(RESIDENT));
	assert_true(PLAIN(OPEN_FDS) >= 3);
	assert_true(PLAIN(MAX_FDS) >= PLAIN(OPEN_FDS));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(each_family_is_begun_once_and_has_its_labels),
	    TEST(what_will_be_counted_begins_at_0),
	    TEST(reviews_are_counted_by_route_operation_and_decision),
	    TEST(conversions_are_counted_by_route_and_decision),
	    TEST(durations_add_up_in_the_buckets_of_their_route),
	    TEST(a_status_that_is_not_usual_appears_when_it_is_counted),
	    TEST(each_verdict_and_each_limit_has_a_series_of_its_own),
	    TEST(counters_without_labels_are_not_mixed_up),
	    TEST(reloads_are_counted_by_kind_and_result),
	    TEST(gauges_of_all_processes_add_up),
	    TEST(certificates_are_shown_of_the_server_its_cas_and_its_callers),
	    TEST(connections_are_shown_by_their_ca),
	    TEST(anything_may_be_in_shared_memory),
	    TEST(insecure_options_are_shown),
	    TEST(one_process_serves_while_it_listens),
	    TEST(processes_of_a_fleet_are_added_up),
	    TEST(the_process_and_the_build_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
