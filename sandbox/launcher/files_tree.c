// Whole trees of files that untrusted code made: copied for a branch, removed after a run.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

enum { depth_max = 256, directory_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

static int copy_regular(int from, int to, const char *name, const struct stat *info) {
  int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (in < 0) return -1;
  int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), result = out < 0 ? -1 : 0;
  // Holes stay holes: only what holds data is copied, or a sparse file would fill the branch.
  off_t at = 0, end;
  while (result == 0 && (at = lseek(in, at, SEEK_DATA)) >= 0 && (end = lseek(in, at, SEEK_HOLE)) >= 0) {
    if (lseek(out, at, SEEK_SET) < 0) result = -1;
    for (ssize_t count = 1; result == 0 && at < end && count != 0;) {
      count = sendfile(out, in, &at, (size_t)(end - at));
      if (count < 0) result = -1;
    }
  }
  if (result == 0 && ftruncate(out, info->st_size) < 0) result = -1;
  if (result == 0 && fchown(out, info->st_uid, info->st_gid) < 0) result = -1;
  if (result == 0 && fchmod(out, info->st_mode & 07777) < 0) result = -1;
  const struct timespec times[] = {info->st_atim, info->st_mtim};
  if (result == 0) futimens(out, times);
  int error = errno;
  close(in);
  if (out >= 0) close(out);
  errno = error;
  return result;
}

static int copy_link(int from, int to, const char *name, const struct stat *info) {
  char target[PATH_MAX];
  ssize_t count = readlinkat(from, name, target, sizeof target - 1);
  if (count < 0) return -1;
  target[count] = 0;
  if (symlinkat(target, to, name) < 0) return -1;
  return fchownat(to, name, info->st_uid, info->st_gid, AT_SYMLINK_NOFOLLOW);
}

static int copy_directory(int from, int to, int depth);

static int copy_entry(int from, int to, const char *name, int depth) {
  struct stat info;
  if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  if (S_ISREG(info.st_mode)) return copy_regular(from, to, name, &info);
  if (S_ISLNK(info.st_mode)) return copy_link(from, to, name, &info);
  if (!S_ISDIR(info.st_mode)) return 0;
  if (depth >= depth_max) {
    errno = ELOOP;
    return -1;
  }
  if (mkdirat(to, name, 0700) < 0) return -1;
  int in = openat(from, name, directory_flags), out = openat(to, name, directory_flags);
  int result = in < 0 || out < 0 ? -1 : copy_directory(in, out, depth + 1);
  if (result == 0 && (fchown(out, info.st_uid, info.st_gid) < 0 || fchmod(out, info.st_mode & 07777) < 0)) result = -1;
  int error = errno;
  if (in >= 0) close(in);
  if (out >= 0) close(out);
  errno = error;
  return result;
}

static int copy_directory(int from, int to, int depth) {
  int copy = openat(from, ".", directory_flags);
  DIR *stream = copy < 0 ? NULL : fdopendir(copy);
  if (!stream) {
    if (copy >= 0) close(copy);
    return -1;
  }
  int result = 0;
  for (struct dirent *entry; result == 0 && (entry = readdir(stream));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    result = copy_entry(from, to, entry->d_name, depth);
  }
  int error = errno;
  closedir(stream);
  errno = error;
  return result;
}

int sbx_files_copy(int from, int to, struct sbx_failure *failure) {
  if (copy_directory(from, to, 1) == 0) return 0;
  if (errno == ELOOP) return sbx_fail_plain(failure, "the files are nested more than %d directories deep", depth_max);
  return sbx_fail(failure, "copy the files of a branch");
}

// Adding up

bool sbx_files_is_empty(int dir) {
  int copy = openat(dir, ".", directory_flags);
  DIR *stream = copy < 0 ? NULL : fdopendir(copy);
  if (!stream) {
    if (copy >= 0) close(copy);
    return false;
  }
  bool empty = true;
  for (struct dirent *entry; empty && (entry = readdir(stream));) {
    empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
  }
  closedir(stream);
  return empty;
}

static void add_up(int dir, int64_t enough, int64_t *bytes, int64_t *entries, int depth) {
  int copy = openat(dir, ".", directory_flags);
  DIR *stream = copy < 0 ? NULL : fdopendir(copy);
  if (!stream) {
    if (copy >= 0) close(copy);
    return;
  }
  for (struct dirent *entry; *entries <= enough && (entry = readdir(stream));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    struct stat info;
    if (fstatat(copy, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0) continue;
    *bytes += (int64_t)info.st_blocks * 512;
    ++*entries;
    if (!S_ISDIR(info.st_mode) || depth >= depth_max) continue;
    int next = openat(copy, entry->d_name, directory_flags);
    if (next >= 0) add_up(next, enough, bytes, entries, depth + 1);
    if (next >= 0) close(next);
  }
  closedir(stream);
}

void sbx_files_usage(int dir, int64_t enough, int64_t *bytes, int64_t *entries) {
  add_up(dir, enough, bytes, entries, 1);
}

// Removing

// Takes one level away. Directories that hold more are moved up to `top` under a number, so that depth costs no memory.
static bool remove_level(int top, const char *name, unsigned *number) {
  int dir = openat(top, name, directory_flags);
  if (dir < 0) return unlinkat(top, name, 0) == 0;
  // Run code may have taken the owner's rights away.
  fchmod(dir, 0700);
  DIR *stream = fdopendir(dir);
  if (!stream) {
    close(dir);
    return false;
  }
  for (struct dirent *entry; (entry = readdir(stream));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (unlinkat(dir, entry->d_name, 0) == 0 || unlinkat(dir, entry->d_name, AT_REMOVEDIR) == 0) continue;
    char moved[32];
    do snprintf(moved, sizeof moved, ".removing-%u", (*number)++);
    while (renameat2(dir, entry->d_name, top, moved, RENAME_NOREPLACE) < 0 && errno == EEXIST);
  }
  closedir(stream);
  return unlinkat(top, name, AT_REMOVEDIR) == 0;
}

void sbx_files_remove(const char *path) {
  int top = open(path, directory_flags);
  if (top < 0) return;
  fchmod(top, 0700);
  unsigned number = 0;
  // Each pass removes what it finds and may bring up directories for the next one.
  for (bool more = true; more;) {
    more = false;
    int copy = openat(top, ".", directory_flags);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    if (!stream) {
      if (copy >= 0) close(copy);
      break;
    }
    for (struct dirent *entry; (entry = readdir(stream));) {
      if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
      if (remove_level(top, entry->d_name, &number)) more = true;
    }
    closedir(stream);
  }
  close(top);
  rmdir(path);
}
