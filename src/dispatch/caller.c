/* SPDX-License-Identifier: MIT */
#include "dispatch/caller.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { BUCKETS = 1024 };

struct awh_callers {
	pthread_mutex_t
	    mutex; /* guards all below, and the members of callers that are the table's */
	struct awh_caller *buckets[BUCKETS];
	size_t n_callers;
	uint64_t seed; /* so that a client cannot choose its bucket */
};

static size_t bucket_of(const struct awh_callers *callers, const char *name)
{
	uint64_t hash = callers->seed;

	for (; *name; name++) {
		hash ^= (unsigned char)*name;
		hash *= UINT64_C(0x100000001b3);
		hash ^= hash >> 29;
	}
	return (size_t)(hash % BUCKETS);
}

struct awh_callers *awh_callers_new(void)
{
	struct awh_callers *callers = calloc(1, sizeof(*callers));

	if (!callers)
		return NULL;
	if (getrandom(&callers->seed, sizeof(callers->seed), GRND_NONBLOCK) < 0)
		callers->seed = (uintptr_t)callers;
	pthread_mutex_init(&callers->mutex, NULL);
	return callers;
}

void awh_callers_free(struct awh_callers *callers)
{
	if (!callers)
		return;
	pthread_mutex_destroy(&callers->mutex);
	free(callers);
}

static struct awh_caller *find(struct awh_caller *caller, const char *name)
{
	while (caller && strcmp(caller->name, name) != 0)
		caller = caller->next;
	return caller;
}

/*
 * Return the caller of this name in the table, or add this one. *steals* caller, whose name is set.
 */
static struct awh_caller *find_or_add(struct awh_callers *callers, struct awh_caller *caller)
{
	struct awh_caller **bucket = &callers->buckets[bucket_of(callers, caller->name)];
	struct awh_caller *found;

	pthread_mutex_lock(&callers->mutex);
	found = find(*bucket, caller->name);
	if (!found) {
		found = caller;
		found->next = *bucket;
		*bucket = found;
		callers->n_callers++;
	}
	found->references++;
	pthread_mutex_unlock(&callers->mutex);
	if (found != caller)
		free(caller);
	return found;
}

struct awh_caller *awh_callers_get(struct awh_callers *callers, const char *what,
				   const char *issuer, const char *name)
{
	static const char format[] = "%s %s %s";
	int len = snprintf(NULL, 0, format, what, issuer ? issuer : "", name);
	struct awh_caller *caller;

	if (len < 0)
		return NULL;
	caller = calloc(1, sizeof(*caller) + (size_t)len + 1);
	if (!caller)
		return NULL;
	snprintf(caller->name, (size_t)len + 1, format, what, issuer ? issuer : "", name);
	return find_or_add(callers, caller);
}

struct awh_caller *awh_callers_ref(struct awh_callers *callers, struct awh_caller *caller)
{
	pthread_mutex_lock(&callers->mutex);
	caller->references++;
	pthread_mutex_unlock(&callers->mutex);
	return caller;
}

void awh_callers_unref(struct awh_callers *callers, struct awh_caller *caller)
{
	struct awh_caller **at;

	if (!caller)
		return;
	pthread_mutex_lock(&callers->mutex);
	if (--caller->references > 0) {
		pthread_mutex_unlock(&callers->mutex);
		return;
	}
	at = &callers->buckets[bucket_of(callers, caller->name)];
	while (*at != caller)
		at = &(*at)->next;
	*at = caller->next;
	callers->n_callers--;
	pthread_mutex_unlock(&callers->mutex);
	free(caller);
}

void awh_callers_press(struct awh_callers *callers, size_t more_than)
{
	struct awh_caller *greediest = NULL;

	pthread_mutex_lock(&callers->mutex);
	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct awh_caller *caller = callers->buckets[i]; caller;
		     caller = caller->next) {
			size_t conns = atomic_load(&caller->conns);

			atomic_store(&caller->gives_place, false);
			if (conns <= more_than)
				continue;
			more_than = conns;
			greediest = caller;
		}
	}
	if (greediest)
		atomic_store(&greediest->gives_place, true);
	pthread_mutex_unlock(&callers->mutex);
}

size_t awh_callers_count(struct awh_callers *callers)
{
	size_t count;

	pthread_mutex_lock(&callers->mutex);
	count = callers->n_callers;
	pthread_mutex_unlock(&callers->mutex);
	return count;
}

size_t awh_percent_of(size_t limit, size_t percent)
{
	size_t share = limit / 100 * percent + limit % 100 * percent / 100;

	return share > 0 ? share : 1;
}
