/* SPDX-License-Identifier: MIT */
/*
 * Threads of the library's own. A signal is the embedding program's: none that
 * could be handled elsewhere is ever delivered on one of them.
 */
#ifndef AWH_BASE_THREAD_H
#define AWH_BASE_THREAD_H

#include <pthread.h>

/* 0 or an errno value. */
int awh_thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

#endif
