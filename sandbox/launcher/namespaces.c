#define _GNU_SOURCE
#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
  const char *name;
  int flag;
} kinds[SBX_NAMESPACES] = {
  {"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS}, {"net", CLONE_NEWNET},
  {"ipc", CLONE_NEWIPC}, {"uts", CLONE_NEWUTS}, {"pid", CLONE_NEWPID},
};

// Decided before the clone: inside the new namespace ids read as unmapped until they are.
static int two_ids;

int sbx_namespaces_two_ids(void) { return two_ids; }

static const char *const essential[] = {"mnt", "uts", "pid"};
enum { essential_count = 3 };
static ino_t outer[essential_count];

static ino_t own_namespace(const char *name) {
  char path[32];
  struct stat info;
  snprintf(path, sizeof path, "/proc/self/ns/%s", name);
  return stat(path, &info) < 0 ? 0 : info.st_ino;
}

int sbx_namespaces_check(struct sbx_failure *failure) {
  if (getpid() != 1) return sbx_fail_plain(failure, "not the first process of a namespace: nothing is changed");
  for (int i = 0; i < essential_count; i++) {
    ino_t own = own_namespace(essential[i]);
    if (own != 0 && outer[i] != 0 && own != outer[i]) continue;
    return sbx_fail_plain(failure, "the %s namespace is not a new one: nothing is changed", essential[i]);
  }
  return 0;
}

int sbx_namespaces_may_change_ids(int slot) {
  long first = SBX_HOST_IDS + 2L * slot, inside, outside, count;
  FILE *map = geteuid() == 0 ? fopen("/proc/self/uid_map", "re") : NULL;
  int found = 0;
  while (map && fscanf(map, "%ld %ld %ld", &inside, &outside, &count) == 3) {
    if (inside <= first && first + 1 < inside + count) found = 1;
  }
  if (map) fclose(map);
  return found;
}

pid_t sbx_namespaces_clone(int slot, struct sbx_failure *failure) {
  int flags = SIGCHLD;
  two_ids = sbx_namespaces_may_change_ids(slot);
  for (int i = 0; i < essential_count; i++) outer[i] = own_namespace(essential[i]);
  for (int i = 0; i < SBX_NAMESPACES; i++) flags |= kinds[i].flag;
  long pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
  if (pid < 0) sbx_fail(failure, "clone into new user, mount, network, ipc, uts and pid namespaces");
  return (pid_t)pid;
}

static int write_proc(pid_t pid, const char *name, const char *text, struct sbx_failure *failure) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return sbx_fail(failure, "open %s", path);
  ssize_t count = write(fd, text, strlen(text));
  if (count < 0) sbx_fail(failure, "write %s", path);
  close(fd);
  return count < 0 ? -1 : 0;
}

// A host id other than 0, or the process limit would not count: the kernel exempts the real root even in a namespace.
static int map_ids(pid_t child, int slot, struct sbx_failure *failure) {
  char users[96], groups[96];
  if (sbx_namespaces_two_ids()) {
    int first = SBX_HOST_IDS + 2 * slot;
    snprintf(users, sizeof users, "%d %d 1\n%d %d 1\n", SBX_INIT_ID, first, SBX_RUN_ID, first + 1);
    memcpy(groups, users, sizeof groups);
  } else {
    snprintf(users, sizeof users, "%d %d 1\n", SBX_RUN_ID, (int)geteuid());
    snprintf(groups, sizeof groups, "%d %d 1\n", SBX_RUN_ID, (int)getegid());
    if (write_proc(child, "setgroups", "deny", failure) < 0) return -1;
  }
  if (write_proc(child, "uid_map", users, failure) < 0) return -1;
  return write_proc(child, "gid_map", groups, failure);
}

int sbx_namespaces_adopt(pid_t child, int slot, struct sbx_namespaces *namespaces, struct sbx_failure *failure) {
  if (map_ids(child, slot, failure) < 0) return -1;
  for (int i = 0; i < SBX_NAMESPACES; i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)child, kinds[i].name);
    namespaces->fds[i] = open(path, O_RDONLY | O_CLOEXEC);
    if (namespaces->fds[i] < 0) return sbx_fail(failure, "open %s", path);
  }
  return 0;
}

int sbx_namespaces_enter(const struct sbx_namespaces *namespaces, struct sbx_failure *failure) {
  for (int i = 0; i < SBX_NAMESPACES; i++) {
    if (setns(namespaces->fds[i], kinds[i].flag) < 0) return sbx_fail(failure, "setns %s", kinds[i].name);
  }
  return 0;
}

void sbx_namespaces_hide_cgroup(void) { unshare(CLONE_NEWCGROUP); }
