#define _GNU_SOURCE
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mounts.h"
#include "namespaces.h"

struct source {
  const char *path;
  int fd;
  mode_t type;
  char link[256];
  bool device;
};

struct sbx_root_sources {
  struct source *items;
  size_t count;
};

// Present on every host where they mean something; left out where they are not.
static const char *const optional[] = {
  "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime",
};
static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};

static int open_source(struct source *source, const char *path, bool device) {
  *source = (struct source){.path = path, .fd = -1, .device = device};
  struct stat info;
  if (lstat(path, &info) < 0) return -1;
  // A link at the top (/bin -> usr/bin) is made again; deeper ones (/etc/localtime) are followed.
  bool top = strchr(path + 1, '/') == NULL;
  if (S_ISLNK(info.st_mode) && top) {
    ssize_t count = readlink(path, source->link, sizeof source->link - 1);
    source->type = S_IFLNK;
    return count < 0 ? -1 : 0;
  }
  source->fd = open(path, O_PATH | O_CLOEXEC);
  if (source->fd < 0 || fstat(source->fd, &info) < 0) return -1;
  source->type = info.st_mode & S_IFMT;
  return 0;
}

struct sbx_root_sources *sbx_root_open(const struct sbx_list *read_only, struct sbx_failure *failure) {
  const size_t optional_count = sizeof optional / sizeof *optional, device_count = sizeof devices / sizeof *devices;
  struct sbx_root_sources *sources = calloc(1, sizeof *sources);
  size_t room = read_only->count + optional_count + device_count;
  if (sources) sources->items = calloc(room, sizeof *sources->items);
  if (!sources || !sources->items) {
    sbx_fail(failure, "allocate the list of visible paths");
    return NULL;
  }
  for (size_t i = 0; i < optional_count; i++) {
    if (open_source(&sources->items[sources->count], optional[i], false) == 0) sources->count++;
  }
  for (size_t i = 0; i < device_count; i++) {
    if (open_source(&sources->items[sources->count++], devices[i], true) == 0) continue;
    sbx_fail(failure, "open %s", devices[i]);
    return NULL;
  }
  for (size_t i = 0; i < read_only->count; i++) {
    const char *path = read_only->items[i];
    if (path[0] != '/' || strstr(path, "/../") || strcmp(path, "/") == 0) {
      sbx_fail_plain(failure, "read-only path '%s' is not an absolute path below the root", path);
      return NULL;
    }
    if (sbx_list_contains(&(struct sbx_list){(char **)optional, optional_count}, path)) continue;
    if (open_source(&sources->items[sources->count++], path, false) == 0) continue;
    sbx_fail(failure, "open read-only path %s", path);
    return NULL;
  }
  return sources;
}

