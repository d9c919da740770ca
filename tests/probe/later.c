/* SPDX-License-Identifier: MIT */
#include "later.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

long later_ms = 1000;
const char *later_hold;

struct later {
	struct admwh_deferral *deferral;
	struct admwh_value object; /* from before it was deferred */
	bool gives_up;
	bool denies;
	struct later *next; /* among those kept */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards the next two */
static struct later *kept;
static unsigned int n_threads;
static pthread_cond_t fewer = PTHREAD_COND_INITIALIZER;

static void complete(struct later *later)
{
	const struct admwh_request *req = admwh_deferral_request(later->deferral);
	struct admwh_response *resp = admwh_deferral_response(later->deferral);
	struct admwh_patch *patch = admwh_deferral_patch(later->deferral);
	bool has_object = admwh_value_equal(later->object, admwh_request_object(req)) &&
			  admwh_request_object_json(req);
	json_t *event = json_pack("{s:s, s:s, s:b}", "event", "completed", "uid", req->uid,
				  "has_object", has_object);
	int result = 0;

	if (later->denies)
		admwh_response_deny(resp, 403, "denied later");
	else
		admwh_response_allow(resp);
	if (patch)
		admwh_patch_add_parents_new(patch, "/metadata/labels/later", json_string("yes"));
	if (!later->gives_up)
		result = admwh_deferral_complete(later->deferral, 0);
	json_object_set_new(event, "result", json_string(result ? admwh_error_name(result) : "OK"));
	tell(event);
	admwh_deferral_free(later->deferral);
	free(later);
}

static void pause_ms(long ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

void later_wait(void)
{
	if (!later_hold)
		pause_ms(later_ms);
	while (later_hold && access(later_hold, F_OK) == 0)
		pause_ms(2);
}

static void *thread_main(void *argument)
{
	later_wait();
	complete(argument);
	pthread_mutex_lock(&mutex);
	n_threads--;
	pthread_cond_signal(&fewer);
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static void start(struct later *later)
{
	pthread_t thread;

	pthread_mutex_lock(&mutex);
	n_threads++;
	pthread_mutex_unlock(&mutex);
	if (pthread_create(&thread, NULL, thread_main, later)) {
		fputs("admwh-probe: no thread\n", stderr);
		exit(3);
	}
	pthread_detach(thread);
}

static void keep(struct later *later)
{
	pthread_mutex_lock(&mutex);
	later->next = kept;
	kept = later;
	pthread_mutex_unlock(&mutex);
}

int later_mutate(const struct admwh_request *req, struct admwh_response *resp,
		 struct admwh_patch *patch, void *userdata)
{
	const char *how = req->name ? req->name : "";
	struct later *later = calloc(1, sizeof(*later));

	(void)patch, (void)userdata;
	if (!later)
		exit(3);
	later->gives_up = strcmp(how, "give-up") == 0;
	later->denies = strcmp(how, "deny") == 0;
	tell(json_pack("{s:s, s:s}", "event", "deferred", "uid", req->uid));
	later->object = admwh_request_object(req);
	later->deferral = admwh_response_defer(resp);
	if (!later->deferral) {
		free(later);
		return ADMWH_E_NOMEM;
	}
	if (strcmp(how, "now") == 0)
		complete(later);
	else if (strcmp(how, "keep") == 0)
		keep(later);
	else
		start(later);
	return 0;
}

/* The object is built, and stays so until the review is decided. */
int later_validate(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	admwh_request_object_json(req);
	return later_mutate(req, resp, NULL, userdata);
}

void later_end(void)
{
	struct later *later;

	pthread_mutex_lock(&mutex);
	while (n_threads > 0)
		pthread_cond_wait(&fewer, &mutex);
	later = kept;
	kept = NULL;
	pthread_mutex_unlock(&mutex);
	while (later) {
		struct later *next = later->next;

		complete(later);
		later = next;
	}
}
