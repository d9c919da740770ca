/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as what a client sends to the health port: a connection of its own on a
 * socket pair, served by the code that serves the port, with the library's checks, one
 * of the program's and all pages. The first byte chooses the state that the pages tell.
 *
 * What must hold: the port answers what the parser takes as requests, in their order,
 * each by its status: 421 for the name of another site, 404 for no page, 405 for a
 * method that is none of a page's, and otherwise the page; nothing of a request is
 * repeated in a head; and what a page says is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "check.h"
#include "conn/endpoint.h"
#include "conn/shard.h"
#include "conn/walk.h"
#include "health/page.h"
#include "http/host.h"
#include "http/http.h"

enum { BODY_MAX = 4096, INPUT_MAX = 16 * 1024, ANSWER_BYTES = 16 * 1024 * 1024 };

/* A health port without a listener. Made once, and never freed: its loop runs on. */
static struct port {
	struct admwh_config *config;
	struct awh_events events;
	struct awh_shared shared;
	struct awh_shard shard;
	struct awh_endpoint endpoint;
	struct awh_pages pages;
	struct awh_routes main; /* routes of the main endpoint */
	atomic_bool listening, unwell;
} * port;

static const char *check_program(void *userdata)
{
	const struct port *self = userdata;

	return atomic_load(&self->unwell) ? "not applied <yet>" : NULL;
}

static int allow(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)req, (void)userdata;
	return admwh_response_allow(resp);
}

static void silence(const struct admwh_log_record *record, void *userdata)
{
	(void)record, (void)userdata;
}

static void make_config(struct port *self)
{
	self->config = admwh_config_new();
	check(self->config != NULL, "no memory");
	self->config->plain = self->config->insecure = true;
	check(admwh_config_set_log(self->config, ADMWH_LOG_ERROR, silence, NULL) == 0 &&
		  admwh_config_add_health_host(self->config, "health.example.com") == 0 &&
		  admwh_config_add_ready_path(self->config, "/readiness") == 0,
	      "a setter has failed");
	self->events.log = self->config->log;
}

static void make_pages(struct port *self)
{
	struct awh_metrics *metrics = &self->events.metrics;
	struct awh_check program = {.name = "program", .run = check_program, .userdata = self};

	check(awh_metrics_init(metrics, 1, NULL) == 0, "no memory");
	self->pages.view = (struct awh_view){
	    .config = self->config,
	    .metrics = metrics,
	    .routes = &self->main,
	    .listening = &self->listening,
	    .stopping = &self->shared.stopping,
	    .port = 8443,
	    .health_port = 8080,
	};
	check(awh_checks_add(&self->pages.program, &program, NULL) == 0 &&
		  awh_routes_add(&self->main, "/a", admwh_route_new_validator(allow, NULL), NULL) ==
		      0 &&
		  awh_pages_make(&self->pages, &self->main, NULL) == 0,
	      "no pages");
	awh_routes_freeze(&self->main, 0);
	check(awh_metrics_add_routes(metrics, self->main.n_items, NULL) == 0, "no memory");
}

static struct port *make_port(void)
{
	struct port *self = calloc(1, sizeof(*self));

	check(self != NULL, "no memory");
	make_config(self);
	make_pages(self);
	self->shared.config = self->config;
	self->shared.events = &self->events;
	self->shard.loop = awh_loop_new(NULL);
	check(self->shard.loop &&
		  awh_shard_init(&self->shard, &self->shared, NULL, NULL, NULL) == 0,
	      "no memory");
	self->endpoint = (struct awh_endpoint){
	    .shared = &self->shared,
	    .id = AWH_ENDPOINT_HEALTH,
	    .routes = &self->pages.routes,
	    .is_plain = true,
	    .is_open = true,
	    .most = ADMWH_LIMIT_HEALTH_CONNECTIONS,
	    .body = BODY_MAX,
	};
	check(awh_loop_start(self->shard.loop, NULL, NULL) == 0, "no thread");
	return self;
}

