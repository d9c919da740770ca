/* SPDX-License-Identifier: MIT */
/*
 * How metrics read outside: Prometheus' text format 0.0.4, or OpenMetrics 1.0.
 * A family is begun, then its samples follow; which families there are, and what
 * they mean, is AWH_FAMILY_MAP's, which docs/metrics.md is held to. No I/O.
 */
#ifndef AWH_HEALTH_EXPOSITION_H
#define AWH_HEALTH_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Family without the suffixes of its samples, type, unit, labels, help. */
#define AWH_FAMILY_MAP(XX)                                                                         \
	XX(REQUESTS, "admwh_requests", "counter", "", "route, operation, decision",                \
	   "Reviews by decision.")                                                                 \
	XX(REQUEST_DURATION, "admwh_request_duration_seconds", "histogram", "seconds", "route",    \
	   "Time from the end of a request's head to the decision about its review.")              \
	XX(HTTP_REFUSALS, "admwh_http_refusals", "counter", "", "status",                          \
	   "Requests answered without a review.")                                                  \
	XX(IN_FLIGHT_REQUESTS, "admwh_in_flight_requests", "gauge", "", "",                        \
	   "Requests whose head has been read and that are not answered yet.")                     \
	XX(QUEUED_REVIEWS, "admwh_queued_reviews", "gauge", "", "",                                \
	   "Reviews that wait for a worker.")                                                      \
	XX(BODY_BYTES, "admwh_body_bytes_in_flight", "gauge", "", "",                              \
	   "Bytes held by request bodies, decoded objects and pending responses.")                 \
	XX(ABANDONED_REVIEWS, "admwh_abandoned_reviews", "counter", "", "",                        \
	   "Handlers that decided after the deadline, or after the client had disconnected.")      \
	XX(STARVED_REVIEWS, "admwh_starved_reviews", "counter", "", "",                            \
	   "Reviews that timed out in the queue before a worker started them.")                    \
	XX(RECORDED_REVIEWS, "admwh_recorded_reviews", "counter", "", "result",                    \
	   "Reviews of a kind to record, by what became of the file.")                             \
	XX(CONNECTIONS, "admwh_connections", "gauge", "", "listener", "Open connections.")         \
	XX(HANDSHAKES_IN_PROGRESS, "admwh_handshakes_in_progress", "gauge", "", "",                \
	   "TLS handshakes in progress.")                                                          \
	XX(HANDSHAKES, "admwh_handshakes", "counter", "", "result",                                \
	   "Completed and failed TLS handshakes by result.")                                       \
	XX(IDENTIFY_REFUSALS, "admwh_identify_refusals", "counter", "", "result",                  \
	   "Requests rejected with 401 or 403 by result.")                                         \
	XX(TOKENS_REFUSED, "admwh_tokens_refused", "counter", "", "",                              \
	   "Requests rejected for an unknown bearer token; requests without one do not count.")    \
	XX(WEBHOOK_TOKENS, "admwh_webhook_tokens", "counter", "", "result",                        \
	   "Webhook tokens verified, by result.")                                                  \
	XX(OBSERVED, "admwh_observed", "counter", "", "result",                                    \
	   "Requests served in observe mode that would have been rejected, by result.")            \
	XX(RELOADS, "admwh_reloads", "counter", "", "kind, result",                                \
	   "Reloads of changed files by kind and result.")                                         \
	XX(RELOAD_FAILING, "admwh_reload_failing", "gauge", "", "kind",                            \
	   "1 while files of this kind cannot be used and the last good ones stay in force.")      \
	XX(LAST_RELOAD, "admwh_last_reload_success_timestamp_seconds", "gauge", "seconds", "",     \
	   "Time of the last successful reload; 0 before the first.")                              \
	XX(CERTIFICATE_END, "admwh_certificate_not_after_seconds", "gauge", "seconds",             \
	   "certificate",                                                                          \
	   "Expiry of the server's certificate, of the next CA of a bundle to expire, and of "     \
	   "the "                                                                                  \
	   "first recently seen caller's; seconds since 1970.")                                    \
	XX(CERTIFICATE_BEGIN, "admwh_certificate_not_before_seconds", "gauge", "seconds",          \
	   "certificate",                                                                          \
	   "Start of validity of the server's and of callers' certificates, seconds since 1970.")  \
	XX(CLIENT_CAS, "admwh_client_cas", "gauge", "", "bundle, state",                           \
	   "Client CAs of the files in force by bundle and state.")                                \
	XX(CA_CONNECTIONS, "admwh_ca_connections", "gauge", "", "bundle, subject, fingerprint",    \
	   "Open connections by the client CA at the top of the client's chain.")                  \
	XX(INSECURE, "admwh_insecure", "gauge", "", "option",                                      \
	   "1 where an insecure option is set.")                                                   \
	XX(LIMIT, "admwh_limit", "gauge", "", "limit", "Value of each limit, in its own unit.")    \
	XX(LIMIT_REACHED, "admwh_limit_reached", "counter", "", "limit",                           \
	   "Times a limit rejected or delayed a client.")                                          \
	XX(CHAIN_LIMIT_REACHED, "admwh_chain_limit_reached", "counter", "", "limit",               \
	   "Certificate chains rejected for their size or cost, by limit.")                        \
	XX(LOG_LINES_DROPPED, "admwh_log_lines_dropped", "counter", "", "",                        \
	   "Log lines dropped because the sink had no room.")                                      \
	XX(ACCEPT_FAILURES, "admwh_accept_failures", "counter", "", "",                            \
	   "Failures to accept a connection: no file descriptor or no memory.")                    \
	XX(PROCESS_RESTARTS, "admwh_process_restarts", "counter", "", "",                          \
	   "Worker processes that ended and were restarted.")                                      \
	XX(SERVING_PROCESSES, "admwh_serving_processes", "gauge", "", "",                          \
	   "Processes that serve reviews.")                                                        \
	XX(STALLED_PROCESSES, "admwh_stalled_processes", "gauge", "", "",                          \
	   "Processes whose queue has not moved for longer than the deadline.")                    \
	XX(READY, "admwh_ready", "gauge", "", "", "1 while /readyz says ok.")                      \
	XX(BUILD, "admwh_build", "info", "", "version, tls_library",                               \
	   "Version of the library and of the TLS library.")                                       \
	XX(START_TIME, "process_start_time_seconds", "gauge", "seconds", "",                       \
	   "Start time of the server, seconds since 1970.")                                        \
	XX(CPU, "process_cpu_seconds", "counter", "seconds", "",                                   \
	   "User and system CPU time of the answering process.")                                   \
	XX(RESIDENT, "process_resident_memory_bytes", "gauge", "bytes", "",                        \
	   "Resident memory of the answering process.")                                            \
	XX(VIRTUAL, "process_virtual_memory_bytes", "gauge", "bytes", "",                          \
	   "Virtual memory of the answering process.")                                             \
	XX(OPEN_FDS, "process_open_fds", "gauge", "", "",                                          \
	   "Open file descriptors of the answering process.")                                      \
	XX(MAX_FDS, "process_max_fds", "gauge", "", "",                                            \
	   "The most file descriptors the answering process may have open.")

