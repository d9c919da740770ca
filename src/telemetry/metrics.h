/* SPDX-License-Identifier: MIT */
/*
 * What the server counts. To count is an atomic addition in memory that worker
 * processes share: counters and histograms are common to all of them, gauges
 * are kept in one slot a process and added up when they are read. Counting
 * takes no lock, allocates nothing and cannot fail. events.c counts;
 * health/exposition.c says how it reads outside.
 */
#ifndef AWH_TELEMETRY_METRICS_H
#define AWH_TELEMETRY_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/limits.h>
#include <admwh/request.h>

#include "base/error.h"
#include "config/config.h"
#include "dispatch/review.h"
#include "identity/identity.h"
#include "identity/verdict.h"
#include "identity/webhook_token.h"
#include "telemetry/recent.h"
#include "telemetry/seen.h"

/* Which listener a connection came by. */
enum awh_endpoint_id {
	AWH_ENDPOINT_MAIN,
	AWH_ENDPOINT_HEALTH,
	AWH_ENDPOINT_CONVERSION,
	AWH_ENDPOINTS
};

/* Counters without labels. */
enum awh_counter {
	AWH_COUNTER_ACCEPT_FAILURES,
	AWH_COUNTER_TOKENS_REFUSED,
	AWH_COUNTER_ABANDONED_REVIEWS,
	AWH_COUNTER_STARVED_REVIEWS,
	AWH_COUNTER_PROCESS_RESTARTS,
	AWH_COUNTERS
};

/* What is read again while serving. All: no file was at fault, memory ran out. */
#define AWH_RELOAD_MAP(XX)                                                                         \
	XX(KEYPAIR, "keypair")                                                                     \
	XX(CLIENT_CA, "client_ca")                                                                 \
	XX(RULES, "rules")                                                                         \
	XX(DENY, "deny")                                                                           \
	XX(TOKENS, "tokens")                                                                       \
	XX(TOKEN_KEYS, "token_keys")                                                               \
	XX(PROGRAM, "program")                                                                     \
	XX(ALL, "all")

enum awh_reload {
#define AWH_RELOAD_ENUM(id, name) AWH_RELOAD_##id,
	AWH_RELOAD_MAP(AWH_RELOAD_ENUM)
#undef AWH_RELOAD_ENUM
	    AWH_RELOADS
};

/* What became of a review of a kind to record. */
#define AWH_RECORD_MAP(XX)                                                                         \
	XX(WRITTEN, "written")                                                                     \
	XX(DROPPED, "dropped")   /* reviews come faster than they are written */                   \
	XX(FULL, "full")         /* the folder has as many files as it may have */                 \
	XX(LARGE, "large")       /* its body is too large */                                       \
	XX(WITHHELD, "withheld") /* a Secret, TokenRequest or TokenReview is in it */              \
	XX(FAILED, "failed")

enum awh_record_result {
#define AWH_RECORD_ENUM(id, name) AWH_RECORD_##id,
	AWH_RECORD_MAP(AWH_RECORD_ENUM)
#undef AWH_RECORD_ENUM
	    AWH_RECORDS
};

enum {
	/* of a ConversionReview, whose request has none */
	AWH_OPERATION_CONVERT = ADMWH_OTHER + 1,
	AWH_OPERATIONS, /* 0: the body was not understood */
	AWH_BUCKETS = 12,
	AWH_REFUSAL_LEAST = 400, /* HTTP status */
	AWH_REFUSALS = 200,
	AWH_CA_PLACES = 128, /* client CAs whose connections are counted by themselves */
	AWH_CA_SUBJECT = 128,
};

/* Upper bounds of the histogram's buckets, microseconds. */
extern const int64_t awh_bucket_us[AWH_BUCKETS];

typedef atomic_ullong awh_count;

/* A client CA with connections; private to ca_use.c. */
struct awh_ca_place {
	atomic_uint state;
	atomic_ullong digest;
	atomic_size_t bundle;
	char subject[AWH_CA_SUBJECT]; /* RFC 4514, maybe cut */
};

/*
 * Common to all processes. One that is taken over can write anything here and into the other
 * memory that is shared: those who read it take any value, and follow none as a pointer, a size or
 * an unchecked index.
 */
