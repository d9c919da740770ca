/* SPDX-License-Identifier: MIT */
#include "telemetry/recorder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/thread.h"
#include "config/record.h"
#include "telemetry/record_text.h"

enum {
	FILE_MODE = 0600,
	NAME_SIZE = 96,
	TIME_SIZE = 32,
	DOCUMENT_MAX = 64 * 1024 * 1024, /* bytes */
	LATE_CODE = 504,                 /* Status.code of an answer after the deadline */
};

/* What a review was answered. */
struct ending {
	enum awh_outcome outcome;
	int code;
	const struct awh_buf *answer;
};

struct job {
	struct job *next;
	struct awh_arena arena; /* what the record refers to */
	struct awh_record record;
	size_t bytes;
};

struct awh_recorder {
	const struct admwh_config *config; /* *borrowed*; events, too */
	struct awh_events *events;
	int folder; /* descriptor */
	pthread_t thread;
	uint64_t written; /* the thread's */
	sem_t work;       /* a post for each job, and one for the end */
	pthread_mutex_t mutex;
	struct job *first, *last; /* guarded, as the next three */
	size_t n_jobs;
	size_t bytes;
	bool ending;
};

static void count(struct awh_recorder *recorder, enum awh_record_result result)
{
	awh_count_up(&recorder->events->metrics.counts->records[result]);
}

static void job_free(struct job *job)
{
	awh_arena_deinit(&job->arena);
	free(job);
}

/* True with NULL for nothing to keep. */
static bool keep(struct job *job, const char **out, const char *text, size_t len)
{
	*out = text ? awh_arena_strndup(&job->arena, text, len) : NULL;
	return *out || !text;
}

static bool keep_text(struct job *job, const char **out, const char *text)
{
	return keep(job, out, text, text ? strlen(text) : 0);
}

static bool fill(struct job *job, const struct awh_review *review, const struct ending *ending)
{
	const struct admwh_peer *peer = review->peer ? &review->peer->facts : NULL;
	const char *answer = ending->answer->data ? ending->answer->data : "";
	struct awh_record *record = &job->record;

	record->body_len = review->body.len;
	record->answer_len = ending->answer->len;
	record->decision = awh_outcome_name(ending->outcome); /* static */
	record->code = ending->code;
	record->time_s = awh_clock_wall_s();
	record->depth = review->decode.depth;
	return keep(job, &record->body, review->body.data, review->body.len) &&
	       keep(job, &record->answer, answer, record->answer_len) &&
	       keep_text(job, &record->route, review->route->path) &&
	       keep_text(job, &record->bundle, peer ? peer->bundle : NULL) &&
	       keep_text(job, &record->common_name, peer ? peer->common_name : NULL) &&
	       keep_text(job, &record->bearer, review->bearer ? review->bearer->name : NULL);
}

static struct job *job_new(const struct awh_review *review, const struct ending *ending)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->bytes = review->body.len + ending->answer->len;
	if (fill(job, review, ending))
		return job;
	job_free(job);
	return NULL;
}

/* Reserve a place before anything is copied. */
static bool reserve(struct awh_recorder *recorder, size_t bytes)
{
	bool fits;

	pthread_mutex_lock(&recorder->mutex);
	fits = recorder->n_jobs < AWH_RECORD_QUEUE &&
	       recorder->bytes + bytes <= AWH_RECORD_QUEUE_BYTES;
	if (fits) {
		recorder->n_jobs++;
		recorder->bytes += bytes;
	}
	pthread_mutex_unlock(&recorder->mutex);
	return fits;
}

static void give_back(struct awh_recorder *recorder, size_t bytes)
{
	pthread_mutex_lock(&recorder->mutex);
	recorder->n_jobs--;
	recorder->bytes -= bytes;
	pthread_mutex_unlock(&recorder->mutex);
}

static void append(struct awh_recorder *recorder, struct job *job)
{
	pthread_mutex_lock(&recorder->mutex);
	if (recorder->last)
		recorder->last->next = job;
	else
		recorder->first = job;
	recorder->last = job;
	pthread_mutex_unlock(&recorder->mutex);
	sem_post(&recorder->work);
}

/* Raw routes have no AdmissionReview; conversions are not about a request. */
static bool is_wanted(const struct awh_recorder *recorder, const struct awh_review *review)
{
	const struct admwh_request *request = &review->request.pub;

	return awh_review_is_decoded(review) && review->route->kind != AWH_ROUTE_CONVERT &&
	       !review->route->raw &&
	       awh_record_has_kind(recorder->config, request->kind->group, request->kind->kind);
}

static void take(struct awh_recorder *recorder, const struct awh_review *review,
		 const struct ending *ending)
{
	const size_t bytes = review->body.len + ending->answer->len;
	struct job *job;

	if (review->body.len > AWH_RECORD_BODY_MAX) {
		count(recorder, AWH_RECORD_LARGE);
		return;
	}
	if (!reserve(recorder, bytes)) {
		count(recorder, AWH_RECORD_DROPPED);
		return;
	}
	job = job_new(review, ending);
	if (job) {
		append(recorder, job);
		return;
	}
	give_back(recorder, bytes);
	count(recorder, AWH_RECORD_DROPPED);
}

void awh_recorder_take(struct awh_recorder *recorder, const struct awh_review *review)
{
	const struct ending ending = {review->outcome, review->code, &review->answer};

	if (recorder && is_wanted(recorder, review))
		take(recorder, review, &ending);
}

