/* SPDX-License-Identifier: MIT */
#include "health/process_stat.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t microseconds(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

/* /proc/self/statm: pages of the address space, and of those the resident ones. */
static void look_at_memory(struct awh_process_stat *process)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), pages = 0, resident = 0;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[128];
	ssize_t len;

	if (fd < 0)
		return;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return;
	text[len] = '\0';
	if (sscanf(text, "%" SCNu64 " %" SCNu64, &pages, &resident) != 2)
		return;
	process->virtual_bytes = pages * page;
	process->resident_bytes = resident * page;
}

static uint64_t count_fds(void)
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	uint64_t n = 0;

	if (!folder)
		return 0;
	while ((entry = readdir(folder)))
		n += entry->d_name[0] != '.';
	closedir(folder);
	return n - 1; /* the folder's own */
}

struct awh_process_stat awh_process_look(void)
{
	struct awh_process_stat process = {0};
	struct rusage usage;
	struct rlimit limit;

	if (getrusage(RUSAGE_SELF, &usage) == 0)
		process.cpu_us = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		process.max_fds = limit.rlim_cur;
	look_at_memory(&process);
	process.open_fds = count_fds();
	return process;
}
