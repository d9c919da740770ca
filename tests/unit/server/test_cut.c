/* SPDX-License-Identifier: MIT */
/* Reviews that wait for a worker when the server is freed: they are dropped, unseen by a handler.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../good_server.h"
#include "server/server.h"

enum { REVIEWS = 3 };

static const char review[] =
    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/"
    "v1\",\"request\":{\"uid\":\"u\","
    "\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},\"resource\":{\"group\":\"\","
    "\"version\":\"v1\",\"resource\":\"pods\"},\"operation\":\"CREATE\",\"userInfo\":{}}}";

static atomic_int began;
static sem_t running, may_go_on;
static bool is_freed; /* the server, by this thread */

static long long left_queued = -1; /* when the server's metrics are freed */

void __real_awh_metrics_deinit(struct awh_metrics *metrics);
void __wrap_awh_metrics_deinit(struct awh_metrics *metrics);
int __real_pthread_join(pthread_t thread, void **result);
int __wrap_pthread_join(pthread_t thread, void **result);

void __wrap_awh_metrics_deinit(struct awh_metrics *metrics)
{
	left_queued = atomic_load(&metrics->gauges->queued);
	__real_awh_metrics_deinit(metrics);
}

/* A pool's workers are joined once they take no more: until then, the handler holds on. */
int __wrap_pthread_join(pthread_t thread, void **result)
{
	if (is_freed)
		sem_post(&may_go_on);
	return __real_pthread_join(thread, result);
}

static int hold(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	(void)req, (void)userdata;
	atomic_fetch_add(&began, 1);
	sem_post(&running);
	sem_wait(&may_go_on);
	return admwh_response_allow(resp);
}

static int ask(uint16_t port)
{
	const struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	char request[1024];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	snprintf(request, sizeof(request),
		 "POST /hold HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
		 "Content-Length: %zu\r\n\r\n%s",
		 strlen(review), review);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(fd, request, strlen(request), 0), (ssize_t)strlen(request));
	return fd;
}

static struct admwh_server *start(struct admwh_config *config)
{
	struct admwh_server *server;

	assert_int_equal(admwh_config_set_listen(config, "127.0.0.1:0"), 0);
	assert_int_equal(admwh_config_insecure_plain_http(config), 0);
	assert_int_equal(admwh_config_set_threads(config, 1), 0);
	assert_int_equal(admwh_config_set_workers(config, 1), 0);
	server = admwh_server_new(config);
	assert_non_null(server);
	assert_non_null(admwh_server_add_validator(server, "/hold", hold, NULL));
	assert_int_equal(admwh_server_start(server), 0);
	return server;
}

static void drops_the_reviews_that_no_worker_began(void **state)
{
	struct admwh_config *config = admwh_config_new();
	struct admwh_server *server = start(config);
	const atomic_llong *queued = &server->events.metrics.gauges->queued;
	int fds[REVIEWS];

	(void)state;
	sem_init(&running, 0, 0);
	sem_init(&may_go_on, 0, 0);
	for (size_t i = 0; i < REVIEWS; i++)
		fds[i] = ask(admwh_server_port(server));
	sem_wait(&running);
	while (atomic_load(queued) < REVIEWS - 1)
		usleep(1000);
	admwh_server_stop(server);
	admwh_server_stop(server);
	assert_int_equal(admwh_server_wait(server), ADMWH_E_TIMEOUT);
	for (size_t i = 0; i < REVIEWS; i++) {
		char byte;

		assert_int_equal(recv(fds[i], &byte, 1, 0), 0); /* cut off, unanswered */
		close(fds[i]);
	}
	is_freed = true;
	admwh_server_free(server);
	assert_int_equal(atomic_load(&began), 1);
	assert_int_equal(left_queued, 0);
	admwh_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(drops_the_reviews_that_no_worker_began),
	};

	return cmocka_run_group_tests_name("cut", tests, NULL, NULL);
}
