#define _GNU_SOURCE
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroup_tree.h"

static int write_text(int fd, const char *text) {
  if (fd < 0) return -ENOENT;
  return pwrite(fd, text, strlen(text), 0) < 0 ? -errno : 0;
}

static int write_number(int fd, int64_t number) {
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)number);
  return write_text(fd, text);
}

// The number after `key` at the start of a line, or the whole file's without a key.
static int64_t read_number(int fd, const char *key) {
  if (fd < 0) return -ENOENT;
  char text[1024];
  ssize_t length = pread(fd, text, sizeof text - 1, 0);
  if (length < 0) return -errno;
  text[length] = '\0';
  if (key == NULL) return strtoll(text, NULL, 10);
  size_t key_length = strlen(key);
  for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, key, key_length) == 0 && line[key_length] == ' ') return strtoll(line + key_length, NULL, 10);
  }
  return -ENODATA;
}

static int open_control(const char *folder, const char *file) {
  char path[SBX_CGROUP_PATH + 64];
  snprintf(path, sizeof path, "%s/%s", folder, file);
  int fd = open(path, O_RDWR | O_CLOEXEC);
  return fd >= 0 ? fd : open(path, O_RDONLY | O_CLOEXEC);
}

static void open_version_2(struct sbx_cgroup *group) {
  const char *folder = group->folders[0];
  group->members[0] = open_control(folder, "cgroup.procs");
  group->memory_limit = open_control(folder, "memory.max");
  group->swap_limit = open_control(folder, "memory.swap.max");
  group->memory_peak = open_control(folder, "memory.peak");
  group->memory_current = open_control(folder, "memory.current");
  group->memory_events = open_control(folder, "memory.events");
  group->pids_limit = open_control(folder, "pids.max");
  group->cpu_usage = open_control(folder, "cpu.stat");
  write_text(group->swap_limit, "0");
  // Not memory.oom.group: it would kill the zygote along with the run. The kernel takes the run's processes first, which
  // ask for it (oom_score_adj), and init ends the rest of the run.
}

static void open_version_1(struct sbx_cgroup *group) {
  const char *memory = group->folders[SBX_TREE_MEMORY];
  for (int tree = 0; tree < SBX_CGROUP_TREES; tree++)
    if (group->folders[tree][0] != '\0') group->members[tree] = open_control(group->folders[tree], "cgroup.procs");
  group->memory_limit = open_control(memory, "memory.limit_in_bytes");
  group->swap_limit = open_control(memory, "memory.memsw.limit_in_bytes");
  group->memory_peak = open_control(memory, "memory.max_usage_in_bytes");
  group->memory_current = open_control(memory, "memory.usage_in_bytes");
  group->memory_events = open_control(memory, "memory.oom_control");
  group->pids_limit = open_control(group->folders[SBX_TREE_PIDS], "pids.max");
  group->cpu_usage = open_control(group->folders[SBX_TREE_CPU], "cpuacct.usage");
  // Where swap is not counted, at least nothing of the group is swapped out.
  int swappiness = open_control(memory, "memory.swappiness");
  write_text(swappiness, "0");
  if (swappiness >= 0) close(swappiness);
}

int sbx_cgroup_create(struct sbx_cgroup *group, const char *name) {
  *group = (struct sbx_cgroup){
      .members = {-1, -1, -1}, .memory_limit = -1, .swap_limit = -1, .memory_peak = -1, .memory_current = -1,
      .memory_events = -1, .pids_limit = -1, .cpu_usage = -1};
  int error = sbx_cgroup_make_folders(group, name);
  if (error < 0) return error;
  if (group->version == 2)
    open_version_2(group);
  else
    open_version_1(group);
  group->has_memory = group->memory_limit >= 0;
  group->has_pids = group->pids_limit >= 0;
  return 0;
}

int sbx_cgroup_add_self(const struct sbx_cgroup *group) {
  for (int tree = 0; tree < SBX_CGROUP_TREES; tree++) {
    int error = group->members[tree] < 0 ? 0 : write_text(group->members[tree], "0");
    if (error < 0) return error;
  }
  return 0;
}

int sbx_cgroup_set_memory(const struct sbx_cgroup *group, int64_t bytes) {
  if (group->version != 1 || group->swap_limit < 0) return write_number(group->memory_limit, bytes);
  // The limit with swap may never be the lower one: raising starts with it, lowering ends with it.
  int error = write_number(group->swap_limit, bytes);
  if (error == -EINVAL) {
    error = write_number(group->memory_limit, bytes);
    return error < 0 ? error : write_number(group->swap_limit, bytes);
  }
  return error < 0 ? error : write_number(group->memory_limit, bytes);
}

int sbx_cgroup_set_pids(const struct sbx_cgroup *group, int64_t count) {
  return write_number(group->pids_limit, count);
}

int sbx_cgroup_reset_peak(struct sbx_cgroup *group) {
  if (write_number(group->memory_peak, 0) == 0) {
    group->peak_resets = true;
    return 0;
  }
  group->peak_at_reset = read_number(group->memory_peak, NULL);
  return group->peak_at_reset < 0 ? (int)group->peak_at_reset : 0;
}

int64_t sbx_cgroup_peak(const struct sbx_cgroup *group) {
  int64_t peak = read_number(group->memory_peak, NULL);
  if (peak < 0 || group->peak_resets || peak > group->peak_at_reset) return peak;
  return -ENODATA;
}

int64_t sbx_cgroup_memory(const struct sbx_cgroup *group) { return read_number(group->memory_current, NULL); }

int64_t sbx_cgroup_oom_kills(const struct sbx_cgroup *group) { return read_number(group->memory_events, "oom_kill"); }

int64_t sbx_cgroup_cpu_usec(const struct sbx_cgroup *group) {
  if (group->version == 2) return read_number(group->cpu_usage, "usage_usec");
  int64_t nanoseconds = read_number(group->cpu_usage, NULL);
  return nanoseconds < 0 ? nanoseconds : nanoseconds / 1000;
}

static int remove_folder(const char *folder) {
  const struct timespec pause = {.tv_nsec = 2000000};
  for (int attempt = 0; attempt < 50; attempt++) {
    if (rmdir(folder) == 0 || errno == ENOENT) return 0;
    if (errno != EBUSY) return -errno;
    nanosleep(&pause, NULL);
  }
  return -EBUSY;
}

int sbx_cgroup_remove(struct sbx_cgroup *group) {
  if (group->version == 0) return 0;
  const int files[] = {group->memory_limit,  group->swap_limit, group->memory_peak, group->memory_current,
                       group->memory_events, group->pids_limit, group->cpu_usage,   group->members[0],
                       group->members[1],    group->members[2]};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    if (files[i] >= 0) close(files[i]);
  int error = 0;
  for (int tree = 0; tree < SBX_CGROUP_TREES; tree++) {
    int removed = group->folders[tree][0] == '\0' ? 0 : remove_folder(group->folders[tree]);
    if (removed < 0) error = removed;
  }
  *group = (struct sbx_cgroup){0};
  return error;
}
