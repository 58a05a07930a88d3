#define _GNU_SOURCE
#include "CChildProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The files' duplicates stand above all targets, so that no target overwrites a file that is still needed.
static int add_files(posix_spawn_file_actions_t *actions, const int *files, int *copies, int count) {
  for (int number = 0; number < count; number++) {
    if (files[number] < 0) continue;
    copies[number] = fcntl(files[number], F_DUPFD_CLOEXEC, count);
    if (copies[number] < 0) return errno;
  }
  for (int number = 0; number < count; number++) {
    int failed = files[number] < 0
      ? posix_spawn_file_actions_addopen(actions, number, "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0)
      : posix_spawn_file_actions_adddup2(actions, copies[number], number);
    if (failed) return failed;
  }
  return posix_spawn_file_actions_addclosefrom_np(actions, count);
}

// Dispositions and mask of this process (Dispatch, an event loop) are not the child's business.
static int set_signals(posix_spawnattr_t *attributes) {
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  int failed = posix_spawnattr_setsigdefault(attributes, &all);
  if (!failed) failed = posix_spawnattr_setsigmask(attributes, &none);
  if (!failed) failed = posix_spawnattr_setpgroup(attributes, 0);
  short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP;
  return failed ? failed : posix_spawnattr_setflags(attributes, flags);
}

enum { most_files = 8 };

int acp_spawn(pid_t *id, char *const arguments[], char *const environment[], const int *files, int count,
              const char *folder) {
  if (count < 3 || count > most_files) return EINVAL;
  int copies[most_files] = {-1, -1, -1, -1, -1, -1, -1, -1};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int failed = posix_spawn_file_actions_init(&actions);
  if (failed) return failed;
  failed = posix_spawnattr_init(&attributes);
  if (!failed) {
    failed = add_files(&actions, files, copies, count);
    if (!failed && folder) failed = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (!failed) failed = set_signals(&attributes);
    if (!failed) failed = posix_spawnp(id, arguments[0], &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  for (int number = 0; number < most_files; number++) {
    if (copies[number] >= 0) close(copies[number]);
  }
  return failed;
}

int acp_socket_pair(int ends[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : errno;
}

int acp_pipe(int ends[2], int nonblocking) {
  return pipe2(ends, O_CLOEXEC | (nonblocking ? O_NONBLOCK : 0)) == 0 ? 0 : errno;
}

int acp_set_nonblocking(int file) {
  int flags = fcntl(file, F_GETFL);
  return flags >= 0 && fcntl(file, F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : errno;
}

int acp_wait(pid_t id, int milliseconds) {
  int status;
  if (waitpid(id, &status, WNOHANG) != 0) return 1;
  // A file that becomes readable with the child's end, since waitpid knows no time limit.
  int process = (int)syscall(SYS_pidfd_open, id, 0);
  if (process < 0) {
    // Before Linux 5.3, or forbidden: look from time to time.
    for (; milliseconds > 0; milliseconds--) {
      usleep(1000);
      if (waitpid(id, &status, WNOHANG) != 0) return 1;
    }
    return 0;
  }
  struct pollfd event = {process, POLLIN, 0};
  int ready;
  do ready = poll(&event, 1, milliseconds); while (ready < 0 && errno == EINTR);
  close(process);
  return ready > 0 && waitpid(id, &status, WNOHANG) != 0;
}
