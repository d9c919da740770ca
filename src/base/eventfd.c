/* SPDX-License-Identifier: MIT */
#include "base/eventfd.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int awh_eventfd_new(void)
{
	return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

void awh_eventfd_add(int fd)
{
	const uint64_t once = 1;
	int saved = errno;

	if (write(fd, &once, sizeof(once)) < 0)
		errno = saved;
}
