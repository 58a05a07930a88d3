// Trials of limits on all processes of a run together, and of an own user.
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "probe_layers.h"

enum { HOST_ID = 60001, CHARGED = 4 << 20 };

static int charge_memory(void *context) {
  if (sbx_cgroup_add_self(context) < 0) return 1;
  volatile char *memory = mmap(NULL, CHARGED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 2;
  for (size_t at = 0; at < CHARGED; at += 4096) memory[at] = 1;
  return sbx_cgroup_memory(context) >= CHARGED ? 0 : 3;
}

// Not over the limit, which would write to the kernel's log at every start: that what a member takes is counted is
// enough.
static bool limits_memory(struct sbx_trial *trial, struct sbx_cgroup *group) {
  int error = sbx_cgroup_set_memory(group, 64 << 20);
  if (error < 0) {
    errno = -error;
    return sbx_trial_failed(trial, "setting the group's memory limit");
  }
  static const char *const failures[] = {"", "joining the group failed", "mmap failed",
                                         "the group does not count its member's memory"};
  int status = sbx_trial_in_child(charge_memory, group);
  if (status < 0 || status > 3) return sbx_trial_refuted(trial, "the group's member died");
  if (status > 0) return sbx_trial_refuted(trial, failures[status]);
  snprintf(trial->reason, sizeof trial->reason, "cgroup version %d", group->version);
  return true;
}

static int exceed_processes(void *context) {
  if (sbx_cgroup_set_pids(context, 1) < 0 || sbx_cgroup_add_self(context) < 0) return 1;
  pid_t child = fork();
  if (child == 0) _exit(0);
  return child < 0 && errno == EAGAIN ? 0 : 2;
}

static bool limits_processes(struct sbx_trial *trial, struct sbx_cgroup *group) {
  int status = sbx_trial_in_child(exceed_processes, group);
  if (status == 0) snprintf(trial->reason, sizeof trial->reason, "cgroup version %d", group->version);
  if (status == 1) return sbx_trial_refuted(trial, "setting the group's limit or joining it failed");
  return status == 0 || sbx_trial_refuted(trial, "the group's limit does not stop fork");
}

static bool in_group(struct sbx_trial *trial, const char *name, bool memory,
                     bool (*limits)(struct sbx_trial *, struct sbx_cgroup *)) {
  struct sbx_cgroup group;
  int error = sbx_cgroup_create(&group, name);
  if (error < 0 || !(memory ? group.has_memory : group.has_pids)) {
    errno = -error;
    if (group.reason[0] != '\0') sbx_trial_refuted(trial, group.reason);
    else sbx_trial_failed(trial, "making a control group");
    sbx_cgroup_remove(&group);
    return false;
  }
  bool works = limits(trial, &group);
  sbx_cgroup_remove(&group);
  return works;
}

bool sbx_try_memory_cgroup(struct sbx_trial *trial) { return in_group(trial, "probe-memory", true, limits_memory); }

bool sbx_try_pids_cgroup(struct sbx_trial *trial) { return in_group(trial, "probe-pids", false, limits_processes); }

bool sbx_try_own_uid(struct sbx_trial *trial) {
  if (setgroups(0, NULL) < 0) return sbx_trial_failed(trial, "setgroups");
  if (setresgid(HOST_ID, HOST_ID, HOST_ID) < 0) return sbx_trial_failed(trial, "setresgid");
  if (setresuid(HOST_ID, HOST_ID, HOST_ID) < 0) return sbx_trial_failed(trial, "setresuid");
  if (kill(1, 0) == 0) return sbx_trial_refuted(trial, "the other user may still signal process 1");
  return true;
}

// As a slot's run code would be: another id in a user namespace if root can map one, else whatever can be had.
static void become_run_code(void) {
  struct sbx_trial unused = {0};
  if (geteuid() != 0)
    sbx_enter_user_namespace(&unused, 1000);
  else if (!sbx_enter_mapped_namespace(&unused))
    sbx_try_own_uid(&unused);
}

static int is_limit_effective(void *context) {
  (void)context;
  become_run_code();
  const struct rlimit limit = {.rlim_cur = 4, .rlim_max = 4};
  if (setrlimit(RLIMIT_NPROC, &limit) < 0) return 1;
  pid_t children[16];
  int count = 0;
  while (count < 16 && (children[count] = fork()) > 0) count++;
  if (count < 16 && children[count] == 0) {
    pause();
    _exit(0);
  }
  bool stopped = count < 16 && errno == EAGAIN;
  for (int i = 0; i < count; i++) kill(children[i], SIGKILL);
  while (wait(NULL) > 0) continue;
  return stopped ? 0 : 2;
}

bool sbx_try_process_limit(struct sbx_trial *trial) {
  int status = sbx_trial_in_child(is_limit_effective, NULL);
  if (status == 1) return sbx_trial_refuted(trial, "setrlimit(RLIMIT_NPROC) failed");
  return status == 0 || sbx_trial_refuted(trial, "RLIMIT_NPROC does not stop fork for the user that run code has");
}
