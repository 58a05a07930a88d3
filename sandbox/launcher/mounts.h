// The kernel's mount interface by file descriptor (Linux 5.12), for C libraries that do not declare it.
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SBX_MOUNT_RDONLY 0x1
#define SBX_MOUNT_NOSUID 0x2
#define SBX_MOUNT_NODEV 0x4
#define SBX_MOUNT_NOEXEC 0x8

struct sbx_mount_attributes {
  uint64_t set, clear, propagation, userns_fd;
};

/// A detached copy of the mounts below `path`, as a bind mount would make.
static inline int sbx_mount_copy(int dir, const char *path) {
  const unsigned flags = 0x1 /* OPEN_TREE_CLONE */ | O_CLOEXEC | 0x8000 /* AT_RECURSIVE */ | 0x1000 /* AT_EMPTY_PATH */;
  return (int)syscall(SYS_open_tree, dir, path, flags);
}

/// Adds attributes to a mount and those below it; those that are locked already stay as they are.
static inline int sbx_mount_restrict(int dir, const char *path, uint64_t set, int recursive) {
  struct sbx_mount_attributes attributes = {.set = set};
  unsigned flags = 0x1000 | (recursive ? 0x8000 : 0);
  return (int)syscall(SYS_mount_setattr, dir, path, flags, &attributes, sizeof attributes);
}

/// Moves a mount, or attaches a detached one (`path` empty), to `target`.
static inline int sbx_mount_move(int dir, const char *path, const char *target) {
  return (int)syscall(SYS_move_mount, dir, path, AT_FDCWD, target, 0x4 /* MOVE_MOUNT_F_EMPTY_PATH */);
}