/* Outcome, code and answer of the review itself are still its worker's. */
void awh_recorder_take_late(struct awh_recorder *recorder, const struct awh_review *review,
			    const struct awh_buf *answer)
{
	const struct ending ending = {AWH_OUTCOME_DEADLINE, LATE_CODE, answer};

	if (recorder && is_wanted(recorder, review))
		take(recorder, review, &ending);
}

/* The thread. */

static struct job *next_job(struct awh_recorder *recorder)
{
	struct job *job;

	pthread_mutex_lock(&recorder->mutex);
	job = recorder->first;
	if (job)
		recorder->first = job->next;
	if (!recorder->first)
		recorder->last = NULL;
	pthread_mutex_unlock(&recorder->mutex);
	return job;
}

/* Other processes write there, too, and files are taken away meanwhile. */
static bool has_room(const struct awh_recorder *recorder)
{
	int fd = openat(recorder->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	unsigned int n = 0;

	if (!folder) {
		if (fd >= 0)
			close(fd);
		return true; /* to write tells why */
	}
	for (const struct dirent *entry = readdir(folder);
	     entry && n < recorder->config->record_files; entry = readdir(folder))
		n += entry->d_name[0] != '.';
	closedir(folder);
	return n < recorder->config->record_files;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, data, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return errno;
		data += put;
		len -= (size_t)put;
	}
	return 0;
}

/*
 * In the order of time. A process that was started anew may have the number of the one before, as
 * in a container, but not its time.
 */
static void make_names(const struct awh_recorder *recorder, char *name, char *temporary)
{
	char when[TIME_SIZE] = "";
	struct timespec now;
	struct tm parts;

	clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &parts))
		strftime(when, sizeof(when), "%Y%m%dT%H%M%S", &parts);
	snprintf(name, NAME_SIZE, "%s.%09ldZ-%d-%" PRIu64 ".json", when, now.tv_nsec, (int)getpid(),
		 recorder->written);
	snprintf(temporary, NAME_SIZE + 1, ".%s", name);
}

/* No reader sees half a file. 0 or an errno value. */
static int write_file(struct awh_recorder *recorder, const struct awh_buf *text)
{
	char name[NAME_SIZE], temporary[NAME_SIZE + 1];
	int fd, err;

	make_names(recorder, name, temporary);
	fd = openat(recorder->folder, temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return errno;
	err = write_all(fd, text->data, text->len);
	if (close(fd) && !err)
		err = errno;
	if (!err && renameat(recorder->folder, temporary, recorder->folder, name))
		err = errno;
	if (err)
		unlinkat(recorder->folder, temporary, 0);
	else
		recorder->written++;
	return err;
}

static void fail(struct awh_recorder *recorder, const char *reason)
{
	count(recorder, AWH_RECORD_FAILED);
	awh_tell_record_failed(recorder->events, recorder->config->record_folder, reason);
}

static void write_job(struct awh_recorder *recorder, const struct job *job)
{
	struct awh_buf text;
	int err;

	if (!has_room(recorder)) {
		count(recorder, AWH_RECORD_FULL);
		return;
	}
	awh_buf_init(&text, DOCUMENT_MAX);
	err = awh_record_put(&text, &job->record);
	if (err == ADMWH_E_REFUSED) {
		count(recorder, AWH_RECORD_WITHHELD);
	} else if (err) {
		fail(recorder, admwh_strerror(err));
	} else {
		err = write_file(recorder, &text);
		if (err)
			fail(recorder, strerror(err));
		else
			count(recorder, AWH_RECORD_WRITTEN);
	}
	awh_buf_deinit(&text);
}

static bool is_ending(struct awh_recorder *recorder)
{
	bool ending;

	pthread_mutex_lock(&recorder->mutex);
	ending = recorder->ending;
	pthread_mutex_unlock(&recorder->mutex);
	return ending;
}

static void *run(void *argument)
{
	struct awh_recorder *recorder = argument;

	for (;;) {
		struct job *job;

		while (sem_wait(&recorder->work))
			;
		job = next_job(recorder);
		if (!job && is_ending(recorder))
			return NULL;
		if (!job)
			continue;
		write_job(recorder, job);
		give_back(recorder, job->bytes);
		job_free(job);
	}
}

static void recorder_close(struct awh_recorder *recorder)
{
	sem_destroy(&recorder->work);
	pthread_mutex_destroy(&recorder->mutex);
	close(recorder->folder);
	free(recorder);
}

int awh_recorder_new(struct awh_recorder **recorder, const struct admwh_config *config,
		     struct awh_events *events, struct awh_error *error)
{
	struct awh_recorder *made;
	int err;

	*recorder = NULL;
	if (!config->record_folder)
		return 0;
	made = calloc(1, sizeof(*made));
	if (!made)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	made->config = config;
	made->events = events;
	err = awh_record_folder_open(&made->folder, config->record_folder, error);
	if (err) {
		free(made);
		return err;
	}
	pthread_mutex_init(&made->mutex, NULL);
	sem_init(&made->work, 0, 0);
	if (awh_thread_start(&made->thread, run, made)) {
		recorder_close(made);
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	}
	*recorder = made;
	return 0;
}

void awh_recorder_free(struct awh_recorder *recorder)
{
	if (!recorder)
		return;
	pthread_mutex_lock(&recorder->mutex);
	recorder->ending = true;
	pthread_mutex_unlock(&recorder->mutex);
	sem_post(&recorder->work);
	pthread_join(recorder->thread, NULL);
	recorder_close(recorder);
}
