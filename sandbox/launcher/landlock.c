#define _GNU_SOURCE
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// What Debian 12's header lacks: it ends at ABI 2.
enum {
  FS_TRUNCATE = 1 << 14,
  FS_IOCTL_DEV = 1 << 15,
  FS_RESOLVE_UNIX = 1 << 16,
  NET_BIND_TCP = 1 << 0,
  NET_CONNECT_TCP = 1 << 1,
  SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0,
  SCOPE_SIGNAL = 1 << 1,
  RESTRICT_LOG_SAME_EXEC_OFF = 1 << 0,
};

struct attributes {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;
  uint64_t scoped;
};

static const uint64_t file_reading = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE;
static const uint64_t reading = file_reading | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t device_use =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV;
static const uint64_t device_making = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;
// Rights that a rule on a file, not a folder, may carry.
static const uint64_t of_files = file_reading | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV |
                                 FS_RESOLVE_UNIX;

int sbx_landlock_abi(void) {
  long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi < 0 ? 0 : (int)abi;
}

static struct attributes handled(int abi) {
  struct attributes all = {.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
  if (abi >= 2) all.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) all.handled_access_fs |= FS_TRUNCATE;
  if (abi >= 4) all.handled_access_net = NET_BIND_TCP | NET_CONNECT_TCP;
  if (abi >= 5) all.handled_access_fs |= FS_IOCTL_DEV;
  if (abi >= 6) all.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
  if (abi >= 9) all.handled_access_fs |= FS_RESOLVE_UNIX;
  return all;
}

static int add_path(int ruleset, const char *path, uint64_t rights, uint64_t handled_rights) {
  int fd = open(path, O_PATH | O_CLOEXEC);
  // What the caller cannot reach, run code with its rights or fewer cannot either.
  if (fd < 0) return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -errno;
  int error = 0;
  struct stat status;
  if (fstat(fd, &status) < 0) error = -errno;
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) rights = device_use;
  if (!S_ISDIR(status.st_mode)) rights &= of_files;
  struct landlock_path_beneath_attr rule = {.allowed_access = rights & handled_rights, .parent_fd = fd};
  if (error == 0 && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0) error = -errno;
  close(fd);
  return error;
}

int sbx_landlock_prepare(const char *const *read_only, size_t read_only_count, const char *const *writable,
                         size_t writable_count) {
  int abi = sbx_landlock_abi();
  const struct attributes all = handled(abi);
  // A kernel knows the attributes up to those of its own version.
  size_t size = abi >= 6 ? sizeof all : abi >= 4 ? offsetof(struct attributes, scoped) : sizeof all.handled_access_fs;
  int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
  if (ruleset < 0) return -errno;
  int error = 0;
  for (size_t i = 0; i < read_only_count && error == 0; i++)
    error = add_path(ruleset, read_only[i], reading, all.handled_access_fs);
  for (size_t i = 0; i < writable_count && error == 0; i++)
    error = add_path(ruleset, writable[i], ~device_making, all.handled_access_fs);
  if (error == 0) return ruleset;
  close(ruleset);
  return error;
}

int sbx_landlock_enforce(int ruleset) {
  // Refusals are the caller's to record; run code must not be able to fill the host's audit log with them.
  unsigned flags = sbx_landlock_abi() >= 7 ? RESTRICT_LOG_SAME_EXEC_OFF : 0;
  return syscall(SYS_landlock_restrict_self, ruleset, flags) < 0 ? -errno : 0;
}

int sbx_landlock_restrict(const char *const *read_only, size_t read_only_count, const char *const *writable,
                          size_t writable_count) {
  int ruleset = sbx_landlock_prepare(read_only, read_only_count, writable, writable_count);
  if (ruleset < 0) return ruleset;
  int error = sbx_landlock_enforce(ruleset);
  close(ruleset);
  return error;
}
