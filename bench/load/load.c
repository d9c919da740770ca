/* SPDX-License-Identifier: MIT */
/*
 * The load generator of the benchmark: one thread, OpenSSL, HTTP/1.1 with keep-alive.
 *
 *     bench-load [OPTION...] BODY[:WEIGHT]...
 *     bench-load -t COMMAND...
 *
 *     -p PORT    of the server on 127.0.0.1
 *     -f FOLDER  has ca.crt, client.crt and client.key
 *     -u PATH    of the route
 *     -e POINTER how the path of an operation of each patch begins; without it there is no patch
 *     -c N       connections
 *     -s SECONDS length of the run
 *     -r RATE    requests a second, evenly spaced; without it each connection asks again at once
 *     -n         a new connection for each request
 *     -t         start COMMAND on the CPU of -a, and print the microseconds to its first handshake
 *     -a CPU
 *
 * Bodies come in the proportion of their weights, each with a UID of its own. When all connections
 * have had one answer, "ready" is printed and a line of standard input is waited for; after the run
 * its figures are printed as JSON, and the connections stay open until the end of standard input.
 *
 * Latency counts from the time at which a request is due, so that a server that answers late is
 * also charged for the requests that had to wait. An answer that is missing or wrong ends the run.
 */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

enum { ANSWER_MAX = 65536, BODIES_MAX = 8, CYCLE = 100, EVENTS = 64 };
static const int64_t second = 1000000000;

enum state { CLOSED, HANDSHAKE, IDLE, SEND, RECEIVE };

struct connection {
	int fd;
	enum state state;
	SSL *ssl;
	struct body *body;
	char *request; /* head and body, as long as the longest */
	size_t len, sent;
	int64_t due;
	size_t got;
	char answer[ANSWER_MAX + 1];
};

static struct {
	int port, cpu, n_connections;
	const char *folder, *path, *patch;
	double seconds, rate;
	bool reconnects, starts;
} options = {.n_connections = 1, .seconds = 1};

static struct body bodies[BODIES_MAX];
static size_t n_bodies, longest;
static struct body *cycle[CYCLE]; /* the order in which bodies are sent */
static struct connection *connections;
static SSL_CTX *tls;
static int epoll;

/* The run so far. */
static struct {
	int64_t start, end;
	uint64_t started, answered, sequence;
	float *latencies; /* microseconds */
	size_t room;
	bool is_warm;
} run;

void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("bench-load: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * second + now.tv_nsec;
}

static void *allocate(size_t n, size_t size)
{
	void *memory = calloc(n, size);

	if (!memory)
		fail("out of memory");
	return memory;
}

static SSL_CTX *make_tls(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	char ca[4096], certificate[4096], key[4096];

	snprintf(ca, sizeof(ca), "%s/ca.crt", options.folder);
	snprintf(certificate, sizeof(certificate), "%s/client.crt", options.folder);
	snprintf(key, sizeof(key), "%s/client.key", options.folder);
	if (!ctx || !SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) ||
	    !SSL_CTX_load_verify_locations(ctx, ca, NULL) ||
	    !SSL_CTX_use_certificate_chain_file(ctx, certificate) ||
	    !SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) ||
	    /* What Go's client offers, in its order; the groups are all that Debian's OpenSSL has
	       of it. */
	    !SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
					   "TLS_CHACHA20_POLY1305_SHA256") ||
	    !SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384:P-521"))
		fail("the client's TLS cannot be set up of %s", options.folder);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	return ctx;
}

/* A connected socket, or -1: nothing listens. */
static int dial(void)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
					    .sin_port = htons((uint16_t)options.port),
					    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("no socket: %s", strerror(errno));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static SSL *make_session(int fd)
{
	SSL *ssl = SSL_new(tls);

	if (!ssl || !SSL_set_fd(ssl, fd) || !SSL_set1_host(ssl, "localhost") ||
	    !SSL_set_tlsext_host_name(ssl, "localhost"))
		fail("out of memory");
	SSL_set_connect_state(ssl);
	return ssl;
}

static void open_connection(struct connection *connection)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};

	connection->fd = dial();
	if (connection->fd < 0)
		fail("nothing listens on port %d", options.port);
	connection->ssl = make_session(connection->fd);
	fcntl(connection->fd, F_SETFL, O_NONBLOCK);
	epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event);
	connection->state = HANDSHAKE;
}

static void close_connection(struct connection *connection)
{
	SSL_shutdown(connection->ssl);
	SSL_free(connection->ssl);
	close(connection->fd);
	connection->state = CLOSED;
}

