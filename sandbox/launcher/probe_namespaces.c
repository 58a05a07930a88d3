// Trials of namespaces, and of the mounts that a private root is made of.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe_layers.h"

// Host ids that are nobody's: those that a slot maps, see the launcher.
enum { FIRST_HOST_ID = 60000, RUN_ID = 1000 };

static bool write_file(struct sbx_trial *trial, const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return sbx_trial_failed(trial, path);
  ssize_t written = write(fd, text, strlen(text));
  int error = errno;
  close(fd);
  errno = error;
  return written >= 0 || sbx_trial_failed(trial, path);
}

bool sbx_enter_user_namespace(struct sbx_trial *trial, unsigned inside) {
  unsigned uid = geteuid(), gid = getegid();
  char map[64];
  if (unshare(CLONE_NEWUSER) < 0) return sbx_trial_failed(trial, "unshare(CLONE_NEWUSER)");
  if (!write_file(trial, "/proc/self/setgroups", "deny")) return false;
  snprintf(map, sizeof map, "%u %u 1\n", inside, uid);
  if (!write_file(trial, "/proc/self/uid_map", map)) return false;
  snprintf(map, sizeof map, "%u %u 1\n", inside, gid);
  return write_file(trial, "/proc/self/gid_map", map);
}

// The maps must be written from outside: by a child that stays there while its parent goes in. 0 or an error.
static int write_maps(struct sbx_trial *trial, pid_t target) {
  char path[64], map[64];
  snprintf(map, sizeof map, "0 %d 1\n%d %d 1\n", FIRST_HOST_ID, RUN_ID, FIRST_HOST_ID + 1);
  snprintf(path, sizeof path, "/proc/%d/uid_map", (int)target);
  if (!write_file(trial, path, map)) return errno;
  snprintf(path, sizeof path, "/proc/%d/gid_map", (int)target);
  return write_file(trial, path, map) ? 0 : errno;
}

// In the child: waits until its parent is in; at the end of `go` without a word that failed.
static int write_maps_on_word(struct sbx_trial *trial, pid_t target, int go) {
  char byte;
  return read(go, &byte, 1) == 1 ? write_maps(trial, target) : 0;
}

bool sbx_enter_mapped_namespace(struct sbx_trial *trial) {
  int go[2], status = 0;
  if (pipe2(go, O_CLOEXEC) < 0) return sbx_trial_failed(trial, "pipe2");
  pid_t self = getpid(), writer = fork();
  if (writer < 0) return sbx_trial_failed(trial, "fork");
  if (writer == 0) {
    close(go[1]);
    _exit(write_maps_on_word(trial, self, go[0]));
  }
  bool is_inside = unshare(CLONE_NEWUSER) == 0 || sbx_trial_failed(trial, "unshare(CLONE_NEWUSER)");
  if (is_inside && write(go[1], "", 1) != 1) is_inside = sbx_trial_failed(trial, "write");
  close(go[0]);
  close(go[1]);
  if (waitpid(writer, &status, 0) < 0) return sbx_trial_failed(trial, "waitpid");
  if (!is_inside) return false;
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
  if (errno != 0) return sbx_trial_failed(trial, "writing two ids to uid_map");
  if (setgroups(0, NULL) < 0) return sbx_trial_failed(trial, "setgroups");
  if (setresgid(RUN_ID, RUN_ID, RUN_ID) < 0) return sbx_trial_failed(trial, "setresgid");
  return setresuid(RUN_ID, RUN_ID, RUN_ID) == 0 || sbx_trial_failed(trial, "setresuid");
}

bool sbx_try_user_namespace(struct sbx_trial *trial) { return sbx_enter_user_namespace(trial, 0); }

bool sbx_try_id_mapping(struct sbx_trial *trial) { return sbx_enter_mapped_namespace(trial); }

static bool enter(struct sbx_trial *trial, int flags, const char *call) {
  if (!sbx_enter_user_namespace(trial, 0)) return false;
  return unshare(flags) == 0 || sbx_trial_failed(trial, call);
}

static int is_first_process(void *context) {
  (void)context;
  return getpid() == 1 ? 0 : 1;
}

