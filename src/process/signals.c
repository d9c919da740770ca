/* SPDX-License-Identifier: MIT */
#include "process/signals.h"

#include <stddef.h>
#include <unistd.h>

#include "base/eventfd.h"

static const int numbers[AWH_SIGNALS] = {SIGTERM, SIGINT, SIGHUP};

/* Where the handler writes. There is one supervisor: it has the process's only thread. */
static volatile sig_atomic_t caught_fd = -1, hangup_fd = -1;

static void on_signal(int number)
{
	int fd = (int)(number == SIGHUP ? hangup_fd : caught_fd);

	if (fd >= 0)
		awh_eventfd_add(fd);
}

/* A worker is told by its supervisor; being no SIG_IGN, this ends at an exec. */
static void on_signal_of_worker(int number)
{
	(void)number;
}

static bool is_caught(const struct awh_signals *signals, int number)
{
	return number == SIGHUP ? signals->reload : signals->stop;
}

/* old: set to what was there before; NULL: it is not asked for */
static void handle(const struct awh_signals *signals, void (*handler)(int), struct sigaction *old)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < AWH_SIGNALS; i++)
		if (is_caught(signals, numbers[i]))
			sigaction(numbers[i], &action, old ? &old[i] : NULL);
}

void awh_signals_catch(struct awh_signals *signals)
{
	caught_fd = signals->stop_fd;
	hangup_fd = signals->reload_fd;
	handle(signals, on_signal, signals->old);
}

void awh_signals_release(struct awh_signals *signals)
{
	for (size_t i = 0; i < AWH_SIGNALS; i++)
		if (is_caught(signals, numbers[i]))
			sigaction(numbers[i], &signals->old[i], NULL);
	caught_fd = hangup_fd = -1;
}

pid_t awh_signals_fork(const struct awh_signals *signals)
{
	sigset_t own, old;
	pid_t pid;

	sigemptyset(&own);
	for (size_t i = 0; i < AWH_SIGNALS; i++)
		sigaddset(&own, numbers[i]);
	sigprocmask(SIG_BLOCK, &own, &old);
	pid = fork();
	if (pid == 0) {
		caught_fd = hangup_fd = -1;
		handle(signals, on_signal_of_worker, NULL);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}