// Makes the directories above `path`, and `path` itself as a directory or an empty file. `path` is relative.
static int make_target(const char *path, bool directory) {
  char part[PATH_MAX];
  if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part) {
    errno = ENAMETOOLONG;
    return -1;
  }
  for (char *slash = strchr(part, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (mkdir(part, 0755) < 0 && errno != EEXIST) return -1;
    *slash = '/';
  }
  if (directory) return mkdir(part, 0755) < 0 && errno != EEXIST ? -1 : 0;
  int fd = open(part, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  // A parent that is mounted read-only already holds the file.
  if (fd < 0) return access(part, F_OK);
  return close(fd);
}

static int show(const struct source *source, struct sbx_failure *failure) {
  const char *target = source->path + 1;
  if (source->type == S_IFLNK) {
    if (symlink(source->link, target) < 0 && errno != EEXIST) return sbx_fail(failure, "link %s", source->path);
    return 0;
  }
  struct stat there;
  bool directory = source->type == S_IFDIR;
  if (stat(target, &there) < 0 && make_target(target, directory) < 0) {
    return sbx_fail(failure, "make %s in the new root", source->path);
  }
  int tree = sbx_mount_copy(source->fd, "");
  if (tree < 0) return sbx_fail(failure, "open_tree %s", source->path);
  uint64_t attributes = SBX_MOUNT_RDONLY | SBX_MOUNT_NOSUID | (source->device ? SBX_MOUNT_NOEXEC : SBX_MOUNT_NODEV);
  if (sbx_mount_restrict(tree, "", attributes, 1) < 0) return sbx_fail(failure, "mount_setattr %s", source->path);
  if (sbx_mount_move(tree, "", target) < 0) return sbx_fail(failure, "move_mount to %s", source->path);
  close(tree);
  return 0;
}

static int write_text(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return -1;
  ssize_t count = write(fd, text, strlen(text));
  close(fd);
  return count < 0 ? -1 : 0;
}

static int make_fixed_parts(struct sbx_failure *failure) {
  static const char *const directories[] = {
    "box", "box/work", "box/tmp", "box/shm", "dev", "etc", "proc", "var", ".slot",
  };
  static const char *const links[][2] = {
    {"/box/tmp", "tmp"}, {"/box/tmp", "var/tmp"}, {"/box/shm", "dev/shm"}, {"/proc/self/fd", "dev/fd"},
    {"/proc/self/fd/0", "dev/stdin"}, {"/proc/self/fd/1", "dev/stdout"}, {"/proc/self/fd/2", "dev/stderr"},
  };
  for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
    if (mkdir(directories[i], 0755) < 0) return sbx_fail(failure, "mkdir /%s in the new root", directories[i]);
  }
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    if (symlink(links[i][0], links[i][1]) < 0) return sbx_fail(failure, "symlink /%s in the new root", links[i][1]);
  }
  if (write_text("etc/passwd", "root:x:0:0:root:/:/bin/sh\nsandbox:x:1000:1000:sandbox:/box/work:/bin/sh\n") < 0 ||
      write_text("etc/group", "root:x:0:\nsandbox:x:1000:\n") < 0 ||
      write_text("etc/hosts", "127.0.0.1 localhost\n") < 0) {
    return sbx_fail(failure, "write /etc in the new root");
  }
  // Init's own place for the work directories of branches that do not run: closed to run code, also by Landlock.
  if (mount("sandbox", ".slot", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=1m,nr_inodes=4096,mode=0700") < 0) {
    return sbx_fail(failure, "mount tmpfs on /.slot");
  }
  return 0;
}

// Refused where the host's /proc is partly hidden (containers): then there is none inside.
static bool mount_proc(void) {
  unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return mount("proc", "proc", "proc", flags, "hidepid=2,subset=pid") == 0 ||
    mount("proc", "proc", "proc", flags, "hidepid=2") == 0;
}

static int mount_root(struct sbx_failure *failure) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return sbx_fail(failure, "mount / private");
  static const char *const places[] = {"/tmp", "/var", "/usr"};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    unsigned long flags = MS_NOSUID | MS_NODEV;
    if (mount("sandbox", places[i], "tmpfs", flags, "size=1m,nr_inodes=4096,mode=0755") == 0) {
      return chdir(places[i]) < 0 ? sbx_fail(failure, "chdir to the new root") : 0;
    }
  }
  return sbx_fail(failure, "mount tmpfs for the new root");
}

int sbx_root_enter(struct sbx_root_sources *sources, bool *proc, struct sbx_failure *failure) {
  // Anywhere but in namespaces of our own this would take the root away from the whole machine.
  if (sbx_namespaces_check(failure) < 0) return -1;
  if (mount_root(failure) < 0 || make_fixed_parts(failure) < 0) return -1;
  for (size_t i = 0; i < sources->count; i++) {
    if (show(&sources->items[i], failure) < 0) return -1;
    if (sources->items[i].fd >= 0) close(sources->items[i].fd);
  }
  free(sources->items);
  free(sources);
  *proc = mount_proc();
  if (syscall(SYS_pivot_root, ".", ".") < 0) return sbx_fail(failure, "pivot_root");
  if (umount2(".", MNT_DETACH) < 0) return sbx_fail(failure, "umount the old root");
  if (chdir("/") < 0) return sbx_fail(failure, "chdir /");
  if (sbx_mount_restrict(AT_FDCWD, "/", SBX_MOUNT_RDONLY, 0) < 0) return sbx_fail(failure, "mount / read-only");
  static const char name[] = "sandbox";
  if (sethostname(name, sizeof name - 1) < 0) return sbx_fail(failure, "sethostname");
  return 0;
}