bool sbx_try_pid_namespace(struct sbx_trial *trial) {
  if (!enter(trial, CLONE_NEWPID, "unshare(CLONE_NEWPID)")) return false;
  int status = sbx_trial_in_child(is_first_process, NULL);
  if (status < 0) return sbx_trial_failed(trial, "fork in the new pid namespace");
  return status == 0 || sbx_trial_refuted(trial, "the first process of the new pid namespace is not number 1");
}

// What follows would take the machine's own mounts apart if this were not a namespace of our own.
static bool enter_mounts(struct sbx_trial *trial) {
  struct stat before, after;
  if (stat("/proc/self/ns/mnt", &before) < 0) return sbx_trial_failed(trial, "stat(/proc/self/ns/mnt)");
  if (!enter(trial, CLONE_NEWNS, "unshare(CLONE_NEWNS)")) return false;
  if (stat("/proc/self/ns/mnt", &after) < 0) return sbx_trial_failed(trial, "stat(/proc/self/ns/mnt)");
  if (before.st_ino == after.st_ino) return sbx_trial_refuted(trial, "unshare(CLONE_NEWNS) made no new namespace");
  return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 || sbx_trial_failed(trial, "mount(/, MS_PRIVATE)");
}

bool sbx_try_mount_namespace(struct sbx_trial *trial) { return enter_mounts(trial); }

bool sbx_try_network_namespace(struct sbx_trial *trial) {
  return enter(trial, CLONE_NEWNET, "unshare(CLONE_NEWNET)");
}

bool sbx_try_ipc_namespace(struct sbx_trial *trial) { return enter(trial, CLONE_NEWIPC, "unshare(CLONE_NEWIPC)"); }

bool sbx_try_uts_namespace(struct sbx_trial *trial) {
  if (!enter(trial, CLONE_NEWUTS, "unshare(CLONE_NEWUTS)")) return false;
  return sethostname("sandbox", 7) == 0 || sbx_trial_failed(trial, "sethostname");
}

bool sbx_try_cgroup_namespace(struct sbx_trial *trial) {
  return enter(trial, CLONE_NEWCGROUP, "unshare(CLONE_NEWCGROUP)");
}

static bool mount_tmpfs(struct sbx_trial *trial) {
  if (!enter_mounts(trial)) return false;
  if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,nr_inodes=16,mode=700") == 0) return true;
  return sbx_trial_failed(trial, "mount(tmpfs)");
}

bool sbx_try_tmpfs(struct sbx_trial *trial) {
  if (!mount_tmpfs(trial)) return false;
  int fd = open("/tmp/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return sbx_trial_failed(trial, "open on the tmpfs");
  static const char block[128 << 10];
  ssize_t written = write(fd, block, sizeof block);
  return written < (ssize_t)sizeof block || sbx_trial_refuted(trial, "the tmpfs took more than its size");
}

static int mount_proc(void *context) {
  (void)context;
  const char *const few = "subset=pid,hidepid=2";
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, few) == 0) return 0;
  // Before Linux 5.8 there is no subset.
  if (errno == EINVAL && mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2") == 0) return 0;
  return errno;
}

bool sbx_try_proc(struct sbx_trial *trial) {
  if (!enter_mounts(trial)) return false;
  if (unshare(CLONE_NEWPID) < 0) return sbx_trial_failed(trial, "unshare(CLONE_NEWPID)");
  int error = sbx_trial_in_child(mount_proc, NULL);
  if (error == 0) return true;
  if (error > 0) errno = error;
  return sbx_trial_failed(trial, "mount(proc)");
}

bool sbx_try_pivot_root(struct sbx_trial *trial) {
  if (!mount_tmpfs(trial)) return false;
  if (mkdir("/tmp/old", 0700) < 0 || chdir("/tmp") < 0) return sbx_trial_failed(trial, "mkdir on the tmpfs");
  if (syscall(SYS_pivot_root, ".", "old") < 0) return sbx_trial_failed(trial, "pivot_root");
  if (chdir("/") < 0 || umount2("/old", MNT_DETACH) < 0) return sbx_trial_failed(trial, "umount2 of the old root");
  return access("/usr", F_OK) != 0 || sbx_trial_refuted(trial, "the old root can still be seen");
}