/* Copies the next body of the cycle with a UID that no other request has. */
static void begin(struct connection *connection, int64_t due)
{
	struct body *body = cycle[run.sequence % CYCLE];
	char uid[13];

	if (connection->body != body)
		memcpy(connection->request, body->request, body->len);
	snprintf(uid, sizeof(uid), "%012llx", (unsigned long long)run.sequence++);
	memcpy(connection->request + body->uid_at + UID_LEN - 12, uid, 12);
	connection->body = body;
	connection->len = body->len;
	connection->sent = connection->got = 0;
	connection->due = due;
	run.started++;
	if (connection->state == CLOSED)
		open_connection(connection);
	else
		connection->state = SEND;
}

static void note_latency(int64_t ns)
{
	if (run.answered == run.room) {
		run.room = run.room ? 2 * run.room : 65536;
		run.latencies = realloc(run.latencies, run.room * sizeof(*run.latencies));
		if (!run.latencies)
			fail("out of memory");
	}
	run.latencies[run.answered] = (float)ns / 1000;
}

/* A mix of bodies ends with a whole cycle. */
static bool is_over(void)
{
	return !run.is_warm || (now_ns() >= run.end && (n_bodies == 1 || run.started % CYCLE == 0));
}

static void finish(struct connection *connection)
{
	const int64_t now = now_ns();

	check_answer(connection->body, connection->request + connection->body->uid_at,
		     connection->answer, connection->got, options.patch);
	note_latency(now - connection->due);
	run.answered++;
	connection->state = IDLE;
	if (options.reconnects)
		close_connection(connection);
	if (options.rate == 0 && !is_over())
		begin(connection, now);
}

/* A call of OpenSSL has done nothing: it has to be repeated when the socket is ready. */
static void expect_to_wait(const struct connection *connection, int result)
{
	const int err = SSL_get_error(connection->ssl, result);

	if (err != SSL_ERROR_WANT_READ && err != SSL_ERROR_WANT_WRITE)
		fail("connection lost in state %d: %s", connection->state,
		     ERR_error_string(ERR_peek_error(), NULL));
}

/* One call of OpenSSL. False: it has to wait. */
static bool step(struct connection *connection)
{
	int result;

	switch (connection->state) {
	case HANDSHAKE:
		result = SSL_connect(connection->ssl);
		if (result == 1)
			connection->state = SEND;
		break;
	case SEND:
		result = SSL_write(connection->ssl, connection->request + connection->sent,
				   (int)(connection->len - connection->sent));
		connection->sent += result > 0 ? (size_t)result : 0;
		if (connection->sent == connection->len)
			connection->state = RECEIVE;
		break;
	default:
		result = SSL_read(connection->ssl, connection->answer + connection->got,
				  (int)(ANSWER_MAX - connection->got));
		connection->got += result > 0 ? (size_t)result : 0;
		connection->answer[connection->got] = '\0';
	}
	if (result <= 0) {
		expect_to_wait(connection, result);
		return false;
	}
	if (connection->state == RECEIVE && answer_is_whole(connection->answer, connection->got))
		finish(connection);
	return true;
}

static void go_on(struct connection *connection)
{
	while (connection->state != CLOSED && connection->state != IDLE)
		if (!step(connection))
			return;
}

static void wait_for_events(int64_t until)
{
	struct epoll_event events[EVENTS];
	int64_t left = until ? until - now_ns() : second;
	struct timespec timeout;
	int n;

	if (left < 0)
		left = 0;
	timeout = (struct timespec){left / second, left % second};
	n = epoll_pwait2(epoll, events, EVENTS, &timeout, NULL);
	for (int i = 0; i < n; i++)
		go_on(events[i].data.ptr);
}

static void wait_for_answers(void)
{
	const int64_t limit = now_ns() + 60 * second;

	while (run.answered < run.started) {
		wait_for_events(0);
		if (now_ns() > limit)
			fail("no answer for a minute");
	}
}

/* Each connection has one answer, before anything is measured. */
static void warm(void)
{
	for (int i = 0; i < options.n_connections; i++) {
		begin(&connections[i], now_ns());
		go_on(&connections[i]);
		/* More than a server's backlog may hold are not opened at a time. */
		if (i % 32 == 31)
			wait_for_answers();
	}
	wait_for_answers();
	run.started = run.answered = 0;
	run.is_warm = true;
}

static struct connection *find_idle(void)
{
	for (int i = 0; i < options.n_connections; i++)
		if (connections[i].state == IDLE)
			return &connections[i];
	return NULL;
}

/* Requests are due one after another, whether or not those before them are answered. */
static void run_open(void)
{
	const int64_t total = (int64_t)(options.seconds * options.rate);
	int64_t next = 0;

	prctl(PR_SET_TIMERSLACK, 1);
	while (next < total) {
		const int64_t due = run.start + (int64_t)((double)(next * second) / options.rate);
		struct connection *idle = find_idle();

		if (idle && due <= now_ns()) {
			begin(idle, due);
			go_on(idle);
			next++;
		} else {
			wait_for_events(idle ? due : 0);
		}
	}
	wait_for_answers();
}

