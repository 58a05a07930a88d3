#define _GNU_SOURCE
#include "workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "mounts.h"

static const char *const parts[] = {"work", "tmp", "shm"};
enum { part_count = 3, path_size = PATH_MAX };

static void part_path(const struct sbx_workspaces *all, const struct sbx_workspace *workspace, bool active, int part,
                      char path[path_size]) {
  if (active) {
    snprintf(path, path_size, "%s/%s", all->active, parts[part]);
  } else {
    snprintf(path, path_size, "%s/%d/%s", all->parked, workspace->number, parts[part]);
  }
}

static int make_part(const struct sbx_workspaces *all, int dir, const char *name) {
  if (mkdirat(dir, name, 0700) < 0) return -1;
  return fchownat(dir, name, all->owner, all->owner, AT_SYMLINK_NOFOLLOW);
}

// One tmpfs holds the parts, so that one quota counts them all; each part is then shown by a mount of its own.
static int make_mounts(struct sbx_workspaces *all, struct sbx_workspace *workspace, struct sbx_failure *failure) {
  char path[path_size], options[96];
  snprintf(options, sizeof options, "size=%lld,nr_inodes=%lld,mode=0700", (long long)all->bytes,
           (long long)all->inodes + part_count + 1);
  char fs[path_size];
  snprintf(fs, sizeof fs, "%s/fs", all->parked);
  if (mkdir(fs, 0700) < 0 && errno != EEXIST) return sbx_fail(failure, "mkdir %s", fs);
  if (mount("sandbox", fs, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0) {
    return sbx_fail(failure, "mount tmpfs %s", options);
  }
  int root = open(fs, O_PATH | O_DIRECTORY | O_CLOEXEC), result = root < 0 ? sbx_fail(failure, "open %s", fs) : 0;
  for (int i = 0; i < part_count && result == 0; i++) {
    part_path(all, workspace, false, i, path);
    int tree = -1;
    if (make_part(all, root, parts[i]) < 0 || (mkdir(path, 0700) < 0 && errno != EEXIST) ||
        (tree = sbx_mount_copy(root, parts[i])) < 0 || sbx_mount_move(tree, "", path) < 0) {
      result = sbx_fail(failure, "mount %s", path);
    }
    if (tree >= 0) close(tree);
  }
  if (root >= 0) close(root);
  umount2(fs, MNT_DETACH);
  return result;
}

int sbx_workspace_make(struct sbx_workspaces *all, struct sbx_workspace *workspace, struct sbx_failure *failure) {
  *workspace = (struct sbx_workspace){.number = all->next++, .made = true};
  char base[path_size];
  snprintf(base, sizeof base, "%s/%d", all->parked, workspace->number);
  if (mkdir(base, 0700) < 0 && errno != EEXIST) return sbx_fail(failure, "mkdir %s", base);
  if (all->mounts) return make_mounts(all, workspace, failure);
  int dir = open(base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (dir < 0) return sbx_fail(failure, "open %s", base);
  int result = 0;
  for (int i = 0; i < part_count && result == 0; i++) {
    if (make_part(all, dir, parts[i]) < 0) result = sbx_fail(failure, "make %s/%s", base, parts[i]);
  }
  close(dir);
  return result;
}

static int relocate(struct sbx_workspaces *all, struct sbx_workspace *workspace, bool active,
                    struct sbx_failure *failure) {
  char from[path_size], to[path_size];
  for (int i = 0; i < part_count; i++) {
    part_path(all, workspace, !active, i, from);
    part_path(all, workspace, active, i, to);
    // A mount point stays where it is when its mount moves; a directory has to be taken away whole.
    int moved = all->mounts ? sbx_mount_move(AT_FDCWD, from, to) : rename(from, to);
    if (moved < 0) return sbx_fail(failure, "move %s to %s", from, to);
  }
  workspace->active = active;
  return 0;
}

int sbx_workspace_activate(struct sbx_workspaces *all, struct sbx_workspace *workspace, struct sbx_failure *failure) {
  return workspace->active ? 0 : relocate(all, workspace, true, failure);
}

int sbx_workspace_park(struct sbx_workspaces *all, struct sbx_workspace *workspace, struct sbx_failure *failure) {
  return workspace->active ? relocate(all, workspace, false, failure) : 0;
}

void sbx_workspace_destroy(struct sbx_workspaces *all, struct sbx_workspace *workspace) {
  if (!workspace->made) return;
  char path[path_size];
  for (int i = 0; i < part_count; i++) {
    part_path(all, workspace, workspace->active, i, path);
    if (all->mounts) {
      umount2(path, MNT_DETACH);
    } else {
      sbx_files_remove(path);
    }
    if (workspace->active) part_path(all, workspace, false, i, path);
    rmdir(path);
  }
  snprintf(path, sizeof path, "%s/%d", all->parked, workspace->number);
  rmdir(path);
  *workspace = (struct sbx_workspace){0};
}

// Most runs write no file. Extended attributes, the only other thing one could leave, are refused by the call filter.
static bool reset_untouched(const struct sbx_workspaces *all, const struct sbx_workspace *workspace) {
  for (int i = 0; i < part_count; i++) {
    int dir = sbx_workspace_open(all, workspace, parts[i]);
    if (dir < 0) return false;
    bool reset = sbx_files_is_empty(dir) && fchown(dir, all->owner, all->owner) == 0 && fchmod(dir, 0700) == 0 &&
      futimens(dir, NULL) == 0;
    close(dir);
    if (!reset) return false;
  }
  return true;
}

int sbx_workspace_renew(struct sbx_workspaces *all, struct sbx_workspace *workspace, struct sbx_failure *failure) {
  if (workspace->made && !workspace->active && reset_untouched(all, workspace)) return 0;
  sbx_workspace_destroy(all, workspace);
  return sbx_workspace_make(all, workspace, failure);
}

int sbx_workspace_open(const struct sbx_workspaces *all, const struct sbx_workspace *workspace, const char *part) {
  char path[path_size];
  int index = strcmp(part, "work") == 0 ? 0 : strcmp(part, "tmp") == 0 ? 1 : 2;
  part_path(all, workspace, workspace->active, index, path);
  return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

bool sbx_workspace_is_over(const struct sbx_workspaces *all, const struct sbx_workspace *workspace) {
  if (all->mounts) return false;
  int64_t bytes = 0, entries = 0;
  for (int i = 0; i < part_count; i++) {
    int dir = sbx_workspace_open(all, workspace, parts[i]);
    if (dir < 0) continue;
    sbx_files_usage(dir, all->inodes, &bytes, &entries);
    close(dir);
  }
  return bytes > all->bytes || entries > all->inodes;
}