/* what must be answered */

/* Whose name is it? */
static bool is_another_site(const char *host)
{
	return host && !awh_host_is_internal(host) && !awh_host_is(host, "health.example.com");
}

/* 200 stands for what a page says: its status depends on the checks. */
static int status_of(const struct awh_http_head *head)
{
	const bool is_page = awh_routes_find(&port->pages.routes, head->path) != NULL;

	if (is_another_site(head->host))
		return 421;
	if (!is_page)
		return 404;
	return strcmp(head->method, "GET") == 0 || strcmp(head->method, "HEAD") == 0 ? 200 : 405;
}

/* An answer that must come. */
struct expected {
	int status; /* 100 for "go on"; 200: of a page */
	bool is_head;
};

/* The answers to a stream, in their order, as the parser reads it. */
struct expectations {
	struct expected items[INPUT_MAX];
	size_t n;
};

static void expect(struct expectations *all, int status, bool is_head)
{
	check(all->n < INPUT_MAX, "more answers than bytes");
	all->items[all->n++] = (struct expected){status, is_head};
}

/* A head is complete. False: its answer is the last one. */
static bool expect_by_head(struct expectations *all, struct expected *next,
			   const struct awh_http_head *head)
{
	next->status = status_of(head);
	next->is_head = strcmp(head->method, "HEAD") == 0;
	if (!head->expect_continue)
		return true;
	if (next->status == 200)
		expect(all, 100, false);
	else
		expect(all, next->status, next->is_head);
	return next->status == 200;
}

/* Take one event. False: no answer follows. */
static bool expect_by_event(struct expectations *all, struct expected *next,
			    struct awh_http_parser *parser, enum awh_http_event event)
{
	bool keeps;

	switch (event) {
	case AWH_HTTP_HEAD:
		return expect_by_head(all, next, awh_http_head(parser));
	case AWH_HTTP_END:
		expect(all, next->status, next->is_head);
		keeps = awh_http_head(parser)->keep_alive;
		*next = (struct expected){0};
		awh_http_next(parser);
		return keeps;
	case AWH_HTTP_ERROR:
		expect(all, awh_http_error_status(parser), next->is_head);
		return false;
	case AWH_HTTP_BODY:
	case AWH_HTTP_MORE:
		break;
	}
	return event == AWH_HTTP_BODY;
}

static void expect_all(struct expectations *all, const char *data, size_t len)
{
	const uint64_t *set = port->config->limits;
	const struct awh_http_limits limits = {
	    .header_bytes = (size_t)set[ADMWH_LIMIT_HEADER_BYTES],
	    .header_count = (size_t)set[ADMWH_LIMIT_HEADER_COUNT],
	    .body = BODY_MAX,
	};
	struct awh_http_parser *parser = awh_http_parser_new(&limits);
	struct expected next = {0};
	enum awh_http_event event;
	size_t taken;

	check(parser != NULL, "no memory");
	all->n = 0;
	do {
		event = awh_http_feed(parser, data, len, &taken);
		data += taken;
		len -= taken;
	} while (expect_by_event(all, &next, parser, event));
	awh_http_parser_free(parser);
}

/* what was answered */

struct answer {
	int status;
	bool is_json;
	const char *body;
	size_t len;
};

/* No field but the server's own. */
static void read_field(struct answer *answer, const char *line, size_t len)
{
	static const char *const fields[] = {"Date: ",
					     "Content-Type: ",
					     "Content-Length: ",
					     "X-Content-Type-Options: nosniff",
					     "Cache-Control: no-store",
					     "Allow: GET, HEAD",
					     "Connection: close"};
	size_t i = 0;

	while (i < sizeof(fields) / sizeof(fields[0]) &&
	       strncmp(line, fields[i], strlen(fields[i])) != 0)
		i++;
	check(i < sizeof(fields) / sizeof(fields[0]), "a field that is not the server's");
	check(awh_text_is_clean(line, len), "a field that is not clean");
	if (i == 1)
		answer->is_json = strncmp(line + strlen(fields[1]), "application/json", 16) == 0;
	if (i == 2)
		answer->len = strtoul(line + strlen(fields[2]), NULL, 10);
}

