// The slot's control group: memory, number of processes, and the CPU time and peak memory of all of a run's processes
// together.
//
// Version 2 where the kernel's one tree carries the memory and pids controllers and we may write to it; version 1 where
// they have trees of their own; else none (version 0), and limits per process are all there is. Swap is counted or
// forbidden.
#ifndef SBX_CGROUP_H
#define SBX_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

enum { SBX_CGROUP_PATH = 512, SBX_CGROUP_TREES = 3 };

// Control files are opened at creation, so that they work from another mount namespace or root. A descriptor is -1
// where the kernel has no such file.
struct sbx_cgroup {
  int version;      // 0, 1 or 2
  bool has_memory;  // which limits work
  bool has_pids;
  char folders[SBX_CGROUP_TREES][SBX_CGROUP_PATH];  // to remove; version 1: memory, pids, cpuacct
  int members[SBX_CGROUP_TREES];                    // cgroup.procs of each
  int memory_limit;
  int swap_limit;  // version 1: memory and swap together
  int memory_peak;
  int memory_current;
  int memory_events;
  int pids_limit;
  int cpu_usage;
  int64_t peak_at_reset;
  bool peak_resets;
  char reason[160];  // for version 0 or a missing limit: what failed
};

// Makes the group "agentenv-<namespace>-<pid>-<name>" beneath, or on version 2 possibly beside, our own group, after
// removing leftovers of launchers that are dead. 0 with version 1 or 2; -errno with version 0 and the reason.
int sbx_cgroup_create(struct sbx_cgroup *group, const char *name);

// Moves the calling process (all of its threads) into the group. 0 or -errno.
int sbx_cgroup_add_self(const struct sbx_cgroup *group);

// All of the group's memory, page cache and tmpfs included; swap does not extend it. 0 or -errno.
int sbx_cgroup_set_memory(const struct sbx_cgroup *group, int64_t bytes);

// Processes and threads. 0 or -errno.
int sbx_cgroup_set_pids(const struct sbx_cgroup *group, int64_t count);

// Starts a new measurement of sbx_cgroup_peak. 0 or -errno.
int sbx_cgroup_reset_peak(struct sbx_cgroup *group);

// Most bytes in use since the reset; -ENODATA where the kernel cannot reset (version 2 before Linux 6.12) and this
// measurement stayed below an earlier one; another -errno.
int64_t sbx_cgroup_peak(const struct sbx_cgroup *group);

// Bytes in use now, and processes killed for want of memory and CPU time in microseconds since creation; or -errno.
int64_t sbx_cgroup_memory(const struct sbx_cgroup *group);
int64_t sbx_cgroup_oom_kills(const struct sbx_cgroup *group);
int64_t sbx_cgroup_cpu_usec(const struct sbx_cgroup *group);

// Closes the files and removes the group, waiting up to 100 ms for its last processes to vanish. From the mount
// namespace it was made in. 0 or -errno (-EBUSY: processes remain; the next launcher removes it).
int sbx_cgroup_remove(struct sbx_cgroup *group);

#endif
