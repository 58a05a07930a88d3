#define _GNU_SOURCE
#include "lockdown.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "landlock.h"

int sbx_lockdown_descriptors(int first, bool at_exec, struct sbx_failure *failure) {
  const unsigned close_on_exec = 4;
  unsigned flags = at_exec ? close_on_exec : 0;
  if (syscall(SYS_close_range, (unsigned)first, ~0u, flags) < 0) return sbx_fail(failure, "close_range");
  return 0;
}

void sbx_lockdown_reset_signals(void) {
  for (int number = 1; number < NSIG; number++) {
    if (number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  umask(022);
}

static int become(int id, struct sbx_failure *failure) {
  gid_t group = (gid_t)id;
  // Where groups may not be set (an ordinary user's namespace) they cannot be dropped either.
  if (setgroups(0, &group) < 0 && errno != EPERM) return sbx_fail(failure, "setgroups");
  if (syscall(SYS_setresgid, id, id, id) < 0) return sbx_fail(failure, "setresgid %d", id);
  if (syscall(SYS_setresuid, id, id, id) < 0) return sbx_fail(failure, "setresuid %d", id);
  return 0;
}

static void drop_bounding_set(void) {
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
    prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
}

static int drop_capabilities(struct sbx_failure *failure) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2] = {{0}};
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (syscall(SYS_capset, &header, none) < 0) return sbx_fail(failure, "capset");
  return 0;
}

int sbx_lockdown(const struct sbx_lockdown *lockdown, int *listener, struct sbx_failure *failure) {
  drop_bounding_set();
  if (lockdown->id >= 0 && become(lockdown->id, failure) < 0) return -1;
  if (drop_capabilities(failure) < 0) return -1;
  if (lockdown->directory && chdir(lockdown->directory) < 0) return sbx_fail(failure, "chdir %s", lockdown->directory);
  // A change of ids clears it; the parent may be gone by now.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return sbx_fail(failure, "prctl PR_SET_PDEATHSIG");
  if (lockdown->parent > 0 && getppid() != lockdown->parent) return sbx_fail_plain(failure, "the parent is gone");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return sbx_fail(failure, "prctl PR_SET_NO_NEW_PRIVS");
  if (lockdown->ruleset >= 0) {
    int error = sbx_landlock_enforce(lockdown->ruleset);
    if (error < 0) {
      errno = -error;
      return sbx_fail(failure, "landlock_restrict_self");
    }
  }
  int error = sbx_filter_load(lockdown->filter, listener);
  if (error < 0) {
    errno = -error;
    return sbx_fail(failure, "load the system call filter");
  }
  return 0;
}