enum awh_family {
#define AWH_FAMILY_ENUM(id, name, type, unit, labels, help) AWH_FAMILY_##id,
	AWH_FAMILY_MAP(AWH_FAMILY_ENUM)
#undef AWH_FAMILY_ENUM
};

struct awh_exposition {
	struct awh_buf *buf;
	bool is_open_metrics;
	enum awh_family family; /* the one begun last */
};

struct awh_label {
	const char *name;
	const char *value; /* any text; escaped */
};

/* Does an Accept field ask for OpenMetrics? NULL: no. */
bool awh_accepts_open_metrics(const char *accept);

/* Its Content-Type. */
const char *awh_exposition_type(bool is_open_metrics);

void awh_put_family(struct awh_exposition *exposition, enum awh_family family);

/* A sample of the family, with these labels in this order; without any, labels may be NULL. */
void awh_put_sample(struct awh_exposition *exposition, const struct awh_label *labels,
		    size_t n_labels, uint64_t value);
/* Of a gauge, or of a counter of seconds: value / 10^6. */
void awh_put_micro_sample(struct awh_exposition *exposition, uint64_t value_us);

/*
 * The samples of a histogram.
 *
 * counts: one a bucket of awh_bucket_us, not added up, and one for what took longer
 */
void awh_put_histogram(struct awh_exposition *exposition, struct awh_label label,
		       const uint64_t *counts, uint64_t sum_us);

/* After the last family. */
void awh_put_end(struct awh_exposition *exposition);

#endif
