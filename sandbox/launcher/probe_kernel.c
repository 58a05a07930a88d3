// Trials of what a process can have the kernel refuse it, and of calls that the launcher wants.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"
#include "landlock.h"
#include "probe_layers.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static bool give_up_privileges(struct sbx_trial *trial) {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 || sbx_trial_failed(trial, "prctl(PR_SET_NO_NEW_PRIVS)");
}

bool sbx_try_no_new_privs(struct sbx_trial *trial) {
  if (!give_up_privileges(trial)) return false;
  return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 || sbx_trial_refuted(trial, "no_new_privs does not stay set");
}

// What each version of Landlock added, for the remark.
static void tell_version(struct sbx_trial *trial) {
  static const struct {
    int abi;
    const char *lacks;
  } steps[] = {{2, "moving files between folders (2)"}, {3, "truncating (3)"},          {4, "TCP (4)"},
               {5, "device commands (5)"},              {6, "signals to others (6)"},  {9, "Unix sockets by path (9)"}};
  int length = snprintf(trial->reason, sizeof trial->reason, "ABI %d", trial->level);
  const char *separator = "; does not restrict ";
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    if (trial->level >= steps[i].abi || length >= (int)sizeof trial->reason) continue;
    size_t room = sizeof trial->reason - (size_t)length;
    length += snprintf(trial->reason + length, room, "%s%s", separator, steps[i].lacks);
    separator = ", ";
  }
}

bool sbx_try_landlock(struct sbx_trial *trial) {
  trial->level = sbx_landlock_abi();
  if (!give_up_privileges(trial)) return false;
  static const char *const shown[] = {"/dev"};
  int error = sbx_landlock_restrict(shown, 1, NULL, 0);
  if (error < 0) {
    errno = -error;
    return sbx_trial_failed(trial, trial->level == 0 ? "landlock_create_ruleset" : "landlock_restrict_self");
  }
  int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root >= 0) return sbx_trial_refuted(trial, "a folder that no rule names can still be opened");
  int device = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (device < 0) return sbx_trial_failed(trial, "open(/dev/null) beneath a permitted folder");
  tell_version(trial);
  return true;
}

// personality(2) with a new value is off the list, and would succeed for anybody.
static bool is_refused(struct sbx_trial *trial) {
  errno = 0;
  if (syscall(SYS_personality, 0x0008) < 0 && errno == EPERM) return true;
  return sbx_trial_refuted(trial, "a call that is not on the list went through");
}

bool sbx_try_seccomp(struct sbx_trial *trial) {
  if (!give_up_privileges(trial)) return false;
  const struct sbx_filter_options options = {.notify = false};
  int error = sbx_filter_install(&options, NULL);
  if (error < 0) {
    errno = -error;
    return sbx_trial_failed(trial, "seccomp(SECCOMP_SET_MODE_FILTER)");
  }
  return is_refused(trial);
}

static bool send_descriptor(int socket, int fd) {
  char byte = 0;
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control = {.room = {0}};
  struct iovec data = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  control.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
  memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
  return sendmsg(socket, &message, 0) == 1;
}

static int receive_descriptor(int socket) {
  char byte;
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec data = {.iov_base = &byte, .iov_len = 1};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1 || CMSG_FIRSTHDR(&message) == NULL) return -1;
  int fd;
  memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
  return fd;
}

// In a child: loads the filter, hands the listener over and makes a call to be refused.
static int call_under_filter(int socket) {
  struct sbx_trial unused;
  int listener = -1;
  const struct sbx_filter_options options = {.notify = true};
  if (!give_up_privileges(&unused) || sbx_filter_install(&options, &listener) < 0 || listener < 0) return 1;
  if (!send_descriptor(socket, listener)) return 2;
  close(listener);
  return is_refused(&unused) ? 0 : 3;
}

bool sbx_try_seccomp_notify(struct sbx_trial *trial) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return sbx_trial_failed(trial, "socketpair");
  pid_t child = fork();
  if (child < 0) return sbx_trial_failed(trial, "fork");
  if (child == 0) _exit(call_under_filter(ends[1]));
  close(ends[1]);
  int listener = receive_descriptor(ends[0]);
  if (listener < 0) return sbx_trial_refuted(trial, "seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER) gives no listener");
  struct pollfd call = {.fd = listener, .events = POLLIN};
  struct sbx_refusal refusal;
  if (poll(&call, 1, -1) < 0) return sbx_trial_failed(trial, "poll of the listener");
  int error = sbx_filter_answer(listener, &refusal);
  if (error < 0) {
    errno = -error;
    return sbx_trial_failed(trial, "ioctl(SECCOMP_IOCTL_NOTIF_RECV)");
  }
  int status;
  if (waitpid(child, &status, 0) < 0) return sbx_trial_failed(trial, "waitpid");
  if (status != 0 || strcmp(refusal.name, "personality") != 0)
    return sbx_trial_refuted(trial, "the refused call's name or answer got lost");
  return true;
}

bool sbx_try_close_range(struct sbx_trial *trial) {
  int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return sbx_trial_failed(trial, "open(/dev/null)");
  if (syscall(SYS_close_range, fd, ~0U, 0) < 0) return sbx_trial_failed(trial, "close_range");
  return fcntl(fd, F_GETFD) < 0 || sbx_trial_refuted(trial, "close_range closed nothing");
}

bool sbx_try_pidfd(struct sbx_trial *trial) {
  pid_t child = fork();
  if (child < 0) return sbx_trial_failed(trial, "fork");
  if (child == 0) {
    pause();
    _exit(0);
  }
  int fd = (int)syscall(SYS_pidfd_open, child, 0);
  bool opened = fd >= 0 || sbx_trial_failed(trial, "pidfd_open");
  kill(child, SIGKILL);
  struct pollfd end = {.fd = fd, .events = POLLIN};
  if (opened && poll(&end, 1, 1000) != 1) opened = sbx_trial_refuted(trial, "a pidfd does not tell of the end");
  waitpid(child, NULL, 0);
  return opened;
}
