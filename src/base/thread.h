/* SPDX-License-Identifier: MIT */
/*
 * Threads of the library. Signals belong to the embedding program: none that
 * another thread could handle is delivered on one of these.
 */
#ifndef AWH_BASE_THREAD_H
#define AWH_BASE_THREAD_H

#include <pthread.h>

/* 0 or an errno value. */
int awh_thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

#endif