static void run_closed(void)
{
	for (int i = 0; i < options.n_connections; i++) {
		begin(&connections[i], now_ns());
		go_on(&connections[i]);
	}
	while (now_ns() < run.end)
		wait_for_events(run.end);
	wait_for_answers();
}

static int compare(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static double percentile(double share)
{
	const size_t i = (size_t)(share * (double)run.answered);

	return (double)run.latencies[i < run.answered ? i : run.answered - 1];
}

static void print_figures(void)
{
	const double seconds = (double)(now_ns() - run.start) / 1e9;
	SSL *ssl = connections[0].state == CLOSED ? NULL : connections[0].ssl;

	qsort(run.latencies, run.answered, sizeof(*run.latencies), compare);
	printf("{\"answered\":%llu,\"seconds\":%.6f,\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f,"
	       "\"cipher\":\"%s\"}\n",
	       (unsigned long long)run.answered, seconds, percentile(0.5), percentile(0.99),
	       percentile(0.999), ssl ? SSL_get_cipher_name(ssl) : "");
}

static void wait_for_line(void)
{
	while (getchar() > '\n')
		;
}

static void measure(void)
{
	connections = allocate((size_t)options.n_connections, sizeof(*connections));
	for (int i = 0; i < options.n_connections; i++)
		connections[i].request = allocate(1, longest);
	warm();
	puts("ready");
	wait_for_line();
	run.start = now_ns();
	run.end = run.start + (int64_t)(options.seconds * 1e9);
	if (options.seconds > 0 && options.rate > 0)
		run_open();
	else if (options.seconds > 0)
		run_closed();
	if (run.answered > 0)
		print_figures();
	wait_for_line();
}

static pid_t start_server(char **command)
{
	cpu_set_t cpus;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	CPU_ZERO(&cpus);
	CPU_SET((size_t)options.cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	execvp(command[0], command);
	_exit(127);
}

static void measure_start(char **command)
{
	const int64_t start = now_ns();
	const pid_t pid = start_server(command);
	const struct timespec pause = {0, 100000};
	SSL *ssl;
	int fd;

	while ((fd = dial()) < 0) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			fail("%s has ended", command[0]);
		nanosleep(&pause, NULL);
	}
	ssl = make_session(fd);
	if (SSL_connect(ssl) != 1)
		fail("no handshake with %s", command[0]);
	printf("%.1f\n", (double)(now_ns() - start) / 1000);
	SSL_free(ssl);
	close(fd);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

static void add_body(char *argument)
{
	char *colon = strrchr(argument, ':');
	struct body *body = &bodies[n_bodies++];

	if (n_bodies > BODIES_MAX)
		fail("too many bodies");
	body->weight = colon ? (unsigned int)atoi(colon + 1) : 1;
	if (colon)
		*colon = '\0';
	read_body(body, argument, options.path, options.reconnects);
	if (body->len > longest)
		longest = body->len;
}

/* The weights as a cycle, shuffled: the same one in each run. */
static void make_cycle(void)
{
	unsigned int sum = 0, random = 1;
	size_t n = 0;

	for (size_t i = 0; i < n_bodies; i++)
		sum += bodies[i].weight;
	if (sum == 0 || CYCLE % sum != 0)
		fail("the sum of the weights does not divide %d", CYCLE);
	for (size_t i = 0; i < n_bodies; i++)
		for (unsigned int j = 0; j < bodies[i].weight * CYCLE / sum; j++)
			cycle[n++] = &bodies[i];
	for (size_t i = CYCLE - 1; i > 0; i--) {
		struct body *body = cycle[i];
		size_t other;

		random = random * 1103515245 + 12345;
		other = (random >> 8) % (i + 1);
		cycle[i] = cycle[other];
		cycle[other] = body;
	}
}

static void read_option(int option)
{
	switch (option) {
	case 'p':
		options.port = atoi(optarg);
		break;
	case 'a':
		options.cpu = atoi(optarg);
		break;
	case 'c':
		options.n_connections = atoi(optarg);
		break;
	case 'f':
		options.folder = optarg;
		break;
	case 'u':
		options.path = optarg;
		break;
	case 'e':
		options.patch = optarg;
		break;
	case 's':
		options.seconds = atof(optarg);
		break;
	case 'r':
		options.rate = atof(optarg);
		break;
	case 'n':
		options.reconnects = true;
		break;
	case 't':
		options.starts = true;
		break;
	default:
		fail("see the head of bench/load/load.c");
	}
}

int main(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+p:a:c:f:u:e:s:r:nt")) != -1)
		read_option(option);
	if (!options.folder || options.port == 0 || optind == argc)
		fail("see the head of bench/load/load.c");
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	tls = make_tls();
	if (options.starts)
		return measure_start(argv + optind), 0;
	for (int i = optind; i < argc; i++)
		add_body(argv[i]);
	make_cycle();
	epoll = epoll_create1(EPOLL_CLOEXEC);
	measure();
	return 0;
}