/* The next answer off the front of a text that ends in a NUL. */
static const char *read_answer(struct answer *answer, const char *at, const char *end, bool is_head)
{
	const char *line_end;

	*answer = (struct answer){0};
	check(strncmp(at, "HTTP/1.1 ", 9) == 0, "an answer that is none");
	answer->status = atoi(at + 9);
	for (;;) {
		line_end = strstr(at, "\r\n");
		check(line_end != NULL, "a head without an end");
		if (line_end == at)
			break;
		if (strncmp(at, "HTTP/1.1 ", 9) != 0)
			read_field(answer, at, (size_t)(line_end - at));
		at = line_end + 2;
	}
	answer->body = line_end + 2;
	if (is_head || answer->status == 100)
		answer->len = 0;
	check(answer->len <= (size_t)(end - answer->body), "an answer that is cut");
	return answer->body + answer->len;
}

static void check_body(const struct answer *answer)
{
	json_t *root;

	if (!answer->is_json) {
		check(awh_utf8_valid(answer->body, answer->len), "a page that is no text");
		return;
	}
	root = json_loadb(answer->body, answer->len, JSON_REJECT_DUPLICATES, NULL);
	check(json_is_object(root), "an answer that is no JSON");
	check(answer->status == 200 ||
		  json_integer_value(json_object_get(root, "code")) == answer->status,
	      "a failure of another status");
	json_decref(root);
}

static void check_answers(const struct expectations *all, const char *at, const char *end,
			  bool is_well)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct expected *expected = &all->items[i];
		struct answer answer;

		check(at < end, "an answer is missing");
		at = read_answer(&answer, at, end, expected->is_head);
		check(answer.status == expected->status ||
			  (expected->status == 200 && !is_well &&
			   (answer.status == 500 || answer.status == 503)),
		      "answered by another status");
		if (!expected->is_head && answer.status != 100)
			check_body(&answer);
	}
	check(at == end, "an answer to nothing");
}

/* the connection */

/* All that the server says until it ends the connection. */
static void read_all(struct awh_buf *answers, int fd)
{
	static char room[65536];
	ssize_t got;

	do {
		got = recv(fd, room, sizeof(room), 0);
		awh_buf_put(answers, room, got > 0 ? (size_t)got : 0);
	} while (got > 0 || (got < 0 && errno == EINTR)); /* a fuzzer has an alarm */
	check(got == 0 && awh_buf_terminate(answers) == 0, "the connection was reset");
}

static void talk(struct awh_buf *answers, const char *data, size_t len)
{
	const struct sockaddr_storage address = {.ss_family = AF_INET};
	int ends[2];

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 &&
		  fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0,
	      "no sockets");
	check(send(ends[0], data, len, MSG_NOSIGNAL) == (ssize_t)len, "the socket is full");
	shutdown(ends[0], SHUT_WR);
	check(awh_conn_open(&port->endpoint, &port->shard, ends[1], &address), "no memory");
	read_all(answers, ends[0]);
	close(ends[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct expectations all;
	const char *data = (const char *)bytes + 1;
	struct awh_buf answers;

	if (!port)
		port = make_port();
	if (len == 0 || len > INPUT_MAX)
		return 0;
	atomic_store(&port->listening, !(bytes[0] & 1));
	atomic_store(&port->unwell, bytes[0] & 2);
	awh_buf_init(&answers, ANSWER_BYTES);
	expect_all(&all, data, len - 1);
	talk(&answers, data, len - 1);
	check_answers(&all, answers.data, answers.data + answers.len, !(bytes[0] & 3));
	awh_buf_deinit(&answers);
	return 0;
}
