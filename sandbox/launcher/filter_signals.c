#define _GNU_SOURCE
#include "filter_signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Kernel headers before 5.3 and C libraries before 2.36 lack these; the numbers are the same on every architecture.
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

// A number from /proc/<pid>/status, such as "Tgid:"; -1 if there is none.
static long status_field(pid_t pid, const char *field) {
  char path[32], text[1024];
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (length <= 0) return -1;
  text[length] = '\0';
  // The first line holds the process's name, which is its own choice; a newline in it is written as "\n".
  const char *at = strstr(text, field);
  return at == NULL || at == text || at[-1] != '\n' ? -1 : strtol(at + strlen(field), NULL, 10);
}

// With a pidfd, so that the process that was looked at is the one that gets the signal.
static enum sbx_signal_verdict send_to_child(long parent, pid_t target, int number, int *error) {
  int fd = (int)syscall(SYS_pidfd_open, target, 0);
  if (fd < 0) {
    *error = -errno;
    return errno == ESRCH ? SBX_SIGNAL_SENT : SBX_SIGNAL_REFUSE;
  }
  bool is_child = status_field(target, "PPid:") == parent;
  if (is_child) *error = syscall(SYS_pidfd_send_signal, fd, number, NULL, 0) < 0 ? -errno : 0;
  close(fd);
  return is_child ? SBX_SIGNAL_SENT : SBX_SIGNAL_REFUSE;
}

enum sbx_signal_verdict sbx_filter_signal(pid_t caller, const char *name, const struct seccomp_data *call, int *error) {
  pid_t target = (pid_t)call->args[0];
  if (target <= 0) return SBX_SIGNAL_REFUSE;
  long process = status_field(caller, "Tgid:");
  if (process <= 0) return SBX_SIGNAL_REFUSE;
  // The caller waits in its call, so that its numbers stay its own; the arguments are in registers, not in its memory.
  if (strcmp(name, "tgkill") == 0) return target == process ? SBX_SIGNAL_CONTINUE : SBX_SIGNAL_REFUSE;
  if (strcmp(name, "tkill") == 0) return target == caller ? SBX_SIGNAL_CONTINUE : SBX_SIGNAL_REFUSE;
  if (strcmp(name, "kill") != 0) return SBX_SIGNAL_REFUSE;
  if (target == process) return SBX_SIGNAL_CONTINUE;
  return send_to_child(process, target, (int)call->args[1], error);
}
