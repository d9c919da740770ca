/* SPDX-License-Identifier: MIT */
/*
 * How many CPUs this process may keep busy: those it may run on, and no more
 * than the time its container is given.
 */
#ifndef AWH_CONFIG_CPUS_H
#define AWH_CONFIG_CPUS_H

/* Where control groups show; a container sees its own at the root. */
#define AWH_CGROUPS "/sys/fs/cgroup"

/* One at least. */
unsigned int awh_cpus(void);

/*
 * What a container's quota comes to, rounded up: of cpu.max (cgroup v2) or else of
 * cpu/cpu.cfs_quota_us and cpu.cfs_period_us (v1) in this folder. 0: there is none.
 */
unsigned int awh_cpus_of_quota(const char *folder);

#endif