struct awh_counts {
	awh_count counters[AWH_COUNTERS];
	awh_count handshakes[AWH_VERDICTS];
	awh_count identify_refusals[AWH_VERDICTS];
	awh_count observed[AWH_VERDICTS];
	awh_count webhook_tokens[AWH_TOKEN_RESULTS];
	awh_count records[AWH_RECORDS];
	awh_count limits[AWH_LIMITS];
	awh_count chain_limits[AWH_CHAIN_LIMITS];
	awh_count refusals[AWH_REFUSALS];
	awh_count reloads[AWH_RELOADS][2];        /* failed, succeeded */
	atomic_uchar reload_failing[AWH_RELOADS]; /* not 0: at the last look */
	awh_count log_dropped;   /* where there are worker processes: by all together */
	atomic_llong reloaded_s; /* when one last succeeded, seconds since 1970 */
	int64_t started_s;
	struct awh_seen certificates; /* of callers */
	struct awh_ca_place cas[AWH_CA_PLACES];
};

/* Likewise, one a route: on cache lines of its own. */
struct awh_route_counts {
	_Alignas(64) awh_count reviews[AWH_OPERATIONS][AWH_OUTCOMES];
	awh_count buckets[AWH_BUCKETS + 1]; /* not added up; the last one is for what took longer */
	awh_count us;                       /* all durations */
};

/* What is so now, in one process. */
struct awh_gauges {
	_Alignas(64) atomic_llong connections[AWH_ENDPOINTS];
	atomic_llong handshakes;
	atomic_llong requests; /* whose head was read and that are not answered */
	atomic_llong queued;   /* reviews that wait for a worker */
	atomic_llong moved_ms; /* monotonic; when the first came to wait, or a worker took one */
	atomic_llong bodies;   /* bytes of bodies in flight */
	/* connections by the place of their CA; the last ones are of those without a place */
	atomic_llong cas[AWH_CA_PLACES + 1];
};

struct awh_metrics {
	struct awh_counts *counts;
	struct awh_gauges *gauges;      /* this process's own slot */
	struct awh_gauges *conversions; /* the same of its conversion listener */
	struct awh_gauges *slots;       /* behind them as many of conversion listeners */
	size_t n_slots;
	struct awh_route_counts *routes; /* NULL before the start */
	size_t n_routes;
	struct awh_recent *callers; /* one a bundle; NULL before the start, or without one */
	size_t n_callers;
};

/* Everything at 0; slot 0 is this process's. 0 or ADMWH_E_NOMEM. */
int awh_metrics_init(struct awh_metrics *metrics, size_t n_slots, struct awh_error *error);
/* Once the number of routes is known. 0 or ADMWH_E_NOMEM. */
int awh_metrics_add_routes(struct awh_metrics *metrics, size_t n_routes, struct awh_error *error);
/* Likewise, of bundles. */
int awh_metrics_add_bundles(struct awh_metrics *metrics, size_t n_bundles, struct awh_error *error);
void awh_metrics_deinit(struct awh_metrics *metrics);

/* In a worker process, after the fork: gauges are kept in this slot from now on, and are 0. */
void awh_metrics_take_slot(struct awh_metrics *metrics, size_t slot);
/* The process of a slot has ended: what its gauges said is over. */
void awh_metrics_clear_slot(struct awh_metrics *metrics, size_t slot);

/* In how many processes reviews wait, and none was taken by a worker for longer than that. */
size_t awh_metrics_stalled(const struct awh_metrics *metrics, int64_t ms);

static inline void awh_count_up(awh_count *count)
{
	atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

/* Names of what is counted: labels of metrics. */
const char *awh_record_name(enum awh_record_result result);
const char *awh_reload_name(enum awh_reload kind);
/* A reload's: "ok" or "failed". */
const char *awh_reload_result(bool succeeded);
const char *awh_endpoint_name(enum awh_endpoint_id endpoint);

/* A review was answered. operation: 0 when it is not known */
void awh_metrics_review(struct awh_metrics *metrics, const struct admwh_route *route,
			unsigned int operation, enum awh_outcome outcome, int64_t us);
/* A request was answered without a review. */
void awh_metrics_refusal(struct awh_metrics *metrics, int status);
/* A limit has rejected or delayed a client. */
void awh_metrics_limit(struct awh_metrics *metrics, enum admwh_limit limit);
void awh_metrics_reload(struct awh_metrics *metrics, enum awh_reload kind, bool succeeded);
/* Files were looked at. failing: bits of enum awh_reload, whose files cannot be used */
void awh_metrics_looked(struct awh_metrics *metrics, unsigned int failing);

#endif
