#define _GNU_SOURCE
#include "processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

enum { others_max = 8192 };

static int64_t microseconds(struct timeval time) { return (int64_t)time.tv_sec * 1000000 + time.tv_usec; }

void sbx_processes_reap(struct sbx_burial *burial) {
  struct rusage usage;
  int status;
  pid_t pid;
  while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0 || (pid < 0 && errno == EINTR)) {
    if (pid < 0) continue;
    burial->cpu_us += microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
    if (pid != burial->wanted) continue;
    burial->found = true;
    burial->status = status;
    burial->peak_kib = usage.ru_maxrss;
  }
}

static bool contains(const pid_t *pids, size_t count, pid_t pid) {
  for (size_t i = 0; i < count; i++) {
    if (pids[i] == pid) return true;
  }
  return false;
}

struct process {
  pid_t pid, parent;
  bool ours, dead;
  unsigned long ticks;
};

// "pid (name) state parent ...": the name may hold anything, so the last parenthesis counts.
static bool read_stat(int proc, pid_t pid, struct process *process) {
  char path[32], text[512];
  snprintf(path, sizeof path, "%d/stat", (int)pid);
  int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t count = read(fd, text, sizeof text - 1);
  close(fd);
  if (count <= 0) return false;
  text[count] = 0;
  char *end = strrchr(text, ')'), state;
  int parent;
  // Its own time and that of its children that it has waited for.
  unsigned long time[4];
  long threads;
  const char *format = " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu %*d %*d %ld";
  if (!end || sscanf(end + 1, format, &state, &parent, &time[0], &time[1], &time[2], &time[3], &threads) != 7) {
    return false;
  }
  // A process whose first thread has ended is shown as dead while its other threads go on.
  bool dead = state == 'Z' && threads <= 1;
  *process = (struct process){pid, parent, false, dead, time[0] + time[1] + time[2] + time[3]};
  return true;
}

// All processes below us. In a namespace of our own that is everybody; elsewhere descent tells.
static size_t list(const struct sbx_processes *processes, struct process *found, size_t room) {
  int copy = openat(processes->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = copy < 0 ? NULL : fdopendir(copy);
  if (!stream) {
    if (copy >= 0) close(copy);
    return 0;
  }
  size_t count = 0;
  pid_t self = getpid();
  for (struct dirent *entry; (entry = readdir(stream)) && count < room;) {
    pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
    if (pid <= 0 || pid == self || !read_stat(processes->proc, pid, &found[count])) continue;
    found[count].ours = !processes->shared || found[count].parent == self;
    count++;
  }
  closedir(stream);
  if (!processes->shared) return count;
  for (bool more = true; more;) {
    more = false;
    for (size_t i = 0; i < count; i++) {
      for (size_t j = 0; j < count && !found[i].ours; j++) {
        if (found[j].ours && found[i].parent == found[j].pid) found[i].ours = more = true;
      }
    }
  }
  return count;
}

// The usual case: nothing but the zygote is there, which two small files tell (where the kernel has them).
static bool only_zygote(const struct sbx_processes *processes) {
  pid_t pids[] = {getpid(), processes->zygote};
  for (int i = 0; i < 2 && pids[i] > 0; i++) {
    char path[64], text[64], expected[24] = "";
    snprintf(path, sizeof path, "%d/task/%d/children", (int)pids[i], (int)pids[i]);
    int fd = openat(processes->proc, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t count = read(fd, text, sizeof text - 1);
    close(fd);
    if (count < 0) return false;
    text[count] = 0;
    if (i == 0 && processes->zygote > 0) snprintf(expected, sizeof expected, "%d ", (int)processes->zygote);
    if (strcmp(text, expected) != 0) return false;
  }
  return true;
}

// Threads count, too: the kernel's limit is one on tasks.
int64_t sbx_processes_others(const struct sbx_processes *processes) {
  if (!processes->same_user) return processes->own;
  int copy = openat(processes->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = copy < 0 ? NULL : fdopendir(copy);
  int64_t tasks = 0;
  for (struct dirent *entry; stream && (entry = readdir(stream));) {
    struct stat info;
    char path[300];
    snprintf(path, sizeof path, "%s/task", entry->d_name);
    // A task directory has a link for each thread beside its own two.
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9' || fstatat(processes->proc, path, &info, 0) < 0) continue;
    if (info.st_uid == getuid()) tasks += (int64_t)info.st_nlink - 2;
  }
  if (stream) closedir(stream);
  return tasks;
}

int64_t sbx_processes_cpu(const struct sbx_processes *processes) {
  static struct process found[others_max];
  size_t count = processes->proc < 0 ? 0 : list(processes, found, others_max);
  unsigned long ticks = 0;
  for (size_t i = 0; i < count; i++) {
    if (found[i].ours && found[i].pid != processes->zygote) ticks += found[i].ticks;
  }
  return (int64_t)ticks * 1000000 / sysconf(_SC_CLK_TCK);
}

// One pass over the list. How many were sent a signal.
static int kill_pass(const struct sbx_processes *processes, const pid_t *kept, size_t kept_count) {
  static struct process found[others_max];
  size_t count = list(processes, found, others_max);
  int killed = 0;
  for (size_t i = 0; i < count; i++) {
    pid_t pid = found[i].pid;
    if (!found[i].ours || found[i].dead || pid == processes->zygote || contains(kept, kept_count, pid)) continue;
    if (kill(pid, SIGKILL) == 0) killed++;
  }
  return killed;
}

// Whether the id is that of a process, not of one of a process's other threads, which has not ended yet.
static bool is_alive(pid_t pid) {
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return false;
  struct pollfd ended = {fd, POLLIN, 0};
  bool alive = poll(&ended, 1, 0) == 0;
  close(fd);
  return alive;
}

// Without /proc the ids themselves are tried, up to that of a process made now.
static int kill_by_number(const pid_t *kept, size_t kept_count) {
  pid_t last = fork();
  if (last == 0) _exit(0);
  if (last > 0) waitpid(last, NULL, 0);
  int killed = 0;
  for (pid_t pid = 2; pid < last; pid++) {
    if (!contains(kept, kept_count, pid) && is_alive(pid) && kill(pid, SIGKILL) == 0) killed++;
  }
  return killed;
}

bool sbx_processes_kill(const struct sbx_processes *processes, const pid_t *kept, size_t kept_count,
                        int64_t patience_us, struct sbx_burial *burial) {
  // In the machine's own process ids, "all" would be the machine.
  if (!processes->shared && getpid() != 1) return false;
  int64_t deadline = sbx_now_us() + patience_us;
  for (;;) {
    int killed;
    if (processes->shared && kept_count == 0 && only_zygote(processes)) {
      killed = 0;
    } else if (!processes->shared && kept_count == 0) {
      killed = kill(-1, SIGKILL) == 0;
    } else {
      killed = processes->proc >= 0 ? kill_pass(processes, kept, kept_count) : kill_by_number(kept, kept_count);
    }
    sbx_processes_reap(burial);
    if (!killed) return true;
    if (sbx_now_us() > deadline) return false;
    // What was killed needs a moment to die, and its own children to become ours.
    struct timespec moment = {.tv_nsec = 50000};
    nanosleep(&moment, NULL);
  }
}
