/* SPDX-License-Identifier: MIT */
#include "verify/kubectl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/files.h"

enum { ARGUMENTS_MAX = 24, START_MS = 20000 };

/* The whole command line; NULL options are left out. */
static void fill(const char **line, const char *program, const char *const options[2],
		 const char *const *arguments)
{
	size_t n = 0;

	line[n++] = program;
	for (size_t i = 0; i < 2; i++)
		if (options[i])
			line[n++] = options[i];
	while (*arguments && n + 1 < ARGUMENTS_MAX)
		line[n++] = *arguments++;
	line[n] = NULL;
}

/* A file without a name, which holds a text. -1: there is none. */
static int memory_file(const char *text)
{
	int fd = memfd_create("kubectl", MFD_CLOEXEC);
	size_t len = text ? strlen(text) : 0;

	if (fd >= 0 &&
	    (write(fd, text ? text : "", len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static char *memory_text(int fd)
{
	struct stat info;
	size_t len = fd >= 0 && fstat(fd, &info) == 0 ? (size_t)info.st_size : 0;
	char *text = memory_grown(NULL, len + 1);
	ssize_t got = len > 0 ? pread(fd, text, len, 0) : 0;

	text[got > 0 ? got : 0] = '\0';
	return text;
}

/* A child that ends with its parent. Returns the pid, or -1. timeout: a flag; NULL: none. */
static pid_t start(const struct kubectl *kubectl, const char *const *arguments, const char *timeout,
		   const int files[3])
{
	char *context = kubectl->context ? text_new("--context=%s", kubectl->context) : NULL;
	const char *const options[] = {context, timeout};
	const char *line[ARGUMENTS_MAX];
	pid_t pid;

	fill(line, kubectl->program, options, arguments);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (dup2(files[0], 0) >= 0 && dup2(files[1], 1) >= 0 && dup2(files[2], 2) >= 0)
			execvp(line[0], (char *const *)(uintptr_t)line);
		dprintf(2, "%s: %s\n", line[0], strerror(errno));
		_exit(127);
	}
	free(context);
	return pid;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void kubectl_run(const struct kubectl *kubectl, const char *const *arguments, const char *input,
		 struct kubectl_answer *answer)
{
	const int files[] = {memory_file(input), memory_file(NULL), memory_file(NULL)};
	bool has_files = files[0] >= 0 && files[1] >= 0 && files[2] >= 0;
	pid_t pid = has_files ? start(kubectl, arguments, "--request-timeout=30s", files) : -1;

	answer->exit_status = pid > 0 ? wait_for(pid) : -1;
	answer->out = memory_text(files[1]);
	answer->err = memory_text(files[2]);
	for (size_t i = 0; i < 3; i++)
		close(files[i]);
}

void kubectl_answer_deinit(struct kubectl_answer *answer)
{
	free(answer->out);
	free(answer->err);
}

/* Without the newline that ends it, and what kubectl begins an error with. */
static char *one_line(const char *text)
{
	const char *begin = strncmp(text, "Error from server ", 18) == 0 ? text + 18 : text;
	size_t len = strcspn(begin, "\n");

	return len > 0 ? text_new("%.*s", (int)len, begin) : text_new("kubectl failed");
}

json_t *kubectl_json(const struct kubectl *kubectl, const char *const *arguments, char **reason)
{
	struct kubectl_answer answer;
	json_t *value = NULL;

	kubectl_run(kubectl, arguments, NULL, &answer);
	if (answer.exit_status == 0)
		value = json_loads(answer.out, 0, NULL);
	if (!value)
		*reason = one_line(answer.exit_status == 0 ? "kubectl prints no JSON" : answer.err);
	kubectl_answer_deinit(&answer);
	return value;
}

/* "Forwarding from 127.0.0.1:40123 -> 9443". New; NULL: another line. */
static char *address_of(const char *line)
{
	unsigned int port;

	return sscanf(line, "Forwarding from 127.0.0.1:%u -> ", &port) == 1
		   ? text_new("127.0.0.1:%u", port)
		   : NULL;
}

/* Read what it prints until the port is told, it ends, or the time is over. */
static char *read_address(int fd)
{
	int64_t until = clock_ms() + START_MS;
	char text[4096];
	char *address = NULL;
	size_t len = 0;

	while (!address) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		int64_t left = until - clock_ms();
		ssize_t got;

		if (left <= 0 || len + 1 >= sizeof(text) || poll(&ready, 1, (int)left) <= 0)
			break;
		got = read(fd, text + len, sizeof(text) - 1 - len);
		if (got <= 0)
			break;
		len += (size_t)got;
		text[len] = '\0';
		if (text[len - 1] == '\n')
			address = address_of(text);
	}
	return address;
}

char *kubectl_forward(const struct kubectl *kubectl, const char *namespace, const char *target,
		      unsigned int port, struct kubectl_forward *forward, char **reason)
{
	char *ports = text_new(":%u", port);
	const char *arguments[] = {
	    "--namespace", namespace, "port-forward", "--address=127.0.0.1", target, ports, NULL};
	int in = memory_file(NULL), err = memory_file(NULL);
	int out[2] = {-1, -1};
	char *address = NULL;

	if (in >= 0 && err >= 0 && pipe2(out, O_CLOEXEC) == 0) {
		forward->pid = start(kubectl, arguments, NULL, (int[]){in, out[1], err});
		forward->fd = out[0]; /* open as long as it may print more */
		close(out[1]);
		address = forward->pid > 0 ? read_address(out[0]) : NULL;
	}
	if (!address) {
		char *text;

		kubectl_forward_end(forward);
		text = memory_text(err);
		*reason = one_line(text);
		free(text);
	}
	close(in);
	close(err);
	free(ports);
	return address;
}

void kubectl_forward_end(struct kubectl_forward *forward)
{
	if (forward->pid > 0) {
		kill(forward->pid, SIGTERM);
		wait_for(forward->pid);
	}
	forward->pid = 0;
	if (forward->fd >= 0)
		close(forward->fd);
	forward->fd = -1;
}
