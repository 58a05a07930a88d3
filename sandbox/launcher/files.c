#define _GNU_SOURCE
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { depth_max = 16, directory_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

// Relative, no empty, "." or ".." part, parts and depth of a sane size.
static const char *name_fault(const char *name) {
  if (name[0] == 0) return "the name is empty";
  if (name[0] == '/') return "the name is absolute";
  if (strlen(name) >= PATH_MAX) return "the name is too long";
  int depth = 1;
  for (const char *part = name;; depth++) {
    size_t length = strcspn(part, "/");
    if (length == 0) return "the name has an empty part";
    if (length > NAME_MAX) return "a part of the name is longer than 255 bytes";
    if (strncmp(part, "..", length) == 0) return "the name has a part '.' or '..'";
    if (part[length] == 0) break;
    part += length + 1;
  }
  return depth > depth_max ? "the name has more than 16 parts" : NULL;
}

static int place_bytes(int dir, const char *name, struct sbx_span contents, uid_t owner) {
  // What a run left under the name (a link, a pipe) is replaced, not opened.
  if (unlinkat(dir, name, 0) < 0 && errno != ENOENT) return -1;
  int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return -1;
  size_t written = 0;
  ssize_t count = 0;
  while (written < contents.count && (count = write(fd, contents.bytes + written, contents.count - written)) >= 0) {
    written += (size_t)count;
  }
  int result = count < 0 ? -1 : fchown(fd, owner, owner), error = errno;
  close(fd);
  errno = error;
  return result;
}

static int place_one(int dir, const char *name, struct sbx_span contents, uid_t owner) {
  char part[NAME_MAX + 1];
  int here = dir, result = 0;
  while (result == 0 && strchr(name, '/')) {
    size_t length = strcspn(name, "/");
    memcpy(part, name, length);
    part[length] = 0;
    name += length + 1;
    if (mkdirat(here, part, 0755) == 0) fchownat(here, part, owner, owner, AT_SYMLINK_NOFOLLOW);
    int next = openat(here, part, directory_flags);
    if (here != dir) close(here);
    here = next;
    if (next < 0) return -1;
  }
  result = place_bytes(here, name, contents, owner);
  int error = errno;
  if (here != dir) close(here);
  errno = error;
  return result;
}

int sbx_files_place(int dir, const struct sbx_request *request, uid_t owner, struct sbx_failure *failure) {
  for (size_t i = 0; i < request->file_count; i++) {
    char *name = sbx_span_string(request->files[i].name);
    if (!name) return sbx_fail_plain(failure, "place input file %zu: its name holds a NUL byte", i);
    const char *fault = name_fault(name);
    int result = 0;
    if (fault) {
      result = sbx_fail_plain(failure, "place input file '%.200s': %s", name, fault);
    } else if (place_one(dir, name, request->files[i].contents, owner) < 0) {
      result = sbx_fail(failure, "place input file '%.200s'", name);
    }
    free(name);
    if (result < 0) return -1;
  }
  return 0;
}

// Collecting

struct collection {
  const struct sbx_request *request;
  struct sbx_frame *frame;
  int64_t bytes;
  int files, errors, entries;
};

enum { collected_files_max = 256, collect_errors_max = 32, collect_entries_max = 20000 };

static void complain(struct collection *collection, const char *name, const char *text) {
  if (++collection->errors > collect_errors_max) return;
  char line[PATH_MAX + 128];
  snprintf(line, sizeof line, "%.1024s: %s", name, text);
  sbx_frame_text(collection->frame, SBX_TAG_FILE_ERROR, line);
}

static void collect_open(struct collection *collection, int fd, const char *name) {
  struct stat info;
  if (fstat(fd, &info) < 0) return complain(collection, name, strerror(errno));
  if (!S_ISREG(info.st_mode)) return complain(collection, name, "not a regular file");
  if (info.st_nlink != 1) return complain(collection, name, "has more than one hard link");
  // A sparse file can be larger than its blocks, an extended one the other way round: both have to fit.
  int64_t room = collection->request->collected_bytes - collection->bytes;
  if (info.st_size > room || (int64_t)info.st_blocks * 512 > room + 4096) {
    char text[128];
    snprintf(text, sizeof text, "%lld bytes; %lld are left of the limit for collected files", (long long)info.st_size,
             (long long)room);
    return complain(collection, name, text);
  }
  if (++collection->files > collected_files_max) return complain(collection, name, "too many files to collect");
  size_t size = (size_t)info.st_size, read_size = 0;
  uint8_t *room_bytes = sbx_frame_file(collection->frame, SBX_TAG_FILE, name, size);
  if (!room_bytes) return;
  ssize_t count;
  while (read_size < size && (count = read(fd, room_bytes + read_size, size - read_size)) > 0) {
    read_size += (size_t)count;
  }
  if (read_size < size) sbx_frame_file_shrink(collection->frame, name, size, read_size);
  collection->bytes += (int64_t)read_size;
}

static void collect_pattern(struct collection *collection, int dir, const char *prefix, const char *pattern, int depth);

static void collect_entry(struct collection *collection, int dir, const char *prefix, const char *entry,
                          const char *rest, bool exact, int depth) {
  char name[PATH_MAX];
  if (snprintf(name, sizeof name, "%s%s%s", prefix, prefix[0] ? "/" : "", entry) >= (int)sizeof name) return;
  int flags = rest ? directory_flags : O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  int fd = openat(dir, entry, flags);
  if (fd < 0) {
    // A link would lead wherever run code wants: it is named as what it is.
    if (exact || (!rest && errno != ENOENT)) {
      complain(collection, name, errno == ELOOP ? "is a symbolic link" : strerror(errno));
    }
    return;
  }
  if (rest) {
    collect_pattern(collection, fd, name, rest, depth + 1);
  } else {
    collect_open(collection, fd, name);
  }
  close(fd);
}

static int compare_names(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

// The entries of a directory that match, sorted: the answer does not depend on the order the file system keeps.
static char **matching_entries(struct collection *collection, int dir, const char *pattern, size_t *count) {
  *count = 0;
  int copy = openat(dir, ".", directory_flags);
  DIR *stream = copy < 0 ? NULL : fdopendir(copy);
  if (!stream) {
    if (copy >= 0) close(copy);
    return NULL;
  }
  char **names = NULL;
  for (struct dirent *entry; (entry = readdir(stream)) && ++collection->entries <= collect_entries_max;) {
    if (entry->d_name[0] == '.' && (entry->d_name[1] == 0 || strcmp(entry->d_name, "..") == 0)) continue;
    if (fnmatch(pattern, entry->d_name, FNM_PERIOD) != 0) continue;
    if ((*count & (*count + 1)) == 0) {
      char **more = realloc(names, (2 * *count + 1) * sizeof *names);
      if (!more) break;
      names = more;
    }
    if (!(names[*count] = strdup(entry->d_name))) break;
    ++*count;
  }
  closedir(stream);
  if (names) qsort(names, *count, sizeof *names, compare_names);
  return names;
}

static void collect_pattern(struct collection *collection, int dir, const char *prefix, const char *pattern,
                            int depth) {
  char part[NAME_MAX + 1];
  size_t length = strcspn(pattern, "/");
  if (depth > depth_max || length > NAME_MAX) return;
  memcpy(part, pattern, length);
  part[length] = 0;
  const char *rest = pattern[length] ? pattern + length + 1 : NULL;
  if (!strpbrk(part, "*?[")) return collect_entry(collection, dir, prefix, part, rest, true, depth);
  size_t count;
  char **names = matching_entries(collection, dir, part, &count);
  for (size_t i = 0; i < count; i++) {
    if (collection->files <= collected_files_max && collection->errors <= collect_errors_max) {
      collect_entry(collection, dir, prefix, names[i], rest, false, depth);
    }
    free(names[i]);
  }
  free(names);
}

void sbx_files_collect(int dir, const struct sbx_request *request, struct sbx_frame *frame) {
  struct collection collection = {.request = request, .frame = frame};
  for (size_t i = 0; i < request->collect.count; i++) {
    const char *pattern = request->collect.items[i], *fault = name_fault(pattern);
    int before = collection.files + collection.errors;
    if (fault) {
      complain(&collection, pattern, fault);
    } else {
      collect_pattern(&collection, dir, "", pattern, 1);
      if (collection.files + collection.errors == before) complain(&collection, pattern, "no file matches");
    }
  }
}
