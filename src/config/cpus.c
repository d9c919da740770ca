/* SPDX-License-Identifier: MIT */
#include "config/cpus.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* The first bytes of a file, as text; "" when there is none. */
static void read_start(const char *folder, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];
	ssize_t len = -1;
	int fd = -1;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, text, size - 1);
		close(fd);
	}
	text[len > 0 ? len : 0] = '\0';
}

static unsigned int rounded_up(int64_t quota, int64_t period)
{
	if (quota <= 0 || period <= 0)
		return 0;
	return quota / period >= UINT_MAX ? 0 : (unsigned int)((quota - 1) / period + 1);
}

/* "200000 100000", or "max 100000" for no quota. */
static bool read_v2(const char *folder, int64_t *quota, int64_t *period)
{
	char text[64];

	read_start(folder, "cpu.max", text, sizeof(text));
	return sscanf(text, "%18" SCNd64 " %18" SCNd64, quota, period) == 2;
}

/* A quota of -1 is none. */
static bool read_v1(const char *folder, int64_t *quota, int64_t *period)
{
	char text[64];

	read_start(folder, "cpu/cpu.cfs_quota_us", text, sizeof(text));
	if (sscanf(text, "%18" SCNd64, quota) != 1)
		return false;
	read_start(folder, "cpu/cpu.cfs_period_us", text, sizeof(text));
	return sscanf(text, "%18" SCNd64, period) == 1;
}

unsigned int awh_cpus_of_quota(const char *folder)
{
	int64_t quota = 0, period = 0;

	if (!read_v2(folder, &quota, &period) && !read_v1(folder, &quota, &period))
		return 0;
	return rounded_up(quota, period);
}

unsigned int awh_cpus(void)
{
	unsigned int quota = awh_cpus_of_quota(AWH_CGROUPS);
	unsigned int cpus = 1;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		cpus = (unsigned int)CPU_COUNT(&set);
	return quota > 0 && quota < cpus ? quota : cpus;
}
