// How init makes the inside of the slot: its ids, its root, its work directories.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "channel.h"
#include "files.h"
#include "init.h"
#include "root.h"
#include "view.h"

static int take_ids(struct sbx_failure *failure) {
  if (!sbx_namespaces_two_ids()) return 0;
  if (syscall(SYS_setresgid, SBX_INIT_ID, SBX_INIT_ID, SBX_INIT_ID) < 0) return sbx_fail(failure, "setresgid of init");
  if (syscall(SYS_setresuid, SBX_INIT_ID, SBX_INIT_ID, SBX_INIT_ID) < 0) return sbx_fail(failure, "setresuid of init");
  return 0;
}

static int enter_root(struct sbx_init *init, struct sbx_failure *failure) {
  struct sbx_root_sources *sources = sbx_root_open(&init->configuration->read_only, failure);
  if (!sources || take_ids(failure) < 0) return -1;
  bool proc = false;
  if (sbx_root_enter(sources, &proc, failure) < 0) return -1;
  init->processes.own = sbx_namespaces_two_ids() ? 1 : 2;
  init->workspaces = (struct sbx_workspaces){
    .active = "/box", .parked = "/.slot", .mounts = true, .bytes = init->configuration->work_bytes,
    .inodes = init->configuration->work_inodes, .owner = SBX_RUN_ID};
  if (proc) init->processes.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return 0;
}

// Without namespaces: the machine's root, and directories below the scratch directory to work in.
static int share_root(struct sbx_init *init, struct sbx_failure *failure) {
  const struct sbx_configuration *configuration = init->configuration;
  static char parked[PATH_MAX];
  snprintf(parked, sizeof parked, "%s/slot", configuration->scratch);
  if (mkdir(configuration->scratch, 0711) < 0 && errno != EEXIST) {
    return sbx_fail(failure, "mkdir %s", configuration->scratch);
  }
  // Left by a slot that could not clean up.
  sbx_files_remove(configuration->box);
  sbx_files_remove(parked);
  if (mkdir(configuration->box, 0711) < 0) return sbx_fail(failure, "mkdir %s", configuration->box);
  if (mkdir(parked, 0700) < 0) return sbx_fail(failure, "mkdir %s", parked);
  // Orphans of a run become our children: that is how they are found.
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) return sbx_fail(failure, "prctl PR_SET_CHILD_SUBREAPER");
  int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), id = sbx_view_run_id(configuration);
  if (proc < 0) return sbx_fail(failure, "open /proc");
  init->processes = (struct sbx_processes){.proc = proc, .shared = true, .own = 1, .same_user = id < 0};
  init->workspaces = (struct sbx_workspaces){
    .active = configuration->box, .parked = parked, .bytes = configuration->work_bytes,
    .inodes = configuration->work_inodes, .owner = id < 0 ? geteuid() : (uid_t)id};
  return 0;
}

int sbx_init_build(struct sbx_init *init, struct sbx_failure *failure) {
  char go;
  // Until the launcher has mapped our ids there is nothing we may do with them.
  if (sbx_channel_wait(init->launcher, 10000, &go, 1, NULL, NULL) != 1) return sbx_fail_plain(failure, "no go-ahead");
  if ((init->configuration->namespaces ? enter_root : share_root)(init, failure) < 0) return -1;
  // Ids changed: what was asked for before is gone, and nobody else may look into this process.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return sbx_fail(failure, "prctl PR_SET_PDEATHSIG");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) return sbx_fail(failure, "prctl PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return sbx_fail(failure, "prctl PR_SET_NO_NEW_PRIVS");
  if (sbx_view_rules(init->configuration, &init->ruleset, failure) < 0) return -1;
  if (sbx_workspace_make(&init->workspaces, &init->current, failure) < 0) return -1;
  if (sbx_workspace_activate(&init->workspaces, &init->current, failure) < 0) return -1;
  init->active = &init->current;
  return sbx_workspace_make(&init->workspaces, &init->spare, failure);
}
